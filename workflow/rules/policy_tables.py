"""The tables of a policy file, and what must hold between them. Every fault has a place and a stable key."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workflow.rules.conditions import NoneOfGrades, When
from workflow.rules.deadline import Roll, StartDay, Unit

Step = Literal["handler", "section_head", "leader", "panel"]
Level = Literal["county", "city", "province"]
Steps = tuple[Step, ...]
Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Closing = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Text = Annotated[str, Field(min_length=1)]
DeadlineKey = Literal[
    "self_report", "correction", "county_review", "city_review", "province_review", "publish", "publicity", "confirm",
    "deliver", "filing", "validity", "objection_acceptance", "objection_supplement", "objection_answer",
    "re_review_window", "re_review_acceptance", "re_review_answer",
]  # fmt: skip
DEADLINES: tuple[str, ...] = get_args(DeadlineKey)

Fault = tuple[str, str]
_PROBLEMS = {
    "extra_forbidden": "unknown_key",
    "literal_error": "not_allowed",
    "greater_than": "not_positive",
    "string_pattern_mismatch": "wrong_form",
    "string_too_short": "empty",
    "too_short": "empty",
}


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Heading(Frozen):
    key: Text
    title: Text
    extends: str = ""
    issued_by: Text
    released: date
    status: Literal["released", "draft"]


class Scope(Frozen):
    authorities: tuple[Text, ...]
    kinds: tuple[Text, ...]
    years: tuple[int, ...]
    clauses: tuple[Text, ...]


class Source(Frozen):
    title: Text
    issuer: Text
    number: str
    year: int


class Clause(Frozen):
    """The official words; a local clause says itself what was set, because no text above does."""

    text: Text
    source: str = ""
    place: str = ""
    local: bool = False


class EvaluationRules(Frozen):
    """`confirm` has one value: nothing but an authority's act makes a result effective (docs/decisions/0011)."""

    ladder_to: Literal["managing", "city", "province"]
    filing: tuple[Level, ...]
    self_report: bool
    confirm: Literal["authority"]
    publicity_by: Literal["managing", "round"]
    grades: tuple[Text, ...] = Field(min_length=2)
    requires_all: tuple[str, ...]
    clauses: tuple[Text, ...]


class Signing(Frozen):
    county: Steps
    city: Steps
    province: Steps
    objection: Steps
    re_review: Steps
    clauses: tuple[Text, ...]


class Panel(Frozen):
    rule: Literal["all", "any", "quorum"]
    quorum: int = Field(gt=0)
    offices: tuple[Text, ...] = Field(min_length=1)
    clause: Text


class ReReviewRules(Frozen):
    by: Literal["above", "same"]
    suspends_effect: bool
    clause: Text


class Reminders(Frozen):
    """`before` is in working days before the last day, `escalate_after` in those after it. Messages leave the house
    on working days from `office_hour` to `office_close`."""

    before: tuple[Annotated[int, Field(gt=0)], ...]
    at_due: bool
    escalate_after: int = Field(gt=0)
    office_hour: Hour
    office_close: Hour
    clause: Text


class ClockRules(Frozen):
    """Whose steps may stand still or be given more time, and how long in all: pauses in working days, extensions in
    the period's own unit."""

    pausable: tuple[DeadlineKey, ...]
    longest_pause: int = Field(gt=0)
    extendable: tuple[DeadlineKey, ...]
    longest_extension: int = Field(gt=0)
    clause: Text


class Period(Frozen):
    count: int = Field(gt=0)
    unit: Unit
    start_day: StartDay
    roll: Roll
    closes: Closing
    clause: Text
    local: bool


class Condition(Frozen):
    """`clause` is what it rests on; `reading` is the clause by which a locality reads words left open."""

    id: Text
    grade: str
    title: Text
    text: Text
    place: Text
    clause: Text
    reading: str = ""
    when: When


