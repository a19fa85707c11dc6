"""The demo's dates: everything is counted in working days from today, so that it works on any day of the year."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models import CalendarDay, CalendarRelease
from workflow.rules.calendar import Calendar, UncoveredYear
from workflow.rules.deadline import is_working_day

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDays:
    calendar: Calendar
    today: date

    def back(self, count: int) -> date:
        """The working day `count` before today; today itself is left alone, its hour is not known to be past."""
        return self.before(self.today, count)

    def before(self, day: date, count: int) -> date:
        return self._walk(day, count, -_ONE_DAY)

    def after(self, day: date, count: int) -> date:
        return self._walk(day, count, _ONE_DAY)

    def between(self, first: date, last: date) -> list[date]:
        """The working days from one day to another, both included."""
        days = (first + timedelta(days=step) for step in range((last - first).days + 1))
        return [day for day in days if self._works(day)]

    def _walk(self, day: date, count: int, step: timedelta) -> date:
        while count:
            day += step
            count -= self._works(day)
        return day

    def _works(self, day: date) -> bool:
        return is_working_day(day, self.calendar, provisional=True)


def year_before(day: date) -> date:
    """The corresponding day a year earlier; 29 February has the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 2, 28)


def announce(session: Session, years: range, at: datetime) -> None:
    """What a site would have imported by now: the days off of begun years that came after this release.

    A demo in such a year takes the statutory days alone, under a number that says so; years to come stay open.
    """
    for year in years:
        try:
            Calendar().day(date(year, 1, 1))
        except UncoveredYear:
            _release(session, year, at)


def _release(session: Session, year: int, at: datetime) -> None:
    release = {"document_number": f"演示日历〔{year}〕", "announces_year": year, "proposed_at": at, "released_at": at}
    release_id = session.execute(insert(CalendarRelease).values(**release).returning(CalendarRelease.id)).scalar_one()
    days = (date(year, 1, 1) + timedelta(days=step) for step in range(366))
    found = [Calendar().day(day, provisional=True) for day in days if day.year == year]
    off = [{"day": day.date, "working": False, "name": day.name} for day in found if day.why == "holiday"]
    session.execute(insert(CalendarDay), [{"release_id": release_id, **day} for day in off])
