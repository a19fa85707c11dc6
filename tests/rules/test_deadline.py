"""The law's periods and dates: `deadlines.csv` and `fixed_dates.csv` hold the cases, each worked out by hand."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.rules.calendar import Calendar, Override, UncoveredYear
from workflow.rules.deadline import DeadlineRule, StartDay, Unit, compute, remaining, working_days_between
from workflow.rules.fixed_date import FixedDate

CALENDAR = Calendar()
CLAUSE = "民法典 第二百零一条"


def working(count: int, start_day: StartDay = "counted", closes: str = "24:00") -> DeadlineRule:
    return DeadlineRule(count, "working", start_day, "none", closes, CLAUSE)


def cases(file: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(file).open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


@pytest.mark.parametrize("case", cases("deadlines.csv"), ids=lambda case: "-".join(list(case.values())[:5]))
def test_a_period_ends_on_the_day_the_law_says(case: dict[str, str]) -> None:
    fields: dict[str, Any] = {name: case[name] for name in ("unit", "start_day", "roll")}
    rule = DeadlineRule(count=int(case["count"]), **fields, closes="24:00", clause=CLAUSE)
    deadline = compute(rule, date.fromisoformat(case["start"]), CALENDAR)
    assert deadline.due.isoformat() == case["due"], case["comment"]
    assert not deadline.provisional


def named(**changes: Any) -> FixedDate:
    fields: dict[str, Any] = {"month": 8, "day": 10, "year": "this", "included": True, "roll": "none"}
    fields |= {"closes": "24:00", "clause": CLAUSE, **changes}
    return FixedDate(**fields)


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


@pytest.mark.parametrize("case", cases("fixed_dates.csv"), ids=lambda case: "-".join(list(case.values())[:6]))
def test_a_named_date_is_the_day_that_the_text_says(case: dict[str, str]) -> None:
    when = {"month": _number(case["month"]), "day": _number(case["day"]), "year": case["year"], "roll": case["roll"]}
    rule = named(**when, included=case["included"] == "yes")
    deadline = compute(rule, date.fromisoformat(case["start"]), CALENDAR)
    assert deadline.due.isoformat() == case["due"], case["comment"]
    assert not deadline.provisional and deadline.days[-1].date == deadline.due


def test_a_named_date_needs_a_years_notice_only_to_roll() -> None:
    start = date(2026, 12, 1)
    assert not compute(named(month="next", day=3), start, CALENDAR).provisional
    with pytest.raises(UncoveredYear):
        compute(named(month="next", day=3, roll="next"), start, CALENDAR)


@pytest.mark.parametrize(
    ("field", "value"),
    [("month", 13), ("month", "last"), ("day", 0), ("day", 32), ("day", "first"), ("year", "last"), ("roll", "back"),
     ("included", "yes"), ("closes", "24:30"), ("clause", "")],
)  # fmt: skip
def test_an_impossible_date_names_its_field(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"fixed date: {field}$"):
        named(**{field: value})


def test_the_thirtieth_of_february_the_day_before_the_last_and_next_years_next_month_are_no_dates() -> None:
    for wrong, field in (
        ({"month": 2, "day": 30}, "day"),
        ({"day": "last", "included": False}, "included"),
        ({"month": "next", "year": "next"}, "year"),
    ):
        with pytest.raises(ValueError, match=f"fixed date: {field}$"):
            named(**wrong)


def test_the_proof_shows_every_day_across_the_national_holiday() -> None:
    deadline = compute(working(5), date(2023, 9, 25), CALENDAR)
    assert [day.date for day in deadline.days] == [date(2023, 9, 25) + timedelta(days=n) for n in range(13)]
    counted = [(day.date.day, day.number) for day in deadline.days if day.counted]
    assert counted == [(25, 1), (26, 2), (27, 3), (28, 4), (7, 5)]
    assert (deadline.days[-1].why, deadline.days[-1].name) == ("makeup", "国庆节")
    assert {day.why for day in deadline.days[4:-1]} == {"holiday"}


def test_the_proof_shows_the_days_a_last_day_rolled_over() -> None:
    rule = DeadlineRule(3, "month", "next", "next", "24:00", CLAUSE)
    days = compute(rule, date(2026, 7, 3), CALENDAR).days
    assert [(day.date.isoformat(), day.counted) for day in days[:3]] == [
        ("2026-07-03", False),
        ("2026-10-03", True),
        ("2026-10-04", False),
    ]
    assert days[-1].date == date(2026, 10, 8)


@pytest.mark.parametrize(
    ("closes", "instant"),
    [("24:00", datetime(2026, 3, 6, 16, tzinfo=UTC)), ("17:30", datetime(2026, 3, 6, 9, 30, tzinfo=UTC))],
)
def test_the_last_day_closes_at_its_hour_in_china(closes: str, instant: datetime) -> None:
    assert compute(working(5, closes=closes), date(2026, 3, 2), CALENDAR).instant == instant


def test_a_period_that_runs_into_an_unannounced_year_is_refused_or_provisional() -> None:
    with pytest.raises(UncoveredYear) as refused:
        compute(working(5), date(2026, 12, 30), CALENDAR)
    assert refused.value.year == 2027
    deadline = compute(working(5), date(2026, 12, 30), CALENDAR, provisional=True)
    assert deadline.provisional
    assert deadline.due == date(2027, 1, 6)
    assert [day.provisional for day in deadline.days[:2]] == [False, False]


def test_only_a_last_day_that_rolls_needs_the_notice_of_its_year() -> None:
    rule = DeadlineRule(1, "year", "next", "next", "24:00", CLAUSE)
    with pytest.raises(UncoveredYear):
        compute(rule, date(2026, 5, 1), CALENDAR)
    fixed = DeadlineRule(1, "year", "next", "none", "24:00", CLAUSE)
    assert not compute(fixed, date(2026, 5, 1), CALENDAR).provisional


def test_an_emergency_change_moves_the_due_day_and_the_calendar_version() -> None:
    closed = Calendar({date(2026, 3, 4): Override(False, "停止办公", "豫政办明电〔2026〕1号")})
    before, after = (compute(working(5), date(2026, 3, 2), calendar) for calendar in (CALENDAR, closed))
    assert (before.due, after.due) == (date(2026, 3, 6), date(2026, 3, 9))
    assert before.calendar_version != after.calendar_version


def test_remaining_days_count_down_to_zero_and_below() -> None:
    due = date(2023, 10, 7)
    left = [remaining(due, today, CALENDAR) for today in (date(2023, 9, 28), due, date(2023, 10, 9))]
    assert left == [1, 0, -2]


@pytest.mark.parametrize(
    ("field", "value"),
    [("count", 0), ("count", True), ("unit", "week"), ("start_day", "maybe"), ("roll", "back"), ("closes", "25:00"),
     ("closes", "9:00"), ("clause", " "), ("local", "yes")],
)  # fmt: skip
def test_a_faulty_rule_names_its_fields(field: str, value: object) -> None:
    rule: dict[str, Any] = {
        "count": 5, "unit": "working", "start_day": "next", "roll": "none", "closes": "24:00", "clause": CLAUSE
    }  # fmt: skip
    rule[field] = value
    with pytest.raises(ValueError, match=f"deadline rule: {field}$"):
        DeadlineRule(**rule)


days = st.dates(date(2004, 1, 1), date(2026, 6, 30))
counts = st.integers(1, 40)


@given(days, counts, st.sampled_from(["counted", "next"]))
def test_working_periods_end_on_working_days_and_agree_with_the_count_between(
    start: date, count: int, start_day: StartDay
) -> None:
    due = compute(working(count, start_day), start, CALENDAR).due
    assert CALENDAR.day(due).working
    before = start if start_day == "next" else start - timedelta(days=1)
    if before.year >= 2004:
        assert working_days_between(before, due, CALENDAR) == count


@given(days, counts, st.sampled_from(["working", "calendar", "month"]), st.sampled_from(["counted", "next"]))
def test_a_later_start_or_a_longer_period_never_ends_earlier(
    start: date, count: int, unit: Unit, start_day: StartDay
) -> None:
    def due(count: int, start: date) -> date:
        return compute(DeadlineRule(count, unit, start_day, "none", "24:00", CLAUSE), start, CALENDAR).due

    assert due(count, start) <= due(count, start + timedelta(days=1))
    assert due(count, start) < due(count + 1, start)
