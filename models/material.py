"""材料, 附件 and 文书: what was handed in, and what the authority issued."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Code, Digest, Key, Name, to

CHECK = text("kind || '' IN ('information_check', 'verification')")
"""What an authority looked up or saw, as the index of it says. Were that `kind IN (…)`, SQLite would compile every
statement with `kind = ?` anew each time it runs."""


class Attachment(Base):
    """A file as received: stored under a random name outside the web root, known by its hash."""

    __tablename__ = "attachment"
    id: Mapped[Key]
    stored_as: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    media_type: Mapped[Code]
    size: Mapped[int]
    sha256: Mapped[Digest]
    created_at: Mapped[datetime]


class Material(Base):
    """材料: an immutable version of what was submitted to a case."""

    __tablename__ = "material"
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(to("case.id"))
    kind: Mapped[Code]
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    hash: Mapped[Digest]
    submitted_at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(to("person.id"))
    files: Mapped[list["MaterialFile"]] = relationship()
    __table_args__ = (
        Index("uq_material", "case_id", "kind", "version", unique=True),
        Index("ix_material_check", "submitted_at", "case_id", sqlite_where=CHECK, postgresql_where=CHECK),
    )


class MaterialFile(Base):
    __tablename__ = "material_file"
    material_id: Mapped[int] = mapped_column(to("material.id"), primary_key=True)
    attachment_id: Mapped[int] = mapped_column(to("attachment.id"), primary_key=True)
    attachment: Mapped[Attachment] = relationship(lazy="joined")


class Document(Base):
    """文书: issued under a number by an authority, signed by a person, fixed by its hash.

    `case_id` is the case whose act issued it; `cause` names that act, so that one document over many cases is issued
    once.
    """

    __tablename__ = "document"
    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(to("authority.id"))
    case_id: Mapped[int] = mapped_column(to("case.id"), index=True)
    cause: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[Code]
    year: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[Name]
    body: Mapped[str] = mapped_column(Text)
    signed_by_id: Mapped[int | None] = mapped_column(to("person.id"))
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    hash: Mapped[Digest]
    __table_args__ = (Index("uq_document_serial", "authority_id", "kind", "year", "serial", unique=True),)


class Delivery(Base):
    """送达: when and how a document reached the one it concerns; periods may count from here."""

    __tablename__ = "delivery"
    id: Mapped[Key]
    document_id: Mapped[int] = mapped_column(to("document.id"), index=True)
    case_id: Mapped[int] = mapped_column(to("case.id"), index=True)
    institution_id: Mapped[int | None] = mapped_column(to("institution.id"), index=True)
    issued_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    how: Mapped[Code | None]
    __table_args__ = (
        Index("uq_delivery", "document_id", "case_id", unique=True),
        CheckConstraint("(delivered_at IS NULL) = (how IS NULL)", "how"),
    )
