"""异常: everything the system could not do by itself, with the two ways to end it. A reason is always asked for."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from views import layout, texts, web
from views.present import local
from views.texts import gettext as _
from views.web import actor, at, reading, writing
from workflow import incidents
from workflow.engine.forms import Field, checked
from workflow.engine.permissions import Actor
from workflow.engine.queries import admin as query
from workflow.engine.refusal import Refused

door = Blueprint("incidents", __name__, url_prefix="/admin/incidents")
administrator = web.roles("system_admin")

REASON = (Field("reason", shortest=2, longest=500),)
Ending = Callable[[Session, int, str, Actor, datetime], None]
Answer = Response | tuple[str, int]


@door.get("")
@administrator
def index() -> str:
    return _page()


@door.post(f"/<int(max={web.HIGHEST}):incident_id>/retry")
@administrator
def retry(incident_id: int) -> Answer:
    return _end(incident_id, incidents.retry, _("已交重试。"))


@door.post(f"/<int(max={web.HIGHEST}):incident_id>/close")
@administrator
def close(incident_id: int) -> Answer:
    return _end(incident_id, incidents.close, _("异常已了结。"))


def _end(number: int, ending: Ending, done: str) -> Answer:
    try:
        with writing() as session:
            web.once(session, lambda: _ended(session, number, ending))
    except Refused as refused:
        return _page(number, refused), 422
    flash(done)
    return redirect(url_for("incidents.index"), 303)


def _ended(session: Session, number: int, ending: Ending) -> None:
    query.incident(session, actor(), number)
    reason = checked(REASON, {"reason": request.form.get("reason", "")})["reason"]
    ending(session, number, reason, actor(), at())


def _page(number: int = 0, refused: Refused | None = None) -> str:
    fields = texts.field_reasons(refused) if refused else {}
    error = fields.get("reason", "") or (texts.reason(refused) if refused else "")
    with reading() as session:
        rows = query.incidents(session, actor())
    typed = request.form.get("reason", "") if refused else ""
    return render_template(
        "admin/incidents.html", rows=rows, local=local, wrong=number, error=error, typed=typed, **layout.work()
    )
