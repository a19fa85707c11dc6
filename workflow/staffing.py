"""Persons, their posts and accounts, as an administrator keeps them."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Appointment, Authority, Office, Person, User


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
    session.add(post)
    session.flush()
    return post


def open_account(
    session: Session, person: Person, login: str, password_hash: str, at: datetime, *, is_demo: bool = False
) -> User:
    user = User(person_id=person.id, login=login, password_hash=password_hash, created_at=at, is_demo=is_demo)
    session.add(user)
    session.flush()
    return user
