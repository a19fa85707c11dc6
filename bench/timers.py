"""Due timers, each its own durable transaction, beside a loop of bare SQL."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.bare import Driver, Statement, taken_down
from bench.copies import copies
from bench.measure import Figure, Row, add_turn, grown, in_turn, milliseconds
from bench.site import kind_of, lapsing
from models import Timer
from workflow.demo.play import Play
from workflow.engine import sweep

TIMERS = Row("timer", "1/s", "bare SQL", 0.30, 0.40, "higher")


def measure(play: Play, rounds: int, size: int) -> Iterator[Figure]:
    like = lapsing(play)
    found: list[list[float]] = [[], []]
    for _ in range(rounds):
        ours, bare = _lapses(play, like, size), _lapses(play, like, size)
        notes = [taken_down(play.database, _fire(play, timer)) for timer in bare]
        add_turn(found, in_turn(1, partial(_swept, play, ours), partial(_sent, play, notes)))
    yield TIMERS.figure(kind_of(play), *found)


def growth(few: Play, many: Play, rounds: int, size: int, more: int) -> Iterator[Figure]:
    """The same timers beside `more` other cases, with timers of their own, of the time that they take without."""
    here, there = lapsing(few), lapsing(many)
    copies(many.database, there, more)
    found = in_turn(rounds, _new(many, there, rounds, size), _new(few, here, rounds, size))
    yield grown("timer").figure(kind_of(few), *map(milliseconds, found))


def _new(play: Play, like: int, rounds: int, size: int) -> Callable[[int], int]:
    """The timers of so many new cases, one round's after the other's."""
    each = [_lapses(play, like, size) for _ in range(rounds)]
    return lambda number: _swept(play, each[number], number)


def _lapses(play: Play, like: int, size: int) -> list[Any]:
    """The timers of new cases whose self-report lapses now."""
    cases = copies(play.database, like, size)
    due = (Timer.status == "armed", Timer.kind == "lapse", Timer.case_id.between(cases[0], cases[-1]))
    with play.database.read() as session:
        return list(session.execute(select(Timer.id, Timer.case_id, Timer.move).where(*due).order_by(Timer.id)))


def _fire(play: Play, timer: Any) -> Callable[[Session], object]:
    return lambda session: sweep.fire(session, timer, play.clock())


def _swept(play: Play, timers: list[Any], _round: int) -> int:
    for timer in timers:
        if play.database.alone(_fire(play, timer)) != "fired":
            raise RuntimeError(f"timer {timer.id} did not fire")
    return len(timers)


def _sent(play: Play, notes: list[list[Statement]], _round: int) -> int:
    driver = Driver(play.database)
    for statements in notes:
        driver.commit(statements)
    driver.close()
    return len(notes)
