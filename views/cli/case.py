"""`case`: look cases up, act on them, and begin them; the story of a year can be played with these alone."""

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import click

from views.cli import openings, proofs, repairs, repolicy, why
from views.cli.acting import (
    actor_of,
    answer,
    as_login,
    form,
    in_role,
    named_person,
    read_form,
    refusals,
    request,
    state_text,
)
from views.cli.door import Door, Refused, as_json, echo_json

if TYPE_CHECKING:
    from datetime import datetime

    from workflow.engine.plan import Plan

TIMERS = {
    "lapse": "到期自动办理",
    "overdue": "到期列为超期",
    "escalate": "逾期上报",
    "remind": "提醒",
    "pause": "停止计时届满，恢复计时",
}
REFERENCE = click.argument("reference", metavar="NUMBER|ID")


@click.group()
def case() -> None:
    """开办、查看、办理事项 | Cases: open, look up, act"""


for command in (*openings.COMMANDS, *repairs.COMMANDS, proofs.proof, why.why, repolicy.policy):
    case.add_command(command)


@case.command("list")
@click.option("--state", default="", metavar="STATE[.STEP]", help="状态 | Only in this state")
@click.option("--machine", default="", help="事项种类 | Only of this kind")
@click.option("--mine", metavar="LOGIN", help="该账号的待办 | Only what this login owes")
@as_json
@click.pass_obj
def list_(door: Door, state: str, machine: str, mine: str | None, as_json: bool) -> None:
    """列出事项 | List cases"""
    from workflow.engine.queries import console

    with door.reading() as session:
        ids = openings.owed(session, mine, door.instant(session)) if mine else None
        found = console.cases(session, machine=machine, state=state, ids=ids)
    if as_json:
        echo_json(found)
        return
    for row in found:
        place = state_text(row["machine"], row["state"], row["step"])
        click.echo(f"{row['number']}  {place}  {row['name'] or row['authority']}{_due(row)}")


@case.command()
@REFERENCE
@as_json
@click.pass_obj
def show(door: Door, reference: str, as_json: bool) -> None:
    """查看一件：所在、待办、时限、流转 | One case: where it is, tasks, deadlines, history"""
    with door.reading() as session, refusals():
        found = _whole(session, reference, door.instant(session))
    if as_json:
        echo_json(found)
    else:
        click.echo("\n".join(_lines(found)))


def _whole(session: Any, reference: str, at: "datetime") -> dict[str, Any]:
    from dataclasses import asdict

    from workflow.engine.queries import case_page, console, people

    case = console.find(session, reference)
    return {
        **console.cases(session, ids=[case.id])[0],
        "ladder": console.rungs(session, case),
        "tasks": [asdict(owner) for owner in people.owners(session, case.id)],
        "timers": console.timers(session, case.id),
        **_timed(session, case, at),
        "history": [asdict(act) for act in reversed(case_page.acts(session, case.id))],
    }


def _timed(session: Any, case: Any, at: "datetime") -> dict[str, Any]:
    """The time it has used, when it can end, and the proof of its deadline."""
    from dataclasses import asdict

    from workflow.clock import legal_day
    from workflow.engine import calendars
    from workflow.engine.load import facts_of
    from workflow.engine.permissions import SYSTEM
    from workflow.engine.plan import STEP
    from workflow.engine.queries import case_page, due
    from workflow.forecast import forecast
    from workflow.ledger import ledger

    facts, calendar, today = facts_of(session, case.id, SYSTEM, at), calendars.current(session), legal_day(at)
    closed, clocks = case.closed_at is not None, due.clocks(session, [case.id])
    timer, others = clocks.pop((case.id, STEP), None), list(clocks.values())
    acts = reversed(case_page.acts(session, case.id))
    used = ledger(facts.machine, acts, calendar, today, closed=closed)
    ahead = None if closed else forecast(facts.machine, facts.levels, facts.full_state, timer, others, calendar, today)
    found = {"ledger": [asdict(one) for one in used], "forecast": asdict(ahead) if ahead else None}
    return found | {"proof": proofs.as_data(session, case, today)}


