"""One whole story in which every move of every machine is made at least once."""

from collections.abc import Generator, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from models import (
    Appointment,
    ArchiveRecord,
    Authority,
    CalendarDay,
    CalendarRelease,
    Case,
    HistoryEntry,
    Institution,
    Notice,
    Office,
)
from tests.cast import CITY, COUNTY, OBJECTION, SIBLING, World
from tests.fire.crowd import REPORT, cases_of, timer_of
from tests.fire.siege import Verb
from workflow import calendar_notice
from workflow.engine import sweep
from workflow.engine.act import Outcome
from workflow.engine.load import machine_of
from workflow.engine.permissions import Actor, objector
from workflow.machines import MACHINES
from workflow.openings import object_to, open_case, open_round, still_to_open

RECEIPT = "a" * 64
ANSWER = {"outcome": "upheld", "answer": "经核查，公示结果无误，予以维持。", "opinion": "属实"}


def every_move(world: World) -> set[tuple[str, str]]:
    """The moves of the compiled machines under the policies that the story uses; `any` has those of the engine."""
    with world.database.read() as session:
        pinned = session.execute(select(Case.machine, Case.policy_id).distinct()).all()
        machines = [machine_of(session, machine, policy) for machine, policy in pinned]
    found = {(owner(one.table.key, row.name), row.name) for one in machines for row in one.moves}
    suspends = any(one.rules.re_review.suspends_effect for one in machines)
    return found if suspends else found - {("evaluation", "suspend")}


def moves_made(world: World) -> set[tuple[str, str]]:
    with world.database.read() as session:
        made = select(Case.machine, HistoryEntry.move).join(HistoryEntry, HistoryEntry.case_id == Case.id).distinct()
        return {(owner(row.machine, row.move), row.move) for row in session.execute(made)}


def owner(machine: str, move: str) -> str:
    """The machine whose file has the move; `any` for what the engine gives every machine, such as 指定办理."""
    return machine if move in {row.name for row in MACHINES[machine].moves} else "any"


def story(world: World) -> Generator[tuple[str, Verb], Any, None]:
    """Every act as (machine and move, verb); the verb's answer is sent back. Each act is one unit of work."""
    yield from _review(world)
    _nobody_at_the_desk(world, SIBLING)
    round_id = yield from _opening(world)
    one, two, three = cases_of(world, round_id)
    (elsewhere,) = cases_of(world, round_id, SIBLING)
    yield _move(
        world, elsewhere, "designate", f"{CITY}-leader", person=_person(world, f"{SIBLING}-head"), opinion="指定办理"
    )
    for case in (one, two, three):
        _graded(world, case)
    notice = yield from _publicity(world, round_id, [one, two, three])
    yield from _objections(world, one, two)
    yield from _in_force(world, notice, one, two, three)


def _move(world: World, case_id: int, move: str, who: Any, role: str | None = None, **form: Any) -> tuple[str, Verb]:
    return f"{owner(world.case(case_id).machine, move)} {move}", partial(world.do, case_id, move, who, role, **form)


def _lapse(world: World, case_id: int) -> tuple[str, Verb]:
    """Time comes to the case's own deadline, and its timer is the first to fire."""
    timer = timer_of(world, case_id, "lapse")
    world.clock.to(timer.fire_at)
    return f"{world.case(case_id).machine} {timer.move}", partial(_fire, world, timer.id)


def _fire(world: World, timer_id: int) -> bool:
    with world.write() as session:
        return sweep.fire(session, timer_id, world.at)


def _review(world: World) -> Iterator[tuple[str, Verb]]:
    """The three-level ladder, with every way back."""
    round_id, _ = world.round()
    one, two, three = cases_of(world, round_id)
    yield _move(world, one, "report", "clerk-0", statement=REPORT)
    yield _lapse(world, two)
    world.sweep()
    yield _move(world, two, "ask_correction", f"{COUNTY}-handler", opinion="补充材料")
    yield _move(world, two, "correct", "clerk-1", statement=REPORT)
    yield from _clock(world, two)
    yield _move(world, one, "propose", f"{COUNTY}-handler")
    yield _move(world, one, "rework", f"{COUNTY}-head2", opinion="补充核查")
    world.do(one, "propose", f"{COUNTY}-handler")
    yield _move(world, one, "agree", f"{COUNTY}-head2")
    yield _move(world, one, "disagree", f"{COUNTY}-panel6", opinion="依据不足")
    for login in ("panel1", "panel2", "panel3", "panel4", "leader"):
        world.do(one, "agree", f"{COUNTY}-{login}")
    yield _move(world, one, "agree", f"{CITY}-handler")
    yield _move(world, one, "return_down", f"{CITY}-head", "section_head", opinion="重新核实")
    with world.write() as session:
        closed = session.get_one(Institution, world.case(three).institution_id)
        closed.closed_on = world.today
    yield _move(world, three, "withdraw", f"{COUNTY}-leader", opinion="机构已注销")
    with world.write() as session:
        session.get_one(Institution, closed.id).closed_on = None


