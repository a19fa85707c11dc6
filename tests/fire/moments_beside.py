"""Situations of repairs and recommendations in which two at once meet: one record, one seat, one decision."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from tests.cast import CITY, COUNTY, World
from tests.fire.acts import REASON, appointed, attached, closes_on, signed, violation
from tests.fire.crowd import REPORT, cases_of, new_key, timer_of
from tests.fire.moments import Moment, Verb
from tests.fire.story_recommendation import applied, nominated
from tests.fire.story_repair import APPLIED, PUBLISHED, VERIFIED, filed, graded, notified, recorded
from tests.shandong import PROVINCE, RIZHAO, Shandong, settle
from workflow import archive, recommendations, repairs
from workflow.engine.act import Outcome, act

LEADER = f"{COUNTY}-leader"
UNJUDGED = dict.fromkeys(("severity", "judged_by_id", "judged_at", "corrected_in_time"))


def moments_of_repair(world: World) -> Iterator[Moment]:
    world.clock.to_local(PUBLISHED, 9)
    record, round_id = recorded(world), world.round("xuchang-2023", 2023)[0]
    graded(world, round_id, cases_of(world, round_id)[:1])
    world.clock.to_local(APPLIED, 9)
    form = {"record": record, "statement": REPORT, "files": [], "pledge": "given"}
    halt = Moment("one record", world)
    halt.verbs["application"] = partial(filed, world, repairs.apply, "clerk-0", form)
    yield halt
    case = filed(world, repairs.apply, "clerk-0", form).case_id
    halt = Moment("repair's acceptance", world)
    halt.do(case, "accept", f"{COUNTY}-head2")
    halt.do(case, "refuse", f"{COUNTY}-head2", opinion="不符合条件")
    halt.do(case, "ask_more", f"{COUNTY}-head2", opinion="补充收据")
    halt.do(case, "withdraw", "clerk-0", opinion="另行申请")
    halt.verbs["application"] = partial(filed, world, repairs.apply, "clerk-0", form)
    yield halt
    world.do(case, "accept", f"{COUNTY}-head2")
    proof = attached(world)
    halt = Moment("verification", world)
    halt.do(case, "verify", f"{COUNTY}-handler2", **VERIFIED, files=proof)
    halt.do(case, "verify", f"{COUNTY}-handler", **VERIFIED, files=proof)
    halt.do(case, "withdraw", "clerk-0", opinion="另行申请")
    halt.claim(case, f"{COUNTY}-handler", "handler")
    yield halt
    world.do(case, "verify", f"{COUNTY}-handler2", **VERIFIED, files=proof)
    signed(world, case, LEADER, f"{CITY}-handler", f"{CITY}-leader")
    yield from _granted(world, case)


def _granted(world: World, case: int) -> Iterator[Moment]:
    notice = notified(world, [case])
    world.do(notice, "publish", f"{CITY}-leader")
    world.to(closes_on(world, notice) + timedelta(days=1))
    halt = Moment("repair cleared", world)
    halt.do(case, "confirm", f"{CITY}-leader")
    halt.do(notice, "confirm_cleared", f"{CITY}-leader2")
    halt.object(case)
    halt.verbs["a worse fact judged"] = _judged(world)
    yield halt
    world.do(case, "confirm", f"{CITY}-leader")
    halt = Moment("granted", world)
    halt.do(case, "doubt", f"{CITY}-handler2", opinion="押金仍未退还")
    halt.do(case, "acknowledge", "clerk-0")
    halt.fire(case, "lapse")
    yield halt
    world.do(case, "doubt", f"{CITY}-handler2", opinion="押金仍未退还")
    halt = Moment("defence", world)
    halt.do(case, "defend", "clerk-0", statement=REPORT, files=[])
    halt.fire(case, "lapse")
    yield halt
    world.do(case, "defend", "clerk-0", statement=REPORT, files=[])
    appointed(world, CITY, "leader", f"{CITY}-leader3")
    halt = Moment("weighing", world)
    halt.do(case, "rescind", f"{CITY}-leader2", opinion="承诺不实")
    halt.do(case, "uphold", f"{CITY}-leader3", opinion="查无此事")
    halt.do(case, "acknowledge", "clerk-0")
    yield halt


def _judged(world: World) -> Verb:
    """What the repair's institution did meanwhile: judged serious, it opens a new evaluation of the grade in force."""
    fact = violation(
        world,
        world.actor("clerk-0").institution_id or 0,
        **UNJUDGED,
    )
    judgement = {"severity": "major", "corrected_in_time": "no", "evidence": "检查笔录"}
    handler, at = world.actor(f"{COUNTY}-handler"), world.at

    def judge() -> str:
        with world.write() as session:
            archive.judge(session, fact, judgement, handler, at)
        return "judged"

    return judge


