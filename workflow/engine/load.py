"""From rows to facts: the policy a case is pinned to, its compiled machine, and the case itself."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    Text,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    not_,
    select,
    union,
    update,
)
from sqlalchemy.orm import Session

from models import Case, Policy, PublicityEntry
from models.changes import Change, Write, together
from models.core import table_of, word
from models.ids import within
from models.lines import Alone, NeedsTransaction
from models.prepared import Query
from workflow.engine.facts import Facts
from workflow.engine.machine import Compiled, MachineTable, compiled
from workflow.engine.permissions import Actor
from workflow.engine.refusal import NotFound, Refused
from workflow.rules.policy import PolicyRules, from_body

_rules: dict[str, PolicyRules] = {}


def rules_of(session: Session, policy_id: int) -> PolicyRules:
    return rules_by(session, session.execute(select(Policy.checksum).where(Policy.id == policy_id)).scalar_one())


def rules_by(session: Session, checksum: str) -> PolicyRules:
    """Rules are known by their content, so once read they are known for every database."""
    if checksum not in _rules:
        body = select(Policy.body).where(Policy.checksum == checksum)
        stored = session.execute(body).scalar_one()
        if hashlib.sha256(stored.encode()).hexdigest() != checksum:
            raise RuntimeError(f"policy {checksum} was changed in the database: nothing is decided under it")
        _rules[checksum] = from_body(stored)
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


def compiled_by(session: Session, key: str, checksum: str) -> Compiled:
    """The machine under a policy that is kept."""
    return compiled(table_named(key), rules_by(session, checksum))


def facts_of(
    session: Session,
    case_id: int,
    actor: Actor,
    at: datetime,
    form: dict[str, Any] | None = None,
    family: Mapping[int, dict[str, Any]] | None = None,
    request_id: str = "",
    move: str = "",
) -> Facts:
    """A case as decided upon. `family` are rows already read (and, in an act, locked); others are read now. `move` is
    what will be asked, where that is known."""
    row = (family or {}).get(case_id) or case_row(session, case_id)
    machine = compiled(table_named(row["machine"]), rules_by(session, row["checksum"]))
    return Facts(session, machine, row, actor, at, form, family, request_id, move)


def family(session: Session, case_id: int, *, or_skip: bool = False) -> dict[int, dict[str, Any]]:
    """Lock the case with all it may change: the case it is about, the cases it shows and those that
    they are about. Rows by id; NotFound if none.

    Locked in ascending id, so that two acts on the same cases cannot wait for each other. Who belongs to the family
    never changes after the start. With `or_skip`, empty when somebody else holds one of them.
    """
    if isinstance(session, Alone):
        return _by_itself(session, case_id)
    if or_skip:
        rows = _by_number(_FREE_FAMILY, session, case_id)
        return rows if _whole(rows) else {}
    rows = _by_number(_FAMILY, session, case_id)
    if not _whole(rows):  # one has got another policy while it was waited for: it is held, but fitted no row any more
        rows = _by_number(_FAMILY, session, case_id)
    if not rows:
        raise NotFound
    return rows


def _whole(rows: dict[int, dict[str, Any]]) -> bool:
    return {row["size"] for row in rows.values()} == {len(rows)}


def _by_itself(session: Session, case_id: int) -> dict[int, dict[str, Any]]:
    """A case that hangs together with no other, not locked. Its mark tells later whether it is as it was read."""
    rows = _by_number(_BY_ITSELF, session, case_id)
    if not rows:
        raise NeedsTransaction
    return rows


def locked(session: Session, case_id: int) -> dict[int, dict[str, Any]]:
    """Lock one case, to change what belongs to it without a move."""
    together(session, [touched(case_id)])
    return _by_number(_PLAIN, session, case_id)


def touched(case_id: int) -> Change:
    """A change that changes nothing but the case's mark: who has read it without a lock reads again."""
    return _TOUCH, {"the_case": case_id}


def case_row(session: Session, case_id: int) -> dict[str, Any]:
    rows = _by_number(_PLAIN, session, case_id)
    if not rows:
        raise NotFound
    return rows[case_id]


def _by_number(query: Query, session: Session, case_id: int) -> dict[int, dict[str, Any]]:
    return {row.id: row._asdict() for row in query.all(session, {"id": case_id})}


def _cases() -> Select[*tuple[Any, ...]]:
    case, policy = table_of(Case), table_of(Policy)
    return select(case, policy.c.checksum).join(policy, policy.c.id == case.c.policy_id)


def _one() -> Select[*tuple[Any, ...]]:
    return _cases().where(table_of(Case).c.id == bindparam("id"))


def _members() -> Select[*tuple[Any, ...]]:
    """`size` counts them, so that one who is held by somebody else is missed. Their ids are found first: of one
    condition with OR in it PostgreSQL would make a reading of every case there is."""
    table, entry, asked = table_of(Case), table_of(PublicityEntry), bindparam("id", type_=BigInteger())
    shown = select(entry.c.subject_id).where(entry.c.notice_id == asked)
    parents = select(table.c.parent_id)
    behind = parents.where(table.c.id == asked), parents.where(table.c.id.in_(shown))
    ids = union(select(asked.label("id")), shown, *behind).cte("member")
    size = select(func.count(ids.c.id)).scalar_subquery()
    return _cases().add_columns(size.label("size")).where(within(table.c.id, select(ids.c.id)))


def _under_lock(query: Select[*tuple[Any, ...]], *, or_skip: bool = False) -> Query:
    case = table_of(Case)
    return Query(query.order_by(case.c.id).with_for_update(of=case, skip_locked=or_skip, key_share=True))


def _standing_alone() -> Select[*tuple[Any, ...]]:
    """No notice, without a parent, with no child and in no notice: nothing of another case is asked about it."""
    table, entry, child = table_of(Case), table_of(PublicityEntry), table_of(Case).alias()
    shown, born = exists().where(entry.c.subject_id == table.c.id), exists().where(child.c.parent_id == table.c.id)
    by_itself = table.c.parent_id.is_(None), table.c.machine != word("publicity"), not_(shown), not_(born)
    return _one().add_columns(MARK.label("mark")).where(*by_itself)


MARK = cast(literal_column('"case".xmin', Text()), Text())
"""On PostgreSQL: the transaction that wrote the row as it stands. A change of the row changes it, a lock does not."""
_PLAIN = Query(_one())
_BY_ITSELF = Query(_standing_alone())
_TOUCH = Write(
    update(table_of(Case)).where(table_of(Case).c.id == bindparam("the_case")).values(version=table_of(Case).c.version)
)
_FAMILY = _under_lock(_members())
_FREE_FAMILY = _under_lock(_members(), or_skip=True)
