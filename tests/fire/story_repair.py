"""The story of credit repairs: of records and of a grade, granted, refused, withdrawn, doubted; each row once."""

from collections.abc import Generator
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from models import Authority
from tests.cast import CITY, COUNTY, World
from tests.fire.acts import (
    Story,
    Verb,
    appointed,
    attached,
    closes_on,
    contested,
    lapse,
    move,
    person,
    signed,
    violation,
)
from tests.fire.crowd import REPORT, cases_of, new_key
from workflow import repairs
from workflow.engine.act import Outcome
from workflow.openings import draft_notice_under

CLERK, HANDLER, LEADER = "clerk-0", f"{COUNTY}-handler2", f"{COUNTY}-leader"
FINDER = {COUNTY: "魏都区人社局", CITY: "许昌市人社局"}
DECIDED, PUBLISHED, APPLIED = date(2026, 4, 8), date(2026, 4, 9), date(2026, 7, 9)
VERIFIED: dict[str, Any] = {
    "corrected": "yes",
    "performed": "yes",
    "outcome": "granted",
    "answer": "现场核查属实，押金已全部退还。",
}
REFUSED = {"corrected": "no", "performed": "no", "outcome": "not_granted", "answer": "押金尚有两人未退还，不符合条件。"}


def credit_repairs(world: World) -> Story:
    yield from _before_publicity_was_asked(world)
    world.clock.to_local(PUBLISHED, 9)
    record, other = recorded(world), violation(world, world.actor("clerk-1").institution_id or 0)
    round_id, _ = world.round("xuchang-2023", 2023)
    one, two, _ = cases_of(world, round_id)
    graded(world, round_id, [one, two])
    world.clock.to_local(APPLIED, 9)
    yield from _accepted(world)
    granted = yield from _shown(world, record)
    yield from _doubted(world, granted)
    yield from _of_a_grade(world, other)


def _before_publicity_was_asked(world: World) -> Story:
    """In 2023 the county grants by its own signature what it found itself."""
    world.clock.to_local(date(2023, 8, 9), 9)
    day = date(2023, 5, 8)
    case = _apply(world, recorded(world, "魏都区人社局", decided=day, until=date(2026, 5, 7)))
    _verified(world, case)
    yield move(world, case, "agree", LEADER)


def recorded(
    world: World,
    finder: str = "许昌市人社局",
    *,
    institution: int | None = None,
    decided: date = DECIDED,
    until: date = date(2027, 4, 8),
) -> int:
    """A violation that is public since the day after its decision."""
    institution = institution or world.actor(CLERK).institution_id or 0
    with world.database.read() as session:
        found_by = session.scalars(select(Authority.id).where(Authority.short_name == finder)).one()
    shown = {"public_from": decided + timedelta(days=1), "public_to": until, "repair_class": "general"}
    dated = {"acted_on": decided, "decided_on": decided}
    shown["classed_by_id"] = person(world, f"{COUNTY}-head", "section_head")
    return violation(world, institution, finding_authority=finder, finding_authority_id=found_by, **shown, **dated)


def graded(world: World, round_id: int, cases: list[int]) -> None:
    """A grade in force for each."""
    for case in cases:
        world.do(case, "propose", f"{COUNTY}-handler")
        signed(world, case, *(f"{COUNTY}-panel{seat}" for seat in range(1, 5)), LEADER)
    notice = world.notice(round_id, cases, f"{COUNTY}-handler")
    world.do(notice, "publish", LEADER)
    world.to(closes_on(world, notice) + timedelta(days=1))
    world.do(notice, "confirm_cleared", LEADER)


def signed_by_all(world: World, record: int, clerk: str) -> int:
    """Applied for and signed up to the finder: it waits for its publicity."""
    case = _application(world, record, clerk)().case_id
    _verified(world, case)
    signed(world, case, LEADER)
    if world.case(case).state != "awaiting_publicity":
        signed(world, case, f"{CITY}-handler", f"{CITY}-leader")
    return case


def _application(world: World, record: int, clerk: str = CLERK) -> Verb:
    form = {"record": record, "statement": REPORT, "files": [], "pledge": "given"}
    return partial(filed, world, repairs.apply, clerk, form)


def filed(world: World, entrance: Any, clerk: str, form: dict[str, Any]) -> Outcome:
    with world.write() as session:
        return entrance(session, form, world.actor(clerk), new_key(), world.at)


def _apply(world: World, record: int) -> int:
    return _application(world, record)().case_id


