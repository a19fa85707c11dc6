"""For the auditor: 管理记录, what was done around the cases, and whether the record still holds together; 登录记录."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session

from views import layout, web
from views.inbox import number_asked
from views.present import local
from views.rows import pages
from views.texts import text
from views.web import actor, reading
from workflow.engine import deeds
from workflow.engine.queries import deeds as query
from workflow.engine.queries import logins as login_query

door = Blueprint("deeds", __name__)
auditor = web.roles("audit_admin")
STRETCH = 250
SHOWN = 12
"""Digits of a checksum, as many as a line has room for."""


@door.get("/audit")
@auditor
def index() -> str:
    words, number = _asked()
    with web.database().read() as session:  # the chain is read through a cursor, which stands in a transaction
        found, total = query.lines(session, actor(), words, number)
        checked = _checked(session, number_asked("before")) if request.args.get("check") == "1" else ""
    return render_template(
        "deeds/index.html",
        rows=[_shown(line) for line in found],
        words=words,
        checked=checked,
        page=pages(number, total, query.PAGE, lambda one: url_for(".index", q=words or None, page=one)),
        **layout.work(),
    )


@door.get("/audit/logins")
@auditor
def logins() -> str:
    words, number = _asked()
    with reading() as session:
        found, total = login_query.lines(session, actor(), words, number)
    shown = [{"at": local(one.at), "event": text(f"login.{one.event}"), "who": one.who, "login": one.login,
              "address": one.address} for one in found]  # fmt: skip
    page = pages(number, total, login_query.PAGE, lambda one: url_for(".logins", q=words or None, page=one))
    return render_template("deeds/logins.html", rows=shown, words=words, page=page, **layout.work())


def _asked() -> tuple[str, int]:
    """The words looked for and the number of the page."""
    words = request.args.get("q", "").replace("\0", "").strip()[:100]
    return words, number_asked("page")


def _checked(session: Session, before: int) -> dict[str, Any]:
    """The newest stretch of the chain, or the one before a deed: however long it grows, a page checks no more."""
    last = deeds.size(session)
    last = min(before - 1, last) if before > 1 else last
    after = max(last - STRETCH, 0)
    faults = deeds.verify(session, after=after, most=last - after)
    return {
        "lines": [text(f"breach.{key}", seq=seq) for key, seq in faults[:20]],
        "span": (after + 1, last),
        "earlier_url": url_for(".index", check=1, before=after + 1) if after else None,
    }


def _shown(line: query.Line) -> dict[str, Any]:
    details = dict(line.details)
    if "role" in details:
        details["role"] = text(f"role.{details['role']}")
    if "kind" in details and line.deed.startswith("incident"):
        details["kind"] = text(f"incident.{details['kind']}")
    if "checksum" in details:
        details["checksum"] = details["checksum"][:SHOWN]
    details["place"] = details.get("office") or details.get("institution", "")
    who = f"{line.who} · {text(f'role.{line.role}')}" if line.who else text("actor.system")
    return {"seq": line.seq, "at": local(line.at), "who": who, "what": text(f"deed.{line.deed}", **details)}
