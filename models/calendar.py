"""Dated corrections of the working-day calendar, on top of the published ones."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, to


class CalendarRelease(Base):
    """One imported notice: its document number, and whether it announces a whole year.

    Proposed by one person and released by another; before that it counts for nothing.
    """

    __tablename__ = "calendar_release"
    id: Mapped[Key]
    document_number: Mapped[str] = mapped_column(String(100), unique=True)
    announces_year: Mapped[int | None]
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    __table_args__ = (CheckConstraint("released_by_id IS NULL OR released_by_id <> proposed_by_id", "second_person"),)


class CalendarDay(Base):
    __tablename__ = "calendar_day"
    release_id: Mapped[int] = mapped_column(to("calendar_release.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(100), default="")
