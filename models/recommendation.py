"""推荐与荣誉: the quota of each authority in a round, and what a recommendation keeps beside its case."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, to


class Quota(Base):
    """名额: at most `seats` of an authority's candidates in a round. Its row is the lock under which seats are taken.

    A share keeps what it is a share of: `counted` are the institutions (ids) that held the grade on the round's day,
    so that a grade changed later changes no quota (inventory §7 item 24). `summary_id`: the work summary (SD-46).
    """

    __tablename__ = "quota"
    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(to("round.id"))
    authority_id: Mapped[int] = mapped_column(to("authority.id"))
    seats: Mapped[int]
    counted: Mapped[list[Any] | None]
    summary_id: Mapped[int | None] = mapped_column(to("attachment.id"))
    __table_args__ = (
        Index("uq_quota", "round_id", "authority_id", unique=True),
        CheckConstraint("seats >= 0", "seats"),
    )


class Recommendation(Base):
    """推荐. `eligibility` is the frozen answer to the conditions; `scores` by item are those of the official sheet, by
    which the list is ordered, `total` the result of the scheme as text, exactly. `seated_at`: it holds one of the
    quota's seats since then.

    `override_*`: who gave the reason to set a soft condition aside, and the second person who agreed (SD-32).
    """

    __tablename__ = "recommendation"
    case_id: Mapped[int] = mapped_column(to("case.id"), primary_key=True)
    institution_id: Mapped[int] = mapped_column(to("institution.id"))
    round_id: Mapped[int] = mapped_column(to("round.id"))
    quota_id: Mapped[int] = mapped_column(to("quota.id"), index=True)
    honour: Mapped[Code]
    holder: Mapped[str] = mapped_column(String(100), default="")
    applied_at: Mapped[datetime]
    eligibility: Mapped[dict[str, Any] | None]
    archive_version: Mapped[int | None]
    verdict: Mapped[Code | None]
    attestation: Mapped[str] = mapped_column(Text, default="")
    scores: Mapped[dict[str, Any] | None]
    total: Mapped[Code | None]
    override_reason: Mapped[str] = mapped_column(Text, default="")
    override_asked_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    override_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    seated_at: Mapped[datetime | None]
    confirmation_id: Mapped[int | None] = mapped_column(to("document.id"))
    outcome_number: Mapped[str] = mapped_column(String(100), default="")
    outcome_on: Mapped[date | None]
    revocation_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    ground: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        Index("uq_recommendation", "institution_id", "round_id", "holder", unique=True),
        CheckConstraint("override_by_id IS NULL OR override_by_id <> override_asked_by_id", "second_person"),
    )
