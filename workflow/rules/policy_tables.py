"""The tables of a policy file, and what must hold between them. Every fault has a place and a stable key."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import BaseModel, Field, ValidationError

from workflow.rules import policy_deadlines
from workflow.rules.conditions import NoneOfGrades, When
from workflow.rules.policy_base import Fault, Frozen, Hour, Steps, Text
from workflow.rules.policy_deadlines import KINDS, Period, Term
from workflow.rules.policy_evaluation import EvaluationRules
from workflow.rules.policy_recommendation import RecommendationRules
from workflow.rules.policy_repair import RegradeRules, RepairRules
from workflow.rules.policy_scoring import Scoring

_PROBLEMS = {
    "extra_forbidden": "unknown_key",
    "literal_error": "not_allowed",
    "greater_than": "not_positive",
    "string_pattern_mismatch": "wrong_form",
    "string_too_short": "empty",
    "too_short": "empty",
}
NEEDS: dict[str, tuple[str, ...]] = {
    "evaluation": ("evaluation", "signing", "clock", "reminders"),
    "publicity": ("reminders",),
    "objection": ("signing", "clock", "reminders"),
    "recommendation": ("recommendation", "signing", "clock", "reminders"),
    "re_review": ("re_review", "signing", "clock", "reminders"),
    "repair": ("repair", "signing", "clock", "reminders"),
}
"""The machines that a policy may run, each with the sections it reads."""


class Heading(Frozen):
    key: Text
    title: Text
    extends: str = ""
    issued_by: Text
    released: date
    status: Literal["released", "draft"]


class Scope(Frozen):
    """For whom, in which years, and which processes the policy runs; a policy that others extend may run none.
    Without `natures`, institutions of every nature."""

    authorities: tuple[Text, ...]
    kinds: tuple[Text, ...]
    natures: tuple[Text, ...] = ()
    years: tuple[int, ...]
    # What the files released before this key said, and what cases pinned to them keep.
    machines: tuple[Text, ...] = ("evaluation", "publicity", "objection", "re_review")
    clauses: tuple[Text, ...]

    def faults(self, content: "Content") -> Iterator[Fault]:
        for number, machine in enumerate(self.machines):
            if machine not in NEEDS:
                yield f"scope.machines.{number}", "not_allowed"
        lacking = {name for machine in self.machines for name in NEEDS.get(machine, ()) if not getattr(content, name)}
        yield from ((name, "section_missing") for name in sorted(lacking))


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


class Signing(Frozen):
    """The signing steps of each level, and of each process that is signed alike on every level. An objection has no
    section of its own, so its periods stand here."""

    PERIODS: ClassVar = ("objection_acceptance", "objection_supplement", "objection_answer")

    county: Steps = ()
    city: Steps = ()
    province: Steps = ()
    objection: Steps = ()
    re_review: Steps = ()
    repair: Steps = ()
    clauses: tuple[Text, ...]

    def faults(self, content: "Content") -> Iterator[Fault]:
        runs = content.scope.machines
        lists = {name: steps for name, steps in self if name != "clauses"}
        yield from ((f"signing.{name}", "empty") for name, steps in lists.items() if name in runs and not steps)
        if not content.panel and any("panel" in steps for steps in lists.values()):
            yield "panel", "section_missing"


class Panel(Frozen):
    rule: Literal["all", "any", "quorum"]
    quorum: int = Field(gt=0)
    offices: tuple[Text, ...] = Field(min_length=1)
    clause: Text

    def faults(self, content: "Content") -> Iterator[Fault]:
        if self.rule == "quorum" and self.quorum > len(self.offices):
            yield "panel.quorum", "more_than_members"


class ReReviewRules(Frozen):
    PERIODS: ClassVar = ("re_review_window", "re_review_acceptance", "re_review_answer")

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

    pausable: tuple[Text, ...]
    longest_pause: int = Field(gt=0)
    extendable: tuple[Text, ...]
    longest_extension: int = Field(gt=0)
    clause: Text

    def faults(self, content: "Content") -> Iterator[Fault]:
        for name in ("pausable", "extendable"):
            unknown = [number for number, key in enumerate(getattr(self, name)) if key not in PERIODS]
            yield from ((f"clock.{name}.{number}", "not_allowed") for number in unknown)


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

    def faults(self, content: "Content") -> Iterator[Fault]:
        grades, where = content.evaluation.grades if content.evaluation else (), f"conditions.{self.id}"
        if self.grade not in grades:
            yield f"{where}.grade", "grade_unknown"
        if isinstance(self.when, NoneOfGrades):
            if not set(self.when.grades) <= set(grades):
                yield f"{where}.when", "grade_unknown"
        elif not set(self.when.kinds) <= content.record_kinds.keys():
            yield f"{where}.when", "record_kind_unknown"


class Content(Frozen):
    """A whole policy. What it does not set is absent, and asking for it is a `PolicyGap`. `basis`: the clause that
    stands here for one which a machine cites from another locality's text."""

    policy: Heading
    scope: Scope
    sources: dict[str, Source]
    clauses: dict[str, Clause]
    basis: dict[str, Text] = Field(default_factory=dict)
    deadlines: dict[str, Term] = Field(default_factory=dict)
    limits: dict[str, Period] = Field(default_factory=dict)
    record_kinds: dict[str, Text] = Field(default_factory=dict)
    reminders: Reminders | None = None
    clock: ClockRules | None = None
    signing: Signing | None = None
    panel: Panel | None = None
    evaluation: EvaluationRules | None = None
    conditions: tuple[Condition, ...] = ()
    scoring: Scoring | None = None
    re_review: ReReviewRules | None = None
    repair: RepairRules | None = None
    recommendation: RecommendationRules | None = None
    regrade: RegradeRules | None = None


