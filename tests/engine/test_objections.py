"""Objections and what they hold: every one of them must be answered, and the other side does not learn of them."""

from typing import Any

import pytest
from sqlalchemy import select

from models import Case
from tests.cast import CITY, World
from workflow.engine.permissions import sees

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
