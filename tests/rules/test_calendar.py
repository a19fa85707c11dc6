from datetime import date, timedelta

import pytest

from workflow.rules.calendar import Calendar, Day, Override, UncoveredYear

NOTICE_2027 = "国办发明电〔2026〕0号"


@pytest.mark.parametrize(
    ("year", "working_days"),
    [(2023, 249), (2024, 251), (2025, 248), (2026, 248)],
)
def test_a_year_has_the_working_days_of_its_notice(year: int, working_days: int) -> None:
    new_year = date(year, 1, 1)
    days = (new_year + timedelta(days=step) for step in range((date(year + 1, 1, 1) - new_year).days))
    assert sum(Calendar().day(day).working for day in days) == working_days


@pytest.mark.parametrize(
    ("on", "working", "why", "name"),
    [
        ("2023-10-08", True, "makeup", "国庆节"),
        ("2023-09-29", False, "holiday", "中秋节"),
        ("2026-02-28", True, "makeup", "春节"),
        ("2026-03-07", False, "weekend", ""),
        ("2026-03-09", True, "weekday", ""),
    ],
)
def test_a_day_says_why_it_is_working_or_not(on: str, working: bool, why: str, name: str) -> None:
    day = Calendar().day(date.fromisoformat(on))
    assert (day.working, day.why, day.name) == (working, why, name)


def test_a_new_years_day_off_in_december_cites_the_coming_years_notice() -> None:
    assert Calendar().day(date(2022, 12, 31)).document == "国办发明电〔2022〕16号"


@pytest.mark.parametrize("year", [2003, 2027])
def test_a_year_without_a_notice_is_never_guessed(year: int) -> None:
    with pytest.raises(UncoveredYear) as refused:
        Calendar().day(date(year, 3, 1))
    assert refused.value.year == year


def test_a_provisional_year_knows_the_statutory_days_and_no_make_up_days() -> None:
    days = [Calendar().day(date(2027, 1, 1) + timedelta(days=step), provisional=True) for step in range(365)]
    assert all(day.provisional for day in days)
    assert days[0] == Day(date(2027, 1, 1), False, "holiday", "元旦", True)
    assert not any(day.working for day in days if day.date.weekday() >= 5)


def test_an_imported_notice_covers_its_year() -> None:
    days = {
        date(2027, 1, 1): Override(False, "元旦", NOTICE_2027, "holiday"),
        date(2027, 1, 9): Override(True, "元旦", NOTICE_2027, "makeup"),
    }
    announced = Calendar(days, frozenset({2027}))
    assert announced.day(date(2027, 1, 9)) == Day(date(2027, 1, 9), True, "makeup", "元旦", False, NOTICE_2027)
    assert announced.day(date(2027, 1, 4)).why == "weekday"
    assert announced.version.startswith("cn-2027-")
    assert announced.version != Calendar(days).version


def test_an_override_wins_over_the_notice() -> None:
    local = Calendar({date(2026, 10, 8): Override(False, "防汛停工", "许政明电〔2026〕3号")})
    assert local.day(date(2026, 10, 8)).why == "override"
    assert not local.day(date(2026, 10, 8)).working
