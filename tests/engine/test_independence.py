"""Nobody decides on their own work, nor re-reviews what they decided: by person, through any door."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from models import Appointment, Interest, ResponsiblePerson, Task
from tests.cast import CITY, COUNTY, PROVINCE, World, market_office
from workflow.engine.permissions import Actor, actor_of
from workflow.engine.refusal import Refused
from workflow.staffing import add_person, appoint

FIRST = "魏都示例甲人力资源有限公司"
REPORT: dict[str, Any] = {"statement": "本年度依法经营，按时报送年度报告和统计，无违法违规。", "files": []}
ANSWER = {"outcome": "upheld", "answer": "经核查，所反映的情况不属实，原结果予以维持。", "opinion": None}


@pytest.fixture
def case_id(world: World) -> int:
    _, cases = world.round()
    world.do(cases[FIRST], "report", "clerk-0", **REPORT)
    return cases[FIRST]


@pytest.fixture
def shown(world: World) -> int:
    """A case in publicity: handler, head, leader of the city have signed, so did the province's first ones."""
    round_id, cases = world.round()
    world.do(cases[FIRST], "report", "clerk-0", **REPORT)
    world.climb(cases[FIRST])
    world.do(world.notice(round_id, [cases[FIRST]]), "publish", f"{CITY}-leader")
    return cases[FIRST]


def second_post(world: World, login: str, role: str, code: str = COUNTY) -> Actor:
    """One more appointment of the same person, as large as life in a small county."""
    with world.write() as session:
        person = session.get_one(Appointment, world.actor(login).appointment_id).person
        post = appoint(session, person, role, date(2020, 1, 1), office=market_office(session, code))
        session.refresh(post)
        return actor_of(post)


def refused(world: World, case_id: int, move: str, actor: Actor | str, role: str | None = None, **form: Any) -> str:
    with pytest.raises(Refused) as caught:
        world.do(case_id, move, actor, role, **form)
    return caught.value.reason


def test_who_proposed_does_not_sign_the_next_step_under_another_post(world: World, case_id: int) -> None:
    head_too = second_post(world, f"{COUNTY}-handler", "section_head")
    world.do(case_id, "propose", f"{COUNTY}-handler", opinion="拟评。")
    assert refused(world, case_id, "agree", head_too) == "decided_other_step"
    assert refused(world, case_id, "rework", head_too, opinion="退回重办。") == "decided_other_step"


def test_nor_at_the_level_above(world: World, case_id: int) -> None:
    promoted = second_post(world, f"{COUNTY}-handler", "handler", CITY)
    world.climb(case_id, "county")
    assert refused(world, case_id, "agree", promoted) == "decided_other_step"


def test_a_member_gives_one_voice_and_the_head_who_signed_has_no_seat(world: World, case_id: int) -> None:
    world.do(case_id, "propose", f"{COUNTY}-handler", opinion="拟评。")
    world.do(case_id, "agree", f"{COUNTY}-head", "section_head")
    assert refused(world, case_id, "agree", f"{COUNTY}-head", "panel_member") in ("decided_other_step", "not_yours")
    world.do(case_id, "agree", f"{COUNTY}-panel1")
    assert refused(world, case_id, "disagree", f"{COUNTY}-panel1", opinion="改为反对。") in (
        "decided_already",
        "not_yours",
    )
    assert world.count(Task, Task.case_id == case_id, Task.closed_at.is_(None), Task.role == "panel_member") == 5


def test_after_a_return_the_same_person_may_propose_again(world: World, case_id: int) -> None:
    world.do(case_id, "propose", f"{COUNTY}-handler", opinion="拟评。")
    world.do(case_id, "rework", f"{COUNTY}-head", "section_head", opinion="补充核查。")
    assert world.do(case_id, "propose", f"{COUNTY}-handler", opinion="已补充核查。").step == "section_head"


@pytest.mark.parametrize("how", ["clerk", "responsible", "interest"])
def test_nobody_decides_for_an_institution_they_are_close_to(world: World, case_id: int, how: str) -> None:
    handler = world.actor(f"{COUNTY}-handler")
    institution = world.case(case_id).institution_id
    close = {"person_id": handler.person_id, "institution_id": institution, "valid_from": date(2024, 1, 1)}
    with world.write() as session:
        if how == "clerk":
            session.add(Appointment(role="clerk", **close))
        elif how == "responsible":
            session.add(ResponsiblePerson(capacity="legal_representative", **close))
        else:
            session.add(Interest(reason="近亲属任职", **close))
    expected = "interest" if how == "interest" else "own_institution"
    assert refused(world, case_id, "propose", handler) == expected


