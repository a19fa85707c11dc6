"""How a case comes into being: by a door that starts it, or as a consequence of an act on another case."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models import Case
from workflow.engine.decide import decide
from workflow.engine.facts import Facts
from workflow.engine.load import locked, machine_of
from workflow.engine.machine import NEW
from workflow.engine.permissions import SYSTEM
from workflow.engine.plan import Plan, Row, Subject


def birth(session: Session, machine: str, subject: Subject, number: str, at: datetime) -> Row:
    """A case before its first move, under a provisional number; its detail row comes with that move."""
    row: Row = {
        "number": number,
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
        "head_hash": "",
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


def born_of(session: Session, cause: Plan) -> list[Row]:
    """The cases that an act starts, before it is written: its history cites them by their numbers."""
    starts = enumerate(cause.effects.starts)
    rows = [
        birth(session, one.machine, one.subject, f"{cause.case['id']}:{cause.seq}:{n}", cause.at) for n, one in starts
    ]
    cause.cites += [[row["id"], 1] for row in rows]
    return rows


def openings(session: Session, cause: Plan) -> Iterator[Plan]:
    """The first moves of the started cases, decided when their cause is written: they see what it has changed."""
    for wanted, case in zip(cause.effects.starts, cause.born, strict=True):
        parent = locked(session, wanted.subject.parent_id) if wanted.subject.parent_id else {}
        machine = machine_of(session, wanted.machine, wanted.subject.policy_id)
        plan = decide(Facts(session, machine, case, SYSTEM, cause.at, wanted.form, parent), wanted.move)
        plan.cites.append([cause.case["id"], cause.seq])
        yield plan
