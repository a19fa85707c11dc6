"""放假安排 as it is kept: the year day by day, the imported notices, and what one of them changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models import Authority, CalendarDay, CalendarRelease, Person
from workflow.calendar_notice import Shift, shifts
from workflow.calendar_watch import KEEPING_LEVELS
from workflow.engine import calendars
from workflow.engine.permissions import Actor
from workflow.engine.refusal import NotFound
from workflow.rules.calendar import Calendar, Day

KEEPERS = frozenset({"system_admin", "section_head", "leader"})


@dataclass(frozen=True, slots=True)
class Release:
    """An imported notice; `released_at` is None until a second person has put it in force."""

    id: int
    document: str
    year: int | None
    proposed_at: datetime
    proposed_by_id: int | None
    proposed_by: str
    released_at: datetime | None
    released_by: str
    days: list[tuple[date, bool, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Year:
    """`documents`: the notices its days off and make-up days come from, in the order of the year."""

    year: int
    days: list[Day]
    provisional: bool
    documents: list[str]


@dataclass(frozen=True, slots=True)
class Difference:
    day: date
    before: Day
    after: Day


def keeps(session: Session, actor: Actor) -> bool:
    """Whether the actor may import, release and apply notices."""
    place = session.get(Authority, actor.authority_id) if actor.authority_id and actor.role in KEEPERS else None
    return place is not None and place.level in KEEPING_LEVELS


def keeper(session: Session, actor: Actor) -> None:
    """Raises NotFound for everybody else."""
    if not keeps(session, actor):
        raise NotFound


def releases(session: Session, *where: Any) -> list[Release]:
    """The latest first."""
    by, second = aliased(Person), aliased(Person)
    query = select(CalendarRelease, by.name, second.name).where(*where).order_by(CalendarRelease.id.desc())
    query = query.outerjoin(by, by.id == CalendarRelease.proposed_by_id)
    query = query.outerjoin(second, second.id == CalendarRelease.released_by_id)
    rows = session.execute(query).all()
    return [_release(session, one, first or "", other or "") for one, first, other in rows]


def release(session: Session, release_id: int) -> Release:
    found = releases(session, CalendarRelease.id == release_id)
    if not found:
        raise NotFound
    return found[0]


def by_document(session: Session, document: str) -> Release:
    found = releases(session, CalendarRelease.document_number == document)
    if not found:
        raise NotFound
    return found[0]


def _release(session: Session, one: CalendarRelease, first: str, second: str) -> Release:
    columns = (CalendarDay.day, CalendarDay.working, CalendarDay.name)
    rows = session.execute(select(*columns).where(CalendarDay.release_id == one.id).order_by(CalendarDay.day))
    days = [(row.day, row.working, row.name) for row in rows]
    kept = (one.id, one.document_number, one.announces_year, one.proposed_at, one.proposed_by_id)
    return Release(*kept, first, one.released_at, second, days)


def year(calendar: Calendar, number: int) -> Year:
    days = list(_days(calendar, date(number, 1, 1), date(number, 12, 31)))
    documents = dict.fromkeys(day.document for day in days if day.document)
    return Year(number, days, any(day.provisional for day in days), list(documents))


def _days(calendar: Calendar, first: date, last: date) -> Iterator[Day]:
    for step in range((last - first).days + 1):
        yield calendar.day(first + timedelta(days=step), provisional=True)


def differences(session: Session, one: Release) -> list[Difference]:
    """The days that the notice makes others than they are without it (or were, once it is in force)."""
    without, within = calendars.current(session, without=one.id), calendars.current(session, with_release=one.id)
    first = date(one.year, 1, 1) if one.year else one.days[0][0]
    last = date(one.year, 12, 31) if one.year else one.days[-1][0]
    first, last = min(first, one.days[0][0]), max(last, one.days[-1][0])
    pairs = zip(_days(without, first, last), _days(within, first, last), strict=True)
    return [
        Difference(before.date, before, after)
        for before, after in pairs
        if (before.working, before.name) != (after.working, after.name)
    ]


def moved(
    session: Session, with_release: int | None = None, *, authority: str = "", machine: str = ""
) -> list[tuple[Shift, str]]:
    """The running deadlines that move, each with its authority's name; `authority` is a code."""
    rows = session.execute(select(Authority.id, Authority.code, Authority.short_name))
    known = {row.id: (row.code, row.short_name) for row in rows}
    if authority and authority not in {code for code, _ in known.values()}:
        raise NotFound
    return [
        (shift, known[shift.authority_id][1])
        for shift in shifts(session, with_release)
        if (not authority or known[shift.authority_id][0] == authority) and (not machine or shift.machine == machine)
    ]


def authorities(session: Session, ids: set[int]) -> list[tuple[str, str]]:
    """Code and short name, by code."""
    query = select(Authority.code, Authority.short_name).where(Authority.id.in_(ids)).order_by(Authority.code)
    return [(row.code, row.short_name) for row in session.execute(query)]
