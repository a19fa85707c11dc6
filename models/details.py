"""What each machine keeps beside the case row."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Digest, Key, Name, only, to


class Evaluation(Base):
    """诚信评价. `findings` is the frozen result of the evaluator: facts, conditions met, grade, reference date.

    A round evaluates an institution once. A re-evaluation changes the standing grade `supersedes_id`; it grades on its
    own `reference_date`, not the round's.
    """

    __tablename__ = "evaluation"
    case_id: Mapped[int] = mapped_column(to("case.id"), primary_key=True)
    institution_id: Mapped[int] = mapped_column(to("institution.id"))
    round_id: Mapped[int] = mapped_column(to("round.id"))
    occasion: Mapped[Code] = mapped_column(default="yearly")
    supersedes_id: Mapped[int | None] = mapped_column(to("case.id"), index=True)
    reference_date: Mapped[date | None]
    findings: Mapped[dict[str, Any] | None]
    archive_version: Mapped[int | None]
    proposed_grade: Mapped[Code | None]
    capped_from: Mapped[Code | None]
    unrated: Mapped[Code | None]
    grade: Mapped[Code | None]
    suspended: Mapped[bool] = mapped_column(default=False)
    effective_from: Mapped[date | None]
    expires_on: Mapped[date | None]
    confirmation_id: Mapped[int | None] = mapped_column(to("document.id"))
    delivered_on: Mapped[date | None]
    re_review_until: Mapped[datetime | None]
    __table_args__ = (
        Index("uq_evaluation", "institution_id", "round_id", unique=True, **only("supersedes_id IS NULL")),
        Index("ix_evaluation_grade", "institution_id", "effective_from"),
        CheckConstraint("(grade IS NULL) = (effective_from IS NULL)", "effective"),
        CheckConstraint("(supersedes_id IS NULL) = (reference_date IS NULL)", "again"),
    )


class ScoreSheet(Base):
    """评分表: what one evaluator gave, item by item, as text of exact decimals. Append-only; a later sheet of the same
    evaluator (of the authority, for `official`) counts instead of an earlier one.

    `source` is self, expert or official. `notes` hold the evidence or the grounds of an item, `blanks` what was filled
    into an indicator's own line (SD-38); both by item.
    """

    __tablename__ = "score_sheet"
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(to("case.id"))
    seq: Mapped[int]
    source: Mapped[Code]
    person_id: Mapped[int] = mapped_column(to("person.id"), index=True)
    scores: Mapped[dict[str, Any]]
    notes: Mapped[dict[str, Any]]
    blanks: Mapped[dict[str, Any]]
    hash: Mapped[Digest]
    at: Mapped[datetime]
    __table_args__ = (
        Index("uq_score_sheet", "case_id", "seq", unique=True),
        CheckConstraint("source IN ('self','expert','official')", "source"),
    )


class Notice(Base):
    """公示: one notice over many entries, all of one `machine`. `shown_hash` covers their snapshots in order."""

    __tablename__ = "notice"
    case_id: Mapped[int] = mapped_column(to("case.id"), primary_key=True)
    authority_id: Mapped[int] = mapped_column(to("authority.id"))
    round_id: Mapped[int | None] = mapped_column(to("round.id"))
    machine: Mapped[Code]
    title: Mapped[Name]
    opens_on: Mapped[date | None]
    opens_at: Mapped[datetime | None] = mapped_column(index=True)
    closes_on: Mapped[date | None]
    closes_at: Mapped[datetime | None]
    rule: Mapped[dict[str, Any] | None]
    shown_hash: Mapped[Digest | None]
    withdrawn_reason: Mapped[str] = mapped_column(String(500), default="")


class PublicityEntry(Base):
    """One line of a notice: what is shown about one case, frozen when the notice opens.

    `outcome` is empty while in publicity, then cleared, upheld, amended or removed. `held` while an objection is open.
    """

    __tablename__ = "publicity_entry"
    id: Mapped[Key]
    notice_id: Mapped[int] = mapped_column(to("notice.case_id"), index=True)
    subject_id: Mapped[int] = mapped_column(to("case.id"), index=True)
    number: Mapped[int]
    snapshot: Mapped[dict[str, Any]]
    snapshot_hash: Mapped[Digest]
    closes_at: Mapped[datetime | None]
    held: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[Code] = mapped_column(default="")
    __table_args__ = (
        Index("uq_publicity_entry", "notice_id", "subject_id", unique=True),
        CheckConstraint("outcome IN ('','cleared','upheld','amended','removed')", "outcome"),
    )


class Objection(Base):
    """异议 (`kind` objection, against an entry in publicity) or 复评 (`kind` re_review, by the institution)."""

    __tablename__ = "objection"
    case_id: Mapped[int] = mapped_column(to("case.id"), primary_key=True)
    kind: Mapped[Code]
    subject_id: Mapped[int] = mapped_column(to("case.id"), index=True)
    by_institution_id: Mapped[int | None] = mapped_column(to("institution.id"), index=True)
    entry_id: Mapped[int | None] = mapped_column(to("publicity_entry.id"), index=True)
    ground: Mapped[Code]
    statement: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]
    receipt_hash: Mapped[Digest | None] = mapped_column(unique=True)
    proposed_outcome: Mapped[Code | None]
    proposed_grade: Mapped[Code | None]
    proposed_answer: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[Code | None]
    answer_id: Mapped[int | None] = mapped_column(to("document.id"))
    __table_args__ = (CheckConstraint("kind IN ('objection','re_review')", "kind"),)


class Objector(Base):
    """Who objected: a separate record that no institution and no lower authority can open. Erasable."""

    __tablename__ = "objector"
    case_id: Mapped[int] = mapped_column(to("case.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    contact: Mapped[str] = mapped_column(String(200))
    erased_at: Mapped[datetime | None]


class Repair(Base):
    """信用修复: of a record that is public (`kind` record), or of what stands against a better grade (`kind` upgrade).

    `order`, `repair_class`, `earliest` and `longest` are the record's as they were on the day of the application.
    """

    __tablename__ = "repair"
    case_id: Mapped[int] = mapped_column(to("case.id"), primary_key=True)
    institution_id: Mapped[int] = mapped_column(to("institution.id"), index=True)
    kind: Mapped[Code]
    order: Mapped[Code] = mapped_column(default="")
    repair_class: Mapped[Code] = mapped_column(default="")
    earliest: Mapped[date | None]
    longest: Mapped[date | None]
    pledged_at: Mapped[datetime]
    proposed_outcome: Mapped[Code | None]
    proposed_answer: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[Code | None]
    answer_id: Mapped[int | None] = mapped_column(to("document.id"))
    confirmation_id: Mapped[int | None] = mapped_column(to("document.id"))
    granted_on: Mapped[date | None]
    rescinded_on: Mapped[date | None]
    __table_args__ = (
        CheckConstraint("kind IN ('record','upgrade')", "kind"),
        CheckConstraint("outcome IS NULL OR outcome IN ('granted','not_granted','refused')", "outcome"),
        CheckConstraint("rescinded_on IS NULL OR granted_on IS NOT NULL", "rescinded"),
    )


class RepairRecord(Base):
    """An archive record that a repair is about."""

    __tablename__ = "repair_record"
    case_id: Mapped[int] = mapped_column(to("repair.case_id"), primary_key=True)
    record_id: Mapped[int] = mapped_column(to("archive_record.id"), primary_key=True, index=True)
