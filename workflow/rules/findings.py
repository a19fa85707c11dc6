"""评级结论: what the archive says about one institution on one day, frozen with the facts it rests on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from workflow.rules.conditions import NoneOf, NoneOfGrades
from workflow.rules.policy import PolicyRules
from workflow.rules.policy_tables import Condition
from workflow.rules.scored import Scored

# A city's grading makes a hundred thousand facts out of typed columns: they are checked where they come from JSON,
# as a part of findings.


@dataclass(frozen=True, slots=True)
class Fact:
    """An archive record as it stood: all that grading looks at, and what an official needs to check it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    id: int
    kind: str
    summary: str
    acted_on: date
    acted_to: date | None
    decided_on: date | None
    closed_on: date | None
    period_year: int | None
    severity: str | None
    corrected_in_time: bool | None
    judged_by: int | None
    public_from: date | None
    public_to: date | None
    finding_authority: str
    document_number: str
    evidence: str
    measure: str = ""


NAMES = tuple(field.name for field in fields(Fact))


@dataclass(frozen=True, slots=True)
class Met:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    condition: str
    grade: str
    clause: str
    records: tuple[int, ...]


class Findings(BaseModel):
    """`grade` is None where a person must judge first: `unjudged` names the records.

    `unjudged` may also accompany a grade: the judgement could make it worse.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    institution_id: int
    on: date
    grade: str | None
    met: tuple[Met, ...]
    unjudged: tuple[int, ...]
    facts: tuple[Fact, ...]
    score: Scored | None = None

    @property
    def reason(self) -> str:
        return "needs_judgement" if self.grade is None else ""

    @property
    def points(self) -> str:
        """The total, where it decides as much as the conditions do; empty where nothing was scored."""
        return "" if self.score is None or self.score.total is None else str(self.score.total)

    def as_json(self) -> dict[str, Any]:
        """Without a score for a policy that scores nothing, and without a measure where none is on file: what was
        frozen before there were such stays equal."""
        said = self.model_dump(mode="json", exclude=None if self.score else {"score"})
        for fact in said["facts"]:
            if not fact["measure"]:
                del fact["measure"]
        return said

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Findings":
        return cls.model_validate(value)


def conclude(
    rules: PolicyRules,
    institution_id: int,
    on: date,
    facts: Sequence[Fact],
    hits: Mapping[str, Collection[int]],
    undecided: Collection[int],
) -> Findings:
    """The worst grade that holds (inventory §7 item 13), with every condition met.

    `hits` are record ids by condition: those that fulfil it or, for `none_of`, those that speak against it. 严重, 较轻
    and 及时改正 are never inferred: where no grade holds, the records against the best one wait for a person.
    """
    grade, held = _verdict(rules, frozenset(hits))
    met = tuple(
        Met(condition=entry.id, grade=entry.grade, clause=entry.clause, records=_fulfilling(entry, hits))
        for entry in held
    )
    unjudged = set(undecided)
    if grade is None:
        unjudged.update(*hits.values())
    return Findings(
        institution_id=institution_id,
        on=on,
        grade=grade,
        met=met,
        unjudged=tuple(sorted(unjudged)),
        facts=tuple(facts),
    )


@lru_cache(maxsize=4096)
def _verdict(rules: PolicyRules, hit: frozenset[str]) -> tuple[str | None, tuple[Condition, ...]]:
    """The grade follows from which conditions have records, whichever those are: a city has few such sets."""
    held = _held(rules, hit)
    grades, all_of = rules.evaluation.grades, rules.evaluation.requires_all
    grade = next((grade for grade in reversed(grades) if _holds(rules, grade, held)), None)
    shown = (entry for entry in rules.conditions if entry.grade == grade or entry.grade not in all_of)
    return grade, tuple(entry for entry in shown if entry.id in held)


def _held(rules: PolicyRules, hit: frozenset[str]) -> set[str]:
    plain = [entry for entry in rules.conditions if not isinstance(entry.when, NoneOfGrades)]
    held = {entry.id for entry in plain if (entry.id in hit) != isinstance(entry.when, NoneOf)}
    reached = {entry.grade for entry in plain if entry.id in held}
    return held | {
        entry.id
        for entry in rules.conditions
        if isinstance(entry.when, NoneOfGrades) and reached.isdisjoint(entry.when.grades)
    }


def _holds(rules: PolicyRules, grade: str, held: set[str]) -> bool:
    enough = all if grade in rules.evaluation.requires_all else any
    return enough(entry.id in held for entry in rules.conditions if entry.grade == grade)


def _fulfilling(condition: Condition, hits: Mapping[str, Collection[int]]) -> tuple[int, ...]:
    return () if isinstance(condition.when, NoneOf) else tuple(sorted(hits.get(condition.id, ())))
