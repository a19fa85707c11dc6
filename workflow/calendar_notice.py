"""放假安排: a notice as a file, checked, proposed by one person and released by another; and what it moves.

TOML: document, year (when it announces one), [[off]] name/from/to (or day), [[work]] day/name. CSV: the columns
文号,年度,日期,类型,名称 with 类型 放假 or 补班, one row a day.
"""

import csv
import io
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, not_, or_, select, update
from sqlalchemy.orm import Session

from models import CalendarDay, CalendarRelease, Case, Timer
from models.core import table_of
from workflow.engine import calendars
from workflow.engine.act import act
from workflow.engine.clockwork import rule_of
from workflow.engine.permissions import SYSTEM, Actor
from workflow.engine.refusal import NotFound, Refused
from workflow.rules.calendar import Override

SATURDAY = 5
KINDS = {"放假": False, "补班": True}
Fault = tuple[str, str]
"""Where in the file, and the key of the rule it breaks."""


@dataclass(frozen=True)
class Notice:
    document: str
    year: int | None
    days: dict[date, Override]


class BadNotice(ValueError):
    """A file that cannot be a holiday notice: every fault with its place."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{where}: {key}" for where, key in faults))
        self.faults = faults


@dataclass(frozen=True)
class Shift:
    """A running deadline that another calendar would end on another day."""

    case_id: int
    number: str
    machine: str
    state: str
    authority_id: int
    rule_key: str
    old: date
    new: date


def read(text: str, name: str) -> Notice:
    """A notice from the text of its file. Raises BadNotice."""
    try:
        document, year, rows = _csv(text) if name.lower().endswith(".csv") else _toml(text)
    except (tomllib.TOMLDecodeError, KeyError, ValueError, TypeError) as error:
        raise BadNotice([(str(error), "unreadable")]) from error
    faults = [] if document.strip() else [("document", "document_missing")]
    days: dict[date, Override] = {}
    for where, day, override in rows:
        if day in days:
            faults.append((where, "day_twice"))
        if override.working and day.weekday() < SATURDAY:
            faults.append((where, "makeup_not_weekend"))
        if year and abs((day - date(year, 7, 1)).days) > 366:  # noqa: PLR2004 - a year's notice reaches into its neighbours
            faults.append((where, "other_year"))
        days[day] = override
    if year:
        faults += [(day.isoformat(), "statutory_day_missing") for day in _missing(year, days)]
    if faults:
        raise BadNotice(faults)
    return Notice(document.strip(), year, days)


def propose(session: Session, notice: Notice, actor: Actor, at: datetime) -> int:
    """Keep a checked notice until somebody else releases it."""
    if session.scalar(select(CalendarRelease.id).where(CalendarRelease.document_number == notice.document)):
        raise Refused("notice_exists", document=notice.document)
    row = {"document_number": notice.document, "announces_year": notice.year, "proposed_at": at}
    kept = insert(CalendarRelease).values(proposed_by_id=actor.person_id, **row).returning(CalendarRelease.id)
    release_id = session.execute(kept).scalar_one()
    days = [
        {"release_id": release_id, "day": day, "working": one.working, "name": one.name}
        for day, one in sorted(notice.days.items())
    ]
    session.execute(insert(table_of(CalendarDay)), days)
    return release_id


def release(session: Session, release_id: int, actor: Actor, at: datetime) -> None:
    """A second person puts the notice in force."""
    found = session.get(CalendarRelease, release_id)
    if found is None or found.released_at is not None:
        raise NotFound
    if actor.person_id is None or actor.person_id == found.proposed_by_id:
        raise Refused("second_person")
    one = update(CalendarRelease).where(CalendarRelease.id == release_id)
    session.execute(one.values(released_at=at, released_by_id=actor.person_id))


def shifts(session: Session, with_release: int | None = None) -> Iterator[Shift]:
    """Every running deadline that the calendar in force (and a release not yet in force) would move."""
    calendar = calendars.current(session, with_release=with_release)
    timer, case = table_of(Timer), table_of(Case)
    # The entries of a notice move with it, and what a person chose does not move.
    fixed = or_(timer.c.rule_key == "chosen", timer.c.state == "in_publicity")
    running = (timer.c.status.in_(("armed", "parked")), timer.c.kind.in_(("lapse", "overdue")), not_(fixed))
    query = select(timer, case.c.number, case.c.machine, case.c.authority_id).join(case, case.c.id == timer.c.case_id)
    for row in session.execute(query.where(*running).order_by(timer.c.planned_at, timer.c.id)):
        if row.rule.get("count", 0) <= 0:
            continue
        found = calendars.deadline(rule_of(row.rule), row.started_on, calendar)
        if row.state == "open" and found.due <= row.due_on:
            continue  # a running publicity is never shortened
        if found.due != row.due_on or found.provisional != row.provisional:
            yield Shift(
                row.case_id, row.number, row.machine, row.state, row.authority_id, row.rule_key, row.due_on, found.due
            )


def apply(session: Session, case_id: int, request_id: str, at: datetime) -> None:
    """Recompute one case's deadline, as the system, with a history entry that holds both dates."""
    act(session, case_id, "recompute", SYSTEM, request_id=request_id, at=at)


def _toml(text: str) -> tuple[str, int | None, list[tuple[str, date, Override]]]:
    tables = tomllib.loads(text)
    rows = []
    for number, off in enumerate(tables.get("off", []), 1):
        first, last = off.get("from", off.get("day")), off.get("to", off.get("day", off.get("from")))
        day = first
        while day <= last:
            rows.append(
                (f"off {number} {day}", day, Override(False, off.get("name", ""), tables["document"], "holiday"))
            )
            day += timedelta(days=1)
    for number, work in enumerate(tables.get("work", []), 1):
        rows.append((f"work {number}", work["day"], Override(True, work.get("name", ""), tables["document"], "makeup")))
    return str(tables["document"]), tables.get("year"), rows


def _csv(text: str) -> tuple[str, int | None, list[tuple[str, date, Override]]]:
    lines: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    if not lines:
        raise ValueError("no rows")
    document, year = lines[0]["文号"], lines[0]["年度"]
    rows = []
    for number, line in enumerate(lines, 2):
        working = KINDS[line["类型"].strip()]
        override = Override(working, line["名称"].strip(), document, "makeup" if working else "holiday")
        rows.append((f"line {number}", date.fromisoformat(line["日期"].strip()), override))
    return document, int(year) if year.strip() else None, rows


def _missing(year: int, days: dict[date, Override]) -> list[date]:
    """Statutory days (全国年节及纪念日放假办法) that the notice leaves out: then it cannot be a whole year's notice."""
    import holidays

    statutory = holidays.country_holidays("CN", years=year)
    return [day for day in sorted(statutory) if day.year == year and (day not in days or days[day].working)]


__all__ = ["BadNotice", "Notice", "Shift", "apply", "propose", "read", "release", "shifts"]
