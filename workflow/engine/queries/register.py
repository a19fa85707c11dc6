"""机构查询: what the public may read about an institution. Allow-lists, as in `public`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Date, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from models import ArchiveRecord, Authority, Case, Evaluation, Institution, Notice, Policy, PublicityEntry, Round
from models.question import Question
from workflow.clock import legal_day
from workflow.engine.load import rules_by
from workflow.engine.queries.public import PAGE
from workflow.engine.refusal import NotFound
from workflow.engine.standing import as_read
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
    """One grade that has been in force. `met` are ids of the conditions that gave it, in the rules it was given by.
    `capped_from`: the better grade of the facts, whose percentage was full."""

    grade: str
    year: int
    state: str
    effective_from: date
    expires_on: date
    authority: str
    reference_date: date
    met: tuple[str, ...]
    points: str
    capped_from: str
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
    asked = {"code": credit_code.normalise(code), "at": at, "today": legal_day(at)}
    answer = _page().ask(session, asked)
    if not answer["institution"]:
        raise NotFound
    found, entry = answer["institution"][0], next(iter(answer["entry"]), None)
    own, parents = _parted(answer["evaluations"], found.id)
    grades = _grades(session, own)
    current, rated_with = _current(grades), ""
    if current is None and (above := _parent_s(_grades(session, parents))):
        current, rated_with = above, found.parent
    return InstitutionPage(
        name=found.name,
        credit_code=found.credit_code,
        nature=found.nature,
        authority=found.authority,
        current=current,
        grades=grades,
        records=tuple(_record(one) for one in _newest(answer["records"])),
        in_publicity=(entry.number, entry.entry) if entry else None,
        unrated=_unrated(session, own, max((one.year for one in grades), default=0)),
        rated_with=rated_with,
    )


def _parted(evaluations: list[Any], own_id: int) -> tuple[list[Any], list[Any]]:
    """Its own, and its parent's."""
    own = [row for row in evaluations if row.institution_id == own_id]
    return own, [row for row in evaluations if row.institution_id != own_id]


def _current(grades: tuple[Grade, ...]) -> Grade | None:
    return next((one for one in grades if one.state == "effective"), None)


def _parent_s(grades: tuple[Grade, ...]) -> Grade | None:
    """The parent's grade in force, where it was given under a policy that rates branches with it."""
    now = _current(grades)
    return now if now and now.rules.evaluation.branches == "with_parent" else None


def _unrated(session: Session, own: list[Any], since: int) -> NotRated | None:
    """The newest year in which it was left without a grade, unless it has been graded for that year or a later one."""
    row = max((one for one in own if one.state == "unrated"), key=attrgetter("year"), default=None)
    if row is None or row.year <= since:
        return None
    rule = rules_by(session, row.checksum).evaluation.ground(row.unrated)
    return NotRated(row.year, rule.title, rule.text) if rule else None


@cache
def _page() -> Question:
    """All that the page of an institution shows, by its code."""
    this, above = (
        select(id).where(Institution.credit_code == bindparam("code")).scalar_subquery()
        for id in (Institution.id, Institution.parent_id)
    )
    parts = {"institution": _institution(), "evaluations": _evaluations(this, above)}
    return Question({**parts, "records": _public(this), "entry": _open(this)})


def _institution() -> Select[*tuple[Any, ...]]:
    parent = aliased(Institution)
    beside = (Authority.short_name.label("authority"), parent.name.label("parent"))
    query = select(Institution.id, Institution.name, Institution.credit_code, Institution.nature, *beside)
    query = query.join(Authority, Authority.id == Institution.managing_authority_id)
    query = query.outerjoin(parent, parent.id == Institution.parent_id)
    return query.where(Institution.credit_code == bindparam("code"))