def _verified(world: World, case: int) -> None:
    world.do(case, "accept", f"{COUNTY}-head2")
    world.do(case, "verify", HANDLER, **VERIFIED, files=attached(world))


def _accepted(world: World) -> Story:
    """Every end before verification, and a refusal after it."""
    case = (yield _application(world, recorded(world))).case_id
    yield move(world, case, "ask_more", f"{COUNTY}-head2", opinion="补充收据")
    yield move(world, case, "supply", CLERK, statement=REPORT)
    world.do(case, "ask_more", f"{COUNTY}-head2", opinion="补充收据")
    yield lapse(world, case)
    yield move(world, case, "refuse", f"{COUNTY}-head2", opinion="不符合受理条件")
    yield move(world, _apply(world, recorded(world)), "withdraw", CLERK, opinion="另行申请")
    case = _apply(world, recorded(world))
    yield move(world, case, "accept", f"{COUNTY}-head2")
    yield move(world, case, "withdraw", CLERK, opinion="另行申请")
    case = _apply(world, recorded(world, "魏都区人社局"))
    world.do(case, "accept", f"{COUNTY}-head2")
    world.do(case, "verify", HANDLER, **REFUSED, files=[])
    yield move(world, case, "agree", LEADER)


def _shown(world: World, record: int) -> Generator[Verb, Any, int]:
    """Up to the city, that made the finding, and through its publicity."""
    case, others = _apply(world, record), [_apply(world, recorded(world)) for _ in range(2)]
    world.do(case, "accept", f"{COUNTY}-head2")
    proof = attached(world)
    yield move(world, case, "verify", HANDLER, **VERIFIED, files=proof)
    yield move(world, case, "rework", LEADER, opinion="补充核查")
    world.do(case, "verify", HANDLER, **VERIFIED, files=attached(world))
    signed(world, case, LEADER)
    yield move(world, case, "return_down", f"{CITY}-handler", opinion="重新核实")
    world.do(case, "verify", HANDLER, **VERIFIED, files=attached(world))
    signed(world, case, LEADER, f"{CITY}-handler")
    yield move(world, case, "agree", f"{CITY}-leader")
    for other in others:
        _verified(world, other)
        signed(world, other, LEADER, f"{CITY}-handler", f"{CITY}-leader")
    notice = notified(world, [case])
    yield move(world, notice, "publish", f"{CITY}-leader")
    yield move(world, notice, "withdraw", f"{CITY}-leader", opinion="公示内容有误")
    notice = notified(world, [case, *others])
    world.do(notice, "publish", f"{CITY}-leader")
    later = closes_on(world, notice) + timedelta(days=20)
    yield move(world, notice, "extend", f"{CITY}-leader", closes_on=later, opinion="延长公示")
    yield from contested(world, case, *others, CITY)
    yield move(world, case, "confirm", f"{CITY}-leader2")
    return case


def notified(world: World, cases: list[int], code: str = CITY) -> int:
    form = {"title": "信用修复公示", "opens_on": world.today, "cases": cases}
    policy, handler = world.case(cases[0]).policy_id, world.actor(f"{code}-handler")
    with world.write() as session:
        return draft_notice_under(session, form, policy, handler, new_key(), world.at).case_id


def _doubted(world: World, granted: int) -> Story:
    yield move(world, granted, "acknowledge", CLERK)
    yield move(world, granted, "doubt", f"{CITY}-handler2", opinion="押金仍未退还")
    yield lapse(world, granted)
    yield move(world, granted, "uphold", f"{CITY}-leader2", opinion="查无此事")
    for role in ("handler", "leader"):  # who has decided once does not decide again
        appointed(world, CITY, role, f"{CITY}-{role}3")
    world.do(granted, "doubt", f"{CITY}-handler3", opinion="押金仍未退还")
    yield move(world, granted, "defend", CLERK, statement=REPORT)
    yield move(world, granted, "rescind", f"{CITY}-leader3", opinion="承诺不实")


def _of_a_grade(world: World, record: int) -> Story:
    """上调等级: the grade is evaluated anew, and the repair ends when there is nothing left to bring back."""
    form = {"records": [record], "statement": REPORT, "files": [], "pledge": "given"}
    case = (yield partial(filed, world, repairs.apply_upgrade, "clerk-1", form)).case_id
    _verified(world, case)
    signed(world, case, LEADER)
    notice = notified(world, [case], COUNTY)
    world.do(notice, "publish", LEADER)
    world.to(closes_on(world, notice) + timedelta(days=1))
    yield move(world, case, "confirm", f"{COUNTY}-leader2")
    yield lapse(world, case)
