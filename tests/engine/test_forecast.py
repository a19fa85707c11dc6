"""The time ledger of a case, and its forecast: the latest end, and what happens if nobody acts."""

from datetime import date
from itertools import pairwise

import pytest

from tests.cast import CITY, COUNTY, World
from workflow.engine import calendars
from workflow.engine.load import facts_of
from workflow.engine.permissions import SYSTEM
from workflow.engine.queries import due
from workflow.engine.queries.case_page import acts
from workflow.forecast import Forecast, Silence, forecast
from workflow.ledger import Used, ledger

HANDLER = f"{COUNTY}-handler"


@pytest.fixture
def case(world: World) -> int:
    return next(iter(world.round()[1].values()))


def report(world: World, case: int) -> None:
    world.do(case, "report", "clerk-0", statement="本年度依法经营，按时报送年度报告和统计。" * 2, files=[])


def seen(world: World, case: int) -> tuple[list[Used], Forecast | None]:
    with world.database.read() as session:
        facts = facts_of(session, case, SYSTEM, world.at)
        calendar, clocks = calendars.current(session), due.clocks(session, [case])
        timer, others = clocks.pop((case, "work"), None), list(clocks.values())
        used = ledger(facts.machine, reversed(acts(session, case)), calendar, world.today)
        return used, forecast(facts.machine, facts.levels, facts.full_state, timer, others, calendar, world.today)


def test_each_step_is_charged_with_its_working_days_and_pauses_apart(world, case):
    world.to(date(2026, 3, 4))
    report(world, case)
    world.to(date(2026, 3, 6))
    world.do(case, "pause", HANDLER, opinion="等待查询结果。")
    world.to(date(2026, 3, 11))
    world.do(case, "resume", HANDLER, opinion="结果已回。")
    world.to(date(2026, 3, 13))
    world.do(case, "propose", HANDLER)
    world.to(date(2026, 3, 17))
    used, _ = seen(world, case)
    assert [(one.state, one.step, one.days, one.paused, one.open) for one in used] == [
        ("self_report", "", 2, 0, False),
        ("county_review", "handler", 4, 3, False),
        ("county_review", "section_head", 2, 0, True),
    ]
    assert used[1].person


def test_everybody_using_the_whole_time_ends_when_each_deadline_follows_the_other(world, case):
    report(world, case)
    _, found = seen(world, case)
    assert found
    assert [f"{one.state}.{one.step}" for one in found.path] == [
        "county_review.handler", "county_review.section_head", "county_review.panel",
        "city_review.handler", "city_review.section_head", "city_review.leader",
        "province_review.handler", "province_review.leader",
        "awaiting_publicity.", "in_publicity.", "cleared.",
    ]  # fmt: skip
    ends = [one.ends_on for one in found.path]
    # ten working days a level, however many sign in it; 清明 4 to 6 April is off
    assert ends[:8] == [date(2026, 3, 16)] * 3 + [date(2026, 3, 30)] * 3 + [date(2026, 4, 14)] * 2
    assert (found.goal, found.ends_on) == ("effective", ends[-1])
    assert all(earlier <= later for earlier, later in pairwise(filter(None, ends)))


def test_silence_is_a_lapse_where_the_policy_has_one_and_else_overdue(world, case):
    _, found = seen(world, case)
    assert found
    # the report lapses at the end of the 16th; the county's ten days count from the 17th
    assert found.silence == [Silence(date(2026, 3, 16), "lapse"), Silence(date(2026, 3, 31))]


def test_what_the_forecast_says_about_silence_is_what_happens(world, case):
    _, found = seen(world, case)
    assert found
    world.to(date(2026, 3, 17))
    with world.database.read() as session:
        assert due.running(session, [case])[case].due_on == found.silence[1].on


def test_a_clock_that_stands_is_resumed_by_itself_and_a_case_in_force_has_no_forecast(world, case):
    report(world, case)
    world.do(case, "pause", HANDLER, opinion="等待查询结果。")
    _, found = seen(world, case)
    assert found
    assert (found.ends_on, found.silence) == (None, [Silence(date(2026, 4, 14), "resume")])


def test_a_notice_ends_by_itself(world, case):
    report(world, case)
    world.climb(case)
    with world.database.read() as session:
        round_id = facts_of(session, case, SYSTEM, world.at).case["round_id"]
    notice = world.notice(round_id, [case])
    world.do(notice, "publish", f"{CITY}-leader")
    _, found = seen(world, notice)
    assert found
    assert found.silence == [Silence(date(2026, 3, 6), "end")]
