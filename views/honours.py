"""推荐批次: opening a round for an honour, its quotas, its ranked list, nominations and the work summary."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from views import honours_context as context
from views import layout, uploads
from views.downloads import spreadsheet
from views.inbox import official
from views.texts import field_reasons, reason
from views.texts import gettext as _
from views.web import HIGHEST, actor, at, once, reading, request_id, writing
from workflow import recommendations
from workflow.engine import deeds
from workflow.engine.forms import checked
from workflow.engine.load import rules_of
from workflow.engine.queries import honours as query
from workflow.engine.queries.rounds import authority_name, rounds
from workflow.engine.refusal import Refused
from workflow.ranked_list import TITLE, workbook

door = Blueprint("honours", __name__)
ROUND = f"/honours/<int(max={HIGHEST}):round_id>"
Answer = Response | tuple[str, int]


@door.get("/honours")
@official
def index() -> str:
    return _list()


@door.post("/honours")
@official
def begin() -> Answer:
    try:
        form = checked(context.BEGIN, context.sent(context.BEGIN))
        policy, _dot, honour = form["honour"].partition(".")
        with writing() as session:
            new = (policy, honour, form["year"], form["title"], actor(), at())
            opened = once(session, lambda: recommendations.open_round(session, *new))
    except Refused as refused:
        return _list(refused), 422
    return redirect(url_for(".show", round_id=opened), 303)


@door.get(ROUND)
@official
def show(round_id: int) -> str:
    return _page(round_id)


@door.get(f"{ROUND}/list.xlsx")
@official
def ranked(round_id: int) -> Response:
    with writing() as session:
        one = query.round_seen(session, round_id, actor())
        title = TITLE.format(honour=rules_of(session, one.policy_id).recommendation.honours[one.scheme].title)
        lists = query.listed(session, one, actor()) or {authority_name(session, actor().authority_id): []}
        deeds.record(session, actor(), at(), "list_exported", round=round_id)
    return spreadsheet(workbook(title, lists), title)


@door.post(f"{ROUND}/seats")
@official
def seats(round_id: int) -> Answer:
    try:
        form = checked(context.SEATS, context.sent(context.SEATS))
        with writing() as session:
            query.round_seen(session, round_id, actor())
            once(session, lambda: recommendations.set_seats(session, form["quota"], form["seats"], actor(), at()))
    except Refused as refused:
        return _page(round_id, refused, "seats"), 422
    flash(_("名额已调整，记入管理记录"))
    return redirect(url_for(".show", round_id=round_id), 303)


@door.post(f"{ROUND}/nominate")
@official
def nominate(round_id: int) -> Answer:
    try:
        form = checked(context.NOMINATE, context.sent(context.NOMINATE))
        named = {"holder": form["holder"]}
        with writing() as session:
            query.round_seen(session, round_id, actor())
            one = recommendations.nominate(session, round_id, form["institution"], named, actor(), request_id(), at())
    except Refused as refused:
        return _page(round_id, refused, "nominate"), 422
    return redirect(url_for("cases.show", number=one.number), 303)


@door.post(f"{ROUND}/summary")
@official
def summary(round_id: int) -> Answer:
    files = uploads.received()
    try:
        uploads.check_whole(context.SUMMARY, {"files": files.ids}, files)
        with writing() as session:
            query.round_seen(session, round_id, actor())
            mine = (context.own_quota(session, round_id), files.ids[0], actor(), at())
            once(session, lambda: recommendations.file_summary(session, *mine))
    except Refused as refused:
        return _page(round_id, refused, "summary"), 422
    flash(_("工作总结已提交"))
    return redirect(url_for(".show", round_id=round_id), 303)


def _list(refused: Refused | None = None) -> str:
    errors = field_reasons(refused) if refused else {}
    with reading() as session:
        shown = context.listing(rounds(session, actor(), "recommendation"), errors)
    why = reason(refused) if refused and not errors else ""
    return render_template("honours/list.html", **layout.work(**shown, why=why))


def _page(round_id: int, refused: Refused | None = None, form: str = "") -> str:
    errors = field_reasons(refused) if refused else {}
    why = reason(refused, "recommendation") if refused and not errors else ""
    with reading() as session:
        shown = context.page(session, round_id, form, errors)
    return render_template("honours/show.html", **layout.work(**shown, why=why))
