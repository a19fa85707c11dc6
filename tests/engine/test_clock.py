"""The clock of a step: stopped, resumed, extended. What the law gave is neither lost nor lengthened by accident.

County review under the demo policy: 10 working days, the start day not counted. Begun on Monday 2026-03-02 it ends
on Monday 2026-03-16.
"""

from datetime import date

import pytest
from sqlalchemy import select

from models import Timer
from tests.cast import CITY, COUNTY, World
from workflow.clock import legal_day
from workflow.engine import clockwork
from workflow.engine.load import facts_of
from workflow.engine.permissions import SYSTEM
from workflow.engine.refusal import Refused

HANDLER, LEADER = f"{COUNTY}-handler", f"{COUNTY}-leader"


@pytest.fixture
def case(world: World) -> int:
    case = next(iter(world.round()[1].values()))
    world.do(case, "report", "clerk-0", statement="本年度依法经营，按时报送年度报告和统计。" * 2, files=[])
    return case


def due(world: World, case: int) -> date:
    with world.database.read() as session:
        kinds = Timer.kind.in_(("lapse", "overdue"))
        return session.scalars(select(Timer.due_on).where(Timer.case_id == case, Timer.status == "armed", kinds)).one()


def test_a_pause_keeps_the_working_days_that_were_left(world, case):
    assert due(world, case) == date(2026, 3, 16)
    world.to(date(2026, 3, 5))  # Thursday: 7 working days left (6, 9, 10, 11, 12, 13, 16)
    world.do(case, "pause", HANDLER, opinion="等待市场监管部门查询结果。")
    assert world.case(case).due_at is None
    world.to(date(2026, 3, 18))
    world.do(case, "resume", HANDLER, opinion="查询结果已回。")
    assert due(world, case) == date(2026, 3, 27)  # 19, 20, 23, 24, 25, 26, 27 March


def test_a_pause_and_resumption_on_one_day_change_nothing(world, case):
    world.do(case, "pause", HANDLER, opinion="等待补充材料。")
    world.do(case, "resume", HANDLER, opinion="材料已到。")
    assert due(world, case) == date(2026, 3, 16)


def test_a_pause_on_the_last_day_leaves_the_day_of_resumption(world, case):
    world.to(date(2026, 3, 16))
    world.do(case, "pause", HANDLER, opinion="等待补充材料。")
    world.to(date(2026, 3, 20))
    world.do(case, "resume", HANDLER, opinion="材料已到。")
    assert due(world, case) == date(2026, 3, 20)
    assert legal_day(world.case(case).due_at) == date(2026, 3, 21)  # 24:00 of the 20th


def test_nothing_is_decided_while_the_clock_stands(world, case):
    world.do(case, "pause", HANDLER, opinion="等待补充材料。")
    with pytest.raises(Refused) as refused:
        world.do(case, "propose", HANDLER)
    assert refused.value.reason == "paused"


def test_the_clock_runs_again_by_itself_at_the_limit(world, case):
    world.do(case, "pause", HANDLER, opinion="等待补充材料。")
    world.to(date(2026, 4, 14))  # 30 working days after 2 March end on 14 April (清明 4–6 April is off)
    assert world.case(case).paused_at is not None
    world.to(date(2026, 4, 15))
    assert world.case(case).paused_at is None
    with pytest.raises(Refused) as refused:
        world.do(case, "pause", HANDLER, opinion="再次等待。")
    assert refused.value.reason == "pause_used_up"


def test_an_extension_is_the_leaders_limited_and_can_be_undone(world, case):
    with pytest.raises(Refused):
        world.do(case, "extend", HANDLER, count=5, opinion="案情复杂。")
    world.do(case, "extend", LEADER, count=5, opinion="案情复杂。")
    assert due(world, case) == date(2026, 3, 23)
    with pytest.raises(Refused) as refused:
        world.do(case, "extend", LEADER, count=6, opinion="案情复杂。")
    assert refused.value.reason == "extension_too_long"
    world.do(case, "undo_extension", LEADER, opinion="已查清。")
    assert due(world, case) == date(2026, 3, 16)


def test_ten_days_are_the_longest_extension_and_one_more_is_too_long(world, case):
    with pytest.raises(Refused) as refused:
        world.do(case, "extend", LEADER, count=11, opinion="案情复杂。")
    assert refused.value.reason == "extension_too_long"
    world.do(case, "extend", LEADER, count=10, opinion="案情复杂。")
    assert due(world, case) == date(2026, 3, 30)


def test_an_extension_cannot_be_undone_when_the_old_day_has_passed(world, case):
    world.do(case, "extend", LEADER, count=5, opinion="案情复杂。")
    world.to(date(2026, 3, 17))
    with pytest.raises(Refused) as refused:
        world.do(case, "undo_extension", LEADER, opinion="已查清。")
    assert refused.value.reason == "undo_too_late"


@pytest.mark.parametrize("move", ["pause", "extend"])
def test_a_reason_is_asked_for(world, case, move):
    with pytest.raises(Refused) as refused:
        world.do(case, move, HANDLER if move == "pause" else LEADER, **({"count": 1} if move == "extend" else {}))
    assert "opinion" in refused.value.fields


def test_what_a_turn_is_said_to_bring_is_what_it_brings(world, case):
    with world.database.read() as session:
        facts = facts_of(session, case, SYSTEM, world.at)
        offered = [one.due for one in clockwork.extensions(facts)]
        pause = clockwork.stop(facts)
        alone = clockwork.resumed_by_itself(facts, pause).due
    assert offered[4] == date(2026, 3, 23)
    assert offered[-1] == date(2026, 3, 30)
    assert (pause.due_on, alone) == (date(2026, 4, 14), date(2026, 4, 29))
    world.do(case, "pause", HANDLER, opinion="等待市场监管部门查询结果。")
    world.to(date(2026, 4, 15))
    assert due(world, case) == alone


def test_a_return_gives_the_step_its_whole_time_again(world, case):
    world.to(date(2026, 3, 10))
    world.do(case, "propose", HANDLER)
    world.do(case, "rework", f"{COUNTY}-head", "section_head", opinion="请补充核查记录。")
    assert due(world, case) == date(2026, 3, 24)


def test_another_authority_cannot_stop_the_clock(world, case):
    for login in (f"{CITY}-handler", "411003-handler", "clerk-0"):
        with pytest.raises(Refused):
            world.do(case, "pause", login, opinion="等待补充材料。")
