"""管理记录: what was done around the cases, for the auditor; and whether the record still holds together."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from views import layout, web
from views.present import local
from views.rows import pages
from views.texts import text
from views.web import actor, reading
from workflow.engine import deeds
from workflow.engine.queries import deeds as query

door = Blueprint("deeds", __name__)
auditor = web.roles("audit_admin")
MOST_PAGES = 100_000
SHOWN = 12
"""Digits of a checksum, as many as a line has room for."""


@door.get("/audit")
@auditor
def index() -> str:
    words = request.args.get("q", "").replace("\0", "").strip()[:100]
    number = min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES)
    with reading() as session:
        found, total = query.lines(session, actor(), words, number)
        checked = _checked(deeds.verify(session)) if request.args.get("check") == "1" else ""
        length = deeds.size(session)
    return render_template(
        "deeds/index.html",
        rows=[_shown(line) for line in found],
        words=words,
        checked=checked,
        length=length,
        page=pages(number, total, query.PAGE, lambda one: url_for(".index", q=words or None, page=one)),
        **layout.work(),
    )


def _checked(faults: list[tuple[str, int]]) -> dict[str, Any]:
    lines = [text(f"breach.{key}", seq=seq) for key, seq in faults[:20]]
    return {"sound": not faults, "lines": lines}


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
