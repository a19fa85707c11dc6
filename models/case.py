"""办件: one running instance of a machine, its work, its due instants and its history."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Code, Digest, Key, only, to
from models.institution import Institution


class Case(Base):
    """`state` and `step` are written by the engine alone; a trigger refuses a change without `version` + 1.

    A case is born in state `new`, version 0, and leaves it by its first move in the same transaction. `version` is the
    number and `head_hash` the hash of its newest history entry.
    `ladder` is the reporting line of this case from its first reviewing authority upward, frozen at the start:
    a list of {"level": "county", "authority": id}. `turn` counts how often a step was begun again after a return.
    """

    __tablename__ = "case"
    id: Mapped[Key]
    number: Mapped[Code] = mapped_column(unique=True)
    machine: Mapped[Code]
    policy_id: Mapped[int] = mapped_column(to("policy.id"))
    round_id: Mapped[int | None] = mapped_column(to("round.id"), index=True)
    institution_id: Mapped[int | None] = mapped_column(to("institution.id"), index=True)
    managing_authority_id: Mapped[int] = mapped_column(to("authority.id"))
    authority_id: Mapped[int] = mapped_column(to("authority.id"))
    parent_id: Mapped[int | None] = mapped_column(to("case.id"), index=True)
    ladder: Mapped[list[Any]]
    state: Mapped[Code]
    step: Mapped[Code]
    turn: Mapped[int] = mapped_column(default=1)
    version: Mapped[int]
    head_hash: Mapped[Digest] = mapped_column(default="", server_default="")
    material_hash: Mapped[Digest]
    due_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    entered_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    imported_from: Mapped[str] = mapped_column(String(200), default="")
    institution: Mapped[Institution | None] = relationship(lazy="joined")
    __table_args__ = (
        Index("ix_case_managing_state", "managing_authority_id", "machine", "state", "round_id"),
        # Not `state = …`: see `READY` in models/core.py.
        Index("ix_case_ready", "authority_id", "round_id", **only("state || '' = 'awaiting_publicity'")),
        CheckConstraint("version >= 0", "version"),
        CheckConstraint("turn >= 1", "turn"),
    )


class Task(Base):
    """待办: open work on a step, owed by a role of an authority's office, by one person, or by an institution.

    `purpose` is `work`, a follow-up named by its move (`deliver`, `file_upward`), or `designate`: the leader of the
    authority above names a handler. `seq` is the history entry that opened it.
    """

    __tablename__ = "task"
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(to("case.id"))
    state: Mapped[Code]
    step: Mapped[Code]
    turn: Mapped[int]
    role: Mapped[Code]
    authority_id: Mapped[int | None] = mapped_column(to("authority.id"))
    office_kind: Mapped[Code] = mapped_column(default="")
    institution_id: Mapped[int | None] = mapped_column(to("institution.id"))
    person_id: Mapped[int | None] = mapped_column(to("person.id"))
    designated: Mapped[bool] = mapped_column(default=False)
    purpose: Mapped[Code] = mapped_column(default="work")
    seq: Mapped[int]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    outcome: Mapped[Code | None]
    case: Mapped[Case] = relationship(lazy="joined")
    __table_args__ = (
        Index("ix_task_case_open", "case_id", **only("closed_at IS NULL")),
        Index("ix_task_pool", "authority_id", "role", "due_at", "id", **only("closed_at IS NULL", "authority_id")),
        Index("ix_task_person", "person_id", "due_at", "id", **only("closed_at IS NULL", "person_id")),
        Index("ix_task_institution", "institution_id", **only("closed_at IS NULL", "institution_id")),
        Index(
            "ix_task_designated",
            "person_id",
            "case_id",
            sqlite_where=text("designated = 1"),
            postgresql_where=text("designated"),
        ),
        Index("ix_task_closed_by", "closed_by_id", "closed_at", **only("", "closed_by_id")),
        Index("uq_task_seat", "case_id", "seq", "purpose", "role", "person_id", unique=True),
        CheckConstraint("(authority_id IS NULL) <> (institution_id IS NULL)", "owner"),
    )


class Timer(Base):
    """时限: one due instant of a case and the move it fires (`move` empty: it only reminds).

    `purpose` is whose clock it is: `work` for the step's, or the follow-up task of that purpose, which has its own.
    `status` is armed, fired, cancelled or parked (its date is a guess that matters, or firing failed for good).
    `rule` is the deadline rule as computed, with its clause and day proof inputs; `planned_at` the legal instant,
    `fire_at` the instant the sweep looks for (after a short grace, or a later retry). `seq` is the entry that armed it.
    """

    __tablename__ = "timer"
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(to("case.id"))
    kind: Mapped[Code]
    move: Mapped[Code] = mapped_column(default="")
    state: Mapped[Code]
    step: Mapped[Code]
    turn: Mapped[int]
    purpose: Mapped[Code] = mapped_column(default="work", server_default="work")
    rule_key: Mapped[Code]
    rule: Mapped[dict[str, Any]]
    started_on: Mapped[date]
    due_on: Mapped[date]
    planned_at: Mapped[datetime]
    fire_at: Mapped[datetime]
    provisional: Mapped[bool]
    calendar_version: Mapped[Code]
    status: Mapped[Code] = mapped_column(default="armed")
    seq: Mapped[int]
    armed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    late_seconds: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        Index("ix_timer_due", "fire_at", "id", **only("status = 'armed'")),
        Index("uq_timer_once", "case_id", "seq", "purpose", "kind", "planned_at", unique=True),
        CheckConstraint("status IN ('armed','fired','cancelled','parked')", "status"),
    )


class Decision(Base):
    """A person's voice on a step: proposing, agreeing, returning, voting. At most one per person and turn."""

    __tablename__ = "decision"
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(to("case.id"))
    state: Mapped[Code]
    step: Mapped[Code]
    turn: Mapped[int]
    person_id: Mapped[int] = mapped_column(to("person.id"))
    voice: Mapped[Code]
    seq: Mapped[int]
    at: Mapped[datetime]
    __table_args__ = (
        Index("uq_decision", "case_id", "state", "step", "turn", "person_id", unique=True),
        Index("ix_decision_person_case", "person_id", "case_id"),
    )


