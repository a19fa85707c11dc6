"""机构工作台: the desk of an institution's clerk. Another institution's matters are pages that do not exist."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from views import ahead, desk_result, drafted, explanation, layout, recommendation, sheets, survey, texts, uploads, web
from views import desk as show
from views.following import errors_of, letter, stops
from views.present import day_words, done_words, grade
from views.texts import gettext as _
from views.uploads import Received
from workflow import deliveries, drafts, nudges, openings, receipts
from workflow.ahead import Following, after, answering
from workflow.clock import legal_day
from workflow.engine.act import Outcome, act
from workflow.engine.facts import Facts
from workflow.engine.forms import Field
from workflow.engine.load import facts_of
from workflow.engine.queries import desk as query
from workflow.engine.queries import honours, repairs
from workflow.engine.queries.entrances import bar_to
from workflow.engine.queries.track import case_stops, result_stops, tracked
from workflow.engine.refusal import NotFound, Refused
from workflow.machines import MACHINES
from workflow.machines.recommendation_wording import FORM

door = Blueprint("institution", __name__)
clerk = web.roles("clerk")
Answer = str | tuple[str, int] | Response
MOVES = "any(report,correct,supply,fill,state_case,defend,withdraw,object,'re-review')"
ENTRANCES = {"object": ("objection", openings.object_to), "re-review": ("re_review", openings.apply_re_review)}
HIGHEST = 2**63 - 1
WRITTEN = ("ground", "statement", "opinion", "contact", *FORM)


@door.get("/desk")
@clerk
def desk() -> str:
    with web.reading() as session:
        matters, letters = _matters(session), query.letters(session, web.actor())
        results = [_result(session, one) for one in matters]
        ways = {one.number: _way(session, one) for one in matters if _runs(one)}
        who, rounds = query.who(session, web.actor()), honours.running(session, web.actor(), web.at())
        begun = drafts.begun(session, web.actor().person_id or 0)
    newest, today = next((one for one in results if one), None), legal_day(web.at())
    progress = [_progress(one, ways[one.number]) for one in matters if one.number in ways]
    page = desk_result.grade_card(newest, matters, web.at()) | {"rights": desk_result.rights(newest, web.at())}
    papers = [show.letter_row(one, today) for one in letters]
    public_url = url_for("public.institution", code=who["code"])
    greeting = _("%(name)s，今天 %(day)s", name=web.actor().name, day=day_words(today, today, weekday=True))
    return _render(
        "desk",
        **page,
        progress=progress,
        heading=who["heading"],
        public_url=public_url,
        greeting=greeting,
        asks=show.asks(matters, letters, begun) + show.openings(rounds, web.at()),
        documents=papers,
    )


@door.get("/desk/cases")
@clerk
def cases() -> str:
    with web.reading() as session:
        rows = [show.row(one, legal_day(web.at())) for one in _matters(session)]
    return _render("cases", rows=rows)


@door.get("/desk/cases/<number>")
@clerk
def case(number: str) -> str:
    with web.reading() as session:
        one = query.own(session, number, web.actor(), web.at())
        result, way = _result(session, one), _way(session, one)
        filed = query.filed(session, one.id)
        pressed = nudges.refusal(session, one.id, web.actor(), web.at())
        asked = survey.card(session, one.id, web.at())
    page = {
        "matter": show.row(one, legal_day(web.at())),
        "reasons": desk_result.reasons(result.rules, result.findings) if result else [],
        "grade": grade(result.grade, desk_result.look(result.state)) if result else None,
        "explained_url": url_for("institution.result", number=number) if result else "",
        "unrated": one.unrated,
        "materials": [show.material(paper) for paper in filed],
        "progress": _progress(one, way),
        "asks": show.asks([one], []),
        "withdraw": show.withdrawal(one),
        "survey": asked,
        "nudge_url": "" if pressed else url_for("nudges.nudge", number=number),
    }
    return _render("case", **page)


@door.get("/desk/cases/<number>/result")
@clerk
def result(number: str) -> str:
    with web.reading() as session:
        one = query.own(session, number, web.actor(), web.at())
        known = _result(session, one)
        repairable = repairs.of_clerk(session, web.actor(), web.at())
    if known is None:
        raise NotFound
    return _render("result", **explanation.page(known, repairable, web.at()))


@door.get(f"/desk/cases/<number>/<{MOVES}:move>")
@clerk
def form(number: str, move: str) -> str:
    with web.reading() as session:
        one = query.own(session, number, web.actor(), web.at())
        why = barred(session, one, move)
    if why:
        raise why
    return _form_page(one, move)


@door.post(f"/desk/cases/<number>/<{MOVES}:move>")
@clerk
def file(number: str, move: str) -> Answer:
    with web.reading() as session:
        one = query.own(session, number, web.actor(), web.at())
    files = uploads.received()
    try:
        outcome = _file(one, move, files)
    except Refused as refused:
        failure = "" if refused.fields else texts.reason(refused, one.machine)
        return _form_page(one, move, files, texts.field_reasons(refused), failure), uploads.status(refused)
    drafted.handed_in(one.id, move)
    flash(_done(outcome, move))
    return redirect(url_for("institution.case", number=outcome.number), 303)


@door.get("/desk/documents")
@clerk
def papers() -> str:
    with web.reading() as session:
        found = query.letters(session, web.actor())
    return _render("papers", documents=[show.letter_row(one, legal_day(web.at())) for one in found])


@door.get(f"/desk/documents/<int(max={HIGHEST}):document_id>")
@clerk
def paper(document_id: int) -> str:
    with web.reading() as session:
        found = query.letter(session, document_id, web.actor())
    row = show.letter_row(found, legal_day(web.at()))
    action = None if found.delivered_at else url_for("institution.sign_for", document_id=document_id)
    return _render("paper", letter=letter(found.paper), note=row["note"], action=action, request_id=web.fresh_id())


@door.post(f"/desk/documents/<int(max={HIGHEST}):document_id>")
@clerk
def sign_for(document_id: int) -> Response:
    """签收: from this day the document is delivered, and the periods after it count."""
    with web.writing() as session:
        deliveries.sign_for(session, document_id, web.actor(), web.request_id(), web.at())
    flash(_("已签收，即为送达。可以行使的权利和期限见工作台"))
    return redirect(url_for("institution.paper", document_id=document_id), 303)


def _runs(one: query.Matter) -> bool:
    """Whether somebody still has to act: a result in force stands, and is shown as the grade."""
    return not one.closed and one.state not in ("effective", "superseded", "granted")


def _matters(session: Any) -> list[query.Matter]:
    return query.matters(session, web.actor(), web.at())


def _result(session: Any, one: query.Matter) -> query.Result | None:
    return query.result(session, one, web.actor(), web.at())


def _way(session: Any, one: query.Matter) -> list[dict[str, Any]]:
    if MACHINES[one.machine].publicity:
        found = result_stops(session, facts_of(session, one.id, web.actor(), web.at()))
        return show.stages(one.machine, found, one, web.at())
    if one.machine not in ("objection", "re_review"):
        return show.stages(one.machine, case_stops(session, one.id, one.machine, one.state), one, web.at())
    return stops(tracked(session, query.objection_of(session, one.id), web.actor(), web.at()), web.at())


def _progress(one: query.Matter, way: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": show.name_of(one),
        "note": one.number,
        "steps": way,
        "url": show.row(one, legal_day(web.at()))["url"],
    }


def barred(session: Any, one: query.Matter, move: str) -> Refused | None:
    """Why the form must not be shown, nor kept, as the engine says."""
    if move in ENTRANCES:
        return bar_to(session, ENTRANCES[move][0], one.id, web.actor(), web.at())
    return None if any(offer.move == move for offer in one.offers) else Refused("not_from_here", move=move)


def _file(one: query.Matter, move: str, files: Received) -> Outcome:
    machine, name = (ENTRANCES[move][0], "file") if move in ENTRANCES else (one.machine, move)
    asked = {field.name for field in uploads.fields_of(machine, name)}
    form: dict[str, Any] = {key: request.form.get(key) for key in WRITTEN if key in asked}
    form |= _own_side(one, asked) | ({"files": files.ids} if "files" in asked else {})
    form |= sheets.sent(request.form)
    if fields := _fields(one, move):
        uploads.check_whole(fields, form, files)
    who, sent, now = web.actor(), web.request_id(), web.at()
    with web.writing() as session:
        if move in ENTRANCES:
            return ENTRANCES[move][1](session, one.id, form, who, sent, now)
        return act(session, one.id, move, who, form=form, seen_version=uploads.seen_version(), request_id=sent, at=now)


def _fields(one: query.Matter, move: str) -> tuple[Field, ...]:
    """What is asked for here: the entrance's form, or the offered move's with its sheet spelled out. Nothing for a
    move that is not on offer: the engine answers a form sent twice, and refuses any other."""
    if move in ENTRANCES:
        return uploads.fields_of(ENTRANCES[move][0], "file")
    return next((offer.fields for offer in one.offers if offer.move == move), ())


def _own_side(one: query.Matter, asked: set[str]) -> dict[str, str]:
    """An institution objects under its own name and follows its objection at the desk, without a receipt."""
    if "receipt_hash" not in asked:
        return {}
    with web.reading() as session:
        name = query.who(session, web.actor())["heading"]
    return {"name": name, "receipt_hash": receipts.kept(web.secret_for("receipt", web.request_id()))}


def _done(outcome: Outcome, move: str) -> str:
    with web.reading() as session:
        now = query.own(session, outcome.number, web.actor(), web.at())
    machine = ENTRANCES[move][0] if move in ENTRANCES else now.machine
    due = show.due_words(now, web.at())
    said = done_words(machine, "file" if move in ENTRANCES else move)
    if now.closed:
        return said
    return _("%(done)s，由%(who)s办理", done=said, who=now.authority) + (_("，至 %(due)s", due=due) if due else "")


def _form_page(
    one: query.Matter,
    move: str,
    files: Received | None = None,
    errors: dict[str, str] | None = None,
    failure: str = "",
) -> str:
    machine, name = (ENTRANCES[move][0], "file") if move in ENTRANCES else (one.machine, move)
    errors = errors or {}
    with web.reading() as session:
        facts = facts_of(session, one.id, web.actor(), web.at())
        draft = drafted.found(session, one.id, move)
        typed: Mapping[str, str] = draft.typed if draft else request.form
        kept = drafted.shown(session, draft, f"{request.path}/draft", f"{request.path}/draft/discard")
        sheet = sheets.form_of(facts, one.offers, move, typed, errors)
        known = _result(session, one) if move in ENTRANCES else None
        steps = ahead.words(_following(facts, one, move), facts)
    closes = desk_result.ends(known, ENTRANCES[move][0], legal_day(web.at())) if known else ""
    if name == "fill":
        asked = uploads.fields_of(machine, name)
        fields = recommendation.application_fields(facts.rules, asked, typed, errors)
    else:
        fields = show.filing_fields(machine, name, typed, errors)
    sent = web.request_id() if request.method == "POST" else web.fresh_id()
    page = {
        "heading": texts.text(f"move.{machine}.{name}"),
        "matter": show.row(one, legal_day(web.at())),
        "said": one.said,
        "fields": fields,
        "sheet": sheet,
        "errors": sheets.errors_of(sheet) + errors_of(fields),
        "failure": failure,
        "carried": files.carried if files else [],
        "hidden": [("request_id", sent), ("seen_version", one.version)],
        "action": request.path,
        "draft": kept,
        "ahead": steps,
        "closes": closes,
    }
    return _render("form", **page)


def _following(facts: Facts, one: query.Matter, move: str) -> list[Following]:
    if move in ENTRANCES:
        return answering(facts, ENTRANCES[move][0], of_institution=True)
    plan = next((offer.plan for offer in one.offers if offer.move == move), None)
    return after(facts, plan.move.to) if plan else []


def _render(template: str, **page: Any) -> str:
    return render_template(f"institution/{template}.html", **layout.outside(**show.frame() | page))
