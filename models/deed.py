"""管理记录: what administrators did around the cases, one chain for the site."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Code, Digest, to


class Deed(Base):
    """One administrative act (accounts, posts, calendars, policies, incidents, exports). Append-only, like history.

    `hash` = H(previous hash, line feed, canonical deed). `details` name rows by id: a person's name stays outside the
    chain, so that it can be erased when its retention ends.
    """

    __tablename__ = "deed"
    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    deed: Mapped[Code]
    actor: Mapped[Code]
    person_id: Mapped[int | None] = mapped_column(to("person.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(to("appointment.id"))
    authority_id: Mapped[int | None] = mapped_column(to("authority.id"), index=True)
    details: Mapped[dict[str, Any]]
    algorithm: Mapped[Code]
    prev_hash: Mapped[Digest]
    hash: Mapped[Digest]
