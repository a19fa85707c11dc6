"""Credit repair on the command line: what may be applied for, the two applications, files, and publishing a record."""

import secrets
from typing import TYPE_CHECKING, Any

import click

from views.cli.acting import actor_of, answer, as_login, form, in_role, read_form, refusals, request
from views.cli.door import Door, as_json, echo_json

if TYPE_CHECKING:
    from datetime import date

STATEMENT = click.option("--statement", required=True, help="改正情况 | What was corrected, 20 characters or more")
PLEDGE = click.option("--pledge", is_flag=True, help="作出信用承诺 | Give the pledge")
FILES = click.option("--file", "files", type=int, multiple=True, help="附件编号 | Numbers of attached files")


@click.command()
@as_login
@as_json
@click.pass_obj
def repairs(door: Door, login: str, as_json: bool) -> None:
    """机构的记录：公示期、可修复日、为何不能申请 | An institution's records: until when public, from when repairable"""
    from workflow.engine.queries.repairs import of_clerk

    with door.reading() as session, refusals("repair"):
        at = door.instant(session)
        found = of_clerk(session, actor_of(session, login, "clerk", at), at)
    rows = [_row(one) for one in found.records] if found else []
    if as_json:
        echo_json(rows)
        return
    for row in rows:
        dated = f"可修复日 {row['earliest']}，公示至 {row['last']}" if row["earliest"] else "未认定失信类别"
        click.echo(f"{row['record']}  {row['summary']}  {dated}  {row['refused']}".rstrip())


def _row(one: Any) -> dict[str, Any]:
    from views import texts

    def day(value: "date | None") -> str | None:
        return value.isoformat() if value else None

    return {
        "record": one.record.id,
        "summary": one.record.summary,
        "order": one.window.order.id if one.window else None,
        "class": one.window.act.id if one.window else None,
        "earliest": day(one.window.earliest) if one.window else None,
        "last": day(one.window.last) if one.window else None,
        "repaired_on": day(one.record.repaired_on),
        "reason": one.refused.reason if one.refused else None,
        "refused": texts.reason(one.refused) if one.refused else "",
    }


@click.command()
@click.argument("record", type=int)
@STATEMENT
@PLEDGE
@FILES
@as_login
@request
@as_json
@click.pass_obj
def repair(
    door: Door, record: int, statement: str, pledge: bool, files: tuple[int, ...], login: str, request_id: str,
    as_json: bool,
) -> None:  # fmt: skip
    """机构申请信用修复 | Apply for the repair of a record, as the institution"""
    from workflow.repairs import apply

    with refusals("repair"), door.writing() as session:
        at = door.instant(session)
        asked = {"record": record, "statement": statement, "files": list(files), "pledge": "given" if pledge else ""}
        outcome = apply(session, asked, actor_of(session, login, "clerk", at), request_id, at)
    answer(outcome, "repair", as_json)


@click.command()
@click.argument("records", type=int, nargs=-1, required=True)
@STATEMENT
@PLEDGE
@FILES
@as_login
@request
@as_json
@click.pass_obj
def upgrade(
    door: Door, records: tuple[int, ...], statement: str, pledge: bool, files: tuple[int, ...], login: str,
    request_id: str, as_json: bool,
) -> None:  # fmt: skip
    """机构申请上调等级 | Apply for a better grade, naming the records that are corrected"""
    from workflow.repairs import apply_upgrade

    with refusals("repair"), door.writing() as session:
        at = door.instant(session)
        asked = {"records": list(records), "statement": statement, "files": list(files)}
        asked["pledge"] = "given" if pledge else ""
        outcome = apply_upgrade(session, asked, actor_of(session, login, "clerk", at), request_id, at)
    answer(outcome, "repair", as_json)


@click.command("publish-record")
@click.argument("number", type=int)
@as_login
@in_role
@form
@click.pass_obj
def publish_record(door: Door, number: int, login: str, role: str, fields: tuple[str, ...]) -> None:
    """认定一条档案的失信类别并公示 | Class a record and make it public"""
    from workflow import archive

    with refusals(), door.writing() as session:
        at = door.instant(session)
        archive.publish(session, number, read_form(fields), actor_of(session, login, role, at), at)
    click.echo(f"档案 {number} 已认定失信类别")


@click.command()
@click.argument("file", type=click.File("rb"))
@click.pass_obj
def attach(door: Door, file: Any) -> None:
    """存一份附件，给出编号 | Keep a file and print its number"""
    from workflow.attachments import checked, enter, store

    with refusals():
        one, stored_as = checked(file, file.name), secrets.token_hex(16)
        store(door.settings.data_folder() / "files", one, stored_as)
        with door.writing() as session:
            number = enter(session, one, stored_as, door.instant(session))
    click.echo(number)


COMMANDS = (repairs, repair, upgrade, publish_record, attach)