class HistoryEntry(Base):
    """流转记录: one act on a case. Never updated, never deleted: triggers refuse it.

    `hash` = H(previous hash, line feed, canonical entry). Opinions are personal data and may be erased when their
    retention ends, so the chain holds only `commitment` = H(salt, text) of the `Remark`.
    """

    __tablename__ = "history_entry"
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(to("case.id"))
    seq: Mapped[int]
    version: Mapped[int]
    at: Mapped[datetime]
    move: Mapped[Code]
    from_state: Mapped[Code]
    from_step: Mapped[Code]
    to_state: Mapped[Code]
    to_step: Mapped[Code]
    turn: Mapped[int]
    actor: Mapped[Code]
    person_id: Mapped[int | None] = mapped_column(to("person.id"))
    appointment_id: Mapped[int | None] = mapped_column(to("appointment.id"))
    authority_id: Mapped[int | None] = mapped_column(to("authority.id"))
    details: Mapped[dict[str, Any]]
    commitment: Mapped[Digest] = mapped_column(default="")
    algorithm: Mapped[Code]
    prev_hash: Mapped[Digest]
    hash: Mapped[Digest]
    __table_args__ = (
        Index("uq_history_entry_case_id_seq", "case_id", "seq", unique=True),
        Index("ix_history_entry_begun", "person_id", "case_id", **only("seq = 1", "person_id")),
    )


class Remark(Base):
    """The opinion behind a history entry's commitment; erasable without breaking the chain."""

    __tablename__ = "remark"
    case_id: Mapped[int] = mapped_column(to("case.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    __table_args__ = ({"sqlite_with_rowid": False},)


class Seal(Base):
    """A day's seal over the chain heads that moved since the one before, chained to its root."""

    __tablename__ = "seal"
    id: Mapped[Key]
    day: Mapped[date] = mapped_column(unique=True)
    heads: Mapped[list[Any]]
    algorithm: Mapped[Code]
    root: Mapped[Digest]
    prev_root: Mapped[Digest]
    sealed_at: Mapped[datetime]


class Request(Base):
    """One submission by a door. The unique id makes a repeated one answer as the first did."""

    __tablename__ = "request"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    body_hash: Mapped[Digest]
    at: Mapped[datetime]
    answer: Mapped[dict[str, Any] | None]
    __table_args__ = ({"sqlite_with_rowid": False},)
