"""不参评, 等级比例 and 分支机构: who gets no grade and why, how many may have the best, and who is rated with whom."""

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from models import Authority, Case, Delivery, Document, Evaluation, Institution, Policy, PublicityEntry, Round
from tests.cast import World
from tests.stages import Stages
from tests.zhoushan import CITY, COUNTY, EXPERTS, POLICY, evaluation, settle, sheet, stage, survey_over
from workflow.engine.act import act
from workflow.engine.invariants import broken
from workflow.engine.queries.register import institution as shown
from workflow.engine.refusal import Refused
from workflow.openings import open_case, open_round, still_to_open
from workflow.rules import policy
from workflow.rules.credit_code import mint
from workflow.rules.policy_evaluation import Cap

REPORT = "本年度依法经营，自评得分和依据见评分表，请予核实。"
LEFT = {"unrated": "no_data", "opinion": "本年度没有开展业务。"}


@pytest.fixture(scope="session")
def sqlite_stage(stages: Stages) -> Path:
    return stages.file("zhoushan", stage)


@pytest.fixture
def world(new_world: Callable[..., World]) -> World:
    return new_world("sqlite")


def reviewed(world: World, case_id: int) -> None:
    """Scored by the experts: the county handler's desk."""
    world.do(case_id, "report", "clerk-haichao", statement=REPORT, files=[], **sheet())
    for login in EXPERTS[:2]:
        world.do(case_id, "score", f"{COUNTY}-{login}", **sheet())
    survey_over(world, case_id)
    world.do(case_id, "close_scoring", f"{COUNTY}-handler")


def signed(world: World, case_id: int) -> None:
    for login in (f"{COUNTY}-leader", f"{CITY}-handler", f"{CITY}-leader"):
        world.do(case_id, "agree", login)


def founded(world: World, case_id: int, on: date) -> None:
    with world.write() as session:
        session.get_one(Institution, world.case(case_id).institution_id).founded_on = on


def evaluated(world: World, case_id: int) -> Evaluation:
    with world.database.read() as session:
        return session.get_one(Evaluation, case_id)


def test_whoever_is_left_unrated_is_told_why_and_the_public_reads_it(world: World) -> None:
    case_id = evaluation(world)
    reviewed(world, case_id)
    world.do(case_id, "leave_unrated", f"{COUNTY}-handler", **LEFT)
    assert world.count(Document) == 0
    signed(world, case_id)
    assert (world.case(case_id).state, evaluated(world, case_id).grade) == ("unrated", None)
    with world.database.read() as session:
        paper = session.scalars(select(Document)).one()
        page = shown(session, world.case(case_id).institution.credit_code, world.at)  # ty: ignore
    assert "没有可供评估的数据" in paper.body and page.unrated is not None
    assert (page.current, page.unrated.year, page.unrated.title) == (None, 2026, "没有可供评估的数据")
    world.do(case_id, "acknowledge", "clerk-haichao")
    assert world.count(Delivery, Delivery.delivered_at.is_(None)) == 0


def test_a_proposal_sent_back_may_become_a_grade_after_all(world: World) -> None:
    case_id = evaluation(world)
    reviewed(world, case_id)
    world.do(case_id, "leave_unrated", f"{COUNTY}-handler", **LEFT)
    world.do(case_id, "rework", f"{COUNTY}-leader", opinion="有业务数据，应予评估。")
    world.do(case_id, "propose", f"{COUNTY}-handler", **sheet())
    signed(world, case_id)
    kept = evaluated(world, case_id)
    assert (world.case(case_id).state, kept.proposed_grade, kept.unrated) == ("awaiting_publicity", "A", None)


@pytest.mark.parametrize(
    ("years_ago", "day", "refused"),
    [(1, 0, {"leave_unrated": "ground_unmet"}), (1, 1, {"propose": "too_young_to_rate"})],
)
def test_an_age_is_read_from_the_register(world: World, years_ago: int, day: int, refused: dict[str, str]) -> None:
    """成立不满12个月: founded on the round's day a year before, the months are full; a day later they are not."""
    case_id = evaluation(world)
    with world.database.read() as session:
        on = session.get_one(Round, world.case(case_id).round_id).reference_date
    founded(world, case_id, on.replace(year=on.year - years_ago, day=on.day + day))
    reviewed(world, case_id)
    for move, form in (("leave_unrated", {"unrated": "young", "opinion": "新成立。"}), ("propose", sheet())):
        if move in refused:
            with pytest.raises(Refused, match=refused[move]):
                world.do(case_id, move, f"{COUNTY}-handler", **form)
    with pytest.raises(Refused) as caught:
        world.do(case_id, "leave_unrated", f"{COUNTY}-handler", unrated="any", opinion="其他。")
    assert caught.value.fields == {"unrated": ("field_choice", {"field": "unrated"})}


