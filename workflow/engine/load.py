"""From rows to facts: the policy a case is pinned to, its compiled machine, and the case itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from models import Case, Policy, PublicityEntry
from models.core import table_of
from workflow.engine.facts import Facts
from workflow.engine.machine import Compiled, MachineTable, compiled
from workflow.engine.permissions import Actor
from workflow.engine.refusal import NotFound, Refused
from workflow.rules.policy import PolicyRules, from_body

_rules: dict[str, PolicyRules] = {}


def rules_of(session: Session, policy_id: int) -> PolicyRules:
    return _rules_by(session, session.execute(select(Policy.checksum).where(Policy.id == policy_id)).scalar_one())


def _rules_by(session: Session, checksum: str) -> PolicyRules:
    """Rules are known by their content, so once read they are known for every database."""
    if checksum not in _rules:
        body = select(Policy.body).where(Policy.checksum == checksum)
        _rules[checksum] = from_body(session.execute(body).scalar_one())
    return _rules[checksum]


def table_named(key: str) -> MachineTable:
    from workflow.machines import MACHINES

    return MACHINES[key]


def machine_of(session: Session, key: str, policy_id: int) -> Compiled:
    """The machine for a new case; a policy that does not run it opens none."""
    rules = rules_of(session, policy_id)
    if key not in rules.machines:
        raise Refused("not_under_policy", policy=rules.key)
    return compiled(table_named(key), rules)


def facts_of(
    session: Session,
    case_id: int,
    actor: Actor,
    at: datetime,
    form: dict[str, Any] | None = None,
    family: Mapping[int, dict[str, Any]] | None = None,
) -> Facts:
    """A case as decided upon. `family` are rows already read (and, in an act, locked); others are read now."""
    row = (family or {}).get(case_id) or case_row(session, case_id)
    machine = compiled(table_named(row["machine"]), _rules_by(session, row["checksum"]))
    return Facts(session, machine, row, actor, at, form, family)


def family(session: Session, case_id: int, *, or_skip: bool = False) -> dict[int, dict[str, Any]]:
    """Lock the case with all it may change: the case it is about, the cases it shows. Rows by id; NotFound if none.

    Locked in ascending id, so that two acts on the same cases cannot wait for each other. Who belongs to the family
    never changes after the start. With `or_skip`, empty when somebody else holds one of them.
    """
    table, entry = table_of(Case), table_of(PublicityEntry)
    parent = select(table.c.parent_id).where(table.c.id == case_id)
    shown = select(entry.c.subject_id).where(entry.c.notice_id == case_id)
    members = or_(table.c.id == case_id, table.c.id.in_(parent), table.c.id.in_(shown))
    size = select(func.count()).select_from(table).where(members).scalar_subquery()
    rows = _locked(session, _cases().add_columns(size.label("size")).where(members), or_skip)
    if not rows and not or_skip:
        raise NotFound
    return rows if all(row["size"] == len(rows) for row in rows.values()) else {}


def locked(session: Session, case_id: int) -> dict[int, dict[str, Any]]:
    """Lock one case."""
    return _locked(session, _cases().where(table_of(Case).c.id == case_id), or_skip=False)


def _cases() -> Select[*tuple[Any, ...]]:
    case, policy = table_of(Case), table_of(Policy)
    return select(case, policy.c.checksum).join(policy, policy.c.id == case.c.policy_id)


def case_row(session: Session, case_id: int) -> dict[str, Any]:
    row = session.execute(_cases().where(table_of(Case).c.id == case_id)).mappings().first()
    if row is None:
        raise NotFound
    return dict(row)


def _locked(session: Session, query: Select[*tuple[Any, ...]], or_skip: bool) -> dict[int, dict[str, Any]]:
    case = table_of(Case)
    query = query.order_by(case.c.id).with_for_update(of=case, skip_locked=or_skip, key_share=True)
    return {row["id"]: dict(row) for row in session.execute(query).mappings()}
