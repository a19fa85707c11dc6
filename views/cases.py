"""事项: the list, the page of one case with its moves, the proof of its deadline, its files and documents."""

from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models import Draft
from views import case_context, case_list, case_next, case_proof, case_sheet, drafted, layout, pdf, uploads
from views.inbox import number_asked, official, worker
from views.languages import in_chinese
from views.present import Shown
from views.texts import field_reasons, reason
from views.texts import gettext as _
from views.web import HIGHEST, actor, at, database, reading, request_id, row_address
from workflow.engine.act import Outcome, act
from workflow.engine.queries import cases as query
from workflow.engine.queries.case_page import find
from workflow.engine.refusal import Refused

door = Blueprint("cases", __name__)


@door.get("/cases")
@worker
def index() -> str:
    asked = query.Asked(request.args.get("machine", ""), request.args.get("state", ""), request.args.get("q", "")[:100])
    page = number_asked("page")
    with reading() as session:
        found, total = query.cases(session, actor(), asked, page, at())
    return render_template("cases/list.html", **layout.work(**case_list.listing(asked, found, page, total)))


@door.get("/cases/<number>")
@worker
def show(number: str) -> str:
    return _page(number, case_context.Form(), done=request.args.get("done", 0, int))


@door.post("/cases/<number>/act")
@worker
def do(number: str) -> Response | tuple[str, int]:
    move = request.form.get("move", "")
    if not move:
        return _page(number, case_context.Form(typed=dict(request.form.items()), why=_("请先选择一种办理方式"))), 422
    try:
        files = uploads.received(f"{move}-files")
        outcome = database().alone(lambda session: _act(session, find(session, number, actor()), move, files))
    except Refused as refused:
        return _again(number, move, refused)
    drafted.handed_in(outcome.case_id)
    return redirect(f"{row_address('cases.show', 'number', number)}?done={outcome.seq}", 303)


def _act(session: Session, case_id: int, move: str, files: uploads.Received) -> Outcome:
    sent, prefix = request.form, f"{move}-"
    form: dict[str, Any] = {name.removeprefix(prefix): text for name, text in sent.items() if name.startswith(prefix)}
    if files.fault:
        raise Refused("form_invalid", fields={"files": files.fault})
    form |= {"files": files.ids} if files.ids else {}
    seen = sent.get("seen_version", "")
    return act(
        session,
        case_id,
        move,
        actor(),
        form=form,
        seen_version=int(seen) if seen.isdecimal() else -1,
        material_hash=sent.get("material_hash", ""),
        request_id=request_id(),
        at=at(),
    )


def _again(number: str, move: str, refused: Refused) -> tuple[str, int]:
    """The same page in its present state, with what was typed and why it was refused."""
    errors = field_reasons(refused)
    machine = case_context.MACHINE_OF.get(number[:2], "")
    why = "" if errors else reason(refused, machine)
    form = case_context.Form(move, dict(request.form.items()), errors, why)
    return _page(number, form), 422 if errors else 409


def _page(number: str, form: case_context.Form, done: int = 0) -> str:
    with reading() as session:
        case_id = find(session, number, actor())
        draft = drafted.found(session, case_id)
        form = case_context.Form(draft.typed.get("move", ""), draft.typed) if draft else form
        context = case_context.case(session, case_id, form, done)
        context["form"]["draft"] = _draft(session, draft, number)
        after = case_next.following(session, case_id) if context["told"] and not context["turn"]["mine"] else None
    return render_template("cases/show.html", **layout.work(after=after, **context))


def _draft(session: Session, draft: Draft | None, number: str) -> Shown:
    urls = (url_for(f"drafts.{verb}", number=number) for verb in ("keep", "discard"))
    return drafted.shown(session, draft, *urls)


@door.get("/cases/<number>/file.pdf")
@official
def file(number: str) -> Response:
    with reading() as session, in_chinese():
        context = case_context.case(session, find(session, number, actor()), case_context.Form())
        paper = case_sheet.of(context, at())
    return _pdf(number, pdf.rendered("case", paper))


@door.get("/cases/<number>/proof")
@worker
def proof(number: str) -> str | Response:
    of, form = request.args.get("of", type=int), request.args.get("format", "")
    with reading() as session:
        case_id = find(session, number, actor())
        if form == "json":
            return jsonify(case_proof.as_json(session, case_id, of))
        if form == "pdf":
            with in_chinese():
                return _pdf(f"{number}-proof", case_proof.as_pdf(session, case_id, of))
        context = case_proof.proof(session, case_id, of)
    return render_template("cases/proof.html", **layout.work(**context))


def _pdf(name: str, data: bytes) -> Response:
    answer = Response(data, content_type="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename=f"{name}.pdf")
    return answer


@door.get(f"/cases/documents/<int(max={HIGHEST}):document_id>")
@official
def document(document_id: int) -> str:
    with reading() as session:
        context = case_proof.document(session, query.document(session, document_id, actor()))
    return render_template("cases/document.html", **layout.work(**context))
