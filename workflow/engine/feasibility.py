"""Feasibility: how long the straight path of a machine can take when every step uses its whole time.

Tried from every start day of the last covered years: make-up days and long holidays make the same periods differ by
weeks. The worst day is named, so that a policy can be held against what the law or a higher document allows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from models.people import LEVELS
from workflow.engine import calendars
from workflow.engine.check import Fault
from workflow.engine.ladder import level_of
from workflow.engine.machine import Compiled, State
from workflow.engine.timers import CHOSEN
from workflow.forecast import straight
from workflow.rules.calendar import Calendar, UncoveredYear
from workflow.rules.deadline import Rule, compute

YEARS = 10
Ends = dict[tuple[str, date], date]


@dataclass(frozen=True, slots=True)
class Worst:
    """The start day on which the path lasts longest, in calendar days, both ends counted; with a legal limit, that on
    which it comes latest against the last day `allowed`."""

    ladder: tuple[str, ...]
    steps: tuple[str, ...]
    start: date
    end: date
    allowed: date | None = None

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def over(self) -> int:
        """Calendar days past the limit; negative where the path keeps it, 0 without one."""
        return (self.end - self.allowed).days if self.allowed else 0


def worst(machine: Compiled, calendar: Calendar, last_year: int) -> Worst | None:
    """None for a machine without a path of deadlines."""
    ends: Ends = {}
    tried = partial(_tried, calendar=calendar, ends=ends, last_year=last_year)
    found = [one for ladder in _ladders(machine) for one in tried(machine, ladder)]
    return max(found, key=lambda one: (one.over, one.days), default=None)


def broken(machine: Compiled, calendar: Calendar, last_year: int) -> Fault | None:
    """The policy's limit for this machine that its own periods break, with the worst day; None where they keep it."""
    if machine.rules.limit(machine.table.key) is None:
        return None
    found = worst(machine, calendar, last_year)
    if found is None or found.over <= 0:
        return None
    detail = f"{found.start} → {found.end} > {found.allowed}"
    return Fault("limit_exceeded", f"limits.{machine.table.key}", detail)


def _tried(
    machine: Compiled, ladder: Sequence[str], *, calendar: Calendar, ends: Ends, last_year: int
) -> Iterator[Worst]:
    # The signing steps of a level share its one deadline, so a level counts once.
    levels = {state.key: state for state in reversed(_path(machine, ladder))}
    timed = [state for state in reversed(levels.values()) if state.due and state.due != CHOSEN]
    limit = machine.rules.limit(machine.table.key)
    start, last = date(last_year - YEARS + 1, 1, 1), date(last_year, 12, 31)
    while timed and start <= last:
        end = start
        try:
            for state in timed:
                end = _end(machine.rules.deadline(state.due), state.due, end, calendar, ends)
        except UncoveredYear:
            return  # later starts run into the same unannounced year
        allowed = calendars.deadline(limit, start, calendar).due if limit else None
        yield Worst(tuple(ladder), tuple(state.full for state in timed), start, end, allowed)
        start += timedelta(days=1)


def _end(rule: Rule, key: str, start: date, calendar: Calendar, ends: Ends) -> date:
    if (key, start) not in ends:
        ends[key, start] = max(start, compute(rule, start, calendar).due)
    return ends[key, start]


def _path(machine: Compiled, ladder: Sequence[str]) -> list[State]:
    """From the first state of this ladder that the policy has a deadline for."""
    known = machine.rules.content.deadlines
    here = [state for state in machine.states.values() if level_of(state.full) in ("", *ladder)]
    first = next(state for state in here if not state.due or state.due in known)
    return [one for one in (first, *straight(machine, ladder, first.full)) if one.kind == "active"]


def _ladders(machine: Compiled) -> list[list[str]]:
    """Which levels a case of this machine may climb under the policy."""
    if not machine.steps:
        return [[]]
    levels, top = [level for level in LEVELS if level in machine.steps], machine.rules.ladder_to(machine.table.key)
    if machine.table.ladder_from:
        return [[level] for level in levels[:1]]
    if top == "managing":
        return [[level] for level in levels]
    return [levels[: levels.index(top) + 1] if top in levels else levels]


def last_covered(calendar: Calendar, year: int) -> int:
    """The last announced year up to `year`."""
    while calendar.day(date(year, 7, 1), provisional=True).provisional:
        year -= 1
    return year
