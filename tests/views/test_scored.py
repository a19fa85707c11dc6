"""A scored evaluation over HTTP: the self-assessment at the desk, the experts' sheets, the authority's, the totals."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from models import Case, Delivery, ScoreSheet
from models.database import Database
from tests import shandong
from tests.cast import World
from tests.stages import Stages
from tests.views.test_official import Desk, Hidden
from tests.web import app_for, client_for
from tests.zhoushan import CITY, COUNTY, evaluation, sheet, stage, survey_over

STATEMENT = "本年度依法经营，自评得分和依据见评分表，请予核实。"


@pytest.fixture(scope="session")
def staged(stages: Stages) -> Path:
    return stages.file("zhoushan", stage)


@pytest.fixture
def case(world: World) -> Case:
    return world.case(evaluation(world))


def report(world: World, app: Flask, case: Case, **changed: str) -> tuple[int, str, dict[str, str]]:
    clerk, url = Desk(world, app, "clerk-haichao"), f"/desk/cases/{case.number}/report"
    boxes = {**Hidden(clerk.page(url)).found, "statement": STATEMENT, **sheet(), **changed}
    answer = clerk.send(url, **boxes)
    return answer.status_code, answer.text, boxes


def test_the_desk_asks_for_a_score_line_by_line_and_keeps_what_was_typed(world: World, app: Flask, case: Case) -> None:
    status, page, _boxes = report(world, app, case, **{"score-01": "2.6", "note-05": "公示照片四张"})
    assert status == 422
    assert "最高 2.5 分，填写的是 2.6 分" in page
    assert 'value="2.6"' in page and "公示照片四张" in page
    assert world.count(ScoreSheet) == 0


def test_a_self_assessment_sent_twice_is_one(world: World, app: Flask, case: Case) -> None:
    status, _page, boxes = report(world, app, case)
    clerk = Desk(world, app, "clerk-haichao")
    again = clerk.send(f"/desk/cases/{case.number}/report", **boxes)
    assert (status, again.status_code, world.count(ScoreSheet)) == (303, 303, 1)


def test_experts_see_their_own_sheet_until_the_phase_ends(world: World, app: Flask, case: Case) -> None:
    report(world, app, case)
    first, second, handler = (Desk(world, app, f"{COUNTY}-{who}") for who in ("expert1", "expert2", "handler"))
    assert "定海示例海潮" in first.page("/inbox")
    lost = {"score-17": "0", "note-17": "服务台账不全"}
    assert first.act(case.number, "score", **sheet() | lost).status_code == 303
    assert "服务台账不全" in first.page(f"/cases/{case.number}")
    for other in (second, handler):
        page = other.page(f"/cases/{case.number}")
        assert "服务台账不全" not in page and "已有 1 名专家提交评分" in page
    second.act(case.number, "score", **sheet())
    handler.act(case.number, "close_scoring")
    assert "服务台账不全" in handler.page(f"/cases/{case.number}")


def test_the_authoritys_sheet_completes_the_total(world: World, app: Flask, case: Case) -> None:
    """Experts 100 (40 %), the authority 90 (60 %): 94."""
    report(world, app, case)
    survey_over(world, case.id)
    for who in ("expert1", "expert2"):
        Desk(world, app, f"{COUNTY}-{who}").act(case.number, "score", **sheet())
    handler = Desk(world, app, f"{COUNTY}-handler")
    handler.act(case.number, "close_scoring")
    assert handler.act(case.number, "propose", **sheet(x22="0", x21="0"), opinion="属实").status_code == 303
    page = handler.page(f"/cases/{case.number}")
    assert "94.00" in page and "主管部门评估" in page
    assert page.index("机构自评") < page.index("一、基本条件") < page.index("六、社会责任")  # 评估得分汇总表 (SD-35)


@pytest.mark.parametrize(("lost", "flagged"), [("2.5", False), ("2.49", True)])
def test_a_large_spread_between_the_experts_is_flagged(
    world: World, app: Flask, case: Case, lost: str, flagged: bool
) -> None:
    """总分相差超过15分的，提示复核: 15 do not exceed 15, 15.01 do."""
    report(world, app, case)
    world.do(case.id, "score", f"{COUNTY}-expert1", **sheet())
    world.do(case.id, "score", f"{COUNTY}-expert2", **sheet(x13="0", x14="0", x01=lost))
    world.do(case.id, "close_scoring", f"{COUNTY}-handler")
    page = Desk(world, app, f"{COUNTY}-handler").page(f"/cases/{case.number}")
    assert ("专家总分最多相差 15.01 分，超过 15 分，请复核" in page) == flagged


def test_a_grade_by_points_says_so_wherever_it_is_read(world: World, app: Flask, case: Case) -> None:
    """Experts and authority 100, too few answers to the survey: 100, grade A, without any condition met."""
    report(world, app, case)
    survey_over(world, case.id)
    for who in ("expert1", "expert2"):
        world.do(case.id, "score", f"{COUNTY}-{who}", **sheet())
    world.do(case.id, "close_scoring", f"{COUNTY}-handler")
    world.do(case.id, "propose", f"{COUNTY}-handler", **sheet())
    for login in (f"{COUNTY}-leader", f"{CITY}-handler", f"{CITY}-leader"):
        world.do(case.id, "agree", login)
    notice = world.notice(case.round_id or 0, [case.id], f"{CITY}-handler")
    world.do(notice, "publish", f"{CITY}-leader")
    number = world.case(notice).number
    shown = [client_for(world, "", app=app).get(f"/notices/{number}").text]
    world.to(date(2026, 6, 1))
    world.do(notice, "confirm_cleared", f"{CITY}-leader")
    clerk, code = Desk(world, app, "clerk-haichao"), case.institution.credit_code if case.institution else ""
    shown += [clerk.page(f"/desk/cases/{case.number}/result"), clerk.page(f"/institutions/{code}")]
    with world.database.read() as session:
        letters = session.query(Delivery).all()
    shown += [clerk.page(f"/desk/documents/{one.document_id}") for one in letters]
    assert len(shown) == 4
    assert [number for number, page in enumerate(shown) if "综合得分" not in page or "100.00" not in page] == []


def test_whoever_is_left_unrated_reads_why_wherever_a_grade_would_stand(world: World, app: Flask, case: Case) -> None:
    report(world, app, case)
    for who in ("expert1", "expert2"):
        world.do(case.id, "score", f"{COUNTY}-{who}", **sheet())
    world.do(case.id, "close_scoring", f"{COUNTY}-handler")
    world.do(case.id, "leave_unrated", f"{COUNTY}-handler", unrated="no_data", opinion="本年度没有开展业务。")
    why = Desk(world, app, f"{COUNTY}-leader").page(f"/cases/{case.number}/grade")
    assert "没有可供评估的数据" in why and "拟评 A 级" not in why
    for login in (f"{COUNTY}-leader", f"{CITY}-handler", f"{CITY}-leader"):
        world.do(case.id, "agree", login)
    ladder = Desk(world, app, f"{CITY}-leader").page(f"/cases/{case.number}").partition("xj-ladder")[2]
    assert ladder.index("县级评价") < ladder.index("不参评") and "有异议的只暂缓本条" not in ladder
    clerk, code = Desk(world, app, "clerk-haichao"), case.institution.credit_code if case.institution else ""
    for url in ("/desk", f"/desk/cases/{case.number}", f"/institutions/{code}"):
        assert "没有可供评估的数据" in clerk.page(url), url
    way = clerk.page(f"/desk/cases/{case.number}").partition("xj-ladder")[2].partition("</ol>")[0]
    assert "市级复核" in way and "生效" not in way, "nothing lies ahead of a case that has ended"


def test_an_expert_has_no_other_doors(world: World, app: Flask, case: Case) -> None:
    report(world, app, case)
    expert = Desk(world, app, f"{COUNTY}-expert1").client
    for url in ("/archive", "/rounds", "/inbox/office"):
        assert expert.get(url).status_code in (403, 404), url
    assert case.number in expert.get("/cases").text


def test_an_application_is_scored_on_the_same_sheet(stages: Stages, tmp_path: Path) -> None:
    """Annex 4: 22 lines, indicator 01 with 3 points at most and one decimal, indicator 22 with a line to fill in."""
    shutil.copy(stages.file("shandong", shandong.stage), tmp_path / "shandong.db")
    database = Database(f"sqlite:///{tmp_path / 'shandong.db'}")
    world = shandong.Shandong(database)
    world.institutions(shandong.RIZHAO, 1)
    url = f"/desk/honours/{world.open()}"
    clerk = Desk(world, app_for(world, data=tmp_path / "data"), f"{shandong.RIZHAO}-clerk-1")
    boxes = {**Hidden(clerk.page(url)).found, **shandong.APPLICATION, **shandong.FULL, "blank-22": "获评市级先进"}
    wrong = clerk.send(url, **boxes | {"score-01": "3.5", "score-02": ""})
    assert wrong.status_code == 422
    assert "最高 3 分，填写的是 3.5 分" in wrong.text and 'value="获评市级先进"' in wrong.text
    sent = clerk.send(url, **boxes)
    assert sent.status_code == 303
    with database.read() as session:
        (kept,) = session.query(ScoreSheet)
    assert (kept.source, len(kept.scores), kept.blanks) == ("self", 22, {"22": "获评市级先进"})
    database.close()
