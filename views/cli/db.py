"""`db`: the schema's version and whether it is what the models say."""

import click

from views.cli.door import Door, Refused, as_json, echo_json


@click.group()
def db() -> None:
    """升级、检查数据库 | The database schema"""


@db.command()
@click.pass_obj
def upgrade(door: Door) -> None:
    """升级到当前版本 | Bring the schema up to date

    可重复运行，已是当前版本时不作改动。
    Safe to repeat: an up-to-date schema is left alone.
    """
    from models import schema

    with door.database(new=True) as database:
        before = schema.current(database)
        if before and not schema.knows(before):
            raise Refused(f"数据库版本 {before} 比本程序新，用新版程序打开")
        schema.upgrade(database)
        after = schema.current(database)
    click.echo(f"数据库已是版本 {after}" if before == after else f"数据库由 {before or '空库'} 升级到 {after}")


@db.command()
@as_json
@click.pass_obj
def check(door: Door, as_json: bool) -> None:
    """核对版本与结构 | Compare version and structure

    与程序不一致时退出状态为 1。
    Status 1 when the database differs from what the programme needs.
    """
    from models import schema

    with door.database() as database:
        current, head = schema.current(database), schema.head()
        drift = [str(difference) for difference in schema.drift(database)] if current == head else []
    if as_json:
        echo_json({"current": current, "head": head, "drift": drift})
    elif current == head:
        click.echo("\n".join([f"数据库版本 {current}", *drift]))
    if current != head:
        raise Refused(f"数据库版本 {current or '无'}，应为 {head}，运行 xinjie db upgrade")
    if drift:
        raise Refused(f"数据库结构有 {len(drift)} 处与程序不一致")
