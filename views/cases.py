"""事项: the list, the page of one case with its moves, the proof of its deadline, its files and documents."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from views import case_shown, layout, rows
from views.inbox import number_asked, official
from views.present import day_words, done_words, state_text
from views.texts import field_reasons, reason, text
from views.web import actor, at, fresh_id, reading, request_id, settings, writing
from workflow.attachments import path_of
from workflow.clock import legal_day
from workflow.engine.act import Outcome, act
from workflow.engine.load import case_row
from workflow.engine.machine import Field
from workflow.engine.queries import cases as query
from workflow.engine.queries.case_page import find
from workflow.engine.refusal import Refused
from workflow.machines import MACHINES

door = Blueprint("cases", __name__)


@door.get("/cases")
@official
def index() -> str:
    asked = query.Asked(request.args.get("machine", ""), request.args.get("state", ""), request.args.get("q", "")[:100])
    page = number_asked("page")
    with reading() as session:
        found, total = query.cases(session, actor(), asked, page, at())
    return render_template("cases/list.html", **case_shown.listing(asked, found, page, total))


@door.get("/cases/<number>")
@official
def show(number: str) -> str:
    return _page(number)


@door.post("/cases/<number>/act")
@official
def do(number: str) -> Answer | tuple[str, int]:
    move = request.form.get("move", "")
    try:
        outcome = _act(number, move)
    except Refused as refused:
        return _again(number, move, refused)
    flash(_done(move, outcome))
    return redirect(url_for("cases.show" if _sees(number) else "inbox.todo", number=number), 303)
