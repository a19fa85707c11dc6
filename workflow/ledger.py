"""时间账: the working days that each step of a case took, by whom, and the days its clock stood still apart."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from workflow.clock import legal_day
from workflow.engine.machine import Compiled
from workflow.engine.queries.case_page import Act
from workflow.engine.queries.proof import TURNS
from workflow.rules.calendar import Calendar
from workflow.rules.deadline import working_days_between


@dataclass(frozen=True, slots=True)
class Used:
    """`person` ended the stretch by acting; empty where the time ran out, or still runs (`open`)."""

    state: str
    step: str
    authority: str
    person: str
    days: int
    paused: int
    open: bool = False


def ledger(
    machine: Compiled, acts: Iterable[Act], calendar: Calendar, today: date, *, closed: bool = False
) -> list[Used]:
    """`acts` oldest first. What only set the clock ends no stretch; time in force is nobody's."""
    found: dict[tuple[str, ...], Used] = {}
    state, step, since, paused = "", "", today, False
    run = still = 0
    for act in acts:
        on = legal_day(act.at)
        days = working_days_between(since, on, calendar, True) if state else 0
        run, still = (run, still + days) if paused else (run + days, still)
        since, paused = on, act.move == "pause" or (paused and act.move != "resume")
        if act.move in TURNS:
            continue
        by = (act.authority, act.person) if act.actor == "person" else ("", "")
        _add(found, Used(state, step, *by, run, still))
        state, step, run, still = act.to_state, act.to_step, 0, 0
    if not closed:
        days = working_days_between(since, today, calendar, True)
        left = (run, still + days) if paused else (run + days, still)
        _add(found, Used(state, step, "", "", *left, open=True))
    return [used for used in found.values() if _owed(machine, used)]


def _add(found: dict[tuple[str, ...], Used], used: Used) -> None:
    key = (used.state, used.step, used.authority, used.person, str(used.open))
    if key in found:
        used = replace(used, days=found[key].days + used.days, paused=found[key].paused + used.paused)
    found[key] = used


def _owed(machine: Compiled, used: Used) -> bool:
    full = f"{used.state}.{used.step}" if used.step else used.state
    known = machine.states.get(full)
    return known is not None and known.kind == "active"
