"""换用规则: a running case goes on under another policy, by a leader's recorded act, and comes back the same way."""

import json
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models import HistoryEntry, Policy, Timer
from tests.cast import CITY, COUNTY, World
from tests.engine.test_repair import apply, published, recorded
from tests.fire.crowd import interleaved
from tests.shandong import YANTAI, Shandong
from workflow import recommendations, repolicies
from workflow.engine import repolicy
from workflow.engine.audit import verify
from workflow.engine.invariants import broken
from workflow.engine.load import compiled_by, facts_of, family, locked
from workflow.engine.refusal import NotFound, Refused
from workflow.rules import policy
from workflow.rules.policy import PolicyRules

WHY = "本批次自今日起适用修订后的规则。"
REPORT = "本年度依法经营，按时报送年度报告和统计，无违法违规。"


@pytest.fixture
def world(new_world: Callable[..., World]) -> World:
    return new_world("sqlite")


@pytest.fixture
def case_id(world: World) -> int:
    return next(iter(world.round()[1].values()))


def changed(change: Callable[[dict[str, Any]], None], key: str = "xuchang-demo") -> PolicyRules:
    """A demo's policy with a change."""
    body = json.loads(policy.load(key).body)
    body["policy"]["title"] = "修订后的规则"
    change(body)
    return policy.from_body(json.dumps(body, ensure_ascii=False))


def keep(session: Session, rules: PolicyRules, world: World) -> None:
    kept = {"key": rules.key, "checksum": rules.checksum, "title": rules.title, "body": rules.body}
    session.execute(insert(Policy).values(**kept, loaded_at=world.at))


def variant(world: World, change: Callable[[dict[str, Any]], None], key: str = "xuchang-demo") -> str:
    """The same, kept as a policy of its own."""
    rules = changed(change, key)
    with world.write() as session:
        keep(session, rules, world)
    return rules.checksum


def longer(body: dict[str, Any]) -> None:
    body["deadlines"]["self_report"]["count"] += 5


def one_signature_less(body: dict[str, Any]) -> None:
    body["signing"]["city"] = ["handler", "leader"]


def move(world: World, case_id: int, to: str, login: str = f"{COUNTY}-leader") -> None:
    actor, version = world.actor(login), world.case(case_id).version
    with world.write() as session:
        repolicies.move(session, case_id, to, WHY, actor, f"{version:032}", version, world.at)


def refused(world: World, case_id: int, to: str, login: str = f"{COUNTY}-leader") -> str:
    with pytest.raises(Refused) as caught:
        move(world, case_id, to, login)
    return caught.value.reason


def due(world: World, case_id: int) -> Timer:
    with world.database.read() as session:
        armed = select(Timer).where(Timer.case_id == case_id, Timer.status == "armed", Timer.kind == "lapse")
        return session.scalars(armed).one()


def test_the_running_deadline_is_counted_anew_from_its_own_first_day_and_back_again(world: World, case_id: int) -> None:
    before, old = due(world, case_id), policy.load("xuchang-demo")
    new = variant(world, longer)
    with world.database.read() as session:
        facts = facts_of(session, case_id, world.actor(f"{COUNTY}-leader"), world.at)
        shown = repolicy.preview(facts, compiled_by(session, "evaluation", new))
    assert [one.place for one in shown.rules] == ["deadlines.self_report.count"]
    assert shown.due is not None and shown.due[0] == before.due_on < shown.due[1]
    move(world, case_id, new)
    after = due(world, case_id)
    assert (after.started_on, after.due_on) == (before.started_on, shown.due[1])
    move(world, case_id, old.checksum)
    assert due(world, case_id).due_on == before.due_on
    with world.database.read() as session:
        entries = session.scalars(select(HistoryEntry).where(HistoryEntry.move == "change_policy")).all()
        assert [one.details["checksum"] for one in entries] == [new, old.checksum]
        assert broken(session) == [] and list(verify(session, [case_id])) == []


def there_and_back(world: World, case_id: int, key: str, period: str, leader: str) -> None:
    """Previewed, moved, and moved back: the last day is the previewed one, then the first one again."""

    def last_day() -> date:
        with world.database.read() as session:
            armed = select(Timer.due_on).where(Timer.case_id == case_id, Timer.status == "armed")
            return session.scalars(armed.where(Timer.kind.in_(("lapse", "overdue")))).one()

    new = variant(world, lambda body: body["deadlines"][period].update(count=30), key)
    before, machine = last_day(), world.case(case_id).machine
    with world.database.read() as session:
        facts = facts_of(session, case_id, world.actor(leader), world.at)
        shown = repolicy.preview(facts, compiled_by(session, machine, new))
    assert [one.place for one in shown.rules] == [f"deadlines.{period}.count"]
    assert shown.due is not None and shown.due[0] == before < shown.due[1]
    move(world, case_id, new, leader)
    assert last_day() == shown.due[1]
    move(world, case_id, policy.load(key).checksum, leader)
    assert last_day() == before
    with world.database.read() as session:
        assert broken(session) == [] and list(verify(session, [case_id])) == []


