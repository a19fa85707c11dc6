"""The one verb. `act` is the only code that changes a case, whoever asks; the door that called it commits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import Case, Request
from models.base import canonical
from models.core import table_of
from workflow.engine import history, sync
from workflow.engine.decide import decide
from workflow.engine.facts import Facts
from workflow.engine.load import facts_of, family, locked, machine_of
from workflow.engine.machine import NEW
from workflow.engine.permissions import Actor
from workflow.engine.plan import Row
from workflow.engine.refusal import Refused
from workflow.engine.write import write


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a door answers: the same for the first submission and for every repetition of it."""

    case_id: int
    number: str
    seq: int
    version: int
    state: str
    step: str
    note: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a new case is about. `ladder` is a list of {"level", "authority"}, its first rung begins the review."""

    policy_id: int
    managing_authority_id: int
    ladder: list[Row]
    institution_id: int | None = None
    round_id: int | None = None
    parent_id: int | None = None
    imported_from: str = ""


def start(
    session: Session,
    machine: str,
    subject: Subject,
    actor: Actor,
    *,
    move: str = "open",
    form: Mapping[str, Any] | None = None,
    request_id: str,
    at: datetime,
) -> Outcome:
    """Open a case by its entrance move. Raises Refused; writes nothing then, once the door has rolled back."""
    body = {"machine": machine, "parent": subject.parent_id, "institution": subject.institution_id, "form": form}
    if answer := _claim(session, request_id, body, actor, at):
        return answer
    sync.point("before lock")
    parent = locked(session, subject.parent_id) if subject.parent_id else {}
    case = _birth(session, machine, subject, request_id, at)
    facts = Facts(session, machine_of(session, machine, subject.policy_id), case, actor, at, form, parent)
    return _perform(session, facts, move, request_id)


def act(
    session: Session,
    case_id: int,
    move: str,
    actor: Actor,
    *,
    form: Mapping[str, Any] | None = None,
    seen_version: int | None = None,
    material_hash: str | None = None,
    request_id: str,
    at: datetime,
) -> Outcome:
    """Make one move on a case. Raises NotFound, or Refused with the reason; the door then rolls back.

    `seen_version` and `material_hash` are what the page showed; None leaves that comparison out (system, scripts).
    """
    body = {"case": case_id, "move": move, "form": form, "seen": seen_version, "material": material_hash}
    if answer := _claim(session, request_id, body, actor, at):
        return answer
    sync.point("before lock")
    held = family(session, case_id)
    facts = facts_of(session, case_id, actor, at, dict(form or {}), held)
    return _perform(session, facts, move, request_id, seen_version, material_hash)


def _perform(
    session: Session,
    facts: Facts,
    move: str,
    request_id: str,
    seen_version: int | None = None,
    material_hash: str | None = None,
) -> Outcome:
    plan = decide(facts, move, seen_version=seen_version, material_hash=material_hash)
    sync.point("after decide")
    note = write(session, plan)
    outcome = Outcome(
        case_id=plan.case["id"],
        number=plan.case["number"],
        seq=plan.seq,
        version=plan.case["version"] + 1,
        state=plan.to_state,
        step=plan.to_step,
        note=note,
    )
    answer = {name: getattr(outcome, name) for name in Outcome.__dataclass_fields__}
    session.execute(update(Request).where(Request.id == request_id).values(answer=answer))
    sync.point("before commit")
    return outcome


def _claim(session: Session, request_id: str, body: Row, actor: Actor, at: datetime) -> Outcome | None:
    """Claim the request id by a unique insert. A twin waits for the first and gets its answer."""
    text = canonical({**body, "form": _plain(body["form"]), "person": actor.person_id, "kind": actor.kind})
    body_hash = history.digest("sha256", text)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    table = table_of(Request)
    claimed = dialect.insert(table).values(id=request_id, body_hash=body_hash, at=at).on_conflict_do_nothing()
    if session.scalar(claimed.returning(table.c.id)) is not None:
        return None
    stored = session.execute(select(Request.body_hash, Request.answer).where(Request.id == request_id)).one()
    if stored.body_hash != body_hash:
        raise Refused("request_reused")
    return Outcome(**stored.answer)


def _plain(form: Mapping[str, Any] | None) -> Row:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in (form or {}).items()}


def _birth(session: Session, machine: str, subject: Subject, request_id: str, at: datetime) -> Row:
    row: Row = {
        "number": request_id,
        "machine": machine,
        "policy_id": subject.policy_id,
        "round_id": subject.round_id,
        "institution_id": subject.institution_id,
        "managing_authority_id": subject.managing_authority_id,
        "authority_id": subject.managing_authority_id,
        "parent_id": subject.parent_id,
        "ladder": subject.ladder,
        "state": NEW,
        "step": "",
        "turn": 1,
        "version": 0,
        "material_hash": "",
        "due_at": None,
        "paused_at": None,
        "entered_at": at,
        "opened_at": at,
        "closed_at": None,
        "imported_from": subject.imported_from,
    }
    row["id"] = session.execute(insert(Case).values(**row).returning(Case.id)).scalar_one()
    return row
