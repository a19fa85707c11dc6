"""人力资源服务机构: who they are, what they were called, who manages them, and who is close to them."""

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Code, Key, Name, to
from models.people import Authority


class Institution(Base):
    """Keyed by 统一社会信用代码. `name` and `managing_authority_id` are the present values of the dated rows below.

    `archive_version` counts the changes of its archive: equal numbers mean equal facts.
    """

    __tablename__ = "institution"
    id: Mapped[Key]
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[Name] = mapped_column(index=True)
    pinyin: Mapped[str] = mapped_column(String(400), default="")
    nature: Mapped[Code] = mapped_column(default="enterprise")
    kind: Mapped[Code] = mapped_column(default="hr_service")
    managing_authority_id: Mapped[int] = mapped_column(to("authority.id"))
    parent_id: Mapped[int | None] = mapped_column(to("institution.id"), index=True)
    licence_number: Mapped[str] = mapped_column(String(100), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    founded_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    archive_version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    managing_authority: Mapped[Authority] = relationship(lazy="joined")
    __table_args__ = (Index("ix_institution_managing_name", "managing_authority_id", "name"),)


class InstitutionName(Base):
    __tablename__ = "institution_name"
    id: Mapped[Key]
    institution_id: Mapped[int] = mapped_column(to("institution.id"), index=True)
    name: Mapped[Name]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class InstitutionManagement(Base):
    """Who managed the institution when; submissions go where this points (inventory §7 item 25)."""

    __tablename__ = "institution_management"
    id: Mapped[Key]
    institution_id: Mapped[int] = mapped_column(to("institution.id"), index=True)
    authority_id: Mapped[int] = mapped_column(to("authority.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    __table_args__ = (Index("uq_institution_management_start", "institution_id", "valid_from", unique=True),)


class ResponsiblePerson(Base):
    """法定代表人、主要负责人、直接责任人: sanctions and records may name them (SD-22)."""

    __tablename__ = "responsible_person"
    id: Mapped[Key]
    institution_id: Mapped[int] = mapped_column(to("institution.id"), index=True)
    person_id: Mapped[int] = mapped_column(to("person.id"), index=True)
    capacity: Mapped[Code]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Interest(Base):
    """回避: why a person may not handle an institution's matters (declared or found), between two dates."""

    __tablename__ = "interest"
    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(to("person.id"), index=True)
    institution_id: Mapped[int] = mapped_column(to("institution.id"), index=True)
    reason: Mapped[str] = mapped_column(String(300))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
