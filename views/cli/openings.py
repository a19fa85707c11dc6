"""How cases begin on the command line, and what else a year's story needs: facts on file, time passing."""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from views.cli.acting import actor_of, answer, as_login, form, in_role, read_form, refusals, request
from views.cli.door import BadInput, Door, Instant, as_json, echo_json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SUBJECT = click.argument("reference", metavar="NUMBER|ID")
GROUND = click.option("--ground", type=click.Choice(["facts", "clause", "procedure"]), default="facts",
                      show_default=True, help="事实、条款、程序 | What is disputed")  # fmt: skip
STATEMENT = click.option("--statement", required=True, help="理由 | The reasons, 20 characters or more")


@click.command("open-round")
@click.argument("policy")
@click.option("--year", type=int, help="年度，默认当年 | Year, this one by default")
@click.option("--title", default="", help="名称 | Title")
@click.option("--resume", is_flag=True, help="为已有批次补开 | Open what a standing round still lacks")
@as_login
@as_json
@click.pass_obj
def open_round(door: Door, policy: str, year: int | None, title: str, resume: bool, login: str, as_json: bool) -> None:
    """开启评价批次，为范围内每个机构立案 | Open a round with a case for everyone in its scope"""
    from workflow.openings import open_case, open_round, still_to_open

    with door.reading() as session:
        at = door.instant(session)
        actor = actor_of(session, login, "section_head", at)
    year = year or at.year
    with refusals("evaluation"):
        with door.writing() as session:
            named = title or f"{year}年度人力资源服务机构信用等级评价"
            round_id = (
                _standing(session, actor, year) if resume else open_round(session, policy, year, named, actor, at)
            )
        with door.reading() as session:
            waiting = still_to_open(session, round_id)
        opened = []
        for one in waiting:
            with door.writing() as session:
                # One id per round and institution: opening twice at once makes one case.
                opened.append(open_case(session, round_id, one, actor, f"round-{round_id}-{one}", at).number)
    if as_json:
        echo_json({"round": round_id, "cases": opened})
    else:
        click.echo("\n".join([f"{year}年度批次，立案 {len(opened)} 件", *opened]))


def _standing(session: "Session", actor: Any, year: int) -> int:
    from sqlalchemy import select

    from models import Round

    found = session.scalar(select(Round.id).where(Round.authority_id == actor.authority_id, Round.year == year))
    if found is None:
        raise BadInput(f"没有 {year} 年度的批次")
    return found


