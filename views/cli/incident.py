"""`incident`: what a person must look at: a step nobody may take, a failing timer, a year without a calendar."""

import click

from views.cli.acting import actor_of, as_login, in_role, refusals
from views.cli.door import Door, as_json, echo_json


@click.group()
def incident() -> None:
    """异常的查看与处理 | What a person must look at"""


@incident.command("list")
@click.option("--closed", is_flag=True, help="含已处理的 | The closed ones too")
@as_json
@click.pass_obj
def list_(door: Door, closed: bool, as_json: bool) -> None:
    """列出异常 | List incidents"""
    from views.texts import text
    from workflow.clock import SHANGHAI
    from workflow.engine.queries import console

    with door.reading() as session:
        found = console.incidents(session, closed=closed)
    if as_json:
        echo_json(found)
        return
    for row in found:
        at = row["opened_at"].astimezone(SHANGHAI)
        ended = f"  已处理：{row['resolution']}" if row["closed_at"] else ""
        about = row["number"] or row["subject"]
        kind = text(f"incident.{row['kind']}")
        click.echo(f"{row['id']}  {at:%Y-%m-%d %H:%M}  {kind}  {about}  {row['detail']}{ended}".rstrip())


@incident.command()
@click.argument("number", type=int)
@click.option("--reason", required=True, help="为何重试 | Why it is tried again")
@as_login
@in_role
@click.pass_obj
def retry(door: Door, number: int, reason: str, login: str, role: str) -> None:
    """重试搁置的时限和未送出的消息 | Try a parked timer or a channel's dead letters again"""
    from workflow import incidents

    with refusals(), door.writing() as session:
        at = door.instant(session)
        incidents.retry(session, number, reason, actor_of(session, login, role, at), at)
    click.echo(f"异常 {number} 已交重试")


@incident.command()
@click.argument("number", type=int)
@click.option("--resolution", required=True, help="如何处理的 | How it was settled")
@as_login
@in_role
@click.pass_obj
def close(door: Door, number: int, resolution: str, login: str, role: str) -> None:
    """说明处理结果，结束异常 | End an incident that was settled elsewhere"""
    from workflow import incidents

    with refusals(), door.writing() as session:
        at = door.instant(session)
        incidents.close(session, number, resolution, actor_of(session, login, role, at), at)
    click.echo(f"异常 {number} 已结束")
