"""等级比例: how many of a round may have a top grade, and what a result falls to once they have it.

A seat is taken when a result goes to publicity, under the lock of the round's row, which comes after the case's.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Case, Evaluation, Round
from models.core import table_of
from workflow.rules.policy import PolicyRules
from workflow.rules.policy_evaluation import Cap

if TYPE_CHECKING:
    from workflow.engine.facts import Facts

SEATED = ("awaiting_publicity", "in_publicity", "contested", "cleared", "effective")
APART = ("withdrawn", "unrated")
"""Whoever is not rated is no part of what a percentage is taken of."""


@dataclass(frozen=True, slots=True)
class Full:
    cap: Cap
    base: int
    most: int

    def told(self) -> dict[str, Any]:
        grades = "、".join(self.cap.grades)
        return {"grades": grades, "percent": self.cap.percent, "base": self.base, "most": self.most}


def full(facts: "Facts", grade: str | None) -> Full | None:
    """The first percentage that leaves no seat for this case's grade."""
    caps = [cap for cap in facts.rules.evaluation.caps if grade in cap.grades]
    if not caps:
        return None
    if facts.family is not None:
        one = table_of(Round)
        facts.session.execute(select(one.c.id).where(one.c.id == facts.case["round_id"]).with_for_update())
    base = _base(facts.session, facts.case["round_id"])
    for cap in caps:
        if _held(facts.session, facts.case["round_id"], cap, facts.id) >= cap.of(base):
            return Full(cap, base, cap.of(base))
    return None


def seats(session: Session, round_id: int, rules: PolicyRules) -> list[tuple[Cap, int, int]]:
    """Of each percentage of a round: how many have it, and how many may."""
    caps = rules.evaluation.caps
    base = _base(session, round_id) if caps else 0
    return [(cap, _held(session, round_id, cap), cap.of(base)) for cap in caps]


def allowed(facts: "Facts", grade: str | None) -> str | None:
    """The grade itself, or the best below it that has a seat left."""
    grades = facts.rules.evaluation.grades
    below = grades[grades.index(grade) :] if grade else ()
    return next((one for one in below if full(facts, one) is None), grade)


def _base(session: Session, round_id: int) -> int:
    return _count(session, round_id, Case.state.not_in(APART), Evaluation.occasion == "yearly")


def _held(session: Session, round_id: int, cap: Cap, but: int = 0) -> int:
    held = func.coalesce(Evaluation.grade, Evaluation.proposed_grade).in_(cap.grades)
    return _count(session, round_id, Case.state.in_(SEATED), held, Case.id != but)


def _count(session: Session, round_id: int, *which: Any) -> int:
    query = select(func.count()).select_from(Evaluation).join(Case, Case.id == Evaluation.case_id)
    return session.scalar(query.where(Evaluation.round_id == round_id, *which)) or 0
