"""The proof of a deadline across pauses and extensions: each day once, counted or with its reason."""

from datetime import date

import pytest

from tests.cast import COUNTY, World
from workflow import calendar_notice
from workflow.engine.queries.proof import Proof, proof

HANDLER, LEADER = f"{COUNTY}-handler", f"{COUNTY}-leader"


@pytest.fixture
def case(world: World) -> int:
    case = next(iter(world.round()[1].values()))
    world.do(case, "report", "clerk-0", statement="本年度依法经营，按时报送年度报告和统计。" * 2, files=[])
    return case


def proved(world: World, case: int) -> Proof:
    with world.database.read() as session:
        found = proof(session, case, world.today)
    assert found is not None
    assert [day.date for day in found.days] == sorted({day.date for day in found.days})
    return found


def counted(found: Proof) -> list[tuple[int, int]]:
    return [(day.date.day, day.number) for day in found.days if day.counted]


def test_a_plain_deadline_is_counted_from_its_start(world, case):
    found = proved(world, case)
    days = [3, 4, 5, 6, 9, 10, 11, 12, 13, 16]
    assert counted(found) == [(day, number) for number, day in enumerate(days, 1)]
    assert (found.turns, found.rule["count"], found.paused) == ([], 10, False)


def test_a_pause_stands_still_in_the_middle_with_its_reason(world, case):
    world.to(date(2026, 3, 5))
    world.do(case, "pause", HANDLER, opinion="等待查询结果。")
    standing = proved(world, case)
    assert (standing.paused, counted(standing)[-1], standing.rule["count"]) == (True, (5, 3), 10)
    world.to(date(2026, 3, 18))
    world.do(case, "resume", HANDLER, opinion="结果已回。")
    found = proved(world, case)
    assert counted(found)[2:4] == [(5, 3), (19, 4)]
    assert found.days[-1].date == found.due_on == date(2026, 3, 27)
    still = [day for day in found.days if day.why == "paused"]
    assert (still[0].date.day, still[-1].date.day, still[0].name) == (6, 18, "等待查询结果。")
    assert (found.started_on, found.rule["count"]) == (date(2026, 3, 2), 10)
    assert [(turn.move, turn.opinion) for turn in found.turns] == [
        ("pause", "等待查询结果。"),
        ("resume", "结果已回。"),
    ]


def test_an_extension_counts_on_and_says_who_and_why(world, case):
    world.do(case, "extend", LEADER, count=5, opinion="案情复杂。")
    found = proved(world, case)
    assert (counted(found)[-1], found.rule["count"], found.rule["extended"]) == ((23, 15), 15, 5)
    (turn,) = found.turns
    assert (turn.opinion, turn.details["from"], turn.details["to"]) == ("案情复杂。", "2026-03-16", "2026-03-23")
    assert turn.person


def test_a_pause_on_the_last_day_leaves_nothing_to_count(world, case):
    world.to(date(2026, 3, 16))
    world.do(case, "pause", HANDLER, opinion="等待补充材料。")
    world.to(date(2026, 3, 20))
    world.do(case, "resume", HANDLER, opinion="材料已到。")
    found = proved(world, case)
    assert (counted(found)[-1], found.days[-1].date.day, found.rule["count"]) == ((16, 10), 20, 10)


def test_a_deadline_is_proved_on_the_calendar_it_was_computed_with(world, case):
    notice = 'document = "许政办〔2026〕9号"\n[[off]]\nname = "极端天气停工"\nday = 2026-03-10\n'
    world.to(date(2026, 3, 5))
    with world.write() as session:
        first, second = world.actor(f"{COUNTY}-handler"), world.actor(f"{COUNTY}-leader")
        storm = calendar_notice.propose(session, calendar_notice.read(notice, "n.toml"), first, world.at)
        calendar_notice.release(session, storm, second, world.at)
    before = proved(world, case)
    assert (counted(before)[-1], before.documents) == ((16, 10), {})
    world.to(date(2026, 3, 6))
    with world.write() as session:
        calendar_notice.apply(session, case, "recompute", world.at)
    after = proved(world, case)
    assert (counted(after)[-1], after.due_on) == ((17, 10), date(2026, 3, 17))
    assert after.documents == {date(2026, 3, 10): "许政办〔2026〕9号"}
