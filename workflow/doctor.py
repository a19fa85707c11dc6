"""What a site's keeper must know: one finding per thing that is wrong, each with a key whose text says what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models import Dispatch, Incident, Seal, Timer, schema
from models.core import table_of
from models.sqlite_log import wal_reset_safe
from workflow.calendar_watch import missing_year
from workflow.clock import legal_day
from workflow.engine import calendars
from workflow.engine.invariants import broken

SKEW = timedelta(seconds=30)
LATE = timedelta(minutes=10)
UNSEALED = timedelta(days=2)


@dataclass(frozen=True)
class Finding:
    level: Literal["notice", "warning", "error"]
    key: str
    details: dict[str, Any] = field(default_factory=dict)


def examine(session: Session, at: datetime) -> Iterator[Finding]:
    """Every check in turn; nothing is changed."""
    for check in CHECKS:
        yield from check(session, at)


def library(session: Session, _at: datetime) -> Iterator[Finding]:
    if session.connection().dialect.name == "sqlite":
        version = str(session.scalar(text("SELECT sqlite_version()")))
        if not wal_reset_safe(tuple(map(int, version.split(".")))):
            yield Finding("notice", "sqlite_version", {"version": version})


def guards(session: Session, _at: datetime) -> Iterator[Finding]:
    """The triggers that keep history from being changed; whoever owns the database can drop them."""
    if gone := sorted(schema.guards() - schema.standing_guards(session.connection())):
        yield Finding("error", "guards_missing", {"names": "、".join(gone)})


def sealing(session: Session, at: datetime) -> Iterator[Finding]:
    last = session.scalar(select(func.max(Seal.sealed_at)))
    if last is not None and at - last > UNSEALED:
        yield Finding("error", "seal_late", {"day": legal_day(last).isoformat()})


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
    guards,
    clock,
    calendar,
    lateness,
    sealing,
    incidents,
    invariants,
)
