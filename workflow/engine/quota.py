"""名额: the seats of a quota and who asks for them; the package that goes with the list; the conditions of one case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from models import Authority, Case, Evaluation, Material, MaterialFile, Quota, Recommendation
from models.core import table_of
from models.people import LEVELS
from workflow.clock import legal_day
from workflow.rules import eligibility, grading
from workflow.rules.eligibility import Eligible
from workflow.rules.policy import PolicyRules
from workflow.rules.ranking import rank

if TYPE_CHECKING:
    from workflow.engine.facts import Facts

WAITING = ("shortlisted", "reserve")


@dataclass(frozen=True, slots=True)
class Seats:
    """`taken` of `whole` seats; `better`: candidates without a seat who rank above this one."""

    whole: int
    taken: int
    better: int
    summary_id: int | None


def seats(facts: "Facts") -> Seats:
    """Of many who ask at once each sees what the others took: an act locks the quota's row, always after the cases."""
    quota = select(table_of(Quota)).where(table_of(Quota).c.id == facts.detail["quota_id"])
    row = facts.session.execute(quota.with_for_update() if facts.family is not None else quota).one()
    one, case = table_of(Recommendation), table_of(Case)
    others = select(one, case.c.state).join(case, case.c.id == one.c.case_id)
    others = others.where(one.c.quota_id == row.id, one.c.case_id != facts.id)
    known = facts.session.execute(others).mappings().all()
    mine = place(facts.rules, facts.round.year, facts.detail)
    waiting = [other for other in known if other["state"] in WAITING]
    better = sum(place(facts.rules, facts.round.year, other) < mine for other in waiting)
    return Seats(row.seats, sum(other["seated_at"] is not None for other in known), better, row.summary_id)


def climbed(line: Sequence[Authority], place: int, rules: PolicyRules) -> list[Authority]:
    """Who looks at a candidate: from the managing authority or the quota's holder at `place`, up to who decides."""
    first = place if rules.recommendation.ladder_from == "quota" else 0
    top = rules.recommendation.ladder_to
    above = () if top == "quota" else [one for one in line[place + 1 :] if LEVELS.index(one.level) <= LEVELS.index(top)]
    return [*line[first : place + 1], *above]


def quota_id(facts: "Facts") -> int:
    """The quota that a new case falls under: that of the authority which will publish it."""
    holder = facts.publisher_id
    query = select(Quota.id).where(Quota.round_id == facts.case["round_id"], Quota.authority_id == holder)
    return facts.session.scalars(query).one()


def place(rules: PolicyRules, year: int, detail: Any) -> tuple[Any, ...]:
    """Where a candidate ranks; smaller is better."""
    scheme = rules.content.scoring
    sections = {item.id: item.section for item in scheme.items(year)} if scheme and scheme.usable else {}
    return rank(rules.recommendation.rank_by, sections, detail)


def missing(facts: "Facts") -> tuple[str, ...]:
    """What the package (SD-26) still lacks for this case: forms, scores, proofs, the work summary."""
    filed = select(func.count()).select_from(Material).where(Material.case_id == facts.id)
    filed = filed.where(Material.kind == "application")
    proofs = select(func.count()).select_from(MaterialFile).join(Material, Material.id == MaterialFile.material_id)
    there = {
        "forms": bool(facts.session.scalar(filed)),
        "scores": facts.detail["total"] is not None,
        "proofs": bool(facts.session.scalar(proofs.where(Material.case_id == facts.id))),
        "summary": seats(facts).summary_id is not None,
    }
    return tuple(part for part in facts.rules.recommendation.package if not there[part])


def applied_already(facts: "Facts", holder: str) -> bool:
    one = table_of(Recommendation)
    same = (one.c.institution_id == facts.case["institution_id"], one.c.round_id == facts.case["round_id"])
    query = select(func.count()).select_from(one).where(*same, one.c.holder == holder)
    return bool(facts.session.scalar(query))


def eligible(facts: "Facts", on: date | None = None) -> Eligible:
    """The basic conditions on the day that the policy names, by what the archive says now."""
    rules, institution = facts.rules.recommendation, facts.case["institution_id"]
    day = on or _look_back(facts)
    connection = facts.session.connection()
    asked = grading.ask(connection, facts.rules, rules.conditions, [institution], day)
    _, known, hits, unjudged = next(asked)
    return eligibility.check(rules.conditions, day, grade_on(facts, day), known, hits, unjudged)


def _look_back(facts: "Facts") -> date:
    match facts.rules.recommendation.look_back:
        case "round":
            return facts.round.reference_date
        case "application":
            return legal_day(facts.detail["applied_at"]) if facts.detail else facts.today
    return facts.today


def grade_lost(facts: "Facts") -> bool:
    """A grade that a condition asks for was held on the round's day, and has expired or changed since."""
    asked = [one.grades for one in facts.rules.recommendation.conditions if one.grades]
    return bool(asked) and not all(grade_on(facts, facts.today) in grades for grades in asked)


def grade_on(facts: "Facts", day: date) -> str | None:
    """The grade in force on a day; an annulled or suspended one is none."""
    query = select(Evaluation.grade).join(Case, Case.id == Evaluation.case_id)
    mine = (Evaluation.institution_id == facts.case["institution_id"], Evaluation.suspended.is_(False))
    holds = (Evaluation.effective_from <= day, Evaluation.expires_on >= day, Case.state.in_(("effective", "expired")))
    return facts.session.scalar(query.where(*mine, *holds).order_by(Evaluation.effective_from.desc()).limit(1))
