"""年度放假安排: whether the year that is coming has been announced, and telling an administrator when it is late."""

from datetime import date, datetime

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from models import Incident
from workflow.clock import legal_day
from workflow.engine import calendars
from workflow.rules.calendar import Calendar

NOTICE_MONTH = 11
"""The State Council announces a year's days off in the autumn before it: from November a missing one is told."""
MISSING = "year_missing"
KEEPING_LEVELS = frozenset({"city", "province"})
"""The calendar holds for every authority of the site, so it is kept at city level and above."""


def announced(calendar: Calendar, year: int) -> bool:
    return not calendar.day(date(year, NOTICE_MONTH, 1), provisional=True).provisional


def missing_year(calendar: Calendar, today: date) -> int | None:
    """This year or, when it is time that it were announced, the coming one."""
    asked = [today.year, today.year + 1] if today.month >= NOTICE_MONTH else [today.year]
    return next((year for year in asked if not announced(calendar, year)), None)


def watch(session: Session, at: datetime) -> bool:
    """Open an incident for a year that is missing. Safe to repeat; False when there is nothing to tell."""
    year = missing_year(calendars.current(session), legal_day(at))
    if year is None:
        return False
    row = {"kind": MISSING, "subject": str(year)}
    known = (Incident.kind == MISSING, Incident.subject == row["subject"], Incident.closed_at.is_(None))
    if session.scalar(select(exists().where(*known))):
        return False
    session.execute(insert(Incident).values(detail=str(year), opened_at=at, **row))
    return True


def settle(session: Session, document: str, at: datetime) -> None:
    """End what was told of years that a notice has announced since."""
    calendar = calendars.current(session)
    waiting = (Incident.kind == MISSING, Incident.closed_at.is_(None))
    told = select(Incident.id, Incident.subject).where(*waiting)
    known = [row.id for row in session.execute(told) if announced(calendar, int(row.subject))]
    session.execute(update(Incident).where(Incident.id.in_(known)).values(closed_at=at, resolution=document))
