"""Whether somebody could file an objection or a re-review now: asked of the machine itself, before a form is shown."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.engine.facts import Facts
from workflow.engine.load import case_row, machine_of
from workflow.engine.machine import NEW
from workflow.engine.permissions import Actor
from workflow.engine.refusal import Refused


def bar_to(session: Session, machine: str, case_id: int, actor: Actor, at: datetime) -> Refused | None:
    """Why `actor` could not file about the case at this instant; None when the entrance stands open."""
    parent = case_row(session, case_id)
    unborn = {**parent, "id": 0, "machine": machine, "parent_id": case_id, "state": NEW, "step": ""}
    facts = Facts(session, machine_of(session, machine, parent["policy_id"]), unborn, actor, at)
    facts.preview = True
    try:
        facts.machine.fire("file", facts)
    except Refused as refused:
        return refused
    return None
