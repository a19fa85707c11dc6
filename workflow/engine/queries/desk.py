"""机构工作台: what an institution's clerk sees of its own matters, and of nobody else's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import (
    Attachment,
    Case,
    Delivery,
    Document,
    Institution,
    Material,
    MaterialFile,
    Objection,
    PublicityEntry,
    Quota,
)
from workflow.engine import calendars
from workflow.engine.decide import Offer, offered
from workflow.engine.facts import Facts
from workflow.engine.load import facts_of
from workflow.engine.permissions import OFFICIALS, Actor, sees, subtree
from workflow.engine.queries.due import DaysLeft, days_left, running
from workflow.engine.queries.entrances import bar_to
from workflow.engine.queries.public import Paper, paper
from workflow.engine.queries.track import last_remark
from workflow.engine.refusal import NotFound, Refused
from workflow.engine.standing import read_states
from workflow.rules import grading
from workflow.rules.calendar import Calendar
from workflow.rules.findings import Findings, Met
from workflow.rules.policy import PolicyRules
from workflow.rules.policy_evaluation import Unrated

ASKS = {
    "fill": "",
    "state_case": "propose_revocation",
    "report": "",
    "correct": "ask_correction",
    "supply": "ask_more",
    "defend": "doubt",
    "acknowledge": "",
}
"""What a clerk is asked to do, and the authority's move whose words say what."""
WITHDRAW = "withdraw"
"""What a clerk may do without being asked."""
KNOWN = ("in_publicity", "contested", "cleared", "effective", "superseded", "expired", "annulled")
"""States in which the institution knows the result: from the day it is shown, never a proposal within the ladder."""
OF_AUTHORITY = ("verification", "information_check")
"""Material that an authority wrote; no institution reads it."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One of the institution's own cases. `state`: as it reads, `superseded` where a newer grade holds; `offers`: the
    moves that it may make now; `asks`: those that wait for it; `unrated`: why it was left without a grade."""

    id: int
    number: str
    machine: str
    state: str
    version: int
    year: int | None
    authority: str
    closed: bool
    opened_at: datetime
    days: DaysLeft | None
    offers: tuple[Offer, ...]
    said: str
    unrated: Unrated | None

    @property
    def asks(self) -> tuple[Offer, ...]:
        return tuple(offer for offer in self.offers if offer.move in ASKS)

    @property
    def may_withdraw(self) -> bool:
        return any(offer.move == WITHDRAW for offer in self.offers)


@dataclass(frozen=True, slots=True)
class Result:
    """A result that the institution knows, with its reasons; `until` its end, `entry_until` the end of publicity."""

    case_id: int
    number: str
    year: int
    state: str
    grade: str
    detail: dict[str, Any]
    findings: Findings
    rules: PolicyRules
    better: tuple[Met, ...]
    entry_until: datetime | None
    bars: dict[str, Refused | None]
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Letter:
    """A document sent to the institution. `waiting` until it is acknowledged."""

    paper: Paper
    case_id: int
    issued_at: datetime
    delivered_at: datetime | None
    how: str | None


@dataclass(frozen=True, slots=True)
class Filed:
    """Material the institution handed in, with its files."""

    kind: str
    statement: str
    submitted_at: datetime
    files: tuple[tuple[int, str, int], ...]


def who(session: Session, actor: Actor) -> dict[str, str]:
    """The institution's name as a heading, and its code."""
    one = session.get_one(Institution, actor.institution_id)
    return {"heading": one.name, "code": one.credit_code}


def matters(session: Session, actor: Actor, at: datetime) -> list[Matter]:
    """All own cases, the newest first."""
    cases = session.scalars(select(Case).where(sees(actor)).order_by(Case.id.desc())).unique().all()
    timers = running(session, [case.id for case in cases])
    calendar, states = calendars.current(session), read_states(session, actor.institution_id or 0)
    return [_matter(session, case, actor, at, timers.get(case.id), calendar, states) for case in cases]


def own(session: Session, number: str, actor: Actor, at: datetime) -> Matter:
    """One own case. Raises NotFound for anybody else's."""
    case = session.scalars(select(Case).where(Case.number == number, sees(actor))).unique().one_or_none()
    if case is None:
        raise NotFound
    timer, states = running(session, [case.id]).get(case.id), read_states(session, actor.institution_id or 0)
    return _matter(session, case, actor, at, timer, calendars.current(session), states)


