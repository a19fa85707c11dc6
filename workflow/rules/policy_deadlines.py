"""The periods and dates of a policy file, what they may be used for, and how long a whole process may take."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from workflow.rules.deadline import Roll, Rule, StartDay, Unit, rule_of
from workflow.rules.policy_base import Closing, Fault, Frozen, Text

if TYPE_CHECKING:
    from workflow.rules.policy_tables import Content

Month = Literal[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, "this", "next", "next_quarter"]
DayOfMonth = Literal[
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    "last",
]  # fmt: skip
COUNTED = ("publicity", "re_review_window")
"""What is announced as so many days cannot be a date."""


class _Term(Frozen):
    roll: Roll
    closes: Closing
    clause: Text
    local: bool

    @property
    def rule(self) -> Rule:
        return rule_of(self.model_dump())


class Period(_Term):
    count: int = Field(gt=0)
    unit: Unit
    start_day: StartDay


class FixedDay(_Term):
    """What the words mean is told in rules.fixed_date."""

    month: Month
    day: DayOfMonth
    year: Literal["this", "next"] = "this"
    included: bool = True


def _kind(table: Any) -> str:
    named = "month" in table if isinstance(table, dict) else isinstance(table, FixedDay)
    return "date" if named else "period"


KINDS = ("period", "date")
Term = Annotated[Annotated[Period, Tag("period")] | Annotated[FixedDay, Tag("date")], Discriminator(_kind)]


def faults(content: "Content") -> Iterator[Fault]:
    """What the periods may not be, whatever section asks for them."""
    for key, term in content.deadlines.items():
        where = f"deadlines.{key}"
        # A period must not pass for the law's when its clause is local, nor the other way round.
        clause = content.clauses.get(term.clause)
        if clause and clause.local != term.local:
            yield f"{where}.local", "local_mismatch"
        yield from ((f"{where}.{field}", problem) for field, problem in _use(content, key, term))
    for machine, limit in content.limits.items():
        clause = content.clauses.get(limit.clause)
        if clause and clause.local != limit.local:
            yield f"limits.{machine}.local", "local_mismatch"


def _use(content: "Content", key: str, term: Period | FixedDay) -> Iterator[Fault]:
    """Only days can stand still, and only a count can grow or be announced as so many days."""
    pausable, extendable = (content.clock.pausable, content.clock.extendable) if content.clock else ((), ())
    if isinstance(term, Period):
        if key in pausable and term.unit in ("month", "year"):
            yield "unit", "only_days_pause"
        return
    if impossible := _impossible(term):
        yield impossible, "date_impossible"
    if key in COUNTED:
        yield "month", "must_be_counted"
    if key in (*pausable, *extendable):
        yield "month", "date_stands_fast"


def _impossible(term: FixedDay) -> str:
    """The first field that makes a date which no calendar has; empty for a sound one."""
    try:
        rule_of(term.model_dump())
    except ValueError as error:
        return str(error).rpartition(": ")[2].partition(",")[0]
    return ""
