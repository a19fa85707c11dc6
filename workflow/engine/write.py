"""The plan written down: the only place that changes cases, tasks, timers, decisions and history."""

from collections.abc import Iterator

from sqlalchemy import BigInteger, Boolean, String, bindparam, case, insert, or_, select, update
from sqlalchemy.orm import Session

from models import (
    Attachment,
    Case,
    Decision,
    HistoryEntry,
    Incident,
    Material,
    MaterialFile,
    OutboxMessage,
    Remark,
    Task,
    Timer,
)
from models.base import canonical
from models.changes import Change, Write, adding, changing, together
from models.core import table_of, word
from models.ids import among
from workflow.engine import history
from workflow.engine.birth import born_of, openings
from workflow.engine.documents import issue
from workflow.engine.load import MARK, table_named
from workflow.engine.machine import NEW
from workflow.engine.plan import Plan, Row, TaskPlan, TimerPlan

_case, _task, _timer = table_of(Case), table_of(Task), table_of(Timer)

_MOVED = (
    "state", "step", "turn", "version", "head_hash", "authority_id", "due_at", "paused_at", "entered_at",
    "material_hash", "closed_at", "policy_id",
)  # fmt: skip
_UNCHANGED = update(_case).where(_case.c.id == bindparam("the_case"), _case.c.version == bindparam("seen"))
_MOVING = _UNCHANGED.values({name: bindparam(f"to_{name}") for name in _MOVED})
_free = _case.alias()
_FREE = select(_free.c.id).where(_free.c.id == bindparam("the_case")).with_for_update(skip_locked=True, key_share=True)
_AS_READ = _case.c.id == _FREE.scalar_subquery(), bindparam("mark") == MARK
_MOVE, _MOVE_AS_READ = Write(_MOVING), Write(_MOVING.where(*_AS_READ), sure=True)
"""A case that somebody holds is not waited for: what was read about it would grow old meanwhile."""
_BIRTH = Write(_UNCHANGED.values({name: bindparam(f"to_{name}") for name in (*_MOVED, "number")}))

_DONE = among(_task.c.id, "done")
_CLOSE = Write(
    update(_task)
    .where(_task.c.case_id == bindparam("case"), _task.c.closed_at.is_(None), among(_task.c.id, "ended"))
    .values(
        closed_at=bindparam("at"),
        closed_by_id=case((_DONE, bindparam("person", type_=BigInteger()))),
        outcome=case((_DONE, bindparam("move", type_=String())), else_=word("withdrawn")),
    )
)
_FIRED = _timer.c.id == bindparam("fired")
_END = Write(
    update(_timer)
    .where(_timer.c.case_id == bindparam("case"))
    .where(or_(_timer.c.status == word("armed"), _timer.c.status == word("parked")))
    .where(or_(_FIRED, _timer.c.purpose == bindparam("purpose"), bindparam("all", type_=Boolean())))
    .values(
        ended_at=bindparam("at"),
        status=case((_FIRED, word("fired")), else_=word("cancelled")),
        late_seconds=case((_FIRED, bindparam("late", type_=BigInteger())), else_=_timer.c.late_seconds),
    )
)


def settle(session: Session, plan: Plan) -> None:
    """What must be there before the rest, and what the answer names: new rows, documents, material, the number, and
    the cases that the act starts."""
    effects, row = plan.effects, plan.case
    plan.born = born_of(session, plan)
    together(session, [adding(model).row(values) for model, values in effects.inserts])
    for one in effects.issues:
        document_id, digest = issue(session, one, plan)
        effects.note = {**effects.note, one.kind: digest}
        if one.column:
            effects.detail[one.column] = document_id
    if effects.material:
        _material(session, plan, *effects.material)
    if row["state"] == NEW:
        row["number"] = f"{table_named(row['machine']).prefix}-{plan.at.year}-{row['id']:05d}"


def write(session: Session, plan: Plan, *more: Change) -> list[int]:
    """Write a settled plan, with it `more`, and after it the linked cases. How many rows each of `more` touched."""
    changes = list(_changes(plan, session.info.get("algorithm", "sha256")))
    moved, *counts = together(session, [*changes, *more], last=not (plan.others or plan.born))
    if moved != 1:
        raise RuntimeError(f"case {plan.case['id']} changed under its lock")
    for other in plan.others:
        settle(session, other)
        write(session, other)
    for started in openings(session, plan):
        settle(session, started)
        write(session, started)
    return counts[len(changes) - 1 :]


def _changes(plan: Plan, algorithm: str) -> Iterator[Change]:
    effects, row = plan.effects, plan.case
    entry, remark = history.entry_of(plan, algorithm)
    yield _moved(plan, entry["hash"])
    if effects.detail:
        yield changing(table_named(row["machine"]).detail, {"case_id": row["id"]}, effects.detail)
    for model, where, values in effects.updates:
        yield changing(model, where, values)
    yield adding(HistoryEntry).row(entry)
    if remark:
        yield adding(Remark).row(remark)
    if plan.move.decides and plan.actor.person_id:
        yield adding(Decision).row(_voice(plan))
    yield from _tasks(plan)
    yield from _timers(plan)
    for number, message in enumerate(plan.messages):
        told = {**message, "key": f"{row['id']}:{plan.seq}:{number}", "created_at": plan.at}
        yield adding(OutboxMessage).row(told)


