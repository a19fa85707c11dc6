"""The demo city: its authorities, people and institutions, and fourteen months of their work, played up to now."""

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
from workflow.demo import last_year, this_year
from workflow.demo.dates import WorkingDays, announce
from workflow.demo.firms import FIRMS, Firm, Record, code, table
from workflow.demo.people import SINCE, staff
from workflow.demo.play import Play, receipt
from workflow.demo.script import Script
from workflow.engine import calendars
from workflow.institutions import import_table
from workflow.staffing import add_person, appoint, open_account

Progress = Callable[[int, int], None]


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
    database: Database, now: datetime, seed: int = 1, *, password_hash: str = "!", progress: Progress | None = None
) -> None:
    """Fill an empty database with the demo, ending at `now`. Everyone logs in with one password."""
    play = Play(database, HandClock(now), Random(seed), seed)
    today = legal_day(now)
    with database.write() as session:
        announce(session, range(today.year - 2, today.year + 1), now - timedelta(days=500))
        days = WorkingDays(calendars.current(session), today)
        running = days.back(this_year.OPENED)
        opens = last_year.opening(days, running)
        play.clock.to_local(days.before(opens, 5))
        load_locality(session, "henan", play.clock())
        staff(session, play.clock(), password_hash)
    script = Script(play)
    _join(script, days, running, opens, password_hash)
    _archive(script, days.before(running, 1), running, opens)
    last_year.write(script, days, opens)
    this_year.write(script, days)
    script.run(now, progress or (lambda done, total: None))


def _join(script: Script, days: WorkingDays, running: date, opens: date, password_hash: str) -> None:
    """Most institutions are there from the start; some came after last year's round, one after this year's opening."""
    arrivals = {
        days.before(opens, 4): [firm for firm in FIRMS if firm.last],
        days.before(running, 8): [firm for firm in FIRMS if not firm.last and not firm.late],
        days.back(this_year.JOINED + 1): [firm for firm in FIRMS if firm.late],
    }
    for day, firms in arrivals.items():
        script.at(day, 9, partial(_register, script.play, firms, password_hash))


def _register(play: Play, firms: list[Firm], password_hash: str) -> None:
    """Through the table import, as an authority would; then a clerk for each."""
    at = play.clock()
    with play.database.write() as session:
        units = {one.code: one.short_name for one in session.scalars(select(Authority))}
        import_table(session, list(table(firms, units)), at)
        ids = {one.credit_code: one.id for one in session.scalars(select(Institution))}
        for firm in firms:
            play.ids[firm.key] = ids[code(firm)]
            clerk = add_person(session, f"{firm.short}经办人", at)
            appoint(session, clerk, "clerk", SINCE, institution_id=ids[code(firm)], title="经办人")
            open_account(session, clerk, firm.clerk, password_hash, at, is_demo=True)


def _archive(script: Script, day: date, running: date, opens: date) -> None:
    """What was known before last year's round is on file before it opens, the rest before this year's."""
    for firm in FIRMS:
        for number, record in enumerate(firm.records):
            acted_on = running - timedelta(days=record.days)
            filed = opens - timedelta(days=1) if acted_on < opens else day
            script.at(filed, 15, partial(_file, script.play, firm, number, record, acted_on))


def _file(play: Play, firm: Firm, number: int, record: Record, acted_on: date) -> None:
    handler = f"{firm.authority}-handler"
    record_id = play.record(
        firm.key,
        handler,
        kind=record.kind,
        summary=record.summary,
        acted_on=acted_on,
        decided_on=acted_on + timedelta(days=20) if record.judged else None,
        finding_authority=record.found_by,
        evidence=f"卷宗〔{acted_on.year}〕{play.ids[firm.key]}-{number + 1}号",
    )
    play.records[firm.key, number] = record_id
    if record.judged:
        severity, corrected = record.judged
        form = {"severity": severity, "corrected_in_time": corrected, "evidence": "案情集体讨论记录"}
        play.judge(record_id, handler, **form)
