"""现行等级: the grade that stands, and how an act opens its re-evaluation (XC-17, XC-18)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from models import Case, Evaluation, Institution
from models.core import table_of
from workflow.engine.load import rules_of
from workflow.engine.plan import Start, Subject
from workflow.rules import grading
from workflow.rules.findings import NAMES, Fact, Findings
from workflow.rules.policy import PolicyRules

if TYPE_CHECKING:
    from workflow.engine.facts import Facts

_case, _evaluation = table_of(Case), table_of(Evaluation)


@dataclass(frozen=True)
class Standing:
    """The newest evaluation in force. `again` is the number of its re-evaluation that is under way, if one is."""

    case: dict[str, Any]
    grade: str
    expires_on: date
    rules: PolicyRules
    again: str

    def now(self, session: Session, on: date, without: Collection[int] = (), back: Sequence[Row[Any]] = ()) -> Findings:
        """What the archive gives on a day, as it would be without some of its records or with others back in it."""
        found = grading.explain(session.connection(), self.rules, self.case["institution_id"], on)
        if not without and not back:
            return found
        facts = [fact for fact in found.facts if fact.id not in without] + [_fact(record) for record in back]
        return grading.regrade(self.rules, facts, on, self.case["institution_id"])

    def is_worse(self, grade: str | None) -> bool:
        grades = self.rules.evaluation.grades
        return grade is not None and grades.index(grade) > grades.index(self.grade)

    def is_better(self, grade: str | None) -> bool:
        grades = self.rules.evaluation.grades
        return grade is not None and grades.index(grade) < grades.index(self.grade)

    def is_held_down_by(self, grade: str) -> bool:
        """Whether a condition of that grade stands between the standing grade and a better one."""
        grades = self.rules.evaluation.grades
        return grade not in self.rules.evaluation.requires_all and grades.index(grade) <= grades.index(self.grade)

    def reopened(self, why: str) -> list[Start]:
        """The re-evaluation as a consequence of an act; none where one is under way or the policy knows none."""
        if self.again or self.rules.content.regrade is None:
            return []
        return [Start("evaluation", subject_of(self.case), "reopen", {"why": why})]


def _fact(record: Row[Any]) -> Fact:
    return Fact(*[getattr(record, {"judged_by": "judged_by_id"}.get(name, name)) for name in NAMES])


def subject_of(case: dict[str, Any]) -> Subject:
    kept = ("policy_id", "managing_authority_id", "ladder", "institution_id", "round_id")
    return Subject(**{name: case[name] for name in kept}, parent_id=case["id"])


def standing(session: Session, institution_id: int) -> Standing | None:
    query = select(_case, _evaluation.c.grade, _evaluation.c.expires_on)
    query = query.join(_evaluation, _evaluation.c.case_id == _case.c.id).where(_case.c.state == "effective")
    mine = query.where(_evaluation.c.institution_id == institution_id)
    newest = mine.order_by(_evaluation.c.effective_from.desc(), _case.c.id.desc()).limit(1)
    row = session.execute(newest).mappings().first()
    if row is None:
        return None
    again = select(_case.c.number).where(_case.c.parent_id == row["id"], _case.c.machine == "evaluation")
    number = session.scalar(again.where(_case.c.closed_at.is_(None), _case.c.state != "effective").limit(1))
    return Standing(dict(row), row["grade"], row["expires_on"], rules_of(session, row["policy_id"]), number or "")


def read_states(session: Session, institution_id: int) -> dict[int, str]:
    """By case, how the state of each grade that has been in force reads."""
    given = select(_case.c.id, _case.c.state).join(_evaluation, _evaluation.c.case_id == _case.c.id)
    given = given.where(_evaluation.c.institution_id == institution_id, _evaluation.c.effective_from.is_not(None))
    rows = session.execute(given.order_by(_evaluation.c.effective_from.desc(), _case.c.id.desc())).all()
    return dict(zip((row.id for row in rows), as_read([row.state for row in rows]), strict=True))


def as_read(states: Sequence[str]) -> list[str]:
    """The states of an institution's grades, the newest first: of several in force only the newest counts."""
    first = states.index("effective") if "effective" in states else len(states)
    return ["superseded" if state == "effective" and place > first else state for place, state in enumerate(states)]


def held(session: Session, institution_id: int) -> Standing | None:
    """The same under lock: of two acts that would open its re-evaluation the second sees the first's."""
    hold(session, {institution_id})
    return standing(session, institution_id)


def for_act(facts: "Facts") -> Standing | None:
    """Held by an act, with those of all institutions that it is about; merely read by whoever asks what it would do."""
    if facts.family is not None:
        hold(facts.session, {row["institution_id"] for row in facts.family.values() if row["institution_id"]})
    return standing(facts.session, facts.case["institution_id"])


def hold(session: Session, institutions: set[int]) -> None:
    """Lock the grades in force of institutions, then their own rows, each in ascending order and once in a unit of
    work: two acts on the same institutions, in whatever order, never wait for each other."""
    known: set[int] = session.info.setdefault("grades_held", set())
    if institutions <= known:
        return
    known |= institutions
    mine = select(_case.c.id).join(_evaluation, _evaluation.c.case_id == _case.c.id)
    mine = mine.where(_case.c.state == "effective", _evaluation.c.institution_id.in_(institutions))
    grades = mine.order_by(_case.c.id).with_for_update(of=_case, key_share=True)
    seen: list[int] | None = None
    while (found := list(session.scalars(grades))) != seen:  # one that came into force meanwhile is held as well
        seen = found
    rows = select(Institution.id).where(Institution.id.in_(institutions)).order_by(Institution.id)
    session.execute(rows.with_for_update(key_share=True))
