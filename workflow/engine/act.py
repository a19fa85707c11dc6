"""The one verb. `act` is the only code that changes a case, whoever asks; the door that called it commits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from models import Request
from models.base import canonical
from models.changes import Write, adding, together
from workflow.engine import history, sync
from workflow.engine.birth import birth
from workflow.engine.decide import decide
from workflow.engine.facts import Facts
from workflow.engine.load import facts_of, family, locked, machine_of
from workflow.engine.permissions import Actor
from workflow.engine.plan import Plan, Row, Subject
from workflow.engine.refusal import Refused
from workflow.engine.write import settle, write

_answered = upsert(Request).values({name: bindparam(name) for name in ("id", "body_hash", "at", "answer")}).inline()
_ANSWERED = Write(
    _answered.on_conflict_do_update(
        index_elements=["id"], set_={"answer": _answered.excluded.answer}, where=Request.answer.is_(None)
    ),
    sure=True,
)
"""The answer of an act, or of a start that has claimed its request; a request that was answered stays as it is."""


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
    request = _request(request_id, body, actor, at)
    sync.point("before lock")
    parent = locked(session, subject.parent_id) if subject.parent_id else {}
    if answer := _claim(session, request):
        return answer
    case = birth(session, machine, subject, request_id, at)
    facts = Facts(session, machine_of(session, machine, subject.policy_id), case, actor, at, form, parent)
    return _perform(session, decide(facts, move), request)


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
    request = _request(request_id, body, actor, at)
    sync.point("before lock")
    held = family(session, case_id)
    facts = facts_of(session, case_id, actor, at, dict(form or {}), held, request_id, move)
    if facts.answer:
        return _repeated(facts.answer, request["body_hash"])
    return _perform(session, decide(facts, move, seen_version=seen_version, material_hash=material_hash), request)


def _perform(session: Session, plan: Plan, request: Row) -> Outcome:
    sync.point("after decide")
    settle(session, plan)
    outcome = Outcome(
        case_id=plan.case["id"],
        number=plan.case["number"],
        seq=plan.seq,
        version=plan.case["version"] + 1,
        state=plan.to_state,
        step=plan.to_step,
        note=plan.effects.note,
    )
    answer = {name: getattr(outcome, name) for name in Outcome.__dataclass_fields__}
    if write(session, plan, (_ANSWERED, {**request, "answer": answer})) != [1]:
        raise Refused("request_reused")
    sync.point("before commit")
    return outcome


def _request(request_id: str, body: Row, actor: Actor, at: datetime) -> Row:
    text = canonical({**body, "form": _plain(body["form"]), "person": actor.person_id, "kind": actor.kind})
    return {"id": request_id, "body_hash": history.digest("sha256", text), "at": at}


def _claim(session: Session, request: Row) -> Outcome | None:
    """A start has no case to lock yet: a unique insert claims its request. A twin waits and gets the first's answer."""
    claim, row = adding(Request, once=True).row(request)
    if together(session, [(claim, row)]) == [1]:
        return None
    query = select(Request.body_hash, Request.answer).where(Request.id == request["id"])
    return _repeated(session.execute(query).one(), request["body_hash"])


def _repeated(stored: Any, body_hash: str) -> Outcome:
    if stored.body_hash != body_hash:
        raise Refused("request_reused")
    return Outcome(**stored.answer)


def _plain(form: Mapping[str, Any] | None) -> Row:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in (form or {}).items()}
