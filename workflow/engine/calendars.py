"""The working-day calendar in force: the published one with the released notices on top."""

from datetime import date, datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from models import CalendarDay, CalendarRelease
from workflow.rules.calendar import Calendar, Override, UncoveredYear
from workflow.rules.deadline import Deadline, Rule, compute


def current(
    session: Session, with_release: int | None = None, without: int | None = None, as_of: datetime | None = None
) -> Calendar:
    """Later releases win over earlier ones, day by day. `with_release` looks as if that one were in force already,
    `without` as if it never had been, `as_of` as it was at that instant."""
    release = CalendarRelease
    counts = or_(release.released_at.is_not(None), release.id == with_release)
    counts = and_(counts, release.id != without) if without else counts
    counts = and_(counts, release.released_at <= as_of) if as_of else counts
    query = select(release.id, release.announces_year, release.document_number, CalendarDay.day, CalendarDay.working)
    query = query.add_columns(CalendarDay.name).outerjoin(CalendarDay).where(counts).order_by(release.id)
    overrides: dict[date, Override] = {}
    years: set[int] = set()
    for row in session.execute(query):
        years |= {row.announces_year} - {None}
        if row.day is not None:
            why = "override" if row.announces_year is None else "makeup" if row.working else "holiday"
            overrides[row.day] = Override(row.working, row.name, row.document_number, why)
    return Calendar(overrides=overrides, announced_years=frozenset(years))


def deadline(rule: Rule, start: date, calendar: Calendar) -> Deadline:
    """The deadline; marked provisional where it rests on a year that nobody has announced."""
    try:
        return compute(rule, start, calendar)
    except UncoveredYear:
        return compute(rule, start, calendar, provisional=True)
