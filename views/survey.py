"""满意度调查: the public page behind an institution's link or QR code, and the code itself for whoever hands it out."""

import io
from datetime import datetime, timedelta

import segno
from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from views import layout, texts, throttle, web
from views.present import Shown, until
from views.texts import gettext as _
from workflow import surveys
from workflow.clock import legal_day
from workflow.engine.load import facts_of
from workflow.engine.permissions import SYSTEM
from workflow.engine.refusal import Refused
from workflow.engine.survey import asked as asked_of
from workflow.rules.policy_scoring import SurveyRules

door = Blueprint("survey", __name__)
Answer = str | tuple[str, int] | Response
ANSWERS = throttle.Limit("survey-line", 60, timedelta(hours=1))
COOKIE = "xinjie-survey"
A_YEAR = 366 * 24 * 3600


@door.get("/survey/<survey>")
def form(survey: str) -> Answer:
    answer = make_response(_page(survey))
    if COOKIE not in request.cookies:
        answer.set_cookie(COOKIE, web.fresh_id(), A_YEAR, path="/survey", httponly=True, samesite="Lax",
                          secure=request.is_secure)  # fmt: skip
    return answer


@door.post("/survey/<survey>")
def give(survey: str) -> Answer:
    line = throttle.network(request.remote_addr or "")
    with web.reading() as session:
        surveys.page(session, survey)
    with web.writing() as session:
        wait = throttle.take(session, ANSWERS, web.at(), line)
    if wait:
        return _page(survey, failure=texts.text("reason.survey_throttled", minutes=wait)), 429
    try:
        with web.writing() as session:
            surveys.answer(session, survey, request.form, *_who(survey, line), web.at())
    except Refused as refused:
        failure = "" if refused.fields else texts.reason(refused)
        return _page(survey, texts.field_reasons(refused), failure), 422 if refused.fields else 409
    return _page(survey, done=True), 201


@door.get("/survey/<survey>/qr.svg")
def qr(survey: str) -> Response:
    with web.reading() as session:
        surveys.page(session, survey)
    picture = io.BytesIO()
    segno.make(_address(survey), error="m").save(picture, kind="svg", scale=4, xmldecl=False)
    return Response(picture.getvalue(), content_type="image/svg+xml")


def card(session: Session, case_id: int, at: datetime) -> Shown | None:
    """What the institution and the authorities see of it: where it is, until when, and how many have answered."""
    found = asked_of(session, case_id)
    if found is None:
        return None
    rules = facts_of(session, case_id, SYSTEM, at).rules.scoring.survey
    over, least = at >= found.ends_at, rules.least if rules else 0
    end = until(found.ends_at, legal_day(at))
    return {
        "url": url_for("survey.form", survey=found.code),
        "qr_url": url_for("survey.qr", survey=found.code),
        "address": _address(found.code),
        "over": over,
        "end": _("已于 %(end)s 结束", end=end) if over else _("至 %(end)s", end=end),
        "count": _("已收到 %(n)s 份答卷，满 %(least)s 份才计分", n=found.answers, least=least),
    }


def _who(survey: str, line: str) -> tuple[str, str]:
    """The digests of the network line and of the browser. A browser without the page's cookie counts by its line."""
    browser = request.cookies.get(COOKIE) or f"line {line}"
    return web.secret_for("survey-line", f"{survey}:{line}"), web.secret_for("survey-browser", f"{survey}:{browser}")


def _address(survey: str) -> str:
    return url_for("survey.form", survey=survey, _external=True)


def _page(survey: str, errors: dict[str, str] | None = None, failure: str = "", done: bool = False) -> str:
    with web.reading() as session:
        one = surveys.page(session, survey)
    fields = [
        _field(one.rules, name, title, errors or {})
        for name, title in zip(surveys.names(one.rules), one.rules.questions, strict=True)
    ]
    page = {
        "name": one.name,
        "end": until(one.ends_at, legal_day(web.at())),
        "over": web.at() >= one.ends_at,
        "fields": fields,
        "errors": [(field["name"], field["label"]) for field in fields if field["error"]],
        "failure": failure,
        "done": done,
        "action": request.path,
    }
    return render_template("public/survey.html", **layout.outside(**page))


def _field(rules: SurveyRules, name: str, title: str, errors: dict[str, str]) -> Shown:
    ends = {1: _("1 分 很不满意"), rules.scale: _("%(n)s 分 很满意", n=rules.scale)}
    marks = [(str(mark), ends.get(mark, _("%(n)s 分", n=mark))) for mark in reversed(range(1, rules.scale + 1))]
    shown = {"name": name, "label": texts.policy_text(title), "kind": "radio", "options": marks, "required": True}
    return shown | {"hint": "", "value": request.form.get(name, ""), "error": errors.get(name)}
