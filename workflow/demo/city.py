"""The demo city: its authorities, people and institutions, and three years of their work, played up to now."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Authority, Institution, Objection, User
from models.database import Database
from workflow.authorities import load_locality
from workflow.clock import HandClock, legal_day
from workflow.demo import bulk, crowd, last_year, repairs, shandong, this_year, zhoushan
from workflow.demo.dates import WorkingDays, announce
from workflow.demo.firms import FIRMS, Firm, Record, table
from workflow.demo.people import SINCE, staff
from workflow.demo.play import Play, receipt
from workflow.demo.script import Script
from workflow.engine import calendars
from workflow.institutions import import_table
from workflow.staffing import add_person, appoint, open_account

Progress = Callable[[int, int], None]
YEARS = 3
"""Of archive facts before the running round."""
FOUND = timedelta(days=20)
"""From a fact to its being found, or decided where it is judged."""


def standing(session: Session) -> Literal["empty", "loaded", "broken", "foreign"]:
    """What a database is to the demo; `broken` is one whose load was broken off."""
    if session.scalar(select(Objection.case_id).where(Objection.receipt_hash == receipt(this_year.NEWEST))):
        return "loaded"
    if session.scalar(select(Authority.id).limit(1)) is None:
        return "empty"
    stranger = session.scalar(select(User.id).where(~User.is_demo).limit(1))
    played = session.scalar(select(User.id).where(User.is_demo).limit(1))
    return "broken" if played and not stranger else "foreign"


def load(
    database: Database,
    now: datetime,
    seed: int = 1,
    *,
    size: int = 1,
    password_hash: str = "!",
    progress: Progress = lambda done, total: None,
) -> None:
    """Fill an empty database with the demo, ending at `now`. Everyone logs in with one password.

    `size`: how many times sixty institutions; what is told of the first sixty is the same at every size.
    """
    parts = crowd.parts(size)
    firms = [*FIRMS, *crowd.crowd(parts)]
    play = Play(database, HandClock(now), Random(seed), seed, {firm.key: firm for firm in firms})
    today = legal_day(now)
    with database.hurried():
        with database.write() as session:
            announce(session, range(today.year - YEARS - 1, today.year + 1), now - timedelta(days=366 * (YEARS + 1)))
            days = WorkingDays(calendars.current(session), today)
            running = days.back(this_year.OPENED)
            founded = days.before(running - timedelta(days=365 * YEARS), 1)
            play.clock.to_local(founded)
            load_locality(session, "henan", play.clock())
            staff(session, play.clock(), password_hash)
        script = Script(play)
        opens = last_year.opening(days, running)
        _join(script, days, running, founded, password_hash)
        for firm in firms:
            for number, record in enumerate(firm.records):
                _archive(script, days, running, firm, number, record)
        last_year.write(script, days, opens)
        this_year.write(script, days)
        zhoushan.write(script, days, founded, password_hash)
        bulk.write(script, days, opens, parts)
        repairs.write(script, days)
        shandong.write(script, days, password_hash)
        script.run(now, progress)


def _join(script: Script, days: WorkingDays, running: date, founded: date, password_hash: str) -> None:
    """Most institutions are there from the start; some came after last year's round, one after this year's opening."""
    firms = script.play.firms.values()
    arrivals = {
        founded: [firm for firm in firms if firm.last],
        days.before(running, 8): [firm for firm in firms if not firm.last and not firm.late],
        days.back(this_year.JOINED + 1): [firm for firm in firms if firm.late],
    }
    for day, joining in arrivals.items():
        script.at(day, 9, partial(_register, script.play, joining, password_hash))


def _register(play: Play, firms: list[Firm], password_hash: str) -> None:
    """Through the table import, as an authority would; then a clerk for each."""
    at = play.clock()
    with play.database.write() as session:
        units = {one.code: one.short_name for one in session.scalars(select(Authority))}
        import_table(session, list(table(firms, units)), at)
        ids = {one.credit_code: one.id for one in session.scalars(select(Institution))}
        for firm in firms:
            play.ids[firm.key] = ids[firm.code]
            clerk = add_person(session, f"{firm.short}经办人", at)
            appoint(session, clerk, "clerk", SINCE, institution_id=ids[firm.code], title="经办人")
            open_account(session, clerk, firm.clerk, password_hash, at, is_demo=True)


def _archive(script: Script, days: WorkingDays, running: date, firm: Firm, number: int, record: Record) -> None:
    """On file soon after it was found; an institution that came later brings what was known of it."""
    acted_on = running - timedelta(days=record.days)
    ended = running - timedelta(days=record.until) if record.until else None
    known = (ended or acted_on) + FOUND
    filed = days.after(known if firm.last else max(known, days.before(running, 5)), 1)
    form = {
        "kind": record.kind,
        "summary": record.summary,
        "acted_on": acted_on,
        "acted_to": ended,
        "decided_on": acted_on + FOUND if record.judged else None,
        "finding_authority": record.found_by,
        "measure": record.measure,
    }
    script.at(filed, 15, partial(_file, script.play, firm, number, record, form))


def _file(play: Play, firm: Firm, number: int, record: Record, form: dict) -> None:
    handler = f"{firm.authority}-handler"
    year = form["acted_on"].year
    record_id = play.record(firm.key, handler, evidence=f"卷宗〔{year}〕{play.ids[firm.key]}-{number + 1}号", **form)
    play.records[firm.key, number] = record_id
    if record.judged:
        severity, corrected = record.judged
        judged = {"severity": severity, "corrected_in_time": corrected, "evidence": "案情集体讨论记录"}
        play.judge(record_id, handler, **judged)
