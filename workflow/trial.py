"""试评: facts in, a grade with its reasons out, by the evaluator that grades cases. Nothing is stored.

A file of facts names the day, the archive's records and, for a policy that scores, the sheets and the survey.
"""

import json
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from workflow.rules import grading, scoring
from workflow.rules.findings import Fact, Findings
from workflow.rules.policy import PolicyRules
from workflow.rules.scored import Sheet, Survey
from workflow.rules.written_day import EARLIEST, LATEST

_UNSAID: dict[str, Any] = {"finding_authority": "", "document_number": "", "evidence": "", "judged_by": None}


Fault = tuple[str, str, dict[str, Any]]


class BadFacts(ValueError):
    """Every fault with its place (`:7` a line, ` records.0.kind` a field), its problem and that problem's numbers."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{place} {problem}" for place, problem, _ in faults))
        self.faults = faults


def _within(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise PydanticCustomError("field_date", "field_date")
    return day


Day = Annotated[date, AfterValidator(_within)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: int | None = Field(default=None, ge=1, lt=2**31)
    kind: str
    summary: str = ""
    acted_on: Day
    acted_to: Day | None = None
    decided_on: Day | None = None
    closed_on: Day | None = None
    period_year: int | None = Field(default=None, ge=1990, le=2100)
    severity: str | None = None
    corrected_in_time: bool | None = None
    public_from: Day | None = None
    public_to: Day | None = None


class Given(BaseModel):
    """`scores`: a sheet by source; several experts as a list."""

    model_config = ConfigDict(extra="forbid")
    on: Day
    records: list[_Record] = Field(default_factory=list)
    scores: dict[str, dict[str, str] | list[dict[str, str]]] = Field(default_factory=dict)
    survey: Survey | None = None


def read(rules: PolicyRules, text: str) -> Given:
    try:
        given = Given.model_validate_json(json.dumps(json.loads(text)))
    except json.JSONDecodeError as error:
        raise BadFacts([(f":{error.lineno}", "not_json", {})]) from error
    except ValidationError as error:
        raise BadFacts([(_place(entry["loc"]), entry["msg"], {}) for entry in error.errors()]) from error
    unknown = [n for n, one in enumerate(given.records) if one.kind not in rules.record_kinds]
    if unknown:
        raise BadFacts([(_place(("records", n, "kind")), "kind_unknown", {}) for n in unknown])
    return given


def _fact(said: dict[str, Any], number: int) -> Fact:
    known: dict[str, Any] = {**_UNSAID, **said, "id": said["id"] or number}
    return Fact(**known)


def verdict(rules: PolicyRules, given: Given) -> dict[str, Any]:
    """What the policy says of these facts: the grade, and each condition met with its words and clause."""
    facts = [_fact(one.model_dump(), number) for number, one in enumerate(given.records, 1)]
    found = grading.regrade(rules, facts, given.on) if rules.content.evaluation else None
    if rules.scored:
        scored = scoring.score(rules.scoring, _sheets(rules, given), given.survey)
        found = scoring.combined(rules, found, scored) if found else None
    else:
        scored = None
    return {
        "policy": rules.key,
        "status": rules.content.policy.status,
        "on": given.on.isoformat(),
        "grade": found.grade if found else None,
        "met": [_met(rules, found, id) for id in [one.condition for one in found.met]] if found else [],
        "unjudged": list(found.unjudged) if found else [],
        "score": scored.model_dump(mode="json") if scored else None,
    }


def _met(rules: PolicyRules, found: Findings, id: str) -> dict[str, Any]:
    condition, clause = rules.condition(id), rules.clause(rules.condition(id).clause)
    records = next(one.records for one in found.met if one.condition == id)
    return {
        "condition": id,
        "grade": condition.grade,
        "text": condition.text,
        "place": condition.place,
        "clause": condition.clause,
        "clause_text": clause.text,
        "records": list(records),
    }


def _sheets(rules: PolicyRules, given: Given) -> list[Sheet]:
    """The sheets as scores; every score that is missing, out of range or too exact is named."""
    scheme, faults, sheets = rules.scoring, list[Fault](), list[Sheet]()
    if given.scores and not scheme.usable:
        raise BadFacts([(" scores", "not_settled", {})])
    for source, found in given.scores.items():
        if source not in scheme.sources:
            faults.append((f" scores.{source}", "source_unknown", {}))
            continue
        for raw in found if isinstance(found, list) else [found]:
            clean, wrong = scoring.read_sheet(scheme.items(given.on.year), scheme.decimals or 0, raw)
            faults += [(f" scores.{source}.{item}", *problem) for item, problem in wrong.items()]
            sheets.append(Sheet.model_validate({"source": source, "scores": clean}))
    if faults:
        raise BadFacts(faults)
    return sheets


def _place(parts: tuple[int | str, ...]) -> str:
    return " " + ".".join(map(str, parts))
