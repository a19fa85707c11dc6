"""评价批次: which there are, how far each has come, what is ready for a notice, and the summary of annex 2."""

from collections import Counter, defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, String, cast, exists, func, or_, select, union_all
from sqlalchemy.orm import Session

from models import Authority, Case, Evaluation, Institution, Policy, Recommendation, Round
from models.core import READY
from workflow.engine.load import rules_of
from workflow.engine.permissions import Actor, of_line, sees
from workflow.engine.refusal import NotFound
from workflow.policies_in_force import line_of
from workflow.rules.findings import Fact, Findings
from workflow.rules.policy_recommendation import RecommendationRules


@dataclass(frozen=True, slots=True)
class Opened:
    """A round in the list; `whole` counts its cases that the actor sees, `closed` those that ended."""

    id: int
    title: str
    year: int
    authority: str
    policy: str
    reference_date: date
    submit_by: datetime | None
    whole: int
    in_force: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How many cases of one managing authority stand in which state."""

    authority_id: int
    authority: str
    states: Counter[str]

    @property
    def whole(self) -> int:
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class Ready:
    """Results that wait for publicity, of institutions that one authority manages; `grade` is None of other results."""

    authority_id: int
    authority: str
    grade: str | None
    ids: list[int]


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of annex 2 (XC-33). A list that is empty is printed as 无 (inventory §7 item 26). `model`: whether it is
    a model institution of the year, `chosen_for` why; None where the policy lets nobody of its grade be chosen."""

    name: str
    credit_code: str
    grade: str | None
    breaches: list[Fact]
    measures: list[Fact]
    authority: str
    state: str
    model: bool | None
    chosen_for: str


def _numbers(actor: Actor, machine: str, *which: ColumnElement[bool]) -> CompoundSelect[*tuple[Any, ...]]:
    """How many cases an official sees, by managing authority, state and round: the line's and the few others counted
    apart, so that the line's go by an index alone, in its order."""
    keys = (Case.managing_authority_id, Case.state, Case.round_id)
    query = select(*keys, func.count().label("count")).where(Case.machine == machine, *which).group_by(*keys)
    line, asked = of_line(actor)
    return union_all(*(query.where(one) for one in (line, asked & ~line)))


def _counted(actor: Actor, machine: str) -> Any:
    """Of each round, the cases that the actor sees: how many, and how many of them are in force."""
    parts = _numbers(actor, machine).subquery()
    standing = func.sum(parts.c.count).filter(parts.c.state == "effective")
    whole = select(parts.c.round_id, func.sum(parts.c.count).label("whole"), standing.label("in_force"))
    return whole.group_by(parts.c.round_id).subquery()


def rounds(session: Session, actor: Actor, machine: str = "evaluation") -> list[Opened]:
    """The rounds of the actor's own authority and of those above it, and those that hold a case the actor sees."""
    counted = _counted(actor, machine)
    columns = (
        Round.id,
        Round.title,
        Round.year,
        Authority.short_name,
        Policy.title,
        Round.reference_date,
        Round.submit_by,
    )
    numbers = (func.coalesce(counted.c.whole, 0), func.coalesce(counted.c.in_force, 0))
    query = select(*columns, *numbers).select_from(Round).outerjoin(counted, counted.c.round_id == Round.id)
    query = query.join(Authority, Authority.id == Round.authority_id).join(Policy, Policy.id == Round.policy_id)
    kind = Round.submit_by.is_(None) if machine == "evaluation" else Round.submit_by.is_not(None)
    near = Round.authority_id == actor.authority_id
    if machine == "recommendation":
        near = Round.authority_id.in_([one.id for one in line_of(session, actor.authority_id or 0)])
    query = query.where(kind, or_(near, counted.c.whole > 0))
    return [Opened(*row) for row in session.execute(query.order_by(Round.year.desc(), Round.id.desc()))]


def round_seen(session: Session, round_id: int, actor: Actor) -> Round:
    found = session.scalars(select(Round).where(Round.id == round_id, entered(actor))).first()
    if found is None:
        raise NotFound
    return found


def entered(actor: Actor) -> ColumnElement[bool]:
    """Rounds that the actor's authority opened, or that hold a case which the actor sees."""
    inside = exists().where(Case.round_id == Round.id, sees(actor))
    if actor.role == "expert":  # sees a few cases: found from these, not by going through those of every round
        inside = Round.id.in_(select(Case.round_id).where(sees(actor)))
    return or_(Round.authority_id == actor.authority_id, inside)


