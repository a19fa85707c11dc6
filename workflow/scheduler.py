"""The ticker. APScheduler only says when to look; what is due is rows, so any number of these may run."""

import logging
from collections import deque
from collections.abc import Callable
from datetime import time
from pathlib import Path
from random import randrange
from typing import Any, Literal

from apscheduler.schedulers.background import BackgroundScheduler

from models.database import Database
from workflow import calendar_watch, drafts
from workflow.clock import SHANGHAI, Clock, legal_day
from workflow.engine import seal, sweep

BATCH, SHARES, MISSES = 1000, 16, 8
log = logging.getLogger(__name__)
TICK_SECONDS = 5
SEAL_SECONDS = 600
WATCH_SECONDS = 3600
SEALS_FROM = time(0, 30)
"""Of the day in China: by then what fell due at midnight has been dealt with."""


def run_due(database: Database, clock: Clock, limit: int = BATCH) -> int:
    """Fire what is due now, in order, one transaction each; a failing one is put off and delays nobody.

    Where somebody else was first, another scheduler is at work on the same list: go on with a share of its cases. A
    case's timers stay together and in order: one that was held is left alone until the next list, since its lapse would
    call off a reminder that its holder, if killed, has not given.
    """
    with database.glance() as session:
        found = sweep.due(session, clock(), limit)
    waiting, tried, held, fired, missed = deque(found), set(), set(), 0, 0
    while waiting and missed < MISSES:
        timer = waiting.popleft()
        tried.add(timer.id)
        match _fire(database, clock, timer):
            case "fired":
                fired += 1
            case "held" | "gone" as met:
                missed += 1
                held |= {timer.case_id} if met == "held" else set()
                share = randrange(SHARES)
                mine = (one for one in found if one.case_id % SHARES == share and one.case_id not in held)
                waiting = deque(one for one in mine if one.id not in tried)
    return fired


def run_all_due(database: Database, clock: Clock) -> int:
    """Until nothing is due, or others have what is: a long standstill is made up for in one go."""
    total = 0
    while fired := run_due(database, clock):
        total += fired
    return total


def _fire(database: Database, clock: Clock, timer: Any) -> sweep.Fired | Literal["failed"]:
    try:
        at = clock()
        if timer.move:
            return database.alone(lambda session: sweep.fire(session, timer, at))
        with database.write() as session:
            return sweep.fire(session, timer, at)
    except Exception as error:  # whatever is wrong with one timer must not stop the others
        log.warning("timer %s failed: %r", timer.id, error)
        with database.write() as session:
            sweep.failed(session, timer.id, clock(), repr(error))
        return "failed"


def seal_day(database: Database, clock: Clock, witness: Path | None = None) -> bool:
    """Seal the day when its hour has come, and leave its witness file in a folder. Safe to repeat; False too early."""
    at = clock()
    if at.astimezone(SHANGHAI).time() < SEALS_FROM:
        return False
    with database.read() as session:
        sealed = seal.made(session, legal_day(at))
    if sealed is None:
        with database.write() as session:
            sealed = seal.make(session, at)
    if witness:
        seal.keep(sealed, witness)
    return True


def watch_calendar(database: Database, clock: Clock) -> bool:
    """Tell an administrator of a year that nobody has announced."""
    with database.write() as session:
        return calendar_watch.watch(session, clock())


def tidy_drafts(database: Database, clock: Clock) -> int:
    """Drop unfinished forms that can be of no use any more."""
    with database.write() as session:
        return drafts.tidy(session, clock())


def ticker(
    database: Database,
    clock: Clock,
    swept: Callable[[int], object] = lambda fired: None,
    witness: Path | None = None,
    post: Callable[[], object] | None = None,
) -> BackgroundScheduler:
    """A started background ticker; `.shutdown()` stops it. `swept` is told how many timers a sweep fired.

    `witness`: the folder for the witness files of the daily seal; without it the day is sealed all the same.
    `post` hands out what is to be sent: a job of its own, so that no sweep waits for a receiver.
    """
    scheduler = BackgroundScheduler(timezone="UTC")
    _every(scheduler, TICK_SECONDS, "sweep", lambda: swept(run_all_due(database, clock)))
    _every(scheduler, SEAL_SECONDS, "seal", lambda: seal_day(database, clock, witness))
    _every(scheduler, WATCH_SECONDS, "calendar", lambda: watch_calendar(database, clock))
    _every(scheduler, WATCH_SECONDS, "drafts", lambda: tidy_drafts(database, clock))
    if post:
        _every(scheduler, TICK_SECONDS, "post", post)
    scheduler.start()
    return scheduler


def _every(scheduler: BackgroundScheduler, seconds: int, name: str, job: Callable[[], object]) -> None:
    once = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler.add_job(job, "interval", seconds=seconds, id=name, **once)
