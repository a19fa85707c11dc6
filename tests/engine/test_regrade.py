"""等级动态调整: a new violation, a remedied record and a rescinded repair change a standing grade, each in its way."""

import json
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from models import Case, Document, Evaluation, HistoryEntry, Institution, Policy, Task
from tests.cast import CITY, COUNTY, World
from tests.engine.conftest import NewWorld
from tests.engine.test_repair import APPLICATION, judged, photo, record, recorded
from workflow import archive, repairs
from workflow.engine.birth import birth
from workflow.engine.decide import decide
from workflow.engine.facts import Facts
from workflow.engine.invariants import broken
from workflow.engine.load import locked, machine_of
from workflow.engine.permissions import SYSTEM
from workflow.engine.queries.register import institution
from workflow.engine.refusal import Refused
from workflow.engine.standing import subject_of
from workflow.rules.policy import from_body, load

NAME = "魏都示例甲人力资源有限公司"


@pytest.fixture
def world(new_world: NewWorld) -> World:
    """What the databases do differently, tests/engine/test_repair.py shows."""
    return new_world("sqlite")


@pytest.fixture
def standing(world: World) -> int:
    """The first institution's grade A, in force from 2026-04-01 for a year."""
    round_id, cases = world.round()
    case_id = cases[NAME]
    world.do(case_id, "report", "clerk-0", statement="本年度按规定开展业务，未受到处罚，特此报告。", files=[])
    in_force(world, case_id, round_id)
    assert world.case(case_id).state == "effective"
    return case_id


def in_force(world: World, case_id: int, round_id: int | None) -> None:
    world.climb(case_id)
    notice = world.notice(round_id or 1, [case_id])
    world.do(notice, "publish", f"{CITY}-leader")
    world.to(world.today + timedelta(days=12))
    world.do(notice, "confirm_cleared", f"{CITY}-leader2")


def evaluation(world: World, case_id: int) -> Evaluation:
    with world.database.read() as session:
        return session.get_one(Evaluation, case_id)


def again(world: World, case_id: int) -> Case:
    with world.database.read() as session:
        return (
            session.scalars(select(Case).where(Case.parent_id == case_id, Case.machine == "evaluation")).unique().one()
        )


def violation(world: World, severity: str = "serious", **changes: Any) -> int:
    today = world.today
    record_id = recorded(world, acted_on=today - timedelta(days=3), decided_on=today, **changes)
    judged(world, record_id, severity)
    return record_id


def test_a_violation_opens_a_re_evaluation_with_prior_notice_and_the_institutions_own_time(
    world: World, standing: int
) -> None:
    violation(world)
    one = again(world, standing)
    assert (one.state, world.case(standing).state) == ("prior_notice", "effective")
    world.do(one.id, "deliver", f"{COUNTY}-handler2", how="in_person")
    with world.database.read() as session:
        letter = session.scalars(select(Document).where(Document.kind == "prior_notice")).one()
    assert "拟重新评价为C级" in letter.body and "5个工作日" in letter.body
    world.do(one.id, "state_case", "clerk-0", statement="押金系员工个人收取，我单位已退还并处理该员工。", files=[])
    assert world.case(one.id).state == "county_review"
    in_force(world, one.id, one.round_id)
    before, after = evaluation(world, standing), evaluation(world, one.id)
    assert (world.case(standing).state, world.case(one.id).state) == ("superseded", "effective")
    assert (before.grade, after.grade, after.occasion) == ("A", "C", "violation")
    assert after.expires_on == before.expires_on, "the old end date is kept"
    with world.database.read() as session:
        page = institution(session, session.get_one(Institution, after.institution_id).credit_code, world.at)
        states = [(one.grade, one.state) for one in page.grades]
        assert broken(session) == []
    assert states == [("C", "effective"), ("A", "superseded")]
    assert before.expires_on
    world.to(before.expires_on + timedelta(days=1))
    assert world.case(one.id).state == "expired"


def test_by_another_policy_a_changed_grade_begins_a_term_of_its_own(world: World, standing: int) -> None:
    """Inventory §7 item 21: the old end date, or a new year from the day of the new decision."""
    body = json.loads(load("xuchang-demo").body)
    body["regrade"]["term"] = "new"
    rules = from_body(json.dumps(body, ensure_ascii=False))
    kept = {"key": rules.key, "checksum": rules.checksum, "title": rules.title, "body": rules.body}
    with world.write() as session:
        new = session.execute(insert(Policy).values(**kept, loaded_at=world.at).returning(Policy.id)).scalar_one()
        session.execute(update(Case).where(Case.id == standing).values(policy_id=new))
    violation(world)
    one = again(world, standing)
    world.do(one.id, "deliver", f"{COUNTY}-handler2", how="in_person")
    world.to(world.today + timedelta(days=12))
    in_force(world, one.id, one.round_id)
    before, after = evaluation(world, standing), evaluation(world, one.id)
    assert after.effective_from and before.expires_on and after.expires_on
    assert after.expires_on == after.effective_from.replace(year=after.effective_from.year + 1) > before.expires_on