def _material(session: Session, plan: Plan, kind: str, content: Row, files: list[int]) -> None:
    """A new immutable version; its hash covers the files' own, and becomes what later decisions must have seen."""
    hashes = sorted(session.scalars(select(Attachment.sha256).where(Attachment.id.in_(files))))
    digest = history.digest("sha256", canonical({"kind": kind, "content": content, "files": hashes}))
    row = {
        "case_id": plan.case["id"],
        "kind": kind,
        "version": plan.seq,
        "content": content,
        "hash": digest,
        "submitted_at": plan.at,
        "person_id": plan.actor.person_id,
    }
    material_id = session.execute(insert(Material).values(**row).returning(Material.id)).scalar_one()
    if files:
        links = [{"material_id": material_id, "attachment_id": attachment} for attachment in files]
        session.execute(insert(MaterialFile), links)
    plan.effects.note = {**plan.effects.note, "material": digest}


def _moved(plan: Plan, head_hash: str) -> Change:
    row, turned = plan.case, plan.turns_step
    values = {
        "the_case": row["id"],
        "seen": row["version"],
        "to_number": row["number"],
        "to_state": plan.to_state,
        "to_step": plan.to_step,
        "to_turn": plan.turn,
        "to_version": row["version"] + 1,
        "to_head_hash": head_hash,
        "to_authority_id": plan.authority_id,
        "to_due_at": plan.due_at if turned else row["due_at"],
        "to_paused_at": (plan.at if plan.effects.paused else None) if turned else row["paused_at"],
        "to_entered_at": row["entered_at"] if plan.to_state == row["state"] else plan.at,
        "to_material_hash": plan.effects.note.get("material", row["material_hash"]),
        "to_closed_at": row["closed_at"] or (plan.at if plan.final else None),
        "to_policy_id": plan.effects.policy_id or row["policy_id"],
    }
    if "mark" in row:
        return _MOVE_AS_READ, {**values, "mark": row["mark"]}
    return (_BIRTH if row["state"] == NEW else _MOVE), values


def _voice(plan: Plan) -> Row:
    case = plan.case
    return {
        "case_id": case["id"],
        "state": case["state"],
        "step": case["step"],
        "turn": case["turn"],
        "person_id": plan.actor.person_id,
        "voice": plan.move.name,
        "seq": plan.seq,
        "at": plan.at,
    }


def _tasks(plan: Plan) -> Iterator[Change]:
    if plan.close_tasks or plan.withdraw_tasks:
        ended = {"done": plan.close_tasks, "ended": plan.close_tasks + plan.withdraw_tasks}
        yield (
            _CLOSE,
            {**ended, "case": plan.case["id"], "at": plan.at, "person": plan.actor.person_id, "move": plan.move.name},
        )
    if plan.effects.timers is not None:
        clock = plan.effects.clock
        due_at = next((one.planned_at for one in plan.effects.timers if one.kind != "pause"), None)
        yield changing(Task, {"case_id": plan.case["id"], "closed_at": None, "purpose": clock}, {"due_at": due_at})
    for task in plan.open_tasks:
        yield adding(Task).row(_opened(plan, task))
    if plan.incident:
        subject = f"{plan.case['number']} {plan.to_state}.{plan.to_step} #{plan.turn}"
        row = {"kind": plan.incident, "case_id": plan.case["id"], "subject": subject, "opened_at": plan.at}
        yield adding(Incident).row({"authority_id": plan.authority_id, **row})


def _opened(plan: Plan, task: TaskPlan) -> Row:
    due_at = task.due_at or (plan.due_at if plan.turns_step else plan.case["due_at"])
    row = {**_here(plan), "opened_at": plan.at, **_fields(task), "due_at": due_at}
    del row["due"]
    return row


def _timers(plan: Plan) -> Iterator[Change]:
    ended = {"fired": plan.fired, "late": plan.late_seconds, "all": plan.cancel_timers}
    for purpose in plan.end_clocks or ("",) * (plan.cancel_timers or bool(plan.fired)):
        yield _END, {**ended, "purpose": purpose, "case": plan.case["id"], "at": plan.at}
    for timer in plan.timers:
        yield adding(Timer).row({**_here(plan), "armed_at": plan.at, **_fields(timer)})


def _fields(planned: TaskPlan | TimerPlan) -> Row:
    return {name: getattr(planned, name) for name in planned.__dataclass_fields__}


def _here(plan: Plan) -> Row:
    return {
        "case_id": plan.case["id"],
        "state": plan.to_state,
        "step": plan.to_step,
        "turn": plan.turn,
        "seq": plan.seq,
    }