def _evaluations(this: Any, above: Any) -> Select[*tuple[Any, ...]]:
    """Its own and its parent's: every grade that has been in force, and the years left without one."""
    term = (Evaluation.effective_from, Evaluation.expires_on)
    own = (Evaluation.institution_id, Evaluation.case_id, Evaluation.grade, *term)
    why = (Evaluation.findings, Evaluation.capped_from, Evaluation.unrated)
    beside = (Case.state, Round.year, Authority.short_name.label("authority"), Policy.checksum)
    query = select(*own, *why, *beside).join(Case, Case.id == Evaluation.case_id)
    query = query.join(Policy, Policy.id == Case.policy_id).join(Round, Round.id == Evaluation.round_id)
    query = query.join(Authority, Authority.id == Round.authority_id)
    told = or_(Evaluation.effective_from.is_not(None), Case.state == "unrated")
    return query.where(Evaluation.institution_id.in_((this, above)), told)


def _public(this: Any) -> Select[*tuple[Any, ...]]:
    """Records within their window and not repaired. Those about a person are not for the public."""
    one, today = ArchiveRecord, bindparam("today", type_=Date())
    shown = (
        one.id,
        one.summary,
        one.acted_on,
        one.decided_on,
        one.finding_authority,
        one.document_number,
        one.public_to,
    )
    about = (one.institution_id == this, one.person_id.is_(None), one.voided_on.is_(None))
    window = (one.public_from <= today, or_(one.public_to.is_(None), one.public_to >= today))
    return select(*shown).where(*about, *window, or_(one.repaired_on.is_(None), one.repaired_on > today))


def _open(this: Any) -> Select[*tuple[Any, ...]]:
    """The newest entry in publicity."""
    subject = select(Evaluation.case_id).where(Evaluation.institution_id == this)
    query = select(Case.number, PublicityEntry.number.label("entry")).join(Notice, Notice.case_id == Case.id)
    query = query.join(PublicityEntry, PublicityEntry.notice_id == Case.id).where(Case.state == "open")
    live = query.where(PublicityEntry.subject_id.in_(subject), PublicityEntry.closes_at > bindparam("at"))
    return live.order_by(PublicityEntry.id.desc()).limit(1)


def in_force(session: Session, ids: Sequence[int]) -> dict[int, Any]:
    """The grade in force of each institution that has one; the later of two."""
    shown = (Evaluation.institution_id, Evaluation.grade, Evaluation.expires_on)
    query = select(*shown).join(Case, Case.id == Evaluation.case_id).where(Case.state == "effective")
    rows = session.execute(query.where(Evaluation.institution_id.in_(ids)).order_by(*_AGE))
    return {row.institution_id: row for row in rows}


_AGE = (Evaluation.effective_from, Evaluation.case_id)


def _grades(session: Session, evaluations: list[Any]) -> tuple[Grade, ...]:
    """The newest first."""
    given = [row for row in evaluations if row.effective_from is not None]
    given.sort(key=attrgetter("effective_from", "case_id"), reverse=True)
    states = as_read([row.state for row in given])
    return tuple(_grade(session, row, state) for row, state in zip(given, states, strict=True))


def _grade(session: Session, row: Any, state: str) -> Grade:
    findings = Findings.from_json(row.findings)
    return Grade(
        grade=row.grade,
        year=row.year,
        state=state,
        effective_from=row.effective_from,
        expires_on=row.expires_on,
        authority=row.authority,
        reference_date=findings.on,
        met=tuple(met.condition for met in findings.met if met.grade == findings.grade),
        points=findings.points,
        capped_from=row.capped_from or "",
        rules=rules_by(session, row.checksum),
    )


def _newest(records: list[Any]) -> list[Any]:
    return sorted(sorted(records, key=attrgetter("id")), key=attrgetter("acted_on"), reverse=True)


def _record(one: Any) -> Record:
    day = one.decided_on or one.acted_on
    return Record(one.summary, day, one.finding_authority, one.document_number, one.public_to)


def _found(one: Institution, grade: Any) -> Found:
    authority = one.managing_authority.short_name
    return Found(one.name, one.credit_code, authority, grade and grade.grade, grade and grade.expires_on)
