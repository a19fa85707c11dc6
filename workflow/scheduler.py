"""The ticker. APScheduler only says when to look; what is due is rows, so any number of these may run."""

import logging
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler

from models.database import Database
from workflow.clock import Clock
from workflow.engine import sweep

log = logging.getLogger(__name__)
TICK_SECONDS = 5


def run_due(database: Database, clock: Clock, limit: int = 200) -> int:
    """Fire everything that is due now, one transaction each; a failing one is put off and delays nobody."""
    with database.read() as session:
        ids = sweep.due(session, clock(), limit)
    return sum(_fire(database, clock, timer_id) for timer_id in ids)


def run_all_due(database: Database, clock: Clock) -> int:
    """Until nothing is due, or others have what is: a long standstill is made up for in one go."""
    total = 0
    while fired := run_due(database, clock):
        total += fired
    return total


def _fire(database: Database, clock: Clock, timer_id: int) -> bool:
    try:
        with database.write() as session:
            return sweep.fire(session, timer_id, clock())
    except Exception as error:  # whatever is wrong with one timer must not stop the others
        log.warning("timer %s failed: %r", timer_id, error)
        with database.write() as session:
            sweep.failed(session, timer_id, clock(), repr(error))
        return False


def ticker(
    database: Database, clock: Clock, swept: Callable[[int], object] = lambda fired: None
) -> BackgroundScheduler:
    """A started background ticker; `.shutdown()` stops it. `swept` is told how many timers a sweep fired."""
    scheduler = BackgroundScheduler(timezone="UTC")
    _every(scheduler, lambda: swept(run_all_due(database, clock)))
    scheduler.start()
    return scheduler


def _every(scheduler: BackgroundScheduler, job: Callable[[], object]) -> None:
    once = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler.add_job(job, "interval", seconds=TICK_SECONDS, id="sweep", **once)
