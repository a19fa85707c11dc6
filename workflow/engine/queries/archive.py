"""诚信档案 as officials keep it: the institutions of one's own authority and those below, and the facts on file."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from models import (
    ArchiveRecord,
    Authority,
    Case,
    Evaluation,
    Institution,
    InstitutionManagement,
    InstitutionName,
    Person,
)
from models.core import counted
from workflow.clock import legal_day
from workflow.engine.permissions import Actor, subtree
from workflow.engine.queries.coverage import bare
from workflow.engine.queries.inbox import PAGE
from workflow.engine.refusal import NotFound
from workflow.policies_in_force import line_of
from workflow.rules import policy


@dataclass(frozen=True, slots=True)
class Kept:
    """An institution in the list; `open` counts the facts that are not voided, `unjudged` those without severity."""

    name: str
    credit_code: str
    authority: str
    grade: str | None
    expires_on: date | None
    open: int


@dataclass(frozen=True, slots=True)
class Record:
    id: int
    kind: str
    summary: str
    acted_on: date
    acted_to: date | None
    decided_on: date | None
    period_year: int | None
    severity: str
    corrected_in_time: bool | None
    judge: str
    judged_at: datetime | None
    finding_authority: str
    document_number: str
    measure: str
    evidence: str
    recorder: str
    voided_on: date | None


@dataclass(frozen=True, slots=True)
class Spell:
    """A name, or a managing authority, between two days."""

    what: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class ArchivePage:
    id: int
    name: str
    credit_code: str
    nature: str
    kind: str
    address: str
    licence_number: str
    closed_on: date | None
    authority: str
    grade: str | None
    expires_on: date | None
    names: list[Spell]
    managers: list[Spell]
    records: list[Record]


def _mine(actor: Actor) -> ColumnElement[bool]:
    return Institution.managing_authority_id.in_(subtree(actor.authority_id))


def _in_force(on: date) -> ColumnElement[bool]:
    """Of the evaluations joined to an institution, the one whose grade holds today: the newest, where last year's has
    not run out yet."""
    one = aliased(Evaluation)
    newest = select(one.case_id).join(Case, Case.id == one.case_id)
    newest = newest.where(one.institution_id == Institution.id, one.effective_from <= on, one.expires_on >= on)
    newest = newest.where(Case.state == "effective").order_by(one.effective_from.desc(), one.case_id.desc()).limit(1)
    return Evaluation.case_id == newest.correlate(Institution).scalar_subquery()


def institutions(
    session: Session, actor: Actor, words: str, page: int, at: datetime, uncovered: int | None = None
) -> tuple[list[Kept], int]:
    """One page by name, and how many there are. `uncovered`: how many have an empty archive and were not checked, where
    only they are listed."""
    standing = and_(ArchiveRecord.institution_id == Institution.id, ArchiveRecord.voided_on.is_(None))
    facts = select(func.count()).select_from(ArchiveRecord).where(standing).scalar_subquery()
    query = select(
        Institution.name, Institution.credit_code, Authority.short_name, Evaluation.grade, Evaluation.expires_on, facts
    )
    query = query.join(Authority, Authority.id == Institution.managing_authority_id)
    query = query.outerjoin(Evaluation, _in_force(legal_day(at)))
    found, by_name = select(Institution.id).where(_mine(actor)), (Institution.name, Institution.id)
    if uncovered is not None:
        found = found.where(bare(actor, at))
    if words.strip():
        like = f"%{words.strip().replace('%', '').replace('_', '')}%"
        columns = (Institution.name, Institution.pinyin, Institution.credit_code)
        found = found.where(or_(*(column.ilike(like) for column in columns)))
    shown = found.order_by(*by_name).limit(PAGE).offset((page - 1) * PAGE)
    rows = session.execute(query.where(Institution.id.in_(shown)).order_by(*by_name))
    total = counted(session, found) if uncovered is None or words.strip() else uncovered
    return [Kept(*row) for row in rows], total


def archive_page(session: Session, code: str, actor: Actor, at: datetime) -> ArchivePage:
    one = institution(session, code, actor)
    query = (
        select(Evaluation.grade, Evaluation.expires_on)
        .join(Institution, _in_force(legal_day(at)))
        .where(Institution.id == one.id)
    )
    graded = session.execute(query).first()
    names = select(InstitutionName.name, InstitutionName.valid_from, InstitutionName.valid_to)
    names = names.where(InstitutionName.institution_id == one.id).order_by(InstitutionName.valid_from.desc())
    spell = InstitutionManagement
    managers = select(Authority.short_name, spell.valid_from, spell.valid_to).join(
        spell, spell.authority_id == Authority.id
    )
    managers = managers.where(spell.institution_id == one.id).order_by(spell.valid_from.desc())
    plain = {name: getattr(one, name) for name in _PLAIN}
    return ArchivePage(
        **plain,
        authority=one.managing_authority.name,
        grade=graded[0] if graded else None,
        expires_on=graded[1] if graded else None,
        names=[Spell(*row) for row in session.execute(names)],
        managers=[Spell(*row) for row in session.execute(managers)],
        records=_records(session, one.id),
    )


_PLAIN = ("id", "name", "credit_code", "nature", "kind", "address", "licence_number", "closed_on")


def institution(session: Session, code: str, actor: Actor) -> Institution:
    found = session.scalars(select(Institution).where(Institution.credit_code == code, _mine(actor))).first()
    if found is None:
        raise NotFound
    return found


def record(session: Session, one: Institution, record_id: int) -> int:
    """The record's id; missing where it is another institution's."""
    mine = (ArchiveRecord.id == record_id, ArchiveRecord.institution_id == one.id)
    found = session.scalar(select(ArchiveRecord.id).where(*mine))
    if found is None:
        raise NotFound
    return found


def _records(session: Session, institution_id: int) -> list[Record]:
    one, judge, recorder = ArchiveRecord, aliased(Person), aliased(Person)
    columns = (
        *(one.id, one.kind, one.summary, one.acted_on, one.acted_to, one.decided_on, one.period_year),
        *(func.coalesce(one.severity, ""), one.corrected_in_time, func.coalesce(judge.name, ""), one.judged_at),
        *(one.finding_authority, one.document_number, one.measure, one.evidence),
        *(func.coalesce(recorder.name, ""), one.voided_on),
    )
    query = select(*columns).outerjoin(judge, judge.id == one.judged_by_id)
    query = query.outerjoin(recorder, recorder.id == one.recorded_by_id).where(one.institution_id == institution_id)
    return [Record(*row) for row in session.execute(query.order_by(one.acted_on.desc(), one.id.desc()))]


def kinds(session: Session, authority_id: int) -> dict[str, str]:
    """The classes of fact that the released policies of the institution's line name, with their texts."""
    codes = {authority.code for authority in line_of(session, authority_id)}
    found: dict[str, str] = {}
    for key in policy.available():
        rules = policy.load(key)
        if rules.content.policy.status == "released" and codes & set(rules.content.scope.authorities):
            found |= rules.record_kinds
    return found
