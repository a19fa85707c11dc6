"""Publicity, objections and what was shown."""

from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from models import (
    Case,
    Evaluation,
    HistoryEntry,
    Notice,
    Objection,
    PublicityEntry,
    Remark,
)
from models.base import canonical
from workflow.clock import legal_day
from workflow.engine import audit, calendars
from workflow.engine.audit import Breach
from workflow.engine.history import digest
from workflow.engine.load import rules_of


def publicity_is_as_long_as_its_rule(session: Session) -> Iterator[Breach]:
    calendar = calendars.current(session)
    query = select(
        PublicityEntry.subject_id, PublicityEntry.closes_at, Notice.opens_at, Notice.opens_on, Case.policy_id
    )
    query = query.join(Notice, Notice.case_id == PublicityEntry.notice_id).join(Case, Case.id == Notice.case_id)
    for row in session.execute(query.where(PublicityEntry.closes_at.is_not(None))):
        rule = rules_of(session, row.policy_id).deadline("publicity")
        if row.closes_at < calendars.deadline(rule, row.opens_on, calendar).instant:
            yield Breach("publicity_short", row.subject_id, str(row.closes_at))
        if legal_day(row.opens_at) > row.opens_on:
            yield Breach("publicity_opened_late", row.subject_id, str(row.opens_at))


def nothing_is_cleared_before_its_publicity_ends(session: Session) -> Iterator[Breach]:
    """A result is cleared, and confirmed, only when the period in which it was last shown is over."""
    cleared = select(HistoryEntry.case_id, HistoryEntry.seq, HistoryEntry.at, HistoryEntry.move)
    cleared = cleared.where((HistoryEntry.to_state == "cleared") | (HistoryEntry.move == "confirm"))
    shown = select(PublicityEntry.subject_id, PublicityEntry.closes_at, Notice.opens_at)
    shown = shown.join(Notice, Notice.case_id == PublicityEntry.notice_id).where(PublicityEntry.closes_at.is_not(None))
    periods: dict[int, list[tuple[object, object]]] = {}
    for row in session.execute(shown.order_by(Notice.opens_at, PublicityEntry.id)):
        periods.setdefault(row.subject_id, []).append((row.opens_at, row.closes_at))
    for row in session.execute(cleared):
        closes = [closes for opens, closes in periods.get(row.case_id, []) if opens <= row.at]
        if not closes or row.at < closes[-1]:
            yield Breach("cleared_in_publicity", row.case_id, f"#{row.seq} {row.move}")


def open_objections_hold_their_entry(session: Session) -> Iterator[Breach]:
    """And only theirs: an entry is held, and its case contested, exactly while an objection to it is open."""
    subject = aliased(Case)
    running = (Objection.kind == "objection", Case.closed_at.is_(None))
    query = select(subject.id, subject.state, PublicityEntry.held).join(Objection, Objection.subject_id == subject.id)
    query = query.join(Case, Case.id == Objection.case_id).join(PublicityEntry, PublicityEntry.id == Objection.entry_id)
    for row in session.execute(query.where(*running)):
        if row.state != "contested" or not row.held:
            yield Breach("objection_holds_nothing", row.id, row.state)
    about = exists().where(Objection.case_id == Case.id, *running)
    held = select(PublicityEntry.subject_id).where(PublicityEntry.held)
    held = held.where(~about.where(Objection.entry_id == PublicityEntry.id).correlate(PublicityEntry))
    yield from (Breach("held_without_objection", one, "") for one in session.scalars(held))
    contested = select(subject.id).where(subject.state == "contested")
    contested = contested.where(~about.where(Objection.subject_id == subject.id).correlate(subject))
    yield from (Breach("contested_without_objection", one, "") for one in session.scalars(contested))


def objections_in_time_come_before_confirmation(session: Session) -> Iterator[Breach]:
    entry = HistoryEntry
    query = select(entry.case_id, entry.seq).join(Objection, Objection.subject_id == entry.case_id)
    query = query.join(Case, Case.id == Objection.case_id).where(Objection.kind == "objection", entry.move == "confirm")
    query = query.where(entry.at > Case.opened_at, (Case.closed_at.is_(None)) | (entry.at < Case.closed_at))
    yield from (Breach("confirmed_while_contested", row.case_id, f"#{row.seq}") for row in session.execute(query))
    late = select(Objection.subject_id, Objection.case_id).join(PublicityEntry, PublicityEntry.id == Objection.entry_id)
    for row in session.execute(late.where(Objection.received_at >= PublicityEntry.closes_at)):
        yield Breach("objection_late", row.subject_id, str(row.case_id))


def what_was_shown_is_what_is_kept(session: Session) -> Iterator[Breach]:
    shown: dict[int, list[str]] = {}
    query = select(PublicityEntry).where(PublicityEntry.closes_at.is_not(None)).order_by(PublicityEntry.number)
    for one in session.scalars(query):
        shown.setdefault(one.notice_id, []).append(one.snapshot_hash)
        if digest("sha256", canonical(one.snapshot)) != one.snapshot_hash:
            yield Breach("snapshot_changed", one.subject_id, str(one.id))
    for notice in session.execute(select(Notice.case_id, Notice.shown_hash).where(Notice.shown_hash.is_not(None))):
        if digest("sha256", "\n".join(shown.get(notice.case_id, []))) != notice.shown_hash:
            yield Breach("notice_changed", notice.case_id, "")


def remarks_match_their_commitment(session: Session) -> Iterator[Breach]:
    entry = HistoryEntry
    query = select(Remark.case_id, Remark.seq, Remark.salt, Remark.text, entry.commitment, entry.algorithm)
    query = query.outerjoin(entry, (entry.case_id == Remark.case_id) & (entry.seq == Remark.seq))
    for row in session.execute(query.execution_options(yield_per=audit.BATCH)):
        if digest(row.algorithm or "sha256", row.salt + row.text) != row.commitment:
            yield Breach("remark_changed", row.case_id, f"#{row.seq}")


def grades_follow_from_their_findings(session: Session) -> Iterator[Breach]:
    """An effective grade is the one that its frozen findings give, or fell from it to a full percentage, and has its
    document."""
    query = select(Evaluation).where(Evaluation.grade.is_not(None))
    for one in session.scalars(query):
        by_facts = one.capped_from or one.grade
        if not one.findings or one.findings["grade"] != by_facts or one.confirmation_id is None:
            yield Breach("grade_without_findings", one.case_id, one.grade or "")
