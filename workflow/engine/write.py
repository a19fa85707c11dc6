"""The plan written down: the only place that changes cases, tasks, timers, decisions and history."""

from dataclasses import asdict

from sqlalchemy import bindparam, insert, select, update
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
from models.core import affected, table_of
from workflow.engine import history
from workflow.engine.documents import issue
from workflow.engine.load import table_named
from workflow.engine.machine import NEW
from workflow.engine.plan import Plan, Row, TaskPlan, TimerPlan

NOBODY = {"person_id": None, "institution_id": None, "authority_id": None, "role": ""}
_NEW_ENTRY, _NEW_REMARK, _NEW_VOICE, _NEW_TASKS, _NEW_TIMERS, _NEW_MESSAGES = (
    insert(table_of(model)) for model in (HistoryEntry, Remark, Decision, Task, Timer, OutboxMessage)
)

_case_table = table_of(Case)
_CASE_UNCHANGED = update(_case_table).where(
    _case_table.c.id == bindparam("the_case"), _case_table.c.version == bindparam("seen")
)


def write(session: Session, plan: Plan) -> Row:
    """Write a plan and those of the linked cases. Gives the note of the act: numbers and ids worth answering."""
    _detail(session, plan)
    _case(session, plan)
    _history(session, plan)
    _tasks(session, plan)
    _timers(session, plan)
    _messages(session, plan)
    for other in plan.others:
        write(session, other)
    return plan.effects.note


def _detail(session: Session, plan: Plan) -> None:
    effects, case_id = plan.effects, plan.case["id"]
    for model, values in effects.inserts:
        session.execute(insert(model).values(**values))
    for one in effects.issues:
        document_id, digest = issue(session, one, plan)
        effects.note = {**effects.note, one.kind: digest}
        if one.column:
            effects.detail[one.column] = document_id
    if effects.material:
        _material(session, plan, *effects.material)
    if effects.detail:
        detail = table_of(table_named(plan.case["machine"]).detail)
        session.execute(update(detail).where(detail.c.case_id == case_id).values(**effects.detail))
    for model, where, values in effects.updates:
        session.execute(update(model).filter_by(**where).values(**values))


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


def _case(session: Session, plan: Plan) -> None:
    case = plan.case
    values: Row = {
        "state": plan.to_state,
        "step": plan.to_step,
        "turn": plan.turn,
        "version": case["version"] + 1,
        "authority_id": plan.authority_id,
    }
    if case["state"] == NEW:
        values["number"] = case["number"] = f"{table_named(case['machine']).prefix}-{plan.at.year}-{case['id']:05d}"
    if plan.timers or plan.cancel_timers:
        values["due_at"] = plan.due_at
        values["paused_at"] = plan.at if plan.effects.paused else None
    if plan.to_state != case["state"]:
        values["entered_at"] = plan.at
    if "material" in plan.effects.note:
        values["material_hash"] = plan.effects.note["material"]
    if plan.final and case["closed_at"] is None:
        values["closed_at"] = plan.at
    if affected(session, _CASE_UNCHANGED, {**values, "the_case": case["id"], "seen": case["version"]}) != 1:
        raise RuntimeError(f"case {case['id']} changed under its lock")


def _history(session: Session, plan: Plan) -> None:
    entry, remark = history.entry_of(plan, session.info.get("algorithm", "sha256"))
    session.execute(_NEW_ENTRY, entry)
    if remark:
        session.execute(_NEW_REMARK, remark)
    if plan.move.decides and plan.actor.person_id:
        case = plan.case
        voice = {
            "case_id": case["id"],
            "state": case["state"],
            "step": case["step"],
            "turn": case["turn"],
            "person_id": plan.actor.person_id,
            "voice": plan.move.name,
            "seq": plan.seq,
            "at": plan.at,
        }
        session.execute(_NEW_VOICE, voice)


def _tasks(session: Session, plan: Plan) -> None:
    table = table_of(Task)
    for ids, outcome in ((plan.close_tasks, plan.move.name), (plan.withdraw_tasks, "withdrawn")):
        if ids:
            closed = {"closed_at": plan.at, "closed_by_id": plan.actor.person_id, "outcome": outcome}
            if outcome == "withdrawn":
                closed["closed_by_id"] = None
            session.execute(update(table).where(table.c.id.in_(ids)).values(**closed))
    if plan.effects.timers is not None:
        kept = (table.c.case_id == plan.case["id"], table.c.closed_at.is_(None), table.c.purpose == "work")
        session.execute(update(table).where(*kept).values(due_at=plan.due_at))
    if plan.open_tasks:
        session.execute(_NEW_TASKS, [_task(plan, task) for task in plan.open_tasks])
    if plan.incident:
        subject = f"{plan.case['number']} {plan.to_state}.{plan.to_step} #{plan.turn}"
        row = {"kind": plan.incident, "case_id": plan.case["id"], "subject": subject, "opened_at": plan.at}
        session.execute(insert(Incident).values(authority_id=plan.authority_id, **row))


def _task(plan: Plan, task: TaskPlan) -> Row:
    return {
        "case_id": plan.case["id"],
        "state": plan.to_state,
        "step": plan.to_step,
        "turn": plan.turn,
        "seq": plan.seq,
        "opened_at": plan.at,
        **asdict(task),
        "due_at": task.due_at or (plan.due_at if plan.timers or plan.cancel_timers else plan.case["due_at"]),
    }


def _messages(session: Session, plan: Plan) -> None:
    rows = [
        {**NOBODY, **message, "key": f"{plan.case['id']}:{plan.seq}:{number}", "created_at": plan.at}
        for number, message in enumerate(plan.messages)
    ]
    if rows:
        session.execute(_NEW_MESSAGES, rows)


def _timers(session: Session, plan: Plan) -> None:
    table = table_of(Timer)
    if plan.cancel_timers:
        mine = (table.c.case_id == plan.case["id"], table.c.status.in_(("armed", "parked")))
        session.execute(update(table).where(*mine).values(status="cancelled", ended_at=plan.at))
    if plan.timers:
        session.execute(_NEW_TIMERS, [_timer(plan, timer) for timer in plan.timers])


def _timer(plan: Plan, timer: TimerPlan) -> Row:
    return {
        "case_id": plan.case["id"],
        "state": plan.to_state,
        "step": plan.to_step,
        "turn": plan.turn,
        "seq": plan.seq,
        "armed_at": plan.at,
        **asdict(timer),
    }