def result(session: Session, one: Matter, actor: Actor, at: datetime) -> Result | None:
    """The result of an own evaluation, once it has been shown."""
    if one.machine != "evaluation" or one.state not in KNOWN:
        return None
    facts = facts_of(session, one.id, actor, at)
    if not facts.detail["findings"]:
        return None
    findings = Findings.from_json(facts.detail["findings"])
    return Result(
        case_id=one.id,
        number=one.number,
        year=facts.round.year,
        state=one.state,
        grade=facts.detail["grade"] or facts.detail["proposed_grade"],
        detail=facts.detail,
        findings=findings,
        rules=facts.rules,
        better=grading.next_better(facts.rules, findings),
        entry_until=_entry_until(facts),
        bars={kind: bar_to(session, kind, one.id, actor, at) for kind in ("objection", "re_review")},
        calendar=calendars.current(session),
    )


def letters(session: Session, actor: Actor) -> list[Letter]:
    mine = select(Delivery).where(Delivery.institution_id == actor.institution_id).order_by(Delivery.id.desc())
    return [_letter(session, one) for one in session.scalars(mine)]


def letter(session: Session, document_id: int, actor: Actor) -> Letter:
    mine = (Delivery.document_id == document_id, Delivery.institution_id == actor.institution_id)
    found = session.scalars(select(Delivery).where(*mine).order_by(Delivery.id)).first()
    if found is None:
        raise NotFound
    return _letter(session, found)


def filed(session: Session, case_id: int) -> list[Filed]:
    """What was handed in to an own case, the newest first; what officials found on the spot is in their answer."""
    own = (Material.case_id == case_id, Material.kind.not_in(OF_AUTHORITY))
    rows = session.scalars(select(Material).where(*own).order_by(Material.id.desc())).all()
    return [_filed(session, one) for one in rows]


def objection_of(session: Session, case_id: int) -> Objection:
    return session.get_one(Objection, case_id)


def file_for(session: Session, attachment_id: int, actor: Actor) -> Attachment:
    """A file, for those who see the case it was handed in to. Raises NotFound for everybody else.

    A clerk sees what came from its own side: of an evaluation all material is the institution's own, an objection by
    somebody else it does not see at all. The work summary that goes with a list is for the authority whose list it
    is, and for those above it.
    """
    cases = select(Material.case_id).join(MaterialFile).where(MaterialFile.attachment_id == attachment_id)
    if actor.institution_id is not None:
        cases = cases.where(Material.kind.not_in(OF_AUTHORITY))
    seen = session.scalar(select(Case.id).where(Case.id.in_(cases), sees(actor)).limit(1))
    summary = select(Quota.id).where(Quota.summary_id == attachment_id)
    of_line = summary.where(Quota.authority_id.in_(subtree(actor.authority_id)))
    if seen is None and (actor.role not in OFFICIALS or session.scalar(of_line) is None):
        raise NotFound
    return session.get_one(Attachment, attachment_id)


def _matter(
    session: Session, case: Case, actor: Actor, at: datetime, timer: Any, calendar: Any, states: dict[int, str]
) -> Matter:
    facts = facts_of(session, case.id, actor, at)
    offers = tuple(offer for offer in offered(facts) if offer.plan and offer.move in (*ASKS, WITHDRAW))
    words = next((said for offer in offers if (said := ASKS.get(offer.move))), "")
    dated = timer and timer.state == case.state and case.state not in ("effective", "granted")
    return Matter(
        id=case.id,
        number=case.number,
        machine=case.machine,
        state=states.get(case.id, case.state),
        version=case.version,
        year=facts.round.year if case.round_id else None,
        authority=facts.authorities[case.authority_id].short_name,
        closed=case.closed_at is not None,
        opened_at=case.opened_at,
        days=days_left(timer, calendar, at) if dated else None,
        offers=offers,
        said=last_remark(session, case.id, words) if words else "",
        unrated=facts.rules.evaluation.ground(facts.detail["unrated"]) if case.state == "unrated" else None,
    )


def _entry_until(facts: Facts) -> datetime | None:
    entry: PublicityEntry | Any = facts.entry
    return entry.closes_at if entry is not None and facts.case["state"] in ("in_publicity", "contested") else None


def _letter(session: Session, one: Delivery) -> Letter:
    document = session.get_one(Document, one.document_id)
    return Letter(paper(session, document), one.case_id, one.issued_at, one.delivered_at, one.how)


def _filed(session: Session, one: Material) -> Filed:
    files = ((link.attachment_id, link.attachment.name, link.attachment.size) for link in one.files)
    return Filed(one.kind, one.content.get("statement", ""), one.submitted_at, tuple(files))
