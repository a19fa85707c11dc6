"""满意度调查: one answer to it, and what its page shows. Whoever has the code may answer, once, while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from models import Case, Institution, Survey, SurveyAnswer
from models.core import table_of
from workflow.engine.load import rules_of
from workflow.engine.refusal import NotFound, Refused
from workflow.rules.policy_scoring import SurveyRules


@dataclass(frozen=True, slots=True)
class Page:
    case_id: int
    name: str
    rules: SurveyRules
    ends_at: datetime


def page(session: Session, code: str) -> Page:
    query = select(Survey.case_id, Institution.name, Case.policy_id, Survey.ends_at)
    query = query.join(Case, Case.id == Survey.case_id).join(Institution, Institution.id == Case.institution_id)
    found = session.execute(query.where(Survey.code == code)).one_or_none()
    rules = rules_of(session, found.policy_id).scoring.survey if found else None
    if found is None or rules is None:
        raise NotFound
    return Page(found.case_id, found.name, rules, found.ends_at)


def answer(session: Session, code: str, form: Mapping[str, Any], line: str, browser: str, at: datetime) -> None:
    """Raises Refused: too late, a browser's second answer, one answer too many from a line, or each faulty mark.
    `line` and `browser` are digests. The survey's row is the lock under which answers are counted."""
    asked = page(session, code)
    session.execute(select(Survey.case_id).where(Survey.case_id == asked.case_id).with_for_update())
    if at >= asked.ends_at:
        raise Refused("survey_over")
    marks = _marks(asked.rules, form)
    if _given(session, asked.case_id, SurveyAnswer.browser == browser):
        raise Refused("survey_answered")
    if _given(session, asked.case_id, SurveyAnswer.line == line) >= asked.rules.per_address:
        raise Refused("survey_line_full", most=asked.rules.per_address)
    row = {"case_id": asked.case_id, "line": line, "browser": browser, "marks": marks, "total": sum(marks), "at": at}
    session.execute(insert(table_of(SurveyAnswer)), row)


def _marks(rules: SurveyRules, form: Mapping[str, Any]) -> list[int]:
    """One mark for every question, from 1 to the scale's end."""
    known = {str(mark): mark for mark in range(1, rules.scale + 1)}
    sent = {name: str(form.get(name) or "") for name in names(rules)}
    wrong = {name: ("field_choice" if raw else "field_required", {"field": name}) for name, raw in sent.items()
             if raw not in known}  # fmt: skip
    if wrong:
        raise Refused("form_invalid", fields=wrong)
    return [known[raw] for raw in sent.values()]


def names(rules: SurveyRules) -> list[str]:
    """The boxes of the form, one for each question."""
    return [f"q{number}" for number in range(1, len(rules.questions) + 1)]


def _given(session: Session, case_id: int, whose: Any) -> int:
    return session.scalar(select(func.count()).where(SurveyAnswer.case_id == case_id, whose)) or 0
