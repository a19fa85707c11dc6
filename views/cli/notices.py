"""`calendar import|release|list|show|recompute`: holiday notices, and the running deadlines that they move."""

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from views.cli.acting import actor_of, as_login, in_role, refusals
from views.cli.door import BadInput, Door, Refused, as_json, echo_json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workflow.calendar_notice import Shift
    from workflow.engine.queries.calendar import Release, Year

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
LARGEST = 2**20


@click.command("import")
@click.argument("file", type=FILE)
@as_login
@in_role
@click.option("--dry-run", is_flag=True, help="只核对并列出影响，不导入 | Check and preview, keep nothing")
@as_json
@click.pass_obj
def import_(door: Door, file: Path, login: str, role: str, dry_run: bool, as_json: bool) -> None:
    """核对放假安排文件，提交待发布 | Check a notice and propose it

    FILE 为 TOML 或 CSV。有错时逐处列明，退出状态为 2。
    FILE is TOML or CSV. Status 2, with every fault, when it cannot be a notice.
    """
    from workflow import calendar_notice
    from workflow.engine.queries import calendar as query

    notice = _read(file)
    with refusals(), door.writing() as session:
        at = door.instant(session)
        actor = actor_of(session, login, role, at)
        query.keeper(session, actor)
        one = query.release(session, calendar_notice.propose(session, notice, actor, at))
        found = {
            **_row(one),
            "differences": [
                {
                    "day": row.day,
                    "working": row.after.working,
                    "was_working": row.before.working,
                    "name": row.after.name,
                }
                for row in query.differences(session, one)
            ],
            "moves": [_moved(shift, name) for shift, name in query.moved(session, one.id)],
        }
        if dry_run:
            session.rollback()
    if as_json:
        echo_json(found | {"kept": not dry_run})
    else:
        click.echo("\n".join(_told(found, dry_run)))


def _read(file: Path) -> Any:
    from views.texts import text
    from workflow.calendar_file import BadNotice, decoded, read

    if file.stat().st_size > LARGEST:
        raise BadInput(f"{file} 超过 1 MB，不是放假安排")
    try:
        return read(decoded(file.read_bytes()), file.name)
    except BadNotice as bad:
        lines = [f"{file} 不能作为放假安排，{len(bad.faults)} 处不符："]
        lines += [f"  {where}{where and '：'}{text(f'calendar_fault.{key}')}" for where, key in bad.faults]
        raise BadInput("\n".join(lines)) from bad


def _told(found: dict[str, Any], dry_run: bool) -> list[str]:
    head = "核对无误，未导入" if dry_run else "已导入，待另一人发布"
    lines = [
        f"{found['document']} {head}：改变 {len(found['differences'])} 日，运行中的时限变动 {len(found['moves'])} 件"
    ]
    for row in found["differences"]:
        kind = "上班" if row["working"] else "放假"
        lines.append(f"  {row['day']}  {kind}  {row['name']}".rstrip())
    return lines + [_move_line(row) for row in found["moves"]]


@click.command()
@click.argument("document")
@as_login
@in_role
@click.pass_obj
def release(door: Door, document: str, login: str, role: str) -> None:
    """发布已导入的放假安排，须由另一人 | Put a notice in force, as a second person"""
    from workflow import calendar_notice
    from workflow.engine.queries import calendar as query

    with refusals(), door.writing() as session:
        at = door.instant(session)
        actor = actor_of(session, login, role, at)
        query.keeper(session, actor)
        calendar_notice.release(session, query.by_document(session, document).id, actor, at)
        moving = len(query.moved(session))
    click.echo(f"{document} 已发布，运行中的时限待重算 {moving} 件")


@click.command("list")
@as_json
@click.pass_obj
def list_(door: Door, as_json: bool) -> None:
    """列出导入的放假安排 | The imported notices"""
    from workflow.engine.queries import calendar as query

    with door.reading() as session:
        found = [_row(one) for one in query.releases(session)]
    if as_json:
        echo_json(found)
        return
    for row in found:
        year = f"{row['year']} 年度" if row["year"] else "个别日期"
        state = f"{row['released_by']}发布" if row["released_at"] else "待发布"
        click.echo(f"{row['document']}  {year}  {len(row['days'])} 日  {row['proposed_by']}导入  {state}")


