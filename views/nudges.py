"""催办: the button of who waits, on the official's and the institution's page of a case."""

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from views import texts
from views.texts import gettext as _
from views.web import actor, at, once, roles, writing
from workflow import nudges
from workflow.engine.permissions import OFFICIALS
from workflow.engine.queries.case_page import find
from workflow.engine.refusal import Refused

door = Blueprint("nudges", __name__)


@door.post("/cases/<number>/nudge")
@roles(*sorted(OFFICIALS), "clerk")
def nudge(number: str) -> Response:
    try:
        with writing() as session:
            case = find(session, number, actor())
            once(session, lambda: nudges.nudge(session, case, actor(), at()))
        flash(_("已催办，承办人会收到消息。"))
    except Refused as refused:
        flash(texts.reason(refused))
    page = "institution.case" if actor().institution_id is not None else "cases.show"
    return redirect(url_for(page, number=number), 303)
