"""What the public may read about notices. Each dataclass is an allow-list: what it has no field for is not shown.

An objection shows in one word, that its entry is held: not who objected, when, why, nor how often.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from models import (
    Authority,
    CalendarDay,
    CalendarRelease,
    Case,
    Document,
    HistoryEntry,
    Notice,
    PublicityEntry,
    Remark,
)
from models.base import canonical
from models.core import counted
from workflow.clock import legal_day
from workflow.engine import calendars
from workflow.engine.history import digest
from workflow.engine.load import rules_of, table_named
from workflow.engine.machine import MachineTable
from workflow.engine.queries.due import DaysLeft, days_left, running
from workflow.engine.reads import Line, lines
from workflow.engine.refusal import NotFound
from workflow.machines import MACHINES
from workflow.rules.policy import PolicyRules

PAGE = 20
Standing = Literal["open", "over", "held", "cleared", "upheld", "amended", "removed", "confirmed", "annulled"]

WAS_SHOWN = PublicityEntry.closes_at.is_not(None)
"""An entry that its notice only drafted, or left out when it opened, was shown to nobody."""


@dataclass(frozen=True, slots=True)
class NoticeLine:
    number: str
    title: str
    authority: str
    state: str
    opens_on: date
    closes_on: date
    entries: int
    days: DaysLeft | None


@dataclass(frozen=True, slots=True)
class Entry:
    """`shown` as it was frozen: what the machine of the notice shows (`Publicity.shows`); `now` what it would show
    today where the answer amended the result."""

    number: int
    name: str
    credit_code: str
    shown: dict[str, Any]
    standing: Standing
    now: dict[str, Any]
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Paper:
    """An official document as its reader gets it."""

    id: int
    number: str
    title: str
    body: str
    authority: str
    issued_on: date
    hash: str


@dataclass(frozen=True, slots=True)
class Change:
    """The end of the period moved: by a new holiday notice (its document), or for the authority's stated reason."""

    on: date
    old: date
    new: date
    reason: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticePage:
    """`machine` is that of the entries. `intact`: as they stand they still give the digest that was taken when the
    notice opened."""

    line: NoticeLine
    machine: str
    opened_at: datetime
    rule: dict[str, Any]
    digest: str
    intact: bool
    withdrawn_reason: str
    rules: PolicyRules
    entries: tuple[Entry, ...]
    confirmations: tuple[tuple[Paper, int], ...]
    changes: tuple[Change, ...] = ()


def notices(session: Session, at: datetime, *, running_only: bool, offset: int = 0) -> tuple[list[NoticeLine], int]:
    """One page of notices that have opened, the newest first, and how many there are."""
    wanted = _opened(Case.state == "open") if running_only else _opened(Case.state != "open")
    total = counted(session, wanted)
    rows = session.execute(wanted.order_by(Notice.opens_at.desc()).offset(offset).limit(PAGE)).all()
    return [_line(session, row, at) for row in rows], total


def count_running(session: Session) -> int:
    return counted(session, _opened(Case.state == "open"))


def notice(session: Session, number: str, at: datetime) -> NoticePage:
    """Raises NotFound for one that never opened, as for one that does not exist. A withdrawn one shows no entries."""
    row = session.execute(_opened(Case.number == number)).first()
    if row is None:
        raise NotFound
    shown = row.state != "withdrawn"
    return NoticePage(
        line=_line(session, row, at),
        machine=row.machine,
        opened_at=row.opens_at,
        rule=row.rule,
        digest=row.shown_hash,
        intact=_digest_now(session, row.id) == row.shown_hash,
        withdrawn_reason=row.withdrawn_reason,
        rules=rules_of(session, row.policy_id),
        entries=_entries(session, row, at) if shown else (),
        confirmations=_confirmations(session, row) if shown else (),
        changes=changes(session, row.id, row.opens_on),
    )


def changes(session: Session, notice_id: int, opens_on: date) -> tuple[Change, ...]:
    """How the end of a notice's period moved, in order; both dates stay on record."""
    entry = HistoryEntry
    query = select(entry.at, entry.move, entry.details, Remark.text)
    query = query.outerjoin(Remark, (Remark.case_id == entry.case_id) & (Remark.seq == entry.seq))
    moved = query.where(entry.case_id == notice_id, entry.move.in_(("extend", "recompute"))).order_by(entry.seq)
    return tuple(_change(session, row, opens_on) for row in session.execute(moved))


def _change(session: Session, row: Any, opens_on: date) -> Change:
    old, new = (date.fromisoformat(row.details[name]) for name in ("from", "to"))
    documents = _announced(session, opens_on, new, row.at) if row.move == "recompute" else ()
    return Change(legal_day(row.at), old, new, row.text or "", documents)


def _announced(session: Session, first: date, last: date, at: datetime) -> tuple[str, ...]:
    """The notices in force then that took days of the period away."""
    release = CalendarRelease
    days_off = CalendarDay.working.is_(False) & CalendarDay.day.between(first, last)
    query = select(release.document_number).join(CalendarDay).where(days_off, release.released_at <= at)
    return tuple(session.scalars(query.group_by(release.id, release.document_number).order_by(release.id)))


