"""事项页: everything a page shows of one case, read once, as far as the actor may see it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, literal, or_, select, union
from sqlalchemy.orm import Session

from models import (
    Appointment,
    Attachment,
    Authority,
    Case,
    Delivery,
    Document,
    HistoryEntry,
    Institution,
    Material,
    MaterialFile,
    Notice,
    Objector,
    Person,
    PublicityEntry,
    Remark,
    Round,
    Timer,
)
from models.ids import within
from models.prepared import Query
from workflow.engine import calendars, permissions
from workflow.engine.facts import Facts
from workflow.engine.load import facts_of
from workflow.engine.permissions import Actor, sees, subtree
from workflow.engine.queries.people import Owner, owners
from workflow.engine.refusal import NotFound
from workflow.rules import grading
from workflow.rules.calendar import Calendar
from workflow.rules.findings import Findings, Met

KEEPERS = ("handler", "section_head", "leader")
"""Roles of the handling authority, or one above it, that may know who objected."""


@dataclass(frozen=True, slots=True)
class Act:
    """One entry of the case file."""

    seq: int
    at: datetime
    move: str
    from_state: str
    from_step: str
    to_state: str
    to_step: str
    turn: int
    actor: str
    person_id: int
    """0: no person's."""
    person: str
    role: str
    authority: str
    opinion: str
    details: dict[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A version of material: its text and its files (id, name, size)."""

    kind: str
    version: int
    at: datetime
    statement: str
    hash: str
    files: list[tuple[int, str, int]]


@dataclass(frozen=True, slots=True)
class Issued:
    id: int
    kind: str
    number: str
    title: str
    issued_on: date
    delivered_at: datetime | None
    how: str


@dataclass(frozen=True, slots=True)
class Linked:
    number: str
    machine: str
    name: str
    state: str
    step: str


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of a notice, as it was frozen when shown, with the state of its case."""

    number: int
    case: str
    name: str
    credit_code: str
    shown: dict[str, Any]
    state: str
    held: bool
    outcome: str
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """What grading rests on. `moved`: the archive now says otherwise than the frozen findings."""

    findings: Findings
    frozen: bool
    moved: bool
    better: tuple[Met, ...]


@dataclass(slots=True)
class CasePage:
    facts: Facts
    name: str
    credit_code: str
    round_title: str
    acts: list[Act]
    owners: list[Owner]
    reminders: list[Any]
    calendar: Calendar
    papers: list[Paper] = field(default_factory=list)
    issued: list[Issued] = field(default_factory=list)
    links: list[Linked] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    found: Found | None = None
    objector: tuple[str, str] | None = None


def find(session: Session, number: str, actor: Actor) -> int:
    """The id of a case by its number. What the actor may not see is not found."""
    found = _numbered(*permissions.sort_of(actor)).first(session, {"number": number, **permissions.filled(actor)})
    if found is None:
        raise NotFound
    return found.id


@cache
def _numbered(*sort: Any) -> Query:
    seen = permissions.sees(permissions.anybody_of(*sort))
    return Query(select(Case.id).where(Case.number == bindparam("number"), seen))


def case_page(session: Session, case_id: int, actor: Actor, at: datetime) -> CasePage:
    facts = facts_of(session, case_id, actor, at)
    institution = facts.institution if facts.case["institution_id"] else None
    round_title = session.scalar(select(Round.title).where(Round.id == facts.case["round_id"]))
    return CasePage(
        facts=facts,
        name=institution.name if institution else facts.detail["title"],
        credit_code=institution.credit_code if institution else "",
        round_title=round_title or "",
        acts=acts(session, case_id),
        owners=owners(session, case_id),
        reminders=_reminders(session, case_id),
        calendar=calendars.current(session),
        papers=_papers(session, case_id),
        issued=_issued(session, facts),
        links=_links(session, facts, actor),
        lines=_lines(session, case_id) if facts.machine.table.key == "publicity" else [],
        found=found(facts) if facts.machine.table.key == "evaluation" else None,
        objector=_objector(session, facts, actor),
    )


def acts(session: Session, case_id: int) -> list[Act]:
    """The case file, newest first."""
    entry = HistoryEntry
    way = (entry.move, entry.from_state, entry.from_step, entry.to_state, entry.to_step, entry.turn)
    who = (entry.actor, func.coalesce(entry.person_id, 0), Person.name, Appointment.role, Authority.short_name)
    query = select(entry.seq, entry.at, *way, *who, Remark.text, entry.details, entry.hash)
    query = query.outerjoin(Person, Person.id == entry.person_id)
    query = query.outerjoin(Appointment, Appointment.id == entry.appointment_id)
    query = query.outerjoin(Authority, Authority.id == entry.authority_id)
    query = query.outerjoin(Remark, (Remark.case_id == entry.case_id) & (Remark.seq == entry.seq))
    rows = session.execute(query.where(entry.case_id == case_id).order_by(entry.seq.desc()))
    return [_act(tuple(row)) for row in rows]


def _act(row: tuple[Any, ...]) -> Act:
    known: tuple[Any, ...] = tuple("" if value is None else value for value in row)
    return Act(*known)


def _reminders(session: Session, case_id: int) -> list[Any]:
    told = (Timer.case_id == case_id, Timer.status == "fired", Timer.kind.in_(("remind", "overdue", "escalate")))
    columns = (Timer.kind, Timer.state, Timer.step, Timer.purpose, Timer.due_on, Timer.provisional, Timer.ended_at)
    return list(session.execute(select(*columns).where(*told).order_by(Timer.id.desc())))


def _papers(session: Session, case_id: int) -> list[Paper]:
    query = select(Material).where(Material.case_id == case_id).order_by(Material.version.desc())
    return [
        Paper(
            one.kind, one.version, one.submitted_at, one.content.get("statement", ""), one.hash, _files(session, one.id)
        )
        for one in session.scalars(query)
    ]


def _files(session: Session, material_id: int) -> list[tuple[int, str, int]]:
    query = select(Attachment.id, Attachment.name, Attachment.size).join(MaterialFile)
    rows = session.execute(query.where(MaterialFile.material_id == material_id).order_by(Attachment.id))
    return [(id, name, size) for id, name, size in rows]


def _issued(session: Session, facts: Facts) -> list[Issued]:
    """Documents that this case issued, that confirms it, or that were delivered in it."""
    sent = (Delivery.document_id == Document.id) & (Delivery.case_id == facts.id)
    issued = select(Document.id).where(Document.case_id == facts.id)
    delivered = select(Delivery.document_id).where(Delivery.case_id == facts.id)
    confirms = select(literal(facts.detail.get("confirmation_id"), BigInteger()))
    here = union(issued, delivered, confirms).subquery()
    columns = (Document.id, Document.kind, Document.number, Document.title, Document.issued_on)
    query = select(*columns, Delivery.delivered_at, Delivery.how).outerjoin(Delivery, sent)
    query = query.where(within(Document.id, select(here.c.id))).order_by(Document.id.desc())
    rows = session.execute(query)
    return [Issued(*row[:6], row.how or "") for row in rows]


def _links(session: Session, facts: Facts, actor: Actor) -> list[Linked]:
    """Cases this one holds, waits for or is shown in, as far as the actor sees them."""
    in_notices = select(PublicityEntry.notice_id).where(PublicityEntry.subject_id == facts.id)
    near = or_(Case.parent_id == facts.id, Case.id == facts.case["parent_id"], Case.id.in_(in_notices))
    name = func.coalesce(Institution.name, Notice.title, "")
    query = select(Case.number, Case.machine, name, Case.state, Case.step)
    query = query.outerjoin(Institution, Institution.id == Case.institution_id)
    query = query.outerjoin(Notice, Notice.case_id == Case.id).where(near, sees(actor)).order_by(Case.id)
    return [Linked(*row) for row in session.execute(query)]


def _lines(session: Session, notice_id: int) -> list[Line]:
    entry, one = PublicityEntry, Case
    columns = (entry.number, one.number, Institution.name, Institution.credit_code, entry.snapshot, one.state)
    query = select(*columns, entry.held, entry.outcome, entry.closes_at).join(one, one.id == entry.subject_id)
    query = query.join(Institution, Institution.id == one.institution_id)
    rows = session.execute(query.where(entry.notice_id == notice_id).order_by(entry.number))
    return [Line(*row) for row in rows]


def found(facts: Facts) -> Found | None:
    """The frozen findings while there are any; before that, what the archive says now."""
    frozen = facts.detail.get("findings")
    reviewed = bool(facts.level)
    if frozen is None and not (reviewed or facts.case["state"] in ("self_report", "correction")):
        return None
    findings = Findings.from_json(frozen) if frozen else facts.findings
    moved = bool(frozen) and reviewed and facts.findings.as_json() != frozen
    return Found(findings, bool(frozen), moved, grading.next_better(facts.rules, findings))


def _objector(session: Session, facts: Facts, actor: Actor) -> tuple[str, str] | None:
    """A record of its own: for those who handle the objection and those above them, and for nobody else."""
    home = facts.case["managing_authority_id"]
    if facts.machine.table.key != "objection" or actor.role not in KEEPERS:
        return None
    above = session.scalar(
        select(Authority.id).where(Authority.id == home, Authority.id.in_(subtree(actor.authority_id)))
    )
    row = session.get(Objector, facts.id) if above else None
    return (row.name, row.contact) if row and row.erased_at is None else None
