"""诚信档案: the institutions one keeps, the facts on file, and entering, judging and voiding them."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models import Institution
from views import archive_context, layout
from views.inbox import number_asked, official
from views.texts import field_reasons, reason
from views.texts import gettext as _
from views.web import HIGHEST, actor, at, once, reading, writing
from workflow import archive
from workflow.engine.queries import archive as query
from workflow.engine.queries.coverage import coverage
from workflow.engine.refusal import Refused

door = Blueprint("archive", __name__)
Answer = Response | tuple[str, int]


@door.get("/archive")
@official
def index() -> str:
    words, page = request.args.get("q", "")[:100], number_asked("page")
    with reading() as session:
        bare = request.args.get("only") == "bare"
        figures = coverage(session, actor(), at())
        found, total = query.institutions(session, actor(), words, page, at(), figures.bare if bare else None)
    shown = archive_context.listing(words, found, page, total, bare=bare) | archive_context.covered(figures)
    return render_template("archive/list.html", **layout.work(**shown))


@door.get("/archive/<code>")
@official
def show(code: str) -> str:
    return _page(code)


@door.post("/archive/<code>/records")
@official
def record(code: str) -> Answer:
    def enter(session: Session, one: Institution, form: Mapping[str, str]) -> None:
        kinds = query.kinds(session, one.managing_authority_id)
        archive.record(session, one.id, kinds, form, actor(), at())

    return _kept(code, "record", enter, _("已录入诚信档案"))


@door.post(f"/archive/<code>/records/<int(max={HIGHEST}):record_id>/judge")
@official
def judge(code: str, record_id: int) -> Answer:
    def enter(session: Session, one: Institution, form: Mapping[str, str]) -> None:
        archive.judge(session, query.record(session, one, record_id), form, actor(), at())

    return _kept(code, f"judge{record_id}", enter, _("已认定情节和改正情况"))


@door.post(f"/archive/<code>/records/<int(max={HIGHEST}):record_id>/publish")
@official
def publish(code: str, record_id: int) -> Answer:
    def enter(session: Session, one: Institution, form: Mapping[str, str]) -> None:
        archive.publish(session, query.record(session, one, record_id), form, actor(), at())

    return _kept(code, f"publish{record_id}", enter, _("已认定失信类别，公示期和可修复日见该记录"))


@door.post(f"/archive/<code>/records/<int(max={HIGHEST}):record_id>/void")
@official
def void(code: str, record_id: int) -> Answer:
    def enter(session: Session, one: Institution, form: Mapping[str, str]) -> None:
        archive.void(session, query.record(session, one, record_id), form.get("reason", ""), actor(), at())

    return _kept(code, f"void{record_id}", enter, _("已作废该记录，档案中保留，不再计入评级"))


def _kept(code: str, which: str, enter: Callable[[Session, Institution, Mapping[str, str]], None], done: str) -> Answer:
    """One entry into the archive, once, however often its form is sent. Boxes are named after their form."""
    prefix = f"{which}-"
    form = {name.removeprefix(prefix): text for name, text in request.form.items() if name.startswith(prefix)}
    try:
        with writing() as session:
            one = query.institution(session, code, actor())
            once(session, lambda: enter(session, one, form))
    except Refused as refused:
        errors = field_reasons(refused)
        why = "" if errors else reason(refused)
        return _page(code, {"which": which, "typed": dict(request.form.items()), "errors": errors, "why": why}), 422
    flash(done)
    return redirect(url_for("archive.show", code=code), 303)


def _page(code: str, form: Mapping[str, Any] | None = None) -> str:
    with reading() as session:
        context = archive_context.page(session, code, form or {})
    return render_template("archive/show.html", **layout.work(**context))
