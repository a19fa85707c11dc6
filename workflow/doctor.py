"""What a site's keeper must know: one finding per thing that is wrong, each with a key whose text says what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models import Dispatch, Incident, Timer
from models.core import table_of
from workflow.calendar_watch import missing_year
from workflow.clock import legal_day
from workflow.engine import calendars
from workflow.engine.invariants import broken

SOUND_SQLITE = (3, 51, 3)
"""Before this version a WAL reset may corrupt a database (sqlite.org, "WAL-reset bug")."""
SKEW = timedelta(seconds=30)
LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Finding:
    level: Literal["warning", "error"]
    key: str
    details: dict[str, Any] = field(default_factory=dict)


def examine(session: Session, at: datetime) -> Iterator[Finding]:
    """Every check in turn; nothing is changed."""
    for check in CHECKS:
        yield from check(session, at)


def library(session: Session, _at: datetime) -> Iterator[Finding]:
    if session.connection().dialect.name == "sqlite":
        version = str(session.scalar(text("SELECT sqlite_version()")))
        if tuple(map(int, version.split("."))) < SOUND_SQLITE:
            yield Finding("warning", "sqlite_version", {"version": version})


def clock(session: Session, at: datetime) -> Iterator[Finding]:
    if session.connection().dialect.name == "postgresql":
        skew = abs(session.execute(text("SELECT clock_timestamp()")).scalar_one() - at)
        if skew > SKEW:
            yield Finding("error", "clock_skew", {"seconds": int(skew.total_seconds())})


def calendar(session: Session, at: datetime) -> Iterator[Finding]:
    if year := missing_year(calendars.current(session), legal_day(at)):
        yield Finding("warning", "year_not_announced", {"year": year})


def lateness(session: Session, at: datetime) -> Iterator[Finding]:
    timer, message = table_of(Timer), table_of(Dispatch)
    waiting = (timer.c.status == "armed", timer.c.fire_at < at - LATE)
    if late := session.scalar(select(func.count()).select_from(timer).where(*waiting)):
        yield Finding("error", "timers_late", {"count": late})
    stuck = select(func.count()).select_from(message).where(message.c.status == "dead")
    if dead := session.scalar(stuck):
        yield Finding("error", "messages_dead", {"count": dead})


def incidents(session: Session, _at: datetime) -> Iterator[Finding]:
    if found := session.scalar(select(func.count()).select_from(Incident).where(Incident.closed_at.is_(None))):
        yield Finding("warning", "incidents_open", {"count": found})


def invariants(session: Session, _at: datetime) -> Iterator[Finding]:
    for breach in broken(session):
        yield Finding("error", "invariant_broken", {"what": str(breach)})


CHECKS: tuple[Callable[[Session, datetime], Iterator[Finding]], ...] = (
    library,
    clock,
    calendar,
    lateness,
    incidents,
    invariants,
)