def test_an_adjusted_grade_is_filed_with_the_city_like_the_first_one(world: World) -> None:
    """XC-31 under Xuchang's own text: the county decides alone and reports each result upward."""
    world.clock.to_local(date(2023, 9, 1))
    round_id, cases = world.round("xuchang-2023", 2023)
    first = cases[NAME]
    decided_by_the_county(world, first, round_id)
    violation(world)
    one = again(world, first)
    world.do(one.id, "deliver", f"{COUNTY}-handler2", how="in_person")
    world.to(world.today + timedelta(days=12))
    decided_by_the_county(world, one.id, round_id)
    for case_id in (first, one.id):
        task = {"purpose": "file_upward", "case_id": case_id}
        with world.database.read() as session:
            found = session.scalars(select(Task).filter_by(**task)).one()
            assert (found.role, found.authority_id) == ("handler", world.case(case_id).managing_authority_id)
    assert (world.case(first).state, evaluation(world, one.id).grade) == ("superseded", "C")
    assert world.do(one.id, "file_upward", f"{COUNTY}-handler", opinion="报市局备案。").state == "effective"


def decided_by_the_county(world: World, case_id: int, round_id: int) -> None:
    world.do(case_id, "propose", f"{COUNTY}-handler", opinion="拟评。")
    for seat in ("panel1", "panel2", "panel3", "panel4", "leader"):
        world.do(case_id, "agree", f"{COUNTY}-{seat}")
    notice = world.notice(round_id, [case_id], f"{COUNTY}-handler")
    world.do(notice, "publish", f"{COUNTY}-leader")
    world.to(world.today + timedelta(days=20))
    world.do(notice, "confirm_cleared", f"{COUNTY}-leader2")


def test_silence_of_the_institution_does_not_stop_it(world: World, standing: int) -> None:
    violation(world)
    one = again(world, standing)
    world.do(one.id, "deliver", f"{COUNTY}-handler", how="post")
    world.to(world.today + timedelta(days=12))
    assert world.case(one.id).state == "county_review"


def test_nothing_happens_before_a_person_has_judged_nor_for_a_fact_that_changes_nothing(
    world: World, standing: int
) -> None:
    record_id = recorded(world, acted_on=world.today, decided_on=world.today)
    assert world.count(Case, Case.parent_id == standing) == 0
    with pytest.raises(Refused) as caught:
        world.do(standing, "reevaluate", f"{COUNTY}-handler")
    assert caught.value.reason == "needs_judgement"
    with world.write() as session:
        archive.void(session, record_id, "记录对象有误", world.actor(f"{COUNTY}-handler"), world.at)
    with pytest.raises(Refused) as caught:
        world.do(standing, "reevaluate", f"{COUNTY}-handler")
    assert caught.value.reason == "no_worse_grade"


def test_a_second_violation_joins_the_re_evaluation_that_is_open(world: World, standing: int) -> None:
    violation(world)
    violation(world, "major", summary="克扣劳动者工资数额巨大")
    one = again(world, standing)
    world.do(one.id, "deliver", f"{COUNTY}-handler", how="in_person")
    world.to(world.today + timedelta(days=12))
    world.do(one.id, "propose", f"{COUNTY}-handler", opinion="拟评。")
    assert evaluation(world, one.id).proposed_grade == "D"


@pytest.mark.parametrize("why", ["violation", "upgrade"])
def test_a_standing_grade_has_one_re_evaluation_at_most(world: World, standing: int, why: str) -> None:
    """Whoever asks for it: the machine itself refuses the second."""
    violation(world)
    with world.write() as session:
        family = locked(session, standing)
        subject = subject_of(family[standing])
        born = birth(session, "evaluation", subject, "second", world.at)
        machine = machine_of(session, "evaluation", subject.policy_id)
        with pytest.raises(Refused, match="re_evaluation_open"):
            decide(Facts(session, machine, born, SYSTEM, world.at, {"why": why}, family), "reopen")
        session.rollback()


def test_a_re_evaluation_without_ground_is_dropped_and_only_then(world: World, standing: int) -> None:
    record_id = violation(world)
    one = again(world, standing)
    with pytest.raises(Refused) as caught:
        world.do(one.id, "withdraw", f"{COUNTY}-leader", opinion="记录有误。")
    assert caught.value.reason == "ground_remains"
    with world.write() as session:
        archive.void(session, record_id, "处罚决定已被撤销", world.actor(f"{COUNTY}-handler"), world.at)
    assert world.do(one.id, "withdraw", f"{COUNTY}-leader", opinion="处罚决定已被撤销。").state == "withdrawn"
    assert world.case(standing).state == "effective"


def test_what_expired_meanwhile_cannot_be_changed_any_more(world: World, standing: int) -> None:
    expires = evaluation(world, standing).expires_on
    assert expires
    world.to(date(2026, 11, 2))
    violation(world)
    one = again(world, standing)
    world.do(one.id, "deliver", f"{COUNTY}-handler", how="in_person")
    world.do(one.id, "state_case", "clerk-0", statement="押金系员工个人收取，我单位已退还并处理该员工。", files=[])
    world.climb(one.id)
    notice = world.notice(one.round_id or 0, [one.id])
    world.do(notice, "publish", f"{CITY}-leader")
    world.to(expires + timedelta(days=20))
    with pytest.raises(Refused) as caught:
        world.do(one.id, "confirm", f"{CITY}-leader")
    assert caught.value.reason == "standing_ended"