def _lines(found: dict[str, Any]) -> list[str]:
    from views.texts import text
    from workflow.clock import SHANGHAI

    machine = found["machine"]
    head = f"{found['number']}  {text(f'machine.{machine}')}  {found['name'] or found['authority']}"
    ladder = " → ".join(rung["authority"] for rung in found["ladder"])
    lines = [head, f"状态 {state_text(machine, found['state'], found['step'])}{_due(found)}", f"层级 {ladder}"]
    for task in found["tasks"]:
        who = task["person"] or task["institution"] or task["authority"]
        lines.append(f"待办 {text('role.' + task['role'])}  {who}")
    for timer in found["timers"]:
        unsure = "（暂定）" if timer["provisional"] else ""
        what = text(f"due.{timer['rule_key']}") if timer["rule_key"] != "chosen" else ""
        lines.append(f"时限 {timer['due_on']}{unsure}  {what} {TIMERS[timer['kind']]}")
    for act in found["history"]:
        at = act["at"].astimezone(SHANGHAI)
        who = f"{act['authority']}{act['person']}" if act["actor"] == "person" else text(f"actor.{act['actor']}")
        move = text(f"move.{machine}.{act['move']}")
        lines.append(f"{act['seq']:>3}  {at:%Y-%m-%d %H:%M}  {move}  {who}  {act['opinion']}".rstrip())
    return lines


def _due(row: dict[str, Any]) -> str:
    """The last day, as it closes: midnight belongs to the day before."""
    from workflow.clock import SHANGHAI

    if not row["due_at"]:
        return ""
    local = row["due_at"].astimezone(SHANGHAI)
    closes = f"{local - timedelta(days=1):%Y-%m-%d} 24:00" if local.time() == time.min else f"{local:%Y-%m-%d %H:%M}"
    return f"  时限 {closes}" + ("（暂定）" if row["provisional"] else "")


@case.command()
@REFERENCE
@click.argument("move")
@as_login
@in_role
@form
@request
@click.option("--dry-run", is_flag=True, help="只看结果，不办理 | Say what would happen, do nothing")
@as_json
@click.pass_obj
def act(
    door: Door,
    reference: str,
    move: str,
    login: str,
    role: str,
    fields: tuple[str, ...],
    request_id: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """办理一步 | Make one move

    不能办理时说明原因，退出状态为 1。
    Status 1, with the reason, when it is refused.
    """
    from workflow.engine.act import act as perform
    from workflow.engine.decide import decide_case
    from workflow.engine.queries import console

    asked = read_form(fields)
    with door.reading() as session:
        at = door.instant(session)
        actor = actor_of(session, login, role, at)
        asked = named_person(session, asked)
        with refusals():
            found = console.find(session, reference)
        if dry_run:
            with refusals(found.machine):
                _preview(decide_case(session, found.id, move, actor, at, asked), as_json)
            return
    with refusals(found.machine), door.writing() as session:
        outcome = perform(
            session, found.id, move, actor, form=asked, seen_version=found.version, request_id=request_id, at=at
        )
    answer(outcome, found.machine, as_json)


def _preview(plan: "Plan", as_json: bool) -> None:
    from views.texts import text

    machine = plan.case["machine"]
    unsure = any(timer.provisional and timer.purpose == "work" for timer in plan.timers)
    due = {"due_at": plan.due_at, "provisional": unsure}
    if as_json:
        tasks = [task.role for task in plan.open_tasks]
        echo_json({"state": plan.to_state, "step": plan.to_step, **due, "tasks": tasks})
        return
    tasks = "、".join(dict.fromkeys(text(f"role.{task.role}") for task in plan.open_tasks))
    click.echo(f"办理后：{state_text(machine, plan.to_state, plan.to_step)}")
    if tasks:
        click.echo(f"  交 {tasks}{_due(due)}")


@case.command()
@REFERENCE
@click.pass_obj
def verify(door: Door, reference: str) -> None:
    """核验一件的流转记录 | Verify one case's history

    记录被改动时退出状态为 1。
    Status 1 when the chain does not verify.
    """
    from workflow.engine import audit
    from workflow.engine.queries import console

    with door.reading() as session, refusals():
        found = console.find(session, reference)
        breaches = audit.verify(session, [found.id])
    if breaches:
        raise Refused("\n".join(f"{found.number} {breach.key} {breach.detail}" for breach in breaches))
    click.echo(f"{found.number} 流转记录 {found.version} 条，核验无误")
