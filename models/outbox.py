"""What is to be told, and what the system could not do by itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, to


class OutboxMessage(Base):
    """A message caused by an act, written in its transaction. It is the in-app message too; channels read it later."""

    __tablename__ = "outbox_message"
    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(200), unique=True)
    case_id: Mapped[int] = mapped_column(to("case.id"), index=True)
    seq: Mapped[int]
    event: Mapped[Code]
    authority_id: Mapped[int | None] = mapped_column(to("authority.id"))
    role: Mapped[Code] = mapped_column(default="")
    institution_id: Mapped[int | None] = mapped_column(to("institution.id"))
    person_id: Mapped[int | None] = mapped_column(to("person.id"))
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    status: Mapped[Code] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None]
    leased_by: Mapped[Code | None]
    lease_until: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_outbox_person", "person_id", "id"),
        Index("ix_outbox_role", "authority_id", "role", "id"),
        Index("ix_outbox_institution", "institution_id", "id"),
    )


class Incident(Base):
    """What a human must look at: a step nobody may decide, a failing timer, a year without a calendar."""

    __tablename__ = "incident"
    id: Mapped[Key]
    kind: Mapped[Code]
    case_id: Mapped[int | None] = mapped_column(to("case.id"), index=True)
    timer_id: Mapped[int | None] = mapped_column(to("timer.id"))
    authority_id: Mapped[int | None] = mapped_column(to("authority.id"))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    resolution: Mapped[str] = mapped_column(String(500), default="")
    __table_args__ = (
        Index(
            "uq_incident_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("closed_at IS NULL OR resolution <> ''", "resolution"),
    )
