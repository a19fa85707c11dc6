"""政策 and 评价批次: the frozen rules of a locality, and one year's evaluation under them."""

from datetime import date, datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Code, Digest, Key, Name, to


class Policy(Base):
    """A released policy file, whole, by checksum. A case keeps the row it was opened under for ever."""

    __tablename__ = "policy"
    id: Mapped[Key]
    key: Mapped[Code]
    checksum: Mapped[Digest] = mapped_column(unique=True)
    title: Mapped[Name]
    body: Mapped[str] = mapped_column(Text)
    loaded_at: Mapped[datetime]


class PolicyReuse(Base):
    """沿用: the recorded decision to use a policy in a year that its text does not name."""

    __tablename__ = "policy_reuse"
    id: Mapped[Key]
    policy_key: Mapped[Code]
    authority_id: Mapped[int] = mapped_column(to("authority.id"))
    year: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))
    person_id: Mapped[int] = mapped_column(to("person.id"))
    decided_at: Mapped[datetime]
    __table_args__ = (Index("uq_policy_reuse", "policy_key", "authority_id", "year", unique=True),)


class Round(Base):
    """One year's evaluation of one scheme, opened by an authority for every institution in its scope; or one year's
    recommendation for one honour (`scheme` is its key), which ends at `submit_by`."""

    __tablename__ = "round"
    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(to("authority.id"))
    policy_id: Mapped[int] = mapped_column(to("policy.id"))
    scheme: Mapped[Code]
    year: Mapped[int]
    title: Mapped[Name]
    reference_date: Mapped[date]
    submit_by: Mapped[datetime | None]
    opened_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    opened_at: Mapped[datetime]
    policy: Mapped[Policy] = relationship(lazy="joined")
    __table_args__ = (Index("uq_round_scheme", "authority_id", "scheme", "year", unique=True),)


class HandIn(Base):
    """报送: what an authority below has handed in to the one that holds the round. Append-only."""

    __tablename__ = "hand_in"
    round_id: Mapped[int] = mapped_column(to("round.id"), primary_key=True)
    authority_id: Mapped[int] = mapped_column(to("authority.id"), primary_key=True)
    paper: Mapped[Code] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(to("person.id"))
    at: Mapped[datetime]
