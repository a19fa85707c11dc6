"""Objections and what they hold: every one of them must be answered, and the other side does not learn of them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models import Case, Notice, OutboxMessage, PublicityEntry, Timer
from tests.cast import CITY, World
from workflow.engine.invariants import broken
from workflow.engine.permissions import sees
from workflow.engine.queries.public import shown_list
from workflow.engine.refusal import Refused

NAME = "魏都示例甲人力资源有限公司"
REPORT: dict[str, Any] = {"statement": "本年度依法经营，按时报送年度报告和统计，无违法违规。", "files": []}


@pytest.fixture
def shown(world: World) -> int:
    """An evaluation in publicity."""
    round_id, cases = world.round()
    world.do(cases[NAME], "report", "clerk-0", **REPORT)
    world.climb(cases[NAME])
    world.do(world.notice(round_id, [cases[NAME]]), "publish", f"{CITY}-leader")
    return cases[NAME]


def test_of_two_objections_both_must_be_answered_before_the_entry_is_free(world: World, shown: int) -> None:
    first, second = world.object(shown), world.object(shown)
    world.do(first, "refuse", f"{CITY}-head2", "section_head", opinion="所反映的不是公示内容。")
    assert (world.case(shown).state, world.entry(shown).held) == ("contested", True)
    world.do(second, "refuse", f"{CITY}-head2", "section_head", opinion="所反映的不是公示内容。")
    assert (world.case(shown).state, world.entry(shown).held) == ("in_publicity", False)


def test_a_clerk_sees_the_own_evaluation_and_not_who_objects_to_it(world: World, shown: int) -> None:
    world.object(shown)
    with world.database.read() as session:
        mine = session.scalars(select(Case.id).where(sees(world.actor("clerk-0")))).all()
        others = session.scalars(select(Case.id).where(sees(world.actor("clerk-1")))).all()
    assert list(mine) == [shown]
    assert shown not in others


def test_a_notice_opens_without_what_was_shown_elsewhere_meanwhile(world: World) -> None:
    """Two notices name one result. The first to open shows it; the other opens in time, with the rest."""
    round_id, cases = world.round()
    first, second = cases[NAME], cases["魏都示例乙人力资源有限公司"]
    for case_id, clerk in ((first, "clerk-0"), (second, "clerk-1")):
        world.do(case_id, "report", clerk, **REPORT)
        world.climb(case_id)
    later = world.notice(round_id, [first, second], opens_on=world.today + timedelta(days=1))
    world.do(later, "publish", f"{CITY}-leader")
    world.do(world.notice(round_id, [first]), "publish", f"{CITY}-leader")
    world.to(world.today + timedelta(days=1))
    assert world.case(later).state == "open"
    assert world.case(second).state == "in_publicity"
    with world.database.read() as session:
        shown = session.scalars(select(PublicityEntry).where(PublicityEntry.notice_id == later)).all()
        found = list(broken(session))
        number = session.get_one(Case, later).number
        public = shown_list(session, number)
    assert {one.subject_id: one.outcome for one in shown} == {first: "removed", second: ""}
    assert [one["name"] for one in public] == ["魏都示例乙人力资源有限公司"]
    assert found == []


def test_a_notice_with_nothing_left_to_show_is_refused(world: World) -> None:
    round_id, cases = world.round()
    world.do(cases[NAME], "report", "clerk-0", **REPORT)
    world.climb(cases[NAME])
    twin = world.notice(round_id, [cases[NAME]])
    world.do(world.notice(round_id, [cases[NAME]]), "publish", f"{CITY}-leader")
    with pytest.raises(Refused) as caught:
        world.do(twin, "publish", f"{CITY}-leader")
    assert caught.value.reason == "nothing_to_show"


def test_a_scheduled_notice_with_nothing_left_is_withdrawn_on_its_day_and_its_drafter_told(world: World) -> None:
    round_id, cases = world.round()
    world.do(cases[NAME], "report", "clerk-0", **REPORT)
    world.climb(cases[NAME])
    later = world.notice(round_id, [cases[NAME]], opens_on=world.today + timedelta(days=1))
    world.do(later, "publish", f"{CITY}-leader")
    world.do(world.notice(round_id, [cases[NAME]]), "publish", f"{CITY}-leader")
    world.to(world.today + timedelta(days=1))
    assert world.case(later).state == "withdrawn"
    with world.database.read() as session:
        assert session.scalars(select(Notice.withdrawn_reason).where(Notice.case_id == later)).one()
        assert session.scalars(select(Timer.last_error).where(Timer.last_error != "")).all() == []
        told = session.scalars(select(OutboxMessage.event).where(OutboxMessage.case_id == later)).all()
        found = list(broken(session))
    assert "publicity.open" in told
    assert found == []