@click.command()
@click.argument("year", type=click.IntRange(2000, 2100))
@as_json
@click.pass_obj
def show(door: Door, year: int, as_json: bool) -> None:
    """列出一年的放假与补班 | A year's days off and make-up days"""
    from workflow.engine import calendars
    from workflow.engine.queries import calendar as query
    from workflow.rules.calendar import Calendar

    if door.has_site():
        with door.reading() as session:
            found = query.year(calendars.current(session), year)
    else:
        found = query.year(Calendar(), year)
    if as_json:
        echo_json(_year(found))
    else:
        click.echo("\n".join(_year_lines(found)))


@click.command()
@click.option("--dry-run", "dry", flag_value=True, type=bool, default=None, help="只列出变动 | Only list what moves")
@click.option("--apply", "dry", flag_value=False, type=bool, help="逐件重算 | Recompute case by case")
@click.option("--authority", default="", metavar="CODE", help="只限该机关 | Only this authority's")
@click.option("--machine", default="", metavar="KEY", help="只限该种事项 | Only this kind of case")
@as_json
@click.pass_obj
def recompute(door: Door, dry: bool | None, authority: str, machine: str, as_json: bool) -> None:
    """按现行放假安排重算时限 | Recompute running deadlines

    有一件不能重算时退出状态为 1，其余照办。
    Status 1 when any case was refused; the others are done all the same.
    """
    from workflow.machines import MACHINES

    if dry is None:
        raise BadInput("须指明 --dry-run 或 --apply")
    if machine and machine not in MACHINES:
        raise BadInput(f"没有事项 {machine}，现有：{'、'.join(MACHINES)}")
    rows, refused = _recompute(door, dry, authority, machine)
    if as_json:
        echo_json(rows)
    else:
        click.echo("\n".join([_move_line(row) for row in rows] or ["没有要变动的时限"]))
    if refused:
        raise Refused(f"{refused} 件未能重算")


def _recompute(door: Door, dry: bool, authority: str, machine: str) -> tuple[list[dict[str, Any]], int]:
    from views.texts import reason
    from workflow.calendar_notice import apply_each

    with door.database() as database:
        with database.read() as session:
            at = door.instant(session)
            found = _found(session, authority, machine)
        if dry:
            return [_moved(shift, name) for shift, name in found], 0
        names = dict(found)
        done = list(apply_each(database, names, lambda _: uuid.uuid4().hex, at))
    rows = [_moved(one, names[one]) | {"refused": reason(why, one.machine) if why else ""} for one, why in done]
    return rows, sum(1 for _, why in done if why)


def _found(session: "Session", authority: str, machine: str) -> "list[tuple[Shift, str]]":
    from workflow.engine.queries import calendar as query
    from workflow.engine.refusal import NotFound

    try:
        return query.moved(session, authority=authority, machine=machine)
    except NotFound as error:
        raise BadInput(f"没有代码为 {authority} 的机关") from error


def _row(one: "Release") -> dict[str, Any]:
    from dataclasses import asdict

    days = [{"day": day, "working": working, "name": name} for day, working, name in one.days]
    return asdict(one) | {"days": days}


def _moved(shift: "Shift", authority: str) -> dict[str, Any]:
    shown = ("number", "machine", "state", "rule_key", "old", "new")
    return {name: getattr(shift, name) for name in shown} | {"authority": authority, "why": list(shift.why)}


def _move_line(row: dict[str, Any]) -> str:
    from views.texts import text

    what, why = text(f"due.{row['rule_key']}"), "、".join(row["why"])
    told = (row["number"], row["authority"], what, f"{row['old']} → {row['new']}", why, row.get("refused", ""))
    return "  " + "  ".join(word for word in told if word)


def _year(found: "Year") -> dict[str, Any]:
    marked = [day for day in found.days if day.why not in ("weekday", "weekend")]
    days = [
        {"date": day.date, "working": day.working, "why": day.why, "name": day.name, "document": day.document}
        for day in marked
    ]
    working = sum(day.working for day in found.days)
    return {"year": found.year, "provisional": found.provisional, "working_days": working,
            "documents": found.documents, "days": days}  # fmt: skip


def _year_lines(found: "Year") -> list[str]:
    shown = _year(found)
    unsure = "（安排未公布，按法定假日暂列）" if found.provisional else ""
    lines = [f"{found.year} 年  工作日 {shown['working_days']} 日{unsure}  {'、'.join(found.documents)}".rstrip()]
    for day in shown["days"]:
        kind = "补班" if day["working"] else "放假"
        lines.append(f"  {day['date']} 周{'一二三四五六日'[day['date'].weekday()]}  {kind}  {day['name']}".rstrip())
    return lines


COMMANDS = (import_, release, list_, show, recompute)
