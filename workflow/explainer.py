"""为什么是这个等级: every condition with the facts that touch it, how far the next grade is, and what if.

Everything is computed from the facts that a case froze (or would freeze now), by the one evaluator; nothing is stored.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Person
from workflow.engine.refusal import Refused
from workflow.rules import grading, scoring
from workflow.rules.conditions import NoneOfGrades
from workflow.rules.findings import NAMES, Fact, Findings
from workflow.rules.policy import PolicyRules
from workflow.rules.policy_tables import Condition


@dataclass(frozen=True, slots=True)
class Line:
    """One condition: whether it is met, by which facts, or against which of its kinds it stands."""

    condition: Condition
    met: bool
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Distance:
    """To a better grade: the facts without which it would hold, and the points that lack (None: not a matter of
    points)."""

    grade: str
    without: tuple[int, ...]
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class What:
    """What if: facts left out, judged otherwise (severity, corrected in time) or added (kind, day), on another day."""

    without: frozenset[int] = frozenset()
    judged: Mapping[int, tuple[str | None, bool | None]] = field(default_factory=dict)
    added: tuple[tuple[str, date], ...] = ()
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """`same`: the frozen facts, evaluated again, give the frozen result."""

    findings: Findings
    lines: tuple[Line, ...]
    distance: tuple[Distance, ...]
    judges: Mapping[int, str]
    same: bool


def explain(session: Session, rules: PolicyRules, found: Findings) -> Explained:
    met = {one.condition: one.records for one in found.met}
    lines = tuple(Line(one, one.id in met, _touching(one, found, met.get(one.id))) for one in rules.conditions)
    people = {fact.judged_by for fact in found.facts if fact.judged_by}
    named = {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))}
    return Explained(found, lines, distances(rules, found), named, again(rules, found) == found)


def again(rules: PolicyRules, found: Findings, facts: Sequence[Fact] | None = None, on: date | None = None) -> Findings:
    """The findings that these facts give, with the same sheets; without `facts`, those that were frozen."""
    day = on or found.on
    fresh = grading.regrade(rules, found.facts if facts is None else facts, day, found.institution_id)
    if found.score is None:
        return fresh
    return scoring.combined(rules, fresh, scoring.score(rules.scoring, found.score.sheets, found.score.survey))


def what_if(rules: PolicyRules, found: Findings, what: What) -> Findings:
    """Raises Refused where the question names no fact of the case, or a kind that the policy does not know."""
    known = {fact.id for fact in found.facts}
    if unknown := sorted((what.without | what.judged.keys()) - known):
        raise Refused("fact_unknown", record=unknown[0])
    if strange := [kind for kind, _ in what.added if kind not in rules.record_kinds]:
        raise Refused("kind_unknown", kind=strange[0])
    kept = [_judged(fact, what.judged) for fact in found.facts if fact.id not in what.without]
    first = max(known, default=0) + 1
    new = [_supposed(rules, first + place, kind, day) for place, (kind, day) in enumerate(what.added)]
    return again(rules, found, [*kept, *new], what.on)


def distances(rules: PolicyRules, found: Findings) -> tuple[Distance, ...]:
    """The better grades, next first; one that stays out of reach without these facts is left out."""
    grades = rules.evaluation.grades
    if found.grade is None or found.grade == grades[0]:
        return ()
    steps = []
    for grade in reversed(grades[: grades.index(found.grade)]):
        without = _against(found, grades[grades.index(grade) + 1 :])
        fresh = grading.regrade(rules, [fact for fact in found.facts if fact.id not in without], found.on)
        limit = fresh.grade or (grades[0] if found.score and not fresh.unjudged else None)
        if limit and grades.index(limit) <= grades.index(grade):
            steps.append(Distance(grade, without, _lacking(rules, found, grade)))
    return tuple(steps)


def _against(found: Findings, grades: Collection[str]) -> tuple[int, ...]:
    """Records that bring one of the grades."""
    return tuple(sorted({id for one in found.met if one.grade in grades for id in one.records}))


def _lacking(rules: PolicyRules, found: Findings, grade: str) -> Decimal | None:
    if found.score is None or found.score.total is None:
        return None
    start = next((one.from_points for one in rules.scoring.bands if one.grade == grade), None)
    return start - found.score.total if start is not None and start > found.score.total else None


def _touching(condition: Condition, found: Findings, records: Collection[int] | None) -> tuple[Fact, ...]:
    """The facts that fulfil a condition; of one not met, those of the kinds it asks about."""
    if isinstance(condition.when, NoneOfGrades):
        return ()
    if records:
        return tuple(fact for fact in found.facts if fact.id in records)
    return tuple(fact for fact in found.facts if fact.kind in condition.when.kinds)


def _judged(fact: Fact, judged: Mapping[int, tuple[str | None, bool | None]]) -> Fact:
    if fact.id not in judged:
        return fact
    severity, corrected = judged[fact.id]
    return replace(fact, severity=severity, corrected_in_time=corrected)


def _supposed(rules: PolicyRules, id: int, kind: str, day: date) -> Fact:
    """A fact nobody found: begun and decided on one day, not ended, not judged."""
    words = {
        "finding_authority": "",
        "document_number": "",
        "evidence": "",
        "measure": "",
        "summary": rules.record_kinds[kind],
    }
    own = {"id": id, "kind": kind, "acted_on": day, "decided_on": day}
    known: dict[str, Any] = {**dict.fromkeys(NAMES), **words, **own}
    return Fact(**known)
