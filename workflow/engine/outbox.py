"""Messages of an act: who is told what. Rows written in its transaction; delivery comes later and elsewhere."""

from typing import Any

from workflow.engine.facts import Facts
from workflow.engine.plan import Plan, Row

OF_TIME = ("timer.remind", "timer.overdue", "timer.escalate", "case.nudge")
"""Events that no move causes."""
PLATFORM = "platform"
"""No role of a person: a message to it is for a system outside."""


def messages(facts: Facts, plan: Plan) -> list[Row]:
    """One row per addressee. `next` are the owners of the work that the move opens."""
    found: list[Row] = []
    for whom in plan.move.tells:
        if whom == "next":
            found += [_row(plan, "work", _owner(task)) for task in plan.open_tasks]
        elif whom == "institution":
            institution = facts.case["institution_id"]
            asked = any(task.institution_id == institution for task in plan.open_tasks)
            found.append(_row(plan, "work" if asked else "news", {"institution_id": institution}))
        elif whom == "platform":
            found.append(_to_platform(facts, plan))
        else:
            authority = facts.place(whom)
            found.append(_row(plan, "news", {"authority_id": authority, "role": "handler"}))
    return found


def _to_platform(facts: Facts, plan: Plan) -> Row:
    """信用平台: goes out by the channels of the authority that acted, with what the platform must change."""
    told = _row(plan, "news", {"authority_id": facts.actor.authority_id, "role": PLATFORM})
    told["payload"] |= {"credit_code": facts.institution.credit_code, **plan.effects.note}
    return told


def reminder(case_id: int, event: str, task: Any, payload: Row) -> Row:
    """A message to the owner of an open task, not caused by a move."""
    return _of_time(case_id, event, payload, "reminder", _owner(task))


def overdue(case_id: int, event: str, authority_id: int, payload: Row) -> Row:
    """A message to the leader of an authority that a step under them is late."""
    return _of_time(case_id, event, payload, "overdue", {"authority_id": authority_id, "role": "leader"})


def _of_time(case_id: int, event: str, payload: Row, about: str, to: Row) -> Row:
    return {"case_id": case_id, "seq": 0, "event": event, "about": about, "payload": payload, **to}


def _owner(task: Any) -> Row:
    if task.person_id is not None:
        return {"person_id": task.person_id}
    if task.institution_id is not None:
        return {"institution_id": task.institution_id}
    return {"authority_id": task.authority_id, "role": task.role}


def _row(plan: Plan, about: str, to: Row) -> Row:
    event = f"{plan.case['machine']}.{plan.move.name}"
    payload = {"to_state": plan.to_state, "to_step": plan.to_step}
    return {"case_id": plan.case["id"], "seq": plan.seq, "event": event, "about": about, "payload": payload, **to}
