"""Two and many at once: one winner each, everybody told the truth, and the same end as one after the other."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import combinations_with_replacement, count, product
from random import Random
from threading import Barrier, BrokenBarrierError
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import select

from models import Case, Decision, HistoryEntry, Objection, PublicityEntry, Timer
from tests.cast import CITY, COUNTY, World
from tests.engine.conftest import NewWorld
from tests.fire.acts import closes_on
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
    new_key,
    picture,
    together,
    unbroken,
)
from tests.fire.hunters import Hunters, set_the_scene
from tests.fire.moments import Moment, moments, objected
from tests.fire.moments_beside import moments_of_recommendation, moments_of_repair
from tests.fire.story_repair import APPLIED, FINDER, PUBLISHED, notified, recorded, signed_by_all
from tests.shandong import HONOUR, POLICY, PROVINCE, YANTAI, settle
from workflow import recommendations
from workflow.engine import sync
from workflow.engine.act import Outcome, act
from workflow.engine.permissions import Actor
from workflow.engine.refusal import Refused
from workflow.policies_in_force import keep
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
    asked = partial(act, actor=head, seen_version=version, request_id=new_key(), at=world.at)
    return world.database.alone(lambda session: asked(session, case_id, "agree"))


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


@dataclass(frozen=True)
class End:
    """How a pair ended: who had success, and the picture afterwards."""

    first: bool
    second: bool
    picture: list[Any]


MOMENTS: dict[str, tuple[Callable[[World], Iterator[Moment]], tuple[int, int], int]] = {
    "evaluation": (moments, (6, 3), 500),
    "repair": (moments_of_repair, (9, 5), 100),
    "recommendation": (moments_of_recommendation, (9, 5), 100),
}
"""Each story; of how many pairs the quick form takes one, on SQLite and on PostgreSQL; the least of the full form."""


@pytest.mark.parametrize("name", MOMENTS)
def test_every_pair_of_moves_ends_as_if_one_came_after_the_other(world: World, size: Size, name: str) -> None:
    """In full each of the two is stopped at every point; the quick form takes part of the pairs and points in turn."""
    story, sparsely, least = MOMENTS[name]
    turn, tried, every = count(1), 0, sparsely[not world.database.is_sqlite]
    for halt in story(world):
        clash = Clash(halt)
        for pair in combinations_with_replacement(halt.verbs, 2):
            number = next(turn)
            quick = [(POINTS[number % 3], pair if number % 2 else pair[::-1])] if number % every == 0 else []
            for point, (one, other) in size(quick, list(product(POINTS, {pair, pair[::-1]}))):
                clash.of(point, one, other)
                tried += 1
        clash.scene.rewind()
    assert tried > size(least // 40, least)


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
        return [attempt(partial(objected, world, case, at)) for case, at in mine.pop()]

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
    """All machines at random from eight threads: no deadlock and no lock reaches a caller."""
    world.clock.to_local(APPLIED, 9)
    _in_publicity(world, size(8, 40))
    set_the_scene(world, size(5, 40))
    seconds = size(4, 600)
    hunts = [partial(_hunt, Hunters(world), Random(number), monotonic() + seconds) for number in range(8)]
    played = together(hunts, 60 + seconds)
    assert sum(one.total() for one in played) > 0
    with world.database.read() as session:
        assert session.scalars(select(Timer.last_error).where(Timer.last_error != "")).all() == []
    unbroken(world)


def test_two_notices_over_the_same_institutions_in_crossed_order_are_confirmed_at_once(new_world: NewWorld) -> None:
    """A repair changes its institution's archive: what one of them has taken the other must not want in turn."""
    world = new_world("postgres")
    world.clock.to_local(PUBLISHED, 9)
    clerks = {COUNTY: ("clerk-0", "clerk-1"), CITY: ("clerk-1", "clerk-0")}
    found = {
        code: [recorded(world, FINDER[code], institution=world.actor(clerk).institution_id) for clerk in pair]
        for code, pair in clerks.items()
    }
    world.clock.to_local(APPLIED, 9)
    notices = {}
    for code, pair in clerks.items():
        cases = [signed_by_all(world, record, clerk) for record, clerk in zip(found[code], pair, strict=True)]
        notices[code] = notified(world, cases, code)
        world.do(notices[code], "publish", f"{code}-leader")
    world.to(closes_on(world, notices[CITY]) + timedelta(days=1))
    met = Barrier(2)

    def meet(point: str) -> None:
        if point == "after decide":
            with suppress(BrokenBarrierError):  # whoever waits for the other's locks never comes
                met.wait(1)

    sync.install(meet)
    try:
        together([partial(world.do, notices[code], "confirm_cleared", f"{code}-leader2") for code in notices])
    finally:
        sync.install(None)
    assert world.count(Case, Case.machine == "repair", Case.state == "granted") == 4
    unbroken(world)


def test_a_round_below_waits_for_one_that_is_being_opened_above_and_is_refused(new_world: NewWorld) -> None:
    stage = settle(new_world("postgres"), YANTAI)
    with stage.write() as session:
        keep(session, POLICY, "recommendation", stage.at)  # or they would meet at the policy already
    below = Job(lambda: attempt(partial(stage.open, by=YANTAI)))
    with stage.write() as session:
        head = stage.actor(f"{PROVINCE}-head", "section_head")
        recommendations.open_round(session, POLICY, HONOUR, 2026, "全省推荐", head, stage.at)
        below.start()
        assert not below.ended.wait(0.3)
    assert below.answer().reason == "round_elsewhere"


def _hunt(players: Hunters, chance: Random, until: float) -> Counter[str]:
    """One thread's acts: what pages offer, and what touches several cases at once. Faults go up."""
    while monotonic() < until:
        chance.choice(players.acts)(chance)
    return players.happened
