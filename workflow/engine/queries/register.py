"""机构查询: what the public may read about an institution. Allow-lists, as in `public`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models import ArchiveRecord, Authority, Case, Evaluation, Institution, Notice, PublicityEntry, Round
from workflow.clock import legal_day
from workflow.engine.load import rules_of
from workflow.engine.queries.public import PAGE
from workflow.engine.refusal import NotFound
from workflow.rules import credit_code
from workflow.rules.findings import Findings
from workflow.rules.policy import PolicyRules

SHORTEST_CODE = 4
"""So many characters of a code are asked for at least: fewer are part of nearly every name and code."""


@dataclass(frozen=True, slots=True)
class Found:
    name: str
    credit_code: str
    authority: str
    grade: str | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade that has been in force. `met` are ids of the conditions that gave it, in the rules it was given by."""

    grade: str
    year: int
    state: str
    effective_from: date
    expires_on: date
    authority: str
    reference_date: date
    met: tuple[str, ...]
    points: str
    rules: PolicyRules


@dataclass(frozen=True, slots=True)
class Record:
    summary: str
    decided_on: date
    finding_authority: str
    document_number: str
    public_to: date | None


@dataclass(frozen=True, slots=True)
class InstitutionPage:
    """`grades` with the newest first; `current` is the one in force, or for a branch that is rated with its parent
    the parent's, whose name is `rated_with`. `unrated`: a newer year without a grade, its reason and clause.
    `in_publicity`: notice and entry number."""

    name: str
    credit_code: str
    nature: str
    authority: str
    current: Grade | None
    grades: tuple[Grade, ...]
    records: tuple[Record, ...]
    in_publicity: tuple[str, int] | None
    unrated: "NotRated | None"
    rated_with: str


@dataclass(frozen=True, slots=True)
class NotRated:
    year: int
    title: str
    text: str


def search(session: Session, text: str, offset: int = 0) -> tuple[list[Found], int]:
    """By part of a name, or by a code however it was typed."""
    name = Institution.name.contains(text.strip(), autoescape=True)
    code = credit_code.normalise(text)
    hit = or_(name, Institution.credit_code.startswith(code, autoescape=True)) if len(code) >= SHORTEST_CODE else name
    total = session.scalar(select(func.count()).select_from(Institution).where(hit)) or 0
    order = (Institution.name, Institution.id)
    found = session.scalars(select(Institution).where(hit).order_by(*order).offset(offset).limit(PAGE)).unique().all()
    grades = in_force(session, [one.id for one in found])
    return [_found(one, grades.get(one.id)) for one in found], total


def institution(session: Session, code: str, at: datetime) -> InstitutionPage:
    found = session.scalar(select(Institution).where(Institution.credit_code == credit_code.normalise(code)))
    if found is None:
        raise NotFound
    grades = grades_of(session, found.id)
    current, rated_with = next((one for one in grades if one.state == "effective"), None), ""
    if current is None and (above := _parent_s(session, found)):
        current, rated_with = above
    return InstitutionPage(
        name=found.name,
        credit_code=found.credit_code,
        nature=found.nature,
        authority=found.managing_authority.short_name,
        current=current,
        grades=grades,
        records=tuple(_records(session, found.id, legal_day(at))),
        in_publicity=_open_entry(session, found.id, at),
        unrated=_unrated(session, found.id, max((one.year for one in grades), default=0)),
        rated_with=rated_with,
    )


def _parent_s(session: Session, branch: Institution) -> tuple[Grade, str] | None:
    """The parent's grade in force, where it was given under a policy that rates branches with it."""
    parent = session.get(Institution, branch.parent_id) if branch.parent_id else None
    grades = grades_of(session, parent.id) if parent else ()
    now = next((one for one in grades if one.state == "effective"), None)
    shared = now is not None and now.rules.evaluation.branches == "with_parent"
    return (now, parent.name) if parent and now and shared else None