def subject_of(session: Session, number: str, entry: int) -> int:
    """The case that an entry of an open notice is about."""
    query = select(PublicityEntry.subject_id).join(Case, Case.id == PublicityEntry.notice_id).join(Notice)
    found = query.where(Case.number == number, WAS_SHOWN, PublicityEntry.number == entry)
    subject = session.scalar(found.where(Case.state != "withdrawn"))
    if subject is None:
        raise NotFound
    return subject


def shown_list(session: Session, number: str) -> list[dict[str, Any]]:
    """The list as it was frozen, each entry with its hash: what the notice's digest is made of."""
    query = select(PublicityEntry).join(Case, Case.id == PublicityEntry.notice_id).join(Notice)
    opened = query.where(Case.number == number, WAS_SHOWN, Case.state != "withdrawn")
    entries = session.scalars(opened.order_by(PublicityEntry.number)).all()
    if not entries:
        raise NotFound
    return [{**entry.snapshot, "sha256": digest("sha256", canonical(entry.snapshot))} for entry in entries]


def confirmation(session: Session, document_id: int) -> Paper:
    """A confirmation whose results have been in publicity; every other document is none of the public's."""
    found = session.get(Document, document_id) if document_id < 2**63 else None
    if found is None or not any(_confirms(session, found.id, table.detail) for table in _shown_machines()):
        raise NotFound
    return paper(session, found)


def _confirms(session: Session, document_id: int, detail: type[Any]) -> bool:
    shown = select(detail.case_id).join(PublicityEntry, PublicityEntry.subject_id == detail.case_id)
    return session.scalar(shown.where(detail.confirmation_id == document_id).limit(1)) is not None


def _shown_machines() -> list[MachineTable]:
    return [table for table in MACHINES.values() if table.publicity]


def paper(session: Session, document: Document) -> Paper:
    return Paper(
        id=document.id,
        number=document.number,
        title=document.title,
        body=document.body,
        authority=session.get_one(Authority, document.authority_id).name,
        issued_on=document.issued_on,
        hash=document.hash,
    )


def _opened(*where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    count = select(func.count()).where(PublicityEntry.notice_id == Case.id, WAS_SHOWN).scalar_subquery()
    head = (Case.id, Case.number, Case.state, Case.policy_id, Authority.name.label("authority"), count.label("entries"))
    query = select(*head, *Notice.__table__.columns).join(Notice, Notice.case_id == Case.id)
    return query.join(Authority, Authority.id == Notice.authority_id).where(Notice.opens_at.is_not(None), *where)


def _digest_now(session: Session, notice_id: int) -> str:
    entries = select(PublicityEntry.snapshot).where(PublicityEntry.notice_id == notice_id, WAS_SHOWN)
    shown = session.scalars(entries.order_by(PublicityEntry.number))
    return digest("sha256", "\n".join(digest("sha256", canonical(snapshot)) for snapshot in shown))


def _line(session: Session, row: Any, at: datetime) -> NoticeLine:
    timer = running(session, [row.id]).get(row.id) if row.state == "open" else None
    left = days_left(timer, calendars.current(session), at) if timer and at < timer.planned_at else None
    return NoticeLine(row.number, row.title, row.authority, row.state, row.opens_on, row.closes_on, row.entries, left)


def _entries(session: Session, row: Any, at: datetime) -> tuple[Entry, ...]:
    mine = select(PublicityEntry).where(PublicityEntry.notice_id == row.id, WAS_SHOWN).order_by(PublicityEntry.number)
    entries = session.scalars(mine).all()
    subjects = {line.id: line for line in lines(session, [entry.subject_id for entry in entries])}
    return tuple(_entry(entry, subjects[entry.subject_id], at) for entry in entries)


def _entry(entry: Any, subject: Line, at: datetime) -> Entry:
    showing = table_named(subject.machine).publicity
    return Entry(
        number=entry.number,
        name=entry.snapshot["name"],
        credit_code=entry.snapshot["credit_code"],
        shown=entry.snapshot,
        standing=_standing(entry, subject, at),
        now=showing.shows(subject) if showing and entry.outcome == "amended" else entry.snapshot,
        closes_at=entry.closes_at,
    )


def _standing(entry: PublicityEntry, subject: Line, at: datetime) -> Standing:
    if entry.held:
        return "held"
    if not entry.outcome:
        return "open" if entry.closes_at and at < entry.closes_at else "over"
    if entry.outcome == "removed":
        return "removed"
    if subject.detail["confirmation_id"] is not None:
        return "annulled" if subject.state == "annulled" else "confirmed"
    return _OUTCOMES[entry.outcome]


_OUTCOMES: dict[str, Standing] = {"cleared": "cleared", "upheld": "upheld", "amended": "amended"}


def _confirmations(session: Session, row: Any) -> tuple[tuple[Paper, int], ...]:
    """The documents that confirmed entries of this notice, each with how many of them."""
    entry = (PublicityEntry.notice_id == row.id) & PublicityEntry.outcome.in_(("cleared", "upheld", "amended"))
    detail = table_named(row.machine).detail
    query = select(detail.confirmation_id, func.count())
    query = query.join(PublicityEntry, PublicityEntry.subject_id == detail.case_id)
    query = query.where(entry, detail.confirmation_id.is_not(None)).group_by(detail.confirmation_id)
    rows = session.execute(query.order_by(detail.confirmation_id)).all()
    return tuple((paper(session, session.get_one(Document, id)), number) for id, number in rows)
