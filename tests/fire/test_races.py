"""Two and many at once: one winner each, everybody told the truth, and the same end as one after the other."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import combinations_with_replacement, count, product
from random import Random
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import select

from models import Case, Decision, HistoryEntry, Objection, PublicityEntry, Timer
from tests.cast import CITY, COUNTY, OBJECTION, World
from tests.engine.players import Players
from tests.fire.clones import clones
from tests.fire.conftest import Size
from tests.fire.crowd import (
    REPORT,
    Job,
    Scene,
    add_heads,
    attempt,
    cases_of,
    closing,
    interleaved,
    lapse_reports,
    new_key,
    picture,
    task_of,
    timer_of,
    together,
    unbroken,
)
from workflow.engine import sweep, tasks
from workflow.engine.act import Outcome, act
from workflow.engine.permissions import OUTSIDER, Actor
from workflow.engine.refusal import Refused
from workflow.openings import apply_re_review, object_to
from workflow.scheduler import run_due

POINTS = ("before lock", "after decide", "before commit")
Verb = Callable[[], Any]


# --- many on one


def test_many_reviewers_one_decision_each_and_the_others_told_who_and_when(world: World, size: Size) -> None:
    reviewers, many = size((8, 6), (50, 40))
    heads = add_heads(world, reviewers)
    like, *_ = cases_of(world, world.round()[0])
    world.do(like, "report", "clerk-0", statement=REPORT)
    world.do(like, "propose", f"{COUNTY}-handler")
    cases = [like, *clones(world, like, many - 1)]
    seen, entries = {case: world.case(case).version for case in cases}, world.count(HistoryEntry)

    def review(head: Actor) -> list[tuple[int, Any]]:
        """One reviewer goes through the cases in an order of his own, from the page he saw."""
        order = Random(head.person_id).sample(cases, len(cases))
        return [(case, attempt(partial(_sign, world, case, head, seen[case]))) for case in order]

    answers = [answer for given in together([partial(review, head) for head in heads]) for answer in given]
    winners = Counter(case for case, answer in answers if isinstance(answer, Outcome))
    losers = [answer for _, answer in answers if not isinstance(answer, Outcome)]
    assert winners == dict.fromkeys(cases, 1)
    assert {loser.reason for loser in losers} == {"stale"}
    names = {head.name for head in heads}
    assert all(one.details["who"] in names and one.details["at"] == world.at.isoformat() for one in losers)
    assert world.count(Decision, Decision.step == "section_head") == many
    assert world.count(HistoryEntry) == entries + many
    unbroken(world)


def _sign(world: World, case_id: int, head: Actor, version: int) -> Outcome:
    with world.write() as session:
        return act(session, case_id, "agree", head, form={}, seen_version=version, request_id=new_key(), at=world.at)


def test_one_form_sent_twenty_times_at_once_has_one_effect_and_equal_answers(world: World) -> None:
    case = cases_of(world, world.round()[0])[0]
    clerk, key, entries = world.actor("clerk-0"), new_key(), world.count(HistoryEntry)

    def report(statement: str) -> Outcome:
        form = {"statement": statement, "files": []}
        with world.write() as session:
            return act(session, case, "report", clerk, form=form, request_id=key, at=world.at)

    answers = together([partial(report, REPORT)] * 20)
    assert all(answer == answers[0] for answer in answers) and isinstance(answers[0], Outcome)
    assert world.count(HistoryEntry) == entries + 1
    with pytest.raises(Refused, match="request_reused"):
        report(REPORT + REPORT)
    unbroken(world)


# --- every ordered pair of moves


@dataclass
class Moment:
    """A situation, and by name what may be tried in it. The clock of each verb is its own."""

    name: str
    world: World
    verbs: dict[str, Verb] = field(default_factory=dict)

    def do(
        self, case_id: int, move: str, login: str, role: str | None = None, at: datetime | None = None, **form: Any
    ) -> None:
        actor, when = self.world.actor(login, role), at or self.world.at

        def verb() -> Outcome:
            with self.world.write() as session:
                return act(session, case_id, move, actor, form=form, request_id=new_key(), at=when)

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
            with self.world.write() as session:
                return sweep.fire(session, timer.id, timer.fire_at)

        self.verbs[f"{kind} timer of {self.world.case(case_id).machine}"] = verb

    def object(self, case_id: int, at: datetime | None = None) -> None:
        self.verbs["objection"] = partial(_object, self.world, case_id, at or self.world.at)

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


@dataclass(frozen=True)
class End:
    """How a pair ended: who had success, and the picture afterwards."""

    first: bool
    second: bool
    picture: list[Any]


def test_every_pair_of_moves_ends_as_if_one_came_after_the_other(world: World, size: Size) -> None:
    """In full each of the two is stopped at every point; the quick form takes part of the pairs and points in turn."""
    turn, tried = count(), 0
    every, offset = (6, 1) if world.database.is_sqlite else (2, 0)
    for halt in moments(world):
        clash = Clash(halt)
        for pair in combinations_with_replacement(halt.verbs, 2):
            number = next(turn)
            quick = [(POINTS[number % 3], pair if number % 2 else pair[::-1])] if number % every == offset else []
            for point, (one, other) in size(quick, list(product(POINTS, {pair, pair[::-1]}))):
                clash.of(point, one, other)
                tried += 1
        clash.scene.rewind()
    assert tried > size(15, 500)


class Clash:
    """Pairs of verbs at one moment: what two threads make of them is what one after the other could have made."""

    def __init__(self, halt: Moment) -> None:
        self.halt, self.scene = halt, Scene(halt.world)
        self.scene.keep()
        with halt.world.database.read() as session:
            self.known = set(session.scalars(select(Case.id)))
        self.sound: list[Any] = []

    def of(self, point: str, one: str, other: str) -> None:
        forth, back = self._in_turn(one, other), self._in_turn(other, one)
        self.scene.rewind()
        first, second = interleaved(point, self.halt.verbs[one], self.halt.verbs[other], patience=0.03)
        # The sweep passes over a case that somebody holds, and comes again.
        first = attempt(self.halt.verbs[one]) if first is False else first
        second = attempt(self.halt.verbs[other]) if second is False else second
        end = End(_succeeds(first), _succeeds(second), picture(self.halt.world, self.known))
        told = f"{self.halt.name}: {one} stopped {point}, {other} meanwhile: {first}, {second}"
        assert end in (forth, replace(back, first=back.second, second=back.first)), told
        if end.picture not in self.sound:
            unbroken(self.halt.world)
            self.sound.append(end.picture)

    def _in_turn(self, one: str, other: str) -> End:
        self.scene.rewind()
        first, second = (_succeeds(attempt(self.halt.verbs[name])) for name in (one, other))
        return End(first, second, picture(self.halt.world, self.known))


def _succeeds(answer: Any) -> bool:
    return answer is not False and not isinstance(answer, Exception)


# --- midnight


def test_an_objection_in_time_blocks_its_entry_and_no_other(world: World, size: Size) -> None:
    many, objections = size((40, 8), (500, 50))
    cases = _in_publicity(world, many)
    closes_at = closing(world, cases[0])
    chance = Random(many)
    contested = chance.sample(cases, objections)
    received = [closes_at + timedelta(microseconds=chance.choice((-1, -(10**6), 0, 10**6))) for _ in contested]
    world.clock.to(closes_at + timedelta(minutes=5))

    def storm() -> list[Any]:
        return [attempt(partial(_object, world, case, at)) for case, at in mine.pop()]

    arrivals = list(zip(contested, received, strict=True))
    mine = [arrivals[0::2], arrivals[1::2]]
    sweeps = [Job(lambda: [run_due(world.database, world.clock, limit=many) for _ in range(2)]) for _ in range(2)]
    storms = [Job(storm) for _ in range(2)]
    for job in (*storms, *sweeps):
        job.start()
    for job in (*storms, *sweeps):
        job.answer()
    world.sweep()
    in_time = {case for case, at in arrivals if at < closes_at}
    with world.database.read() as session:
        rows = session.execute(select(Case.id, Case.state).where(Case.id.in_(cases)))
        states = {row.id: row.state for row in rows}
        held = set(session.scalars(select(PublicityEntry.subject_id).where(PublicityEntry.held)))
    assert {case for case, state in states.items() if state == "contested"} == in_time == held
    assert {case for case, state in states.items() if state == "cleared"} == set(cases) - in_time
    assert world.count(Objection) == len(in_time)
    unbroken(world)


def _object(world: World, case_id: int, at: datetime) -> Outcome:
    with world.write() as session:
        return object_to(session, case_id, {**OBJECTION, "receipt_hash": new_key()}, OUTSIDER, new_key(), at)


def _in_publicity(world: World, many: int) -> list[int]:
    """Cases of one county in one notice that is open, as the 2023 rules have them: graded by the county alone."""
    round_id, _ = world.round("xuchang-2023", 2023)
    like, *_ = cases_of(world, round_id)
    world.do(like, "propose", f"{COUNTY}-handler")
    for seat in range(1, 5):
        world.do(like, "agree", f"{COUNTY}-panel{seat}")
    world.do(like, "agree", f"{COUNTY}-leader")
    cases = [like, *clones(world, like, many - 1)]
    notice = world.notice(round_id, cases, f"{COUNTY}-handler")
    world.do(notice, "publish", f"{COUNTY}-leader")
    return cases


# --- two cases in one act


def test_acts_on_two_cases_never_wait_for_each_other_for_ever(world: World, size: Size) -> None:
    """Objections, settlements and notices at random from eight threads: no deadlock and no lock reaches a caller."""
    _in_publicity(world, 8)
    seconds = size(4, 600)
    done = together([partial(_play, world, Random(number), monotonic() + seconds) for number in range(8)], 60 + seconds)
    assert min(done) > 0
    with world.database.read() as session:
        assert session.scalars(select(Timer.last_error).where(Timer.last_error != "")).all() == []
    unbroken(world)


def _play(world: World, chance: Random, until: float) -> int:
    """One thread's acts: work that the pages offer, and what touches two cases at once. Faults go up."""
    players, done = Players(world), 0
    while monotonic() < until:
        match chance.choice(("work", "work", "push", "object", "draft", "claim", "sweep")):
            case "work":
                players.work(chance)
            case "push":
                players.push(chance, 3)
            case "object":
                players.object(chance)
            case "draft":
                players.draft(chance)
            case "claim":
                players.claim_or_release(chance)
            case "sweep":
                world.clock.forward(minutes=chance.choice((1, 60, 600)))
                run_due(world.database, world.clock, limit=20)
        done += 1
    return done
