"""Messages of an act: who is told what. Rows written in its transaction; delivery comes later and elsewhere."""

from typing import Any

from workflow.engine.facts import Facts
from workflow.engine.plan import Plan, Row


def messages(facts: Facts, plan: Plan) -> list[Row]:
    """One row per addressee. `next` are the owners of the work that the move opens."""
    found: list[Row] = []
    for whom in plan.move.tells:
        if whom == "next":
            found += [_row(plan, _owner(task)) for task in plan.open_tasks]
        elif whom == "institution":
            found.append(_row(plan, {"institution_id": facts.case["institution_id"]}))
        else:
            authority = facts.place(whom)
            found.append(_row(plan, {"authority_id": authority, "role": "handler"}))
    return found


def reminder(case_id: int, seq: int, event: str, task: Any) -> Row:
    """A message to the owner of an open task, not caused by a move."""
    return {"case_id": case_id, "seq": seq, "event": event, "payload": {}, **_owner(task)}


def _owner(task: Any) -> Row:
    if task.person_id is not None:
        return {"person_id": task.person_id}
    if task.institution_id is not None:
        return {"institution_id": task.institution_id}
    return {"authority_id": task.authority_id, "role": task.role}


def _row(plan: Plan, to: Row) -> Row:
    event = f"{plan.case['machine']}.{plan.move.name}"
    payload = {"to_state": plan.to_state, "to_step": plan.to_step}
    return {"case_id": plan.case["id"], "seq": plan.seq, "event": event, "payload": payload, **to}