PERIODS: tuple[str, ...] = tuple(
    key
    for field in Content.model_fields.values()
    for section in get_args(field.annotation)
    if isinstance(section, type) and issubclass(section, Frozen)
    for key in section.PERIODS
)
"""Every key under [deadlines] that some section's process asks for; another one is a slip of the pen."""


def faults_of_shape(error: ValidationError, conditions: list[object]) -> list[Fault]:
    """pydantic's findings under the file's own names: a condition by its id, a problem by our key."""
    found = [_shape_fault(list(entry["loc"]), entry["type"], conditions) for entry in error.errors()]
    # A list whose every row is faulty counts as empty too; the rows say it better.
    return [one for one in found if one[1] != "empty" or not any(where.startswith(f"{one[0]}.") for where, _ in found)]


def _shape_fault(place: list[int | str], kind: str, conditions: list[object]) -> Fault:
    problem = _PROBLEMS.get(kind, "wrong_type" if kind.endswith(("_type", "_parsing")) else kind)
    if place[0] == "deadlines" and place[2:3] and place[2] in KINDS:
        del place[2]  # which of the two kinds pydantic took it for
    if place[-1] == "[key]":
        place, problem = place[:-1], "unknown_key"
    if place[0] == "conditions" and len(place) > 1:
        row = conditions[int(place[1])]
        place[1] = str(row.get("id", place[1])) if isinstance(row, dict) else place[1]
        # Behind `when`, pydantic names the question once more.
        del place[3:4]
    return ".".join(map(str, place)), problem


def faults_of_sense(content: Content) -> list[Fault]:
    found = [*_clauses(content), *_unknown_keys(content), *policy_deadlines.faults(content)]
    for section in (getattr(content, name) for name in Content.model_fields):
        parts = section if isinstance(section, tuple) else (section,)
        found += [fault for part in parts if isinstance(part, Frozen) for fault in part.faults(content)]
    return found


def _cited(place: str, value: object) -> Iterator[tuple[str, str]]:
    """Every citation below a place: the fields that name a clause, in whatever section they stand."""
    if isinstance(value, BaseModel):
        for name, inner in value:
            if name in ("clause", "reading"):
                yield f"{place}.{name}", str(inner)
            elif name == "clauses":
                yield from ((f"{place}.{name}", id) for id in inner)
            else:
                yield from _cited(f"{place}.{name}", inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _cited(f"{place}.{key}", inner)
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from _cited(f"{place}.{getattr(inner, 'id', number)}", inner)


def _clauses(content: Content) -> Iterator[Fault]:
    cited = (one for name, value in content if name != "clauses" for one in _cited(name, value))
    cited = (*cited, *((f"basis.{key}", id) for key, id in content.basis.items()))
    yield from ((where, "clause_unknown") for where, id in cited if id and id not in content.clauses)
    for id, clause in content.clauses.items():
        if clause.source and clause.source not in content.sources:
            yield f"clauses.{id}.source", "source_unknown"
        if not clause.local and not (clause.source and clause.place):
            yield f"clauses.{id}", "source_missing"


def _unknown_keys(content: Content) -> Iterator[Fault]:
    yield from ((f"deadlines.{key}", "unknown_key") for key in content.deadlines if key not in PERIODS)
