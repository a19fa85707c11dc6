"""What the pages of the calendar read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import url_for
from sqlalchemy.orm import Session

from views.present import Shown, day_words, local
from views.terms import holiday
from views.texts import gettext as _
from views.texts import reason, text
from views.web import actor
from workflow.calendar_file import Fault
from workflow.calendar_notice import Shift
from workflow.calendar_watch import missing_year
from workflow.engine.queries import calendar as query
from workflow.engine.queries.calendar import Difference, Release
from workflow.engine.refusal import Refused
from workflow.machines import MACHINES
from workflow.rules.calendar import Calendar, Day

AT_ONCE = 200
"""Cases that one sending of the form recomputes; the rest stays in the list for the next."""
FIRST_YEAR = 2004
AHEAD = 2


@dataclass(frozen=True, slots=True)
class Asked:
    authority: str
    machine: str


def asked(sent: Mapping[str, str]) -> Asked:
    machine = sent.get("machine", "")
    return Asked(sent.get("authority", "")[:20], machine if machine in MACHINES else "")


# --- the year


def year(calendar: Calendar, wanted: str, today: date) -> Shown:
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) == len("2026") else today.year
    number = min(max(number, FIRST_YEAR), today.year + AHEAD)
    found = query.year(calendar, number)
    return {
        "year": number,
        "years": [(one, url_for("calendar.show", year=one)) for one in range(today.year - 1, today.year + AHEAD + 1)],
        "months": [_month(list(days), today) for _number, days in groupby(found.days, lambda day: day.date.month)],
        "provisional": found.provisional,
        "working_days": sum(day.working for day in found.days),
        "documents": found.documents,
        "breaks": list(_breaks(found.days)),
        "missing": missing_year(calendar, today),
    }


def _month(days: Sequence[Day], today: date) -> Shown:
    return {"title": _("%(n)s 月", n=days[0].date.month), "days": [_cell(day, today) for day in days]}


def _cell(day: Day, today: date) -> Shown:
    special = day.why not in ("weekday", "weekend")
    look = ("is-extra" if day.working else "is-off") if special else "is-rest" if day.why == "weekend" else ""
    word = (_("班") if day.working else _("休")) if special else ""
    marks = [look, "is-today" if day.date == today else "", "is-maybe" if day.provisional and special else ""]
    return {"date": day.date, "look": " ".join(mark for mark in marks if mark), "word": word, "name": holiday(day.name)}


def _breaks(days: Sequence[Day]) -> Iterator[Shown]:
    """Each break with the days worked for it. A break that two notices made shows both."""
    marked = [day for day in days if day.why not in ("weekday", "weekend")]
    by_day_off = sorted(marked, key=lambda day: day.working)  # a make-up day may come long before its holiday
    for name in dict.fromkeys(day.name for day in by_day_off):
        own = [day for day in marked if day.name == name]
        yield {
            "name": holiday(name) or _("调整"),
            "off": list(_runs([day.date for day in own if not day.working])),
            "count": sum(not day.working for day in own),
            "work": [day.date for day in own if day.working],
            "documents": list(dict.fromkeys(day.document for day in own if day.document)),
        }


def _runs(dates: Sequence[date]) -> Iterator[tuple[date, date]]:
    for _key, run in groupby(enumerate(dates), lambda pair: pair[1].toordinal() - pair[0]):
        found = [day for _place, day in run]
        yield found[0], found[-1]


# --- the notices


def imported(one: Release, today: date) -> Shown:
    return {
        "document": one.document,
        "url": url_for("calendar.notice", release_id=one.id),
        "about": _("%(year)s 年度", year=one.year) if one.year else _("个别日期"),
        "released": one.released_at is not None,
        "on": day_words(local(one.released_at or one.proposed_at).date(), today),
        "by": one.released_by or one.proposed_by,
    }


def fault(one: Fault) -> tuple[str, str]:
    where, key = one
    return where or _("文件"), text(f"calendar_fault.{key}")


def notice(session: Session, one: Release, wanted: Asked, today: date) -> Shown:
    coming = one.id if one.released_at is None else None
    every = query.moved(session, coming)
    found = query.moved(session, coming, authority=wanted.authority, machine=wanted.machine)
    return {
        "crumbs": [(_("放假安排"), url_for("calendar.show")), (one.document, None)],
        "heading": one.document,
        "facts": _facts(one, today),
        "differences": [_difference(row) for row in query.differences(session, one)],
        "moves": [_move(shift, name) for shift, name in found[:AT_ONCE]],
        "total": len(found),
        "at_once": AT_ONCE,
        "released": one.released_at is not None,
        "own": one.proposed_by_id == actor().person_id,
        "asked": wanted,
        "authorities": query.authorities(session, {shift.authority_id for shift, _name in every}),
        "machines": [(key, text(f"machine.{key}")) for key in dict.fromkeys(shift.machine for shift, _name in every)],
        "release_url": url_for("calendar.release", release_id=one.id),
        "recompute_url": url_for("calendar.recompute", release_id=one.id),
        "url": url_for("calendar.notice", release_id=one.id),
    }


def _facts(one: Release, today: date) -> list[tuple[str, str]]:
    found = [
        (_("范围"), _("%(year)s 年度", year=one.year) if one.year else _("个别日期")),
        (_("导入"), f"{one.proposed_by} {day_words(local(one.proposed_at).date(), today)}"),
    ]
    if one.released_at:
        return [*found, (_("发布"), f"{one.released_by} {day_words(local(one.released_at).date(), today)}")]
    return [*found, (_("状态"), _("待另一人发布"))]


def _difference(row: Difference) -> Shown:
    return {"date": row.day, "before": _kind(row.before), "after": _kind(row.after)}


def _kind(day: Day) -> str:
    if day.why == "weekday":
        return _("工作日")
    if day.why == "weekend":
        return _("周末")
    kind = _("上班") if day.working else _("放假")
    unsure = _("（暂定）") if day.provisional else ""
    return f"{kind} · {holiday(day.name)}{unsure}" if day.name else kind


def _move(shift: Shift, authority: str) -> Shown:
    return {
        "number": shift.number,
        "machine": text(f"machine.{shift.machine}"),
        "what": text(f"due.{shift.rule_key}"),
        "authority": authority,
        "old": shift.old,
        "new": shift.new,
        "moves": shift.moves,
        "why": _("、").join(shift.why),
    }


def result(shift: Shift, authority: str, refused: Refused | None) -> Shown:
    return _move(shift, authority) | {"refused": reason(refused, shift.machine) if refused else ""}