def progress(session: Session, round_id: int, actor: Actor) -> list[Progress]:
    """By managing authority, in the order of their codes."""
    inside = Case.round_id + 0 == round_id  # + 0: not by the index of rounds, which reads every case of it
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for authority, state, _round, number in session.execute(_numbers(actor, "evaluation", inside)):
        found[authority][state] += number
    names = select(Authority.id, Authority.short_name).where(Authority.id.in_(found)).order_by(Authority.code)
    return [Progress(id, name, found[id]) for id, name in session.execute(names)]


def ready(session: Session, round_id: int, actor: Actor) -> list[Ready]:
    """What waits for publicity by the actor's authority, in the order of the authorities' codes. The ids of a group
    come as one text: a row for each of thousands would cost more than the rest of the page."""
    waiting = (READY, Case.authority_id == actor.authority_id, Case.round_id == round_id)
    group = (Authority.id, Authority.short_name, Evaluation.proposed_grade)
    query = select(*group, func.aggregate_strings(cast(Case.id, String), ",")).select_from(Case).where(*waiting)
    query = query.join(Authority, Authority.id == Case.managing_authority_id)
    query = query.outerjoin(Evaluation, Evaluation.case_id == Case.id).group_by(*group, Authority.code)
    found = session.execute(query.order_by(Authority.code, Evaluation.proposed_grade))
    return [Ready(id, name, grade, [int(one) for one in ids.split(",")]) for id, name, grade, ids in found]


def notices(session: Session, round_id: int, actor: Actor) -> int:
    """How many notices the actor's authority has drafted over this round's results; a withdrawn one is none."""
    own = (Case.machine == "publicity", Case.round_id == round_id, Case.managing_authority_id == actor.authority_id)
    return session.scalar(select(func.count()).select_from(Case).where(*own, Case.state != "withdrawn")) or 0


def summary(session: Session, round_id: int, actor: Actor) -> list[Summary]:
    """Annex 2: one line per institution of the round, from the findings its grade rests on."""
    columns = (Institution.id, Institution.name, Institution.credit_code, Evaluation.grade, Evaluation.findings)
    query = select(*columns, Authority.name.label("authority"), Case.state).join(Case, Case.id == Evaluation.case_id)
    query = query.join(Institution, Institution.id == Evaluation.institution_id)
    query = query.join(Authority, Authority.id == Case.managing_authority_id)
    query = query.where(Case.round_id == round_id, sees(actor)).order_by(Authority.code, Institution.name)
    one = session.get_one(Round, round_id)
    asked = rules_of(session, one.policy_id).content.recommendation
    models = _models(session, asked, one.year) if asked else {}
    eligible = {grade for condition in asked.conditions for grade in condition.grades} if asked else set()
    return [_line(row, models, eligible) for row in session.execute(query)]


def _models(session: Session, rules: RecommendationRules, year: int) -> dict[int, str]:
    """Who holds one of the policy's honours of a year, and what the evaluator said of it."""
    query = select(Recommendation.institution_id, Recommendation.attestation)
    query = query.join(Case, Case.id == Recommendation.case_id).join(Round, Round.id == Recommendation.round_id)
    held = (Round.year == year, Round.scheme.in_(rules.honours), Case.state.in_(("designated", "revocation")))
    return {row.institution_id: row.attestation for row in session.execute(query.where(*held))}


def _line(row: Any, models: Mapping[int, str], eligible: Container[str]) -> Summary:
    findings = Findings.from_json(row.findings) if row.findings else None
    counted = {id for met in findings.met for id in met.records} if findings else set()
    breaches = [fact for fact in findings.facts if fact.id in counted] if findings else []
    measures = [fact for fact in breaches if fact.decided_on is not None]
    model = row.id in models if row.grade in eligible else None
    chosen_for = models[row.id] if model else ""
    return Summary(
        row.name, row.credit_code, row.grade, breaches, measures, row.authority, row.state, model, chosen_for
    )


def name_of(session: Session, institution_id: int) -> str:
    return session.get_one(Institution, institution_id).name


def authority_name(session: Session, authority_id: int | None) -> str:
    return session.get_one(Authority, authority_id).name