def _clock(world: World, case: int) -> Iterator[tuple[str, Verb]]:
    yield _move(world, case, "pause", f"{COUNTY}-handler", opinion="等待查询结果")
    yield _move(world, case, "resume", f"{COUNTY}-handler", opinion="结果已回")
    yield _move(world, case, "extend", f"{COUNTY}-leader", count=5, opinion="案情复杂")
    yield _move(world, case, "undo_extension", f"{COUNTY}-leader", opinion="已查清")
    yield "any recompute", partial(_recompute, world, case)


def _recompute(world: World, case: int) -> None:
    with world.write() as session:
        calendar_notice.apply(session, case, f"recompute-{case}", world.at)


def _nobody_at_the_desk(world: World, county: str) -> None:
    """The handlers of a county leave: its first step finds nobody."""
    with world.write() as session:
        handlers = select(Appointment).join(Office).join(Authority)
        for post in session.scalars(handlers.where(Authority.code == county, Appointment.role == "handler")):
            post.valid_to = world.today - timedelta(days=1)


def _person(world: World, login: str) -> int:
    return world.actor(login, "section_head").person_id or 0


def _opening(world: World) -> Generator[tuple[str, Verb], Any, int]:
    """The second round, under the rules that leave grading to the county."""
    head = world.actor(f"{CITY}-head", "section_head")
    with world.write() as session:
        round_id = open_round(session, "xuchang-2023", 2023, "2023年度评价", head, world.at)
    with world.database.read() as session:
        waiting = still_to_open(session, round_id)
    for number, institution in enumerate(waiting):
        yield "evaluation open", partial(_open, world, round_id, institution, head, f"opening-{number}")
    return round_id


def _open(world: World, round_id: int, institution: int, head: Actor, key: str) -> Outcome:
    with world.write() as session:
        return open_case(session, round_id, institution, head, key, world.at)


def _graded(world: World, case: int) -> None:
    world.do(case, "propose", f"{COUNTY}-handler")
    for login in ("panel1", "panel2", "panel3", "panel4", "leader"):
        world.do(case, "agree", f"{COUNTY}-{login}")


def _publicity(world: World, round_id: int, cases: list[int]) -> Generator[tuple[str, Verb], Any, int]:
    handler, leader = f"{COUNTY}-handler", f"{COUNTY}-leader"
    notice = yield "publicity draft", partial(world.notice, round_id, cases[:1], handler)
    yield _move(world, notice, "publish", leader)
    yield _move(world, notice, "withdraw", leader, opinion="公示内容有误")
    notice = world.notice(round_id, cases, handler, world.today + timedelta(days=1))
    world.do(notice, "publish", leader)
    yield _lapse(world, notice)
    _holiday(world, _closes_on(world, notice))
    yield "publicity recompute", partial(_recompute, world, notice)
    closes_on = _closes_on(world, notice) + timedelta(days=20)
    yield _move(world, notice, "extend", leader, closes_on=closes_on, opinion="延长公示")
    return notice


def _holiday(world: World, day: date) -> None:
    """A day off that nobody knew of before."""
    with world.write() as session:
        release = CalendarRelease(document_number="示例通知", proposed_at=world.at, released_at=world.at)
        session.add(release)
        session.flush()
        session.add(CalendarDay(release_id=release.id, day=day, working=False, name="极端天气停工"))


def _closes_on(world: World, notice: int) -> date:
    with world.database.read() as session:
        return session.scalars(select(Notice.closes_on).where(Notice.case_id == notice)).one() or world.today


