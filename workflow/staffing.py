"""Persons, their posts and accounts. What an administrator does to them goes through `workflow.administration`."""

import re
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from models import Appointment, Authority, LoginSession, Office, Person, Task, User
from workflow.engine.refusal import Refused

ADMIN_ROLES = frozenset({"system_admin", "security_admin", "audit_admin"})
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,59}")


def add_person(session: Session, name: str, at: datetime) -> Person:
    person = Person(name=name, created_at=at)
    session.add(person)
    session.flush()
    return person


def office_of(session: Session, authority_code: str, kind: str) -> Office:
    query = select(Office).join(Authority).where(Authority.code == authority_code, Office.kind == kind)
    return session.scalars(query).one()


def appoint(
    session: Session,
    person: Person,
    role: str,
    since: date,
    *,
    office: Office | None = None,
    institution_id: int | None = None,
    title: str = "",
) -> Appointment:
    """任职 in an office, or as a clerk in an institution, from a day on."""
    post = Appointment(
        person_id=person.id,
        office_id=office.id if office else None,
        institution_id=institution_id,
        role=role,
        title=title,
        valid_from=since,
    )
    _compatible(session, post)
    session.add(post)
    session.flush()
    return post


def _compatible(session: Session, post: Appointment) -> None:
    """No equal post twice at a time; administrators neither decide cases nor watch over themselves (三员分立)."""
    session.execute(select(Person.id).where(Person.id == post.person_id).with_for_update())
    later = or_(Appointment.valid_to.is_(None), Appointment.valid_to >= post.valid_from)
    others = list(session.scalars(select(Appointment).where(Appointment.person_id == post.person_id, later)))
    place = post.role, post.office_id, post.institution_id
    if any((one.role, one.office_id, one.institution_id) == place for one in others):
        raise Refused("post_overlaps")
    if any(one.role != post.role and {one.role, post.role} & ADMIN_ROLES for one in others):
        raise Refused("roles_exclusive")


def end_post(session: Session, post: Appointment, last_day: date, today: date) -> None:
    """The post holds through its last day."""
    if post.valid_to is not None and post.valid_to < today:
        raise Refused("post_over")
    if last_day < post.valid_from:
        raise Refused("dates_reversed", fields={"last_day": ("dates_reversed", {})})
    post.valid_to = last_day
    office = session.get_one(Office, post.office_id) if post.office_id else None
    if office:
        mine = (Task.person_id == post.person_id, Task.claimed_at.is_not(None), Task.closed_at.is_(None))
        here = (Task.authority_id == office.authority_id, Task.role == post.role)
        session.execute(update(Task).where(*mine, *here).values(person_id=None, claimed_at=None))
    session.flush()


def open_account(
    session: Session, person: Person, login: str, password_hash: str, at: datetime, *, is_demo: bool = False
) -> User:
    if not LOGIN.fullmatch(login):
        raise Refused("login_format", fields={"login": ("login_format", {})})
    if session.scalar(select(exists().where(User.login == login))):
        raise Refused("login_taken", fields={"login": ("login_taken", {})})
    user = User(person_id=person.id, login=login, password_hash=password_hash, created_at=at, is_demo=is_demo)
    session.add(user)
    session.flush()
    return user


def set_password(session: Session, user: User, password_hash: str, at: datetime) -> None:
    """Whoever was in under the old password is out."""
    user.password_hash = password_hash
    session.flush()
    end_sessions(session, at, LoginSession.user_id == user.id)


def set_active(session: Session, user: User, active: bool, at: datetime) -> None:
    user.active = active
    session.flush()
    end_sessions(session, at, LoginSession.user_id == user.id)


def end_sessions(session: Session, at: datetime, *which: ColumnElement[bool]) -> None:
    session.execute(update(LoginSession).where(LoginSession.revoked_at.is_(None), *which).values(revoked_at=at))
