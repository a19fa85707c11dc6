"""The story of a year's evaluations, their publicity, objections and re-reviews: each row of their machines once."""

from collections.abc import Generator
from datetime import date, timedelta
from functools import partial
from typing import Any

from models import CalendarDay, CalendarRelease, Institution
from tests.cast import CITY, COUNTY, OBJECTION, SIBLING, World
from tests.engine.test_repolicy import longer, variant
from tests.fire.acts import (
    ANSWER,
    Story,
    Verb,
    answered,
    appointed,
    child,
    closes_on,
    heard,
    lapse,
    leave,
    move,
    person,
    signed,
    violation,
    voided,
)
from tests.fire.crowd import REPORT, cases_of
from tests.fire.story_scored import scored
from workflow import calendar_notice
from workflow.engine.act import Outcome
from workflow.engine.permissions import Actor, objector
from workflow.openings import object_to, open_case, open_round, still_to_open

RECEIPT = "a" * 64
HANDLER, LEADER, PANEL = f"{COUNTY}-handler", f"{COUNTY}-leader", [f"{COUNTY}-panel{seat}" for seat in range(1, 5)]


def evaluations(world: World) -> Story:
    yield from scored(world)
    yield from _review(world)
    leave(world, SIBLING)
    round_id = yield from _opening(world)
    one, two, three = cases_of(world, round_id)
    (elsewhere,) = cases_of(world, round_id, SIBLING)
    named = person(world, f"{SIBLING}-head", "section_head")
    yield move(world, elsewhere, "designate", f"{CITY}-leader", person=named, opinion="指定办理")
    for case in (one, two, three):
        _graded(world, case)
    notice = yield from _publicity(world, round_id, [one, two, three])
    yield from _objections(world, one, two, three)
    yield from _in_force(world, notice, one, two, three)


def _review(world: World) -> Story:
    """The three-level ladder, with every way back."""
    round_id, _ = world.round()
    one, two, three = cases_of(world, round_id)
    revised = variant(world, longer)
    yield move(world, two, "change_policy", LEADER, policy=revised, opinion="适用修订后的规则")
    yield move(world, one, "report", "clerk-0", statement=REPORT)
    yield lapse(world, two)
    world.sweep()
    yield move(world, two, "ask_correction", HANDLER, opinion="补充材料")
    yield move(world, two, "correct", "clerk-1", statement=REPORT)
    yield from _clock(world, two)
    yield move(world, one, "record_check", HANDLER, means="on_site", checked_on=world.today, checked="未发现问题")
    yield move(world, one, "propose", HANDLER)
    yield move(world, one, "rework", f"{COUNTY}-head2", opinion="补充核查")
    world.do(one, "propose", HANDLER)
    yield move(world, one, "agree", f"{COUNTY}-head2")
    yield move(world, one, "disagree", f"{COUNTY}-panel6", opinion="依据不足")
    signed(world, one, *PANEL, LEADER)
    yield move(world, one, "agree", f"{CITY}-handler")
    yield move(world, one, "return_down", f"{CITY}-head", "section_head", opinion="重新核实")
    closed = world.case(three).institution_id
    _close(world, closed, world.today)
    yield move(world, three, "withdraw", LEADER, opinion="机构已注销")
    _close(world, closed, None)


def _close(world: World, institution_id: int | None, on: date | None) -> None:
    with world.write() as session:
        session.get_one(Institution, institution_id).closed_on = on


def _clock(world: World, case: int) -> Story:
    yield move(world, case, "pause", HANDLER, opinion="等待查询结果")
    yield move(world, case, "resume", HANDLER, opinion="结果已回")
    yield move(world, case, "extend", LEADER, count=5, opinion="案情复杂")
    yield move(world, case, "undo_extension", LEADER, opinion="已查清")
    yield partial(_recompute, world, case)
    world.do(case, "pause", HANDLER, opinion="等待查询结果")
    yield lapse(world, case, "pause")


def _recompute(world: World, case: int) -> None:
    with world.write() as session:
        calendar_notice.apply(session, case, f"recompute-{case}", world.at)


def _opening(world: World) -> Generator[Verb, Any, int]:
    """The second round, under the rules that leave grading to the county."""
    head = world.actor(f"{CITY}-head", "section_head")
    with world.write() as session:
        round_id = open_round(session, "xuchang-2023", 2023, "2023年度评价", head, world.at)
    with world.database.read() as session:
        waiting = still_to_open(session, round_id)
    for number, institution in enumerate(waiting):
        yield partial(_open, world, round_id, institution, head, f"opening-{number}")
    return round_id


def _open(world: World, round_id: int, institution: int, head: Actor, key: str) -> Outcome:
    with world.write() as session:
        return open_case(session, round_id, institution, head, key, world.at)


def _graded(world: World, case: int) -> None:
    world.do(case, "propose", HANDLER)
    signed(world, case, *PANEL, LEADER)