# --- an upgrade needs its application


@pytest.fixture
def lowered(world: World) -> tuple[int, int]:
    """Grade B for a minor violation that was corrected; the record and the case."""
    record_id = violation(world, "minor")
    round_id, cases = world.round()
    world.do(cases[NAME], "report", "clerk-0", statement="本年度受到一次处理，已经改正，特此报告。", files=[])
    in_force(world, cases[NAME], round_id)
    assert evaluation(world, cases[NAME]).grade == "B"
    return record_id, cases[NAME]


def upgrade(world: World, records: list[int], clerk: str = "clerk-0") -> int:
    form = {"records": records, **APPLICATION}
    with world.write() as session:
        return repairs.apply_upgrade(session, form, world.actor(clerk), uuid.uuid4().hex, world.at).case_id


def test_an_upgrade_follows_its_application_and_leaves_the_publication_alone(
    world: World, lowered: tuple[int, int]
) -> None:
    record_id, before = lowered
    case_id = upgrade(world, [record_id])
    assert [rung["level"] for rung in world.case(case_id).ladder] == ["county"]
    world.do(case_id, "accept", f"{COUNTY}-head", "section_head")
    form = {"corrected": "yes", "performed": "yes", "outcome": "granted", "answer": "押金已全部退还，影响已消除。"}
    world.do(case_id, "verify", f"{COUNTY}-handler2", **form, files=[photo(world)])
    assert world.do(case_id, "agree", f"{COUNTY}-leader").state == "awaiting_publicity"
    policy_id = world.case(case_id).policy_id
    from workflow.openings import draft_notice_under

    with world.write() as session:
        draft = {"title": "上调等级申请公示", "opens_on": world.today, "cases": [case_id]}
        handler = world.actor(f"{COUNTY}-handler")
        notice = draft_notice_under(session, draft, policy_id, handler, uuid.uuid4().hex, world.at).case_id
    world.do(notice, "publish", f"{COUNTY}-leader")
    world.to(world.today + timedelta(days=12))
    world.do(case_id, "confirm", f"{COUNTY}-leader2")
    after = record(world, record_id)
    assert (after.remedied_on, after.repaired_on) == (world.today, None)
    one = again(world, before)
    assert one.state == "county_review", "in its favour: no prior notice"
    with world.database.read() as session:
        cites = select(HistoryEntry.details).where(HistoryEntry.case_id == one.id, HistoryEntry.seq == 1)
        assert session.scalars(cites).one()["cites"][0][0] == case_id
    in_force(world, one.id, one.round_id)
    assert (evaluation(world, one.id).grade, world.case(before).state) == ("A", "superseded")
    with world.database.read() as session:
        assert broken(session) == []


def test_an_upgrade_is_refused_where_it_could_change_nothing(world: World, lowered: tuple[int, int]) -> None:
    record_id, _ = lowered
    recorded(world, kind="pledge_breach", summary="未履行信用承诺", acted_on=world.today, decided_on=None)
    for records, clerk, reason in (
        ([record_id], "clerk-0", "upgrade_changes_nothing"),
        ([10**6], "clerk-0", "record_unknown"),
        ([record_id], "clerk-1", "no_standing_grade"),
    ):
        with pytest.raises(Refused) as caught:
            upgrade(world, records, clerk)
        assert caught.value.reason == reason
    with pytest.raises(Refused):
        world.do(lowered[1], "reevaluate", f"{COUNTY}-handler")


def test_the_best_grade_has_no_upgrade(world: World, standing: int) -> None:
    with pytest.raises(Refused) as caught:
        upgrade(world, [10**6])
    assert caught.value.reason == "best_grade"


@pytest.mark.parametrize("evidence", [None, "", "有"])
def test_a_fact_or_a_judgement_without_evidence_is_not_entered(world: World, evidence: str | None) -> None:
    """事实清楚、证据确凿 (XC-11): nothing that a grade may rest on stands without saying what proves it."""
    today, handler = world.today, world.actor(f"{COUNTY}-handler")
    fact = {
        "kind": "labour_violation",
        "summary": "未按规定支付报酬",
        "acted_on": today,
        "finding_authority": "示例机关",
    }
    with pytest.raises(Refused) as caught, world.write() as session:
        archive.record(session, 1, {"labour_violation": "违法"}, {**fact, "evidence": evidence}, handler, world.at)
    assert set(caught.value.fields) == {"evidence"}
    with world.write() as session:
        kept = archive.record(
            session, 1, {"labour_violation": "违法"}, {**fact, "evidence": "处罚决定书"}, handler, world.at
        )
    judged_so = {"severity": "serious", "corrected_in_time": "no", "evidence": evidence}
    with pytest.raises(Refused) as caught, world.write() as session:
        archive.judge(session, kept, judged_so, handler, world.at)
    assert set(caught.value.fields) == {"evidence"}
