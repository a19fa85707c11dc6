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
    Evaluation,
    HistoryEntry,
    Notice,
    PublicityEntry,
    Remark,
)
from models.base import canonical
from workflow.clock import legal_day
from workflow.engine import calendars
from workflow.engine.history import digest
from workflow.engine.load import rules_of
from workflow.engine.queries.due import DaysLeft, days_left, running
from workflow.engine.refusal import NotFound
from workflow.rules.policy import PolicyRules

PAGE = 20
Standing = Literal["open", "over", "held", "cleared", "upheld", "amended", "removed", "confirmed", "annulled"]


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
    """`name`, `grade` and `met` (ids of conditions) as they were frozen; `grade_now` where the answer amended it."""

    number: int
    name: str
    credit_code: str
    grade: str
    met: tuple[str, ...]
    standing: Standing
    grade_now: str
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
    """`intact`: the entries as they stand still give the digest that was taken when the notice opened."""

    line: NoticeLine
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
    total = session.scalar(select(func.count()).select_from(wanted.order_by(None).subquery())) or 0
    rows = session.execute(wanted.order_by(Notice.opens_at.desc()).offset(offset).limit(PAGE)).all()
    return [_line(session, row, at) for row in rows], total


def count_running(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(_opened(Case.state == "open").subquery())) or 0


def notice(session: Session, number: str, at: datetime) -> NoticePage:
    """Raises NotFound for one that never opened, as for one that does not exist. A withdrawn one shows no entries."""
    row = session.execute(_opened(Case.number == number)).first()
    if row is None:
        raise NotFound
    shown = row.state != "withdrawn"
    return NoticePage(
        line=_line(session, row, at),
        opened_at=row.opens_at,
        rule=row.rule,
        digest=row.shown_hash,
        intact=_digest_now(session, row.id) == row.shown_hash,
        withdrawn_reason=row.withdrawn_reason,
        rules=rules_of(session, row.policy_id),
        entries=tuple(_entry(one, at) for one in _entries(session, row.id)) if shown else (),
        confirmations=_confirmations(session, row.id) if shown else (),
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
    found = query.where(Case.number == number, Notice.opens_at.is_not(None), PublicityEntry.number == entry)
    subject = session.scalar(found.where(Case.state != "withdrawn"))
    if subject is None:
        raise NotFound
    return subject


def shown_list(session: Session, number: str) -> list[dict[str, Any]]:
    """The list as it was frozen, each entry with its hash: what the notice's digest is made of."""
    query = select(PublicityEntry).join(Case, Case.id == PublicityEntry.notice_id).join(Notice)
    opened = query.where(Case.number == number, Notice.opens_at.is_not(None), Case.state != "withdrawn")
    entries = session.scalars(opened.order_by(PublicityEntry.number)).all()
    if not entries:
        raise NotFound
    return [{**entry.snapshot, "sha256": digest("sha256", canonical(entry.snapshot))} for entry in entries]


def confirmation(session: Session, document_id: int) -> Paper:
    """A confirmation whose results have been in publicity; every other document is none of the public's."""
    shown = select(Evaluation.case_id).join(PublicityEntry, PublicityEntry.subject_id == Evaluation.case_id)
    found = session.get(Document, document_id) if document_id < 2**63 else None
    if found is None or not session.scalar(shown.where(Evaluation.confirmation_id == document_id).limit(1)):
        raise NotFound
    return paper(session, found)


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
    count = select(func.count()).where(PublicityEntry.notice_id == Case.id).scalar_subquery()
    head = (Case.id, Case.number, Case.state, Case.policy_id, Authority.name.label("authority"), count.label("entries"))
    query = select(*head, *Notice.__table__.columns).join(Notice, Notice.case_id == Case.id)
    return query.join(Authority, Authority.id == Notice.authority_id).where(Notice.opens_at.is_not(None), *where)


def _digest_now(session: Session, notice_id: int) -> str:
    entries = select(PublicityEntry.snapshot).where(PublicityEntry.notice_id == notice_id)
    shown = session.scalars(entries.order_by(PublicityEntry.number))
    return digest("sha256", "\n".join(digest("sha256", canonical(snapshot)) for snapshot in shown))


def _line(session: Session, row: Any, at: datetime) -> NoticeLine:
    timer = running(session, [row.id]).get(row.id) if row.state == "open" else None
    left = days_left(timer, calendars.current(session), at) if timer and at < timer.planned_at else None
    return NoticeLine(row.number, row.title, row.authority, row.state, row.opens_on, row.closes_on, row.entries, left)


def _entries(session: Session, notice_id: int) -> list[Any]:
    about = (Case.state, Evaluation.grade, Evaluation.proposed_grade, Evaluation.effective_from)
    query = select(PublicityEntry, *about).join(Case, Case.id == PublicityEntry.subject_id).join(Evaluation)
    found = query.where(PublicityEntry.notice_id == notice_id).order_by(PublicityEntry.number)
    return list(session.execute(found))


def _entry(row: Any, at: datetime) -> Entry:
    entry, shown = row.PublicityEntry, row.PublicityEntry.snapshot
    return Entry(
        number=entry.number,
        name=shown["name"],
        credit_code=shown["credit_code"],
        grade=shown["grade"],
        met=tuple(one["condition"] for one in shown["met"]),
        standing=_standing(entry, row, at),
        grade_now=(row.grade or row.proposed_grade) if entry.outcome == "amended" else shown["grade"],
        closes_at=entry.closes_at,
    )


def _standing(entry: PublicityEntry, subject: Any, at: datetime) -> Standing:
    if entry.held:
        return "held"
    if not entry.outcome:
        return "open" if entry.closes_at and at < entry.closes_at else "over"
    if entry.outcome == "removed":
        return "removed"
    if subject.effective_from is not None:
        return "annulled" if subject.state == "annulled" else "confirmed"
    return _OUTCOMES[entry.outcome]


_OUTCOMES: dict[str, Standing] = {"cleared": "cleared", "upheld": "upheld", "amended": "amended"}


def _confirmations(session: Session, notice_id: int) -> tuple[tuple[Paper, int], ...]:
    """The documents that confirmed entries of this notice, each with how many of them."""
    entry = (PublicityEntry.notice_id == notice_id) & PublicityEntry.outcome.in_(("cleared", "upheld", "amended"))
    query = select(Evaluation.confirmation_id, func.count())
    query = query.join(PublicityEntry, PublicityEntry.subject_id == Evaluation.case_id)
    query = query.where(entry, Evaluation.confirmation_id.is_not(None)).group_by(Evaluation.confirmation_id)
    rows = session.execute(query.order_by(Evaluation.confirmation_id)).all()
    return tuple((paper(session, session.get_one(Document, id)), number) for id, number in rows)