def test_a_branch_is_rated_with_the_institution_it_belongs_to(world: World) -> None:
    """It gets no case of its own, and shows the grade of its parent."""
    settle(world)
    with world.write() as session:
        home = session.scalars(select(Institution).where(Institution.name.startswith("定海"))).one()
        branch = Institution(
            credit_code=mint(f"91{COUNTY}", "MA0000N2"), name="定海示例海潮人力资源有限公司一分公司",
            managing_authority_id=home.managing_authority_id, parent_id=home.id, created_at=world.at,
        )  # fmt: skip
        session.add(branch)
        session.flush()
        expected, code = home.id, branch.credit_code
    head = world.actor(f"{CITY}-head", "section_head")
    with world.write() as session:
        round_id = open_round(session, POLICY, 2026, "2026年度评估", head, world.at)
        assert still_to_open(session, round_id) == [expected]
        case_id = open_case(session, round_id, expected, head, uuid.uuid4().hex, world.at).case_id
    reviewed(world, case_id)
    world.do(case_id, "propose", f"{COUNTY}-handler", **sheet())
    signed(world, case_id)
    notice = world.notice(round_id, [case_id], f"{CITY}-handler")
    world.do(notice, "publish", f"{CITY}-leader")
    world.to(date(2026, 6, 1))
    world.sweep()
    world.do(notice, "confirm_cleared", f"{CITY}-leader")
    with world.database.read() as session:
        page = shown(session, code, world.at)
    assert page.current is not None
    assert (page.current.grade, page.rated_with, page.grades) == ("A", "定海示例海潮人力资源有限公司", ())


def test_whom_the_policy_does_not_rate_needs_no_experts(world: World) -> None:
    case_id = evaluation(world)
    world.do(case_id, "report", "clerk-haichao", statement=REPORT, files=[], **sheet())
    with pytest.raises(Refused, match="too_few_sheets"):
        world.do(case_id, "close_scoring", f"{COUNTY}-handler")
    founded(world, case_id, world.today - timedelta(days=1))
    world.do(case_id, "close_scoring", f"{COUNTY}-handler")
    assert world.case(case_id).state == "county_review"


# --- a percentage of the top grade


@pytest.mark.parametrize(("base", "most"), [(0, 1), (4, 1), (5, 1), (9, 1), (10, 2), (11, 2)])
def test_the_demo_s_percentage_leaves_one_seat_at_least(base: int, most: int) -> None:
    """A级不超过同批参评机构的20%，不足1家的按1家."""
    (cap,) = policy.load(POLICY).evaluation.caps
    assert (cap.grades, cap.of(base)) == (("A",), most)


def capped(world: World, percent: int, number: int) -> list[int]:
    """A round of `number` institutions under a policy that lets so many per cent have grade A, each at the city
    leader's desk as an A."""
    settle(world)
    body = json.loads(policy.load(POLICY).body)
    body["evaluation"]["caps"] = [{"grades": ["A"], "percent": percent, "clause": "DEMO-ZS-bands"}]
    rules = policy.from_body(json.dumps(body, ensure_ascii=False))
    head = world.actor(f"{CITY}-head", "section_head")
    with world.write() as session:
        home = session.scalars(select(Authority).where(Authority.code == COUNTY)).one()
        kept = {"key": rules.key, "checksum": rules.checksum, "title": rules.title, "body": rules.body}
        policy_id = session.execute(insert(Policy).values(**kept, loaded_at=world.at).returning(Policy.id)).scalar_one()
        city = session.scalars(select(Authority.id).where(Authority.code == CITY)).one()
        round_ = Round(authority_id=city, policy_id=policy_id, scheme="credit_grade", year=2026, title="评估",
                       reference_date=world.today, opened_by_id=head.person_id, opened_at=world.at)  # fmt: skip
        session.add(round_)
        for one in range(2, number + 1):
            code = mint(f"91{COUNTY}", f"MA00C{one:03}")
            session.add(Institution(credit_code=code, name=f"定海示例{one}号人力资源有限公司",
                                    managing_authority_id=home.id, created_at=world.at))  # fmt: skip
        session.flush()
        opened = round_.id
        waiting = still_to_open(session, opened)
    cases = []
    for one in waiting:
        with world.write() as session:
            cases.append(open_case(session, opened, one, head, uuid.uuid4().hex, world.at).case_id)
    return _at_the_last_desk(world, cases)


