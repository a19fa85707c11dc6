"""信用修复: an institution's records with what may be applied for and from when, its two applications, and the notice
of those that are to be shown before they are decided."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from views import desk as look
from views import layout, repair_context, texts, uploads, web
from views.inbox import official
from views.texts import gettext as _
from views.uploads import Received
from workflow import openings, repairs
from workflow.engine.act import Outcome
from workflow.engine.queries import repairs as query
from workflow.engine.refusal import NotFound, Refused

door = Blueprint("repairs", __name__)
clerk = web.roles("clerk")
Answer = str | tuple[str, int] | Response
ENTRANCES = {"record": ("apply", repairs.apply), "upgrade": ("apply_upgrade", repairs.apply_upgrade)}


@door.get("/desk/repairs")
@clerk
def index() -> str:
    with web.reading() as session:
        page = repair_context.listing(query.of_clerk(session, web.actor(), web.at()))
    return _outside("repairs", **page)


@door.get("/desk/repairs/apply")
@clerk
def form() -> str:
    return _form(_kind())


@door.post("/desk/repairs/apply")
@clerk
def file() -> Answer:
    kind, files = _kind(), uploads.received()
    try:
        outcome = _file(kind, files)
    except Refused as refused:
        return _form(kind, files, refused), uploads.status(refused)
    flash(_("已提交申请，办理进度见下"))
    return redirect(url_for("institution.case", number=outcome.number), 303)


def _kind() -> str:
    """What is applied for: the repair of a record, or a better grade."""
    return "upgrade" if request.values.get("kind") == "upgrade" else "record"


def _file(kind: str, files: Received) -> Outcome:
    move, apply = ENTRANCES[kind]
    sent: dict[str, Any] = {name: request.form.get(name) for name in ("statement", "pledge")}
    sent |= {"record": request.form.get("record")} if kind == "record" else {"records": request.form.getlist("records")}
    sent |= {"files": files.ids}
    uploads.check_whole(uploads.fields_of("repair", move), sent, files)
    with web.writing() as session:
        return apply(session, sent, web.actor(), web.request_id(), web.at())


def _form(kind: str, files: Received | None = None, refused: Refused | None = None) -> str:
    with web.reading() as session:
        found = query.of_clerk(session, web.actor(), web.at())
    if found is None:
        raise NotFound
    page = repair_context.application(found, kind, ENTRANCES[kind][0], refused)
    sent = web.request_id() if request.method == "POST" else web.fresh_id()
    return _outside("repair_form", **page, request_id=sent, carried=files.carried if files else [])


def _outside(template: str, **page: Any) -> str:
    return render_template(f"institution/{template}.html", **layout.outside(**look.frame() | page))


# --- the notice, by the authority that made the finding


@door.get("/repairs/notice")
@official
def notice() -> str:
    return _notice()


@door.post("/repairs/notice")
@official
def draft() -> Answer:
    try:
        with web.writing() as session:
            number = _draft(session).number
    except Refused as refused:
        return _notice(refused), 422
    flash(_("公示稿已报分管领导签发"))
    return redirect(url_for("cases.show", number=number), 303)


def _draft(session: Session) -> Outcome:
    cases = request.form.getlist("cases")
    sent = {"title": request.form.get("title"), "opens_on": request.form.get("opens_on"), "cases": cases}
    policy_id = query.policy_of(
        session, [int(one) for one in cases if one.isdecimal() and len(one) < uploads.LONGEST_ID]
    )
    return openings.draft_notice_under(session, sent, policy_id, web.actor(), web.request_id(), web.at())


def _notice(refused: Refused | None = None) -> str:
    errors = texts.field_reasons(refused) if refused else {}
    why = texts.reason(refused, "publicity") if refused and not errors else ""
    with web.reading() as session:
        page = repair_context.notice(query.awaiting_publicity(session, web.actor()), errors, why)
    return render_template("notices/draft.html", **layout.work(**page))
