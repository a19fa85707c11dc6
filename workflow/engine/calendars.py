"""The working-day calendar in force: the published one with the imported releases on top."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import CalendarDay, CalendarRelease
from workflow.rules.calendar import Calendar, Override, UncoveredYear
from workflow.rules.deadline import Deadline, DeadlineRule, compute


def current(session: Session) -> Calendar:
    """Later releases win over earlier ones, day by day."""
    days = (
        select(CalendarDay.day, CalendarDay.working, CalendarDay.name, CalendarRelease.document_number)
        .join(CalendarRelease)
        .order_by(CalendarRelease.id)
    )
    overrides = {d.day: Override(d.working, d.name, d.document_number) for d in session.execute(days)}
    announced = frozenset(year for year in session.scalars(select(CalendarRelease.announces_year)) if year is not None)
    return Calendar(overrides=overrides, announced_years=announced)


def deadline(rule: DeadlineRule, start: date, calendar: Calendar) -> Deadline:
    """The deadline; marked provisional where it rests on a year that nobody has announced."""
    try:
        return compute(rule, start, calendar)
    except UncoveredYear:
        return compute(rule, start, calendar, provisional=True)