def moments_of_recommendation(world: World) -> Iterator[Moment]:
    """日照 has one seat, and two candidates."""
    stage, handler, leader = settle(world, RIZHAO), f"{RIZHAO}-handler", f"{RIZHAO}-leader"
    ids = stage.institutions(RIZHAO, 2)
    round_id = stage.open()
    one = stage.candidate(round_id, RIZHAO, 1)
    halt = Moment("entrance", stage)
    halt.verbs["application"] = partial(applied, stage, round_id, f"{RIZHAO}-clerk-2", stage.proof())
    halt.verbs["nomination"] = partial(nominated, stage, round_id, ids[1], handler)
    halt.do(one, "select", handler)
    yield halt
    two = stage.candidate(round_id, RIZHAO, 2)
    halt = Moment("one seat", stage)
    halt.do(one, "select", handler)
    halt.verbs["select the other"] = _selected(stage, two)
    halt.do(one, "hold", f"{RIZHAO}-handler2")
    halt.do(one, "close", leader, opinion=REASON)
    halt.do(one, "withdraw", f"{RIZHAO}-clerk-1", opinion=REASON)
    halt.verbs["fewer seats"] = _fewer_seats(stage, round_id)
    yield halt
    stage.do(one, "select", handler)
    yield from _on_the_list(stage, round_id, one, two)


def _on_the_list(stage: Shandong, round_id: int, one: int, two: int) -> Iterator[Moment]:
    leader = f"{RIZHAO}-leader"
    notice = stage.notice(round_id, [one], f"{RIZHAO}-handler")
    halt = Moment("seated", stage)
    halt.do(notice, "publish", leader)
    halt.do(one, "unseat", f"{RIZHAO}-leader2", opinion=REASON)
    halt.do(one, "withdraw", f"{RIZHAO}-clerk-1", opinion=REASON)
    halt.verbs["select the other"] = _selected(stage, two)
    yield halt
    stage.do(notice, "publish", leader)
    last = timer_of(stage, one, "lapse")
    stage.to(closes_on(stage, notice) + timedelta(days=1))
    stage.summary(round_id, RIZHAO)
    halt = Moment("list cleared", stage)
    halt.do(one, "confirm", leader)
    halt.do(notice, "confirm_cleared", f"{RIZHAO}-leader2")
    halt.object(one, last.planned_at - timedelta(seconds=1))
    halt.do(one, "withdraw", f"{RIZHAO}-clerk-1", opinion=REASON)
    yield halt
    stage.do(one, "confirm", leader)
    signed(stage, one, *(f"{PROVINCE}-{who}" for who in ("handler", "head", "leader")))
    yield from _honoured(stage, one)


def _honoured(stage: Shandong, one: int) -> Iterator[Moment]:
    outcome: dict[str, Any] = {"number": "人社部函〔2026〕9号", "outcome_on": stage.today}
    halt = Moment("reported", stage)
    halt.do(one, "record_outcome", f"{PROVINCE}-handler", None, None, outcome="designated", **outcome)
    halt.do(one, "record_outcome", f"{PROVINCE}-handler2", None, None, outcome="not_designated", **outcome)
    yield halt
    stage.do(one, "record_outcome", f"{PROVINCE}-handler", outcome="designated", **outcome)
    stage.record(stage.case(one).institution_id or 0, "abnormal_list", stage.today)
    halt = Moment("designated", stage)
    halt.do(one, "propose_revocation", f"{PROVINCE}-handler", opinion=REASON)
    halt.do(one, "propose_revocation", f"{PROVINCE}-handler2", opinion=REASON)
    halt.do(one, "acknowledge", f"{RIZHAO}-clerk-1")
    yield halt
    stage.do(one, "propose_revocation", f"{PROVINCE}-handler", opinion=REASON)
    halt = Moment("revocation", stage)
    halt.do(one, "revoke", f"{PROVINCE}-leader", opinion=REASON)
    halt.do(one, "keep", f"{PROVINCE}-leader2", opinion=REASON)
    halt.do(one, "state_case", f"{RIZHAO}-clerk-1", statement=REPORT)
    yield halt


def _selected(stage: Shandong, case: int) -> Verb:
    actor, at = stage.actor(f"{RIZHAO}-handler2"), stage.at

    def select() -> Outcome:
        with stage.write() as session:
            return act(session, case, "select", actor, form={"opinion": REASON}, request_id=new_key(), at=at)

    return select


def _fewer_seats(stage: Shandong, round_id: int) -> Verb:
    quota, head, at = stage.quota(round_id, RIZHAO).id, stage.actor(f"{PROVINCE}-head", "section_head"), stage.at

    def set_seats() -> str:
        with stage.write() as session:
            recommendations.set_seats(session, quota, 0, head, at)
        return "none"

    return set_seats
