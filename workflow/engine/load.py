"""From rows to facts: the policy a case is pinned to, its compiled machine, and the case itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Case, Policy
from models.core import table_of
from workflow.engine.facts import Facts
from workflow.engine.machine import Compiled, compiled
from workflow.engine.permissions import Actor
from workflow.engine.refusal import NotFound
from workflow.rules.policy import PolicyRules, from_body

_rules: dict[tuple[int, str], PolicyRules] = {}


def rules_of(session: Session, policy_id: int) -> PolicyRules:
    """The rules of a released policy row. Rows are frozen, so a row once read by its checksum stays read."""
    row = session.execute(select(Policy.checksum, Policy.body).where(Policy.id == policy_id)).one()
    key = (policy_id, row.checksum)
    if key not in _rules:
        _rules[key] = from_body(row.body)
    return _rules[key]


def machine_of(session: Session, key: str, policy_id: int) -> Compiled:
    from workflow.machines import MACHINES

    return compiled(MACHINES[key], rules_of(session, policy_id))


def case_row(session: Session, case_id: int) -> dict[str, Any]:
    table = table_of(Case)
    row = session.execute(select(table).where(table.c.id == case_id)).mappings().first()
    if row is None:
        raise NotFound
    return dict(row)


def facts_of(session: Session, case_id: int, actor: Actor, at: datetime, form: dict[str, Any] | None = None) -> Facts:
    case = case_row(session, case_id)
    return Facts(session, machine_of(session, case["machine"], case["policy_id"]), case, actor, at, form)