def test_a_repair_goes_on_under_another_policy_and_comes_back(world: World) -> None:
    world.to(date(2026, 4, 9))
    record_id = recorded(world, finder="魏都区人社局")
    published(world, record_id, "minor")
    there_and_back(world, apply(world, record_id), "xuchang-demo", "repair_acceptance", f"{COUNTY}-leader")


def test_a_recommendation_goes_on_under_another_policy_and_comes_back(
    new_shandong: Callable[[str], Shandong],
) -> None:
    world = new_shandong("sqlite")
    one, round_id = world.institutions(YANTAI, 1)[0], world.open()
    with world.write() as session:
        handler, key = world.actor(f"{YANTAI}-handler"), uuid.uuid4().hex
        nominated = recommendations.nominate(session, round_id, one, {"holder": ""}, handler, key, world.at)
    there_and_back(world, nominated.case_id, "shandong-demo", "application", f"{YANTAI}-leader")


def test_later_steps_follow_the_new_policy(world: World, case_id: int) -> None:
    new = variant(world, one_signature_less)
    world.do(case_id, "report", "clerk-0", statement=REPORT, files=[])
    move(world, case_id, new)
    world.climb(case_id, "county")
    world.do(case_id, "agree", f"{CITY}-handler")
    world.do(case_id, "agree", f"{CITY}-leader")
    assert world.case(case_id).state == "province_review"
    with world.database.read() as session:
        assert broken(session) == []


def test_what_rests_on_the_old_rules_stays_under_them(world: World, case_id: int) -> None:
    """Signed, at a step that the other policy lacks, clock turned, not covered, the same, unknown."""
    new = variant(world, longer)
    assert refused(world, case_id, policy.load("xuchang-demo").checksum) == "policy_same"
    assert refused(world, case_id, "0" * 64) == "policy_unknown"
    assert refused(world, case_id, policy.load("zhoushan-demo").checksum) == "policy_not_for_this"
    world.do(case_id, "report", "clerk-0", statement=REPORT, files=[])
    world.do(case_id, "propose", f"{COUNTY}-handler")
    assert refused(world, case_id, new) == "policy_relied_on"
    world.do(case_id, "rework", f"{COUNTY}-head", "section_head", opinion="事实不全。")
    lacking = variant(world, lambda body: body["signing"].update(county=["handler", "leader"]))
    assert refused(world, case_id, lacking) == "policy_lacks_steps"
    world.do(case_id, "extend", f"{COUNTY}-leader", count=1, opinion="案情复杂。")
    assert refused(world, case_id, new) == "policy_clock_turned"


def test_a_step_is_not_ended_by_a_shorter_deadline(world: World, case_id: int) -> None:
    shorter = variant(world, lambda body: body["deadlines"]["self_report"].update(count=1))
    world.clock.forward(days=7)
    assert refused(world, case_id, shorter) == "policy_deadline_over"


@pytest.mark.parametrize("hold", [family, locked])
def test_who_waits_for_a_case_while_its_policy_changes_finds_it_all_the_same(
    new_world: Callable[..., World], hold: Callable[[Session, int], dict[int, dict[str, Any]]]
) -> None:
    world = new_world("postgres")
    one, *_ = world.round()[1].values()
    leader, new = world.actor(f"{COUNTY}-leader"), changed(longer)

    def held() -> dict[int, dict[str, Any]]:
        with world.write() as session:
            return hold(session, one)

    def change() -> None:
        with world.write() as session:
            keep(session, new, world)
            repolicies.move(session, one, new.checksum, WHY, leader, "0" * 32, world.case(one).version, world.at)

    _, found = interleaved("before commit", change, held, patience=0.5)
    assert found[one]["checksum"] == new.checksum


@pytest.mark.parametrize("login", [f"{COUNTY}-handler", f"{CITY}-leader", "clerk-0"])
def test_only_the_leader_of_the_managing_authority_does_it(world: World, case_id: int, login: str) -> None:
    with pytest.raises((Refused, NotFound), match="not_yours"):
        move(world, case_id, variant(world, longer), login)
