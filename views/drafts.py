"""暂存: the doors that keep an unfinished form and give it up."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, flash, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from views import texts
from views.inbox import worker
from views.institution import MOVES, barred, clerk
from views.present import local
from views.texts import gettext as _
from views.uploads import seen_version
from views.web import actor, at, reading, row_address, writing
from workflow import drafts
from workflow.engine.queries import desk
from workflow.engine.queries.case_page import find
from workflow.engine.refusal import Refused

door = Blueprint("drafts", __name__)
NOT_TYPED = frozenset({"csrf_token", "request_id", "seen_version", "material_hash", "draft"})
AT_DESK = f"/desk/cases/<number>/<{MOVES}:move>/draft"


@door.post("/cases/<number>/draft")
@worker
def keep(number: str) -> Response:
    return _kept(_case(number), "", row_address("cases.show", "number", number))


@door.post("/cases/<number>/draft/discard")
@worker
def discard(number: str) -> Response:
    return _discarded(_case(number), "", row_address("cases.show", "number", number))


@door.post(AT_DESK)
@clerk
def keep_filing(number: str, move: str) -> Response:
    with reading() as session:
        one = desk.own(session, number, actor(), at())
        why = barred(session, one, move)
    if why:
        return _refused(why)
    return _kept(one.id, move, url_for("institution.form", number=number, move=move))


@door.post(f"{AT_DESK}/discard")
@clerk
def discard_filing(number: str, move: str) -> Response:
    with reading() as session:
        case_id = desk.own(session, number, actor(), at()).id
    return _discarded(case_id, move, url_for("institution.form", number=number, move=move))


def _case(number: str) -> int:
    with reading() as session:
        return find(session, number, actor())


def _kept(case_id: int, form: str, page: str) -> Response:
    """A script is answered with what to say; without one the page comes again, with what was typed in it."""
    typed = {name: text for name, text in request.form.items() if name not in NOT_TYPED and text}
    try:
        with writing() as session:
            drafts.save(session, actor().person_id or 0, case_id, form, typed, seen_version(), _known(), at())
    except Refused as refused:
        return _refused(refused)
    said = _("已暂存 %(time)s", time=f"{local(at()):%H:%M}")
    if _scripted():
        return jsonify(said=said, saved=at().isoformat())
    flash(said)
    return redirect(page, HTTPStatus.SEE_OTHER)


def _refused(refused: Refused) -> Response:
    if not _scripted():
        raise refused
    return make_response(jsonify(said=texts.reason(refused)), HTTPStatus.CONFLICT)


def _discarded(case_id: int, form: str, page: str) -> Response:
    with writing() as session:
        drafts.discard(session, actor().person_id or 0, case_id, form)
    flash(_("暂存的内容已弃用"))
    return redirect(page, HTTPStatus.SEE_OTHER)


def _scripted() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _known() -> datetime | None:
    """When the draft was saved that the page knows."""
    try:
        return datetime.fromisoformat(request.form.get("draft", "")).astimezone(UTC)
    except ValueError:
        return None
