"""Situations worth fighting over: who may try what in them. The story halts at each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tests.cast import CITY, COUNTY, OBJECTION, World
from tests.fire.crowd import REPORT, cases_of, closing, lapse_reports, new_key, task_of, timer_of
from workflow.engine import sweep, tasks
from workflow.engine.act import Outcome, act
from workflow.engine.permissions import OUTSIDER
from workflow.openings import apply_re_review, object_to

Verb = Callable[[], Any]


@dataclass
class Moment:
    """A situation, and by name what may be tried in it. The clock of each verb is its own."""

    name: str
    world: World
    verbs: dict[str, Verb] = field(default_factory=dict)

    def do(
        self, case_id: int, move: str, login: str, role: str | None = None, at: datetime | None = None, **form: Any
    ) -> None:
        asked = partial(act, actor=self.world.actor(login, role), form=form, at=at or self.world.at)

        def verb() -> Outcome:
            key = new_key()
            return self.world.database.alone(lambda session: asked(session, case_id, move, request_id=key))

        self.verbs[f"{move} by {login}"] = verb

    def claim(self, case_id: int, login: str, role: str, purpose: str = "work") -> None:
        actor, task, when = self.world.actor(login, role), task_of(self.world, case_id, role, purpose), self.world.at

        def claim() -> str:
            with self.world.write() as session:
                tasks.claim(session, task, actor, when)
            return "claimed"

        self.verbs[f"claim by {login}"] = claim

    def release(self, case_id: int, login: str, role: str) -> None:
        actor, task = self.world.actor(login, role), task_of(self.world, case_id, role)
        with self.world.write() as session:
            tasks.claim(session, task, actor, self.world.at)

        def release() -> str:
            with self.world.write() as session:
                tasks.release(session, task, actor)
            return "released"

        self.verbs[f"release by {login}"] = release

    def fire(self, case_id: int, kind: str) -> None:
        timer = timer_of(self.world, case_id, kind)

        def verb() -> bool:
            return self.world.database.alone(lambda session: sweep.fire(session, timer, timer.fire_at)) == "fired"

        self.verbs[f"{kind} timer of {self.world.case(case_id).machine}"] = verb

    def object(self, case_id: int, at: datetime | None = None) -> None:
        self.verbs["objection"] = partial(objected, self.world, case_id, at or self.world.at)

    def re_review(self, case_id: int, clerk: str) -> None:
        actor, when = self.world.actor(clerk), self.world.at
        form = {"ground": "facts", "statement": OBJECTION["statement"], "files": []}

        def verb() -> Outcome:
            with self.world.write() as session:
                return apply_re_review(session, case_id, form, actor, new_key(), when)

        self.verbs["re_review"] = verb


def moments(world: World) -> Iterator[Moment]:
    """The story of two cases, with a halt at each situation worth fighting over."""
    round_id, _ = world.round()
    one, two, _ = cases_of(world, round_id)
    yield from _review(world, one)
    lapse_reports(world, [two])
    world.climb(two)
    notice = world.notice(round_id, [one, two])
    world.do(notice, "publish", f"{CITY}-leader")
    yield _closing(world, one, notice)
    objection = world.object(one)
    yield _acceptance(world, objection, one)
    world.do(objection, "accept", f"{CITY}-head2")
    world.do(
        objection, "propose", f"{CITY}-handler2", outcome="upheld", answer="经核查，公示结果无误。", opinion="属实"
    )
    yield _contested(world, objection, one, notice)
    yield from _in_force(world, two, notice)


def _review(world: World, case: int) -> Iterator[Moment]:
    world.do(case, "report", "clerk-0", statement=REPORT)
    world.do(case, "propose", f"{COUNTY}-handler")
    halt = Moment("section head", world)
    halt.do(case, "agree", f"{COUNTY}-head", "section_head")
    halt.do(case, "agree", f"{COUNTY}-head2")
    halt.do(case, "rework", f"{COUNTY}-head2", opinion="补充")
    halt.claim(case, f"{COUNTY}-head", "section_head")
    halt.fire(case, "overdue")
    yield halt
    world.do(case, "agree", f"{COUNTY}-head", "section_head")
    for seat in range(1, 5):
        world.do(case, "agree", f"{COUNTY}-panel{seat}")
    halt = Moment("panel", world)
    halt.do(case, "agree", f"{COUNTY}-panel5")
    halt.do(case, "disagree", f"{COUNTY}-panel6", opinion="不同意")
    halt.do(case, "agree", f"{COUNTY}-leader")
    halt.do(case, "rework", f"{COUNTY}-leader2", opinion="重新核实")
    halt.claim(case, f"{COUNTY}-leader2", "leader")
    yield halt
    world.do(case, "agree", f"{COUNTY}-leader")
    for login, role in ((f"{CITY}-handler", None), (f"{CITY}-head", "section_head"), (f"{CITY}-leader", None)):
        world.do(case, "agree", login, role)
    for login in ("410000-handler", "410000-leader"):
        world.do(case, "agree", login)


def _closing(world: World, case: int, notice: int) -> Moment:
    """Midnight: what was received just before it meets the closing timers."""
    just_before = timer_of(world, case, "lapse").planned_at - timedelta(seconds=1)
    halt = Moment("closing", world)
    halt.fire(case, "lapse")
    halt.fire(notice, "lapse")
    halt.object(case, just_before)
    later = closing(world, case).date() + timedelta(days=9)
    halt.do(notice, "extend", f"{CITY}-leader", at=just_before, closes_on=later, opinion="延长")
    halt.do(notice, "withdraw", f"{CITY}-leader2", at=just_before, opinion="撤回")
    return halt


def _acceptance(world: World, objection: int, case: int) -> Moment:
    halt = Moment("acceptance", world)
    halt.do(objection, "accept", f"{CITY}-head2")
    halt.do(objection, "refuse", f"{CITY}-head2", opinion="不属于受理范围")
    halt.do(objection, "ask_more", f"{CITY}-head2", opinion="补充证据")
    halt.release(objection, f"{CITY}-head2", "section_head")
    halt.do(objection, "accept", f"{CITY}-head", "section_head")
    halt.object(case)
    return halt


def _contested(world: World, objection: int, case: int, notice: int) -> Moment:
    halt = Moment("contested", world)
    halt.do(objection, "agree", f"{CITY}-head2")
    halt.do(objection, "rework", f"{CITY}-head2", opinion="重新核实")
    halt.object(case)
    later = closing(world, case).date() + timedelta(days=9)
    halt.do(notice, "extend", f"{CITY}-leader", closes_on=later, opinion="延长")
    halt.fire(notice, "lapse")
    return halt


def _in_force(world: World, case: int, notice: int) -> Iterator[Moment]:
    last = timer_of(world, case, "lapse")
    world.clock.to(last.fire_at)
    world.sweep()
    halt = Moment("cleared", world)
    halt.do(case, "confirm", f"{CITY}-leader")
    halt.do(notice, "confirm_cleared", f"{CITY}-leader2")
    halt.claim(case, f"{CITY}-leader2", "leader")
    halt.object(case, last.planned_at - timedelta(seconds=1))
    halt.fire(case, "overdue")
    yield halt
    world.do(case, "confirm", f"{CITY}-leader")
    halt = Moment("to be delivered", world)
    halt.do(case, "deliver", f"{CITY}-handler", how="post")
    halt.do(case, "acknowledge", "clerk-1")
    halt.claim(case, f"{CITY}-handler2", "handler", "deliver")
    halt.fire(case, "lapse")
    halt.re_review(case, "clerk-1")
    yield halt
    world.do(case, "acknowledge", "clerk-1")
    halt = Moment("re-review", world)
    halt.re_review(case, "clerk-1")
    halt.fire(case, "lapse")
    yield halt


def objected(world: World, case_id: int, at: datetime) -> Outcome:
    with world.write() as session:
        return object_to(session, case_id, {**OBJECTION, "receipt_hash": new_key()}, OUTSIDER, new_key(), at)