def _at_the_last_desk(world: World, cases: list[int]) -> list[int]:
    """The reports lapse; experts, the county and the city's handler do their work."""
    due = world.case(cases[0]).due_at
    assert due is not None
    world.clock.to(due + timedelta(minutes=10))
    world.sweep()
    for case_id in cases:
        for login in EXPERTS[:2]:
            world.do(case_id, "score", f"{COUNTY}-{login}", **sheet())
        world.do(case_id, "close_scoring", f"{COUNTY}-handler")
        world.do(case_id, "propose", f"{COUNTY}-handler", **sheet())
        world.do(case_id, "agree", f"{COUNTY}-leader")
        world.do(case_id, "agree", f"{CITY}-handler")
    return cases


@pytest.mark.parametrize(("percent", "base", "most"), [(20, 5, 1), (20, 4, 0), (40, 4, 1), (50, 4, 2), (100, 3, 3)])
def test_the_fraction_of_a_percentage_is_cut_off(percent: int, base: int, most: int) -> None:
    """不超过: 20 % of 5 are 1, of 4 nobody; 40 % of 4 are 1."""
    assert Cap(grades=("A",), percent=percent, clause="X").of(base) == most


def test_where_a_percentage_leaves_nobody_the_grade_below_is_the_best(world: World) -> None:
    """20 % of 3, without a least number."""
    for case_id in capped(world, 20, 3):
        kept = evaluated(world, case_id)
        assert (kept.proposed_grade, kept.capped_from) == ("B", "A")


def test_whoever_comes_too_late_is_proposed_again_with_the_grade_below(world: World) -> None:
    first, second = capped(world, 50, 2)
    world.do(first, "agree", f"{CITY}-leader")
    with pytest.raises(Refused, match="cap_full") as caught:
        world.do(second, "agree", f"{CITY}-leader")
    assert (caught.value.details["most"], caught.value.details["base"]) == (1, 2)
    world.do(second, "return_down", f"{CITY}-leader", opinion="A级名额已满。")
    world.do(second, "propose", f"{COUNTY}-handler", **sheet())
    signed(world, second)
    kept = evaluated(world, second)
    assert (world.case(second).state, kept.proposed_grade, kept.capped_from) == ("awaiting_publicity", "B", "A")
    notice = world.notice(kept.round_id, [second], f"{CITY}-handler")
    world.do(notice, "publish", f"{CITY}-leader")
    world.to(world.today + timedelta(days=12))
    world.do(notice, "confirm_cleared", f"{CITY}-leader")
    with world.database.read() as session:
        assert broken(session) == []
        entry = session.scalars(select(PublicityEntry).where(PublicityEntry.subject_id == second)).one()
        page = shown(session, world.case(second).institution.credit_code, world.at)  # ty: ignore
    assert {name: entry.snapshot[name] for name in ("grade", "capped_from")} == {"grade": "B", "capped_from": "A"}
    assert page.current is not None and (page.current.grade, page.current.capped_from) == ("B", "A")


@pytest.mark.postgres
def test_signatures_at_once_take_no_more_seats_than_there_are(new_world: Callable[..., World]) -> None:
    """Eight at once for half of eight: four are in, four are told why."""
    world = new_world("postgres")
    cases, leader = capped(world, 50, 8), world.actor(f"{CITY}-leader")

    def sign(case_id: int) -> str:
        try:
            with world.write() as session:
                return act(session, case_id, "agree", leader, request_id=uuid.uuid4().hex, at=world.at, form={}).state
        except Refused as refused:
            return refused.reason

    with ThreadPoolExecutor(8) as crowd:
        answers: list[Any] = list(crowd.map(sign, cases))
    assert sorted(answers) == ["awaiting_publicity"] * 4 + ["cap_full"] * 4
    assert world.count(Case, Case.state == "awaiting_publicity") == 4
