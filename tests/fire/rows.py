"""The rows of the machine files: which there are, and which an act was made by, with those of cases it led to.

A move may have several rows: an application that is granted and one that is refused are not the same act.
"""

from functools import cache

import pytest

from workflow.engine.facts import Facts
from workflow.engine.ladder import lift
from workflow.engine.machine import Compiled, Move, compiled
from workflow.machines import MACHINES
from workflow.rules import policy

ENGINE = {
    "any designate", "any pause", "any resume", "any resume by itself", "any extend", "any undo_extension",
    "any recompute by itself", "any change_policy",
}  # fmt: skip
"""What the engine gives every machine beside its file."""
UPGRADE = "evaluation reopen: new > review where in_its_favour"
"""The row of the evaluation that a repair leads to."""
NO_POLICY_ASKS = {
    "evaluation open: new > scoring where asks_no_report",  # experts without a report
    "evaluation suspend: effective > stay",  # a re-review that suspends the grade
    *(f"{machine} disagree: review:panel > stay" for machine in ("objection", "re_review", "repair")),
}
"""Rows that no released policy leads to."""


def rows_of(*machines: str) -> set[str]:
    return {_named(key, row) for key in machines for row in MACHINES[key].moves}


def given_by_the_engine() -> set[str]:
    machines = [compiled(table, policy.load("xuchang-demo")) for table in MACHINES.values()]
    return {name for one in machines for row in one.moves if (name := _row(one, row)).startswith("any ")}


def watched(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The rows that were decided on since the set was last cleared."""
    fired: set[str] = set()
    decided = Compiled.fire

    def told(machine: Compiled, name: str, facts: Facts) -> Move:
        row = decided(machine, name, facts)
        fired.add(_row(machine, row))
        return row

    monkeypatch.setattr(Compiled, "fire", told)
    return fired


@cache
def _row(machine: Compiled, row: Move) -> str:
    for one in machine.table.moves:
        spelled_out = lift(one, machine.steps, machine.states) if one.name == row.name else ()
        if any(_same(row, other) for other in spelled_out):
            return _named(machine.table.key, one)
    return f"any {row.name}" + (" by itself" if row.by == "system" else "")


def _same(row: Move, other: Move) -> bool:
    """Compiled rows differ from the file's in their forms, clauses and in the ladder's own questions."""
    return all(getattr(row, part) == getattr(other, part) for part in ("source", "to", "by", "effect", "unless"))


def _named(machine: str, row: Move) -> str:
    asked = f" where {getattr(row.when, '__name__', '')}" if row.when else ""
    return f"{machine} {row.name}: {row.source} > {row.to}{asked}"