def _unrated(session: Session, institution_id: int, since: int) -> NotRated | None:
    """The newest year in which it was left without a grade, unless it has been graded for that year or a later one."""
    query = select(Evaluation.unrated, Round.year, Case.policy_id).join(Case, Case.id == Evaluation.case_id)
    query = query.join(Round, Round.id == Evaluation.round_id).where(Evaluation.institution_id == institution_id)
    left = query.where(Case.state == "unrated", Round.year > since).order_by(Round.year.desc()).limit(1)
    row = session.execute(left).first()
    if row is None:
        return None
    rules = rules_of(session, row.policy_id).evaluation.unrated
    rule = next(one for one in rules if one.id == row.unrated)
    return NotRated(row.year, rule.title, rule.text)


def in_force(session: Session, ids: Sequence[int]) -> dict[int, Any]:
    """The grade in force of each institution that has one; the later of two."""
    shown = (Evaluation.institution_id, Evaluation.grade, Evaluation.expires_on)
    query = select(*shown).join(Case, Case.id == Evaluation.case_id).where(Case.state == "effective")
    rows = session.execute(query.where(Evaluation.institution_id.in_(ids)).order_by(*_AGE))
    return {row.institution_id: row for row in rows}


_AGE = (Evaluation.effective_from, Evaluation.case_id)


def grades_of(session: Session, institution_id: int) -> tuple[Grade, ...]:
    columns = (Evaluation, Case.state, Case.policy_id, Round.year, Authority.short_name)
    query = select(*columns).join(Case, Case.id == Evaluation.case_id).join(Round, Round.id == Evaluation.round_id)
    query = query.join(Authority, Authority.id == Round.authority_id)
    given = query.where(Evaluation.institution_id == institution_id, Evaluation.effective_from.is_not(None))
    rows = session.execute(given.order_by(*(column.desc() for column in _AGE))).all()
    states = _superseded([row.state for row in rows])
    return tuple(_grade(session, row, state) for row, state in zip(rows, states, strict=True))


def _superseded(states: list[str]) -> list[str]:
    """Of several in force, only the newest is current."""
    first = states.index("effective") if "effective" in states else len(states)
    return ["superseded" if state == "effective" and place > first else state for place, state in enumerate(states)]


def _grade(session: Session, row: Any, state: str) -> Grade:
    one = row.Evaluation
    findings = Findings.from_json(one.findings)
    return Grade(
        grade=one.grade,
        year=row.year,
        state=state,
        effective_from=one.effective_from,
        expires_on=one.expires_on,
        authority=row.short_name,
        reference_date=findings.on,
        met=tuple(met.condition for met in findings.met if met.grade == findings.grade),
        points=findings.points,
        rules=rules_of(session, row.policy_id),
    )


def _records(session: Session, institution_id: int, today: date) -> list[Record]:
    """Records within their window and not repaired. Those about a person are not for the public."""
    table = ArchiveRecord
    window = (table.public_from <= today, or_(table.public_to.is_(None), table.public_to >= today))
    public = (*window, or_(table.repaired_on.is_(None), table.repaired_on > today))
    about = (table.institution_id == institution_id, table.person_id.is_(None), table.voided_on.is_(None))
    rows = session.scalars(select(table).where(*about, *public).order_by(table.acted_on.desc(), table.id))
    return [
        Record(one.summary, one.decided_on or one.acted_on, one.finding_authority, one.document_number, one.public_to)
        for one in rows
    ]


def _open_entry(session: Session, institution_id: int, at: datetime) -> tuple[str, int] | None:
    subject = select(Evaluation.case_id).where(Evaluation.institution_id == institution_id)
    query = select(Case.number, PublicityEntry.number.label("entry")).join(Notice, Notice.case_id == Case.id)
    query = query.join(PublicityEntry, PublicityEntry.notice_id == Case.id).where(Case.state == "open")
    live = query.where(PublicityEntry.subject_id.in_(subject), PublicityEntry.closes_at > at)
    row = session.execute(live.order_by(PublicityEntry.id.desc()).limit(1)).first()
    return (row.number, row.entry) if row else None


def _found(one: Institution, grade: Any) -> Found:
    authority = one.managing_authority.short_name
    return Found(one.name, one.credit_code, authority, grade and grade.grade, grade and grade.expires_on)
