"""推荐批次: its quotas and how far each is used, its candidates in order, and the rounds an institution may enter."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Attachment, Authority, Case, Institution, Material, Quota, Recommendation, Round
from workflow.engine import quota
from workflow.engine.load import rules_of
from workflow.engine.permissions import Actor, sees, subtree
from workflow.engine.refusal import NotFound
from workflow.policies_in_force import line_of


@dataclass(frozen=True, slots=True)
class Seats:
    """A quota and its use. `base`: how many institutions it is a share of; None where the policy lists the number."""

    id: int
    authority_id: int
    authority: str
    seats: int
    base: int | None
    states: Counter[str]
    taken: int
    summary_id: int | None
    summary: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """`place` in the order of the quota's candidates: those with a seat, and those who wait for one."""

    number: str
    name: str
    holder: str
    authority: str
    total: str | None
    state: str
    step: str
    seated: bool
    place: int | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list that goes up (SD-33). Whom to call is what the institution wrote in its form."""

    place: int
    name: str
    holder: str
    nature: str
    address: str
    liaison: str
    phone: str


def round_seen(session: Session, round_id: int, actor: Actor) -> Round:
    """A recommendation round of the actor's line: of an authority above it or below it. NotFound for any other."""
    one = session.get(Round, round_id)
    if one is None or one.submit_by is None:
        raise NotFound
    if not (
        _below(session, actor.authority_id, one.authority_id) or _below(session, one.authority_id, actor.authority_id)
    ):
        raise NotFound
    return one


def _below(session: Session, authority_id: int | None, top: int | None) -> bool:
    query = select(Authority.id).where(Authority.id == authority_id, Authority.id.in_(subtree(top)))
    return session.scalar(query) is not None


def seats(session: Session, one: Round) -> list[Seats]:
    """In the order of the authorities' codes."""
    states: dict[int, Counter[str]] = {}
    taken: Counter[int] = Counter()
    cases = select(Recommendation.quota_id, Case.state, Recommendation.seated_at)
    cases = cases.join(Case, Case.id == Recommendation.case_id)
    for quota_id, state, seated_at in session.execute(cases.where(Recommendation.round_id == one.id)):
        states.setdefault(quota_id, Counter())[state] += 1
        taken[quota_id] += seated_at is not None
    query = select(Quota, Authority.short_name, Attachment.name).join(Authority, Authority.id == Quota.authority_id)
    query = query.outerjoin(Attachment, Attachment.id == Quota.summary_id).where(Quota.round_id == one.id)
    return [
        Seats(
            found.id,
            found.authority_id,
            name,
            found.seats,
            None if found.counted is None else len(found.counted),
            states.get(found.id, Counter()),
            taken[found.id],
            found.summary_id,
            summary or "",
        )
        for found, name, summary in session.execute(query.order_by(Authority.code))
    ]


def line(session: Session, actor: Actor) -> frozenset[int]:
    """The actor's authority and those below it: whose work summaries it reads."""
    own = select(Authority.id).where(Authority.id.in_(subtree(actor.authority_id)))
    return frozenset(session.scalars(own))


def summary(session: Session, quota_id: int, actor: Actor) -> tuple[int, str] | None:
    """The work summary that goes with a quota's list, its file and name, for whoever reads it."""
    query = select(Attachment.id, Attachment.name).join(Quota, Quota.summary_id == Attachment.id)
    found = session.execute(query.where(Quota.id == quota_id, Quota.authority_id.in_(line(session, actor)))).first()
    return (found.id, found.name) if found else None


def candidates(session: Session, one: Round, actor: Actor) -> list[Candidate]:
    """Those the actor sees, by quota and in the order of the list; who is off the list comes last."""
    places: Counter[str] = Counter()
    found = []
    for row in _ranked(session, one, actor):
        places[row.code] += _ranks(row)
        found.append(_candidate(row, places[row.code] if _ranks(row) else None))
    return found


def _ranked(session: Session, one: Round, actor: Actor) -> list[Any]:
    rules = rules_of(session, one.policy_id)
    columns = (Institution.name, Institution.nature, Institution.address)
    query = select(Recommendation, Case, *columns, Authority.short_name, Authority.code, Authority.name.label("unit"))
    query = query.join(Case, Case.id == Recommendation.case_id).join(Quota, Quota.id == Recommendation.quota_id)
    query = query.join(Institution, Institution.id == Recommendation.institution_id)
    query = query.join(Authority, Authority.id == Quota.authority_id)
    rows = session.execute(query.where(Recommendation.round_id == one.id, sees(actor))).unique().all()
    return sorted(rows, key=lambda row: (row.code, not _ranks(row), quota.place(rules, one.year, _kept(row))))


def listed(session: Session, one: Round, actor: Actor) -> dict[str, list[Listed]]:
    """推荐名单: who holds a seat, in the order of each authority's list; of the authorities that the actor sees."""
    seated = [row for row in _ranked(session, one, actor) if row.Recommendation.seated_at is not None]
    forms = _forms(session, [row.Case.id for row in seated])
    found: dict[str, list[Listed]] = {}
    for row in seated:
        form, lines = forms.get(row.Case.id, {}), found.setdefault(row.unit, [])
        whom = (form.get("liaison", ""), form.get("phone", ""))
        lines.append(Listed(len(lines) + 1, row.name, row.Recommendation.holder, row.nature, row.address, *whom))
    return found


def _forms(session: Session, cases: list[int]) -> dict[int, dict[str, Any]]:
    """The newest form of each case."""
    query = select(Material.case_id, Material.content).where(
        Material.case_id.in_(cases), Material.kind == "application"
    )
    return {row.case_id: row.content for row in session.execute(query.order_by(Material.version))}


def _kept(row: Any) -> dict[str, Any]:
    return {name: getattr(row.Recommendation, name) for name in ("case_id", "applied_at", "total", "scores")}


def _ranks(row: Any) -> bool:
    detail, case = row.Recommendation, row.Case
    return detail.seated_at is not None or case.state in quota.WAITING


def _candidate(row: Any, place: int | None) -> Candidate:
    detail, case = row.Recommendation, row.Case
    seated = detail.seated_at is not None
    return Candidate(
        case.number, row.name, detail.holder, row.short_name, detail.total, case.state, case.step, seated, place
    )


def nominable(session: Session, one: Round, actor: Actor) -> list[tuple[int, str]]:
    """Institutions that the actor's authority manages and that are not yet in the round."""
    inside = select(Recommendation.institution_id).where(Recommendation.round_id == one.id)
    mine = (Institution.managing_authority_id == actor.authority_id, Institution.closed_on.is_(None))
    query = select(Institution.id, Institution.name).where(*mine, Institution.id.not_in(inside))
    return [(row.id, row.name) for row in session.execute(query.order_by(Institution.name))]


def running(session: Session, actor: Actor, at: datetime) -> list[Round]:
    """Rounds that the actor's institution could still apply in: under somebody's quota, not over, not entered."""
    entered = select(Recommendation.round_id).where(Recommendation.institution_id == actor.institution_id)
    line = line_of(session, session.get_one(Institution, actor.institution_id).managing_authority_id)
    above = Round.authority_id.in_([authority.id for authority in line])
    query = select(Round).where(Round.submit_by > at, above, Round.id.not_in(entered)).order_by(Round.submit_by)
    rounds = session.scalars(query).unique().all()
    return [one for one in rounds if "institution" in rules_of(session, one.policy_id).recommendation.entrance]