def test_an_interest_that_has_ended_bars_nobody(world: World, case_id: int) -> None:
    handler = world.actor(f"{COUNTY}-handler")
    dates = {"valid_from": date(2020, 1, 1), "valid_to": world.today - timedelta(days=1)}
    who = {"person_id": handler.person_id, "institution_id": world.case(case_id).institution_id}
    with world.write() as session:
        session.add(Interest(reason="曾任职", **who, **dates))
    assert world.do(case_id, "propose", handler, opinion="拟评。").step == "section_head"


def test_an_objection_is_verified_by_others_than_those_who_decided(world: World, shown: int) -> None:
    objection = world.object(shown)
    world.do(objection, "accept", f"{CITY}-head2", "section_head", opinion=None)
    assert refused(world, objection, "propose", f"{CITY}-handler", **ANSWER) == "decided_original"
    world.do(objection, "propose", f"{CITY}-handler2", **ANSWER)
    assert refused(world, objection, "agree", f"{CITY}-head", "section_head") == "decided_original"
    assert world.do(objection, "agree", f"{CITY}-head2", "section_head").state == "answered"


def test_a_re_review_is_decided_by_others_at_the_level_above(world: World, shown: int) -> None:
    world.to(world.today + timedelta(days=14))
    world.do(shown, "confirm", f"{CITY}-leader")
    world.do(shown, "acknowledge", "clerk-0")
    again = world.re_review(shown, "clerk-0")
    world.do(again, "accept", f"{PROVINCE}-head2", "section_head")
    assert refused(world, again, "propose", f"{PROVINCE}-handler", **ANSWER) == "decided_original"
    world.do(again, "propose", f"{PROVINCE}-handler2", **ANSWER)
    assert refused(world, again, "agree", f"{PROVINCE}-leader") == "decided_original"
    assert world.do(again, "agree", f"{PROVINCE}-leader2").state == "answered"


def test_who_answered_the_objection_does_not_decide_the_re_review(world: World, shown: int) -> None:
    """The re-review is also about that answer, so it is the work of other people again."""
    objection = world.object(shown, **{"statement": "公示内容与事实不符，已附相关材料，请予核查并答复。"})
    world.do(objection, "accept", f"{CITY}-head2", "section_head")
    world.do(objection, "propose", f"{CITY}-handler2", **ANSWER)
    world.do(objection, "agree", f"{CITY}-head2", "section_head")
    world.to(world.today + timedelta(days=14))
    world.do(shown, "confirm", f"{CITY}-leader")
    world.do(shown, "acknowledge", "clerk-0")
    again = world.re_review(shown, "clerk-0")
    world.do(again, "accept", f"{PROVINCE}-head2", "section_head")
    called_up = second_post(world, f"{CITY}-handler2", "handler", PROVINCE)
    assert refused(world, again, "propose", called_up, **ANSWER) == "decided_original"


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_administrators_decide_nothing(world: World, case_id: int, role: str) -> None:
    with world.write() as session:
        post = appoint(session, add_person(session, "示例管理员", world.at), role, date(2020, 1, 1),
                       office=market_office(session, COUNTY))  # fmt: skip
        session.refresh(post)
        administrator = actor_of(post)
    for move in ("propose", "agree", "withdraw", "designate", "confirm", "clear", "expire"):
        assert refused(world, case_id, move, administrator) in ("not_yours", "not_from_here", "not_now")


def test_a_designated_person_is_barred_like_any_other(world: World, case_id: int) -> None:
    """指定办理 gives the work, not the right to decide twice."""
    with world.write() as session:
        heads = update(Appointment).where(Appointment.role == "section_head", Appointment.office_id.is_not(None))
        session.execute(heads.values(valid_to=world.today - timedelta(days=1)))
    world.do(case_id, "propose", f"{COUNTY}-handler", opinion="拟评。")
    form: dict[str, Any] = {"person": world.actor(f"{COUNTY}-handler").person_id, "opinion": "指定办理。"}
    assert refused(world, case_id, "designate", f"{CITY}-leader", **form) == "candidate_barred"
    free: dict[str, Any] = {**form, "person": world.actor(f"{COUNTY}-handler2").person_id}
    world.do(case_id, "designate", f"{CITY}-leader", **free)
    assert world.do(case_id, "agree", f"{COUNTY}-handler2").step == "panel"
