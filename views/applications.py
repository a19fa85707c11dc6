"""申报荣誉: the institution's application in a recommendation round, beside its basic conditions by the archive."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from views import desk as show
from views import layout, recommendation, sheets, texts, uploads, web
from views.following import errors_of
from views.present import until
from views.texts import gettext as _
from views.uploads import Received
from workflow import recommendations
from workflow.clock import legal_day
from workflow.engine.forms import Field
from workflow.engine.queries import honours as query
from workflow.engine.refusal import NotFound, Refused
from workflow.machines.recommendation import HOLDER
from workflow.machines.recommendation_wording import FORM

door = Blueprint("applications", __name__)
ROUND = f"/desk/honours/<int(max={web.HIGHEST}):round_id>"
Answer = str | tuple[str, int] | Response


@door.get(ROUND)
@web.roles("clerk")
def form(round_id: int) -> str:
    return _page(round_id)


@door.post(ROUND)
@web.roles("clerk")
def file(round_id: int) -> Answer:
    files = uploads.received()
    try:
        written = {name: request.form.get(name) for name in ("holder", *FORM)}
        filled = written | sheets.sent(request.form) | {"files": files.ids}
        uploads.check_whole((HOLDER, *_fields(round_id)), filled, files)
        with web.writing() as session:
            _open(session, round_id)
            one = recommendations.apply(session, round_id, filled, web.actor(), web.request_id(), web.at())
    except Refused as refused:
        failure = "" if refused.fields else texts.reason(refused, "recommendation")
        return _page(round_id, files, texts.field_reasons(refused), failure), uploads.status(refused)
    flash(_("申报已提交，由管理机关评估"))
    return redirect(url_for("institution.case", number=one.number), 303)


def _open(session: Any, round_id: int) -> Any:
    """A round in which this institution could still apply; any other is a page that does not exist."""
    found = next((one for one in query.running(session, web.actor(), web.at()) if one.id == round_id), None)
    if found is None:
        raise NotFound
    return found


def _fields(round_id: int) -> tuple[Field, ...]:
    with web.reading() as session:
        one = _open(session, round_id)
        return recommendation.asked(recommendation.before(session, one, web.actor(), web.at()), one.scheme)


def _page(round_id: int, files: Received | None = None, errors: dict[str, str] | None = None, failure: str = "") -> str:
    with web.reading() as session:
        one = _open(session, round_id)
        facts = recommendation.before(session, one, web.actor(), web.at())
        asked, conditions = recommendation.asked(facts, one.scheme), recommendation.conditions(facts, facts.eligible)
        sheet = sheets.lines(facts, asked, "", request.form, errors or {})
    written = tuple(field for field in asked if not sheets.is_line(field))
    fields = recommendation.application_fields(facts.rules, written, request.form, errors or {})
    ends = until(one.submit_by, legal_day(web.at()))
    page = {
        "heading": _("申报：%(title)s", title=texts.policy_text(facts.rules.recommendation.honours[one.scheme].title)),
        "round_title": one.title,
        "ends": _("报送截止 %(day)s", day=ends),
        "conditions": conditions,
        "fields": fields,
        "sheet": sheet,
        "errors": sheets.errors_of(sheet) + errors_of(fields),
        "failure": failure,
        "carried": files.carried if files else [],
        "hidden": [("request_id", web.request_id() if request.method == "POST" else web.fresh_id())],
        "action": request.path,
    }
    return render_template("institution/apply.html", **layout.outside(**show.frame() | page))
