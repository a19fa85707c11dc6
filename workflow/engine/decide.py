"""`decide`: pure and read-only. From a case, a move and an actor to a plan, or to a refusal with its reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import HistoryEntry, Person
from workflow.engine import outbox, permissions, tasks, timers
from workflow.engine.facts import Facts
from workflow.engine.ladder import level_of
from workflow.engine.load import facts_of
from workflow.engine.machine import NEW, Move, State
from workflow.engine.permissions import SYSTEM, Actor
from workflow.engine.plan import STEP, Also, Effects, Plan
from workflow.engine.refusal import Refused

OUT_OF_QUESTION = frozenset({
    "not_yours", "not_from_here", "not_now",
    "institution_open",
    "not_pausable", "not_paused", "not_extendable", "no_extension", "no_deadline", "designation_not_needed",
})  # fmt: skip
"""Refusals of moves that nobody would look for here; every other refused move stays visible with its reason."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A move as a page shows it: what would happen, or why not."""

    move: str
    fields: tuple[Any, ...]
    plan: Plan | None
    refused: Refused | None


def decide(
    facts: Facts,
    move: str,
    *,
    seen_version: int | None = None,
    material_hash: str | None = None,
) -> Plan:
    """The plan of one move. Raises Refused: stale page, changed material, wrong actor, guard, form."""
    if seen_version is not None and seen_version != facts.case["version"]:
        raise _stale(facts)
    if material_hash is not None and material_hash != facts.case["material_hash"]:
        raise Refused("material_changed")
    actor = facts.actor
    if actor.appointment_id is not None and not facts.holds_post:
        raise Refused("post_ended")
    try:
        row = facts.machine.fire(move, facts)
    except Refused as refused:
        raise _explained(facts, refused) from None
    return _plan(facts, row)


def offered(facts: Facts) -> list[Offer]:
    """Every move that the actor could be asked about here: with its preview, or refused with the reason."""
    offers = []
    for name in facts.machine.moves_from(facts.full_state):
        if all(row.by == "system" for row in facts.machine.moves if row.name == name):
            continue
        facts.preview = True
        try:
            plan = decide(facts, name)
            offers.append(Offer(name, facts.fields(plan.move), plan, None))
        except Refused as refused:
            if refused.reason not in OUT_OF_QUESTION:
                offers.append(Offer(name, (), None, refused))
    return offers


def _plan(facts: Facts, row: Move) -> Plan:
    to = facts.machine.state(row.to)
    effects = Effects() if facts.preview or row.effect is None else row.effect(facts)
    turn = facts.case["turn"] + row.again
    stays = (to.key, turn) == (facts.case["state"], facts.case["turn"])
    authority_id = _authority(facts, to)
    plan = Plan(
        case=facts.case,
        move=row,
        actor=facts.actor,
        at=facts.at,
        to_state=to.key,
        to_step=to.step,
        turn=turn,
        authority_id=authority_id,
        final=to.kind == "final",
        form=facts.form,
        effects=effects,
        head=facts.head,
    )
    if to.full != facts.full_state or row.again:
        plan.close_tasks, plan.withdraw_tasks = _ended_tasks(facts)
        plan.open_tasks, nobody = tasks.on_arrival(facts, to, authority_id, turn)
        plan.incident = "nobody_eligible" if nobody else ""
    elif row.by != "system":
        plan.close_tasks = [task.id for task in facts.my_tasks if task.purpose in ("work", row.name)] * row.closes
    plan.open_tasks += effects.opens
    plan.withdraw_tasks += [task.id for task in facts.tasks if task.purpose in effects.ends]
    _set_clocks(facts, plan, to, stays)
    if not facts.preview:
        plan.messages = outbox.messages(facts, plan)
        plan.others = [_also(facts, plan, also) for also in effects.also]
        plan.cites = [[other.case["id"], other.seq] for other in plan.others]
    return plan


def _set_clocks(facts: Facts, plan: Plan, to: State, stays: bool) -> None:
    """The step's clock runs while its turn does, a follow-up's while its task is open."""
    effects, ended = plan.effects, {*plan.close_tasks, *plan.withdraw_tasks}
    done = {task.purpose for task in facts.tasks if task.id in ended} - {STEP}
    if effects.timers is not None:
        plan.timers, done = effects.timers, done | {effects.clock}
    elif not stays or effects.due_from or effects.due_at:
        plan.timers = timers.on_arrival(facts, to, effects)
        plan.cancel_timers, done = not stays and facts.case["state"] != NEW, done | {STEP} if stays else set()
    plan.end_clocks = tuple(sorted(done))
    for task in effects.opens:
        if task.due:
            clock = timers.of_task(facts, task)
            plan.timers, task.due_at = [*plan.timers, *clock], clock[0].planned_at


def _also(facts: Facts, cause: Plan, also: Also) -> Plan:
    actor = facts.actor if also.by_actor else SYSTEM
    if facts.family is not None and also.case_id not in facts.family:
        raise RuntimeError(f"{cause.move.name} changes case {also.case_id} without its lock")
    linked = facts_of(facts.session, also.case_id, actor, facts.at, also.form, facts.family, move=also.move)
    linked.trusted = True
    other = decide(linked, also.move)
    other.cites.append([facts.id, cause.seq])
    return other


def _authority(facts: Facts, to: State) -> int:
    """Where the case goes: the level's authority, or the place its owner names."""
    if level := level_of(to.key):
        return facts.rung(level)
    place = to.owner.partition("@")[2]
    return (facts.place(place) if place else None) or facts.case["authority_id"]


def _ended_tasks(facts: Facts) -> tuple[list[int], list[int]]:
    """The actor's own tasks are done; what others still had open is withdrawn."""
    mine = {task.id for task in facts.my_tasks}
    return sorted(mine), [task.id for task in facts.tasks if task.id not in mine]


def _stale(facts: Facts) -> Refused:
    last = select(HistoryEntry.move, HistoryEntry.at, HistoryEntry.person_id, Person.name)
    last = last.outerjoin(Person, Person.id == HistoryEntry.person_id).where(HistoryEntry.case_id == facts.id)
    row = facts.session.execute(last.order_by(HistoryEntry.seq.desc()).limit(1)).one()
    return Refused("stale", who=row.name or "", move=row.move, at=row.at.isoformat())


def _explained(facts: Facts, refused: Refused) -> Refused:
    """Somebody who has already spoken, or whose colleague holds the task, is told so instead of `not yours`."""
    if refused.reason != "not_yours" or facts.actor.kind != "person":
        return refused
    for task in facts.tasks:
        if task.person_id is not None and task.claimed_at is not None and _same_post(task, facts.actor):
            return Refused("claimed_by_other", who=facts.session.get_one(Person, task.person_id).name)
    return refused


def _same_post(task: Any, actor: Actor) -> bool:
    return bool(permissions.post_matches(task, actor)) and task.person_id != actor.person_id


def decide_case(
    session: Session, case_id: int, move: str, actor: Actor, at: datetime, form: dict[str, Any] | None = None
) -> Plan:
    """`decide` on a case by its id, for previews and bulk selections. Takes no lock."""
    return decide(facts_of(session, case_id, actor, at, form), move)
