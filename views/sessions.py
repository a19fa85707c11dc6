"""Login sessions: a random token in the cookie, its digest in the table, and when a session is dead."""

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cached_property

from flask import request
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from models import Appointment, LoginSession, User
from views import web
from workflow.clock import legal_day
from workflow.engine.permissions import Actor, actor_of, in_force

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
# Noted this seldom, so that a page that only reads seldom takes the write lock.
SEEN_EVERY = timedelta(minutes=5)
HOMES = {"clerk": "/desk", "system_admin": "/admin", "security_admin": "/account", "audit_admin": "/audit"}

login_manager = LoginManager()
login_manager.session_protection = ""  # addresses change on mobile lines; the token is short-lived and revocable


class Login(UserMixin):
    """`current_user`: the account, and the one post this session works under."""

    def __init__(self, row: LoginSession, post: Appointment, token: str) -> None:
        self.row, self.user, self.appointment, self._token = row, row.user, post, token

    def get_id(self) -> str:
        return self._token

    @property
    def actor(self) -> Actor:
        return actor_of(self.appointment)

    @cached_property
    def posts(self) -> list[Appointment]:
        """All posts the person holds today, this session's among them."""
        with web.reading() as session:
            return posts_of(session, self.user.person_id, web.at())


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def posts_of(session: Session, person_id: int, at: datetime) -> list[Appointment]:
    query = select(Appointment).where(Appointment.person_id == person_id, in_force(legal_day(at)))
    return list(session.scalars(query.order_by(Appointment.id)))


def alive(at: datetime) -> ColumnElement[bool]:
    """Neither revoked, idle nor too old."""
    fresh = (LoginSession.seen_at > at - IDLE) & (LoginSession.created_at > at - LONGEST)
    return LoginSession.revoked_at.is_(None) & fresh


@login_manager.user_loader
def load(token: str) -> Login | None:
    """The account must be active and the post in force at every request, not only at login."""
    at = web.at()
    of_post = Appointment.id == LoginSession.appointment_id
    query = select(LoginSession, Appointment).join(User).join(Appointment, of_post)
    living = alive(at), User.active, in_force(legal_day(at))
    with web.reading() as session:
        found = session.execute(query.where(LoginSession.token_hash == digest(token), *living)).one_or_none()
    if found is None or (found[0].user.is_demo and not web.settings().demo):
        return None
    row, post = found
    if at - row.seen_at > SEEN_EVERY:
        with web.writing() as session:
            session.execute(update(LoginSession).where(LoginSession.id == row.id).values(seen_at=at))
    return Login(row, post, token)


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
    row = session.scalars(select(LoginSession).where(LoginSession.token_hash == digest(token))).one()
    cookie.clear()
    login_user(Login(row, post, token))


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
