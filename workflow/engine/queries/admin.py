"""What an administrator keeps: the persons, accounts and authorities of the own authority and those below it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from models import Appointment, Authority, Case, Incident, Institution, Office, Person, Timer, User
from workflow import calendar_watch
from workflow.engine.permissions import Actor, in_force, subtree
from workflow.engine.refusal import NotFound

PAGE = 30


@dataclass(frozen=True, slots=True)
class Post:
    id: int
    place: str
    role: str
    title: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    login: str
    active: bool
    created_at: datetime


@dataclass(slots=True)
class Staff:
    """A person with all posts and accounts."""

    id: int
    name: str
    posts: list[Post] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OpenIncident:
    id: int
    kind: str
    opened_at: datetime
    authority: str
    number: str
    detail: str
    retriable: bool


@dataclass(frozen=True, slots=True)
class Place:
    authority: Authority
    offices: list[Office]
    above: str


def within(actor: Actor) -> ColumnElement[bool]:
    """Appointments in the offices, or with the institutions, of the administrator's authorities."""
    mine = subtree(actor.authority_id)
    offices = select(Office.id).where(Office.authority_id.in_(mine))
    theirs = exists().where(Institution.id == Appointment.institution_id, Institution.managing_authority_id.in_(mine))
    in_office = and_(Appointment.office_id.is_not(None), Appointment.office_id.in_(offices))
    # Never null, so that its negation finds the others: a plain IN of a missing office would hide them.
    return or_(in_office, theirs)


def kept_by(actor: Actor) -> ColumnElement[bool]:
    return exists().where(Appointment.person_id == Person.id, within(actor))


def holds_elsewhere(session: Session, actor: Actor, person_id: int, today: date) -> bool:
    """Whether the person also holds a post that this administrator does not keep."""
    posts = Appointment.person_id == person_id, or_(in_force(today), Appointment.valid_from > today)
    return bool(session.scalar(select(exists().where(*posts, ~within(actor)))))


def persons(session: Session, actor: Actor, words: str, page: int) -> tuple[list[Staff], int]:
    """One page of persons whose name or login contains the words, and how many there are."""
    found = kept_by(actor)
    if words:
        login = exists().where(User.person_id == Person.id, User.login.icontains(words, autoescape=True))
        found = and_(found, or_(Person.name.icontains(words, autoescape=True), login))
    total = session.scalar(select(func.count()).select_from(Person).where(found)) or 0
    rows = session.scalars(select(Person).where(found).order_by(Person.id).limit(PAGE).offset((page - 1) * PAGE))
    return _staff(session, list(rows)), total


def person(session: Session, actor: Actor, person_id: int) -> Staff:
    found = session.scalars(select(Person).where(Person.id == person_id, kept_by(actor))).one_or_none()
    if found is None:
        raise NotFound
    return _staff(session, [found])[0]


def _staff(session: Session, people: list[Person]) -> list[Staff]:
    staff = {one.id: Staff(one.id, one.name) for one in people}
    held = select(Appointment, Institution.name).outerjoin(Institution, Institution.id == Appointment.institution_id)
    mine = Appointment.person_id.in_(staff)
    for post, institution in session.execute(held.where(mine).order_by(Appointment.valid_from, Appointment.id)):
        place = f"{post.office.authority.short_name}{post.office.name}" if post.office else institution or ""
        row = Post(post.id, place, post.role, post.title, post.valid_from, post.valid_to)
        staff[post.person_id].posts.append(row)
    for user in session.scalars(select(User).where(User.person_id.in_(staff)).order_by(User.id)):
        staff[user.person_id].accounts.append(Account(user.id, user.login, user.active, user.created_at))
    return list(staff.values())


def post(session: Session, actor: Actor, post_id: int) -> Appointment:
    found = session.scalars(select(Appointment).where(Appointment.id == post_id, within(actor))).one_or_none()
    if found is None:
        raise NotFound
    return found


def account(session: Session, actor: Actor, user_id: int) -> User:
    query = select(User).join(Person).where(User.id == user_id, kept_by(actor))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def office(session: Session, actor: Actor, office_id: int) -> Office | None:
    mine = Office.authority_id.in_(subtree(actor.authority_id))
    return session.scalars(select(Office).where(Office.id == office_id, mine)).one_or_none()


def institution(session: Session, actor: Actor, credit_code: str) -> Institution | None:
    mine = Institution.managing_authority_id.in_(subtree(actor.authority_id))
    return session.scalars(select(Institution).where(Institution.credit_code == credit_code, mine)).one_or_none()


def places(session: Session, actor: Actor) -> list[Place]:
    """The authorities from the top down, each with its offices."""
    names = {one.id: one for one in session.scalars(select(Authority))}
    mine = subtree(actor.authority_id)
    offices: dict[int, list[Office]] = {}
    for one in session.scalars(select(Office).where(Office.authority_id.in_(mine)).order_by(Office.id)):
        offices.setdefault(one.authority_id, []).append(one)
    kept = session.scalars(select(Authority).where(Authority.id.in_(mine)).order_by(Authority.code))
    return [
        Place(one, offices.get(one.id, []), names[one.reports_to_id].short_name if one.reports_to_id else "")
        for one in kept
    ]


def _open_incidents(actor: Actor) -> ColumnElement[bool]:
    """Incidents of the administrator's authorities; those of the whole site belong to the topmost authority, a missing
    year to whoever keeps the calendar."""
    mine = subtree(actor.authority_id)
    of_case = Incident.case_id.in_(select(Case.id).where(Case.managing_authority_id.in_(mine)).correlate(None))
    own = aliased(Authority)
    top = exists().where(own.id == actor.authority_id, own.reports_to_id.is_(None))
    whole_site = and_(Incident.authority_id.is_(None), Incident.case_id.is_(None), top)
    keeps = exists().where(own.id == actor.authority_id, own.level.in_(calendar_watch.KEEPING_LEVELS))
    missing_year = and_(Incident.kind == calendar_watch.MISSING, keeps)
    return and_(Incident.closed_at.is_(None), or_(Incident.authority_id.in_(mine), of_case, whole_site, missing_year))


def incidents(session: Session, actor: Actor) -> list[OpenIncident]:
    """What happened where, by the case's number: an administrator opens no case."""
    authority = func.coalesce(Incident.authority_id, Case.authority_id)
    parked = exists().where(Timer.id == Incident.timer_id, Timer.status == "parked")
    retriable = or_(Incident.channel_id.is_not(None), parked)
    query = (
        select(Incident, Authority.short_name, Case.number, retriable)
        .outerjoin(Case, Case.id == Incident.case_id)
        .outerjoin(Authority, Authority.id == authority)
        .where(_open_incidents(actor))
        .order_by(Incident.opened_at, Incident.id)
        .limit(PAGE * 10)
    )
    return [
        OpenIncident(
            one.id, one.kind, one.opened_at, name or "", number or "", one.detail if one.case_id is None else "", again
        )
        for one, name, number, again in session.execute(query)
    ]


def incident(session: Session, actor: Actor, number: int) -> None:
    """Raises NotFound unless the incident is open and this administrator's."""
    if not session.scalar(select(exists().where(Incident.id == number, _open_incidents(actor)))):
        raise NotFound


def incident_count(session: Session, actor: Actor) -> int:
    return session.scalar(select(func.count()).select_from(Incident).where(_open_incidents(actor))) or 0
