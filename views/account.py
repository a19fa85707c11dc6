"""One's own account: the post one works under, one's sessions, one's password."""

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from sqlalchemy import select
from werkzeug.wrappers import Response

from models import LoginSession, User
from views import layout, passwords, texts, throttle, web
from views.present import local
from views.sessions import alive, enter, home_path, limits
from views.texts import gettext as _
from workflow.administration import change_password as changed
from workflow.engine.refusal import Refused
from workflow.staffing import end_sessions

door = Blueprint("account", __name__)
GUESSES = throttle.Limit("own-password", 5, timedelta(minutes=15))


@door.get("/account")
@login_required
def show() -> str:
    return _page()


@door.post("/post")
@login_required
def switch_post() -> Response:
    """Work on under another of one's posts: a new token, the age of the login kept."""
    post = next((one for one in current_user.posts if str(one.id) == request.form.get("post")), None)
    if post is None:
        abort(404)
    row = current_user.row
    with web.writing() as session:
        end_sessions(session, web.at(), LoginSession.id == row.id)
        enter(session, current_user.user, post, row.created_at)
    flash(_("现以%(post)s办理。", post=layout.post_label(post)))
    return redirect(home_path(), 303)


@door.post("/account/sessions/<int:number>/end")
@login_required
def end(number: int) -> Response:
    """A session of somebody else is left alone without a word, like one that is not there."""
    with web.writing() as session:
        own = LoginSession.user_id == current_user.row.user_id
        end_sessions(session, web.at(), own, LoginSession.id == number)
    flash(_("该处登录已退出。"))
    return redirect(url_for("account.show"), 303)


@door.post("/account/password")
@login_required
def change_password() -> Response | tuple[str, int]:
    try:
        password = _new_password()
    except Refused as refused:
        return _page(refused), 422
    with web.writing() as session:
        user = session.get_one(User, current_user.row.user_id)
        changed(session, user, passwords.hash_password(password), web.actor(), web.at())
        enter(session, user, current_user.appointment)
    flash(_("密码已改，其他各处登录已退出。"))
    return redirect(url_for("account.show"), 303)


def _new_password() -> str:
    """The new password, after the old one has been proved."""
    user = current_user.user
    old, new, again = (request.form.get(name, "")[:200] for name in ("old", "new", "again"))
    with web.writing() as session:
        wait = throttle.take(session, GUESSES, web.at(), str(user.id))
    if wait:
        raise Refused("form_invalid", fields={"old": ("login_throttled", {"minutes": wait})})
    if not passwords.matches(user.password_hash, old):
        raise Refused("form_invalid", fields={"old": ("password_wrong", {})})
    with web.writing() as session:
        throttle.give_back(session, GUESSES, str(user.id))
    weak = ("password_unchanged", {}) if new == old else passwords.too_weak(new, user.login)
    if weak:
        raise Refused("form_invalid", fields={"new": weak})
    if new != again:
        raise Refused("form_invalid", fields={"again": ("passwords_differ", {})})
    return new


def _page(refused: Refused | None = None) -> str:
    errors = texts.field_reasons(refused) if refused else {}
    with web.reading() as session:
        mine = LoginSession.user_id == current_user.row.user_id, alive(**limits(web.at()))
        sessions = list(session.scalars(select(LoginSession).where(*mine).order_by(LoginSession.id.desc())))
    fields = [
        {"name": name, "label": label, "kind": "password", "required": True, "error": errors.get(name), "hint": hint}
        for name, label, hint in (
            ("old", _("现用密码"), ""),
            ("new", _("新密码"), _("至少 %(least)s 字，不含账号", least=passwords.SHORTEST)),
            ("again", _("再填一次新密码"), ""),
        )
    ]
    return render_template(
        "auth/account.html",
        sessions=sessions,
        posts=[(post, layout.post_label(post)) for post in current_user.posts],
        fields=fields,
        local=local,
        handed_out=passwords.handed_out(current_user.row.password_hash),
        **layout.page(),
    )
