"""基本条件: which of them hold on one day and by which facts, frozen with the facts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from workflow.rules.conditions import NoneOf
from workflow.rules.findings import Fact
from workflow.rules.policy_recommendation import Eligibility


class Checked(BaseModel):
    """One condition. `met` is None where a person says so; `records`: the facts that speak for it or against it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    condition: str
    clause: str
    soft: bool
    met: bool | None
    records: tuple[int, ...]


class Eligible(BaseModel):
    """`grade`: the grade in force on the day. `unjudged`: records whose judgement could still change a condition."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    on: date
    grade: str | None
    checked: tuple[Checked, ...]
    unjudged: tuple[int, ...]
    facts: tuple[Fact, ...]

    @property
    def barred(self) -> tuple[str, ...]:
        """Hard conditions that are not met."""
        return tuple(one.condition for one in self.checked if one.met is False and not one.soft)

    @property
    def set_aside(self) -> tuple[str, ...]:
        """Soft conditions that are not met: only a reasoned override by a second person helps."""
        return tuple(one.condition for one in self.checked if one.met is False and one.soft)

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def check(
    conditions: Sequence[Eligibility],
    on: date,
    grade: str | None,
    facts: Sequence[Fact],
    hits: Mapping[str, Collection[int]],
    unjudged: Collection[int],
) -> Eligible:
    """`hits` are record ids by condition: those that fulfil it or, for `none_of`, those that speak against it."""
    return Eligible(
        on=on,
        grade=grade,
        checked=tuple(_one(one, grade, sorted(hits.get(one.id, ()))) for one in conditions),
        unjudged=tuple(sorted(unjudged)),
        facts=tuple(facts),
    )


def _one(condition: Eligibility, grade: str | None, records: list[int]) -> Checked:
    met: bool | None = None
    if not condition.judged:
        by_archive = condition.when is not None and bool(records) != isinstance(condition.when, NoneOf)
        met = by_archive or grade in condition.grades
    said = {"condition": condition.id, "clause": condition.clause, "soft": condition.soft}
    return Checked(**said, met=met, records=tuple(records))
