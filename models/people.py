"""Authorities and their offices, persons and their posts, accounts and their sessions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Code, Digest, Key, Name, to

ROLES = (
    "handler", "section_head", "leader", "panel_member", "expert", "clerk", "system_admin", "security_admin",
    "audit_admin",
)  # fmt: skip
LEVELS = ("county", "city", "province")


class Authority(Base):
    """人社部门. `level` and `reports_to_id` are facts of their own, never derived from the region code (JY-01).

    One that was merged ends with `valid_to`; its history stays its own, `successor_id` is who took over its duties.
    """

    __tablename__ = "authority"
    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    short_name: Mapped[Name]
    level: Mapped[Code]
    region_code: Mapped[str] = mapped_column(String(6))
    reports_to_id: Mapped[int | None] = mapped_column(to("authority.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(to("authority.id"))
    __table_args__ = (CheckConstraint("level IN ('county','city','province')", "level"),)


class Office(Base):
    """科室. `kind` is one of the departments of XC-02 or `leadership`."""

    __tablename__ = "office"
    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(to("authority.id"), index=True)
    kind: Mapped[Code]
    name: Mapped[Name]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    authority: Mapped[Authority] = relationship(lazy="joined")
    __table_args__ = (Index("uq_office_authority_id_kind", "authority_id", "kind", unique=True),)


class Person(Base):
    """人员. One human being, whatever accounts and posts they hold: independence looks at persons."""

    __tablename__ = "person"
    id: Mapped[Key]
    name: Mapped[Name]
    created_at: Mapped[datetime]


class Appointment(Base):
    """任职: a person in an office (or, for a clerk, in an institution) with one role, between two dates."""

    __tablename__ = "appointment"
    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(to("person.id"), index=True)
    office_id: Mapped[int | None] = mapped_column(to("office.id"), index=True)
    institution_id: Mapped[int | None] = mapped_column(to("institution.id"), index=True)
    role: Mapped[Code]
    title: Mapped[str] = mapped_column(String(100), default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    person: Mapped[Person] = relationship(lazy="joined")
    office: Mapped[Office | None] = relationship(lazy="joined")
    __table_args__ = (
        CheckConstraint("(office_id IS NULL) <> (institution_id IS NULL)", "one_place"),
        CheckConstraint("(role = 'clerk') = (institution_id IS NOT NULL)", "clerk_of_institution"),
        CheckConstraint(f"role IN ({','.join(repr(r) for r in ROLES)})", "role"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", "dates"),
        Index("uq_appointment_post", "person_id", "office_id", "role", "valid_from", unique=True),
    )


class User(Base):
    """账号: a way for a person to log in. Disabling it ends its sessions at the next request."""

    __tablename__ = "user"
    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(to("person.id"), index=True)
    login: Mapped[str] = mapped_column(String(100), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(10), default="zh_Hans_CN")
    created_at: Mapped[datetime]
    person: Mapped[Person] = relationship(lazy="joined")


class LoginSession(Base):
    """One login on one device. The cookie carries a random id; only its hash is stored."""

    __tablename__ = "login_session"
    id: Mapped[Key]
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(to("user.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(to("appointment.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(64), default="")
    user: Mapped[User] = relationship(lazy="joined")
    appointment: Mapped[Appointment | None] = relationship(lazy="joined")


class LoginEvent(Base):
    """登录记录: who came in, who was refused or made to wait, who left. Append-only; kept for ever here, at least six
    months by the law of network security.

    `user_id` is empty for an account that does not exist: what was typed may be a password in the wrong box.
    """

    __tablename__ = "login_event"
    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(index=True)
    event: Mapped[Code]
    user_id: Mapped[int | None] = mapped_column(to("user.id"), index=True)
    address: Mapped[str] = mapped_column(String(64), default="")
    __table_args__ = (CheckConstraint("event IN ('entered','failed','held','left')", "event"),)


class SavedFilter(Base):
    """常用筛选: a person's own filter of the inbox, by name. `asked` is what its address carries."""

    __tablename__ = "saved_filter"
    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(to("person.id"))
    name: Mapped[Code]
    asked: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    __table_args__ = (Index("uq_saved_filter_name", "person_id", "name", unique=True),)


class Throttle(Base):
    """A counter of attempts under one key (account, address), kept in the database so that every process sees it."""

    __tablename__ = "throttle"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime]
