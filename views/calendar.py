"""放假安排: the year as it stands, notices proposed by one person and released by another, deadlines recomputed."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from views import calendar_context as context
from views import layout, web
from views.texts import gettext as _
from views.texts import reason
from views.web import HIGHEST, actor, at, reading, writing
from workflow import calendar_notice
from workflow.calendar_file import BadNotice, Fault, decoded, read
from workflow.clock import legal_day
from workflow.engine import calendars
from workflow.engine.queries import calendar as query
from workflow.engine.refusal import Refused

door = Blueprint("calendar", __name__, url_prefix="/calendar")
keeper = web.roles(*sorted(query.KEEPERS))
NOTICE = f"/notices/<int(max={HIGHEST}):release_id>"
LARGEST = 2**20
Answer = Response | tuple[str, int]


@door.get("")
@keeper
def show() -> str:
    return _page()


@door.post("")
@keeper
def propose() -> Answer:
    """Checked before anything is kept."""
    try:
        with writing() as session:
            query.keeper(session, actor())
            release_id = _proposed(session)
    except BadNotice as bad:
        return _page(faults=bad.faults), 422
    except Refused as refused:
        return _page(why=reason(refused)), 409
    flash(_("已导入，待另一人发布"))
    return redirect(url_for(".notice", release_id=release_id), 303)


@door.get(NOTICE)
@keeper
def notice(release_id: int) -> str:
    return _notice_page(release_id)


@door.post(f"{NOTICE}/release")
@keeper
def release(release_id: int) -> Answer:
    try:
        with writing() as session:
            query.keeper(session, actor())
            web.once(session, lambda: calendar_notice.release(session, release_id, actor(), at()))
    except Refused as refused:
        return _notice_page(release_id, why=reason(refused)), 409
    flash(_("已发布，此后的时限按新安排计算"))
    return redirect(url_for(".notice", release_id=release_id), 303)


@door.post(f"{NOTICE}/recompute")
@keeper
def recompute(release_id: int) -> Answer | str:
    """Case by case; sent twice, each case is recomputed once."""
    sent, asked = web.request_id(), context.asked(request.form)
    with reading() as session:
        query.keeper(session, actor())
        released = query.release(session, release_id).released_at is not None
        found = query.moved(session, authority=asked.authority, machine=asked.machine)[: context.AT_ONCE]
    if not released:
        return _notice_page(release_id, why=reason(Refused("notice_not_released"))), 409
    names = dict(found)
    done = calendar_notice.apply_each(
        web.database(), names, lambda one: web.secret_for("recompute", f"{sent}:{one.case_id}:{one.purpose}"), at()
    )
    return _notice_page(release_id, results=[context.result(one, names[one], why) for one, why in done])


def _proposed(session: Session) -> int:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadNotice([("", "file_missing")])
    data = file.stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise BadNotice([("", "file_too_large")])
    found = read(decoded(data), file.filename)
    return web.once(session, lambda: calendar_notice.propose(session, found, actor(), at()), notice=decoded(data))


def _page(faults: list[Fault] | None = None, why: str = "") -> str:
    today = legal_day(at())
    with reading() as session:
        query.keeper(session, actor())
        found = context.year(calendars.current(session), request.args.get("year", ""), today)
        imported = [context.imported(one, today) for one in query.releases(session)]
    wrong = [context.fault(one) for one in faults or []]
    shown = {"imported": imported, "faults": wrong, "why": why, "request_id": web.fresh_id()}
    return render_template("calendar/year.html", **layout.work(**found, **shown))


def _notice_page(release_id: int, *, why: str = "", results: list[context.Shown] | None = None) -> str:
    asked = context.asked(request.values)
    with reading() as session:
        query.keeper(session, actor())
        shown = context.notice(session, query.release(session, release_id), asked, legal_day(at()))
    shown |= {"why": why, "results": results, "request_id": web.fresh_id()}
    return render_template("calendar/notice.html", **layout.work(**shown))
