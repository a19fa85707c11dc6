"""评价批次: opening a round for everyone in its scope, how far it has come, annex 2, and the draft of a notice."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from views import case_list, layout, round_context
from views.downloads import spreadsheet
from views.inbox import number_asked, official
from views.texts import field_reasons, reason, text
from views.texts import gettext as _
from views.web import HIGHEST, actor, at, once, reading, request_id, secret_for, writing
from workflow import hand_ins, openings
from workflow.annex import TITLE, workbook
from workflow.clock import legal_day
from workflow.engine import deeds
from workflow.engine.forms import checked
from workflow.engine.queries import rounds as query
from workflow.engine.queries.cases import Asked, cases
from workflow.engine.refusal import Refused

door = Blueprint("rounds", __name__)
Answer = Response | tuple[str, int]


@door.get("/rounds")
@official
def index() -> str:
    return _list()


@door.post("/rounds")
@official
def begin() -> Answer:
    try:
        form = checked(round_context.ROUND, round_context.sent(round_context.ROUND))
        with writing() as session:
            new = (form["policy"], form["year"], form["title"], actor(), at())
            round_id = once(session, lambda: openings.open_round(session, *new))
    except Refused as refused:
        return _list(refused), 422
    return _opened(round_id)


@door.post(f"/rounds/<int(max={HIGHEST}):round_id>/open")
@official
def resume(round_id: int) -> Answer:
    with reading() as session:
        query.round_seen(session, round_id, actor())
    return _opened(round_id)


def _opened(round_id: int) -> Response:
    """A case for everyone in scope, each in a transaction of its own; what was refused is told with its reason."""
    with reading() as session:
        waiting = openings.still_to_open(session, round_id)
    faults = [fault for one in waiting if (fault := _open(round_id, one))]
    flash(_("已开启 %(n)s 件，逐件通知机构", n=len(waiting) - len(faults)))
    for name, why in faults:
        flash(_("%(name)s 未开启：%(why)s", name=name, why=why), "error")
    return redirect(url_for("rounds.show", round_id=round_id), 303)


def _open(round_id: int, institution_id: int) -> tuple[str, str] | None:
    once = secret_for("round", f"{round_id}:{institution_id}")
    try:
        with writing() as session:
            openings.open_case(session, round_id, institution_id, actor(), once, at())
    except Refused as refused:
        with reading() as session:
            return query.name_of(session, institution_id), reason(refused, "evaluation")
    return None


@door.get(f"/rounds/<int(max={HIGHEST}):round_id>")
@official
def show(round_id: int) -> str:
    page = number_asked("page")
    asked = Asked(machine="evaluation", state=request.args.get("state", ""), round_id=round_id)
    with reading() as session:
        context = round_context.page(session, round_id)
        whole = sum(row.states[asked.state] if asked.state else row.whole for row in context["progress"])
        found, total = cases(session, actor(), asked, page, at(), whole)
    lines = case_list.listing(asked, found, page, total) | round_context.pages(round_id, asked, page, total)
    return render_template("rounds/show.html", **layout.work(**lines, **context))


@door.get(f"/rounds/<int(max={HIGHEST}):round_id>/annex-2.xlsx")
@official
def annex(round_id: int) -> Response:
    with writing() as session:
        query.round_seen(session, round_id, actor())
        lines = query.summary(session, round_id, actor())
        reporting = query.authority_name(session, actor().authority_id)
        deeds.record(session, actor(), at(), "annex_exported", round=round_id)
    return spreadsheet(workbook(lines, reporting, legal_day(at()), round_context.remarks()), TITLE)


@door.post(f"/rounds/<int(max={HIGHEST}):round_id>/hand-in")
@official
def hand_in(round_id: int) -> Response:
    paper = request.form.get("paper", "")
    try:
        with writing() as session:
            query.round_seen(session, round_id, actor())
            once(session, lambda: hand_ins.hand_in(session, round_id, paper, actor(), at()))
        flash(_("已报送%(paper)s", paper=text(f"paper.{paper}")))
    except Refused as refused:
        flash(reason(refused), "error")
    return redirect(url_for("rounds.show", round_id=round_id), 303)


def _list(refused: Refused | None = None) -> str:
    with reading() as session:
        found = query.rounds(session, actor())
    errors = field_reasons(refused) if refused else {}
    why = reason(refused) if refused and not errors else ""
    return render_template("rounds/list.html", **layout.work(**round_context.listing(found, errors, why)))


@door.get(f"/rounds/<int(max={HIGHEST}):round_id>/notice")
@official
def notice(round_id: int) -> str:
    return _notice(round_id)


@door.post(f"/rounds/<int(max={HIGHEST}):round_id>/notice")
@official
def draft(round_id: int) -> Answer:
    form = round_context.sent(round_context.NOTICE) | {"cases": round_context.chosen_cases()}
    try:
        with writing() as session:
            query.round_seen(session, round_id, actor())
            number = openings.draft_notice(session, form, round_id, actor(), request_id(), at()).number
    except Refused as refused:
        return _notice(round_id, refused), 422
    flash(_("公示稿已报分管领导签发"))
    return redirect(url_for("cases.show", number=number), 303)


def _notice(round_id: int, refused: Refused | None = None) -> str:
    errors = field_reasons(refused) if refused else {}
    why = reason(refused, "publicity") if refused and not errors else ""
    with reading() as session:
        template, context = round_context.notice(session, round_id, errors, why)
    return render_template(template, **layout.work(**context))
