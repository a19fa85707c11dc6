"""What administrators do to persons, posts and accounts, each act with its record (管理记录).

Doors use these: `workflow.staffing` changes the rows and leaves no record.
"""

from datetime import date, datetime

from sqlalchemy.orm import Session

from models import Appointment, Office, Person, User
from workflow import staffing
from workflow.clock import legal_day
from workflow.engine import deeds
from workflow.engine.permissions import Actor


def add_person(session: Session, name: str, by: Actor, at: datetime) -> Person:
    person = staffing.add_person(session, name, at)
    deeds.record(session, by, at, "person_added", person=person.id)
    return person


def appoint(
    session: Session,
    person: Person,
    role: str,
    since: date,
    by: Actor,
    at: datetime,
    *,
    office: Office | None = None,
    institution_id: int | None = None,
    title: str = "",
) -> Appointment:
    post = staffing.appoint(session, person, role, since, office=office, institution_id=institution_id, title=title)
    place = {"office": office.id} if office else {"institution": institution_id or 0}
    given = {"person": person.id, "post": post.id, "role": role, "since": since.isoformat(), **place}
    deeds.record(session, by, at, "post_given", **given)
    return post


def end_post(session: Session, post: Appointment, last_day: date, by: Actor, at: datetime) -> None:
    staffing.end_post(session, post, last_day, legal_day(at))
    ended = {"person": post.person_id, "post": post.id, "role": post.role, "last_day": last_day.isoformat()}
    deeds.record(session, by, at, "post_ended", **ended)


def open_account(session: Session, person: Person, login: str, password_hash: str, by: Actor, at: datetime) -> User:
    user = staffing.open_account(session, person, login, password_hash, at)
    deeds.record(session, by, at, "account_opened", person=person.id, account=user.id)
    return user


def reset_password(session: Session, user: User, password_hash: str, by: Actor, at: datetime) -> None:
    """A new password that somebody else handed out."""
    staffing.set_password(session, user, password_hash, at)
    deeds.record(session, by, at, "password_reset", person=user.person_id, account=user.id)


def change_password(session: Session, user: User, password_hash: str, by: Actor, at: datetime) -> None:
    """One's own."""
    staffing.set_password(session, user, password_hash, at)
    deeds.record(session, by, at, "password_changed", person=user.person_id, account=user.id)


def set_active(session: Session, user: User, active: bool, by: Actor, at: datetime) -> None:
    staffing.set_active(session, user, active, at)
    deed = "account_enabled" if active else "account_disabled"
    deeds.record(session, by, at, deed, person=user.person_id, account=user.id)
