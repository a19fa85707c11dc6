"""Dated corrections of the working-day calendar, on top of the published ones."""

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Key, to


class CalendarRelease(Base):
    """One imported notice: its document number, and whether it announces a whole year."""

    __tablename__ = "calendar_release"
    id: Mapped[Key]
    document_number: Mapped[str] = mapped_column(String(100), unique=True)
    announces_year: Mapped[int | None]
    released_at: Mapped[datetime]
    released_by_id: Mapped[int | None] = mapped_column(to("person.id"))


class CalendarDay(Base):
    __tablename__ = "calendar_day"
    release_id: Mapped[int] = mapped_column(to("calendar_release.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(100), default="")
