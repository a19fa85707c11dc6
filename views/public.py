"""The citizens' site: notices, the register, objections without an account, and their way by receipt code.

Whoever is logged in, here everybody is the public. The code of a receipt is never part of an address.
"""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for

from views import ahead, citizen, downloads, following, texts, throttle, uploads, web
from views.frame import framed
from views.texts import gettext as _
from views.uploads import Received
from workflow import openings, receipts
from workflow.ahead import after, answering
from workflow.engine.act import Outcome, act
from workflow.engine.load import facts_of
from workflow.engine.permissions import OUTSIDER, Actor, objector
from workflow.engine.queries import public as query
from workflow.engine.queries import register
from workflow.engine.queries.entrances import bar_to
from workflow.engine.queries.track import Tracked, by_receipt
from workflow.engine.refusal import NotFound, Refused

door = Blueprint("public", __name__)
Answer = str | tuple[str, int]
HIGHEST = 2**63 - 1
FILINGS = throttle.Limit("objection-line", 20, timedelta(hours=1))
TRACKINGS = throttle.Limit("track-line", 20, timedelta(minutes=15))


def page_number() -> int:
    sent = request.args.get("page", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and 0 < len(sent) < len("1000000") and int(sent) else 1


@door.get("/notices")
def notices() -> str:
    past, page = request.args.get("past") == "1", page_number()
    with web.reading() as session:
        found, total = query.notices(session, web.at(), running_only=not past, offset=(page - 1) * query.PAGE)
        running = query.count_running(session)
    tabs = [
        {"label": _("正在公示"), "url": url_for(".notices"), "count": running, "current": not past},
        {"label": _("往期公示"), "url": url_for(".notices", past=1), "count": None, "current": past},
    ]
    shown = [citizen.notice_line(line, web.at()) for line in found]
    pager = citizen.pager(page, total, endpoint=".notices", past=int(past))
    return _render("notices", tabs=tabs, notices=shown, page=pager, past=past)


@door.get("/notices/<number>")
def notice(number: str) -> str:
    with web.reading() as session:
        page = query.notice(session, number, web.at())
    return _render("notice", **citizen.notice(page, web.at()))


@door.get("/notices/<number>/list.<any(json,csv):kind>")
def listed(number: str, kind: str) -> Response:
    """The list as it was frozen, with what is needed to check its digest without this site."""
    with web.reading() as session:
        page, entries = query.notice(session, number, web.at()), query.shown_list(session, number)
    answer = downloads.as_json(page, entries) if kind == "json" else downloads.as_csv(page, entries)
    answer.headers["Content-Disposition"] = f"attachment; filename={page.line.number}.{kind}"
    return answer


@door.get(f"/documents/<int(max={HIGHEST}):document_id>")
def document(document_id: int) -> str:
    with web.reading() as session:
        paper = query.confirmation(session, document_id)
    return _render("document", letter=following.letter(paper))


@door.get("/lookup")
def lookup() -> str:
    q, page = request.args.get("q", "").strip()[:200], page_number()
    rows, pager = None, None
    if q:
        with web.reading() as session:
            found, total = register.search(session, q, (page - 1) * query.PAGE)
        rows = [citizen.found_row(one) for one in found]
        pager = citizen.pager(page, total, endpoint=".lookup", q=q)
    return _render("lookup", action=url_for(".lookup"), q=q, rows=rows, page=pager)


@door.get("/institutions/<code>")
def institution(code: str) -> str:
    with web.reading() as session:
        page = register.institution(session, code, web.at())
    return _render("institution", **citizen.institution(page, web.at()))


@door.get("/notices/<number>/object")
@door.get(f"/notices/<number>/object/<int(max={HIGHEST}):entry>")
def object_form(number: str, entry: int = 0) -> Answer:
    with web.reading() as session:
        page = query.notice(session, number, web.at())
        barred = bar_to(
            session, "objection", query.subject_of(session, number, _about(page, entry)), OUTSIDER, web.at()
        )
    if barred:
        raise barred
    return _objection_page(page, entry)


@door.post("/notices/<number>/object")
@door.post(f"/notices/<number>/object/<int(max={HIGHEST}):entry>")
def object_to(number: str, entry: int = 0) -> Answer:
    """Filing twice from one form is one objection with one code."""
    with web.reading() as session:
        page = query.notice(session, number, web.at())
    if (wait := _wait(FILINGS)) and not _too_late_then(page, wait):
        failure = texts.text("reason.objections_throttled", minutes=wait)
        return _objection_page(page, entry, Received.carried_on(), failure=failure), 429
    files = uploads.received()
    try:
        secret, outcome = _file(number, entry, files)
    except Refused as refused:
        failure = "" if refused.fields else texts.reason(refused, "objection")
        return _objection_page(page, entry, files, texts.field_reasons(refused), failure), uploads.status(refused)
    return _receipt(secret, outcome), 201


def _about(page: query.NoticePage, entry: int) -> int:
    """The entry objected to; until one is chosen, the first that could be."""
    return entry or next((one.number for one in page.entries if one.standing in ("open", "held")), 1)


def _too_late_then(page: query.NoticePage, minutes: int) -> bool:
    """Whether somebody sent away for so long might find the publicity over: a right is never lost to the throttle."""
    later = web.at() + timedelta(minutes=minutes)
    return any(one.closes_at <= later for one in page.entries if one.closes_at and one.closes_at > web.at())


def _file(number: str, entry: int, files: Received) -> tuple[str, Outcome]:
    secret = web.secret_for("receipt", web.request_id())
    asked = uploads.fields_of("objection", "file")
    form: dict[str, Any] = {name: request.form.get(name) for name in ("ground", "statement", "name", "contact")}
    form |= {"files": files.ids, "receipt_hash": receipts.kept(secret)}
    chosen = entry or _chosen_entry()
    wrong: dict[str, tuple[str, dict[str, Any]]] = {} if chosen else {"entry": ("field_choice", {})}
    if not request.form.get("pledge"):
        wrong["pledge"] = ("pledge_required", {})
    uploads.check_whole(asked, form, files, wrong)
    with web.writing() as session:
        case_id = query.subject_of(session, number, chosen)
        return secret, openings.object_to(session, case_id, form, OUTSIDER, web.request_id(), web.at())


def _chosen_entry() -> int:
    sent = request.form.get("entry", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < len(str(HIGHEST)) else 0


def _receipt(secret: str, outcome: Outcome) -> str:
    with web.reading() as session:
        found = by_receipt(session, receipts.kept(secret), objector(receipts.kept(secret)), web.at())
        facts = facts_of(session, found.case_id, OUTSIDER, web.at())
        steps = ahead.words(after(facts, facts.full_state), facts)
    digest = outcome.note["material"]
    return _render("receipt", **following.receipt(receipts.written(secret), found, digest, web.at()), steps=steps)


def _objection_page(
    page: query.NoticePage,
    entry: int,
    files: Received | None = None,
    errors: dict[str, str] | None = None,
    failure: str = "",
) -> str:
    shown = following.objection_form(page, entry, request.form, errors or {}, web.at())
    hidden = [("request_id", web.request_id() if request.method == "POST" else web.fresh_id())]
    carried = files.carried if files else []
    with web.reading() as session:
        subject = query.subject_of(session, page.line.number, _about(page, entry))
        facts = facts_of(session, subject, OUTSIDER, web.at())
        steps = ahead.words(answering(facts, "objection", of_institution=False), facts)
    form = {"action": request.path, "hidden": hidden, "carried": carried, "failure": failure, "steps": steps}
    return _render("objection", **shown, **form)


@door.get("/track")
def track() -> str:
    return _track_page()


@door.post("/track")
def tracked() -> Answer:
    found = _by_code()
    return found if isinstance(found, tuple) else _track_page(found)


@door.post("/track/supply")
def supply() -> Answer:
    """What the objector was asked to add; the code in the form is what shows that it is the objector."""
    found = _by_code()
    if isinstance(found, tuple):
        return found
    files = uploads.received()
    try:
        _supply(found, files)
    except Refused as refused:
        failure = "" if refused.fields else texts.reason(refused, "objection")
        return _track_page(_again(), files, texts.field_reasons(refused), failure), uploads.status(refused)
    return _track_page(_again(), done=_("已收到补充材料，继续审查。"))


def _holder() -> Actor:
    """Whoever shows the code is the objector."""
    secret = receipts.read(request.form.get("code", "")[:200])
    return objector(receipts.kept(secret)) if secret else OUTSIDER


def _supply(found: Tracked, files: Received) -> None:
    form = {"statement": request.form.get("statement"), "files": files.ids}
    uploads.check_whole(uploads.fields_of("objection", "supply"), form, files)
    seen, sent = uploads.seen_version(), web.request_id()
    with web.writing() as session:
        act(session, found.case_id, "supply", _holder(), form=form, seen_version=seen, request_id=sent, at=web.at())


def _by_code() -> Tracked | tuple[str, int]:
    """The objection of the code that was sent, or the page that says why not. An attempt is counted before it is
    looked at: a counter that cannot be kept stops the look-up."""
    if wait := _wait(TRACKINGS):
        return _track_page(error=texts.text("reason.track_throttled", minutes=wait)), 429
    try:
        found = _again()
    except NotFound:
        return _track_page(error=texts.text("reason.receipt_unknown")), 422
    with web.writing() as session:
        throttle.give_back(session, TRACKINGS, throttle.network(request.remote_addr or ""))
    return found


def _again() -> Tracked:
    secret = receipts.read(request.form.get("code", "")[:200])
    if secret is None:
        raise NotFound
    with web.reading() as session:
        return by_receipt(session, receipts.kept(secret), objector(receipts.kept(secret)), web.at())


def _wait(limit: throttle.Limit) -> int:
    with web.writing() as session:
        return throttle.take(session, limit, web.at(), throttle.network(request.remote_addr or ""))


def _track_page(
    found: Tracked | None = None,
    files: Received | None = None,
    errors: dict[str, str] | None = None,
    failure: str = "",
    done: str = "",
    error: str = "",
) -> str:
    code = request.form.get("code", "")[:200]
    shown = following.track(found, request.form if errors or failure else {}, errors or {}, web.at())
    shown["code_field"] |= {"value": code, "error": error}
    again = request.form.get("request_id") if errors else None
    hidden = [("code", code), ("request_id", again or web.fresh_id())]
    carried = files.carried if files else []
    return _render("track", **shown, hidden=hidden, carried=carried, failure=failure, done=done)


def _render(template: str, **page: Any) -> str:
    return framed(f"public/{template}.html", **page)
