"""Login sessions: a random token in the cookie, its digest in the table, and when a session is dead."""

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any

from flask import request
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy import ColumnElement, Date, bindparam, func, select, update
from sqlalchemy.orm import Session

from models import Appointment, Authority, Institution, LoginSession, Office, Person, User
from models.base import Instant
from models.prepared import Query
from views import web
from workflow.clock import legal_day
from workflow.engine.permissions import Actor, in_force

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
# Noted this seldom, so that a page that only reads seldom takes the write lock.
SEEN_EVERY = timedelta(minutes=5)
OF_ACTOR = ("person_id", "appointment_id", "role", "authority_id", "office_kind", "institution_id", "name")
HOMES = {"clerk": "/desk", "system_admin": "/admin", "security_admin": "/account", "audit_admin": "/audit"}


class Logins(LoginManager):
    """Without what would see to cookies that remember somebody beyond the session: none is given."""

    def init_app(self, app: Any, add_context_processor: bool = False) -> None:
        app.login_manager = self
        app.jinja_env.globals["current_user"] = current_user


login_manager = Logins()
login_manager.session_protection = ""  # addresses change on mobile lines; the token is short-lived and revocable
login_manager._session_identifier_generator = lambda: ""  # only that protection would compare it


class Login(UserMixin):
    """`current_user`: who is signed in, and the one post this session works under."""

    def __init__(self, row: Any, token: str) -> None:
        self.row, self._token = row, token
        self.actor = Actor("person", **{name: getattr(row, name) for name in OF_ACTOR})

    def get_id(self) -> str:
        return self._token

    @cached_property
    def user(self) -> User:
        with web.reading() as session:
            return session.get_one(User, self.row.user_id)

    @cached_property
    def posts(self) -> list[Appointment]:
        """All posts the person holds today, this session's among them."""
        with web.reading() as session:
            return posts_of(session, self.row.person_id, web.at())

    @property
    def appointment(self) -> Appointment:
        return next(one for one in self.posts if one.id == self.row.appointment_id)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def posts_of(session: Session, person_id: int, at: datetime) -> list[Appointment]:
    query = select(Appointment).where(Appointment.person_id == person_id, in_force(legal_day(at)))
    return list(session.scalars(query.order_by(Appointment.id)))


def alive(idle: Any, old: Any) -> ColumnElement[bool]:
    """Neither revoked nor idle since, nor begun so long ago, as these instants say (`limits`)."""
    fresh = (LoginSession.seen_at > idle) & (LoginSession.created_at > old)
    return LoginSession.revoked_at.is_(None) & fresh


def limits(at: datetime) -> dict[str, datetime]:
    return {"idle": at - IDLE, "old": at - LONGEST}


@cache
def _living() -> Query:
    """A living session by its token: the account must be active and the post in force at every request, not only at
    login."""
    blanks: dict[str, Any] = {name: bindparam(name, type_=Instant()) for name in ("idle", "old")}
    own = (LoginSession.id, LoginSession.user_id, LoginSession.created_at, LoginSession.seen_at)
    post = (Appointment.person_id, Appointment.id.label("appointment_id"), Appointment.role, Appointment.institution_id)
    office = (Office.authority_id, func.coalesce(Office.kind, "").label("office_kind"), Person.name)
    place = func.coalesce(Institution.name, Authority.name).label("place")
    query = select(*own, User.password_hash, User.is_demo, *post, *office, place).select_from(LoginSession)
    query = query.join(User, User.id == LoginSession.user_id)
    query = query.join(Appointment, Appointment.id == LoginSession.appointment_id)
    query = query.join(Person, Person.id == Appointment.person_id)
    query = query.outerjoin(Office, Office.id == Appointment.office_id)
    query = query.outerjoin(Authority, Authority.id == Office.authority_id)
    query = query.outerjoin(Institution, Institution.id == Appointment.institution_id)
    living = alive(**blanks), User.active, in_force(bindparam("day", type_=Date()))
    return Query(query.where(LoginSession.token_hash == bindparam("token"), *living))


def _found(session: Session, token: str) -> Any:
    at = web.at()
    return _living().first(session, {"token": digest(token), "day": legal_day(at), **limits(at)})


@login_manager.user_loader
def load(token: str) -> Login | None:
    with web.reading() as session:
        row = _found(session, token)
    if row is None or (row.is_demo and not web.settings().demo):
        return None
    if web.at() - row.seen_at > SEEN_EVERY:
        with web.writing() as session:
            session.execute(update(LoginSession).where(LoginSession.id == row.id).values(seen_at=web.at()))
    return Login(row, token)


def open_session(
    session: Session, user: User, post: Appointment, at: datetime, address: str = "", since: datetime | None = None
) -> str:
    """A new session under a post; gives its token, which is stored nowhere. `since`: the login that it carries on."""
    token = secrets.token_hex(32)
    session.add(
        LoginSession(
            token_hash=digest(token),
            user_id=user.id,
            appointment_id=post.id,
            created_at=since or at,
            seen_at=at,
            address=address,
        )
    )
    session.flush()
    return token


def enter(session: Session, user: User, post: Appointment, since: datetime | None = None) -> None:
    """Put this browser into a new session. The cookie is emptied first: nothing planted in it survives a login."""
    token = open_session(session, user, post, web.at(), request.remote_addr or "", since)
    cookie.clear()
    login_user(Login(_found(session, token), token))


def usual_post(session: Session, user: User, at: datetime) -> Appointment | None:
    """The post of the last session if it still holds, else the oldest one."""
    posts = posts_of(session, user.person_id, at)
    last = select(LoginSession.appointment_id).where(LoginSession.user_id == user.id).order_by(LoginSession.id.desc())
    last_id = session.scalars(last.limit(1)).first()
    return next((post for post in posts if post.id == last_id), posts[0] if posts else None)


def home_path() -> str:
    """Where this session's work is."""
    if not current_user.is_authenticated:
        return "/tour" if web.settings().demo else "/notices"
    return HOMES.get(current_user.actor.role, "/inbox")
