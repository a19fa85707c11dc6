"""The satisfaction survey: a page without an account, what it refuses, and how its answers enter the result."""

from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models import Survey, SurveyAnswer
from tests.cast import World
from tests.stages import Stages
from tests.views.test_official import Desk, Hidden
from tests.web import client_for
from tests.zhoushan import COUNTY, EXPERTS, evaluation, sheet, stage, survey_over
from workflow import surveys
from workflow.engine.load import facts_of
from workflow.engine.permissions import SYSTEM
from workflow.engine.refusal import Refused
from workflow.rules.findings import Findings

LEAST, PER_ADDRESS = 10, 20  # DEMO-ZS-survey
STATEMENT = "本年度依法经营，自评得分和依据见评分表，请予核实。"
BEST = {"q1": "5", "q2": "5", "q3": "5"}


@pytest.fixture(scope="session")
def staged(stages: Stages) -> Path:
    return stages.file("zhoushan", stage)


@pytest.fixture
def case_id(world: World) -> int:
    return evaluation(world)


def code_of(world: World, case_id: int) -> str:
    with world.database.read() as session:
        return session.get_one(Survey, case_id).code


def answer(world: World, code: str, who: int, line: int | None = None, **marks: str) -> None:
    with world.write() as session:
        surveys.answer(session, code, BEST | marks, f"line {line or who}", f"browser {who}", world.at)


def visit(world: World, app: Flask, code: str, address: str = "203.0.113.9", **marks: str) -> tuple[int, str]:
    """A new phone on a network: opens the link, chooses, sends."""
    phone, network = client_for(world, "", app=app), {"REMOTE_ADDR": address}
    boxes = Hidden(phone.get(f"/survey/{code}", environ_base=network).text).found
    sent = phone.post(f"/survey/{code}", data=boxes | BEST | marks, environ_base=network)
    return sent.status_code, sent.text


def test_whoever_has_the_link_answers_once(world: World, app: Flask, case_id: int) -> None:
    code, phone = code_of(world, case_id), client_for(world, "", app=app)
    page = phone.get(f"/survey/{code}").text
    assert "定海示例海潮" in page and "收费公开、明码标价" in page
    boxes = Hidden(page).found | BEST
    assert phone.post(f"/survey/{code}", data=boxes).status_code == 201
    again = phone.post(f"/survey/{code}", data=boxes)
    assert again.status_code == 409 and "每人评一次" in again.text
    assert world.count(SurveyAnswer) == 1
    assert phone.get("/survey/" + "0" * 24).status_code == 404


def test_a_line_has_its_number_of_answers_and_no_more(world: World, app: Flask, case_id: int) -> None:
    code = code_of(world, case_id)
    answers = [visit(world, app, code)[0] for _ in range(PER_ADDRESS)]
    status, page = visit(world, app, code)
    assert answers == [201] * PER_ADDRESS and status == 409 and "改用其他网络" in page
    assert visit(world, app, code, "203.0.113.10")[0] == 201


@pytest.mark.parametrize(("name", "mark"), [("q1", ""), ("q2", "6"), ("q3", "0"), ("q1", "五"), ("q1", "1" * 10_000)])
def test_a_faulty_mark_is_refused_at_its_question(world: World, app: Flask, case_id: int, name: str, mark: str) -> None:
    status, page = visit(world, app, code_of(world, case_id), **{name: mark})
    assert status == 422 and f'href="#{name}"' in page
    assert world.count(SurveyAnswer) == 0


def test_the_mean_enters_the_result_with_its_weight(world: World, case_id: int) -> None:
    """Ten answers of 5, 5 and 2 are 12/15 or 80: experts 100 (32 %), public 80 (20 %), authority 100 (48 %): 96.
    Nothing is proposed before the survey has ended, and what it came to is frozen with the facts."""
    code = code_of(world, case_id)
    for who in range(LEAST):
        answer(world, code, who, q3="2")
    world.do(
        case_id, "report", "clerk-haichao", statement="本年度依法经营，自评见评分表，请予核实。", files=[], **sheet()
    )
    for login in EXPERTS[:2]:
        world.do(case_id, "score", f"{COUNTY}-{login}", **sheet())
    world.do(case_id, "close_scoring", f"{COUNTY}-handler")
    with pytest.raises(Refused, match="survey_runs"):
        world.do(case_id, "propose", f"{COUNTY}-handler", **sheet())
    survey_over(world, case_id)
    with pytest.raises(Refused, match="survey_over"):
        answer(world, code, 99)
    world.do(case_id, "propose", f"{COUNTY}-handler", **sheet())
    with world.database.read() as session:
        score = Findings.from_json(facts_of(session, case_id, SYSTEM, world.at).detail["findings"]).score
    assert score is not None and score.survey is not None
    assert (score.survey.answers, score.survey.marks) == (LEAST, 120)
    assert (score.sources["social"], score.total, score.grade) == (Decimal("80.00"), Decimal("96.00"), "A")


def test_too_few_answers_leave_the_source_out_and_the_pages_say_so(world: World, app: Flask, case_id: int) -> None:
    """Nine answers of the least marks would cost 16 points; below the minimum they do not count (missing: left_out)."""
    for who in range(LEAST - 1):
        answer(world, code_of(world, case_id), who, q1="1", q2="1", q3="1")
    number, clerk = world.case(case_id).number, Desk(world, app, "clerk-haichao")
    mine = clerk.page(f"/desk/cases/{number}")
    assert "已收到 9 份答卷，满 10 份才计分" in mine and f"/survey/{code_of(world, case_id)}/qr.svg" in mine
    clerk.send(f"/desk/cases/{number}/report", **Hidden(clerk.page(f"/desk/cases/{number}/report")).found,
               statement=STATEMENT, **sheet())  # fmt: skip
    survey_over(world, case_id)
    for login in EXPERTS[:2]:
        world.do(case_id, "score", f"{COUNTY}-{login}", **sheet())
    handler = Desk(world, app, f"{COUNTY}-handler")
    handler.act(number, "close_scoring")
    assert handler.act(number, "propose", **sheet(), opinion="属实").status_code == 303
    for page in (f"/cases/{number}", f"/cases/{number}/grade"):
        shown = handler.page(page)
        assert "收到 9 份答卷，不足 10 份，不计入" in shown and "100.00" in shown, page


def test_the_qr_code_holds_the_link(world: World, app: Flask, case_id: int) -> None:
    import segno

    code = code_of(world, case_id)
    picture = client_for(world, "", app=app).get(f"/survey/{code}/qr.svg")
    wanted = BytesIO()
    segno.make(f"http://localhost/survey/{code}", error="m").save(wanted, kind="svg", scale=4, xmldecl=False)
    assert (picture.mimetype, picture.data) == ("image/svg+xml", wanted.getvalue())


def test_an_answer_can_be_neither_changed_nor_removed(world: World, case_id: int) -> None:
    answer(world, code_of(world, case_id), 1)
    for statement in (
        "UPDATE survey_answer SET total = 3",
        "DELETE FROM survey_answer",
        "UPDATE survey SET code = 'x'",
    ):
        with pytest.raises(DBAPIError), world.write() as session:
            session.execute(text(statement))