def _publicity(world: World, round_id: int, cases: list[int]) -> Generator[Verb, Any, int]:
    notice = yield partial(world.notice, round_id, cases[:1], HANDLER)
    yield move(world, notice, "publish", LEADER)
    yield move(world, notice, "withdraw", LEADER, opinion="公示内容有误")
    notice = world.notice(round_id, cases, HANDLER, world.today + timedelta(days=1))
    yield move(world, notice, "publish", LEADER)
    twin = world.notice(round_id, cases, HANDLER, world.today + timedelta(days=1))
    world.do(twin, "publish", LEADER)
    yield lapse(world, notice)
    yield lapse(world, twin)
    _holiday(world, closes_on(world, notice))
    yield partial(_recompute, world, notice)
    later = closes_on(world, notice) + timedelta(days=20)
    yield move(world, notice, "extend", LEADER, closes_on=later, opinion="延长公示")
    return notice


def _holiday(world: World, day: date) -> None:
    """A day off that nobody knew of before."""
    with world.write() as session:
        release = CalendarRelease(document_number="示例通知", proposed_at=world.at, released_at=world.at)
        session.add(release)
        session.flush()
        session.add(CalendarDay(release_id=release.id, day=day, working=False, name="极端天气停工"))


def _objections(world: World, one: int, two: int, three: int) -> Story:
    objection = yield partial(world.object, one, receipt_hash=RECEIPT)
    yield from heard(world, objection, objector(RECEIPT), f"{COUNTY}-head2", f"{COUNTY}-head2")
    with world.write() as session:
        form = {**OBJECTION, "receipt_hash": "b" * 64}
        objection = object_to(session, two, form, world.actor("clerk-1"), "own-objection", world.at).case_id
    yield move(world, objection, "refuse", f"{COUNTY}-head2", opinion="不属于异议受理范围")
    yield move(world, objection, "acknowledge", "clerk-1")
    first, second = world.object(three), world.object(three)
    yield answered(world, first, COUNTY, "upheld")
    yield lapse(world, one)
    yield answered(world, second, COUNTY, "upheld")


def _in_force(world: World, notice: int, one: int, two: int, three: int) -> Story:
    """Cleared, confirmed one by one and together, delivered, reviewed again, expired."""
    yield lapse(world, notice)
    world.sweep()
    yield move(world, three, "confirm", LEADER)
    yield move(world, notice, "confirm_cleared", LEADER)
    yield move(world, notice, "archive", HANDLER)
    yield move(world, one, "file_upward", HANDLER)
    yield move(world, one, "deliver", HANDLER, how="post")
    yield move(world, two, "acknowledge", "clerk-1")
    head = world.actor(f"{COUNTY}-head", "section_head")
    again = yield partial(world.re_review, two, "clerk-1")
    yield from heard(world, again, "clerk-1", head, f"{COUNTY}-leader2")
    yield move(world, again, "acknowledge", "clerk-1")
    again = world.re_review(one, "clerk-0")
    yield move(world, again, "refuse", head, opinion="不属于复评受理范围")
    yield from _graded_anew(world, two)
    world.do(three, "acknowledge", "clerk-2")
    last = world.re_review(three, "clerk-2")
    world.do(last, "accept", head)
    appointed(world, COUNTY, "handler", f"{COUNTY}-handler3")
    world.do(last, "propose", f"{COUNTY}-handler3", **ANSWER)
    yield lapse(world, three)
    yield move(world, last, "agree", f"{COUNTY}-leader2")


def _graded_anew(world: World, standing: int) -> Story:
    """A violation that nobody has acted on yet: the grade is evaluated again and supersedes the one in force. What
    turns out to be no violation ends the new evaluation, before the institution is heard or after."""
    institution = world.case(standing).institution_id or 0
    fact = violation(world, institution)
    yield move(world, standing, "reevaluate", HANDLER)
    voided(world, fact)
    yield move(world, child(world, standing), "withdraw", LEADER, opinion="查无此事")
    fact = violation(world, institution)
    world.do(standing, "reevaluate", HANDLER)
    new = child(world, standing)
    yield move(world, new, "deliver", HANDLER, how="in_person")
    yield lapse(world, new)
    _graded(world, new)
    _shown(world, new)
    yield answered(world, world.object(new), COUNTY, "removed")
    voided(world, fact)
    yield move(world, new, "withdraw", LEADER, opinion="查无此事")
    violation(world, institution)
    world.do(standing, "reevaluate", HANDLER)
    new = child(world, standing)
    world.do(new, "deliver", HANDLER, how="in_person")
    yield move(world, new, "state_case", "clerk-1", statement=REPORT)
    _graded(world, new)
    notice = _shown(world, new)
    world.to(closes_on(world, notice) + timedelta(days=1))
    yield move(world, new, "confirm", f"{COUNTY}-leader2")
    yield from _annulled(world, new)


def _shown(world: World, case: int) -> int:
    notice = world.notice(world.case(case).round_id or 0, [case], HANDLER)
    world.do(notice, "publish", LEADER)
    return notice


def _annulled(world: World, case: int) -> Story:
    world.do(case, "acknowledge", "clerk-1")
    again = world.re_review(case, "clerk-1")
    world.do(again, "accept", world.actor(f"{COUNTY}-head", "section_head"))
    world.do(again, "propose", f"{COUNTY}-handler2", **(ANSWER | {"outcome": "annulled"}))
    yield move(world, again, "agree", f"{COUNTY}-leader2")