def _objections(world: World, one: int, two: int) -> Generator[tuple[str, Verb], Any]:
    objection = yield "objection file", partial(world.object, one, receipt_hash=RECEIPT)
    yield from _heard(world, objection, objector(RECEIPT), f"{COUNTY}-head2", f"{COUNTY}-head2")
    with world.write() as session:
        form = {**OBJECTION, "receipt_hash": "b" * 64}
        objection = object_to(session, two, form, world.actor("clerk-1"), "own-objection", world.at).case_id
    yield _move(world, objection, "refuse", f"{COUNTY}-head2", opinion="不属于异议受理范围")
    yield _move(world, objection, "acknowledge", "clerk-1")


def _heard(
    world: World, case: int, party: Actor | str, accepts: Actor | str, signs: str
) -> Generator[tuple[str, Verb], Any]:
    """An objection or re-review with every detour, to its answer."""
    yield _move(world, case, "ask_more", accepts, opinion="补充证据")
    yield _move(world, case, "supply", party, statement=REPORT)
    world.do(case, "ask_more", accepts, opinion="补充证据")
    yield _lapse(world, case)
    world.sweep()
    yield _move(world, case, "accept", accepts)
    yield _move(world, case, "propose", f"{COUNTY}-handler2", **ANSWER)
    yield _move(world, case, "rework", signs, opinion="重新核实")
    world.do(case, "propose", f"{COUNTY}-handler2", **ANSWER)
    yield _move(world, case, "agree", signs)


def _in_force(world: World, notice: int, one: int, two: int, three: int) -> Generator[tuple[str, Verb], Any]:
    """Cleared, confirmed one by one and together, delivered, reviewed again, expired."""
    yield _lapse(world, three)
    yield _lapse(world, notice)
    world.sweep()
    yield _move(world, three, "confirm", f"{COUNTY}-leader")
    yield _move(world, notice, "confirm_cleared", f"{COUNTY}-leader")
    yield _move(world, notice, "archive", f"{COUNTY}-handler")
    yield _move(world, one, "file_upward", f"{COUNTY}-handler")
    yield _move(world, one, "deliver", f"{COUNTY}-handler", how="post")
    yield _move(world, two, "acknowledge", "clerk-1")
    other_head = world.actor(f"{COUNTY}-head", "section_head")
    again = yield "re_review file", partial(world.re_review, two, "clerk-1")
    yield from _heard(world, again, "clerk-1", other_head, f"{COUNTY}-leader2")
    yield _move(world, again, "acknowledge", "clerk-1")
    again = world.re_review(one, "clerk-0")
    yield _move(world, again, "refuse", other_head, opinion="不属于复评受理范围")
    yield from _graded_anew(world, two)
    yield _lapse(world, three)


def _graded_anew(world: World, standing: int) -> Iterator[tuple[str, Verb]]:
    """A violation that nobody has acted on yet: the grade is evaluated again and supersedes the one in force."""
    _violation(world, world.case(standing).institution_id or 0)
    yield _move(world, standing, "reevaluate", f"{COUNTY}-handler")
    with world.database.read() as session:
        begun = select(Case).where(Case.parent_id == standing, Case.machine == "evaluation")
        new = session.scalars(begun).one()
    world.do(new.id, "deliver", f"{COUNTY}-handler", how="in_person")
    yield _move(world, new.id, "state_case", "clerk-1", statement=REPORT)
    _graded(world, new.id)
    notice = world.notice(new.round_id or 0, [new.id], f"{COUNTY}-handler")
    world.do(notice, "publish", f"{COUNTY}-leader")
    world.to(_closes_on(world, notice) + timedelta(days=1))
    yield _move(world, new.id, "confirm", f"{COUNTY}-leader2")


def _violation(world: World, institution_id: int) -> None:
    """Entered beside the archive's own way, which would open the new evaluation at once."""
    row = {"institution_id": institution_id, "kind": "labour_violation", "summary": "收取求职者押金"}
    judged = {"severity": "serious", "corrected_in_time": False, "judged_by_id": _person(world, f"{COUNTY}-head")}
    with world.write() as session:
        session.add(
            ArchiveRecord(
                **row,
                **judged,
                acted_on=world.today,
                decided_on=world.today,
                judged_at=world.at,
                created_at=world.at,
                finding_authority="魏都区人社局",
                evidence="检查笔录",
            )
        )
