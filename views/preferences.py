"""消息设置: how a person wants each kind of message: at once, once a day, or only inside the system."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from views import layout, web
from views.admin_forms import Form
from views.texts import gettext as _
from views.texts import text
from workflow import preferences
from workflow.engine.forms import Field, checked
from workflow.engine.refusal import Refused

door = Blueprint("preferences", __name__, url_prefix="/account/notifications")

FIELDS = tuple(Field(about, "choice", choices=preferences.WAYS) for about in preferences.KINDS)


@door.get("")
@login_required
def show() -> str:
    return _page()


@door.post("")
@login_required
def save() -> Response | tuple[str, int]:
    try:
        wished = checked(FIELDS, {about: request.form.get(about, "") for about in preferences.KINDS})
    except Refused as refused:
        return _page(refused), 422
    with web.writing() as session:
        preferences.save(session, current_user.row.person_id, wished)
    flash(_("消息设置已保存。"))
    return redirect(url_for("preferences.show"), 303)


def _page(refused: Refused | None = None) -> str:
    form = Form(request.form, refused)
    with web.reading() as session:
        now = preferences.of(session, current_user.row.person_id)
        sent_to = preferences.has_channel(session, current_user.row.person_id)
    ways = [(how, text(f"how.{how}")) for how in preferences.WAYS]
    fields = [form.field(about, text(f"about.{about}"), "radio", now[about], options=ways) for about in now]
    return render_template("auth/notifications.html", fields=fields, sent_to=sent_to, **layout.page())
