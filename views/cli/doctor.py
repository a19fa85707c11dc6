"""`xinjie doctor`: what is wrong with this site, and what to do about it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from views.cli.door import Door, as_json, echo_json, now

if TYPE_CHECKING:
    from models.database import Database
    from workflow.doctor import Finding

EXIT = {"notice": 0, "warning": 1, "error": 2}
LEVELS = {"notice": "说明", "warning": "提醒", "error": "错误"}


@click.command()
@as_json
@click.pass_obj
@click.pass_context
def doctor(ctx: click.Context, door: Door, as_json: bool) -> None:
    """检查本站 | Examine this site. 退出码：0 正常，1 有提醒，2 有错误。"""
    from views.texts import text

    with door.database() as database:
        found = list(_examine(door, database))
    if as_json:
        echo_json([{"level": one.level, "key": one.key, **one.details} for one in found])
    else:
        for one in found:
            click.echo(f"{LEVELS[one.level]}  " + text(f"doctor.{one.key}", **one.details))
        click.echo(f"检查完毕：{len(found)} 项待处理" if found else "检查完毕：正常")
    ctx.exit(max((EXIT[one.level] for one in found), default=0))


def _examine(door: Door, database: "Database") -> Iterator["Finding"]:
    from models import schema
    from workflow.doctor import Finding, examine

    current = schema.current(database)
    if current != schema.head():
        yield Finding("error", "migrations" if current is None or schema.knows(current) else "newer")
        return
    if not door.settings.demo and not door.settings.secure_cookies:
        yield Finding("warning", "insecure_cookies")
    if not database.is_sqlite and door.settings.secret_key is None:
        yield Finding("warning", "default_secret")
    with database.read() as session:
        yield from examine(session, now())
