"""A holiday notice: checked, released by a second person, and what it moves."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models import Case, HistoryEntry, Notice
from tests.cast import CITY, World
from workflow import calendar_notice
from workflow.calendar_file import unbalanced
from workflow.calendar_notice import BadNotice, read
from workflow.engine.refusal import Refused
from workflow.rules.calendar import Calendar, Override

STORM = """
document = "许政办〔2026〕9号"
[[off]]
name = "极端天气停工"
day = 2026-03-19
"""
MAKEUP_ON_MONDAY = STORM + '[[work]]\nname = "补班"\nday = 2026-03-23\n'


def faults(text: str, name: str = "notice.toml") -> set[str]:
    with pytest.raises(BadNotice) as bad:
        read(text, name)
    return {key for _, key in bad.value.faults}


def test_impossible_calendars_are_refused_with_the_place_and_the_rule():
    assert faults(MAKEUP_ON_MONDAY) == {"makeup_not_weekend"}
    assert faults(STORM + "[[off]]\nday = 2026-03-19\n") == {"day_twice"}
    assert faults(STORM.replace("许政办〔2026〕9号", " ")) == {"document_missing"}
    assert faults("document = ") == {"unreadable"}
    assert faults(STORM + "\n" + "x") == {"unreadable"}
    assert "statutory_day_missing" in faults('document = "国办〔2026〕0号"\nyear = 2027\n[[off]]\nday = 2027-01-01\n')
    assert faults("文号,年度,日期,类型,名称\n甲,,2026-03-20,补班,x\n", "notice.csv") == {"makeup_not_weekend"}


YEAR = Path(__file__).parents[1].joinpath("notice_2027.toml").read_text(encoding="utf-8")


def test_a_years_notice_gives_back_what_it_takes_beyond_the_statutory_days():
    """13 statutory days since 2025 (全国年节及纪念日放假办法 2): the example takes 18 weekdays and gives back 5."""
    notice = read(YEAR, "2027.toml")
    assert sum(one.working for one in notice.days.values()) == 5
    assert faults(YEAR.replace("2027-05-08", "2027-05-08\n[[work]]\nday = 2027-05-15")) == {"days_not_exchanged"}
    assert faults(YEAR.replace("to = 2027-10-07", "to = 2027-10-08")) == {"days_not_exchanged"}
    assert faults(YEAR.replace("to = 2027-01-04", "to = 2027-01-03")) == {"days_not_exchanged"}


def test_the_notice_says_when_a_day_off_at_a_weekend_is_made_up_for():
    """1 and 2 May 2027 are Saturday and Sunday: Friday before and Monday after do as well as Monday and Tuesday."""
    moved = YEAR.replace("from = 2027-05-01", "from = 2027-04-30").replace("to = 2027-05-05", "to = 2027-05-03")
    assert faults(moved) == {"days_not_exchanged"}
    assert read(moved.replace('[[work]]\nname = "劳动节"\nday = 2027-05-08\n', ""), "2027.toml").year == 2027


@pytest.mark.parametrize("year", [2004, 2005, *range(2007, 2027)])
def test_the_published_years_balance_by_the_same_rule(year: int):
    """What each year's notices moved, New Year's days in the December before among it. Two years had more than the law
    gives: 3 September 2015, and 2020, whose Spring Festival was prolonged by two days against the epidemic. (The table
    of 2006 lacks the make-up Saturday of 31 December 2005.)"""
    first = date(year - 1, 12, 1)
    near = [Calendar().day(first + timedelta(days=step), provisional=True) for step in range(31 + 366)]
    moved = [one for one in near if one.why in ("holiday", "makeup") and not one.provisional]
    own = [one for one in moved if one.date.year + (one.name == "元旦" and one.date.month > 1) == year]
    days = {one.date: Override(one.working) for one in own}
    assert bool(list(unbalanced(year, days))) == (year in (2015, 2020))


def released(world: World, text: str) -> int:
    first, second = world.actor(f"{CITY}-handler"), world.actor(f"{CITY}-head", "section_head")
    with world.write() as session:
        notice = calendar_notice.propose(session, read(text, "n.toml"), first, world.at)
    with pytest.raises(Refused) as refused, world.write() as session:
        calendar_notice.release(session, notice, first, world.at)
    assert refused.value.reason == "second_person"
    with world.database.read() as session:
        assert list(calendar_notice.shifts(session)) == []
    with world.write() as session:
        calendar_notice.release(session, notice, second, world.at)
    return notice


@pytest.fixture
def running(world: World) -> tuple[int, list[int], int]:
    """A notice open from Monday 16 March to Friday 20 March 2026, and one case still in review."""
    round_id, cases = world.round()
    first, second, third, _ = cases.values()
    world.to(date(2026, 3, 11))
    for case in (first, second, third):
        world.do(
            case, "report", f"clerk-{case - first}", statement="本年度依法经营，按时报送年度报告和统计。" * 2, files=[]
        )
    for case in (first, second):
        world.climb(case)
    world.to(date(2026, 3, 16))
    notice = world.notice(round_id, [first, second])
    world.do(notice, "publish", f"{CITY}-leader")
    return notice, [first, second], third


def recomputed(world: World) -> set[int]:
    with world.database.read() as session:
        found = list(calendar_notice.shifts(session))
    for shift in found:
        with world.write() as session:
            calendar_notice.apply(session, shift.case_id, f"recompute-{shift.case_id}", world.at)
    return {shift.case_id for shift in found}


def test_a_holiday_in_the_middle_of_a_publicity_moves_its_end_and_both_dates_stay_on_record(world, running):
    notice, entries, in_review = running
    assert world.entry(entries[0]).closes_at.date() == date(2026, 3, 20)  # 24:00 in Shanghai is 16:00 UTC
    world.to(date(2026, 3, 18))
    released(world, STORM)
    assert notice in recomputed(world)
    with world.database.read() as session:
        assert session.get_one(Notice, notice).closes_on == date(2026, 3, 23)
        moved = select(HistoryEntry).where(HistoryEntry.case_id == notice, HistoryEntry.move == "recompute")
        entry = session.scalars(moved).one()
        assert (entry.details["from"], entry.details["to"]) == ("2026-03-20", "2026-03-23")
    assert {world.entry(case).closes_at.date() for case in entries} == {date(2026, 3, 23)}
    world.to(date(2026, 3, 21))
    assert {world.case(case).state for case in entries} == {"in_publicity"}
    world.to(date(2026, 3, 24))
    assert {world.case(case).state for case in entries} == {"cleared"}
    assert recomputed(world) == set()


def test_a_running_publicity_is_never_shortened(world, running):
    notice, entries, _ = running
    world.to(date(2026, 3, 18))
    saturday = 'document = "许政办〔2026〕10号"\n[[work]]\nname = "补班"\nday = 2026-03-21\n'
    world.do(notice, "extend", f"{CITY}-leader", closes_on=date(2026, 3, 24), opinion="便于群众查阅。")
    released(world, saturday)
    assert notice not in recomputed(world)
    with pytest.raises(Refused) as refused, world.write() as session:
        calendar_notice.apply(session, notice, "again", world.at)
    assert refused.value.reason == "would_shorten"


def test_cases_whose_deadline_does_not_move_are_not_touched(world, running):
    _, _, in_review = running
    world.to(date(2026, 3, 18))
    with world.database.read() as session:
        before = {one.id: one.version for one in session.scalars(select(Case))}
    released(world, STORM.replace("2026-03-19", "2026-11-19"))
    moved = recomputed(world)
    with world.database.read() as session:
        after = {one.id: one.version for one in session.scalars(select(Case))}
    assert {case for case in after if after[case] != before[case]} == moved
    assert in_review not in moved


def test_a_preview_shows_what_a_notice_would_move_before_anybody_releases_it(world, running):
    notice, _, in_review = running
    with world.write() as session:
        proposed = calendar_notice.propose(session, read(STORM, "n.toml"), world.actor(f"{CITY}-handler"), world.at)
        shown = {shift.case_id: (shift.old, shift.new) for shift in calendar_notice.shifts(session, proposed)}
    assert shown[notice] == (date(2026, 3, 20), date(2026, 3, 23))
    assert shown[in_review] == (date(2026, 3, 25), date(2026, 3, 26))