class Content(Frozen):
    policy: Heading
    scope: Scope
    sources: dict[str, Source]
    clauses: dict[str, Clause]
    evaluation: EvaluationRules
    signing: Signing
    panel: Panel
    re_review: ReReviewRules
    deadlines: dict[DeadlineKey, Period]
    reminders: Reminders
    clock: ClockRules
    record_kinds: dict[str, Text]
    conditions: tuple[Condition, ...]


def faults_of_shape(error: ValidationError, conditions: list[object]) -> list[Fault]:
    """pydantic's findings under the file's own names: a condition by its id, a problem by our key."""
    return [_shape_fault(list(entry["loc"]), entry["type"], conditions) for entry in error.errors()]


def _shape_fault(place: list[int | str], kind: str, conditions: list[object]) -> Fault:
    problem = _PROBLEMS.get(kind, "wrong_type" if kind.endswith(("_type", "_parsing")) else kind)
    if place[-1] == "[key]":
        place, problem = place[:-1], "unknown_key"
    if place[0] == "conditions" and len(place) > 1:
        row = conditions[int(place[1])]
        place[1] = str(row.get("id", place[1])) if isinstance(row, dict) else place[1]
        # Behind `when`, pydantic names the question once more.
        del place[3:4]
    return ".".join(map(str, place)), problem


def faults_of_sense(content: Content) -> list[Fault]:
    return [*_clauses(content), *_deadlines(content), *_signing(content), *_grades(content), *_conditions(content)]


def _cited(content: Content) -> Iterator[tuple[str, str]]:
    for table in ("scope", "evaluation", "signing"):
        yield from ((f"{table}.clauses", clause) for clause in getattr(content, table).clauses)
    for table in ("panel", "re_review", "reminders", "clock"):
        yield f"{table}.clause", getattr(content, table).clause
    yield from ((f"deadlines.{key}.clause", period.clause) for key, period in content.deadlines.items())
    for condition in content.conditions:
        yield f"conditions.{condition.id}.clause", condition.clause
        yield f"conditions.{condition.id}.reading", condition.reading


def _clauses(content: Content) -> Iterator[Fault]:
    yield from ((where, "clause_unknown") for where, id in _cited(content) if id and id not in content.clauses)
    for id, clause in content.clauses.items():
        if clause.source and clause.source not in content.sources:
            yield f"clauses.{id}.source", "source_unknown"
        if not clause.local and not (clause.source and clause.place):
            yield f"clauses.{id}", "source_missing"


def _deadlines(content: Content) -> Iterator[Fault]:
    """A period must not pass for the law's when its clause is local, nor the other way round."""
    for key, period in content.deadlines.items():
        clause = content.clauses.get(period.clause)
        if clause and clause.local != period.local:
            yield f"deadlines.{key}.local", "local_mismatch"


def _signing(content: Content) -> Iterator[Fault]:
    reached = ("county", "city", "province") if content.evaluation.ladder_to == "province" else ("county", "city")
    signing = content.signing
    yield from (
        (f"signing.{name}", "empty") for name in (*reached, "objection", "re_review") if not getattr(signing, name)
    )
    if content.panel.rule == "quorum" and content.panel.quorum > len(content.panel.offices):
        yield "panel.quorum", "more_than_members"


def _grades(content: Content) -> Iterator[Fault]:
    grades = content.evaluation.grades
    if not set(content.evaluation.requires_all) <= set(grades):
        yield "evaluation.requires_all", "grade_unknown"
    graded = {condition.grade for condition in content.conditions}
    yield from ((f"evaluation.grades.{grade}", "grade_without_condition") for grade in grades if grade not in graded)


def _conditions(content: Content) -> Iterator[Fault]:
    grades = content.evaluation.grades
    for condition in content.conditions:
        where = f"conditions.{condition.id}"
        if condition.grade not in grades:
            yield f"{where}.grade", "grade_unknown"
        if isinstance(condition.when, NoneOfGrades):
            if not set(condition.when.grades) <= set(grades):
                yield f"{where}.when", "grade_unknown"
        elif not set(condition.when.kinds) <= content.record_kinds.keys():
            yield f"{where}.when", "record_kind_unknown"