@click.command()
@click.argument("references", nargs=-1, required=True, metavar="NUMBER|ID...")
@click.option("--title", required=True, help="标题 | Title")
@click.option("--opens-on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="公示首日 | First day")
@as_login
@request
@as_json
@click.pass_obj
def notice(
    door: Door, references: tuple[str, ...], title: str, opens_on: datetime, login: str, request_id: str, as_json: bool
) -> None:
    """拟一份公示 | Draft a notice over cases that wait for publicity"""
    from workflow.engine.queries import console
    from workflow.openings import draft_notice_under

    with refusals("publicity"), door.writing() as session:
        at = door.instant(session)
        actor = actor_of(session, login, "handler", at)
        found = [console.find(session, reference) for reference in references]
        asked = {"title": title, "opens_on": opens_on.date(), "cases": [one.id for one in found]}
        one = found[0]
        outcome = draft_notice_under(session, asked, one.policy_id, actor, request_id, at, round_id=one.round_id)
    answer(outcome, "publicity", as_json)


@click.command("object")
@SUBJECT
@GROUND
@STATEMENT
@click.option("--name", required=True, help="姓名或名称 | Who objects")
@click.option("--contact", required=True, help="联系方式 | How to reach them")
@request
@as_json
@click.pass_obj
def object_(
    door: Door, reference: str, ground: str, statement: str, name: str, contact: str, request_id: str, as_json: bool
) -> None:
    """代录公示异议，给出回执码 | File an objection for a citizen; prints the receipt code"""
    from workflow.engine.history import digest
    from workflow.engine.permissions import OUTSIDER
    from workflow.engine.queries import console
    from workflow.openings import object_to

    code = secrets.token_hex(8)
    asked = {"ground": ground, "statement": statement, "files": [], "name": name, "contact": contact}
    with refusals("objection"), door.writing() as session:
        at, subject = door.instant(session), console.find(session, reference)
        asked["receipt_hash"] = digest("sha256", code)
        outcome = object_to(session, subject.id, asked, OUTSIDER, request_id, at)
    answer(outcome, "objection", as_json, 回执码=code)


@click.command("re-review")
@SUBJECT
@GROUND
@STATEMENT
@as_login
@request
@as_json
@click.pass_obj
def re_review(
    door: Door, reference: str, ground: str, statement: str, login: str, request_id: str, as_json: bool
) -> None:
    """机构申请复评 | Apply for a re-review, as the institution"""
    from workflow.engine.queries import console
    from workflow.openings import apply_re_review

    with refusals("re_review"), door.writing() as session:
        at, subject = door.instant(session), console.find(session, reference)
        actor = actor_of(session, login, "clerk", at)
        asked = {"ground": ground, "statement": statement, "files": []}
        outcome = apply_re_review(session, subject.id, asked, actor, request_id, at)
    answer(outcome, "re_review", as_json)


@click.command()
@SUBJECT
@as_login
@in_role
@form
@click.pass_obj
def record(door: Door, reference: str, login: str, role: str, fields: tuple[str, ...]) -> None:
    """为事项的机构登记一条档案 | Enter a fact into the archive of a case's institution"""
    from workflow import archive
    from workflow.engine.load import rules_of
    from workflow.engine.queries import console

    with refusals(), door.writing() as session:
        at, subject = door.instant(session), console.find(session, reference)
        if subject.institution_id is None:
            raise BadInput(f"{reference} 不涉及单个机构")
        actor, kinds = actor_of(session, login, role, at), rules_of(session, subject.policy_id).record_kinds
        number = archive.record(session, subject.institution_id, kinds, read_form(fields), actor, at)
    click.echo(f"已登记，档案 {number}")


@click.command()
@click.argument("number", type=int)
@as_login
@in_role
@form
@click.pass_obj
def judge(door: Door, number: int, login: str, role: str, fields: tuple[str, ...]) -> None:
    """认定一条档案的情节与改正 | Judge the severity and correction of a fact"""
    from workflow import archive

    with refusals(), door.writing() as session:
        at = door.instant(session)
        archive.judge(session, number, read_form(fields), actor_of(session, login, role, at), at)
    click.echo(f"档案 {number} 已认定")


@click.command()
@click.option("--at", "until", type=Instant(), hidden=True)
@click.pass_obj
def sweep(door: Door, until: datetime | None) -> None:
    """处理已到期的时限 | Fire what is due"""
    from workflow.scheduler import run_all_due

    door.at = until or door.at
    with door.database() as database:
        with database.read() as session:
            at = door.instant(session)
        fired = run_all_due(database, lambda: at)
    click.echo(f"到期处理 {fired} 项")


def owed(session: "Session", login: str, at: datetime) -> list[int]:
    """Ids of the cases in which a login owes something, in any of its posts."""
    from sqlalchemy import or_, select

    from models import Appointment, Task, User
    from workflow.clock import legal_day
    from workflow.engine import permissions

    posts = select(Appointment).join(User, User.person_id == Appointment.person_id)
    held = session.scalars(posts.where(User.login == login, permissions.in_force(legal_day(at)))).all()
    if not held:
        raise BadInput(f"账号 {login} 不存在，或当日没有任职")
    mine = or_(*(permissions.owes(Task, permissions.actor_of(post)) for post in held))
    return list(session.scalars(select(Task.case_id).where(Task.closed_at.is_(None), mine).distinct()))


COMMANDS = (open_round, notice, object_, re_review, record, judge, sweep)
