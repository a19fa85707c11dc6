"""What is to be told, and what the system could not do by itself."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, Name, only, to


class OutboxMessage(Base):
    """A message caused by an act, written in its transaction. It is the in-app message too.

    `about` is work (a task to do), reminder (of one), overdue (to those who lead its owner) or news. `status` is
    pending until the message is handed to its addressees' channels (routed).
    """

    __tablename__ = "outbox_message"
    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(200), unique=True)
    case_id: Mapped[int] = mapped_column(to("case.id"))
    seq: Mapped[int]
    event: Mapped[Code]
    authority_id: Mapped[int | None] = mapped_column(to("authority.id"))
    role: Mapped[Code] = mapped_column(default="")
    institution_id: Mapped[int | None] = mapped_column(to("institution.id"))
    person_id: Mapped[int | None] = mapped_column(to("person.id"))
    about: Mapped[Code] = mapped_column(default="news")
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    status: Mapped[Code] = mapped_column(default="pending")
    __table_args__ = (
        Index("ix_outbox_person", "person_id", "id", **only("", "person_id")),
        Index("ix_outbox_role", "authority_id", "role", "id", **only("", "authority_id")),
        Index("ix_outbox_institution", "institution_id", "id", **only("", "institution_id")),
        Index("ix_outbox_pending", "id", **only("status = 'pending'")),
    )


class Channel(Base):
    """发送渠道: where messages of an authority, an institution or a person go. `url` holds secrets: never shown."""

    __tablename__ = "channel"
    id: Mapped[Key]
    name: Mapped[Name]
    kind: Mapped[Code]
    url: Mapped[str] = mapped_column(Text)
    authority_id: Mapped[int | None] = mapped_column(to("authority.id"), index=True)
    institution_id: Mapped[int | None] = mapped_column(to("institution.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(to("person.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    __table_args__ = (
        CheckConstraint(
            "CASE WHEN authority_id IS NULL THEN 0 ELSE 1 END + CASE WHEN institution_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN person_id IS NULL THEN 0 ELSE 1 END = 1",
            "one_owner",
        ),
    )


class Dispatch(Base):
    """One message on its way through one channel, in the order of messages within its lane (now, digest).

    `status` is pending, sent, dead (given up, an incident) or gone (what it was about is done). Who holds the lease
    sends; the end is written only by who still holds it. `batch` keeps a digest together through its retries.
    """

    __tablename__ = "dispatch"
    id: Mapped[Key]
    message_id: Mapped[int] = mapped_column(to("outbox_message.id"))
    channel_id: Mapped[int] = mapped_column(to("channel.id"))
    lane: Mapped[Code] = mapped_column(default="now")
    batch: Mapped[str | None] = mapped_column(String(80))
    status: Mapped[Code] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    leased_by: Mapped[Code | None]
    lease_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        Index("uq_dispatch", "message_id", "channel_id", unique=True),
        Index("ix_dispatch_lane", "channel_id", "lane", "message_id", **only("status = 'pending'")),
        CheckConstraint("status IN ('pending','sent','dead','gone')", "status"),
        CheckConstraint("lane IN ('now','digest')", "lane"),
    )


class Preference(Base):
    """How a person wants one kind of message: at once, in the day's digest, or only inside the system."""

    __tablename__ = "preference"
    person_id: Mapped[int] = mapped_column(to("person.id"), primary_key=True)
    about: Mapped[Code] = mapped_column(primary_key=True)
    how: Mapped[Code]
    __table_args__ = (CheckConstraint("how IN ('now','digest','inside')", "how"),)


class Nudge(Base):
    """催办: one person pressed one case, once a working day (`day`)."""

    __tablename__ = "nudge"
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(to("case.id"))
    person_id: Mapped[int] = mapped_column(to("person.id"))
    day: Mapped[date]
    at: Mapped[datetime]
    __table_args__ = (Index("uq_nudge", "case_id", "person_id", "day", unique=True),)


class Incident(Base):
    """What a human must look at: a step nobody may decide, a failing timer, a year without a calendar."""

    __tablename__ = "incident"
    id: Mapped[Key]
    kind: Mapped[Code]
    case_id: Mapped[int | None] = mapped_column(to("case.id"), index=True)
    timer_id: Mapped[int | None] = mapped_column(to("timer.id"))
    authority_id: Mapped[int | None] = mapped_column(to("authority.id"))
    channel_id: Mapped[int | None] = mapped_column(to("channel.id"))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    resolution: Mapped[str] = mapped_column(String(500), default="")
    __table_args__ = (
        Index("uq_incident_open", "kind", "subject", unique=True, **only("closed_at IS NULL")),
        CheckConstraint("closed_at IS NULL OR resolution <> ''", "resolution"),
    )
