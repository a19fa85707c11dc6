"""暂存: what a page says of an unfinished form that it shows again."""

from datetime import datetime

from flask import request
from sqlalchemy.orm import Session

from models import Draft
from views.present import Shown, day_words, local
from views.texts import gettext as _
from views.web import actor, at, writing
from workflow import drafts
from workflow.clock import legal_day


def found(session: Session, case_id: int, form: str = "") -> Draft | None:
    """The reader's own; none for a page that shows again what was just sent."""
    return drafts.of(session, actor().person_id or 0, case_id, form) if request.method == "GET" else None


def shown(session: Session, draft: Draft | None, save_url: str, discard_url: str) -> Shown:
    sent = request.form.get("draft", "")
    page = {"save_url": save_url, "discard_url": discard_url, "saved": sent, "said": "", "notes": []}
    if draft is None:
        return page
    said = _("这是您 %(when)s 暂存的内容，还没有提交。", when=_instant(draft.saved_at))
    moved = drafts.moved_on(session, draft)
    notes = [_("本件在 %(when)s 又有办理，提交前请核对。", when=_instant(moved))] if moved else []
    return page | {"saved": draft.saved_at.isoformat(), "said": said, "notes": notes}


def _instant(instant: datetime) -> str:
    here = local(instant)
    return f"{day_words(here.date(), legal_day(at()))} {here:%H:%M}"


def handed_in(case_id: int, form: str = "") -> None:
    """What was typed has become an act; a page that knew of no draft leaves none behind."""
    if request.form.get("draft"):
        with writing() as session:
            drafts.discard(session, actor().person_id or 0, case_id, form)
