"""A scored evaluation: self-score, experts who do not see each other, the authority's sheet, the grade."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from models import ArchiveRecord, Case, Evaluation, Institution, Interest, Person, ScoreSheet, Task
from tests.cast import World
from tests.stages import Stages
from tests.zhoushan import CITY, COUNTY, EXPERTS, evaluation, sheet, stage, survey_over
from workflow.engine.decide import offered
from workflow.engine.load import facts_of
from workflow.engine.refusal import NotFound, Refused
from workflow.rules.findings import Findings

REPORT: dict[str, Any] = {"statement": "本年度依法经营，自评得分和依据见评分表，请予核实。", "files": []}


@pytest.fixture(scope="session")
def sqlite_stage(stages: Stages) -> Path:
    return stages.file("zhoushan", stage)


@pytest.fixture(scope="session")
def postgres_stage(stages: Stages) -> str:
    return stages.template("zhoushan", stage)


@pytest.fixture
def case_id(world: World) -> int:
    return evaluation(world)


def refused(world: World, case_id: int, move: str, login: str, **form: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        world.do(case_id, move, login, **form)
    return caught.value


def to_experts(world: World, case_id: int) -> None:
    world.do(case_id, "report", "clerk-haichao", **REPORT, **sheet())


def experts_score(world: World, case_id: int, *sheets: dict[str, str]) -> None:
    for login, one in zip(EXPERTS, sheets, strict=False):
        world.do(case_id, "score", f"{COUNTY}-{login}", **one)
    survey_over(world, case_id)


def detail(world: World, case_id: int) -> Evaluation:
    with world.database.read() as session:
        return session.get_one(Evaluation, case_id)


def test_two_experts_and_the_authority_make_a_grade(world: World, case_id: int) -> None:
    """Experts 95 and 89 (mean 92, 40 %), the authority 88.75 (60 %): 36.8 + 53.25 = 90.05, and 90 or more is A."""
    to_experts(world, case_id)
    experts_score(world, case_id, sheet(x17="0"), sheet(x17="0", x18="0", x01="1.5"))
    world.do(case_id, "close_scoring", f"{COUNTY}-handler")
    world.do(case_id, "propose", f"{COUNTY}-handler", **sheet(x13="0", x05="0"), opinion="评估属实。")
    kept = detail(world, case_id)
    found = Findings.from_json(kept.findings or {})
    assert found.score is not None
    assert (str(found.score.total), kept.proposed_grade) == ("90.05", "A")
    assert {name: str(value) for name, value in found.score.sources.items()} == {
        "self": "100.00", "expert": "92.00", "official": "88.75",
    }  # fmt: skip


def test_a_veto_holds_whatever_the_points(world: World, case_id: int) -> None:
    with world.write() as session:
        one = session.scalars(select(Institution).where(Institution.name.startswith("定海"))).one()
        session.execute(
            insert(ArchiveRecord).values(
                institution_id=one.id, kind="abnormal_list", summary="未按期公示年报", acted_on=world.today,
                finding_authority="定海区市场监管局", evidence="公示系统截图", created_at=world.at,
            )
        )  # fmt: skip
    to_experts(world, case_id)
    experts_score(world, case_id, sheet(), sheet())
    world.do(case_id, "close_scoring", f"{COUNTY}-handler")
    world.do(case_id, "propose", f"{COUNTY}-handler", **sheet())
    assert detail(world, case_id).proposed_grade == "D"


def test_the_phase_stays_open_until_enough_experts_have_scored(world: World, case_id: int) -> None:
    to_experts(world, case_id)
    experts_score(world, case_id, sheet())
    assert refused(world, case_id, "close_scoring", f"{COUNTY}-handler").reason == "too_few_sheets"
    assert refused(world, case_id, "score", f"{COUNTY}-expert1", **sheet()).reason == "not_yours"
    world.do(case_id, "score", f"{COUNTY}-expert2", **sheet())
    world.do(case_id, "close_scoring", f"{COUNTY}-handler")
    assert world.count(Task, Task.purpose == "score", Task.closed_at.is_(None)) == 0


def test_an_expert_with_an_interest_gets_no_seat(world: World, case_id: int) -> None:
    with world.write() as session:
        person = session.scalars(select(Person).where(Person.name == "评审专家1")).one()
        one = session.scalars(select(Institution).where(Institution.name.startswith("定海"))).one()
        session.add(Interest(person_id=person.id, institution_id=one.id, reason="曾任顾问", valid_from=world.today))
    to_experts(world, case_id)
    assert world.count(Task, Task.purpose == "score") == 2
    with pytest.raises((Refused, NotFound)):
        world.do(case_id, "score", f"{COUNTY}-expert1", **sheet())


def test_an_interest_found_later_bars_the_seat(world: World, case_id: int) -> None:
    to_experts(world, case_id)
    with world.write() as session:
        person = session.scalars(select(Person).where(Person.name == "评审专家1")).one()
        one = session.scalars(select(Institution).where(Institution.name.startswith("定海"))).one()
        session.add(Interest(person_id=person.id, institution_id=one.id, reason="亲属任职", valid_from=world.today))
    assert refused(world, case_id, "score", f"{COUNTY}-expert1", **sheet()).reason == "interest"


def test_silence_does_not_spare_an_institution_the_experts(world: World, case_id: int) -> None:
    due = world.case(case_id).due_at
    assert due is not None
    world.clock.to(due + timedelta(minutes=10))
    world.sweep()
    assert world.case(case_id).state == "scoring"
    assert world.count(Task, Task.purpose == "score", Task.closed_at.is_(None)) == 3


FAULTY = (
    ({"score-01": "2.6"}, "score-01", "score_range"),
    ({"score-05": "3.755"}, "score-05", "score_too_exact"),
    ({"score-22": ""}, "score-22", "field_required"),
    ({"score-22": "五"}, "score-22", "score_unreadable"),
    ({"score-23": "1"}, "score-23", "field_unknown"),
    ({"note-01": "长" * 501}, "note-01", "field_too_long"),
    ({"blank-22": "市级先进"}, "blank-22", "field_unknown"),
)


def test_a_faulty_sheet_is_refused_at_its_line(world: World, case_id: int) -> None:
    """22 lines of 2.5, 3.75, 7.5 and 5 points, two decimals; the scheme of Zhoushan has no line to fill in."""
    to_experts(world, case_id)
    for changed, field, reason in FAULTY:
        found = refused(world, case_id, "score", f"{COUNTY}-expert1", **sheet() | changed)
        assert {name: why for name, (why, _) in found.fields.items()} == {field: reason}
    assert world.count(ScoreSheet, ScoreSheet.source == "expert") == 0


def test_a_grade_is_not_proposed_without_the_authoritys_own_sheet(world: World, case_id: int) -> None:
    to_experts(world, case_id)
    experts_score(world, case_id, sheet(), sheet())
    world.do(case_id, "close_scoring", f"{COUNTY}-handler")
    found = refused(world, case_id, "propose", f"{COUNTY}-handler", opinion="同意")
    assert len(found.fields) == 22
    with world.database.read() as session:
        facts = facts_of(session, case_id, world.actor(f"{COUNTY}-handler"), world.at)
        offers = {one.move: one for one in offered(facts)}
    assert offers["propose"].plan is not None
    assert sum(field.kind == "score" for field in offers["propose"].fields) == 22


def test_a_reworked_evaluation_counts_the_newest_official_sheet(world: World, case_id: int) -> None:
    """Experts 100; the authority first 100, then 70: 40 + 42 = 82, and 80 or more is B."""
    to_experts(world, case_id)
    experts_score(world, case_id, sheet(), sheet())
    world.do(case_id, "close_scoring", f"{COUNTY}-handler")
    world.do(case_id, "propose", f"{COUNTY}-handler", **sheet())
    assert detail(world, case_id).proposed_grade == "A"
    world.do(case_id, "rework", f"{COUNTY}-leader", opinion="信用状况得分依据不足，重新评估。")
    world.do(case_id, "propose", f"{COUNTY}-handler", **sheet(x13="0", x14="0", x15="0", x16="0"))
    assert detail(world, case_id).proposed_grade == "B"
    world.do(case_id, "agree", f"{COUNTY}-leader")
    world.do(case_id, "agree", f"{CITY}-handler")
    world.do(case_id, "agree", f"{CITY}-leader")
    assert world.case(case_id).state == "awaiting_publicity"


def test_a_sheet_can_be_neither_changed_nor_removed(world: World, case_id: int) -> None:
    to_experts(world, case_id)
    for statement in ("UPDATE score_sheet SET scores = '{}'", "DELETE FROM score_sheet"):
        with pytest.raises(DBAPIError), world.write() as session:
            session.execute(text(statement))


def test_an_expert_sees_what_he_is_asked_to_score_and_nothing_else(world: World, case_id: int) -> None:
    from workflow.engine.permissions import sees

    expert = world.actor(f"{COUNTY}-expert1")
    with world.database.read() as session:
        assert session.scalars(select(Case.id).where(sees(expert))).all() == []
    to_experts(world, case_id)
    with world.database.read() as session:
        assert session.scalars(select(Case.id).where(sees(expert))).all() == [case_id]
