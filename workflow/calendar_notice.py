"""放假安排: a notice proposed by one person, released by another; and the running deadlines that it moves."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, not_, or_, select, update
from sqlalchemy.orm import Session

from models import CalendarDay, CalendarRelease, Case, Incident, Timer
from models.core import table_of
from models.database import Database
from workflow import calendar_watch
from workflow.calendar_file import BadNotice, Notice, read
from workflow.engine import calendars, deeds
from workflow.engine.act import act
from workflow.engine.clockwork import found_by
from workflow.engine.permissions import SYSTEM, Actor
from workflow.engine.plan import STEP
from workflow.engine.refusal import NotFound, Refused


@dataclass(frozen=True)
class Shift:
    """A running deadline that another calendar would end on another day; `why`: the notices that make it so."""

    case_id: int
    number: str
    machine: str
    state: str
    authority_id: int
    purpose: str
    rule_key: str
    old: date
    new: date
    why: tuple[str, ...]

    @property
    def moves(self) -> bool:
        return self.old != self.new


def propose(session: Session, notice: Notice, actor: Actor, at: datetime) -> int:
    """Keep a checked notice until somebody else releases it."""
    if session.scalar(select(CalendarRelease.id).where(CalendarRelease.document_number == notice.document)):
        raise Refused("notice_exists", document=notice.document)
    row = {"document_number": notice.document, "announces_year": notice.year, "proposed_at": at}
    kept = insert(CalendarRelease).values(proposed_by_id=actor.person_id, **row).returning(CalendarRelease.id)
    release_id = session.execute(kept).scalar_one()
    days = [
        {"release_id": release_id, "day": day, "working": one.working, "name": one.name}
        for day, one in sorted(notice.days.items())
    ]
    session.execute(insert(table_of(CalendarDay)), days)
    deeds.record(session, actor, at, "notice_proposed", release=release_id, document=notice.document)
    return release_id


def release(session: Session, release_id: int, actor: Actor, at: datetime) -> None:
    """A second person puts the notice in force."""
    found = session.get(CalendarRelease, release_id)
    if found is None or found.released_at is not None:
        raise NotFound
    if actor.person_id is None or actor.person_id == found.proposed_by_id:
        raise Refused("second_person")
    one = update(CalendarRelease).where(CalendarRelease.id == release_id)
    session.execute(one.values(released_at=at, released_by_id=actor.person_id))
    deeds.record(session, actor, at, "notice_released", release=release_id, document=found.document_number)
    _free(session, found.document_number, at)


def shifts(session: Session, with_release: int | None = None) -> Iterator[Shift]:
    """Every running deadline that the calendar in force (and a release not yet in force) would move."""
    calendar = calendars.current(session, with_release=with_release)
    timer, case = table_of(Timer), table_of(Case)
    # The entries of a notice move with it, and what a person chose does not move.
    fixed = or_(timer.c.rule_key == "chosen", (timer.c.state == "in_publicity") & (timer.c.purpose == STEP))
    running = (timer.c.status == "armed", timer.c.kind.in_(("lapse", "overdue")), not_(fixed))
    query = select(timer, case.c.number, case.c.machine, case.c.authority_id).join(case, case.c.id == timer.c.case_id)
    for row in session.execute(query.where(*running).order_by(timer.c.planned_at, timer.c.id)):
        found = found_by(row.rule, row.started_on, calendar)
        if row.state == "open" and row.purpose == STEP and found.due < row.due_on:
            continue  # a running publicity is never shortened
        if found.due != row.due_on or found.provisional != row.provisional:
            last = max(row.due_on, found.due)
            why = calendars.notices_since(session, row.armed_at, row.started_on, last, with_release)
            where = (row.case_id, row.number, row.machine, row.state, row.authority_id, row.purpose, row.rule_key)
            yield Shift(*where, row.due_on, found.due, tuple(why))


def apply(
    session: Session, case_id: int, request_id: str, at: datetime, *, clock: str = STEP, moves: bool = True
) -> None:
    """Recompute one deadline of a case, as the system, with a history entry that holds both dates and why.

    A day that stands (not `moves`) is only no longer a guess.
    """
    if moves:
        act(session, case_id, "recompute", SYSTEM, form={"clock": clock}, request_id=request_id, at=at)
    else:
        unsure = (Timer.case_id == case_id, Timer.purpose == clock, Timer.status == "armed", Timer.provisional)
        session.execute(update(Timer).where(*unsure).values(provisional=False))


def apply_each(
    database: Database, chosen: Iterable[Shift], request_of: Callable[[Shift], str], at: datetime
) -> Iterator[tuple[Shift, Refused | None]]:
    """Case by case, each in a transaction of its own; one that is refused keeps its date and stops no other."""
    for shift in chosen:
        try:
            with database.write() as session:
                apply(session, shift.case_id, request_of(shift), at, clock=shift.purpose, moves=shift.moves)
        except Refused as refused:
            yield shift, refused
        else:
            yield shift, None


def _free(session: Session, document: str, at: datetime) -> None:
    """What waited for a year's notice is armed again: the sweep computes its day anew, and moves or fires it."""
    calendar = calendars.current(session)
    waiting = session.execute(select(table_of(Timer)).where(Timer.status == "parked", Timer.provisional))
    ids = [row.id for row in waiting if not found_by(row.rule, row.started_on, calendar).provisional]
    armed = {"status": "armed", "fire_at": at, "ended_at": None}
    session.execute(update(Timer).where(Timer.id.in_(ids), Timer.status == "parked").values(**armed))
    told = (Incident.timer_id.in_(ids), Incident.kind == "year_not_announced", Incident.closed_at.is_(None))
    session.execute(update(Incident).where(*told).values(closed_at=at, resolution=document))
    calendar_watch.settle(session, document, at)


__all__ = ["BadNotice", "Notice", "Shift", "apply", "apply_each", "propose", "read", "release", "shifts"]
