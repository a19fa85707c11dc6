"""办理情况: what leaders and section heads see of the load and lateness of their line."""

from typing import Any

from flask import Blueprint, render_template, url_for

from views import layout
from views.present import Shown, asked_text, day_words, local
from views.texts import gettext as _
from views.texts import text
from views.web import HIGHEST, actor, at, reading, roles
from workflow.clock import legal_day
from workflow.engine.queries import workload as query

door = Blueprint("workload", __name__)
SEES = ("leader", "section_head")
RECENT = 4
"""Weeks that the table sums up; the drawing shows all."""


@door.get("/workload")
@roles(*SEES)
def show() -> str:
    return _page(actor().authority_id or 0)


@door.get(f"/workload/<int(max={HIGHEST}):authority_id>")
@roles(*SEES)
def below(authority_id: int) -> str:
    return _page(authority_id)


def _page(authority_id: int) -> str:
    with reading() as session:
        found = query.workload(session, actor(), authority_id, at())
        context: Shown = {
            "crumbs": _crumbs(found),
            "heading": _("%(name)s办理情况", name=found.authority.short_name),
            "summary": _summary(found.whole),
            "lines": [_line(one, found.authority.id) for one in found.lines],
            "whole": _line(found.whole, found.authority.id),
            "weeks": _weeks(found),
            "late": [_late(one) for one in found.late],
        }
    return render_template("workload/show.html", **layout.work(**context))


def _crumbs(found: query.Workload) -> list[tuple[str, str | None]]:
    if found.above_id is None:
        return []
    top = found.above_id == actor().authority_id
    up = url_for("workload.show") if top else url_for("workload.below", authority_id=found.above_id)
    return [(_("上一级"), up), (found.authority.short_name, None)]


def _summary(whole: query.Load) -> str:
    figures = {"open": whole.open, "late": whole.overdue, "week": whole.week}
    return _("待办 %(open)s 项，逾期 %(late)s 项，本周到期 %(week)s 项", **figures)


def _line(one: query.Load, here: int) -> Shown:
    today = legal_day(at())
    done, late = sum(one.done[-RECENT:]), sum(one.late[-RECENT:])
    return {
        "name": one.name if one.authority_id != here else _("%(name)s本级", name=one.name),
        "url": url_for("workload.below", authority_id=one.authority_id) if one.authority_id != here else "",
        "below": one.below,
        "open": one.open,
        "parts": [one.overdue, one.week, one.later],
        "oldest": day_words(local(one.oldest - one.oldest.resolution).date(), today) if one.oldest else "",
        "done": done,
        "late": late,
        "share": f"{round(100 * late / done)}%" if done else "—",
    }


def _weeks(found: query.Workload) -> list[Shown]:
    today = legal_day(at())
    rows = zip(found.weeks, found.whole.done, found.whole.late, strict=True)
    return [
        {"label": day_words(monday, today), "parts": [late, done - late], "done": done} for monday, done, late in rows
    ]


def _late(one: query.Late) -> dict[str, Any]:
    return {
        "name": one.name or one.number,
        "url": url_for("cases.show", number=one.number),
        "kind": f"{text('machine.' + one.machine)} · {one.number}",
        "state": asked_text(one.machine, one.state, one.step, one.purpose),
        "authority": one.authority,
        "due": day_words(local(one.due_at - one.due_at.resolution).date(), legal_day(at()), weekday=True),
    }
