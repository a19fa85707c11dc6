"""Who owes the next step: tasks on arrival, claim and release, and the step that nobody may decide."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import Person, Task
from workflow.engine import sync
from workflow.engine.facts import Facts
from workflow.engine.independence import INTERESTED, barred
from workflow.engine.load import locked
from workflow.engine.machine import State
from workflow.engine.permissions import Actor, owes, post_matches
from workflow.engine.plan import TaskPlan
from workflow.engine.refusal import NotFound, Refused

DESK = "market"
"""The office that leads grading and its daily work in every authority (XC-03)."""


def on_arrival(facts: Facts, state: State, authority_id: int, turn: int) -> tuple[list[TaskPlan], bool]:
    """The tasks that a state opens, and whether nobody may take one of them.

    Then the task stays open for whoever is appointed, and the leader of the authority above is asked to designate.
    """
    if not state.owner:
        return [], False
    if "@" not in state.owner:
        return _party(facts, state.owner), False
    out = _barred(facts, state, turn)
    role = state.owner.partition("@")[0]
    plans = _panel(facts, authority_id, out) if role == "panel" else [_pool(role, authority_id)]
    if all(_someone(facts, plan, out) for plan in plans) and (role != "panel" or _can_agree(facts, plans)):
        return plans, False
    above = facts.authorities[authority_id].reports_to_id
    return plans + ([TaskPlan("leader", above, purpose="designate")] if above else []), True


def _barred(facts: Facts, state: State, turn: int) -> dict[int, str]:
    """Who may not take the state's task. A formal act, such as showing a result, is made also by those who decided."""
    out = barred(facts, state.key, state.step, turn)
    if state.full not in facts.machine.deciding:
        return {person: reason for person, reason in out.items() if reason in INTERESTED}
    if facts.row.decides and facts.actor.person_id and facts.full_state != state.full:
        return out | {facts.actor.person_id: "decided_other_step"}
    return out


def _party(facts: Facts, owner: str) -> list[TaskPlan]:
    """An institution's clerks; an objector without an account follows by receipt and has no task."""
    by = facts.case["institution_id"] if owner == "institution" else facts.detail["by_institution_id"]
    return [TaskPlan("clerk", institution_id=by)] if by else []


def _pool(role: str, authority_id: int) -> TaskPlan:
    return TaskPlan(role, authority_id, DESK if role in ("handler", "section_head") else "")


def _panel(facts: Facts, authority_id: int, out: dict[int, str]) -> list[TaskPlan]:
    """A seat for every member who need not recuse, and the leader who signs for the panel."""
    seats = facts.holders("panel_member", authority_id, tuple(facts.rules.panel.offices))
    members = [person for person in seats if person not in out]
    return [
        *(TaskPlan("panel_member", authority_id, person_id=person) for person in members),
        TaskPlan("leader", authority_id),
    ]


def _can_agree(facts: Facts, plans: list[TaskPlan]) -> bool:
    """Whether the members who may sit are enough for the panel's rule."""
    panel = facts.rules.panel
    return len(plans) - 1 >= (panel.quorum if panel.rule == "quorum" else 1)


def _someone(facts: Facts, plan: TaskPlan, out: dict[int, str]) -> bool:
    if plan.person_id is not None:
        return True
    kinds = (plan.office_kind,) if plan.office_kind else ()
    return any(person not in out for person in facts.holders(plan.role, plan.authority_id or 0, kinds))


def claim(session: Session, task_id: int, actor: Actor, at: datetime) -> None:
    """签收: take work out of the pool. Of two at once, one wins and the other is told."""
    task = _own(session, task_id, actor)
    if task.person_id is not None:
        raise Refused("claimed_by_other", who=session.get_one(Person, task.person_id).name)
    sync.point("after decide")
    _hold(session, task_id, person_id=actor.person_id, claimed_at=at)


def release(session: Session, task_id: int, actor: Actor) -> None:
    """退签: give claimed work back to the pool. A panel seat or a designation is not given back."""
    task = _own(session, task_id, actor)
    if task.claimed_at is None or task.person_id != actor.person_id:
        raise Refused("not_claimed")
    sync.point("after decide")
    _hold(session, task_id, person_id=None, claimed_at=None)


def _own(session: Session, task_id: int, actor: Actor) -> Task:
    """The open task of the actor or of his post. Its case is locked first: an act and a claim must not both win."""
    sync.point("before lock")
    case_id = session.scalar(select(Task.case_id).where(Task.id == task_id))
    if case_id is not None:
        locked(session, case_id)
    theirs = owes(Task, actor)
    if actor.authority_id is not None:
        theirs = theirs | post_matches(Task, actor)
    task = session.scalars(select(Task).where(Task.id == task_id, Task.closed_at.is_(None), theirs)).first()
    if task is None:
        raise NotFound
    return task


def _hold(session: Session, task_id: int, **values: Any) -> None:
    session.execute(update(Task).where(Task.id == task_id).values(**values))
    sync.point("before commit")
