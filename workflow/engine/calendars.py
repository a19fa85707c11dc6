"""The working-day calendar in force: the published one with the released notices on top."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from models import CalendarDay, CalendarRelease
from models.prepared import Query
from workflow.rules.calendar import Calendar, Override, UncoveredYear
from workflow.rules.deadline import Deadline, Rule, compute


def current(
    session: Session, with_release: int | None = None, without: int | None = None, as_of: datetime | None = None
) -> Calendar:
    """Later releases win over earlier ones, day by day. `with_release` looks as if that one were in force already,
    `without` as if it never had been, `as_of` as it was at that instant."""
    if with_release is None and without is None and as_of is None:
        return _built(tuple(_IN_FORCE.all(session, {})))
    release = CalendarRelease
    counts = or_(release.released_at.is_not(None), release.id == with_release)
    counts = and_(counts, release.id != without) if without else counts
    counts = and_(counts, release.released_at <= as_of) if as_of else counts
    return _built(tuple(session.execute(_days(counts))))


def _days(counts: ColumnElement[bool]) -> Select[Any]:
    release = CalendarRelease
    query = select(release.id, release.announces_year, release.document_number, CalendarDay.day, CalendarDay.working)
    return query.add_columns(CalendarDay.name).outerjoin(CalendarDay).where(counts).order_by(release.id)


_IN_FORCE = Query(_days(CalendarRelease.released_at.is_not(None)))


@lru_cache(maxsize=32)
def _built(rows: tuple[Any, ...]) -> Calendar:
    """The same rows give the same calendar, which remembers the days that it has looked up."""
    overrides: dict[date, Override] = {}
    years: set[int] = set()
    for row in rows:
        years |= {row.announces_year} - {None}
        if row.day is not None:
            why = "override" if row.announces_year is None else "makeup" if row.working else "holiday"
            overrides[row.day] = Override(row.working, row.name, row.document_number, why)
    return Calendar(overrides=overrides, announced_years=frozenset(years))


def notices_since(
    session: Session, since: datetime, first: date, last: date, with_release: int | None = None
) -> list[str]:
    """The notices released from an instant on (or not yet, `with_release`) that say something about these days."""
    release = CalendarRelease
    later = or_(release.released_at >= since, release.id == with_release)
    years = release.announces_year.between(first.year, last.year)
    named = or_(CalendarDay.day.between(first, last), years)
    query = select(release.document_number).outerjoin(CalendarDay).where(later, named)
    return list(session.scalars(query.group_by(release.id, release.document_number).order_by(release.id)))


@lru_cache(maxsize=1024)
def deadline(rule: Rule, start: date, calendar: Calendar) -> Deadline:
    """The deadline; marked provisional where it rests on a year that nobody has announced."""
    try:
        return compute(rule, start, calendar)
    except UncoveredYear:
        return compute(rule, start, calendar, provisional=True)
