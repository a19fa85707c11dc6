"""Signing in and out, the post one works under, and one's own password and sessions."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user, login_required, logout_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models import LoginSession, User
from views import layout, passwords, texts, throttle, web
from views.sessions import enter, home_path, login_manager, open_session, usual_post
from views.texts import gettext as _
from workflow import logins
from workflow.demo import people
from workflow.staffing import end_sessions

door = Blueprint("auth", __name__)
__all__ = ["door", "login_manager", "open_session"]
Answer = Response | str | tuple[str, int]

# An attacker's tries slow down only the attacker's line: no official is locked out by somebody else.
PER_ACCOUNT = throttle.Limit("login-account", 5, timedelta(minutes=15))
PER_LINE = throttle.Limit("login-line", 60, timedelta(minutes=15))
OWN = ("account.", "auth.")


def local_path(address: str) -> str:
    """The address if it is a path of this site, else nothing: a link must not lead through the login to elsewhere."""
    parts = urlsplit(address)
    here = address.startswith("/") and not address.startswith("//") and not (parts.scheme or parts.netloc)
    return address if here and "\\" not in address and address.isprintable() else ""


@door.before_app_request
def know_who_asks() -> Response | None:
    """Before any unit of work opens, since noting a session as seen is a write of its own. A password that somebody
    else handed out opens nothing but its change."""
    endpoint = request.endpoint or ""
    if "_user_id" not in cookie or endpoint.endswith("static"):
        return None
    row = getattr(current_user, "row", None)
    if row and passwords.handed_out(row.password_hash) and not endpoint.startswith(OWN):
        return redirect(url_for("account.show"), 303)
    return None


@login_manager.unauthorized_handler
def strangers() -> Response:
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("auth.login", next=back), 303)


@door.get("/")
def home() -> Response:
    return redirect(home_path())


@door.get("/login")
def login() -> Answer:
    return redirect(home_path()) if current_user.is_authenticated else _login_page()


@door.post("/login")
def enter_by_password() -> Answer:
    name = request.form.get("login", "").replace("\0", "").strip()[:100]
    password = request.form.get("password", "")[:200]
    line = throttle.network(request.remote_addr or "")
    with web.writing() as session:
        wait = throttle.take(session, PER_ACCOUNT, web.at(), line, name)
        wait = wait or throttle.take(session, PER_LINE, web.at(), line)
        if wait:
            logins.note_wait(session, name, _address(), web.at(), PER_LINE.span)
    if wait:
        return _login_page(texts.text("reason.login_throttled", minutes=wait), name), 429
    with web.reading() as session:
        user = session.scalars(select(User).where(User.login == name)).one_or_none()
    proved = passwords.matches(user.password_hash if user else None, password)
    if user is None or not proved or not _enter_proved(user, password, line):
        with web.writing() as session:
            logins.note(session, "failed", user.id if user else None, _address(), web.at())
        return _login_page(texts.text("reason.login_failed"), name), 422
    return redirect(local_path(request.form.get("next", "")) or home_path(), 303)


def _enter_proved(proved: User, password: str, line: str) -> bool:
    """Hashing takes no lock, so the account is read again: its password may have been changed meanwhile."""
    with web.writing() as session:
        throttle.give_back(session, PER_ACCOUNT, line, proved.login)
        throttle.give_back(session, PER_LINE, line)
        user = session.get_one(User, proved.id, with_for_update=True)
        if user.password_hash != proved.password_hash or not _enter(session, user):
            return False
        if passwords.outdated(user.password_hash):
            user.password_hash = passwords.hash_password(password)
        return True


def _enter(session: Session, user: User) -> bool:
    """Into a new session, unless the account is disabled, of the demo outside it, or its person holds no post."""
    post = usual_post(session, user, web.at())
    if not user.active or post is None or (user.is_demo and not web.settings().demo):
        return False
    enter(session, user, post)
    logins.note(session, "entered", user.id, _address(), web.at())
    return True


def _address() -> str:
    return (request.remote_addr or "")[:64]


@door.post("/demo-login")
def enter_demo() -> Response:
    if not web.settings().demo:
        abort(404)
    with web.writing() as session:
        query = select(User).where(User.login == request.form.get("login", "").replace("\0", ""), User.is_demo)
        user = session.scalars(query).one_or_none()
        if user is None or not _enter(session, user):
            abort(404)
    return redirect(local_path(request.form.get("next", "")) or home_path(), 303)


@door.post("/logout")
@login_required
def leave() -> Response:
    with web.writing() as session:
        end_sessions(session, web.at(), LoginSession.id == current_user.row.id)
        logins.note(session, "left", current_user.row.user_id, _address(), web.at())
    logout_user()
    cookie.clear()
    return redirect(local_path(request.form.get("next", "")) or "/", 303)


def _login_page(error: str = "", name: str = "") -> str:
    fields = {
        "login": {"name": "login", "label": _("账号"), "required": True, "value": name},
        "password": {"name": "password", "label": _("密码"), "kind": "password", "required": True},
    }
    asked = request.values.get("next", "")
    page = layout.outside(action=url_for("auth.enter_by_password"), error=error, next=local_path(asked), **fields)
    if web.settings().demo:
        page |= {"demo_groups": _demo_groups(), "demo_action": url_for("auth.enter_demo")}
    return render_template("auth/login.html", **page)


def _demo_groups() -> list[dict[str, object]]:
    def account(login: str) -> dict[str, str]:
        return {"login": login, "label": texts.text(f"door.{login}.who"), "sub": texts.text(f"door.{login}.what")}

    shown = people.DOORS.items()
    return [{"role": texts.text(f"door.{group}"), "accounts": [*map(account, logins)]} for group, logins in shown]
