"""The officials' doors over HTTP: from a round's opening up to the province by posting forms as a browser would."""

import io
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from models import ArchiveRecord, Case, HistoryEntry
from tests.cast import CITY, COUNTY, PROVINCE, SIBLING, World
from tests.web import client_for, csrf
from views import pdf
from views.web import fresh_id
from workflow.annex import COLUMNS, row
from workflow.engine.queries.rounds import Summary
from workflow.rules.findings import NAMES, Fact

NAME = "魏都示例甲人力资源有限公司"
SILENT = "魏都示例乙人力资源有限公司"


class Hidden(HTMLParser):
    """The hidden boxes of a page, by name; the last form's win, except what only one form has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        box = dict(attrs)
        if tag == "input" and box.get("type") == "hidden":
            self.found[box["name"] or ""] = box.get("value") or ""


class Desk:
    """One official at one browser."""

    def __init__(self, world: World, app: Flask, login: str, role: str = "") -> None:
        self.client: FlaskClient = client_for(world, login, role, app=app)
        self.token = csrf(self.client)

    def page(self, url: str) -> str:
        answer = self.client.get(url)
        assert answer.status_code == 200, url
        return answer.text

    def send(self, url: str, **boxes: object) -> TestResponse:
        return self.client.post(url, data={"request_id": fresh_id(), **boxes, **self.token})

    def act(self, number: str, move: str, page: str = "", **boxes: str) -> TestResponse:
        """Fill the form of a move on the page of a case, and press the button."""
        hidden = Hidden(page or self.page(f"/cases/{number}")).found
        named = {f"{move}-{name}": value for name, value in boxes.items()}
        return self.send(f"/cases/{number}/act", **{**hidden, "move": move, **named})


@pytest.fixture
def case(world: World) -> Case:
    _round, cases = world.round()
    world.do(
        cases[NAME], "report", "clerk-0", statement="本年度依法经营，按时报送年度报告和统计，无违法违规。", files=[]
    )
    return world.case(cases[NAME])


def found(pattern: str, page: str) -> str:
    hit = re.search(pattern, page, re.S)
    assert hit, pattern
    return hit[1]


def archive_of(case: Case) -> str:
    assert case.institution
    return f"/archive/{case.institution.credit_code}"


def desk(world: World, app: Flask, login: str, role: str = "") -> Desk:
    return Desk(world, app, login, role)


def test_a_round_is_opened_and_climbs_from_the_county_to_the_province_by_forms(world: World, app: Flask) -> None:
    head = desk(world, app, f"{CITY}-head", "section_head")
    boxes = {"policy": "xuchang-demo", "year": "2026", "title": "2026年度信用等级评价", "request_id": "a" * 32}
    answer = head.send("/rounds", **boxes)
    assert answer.status_code == 303
    assert NAME in head.page(answer.location)
    number = found(rf"{NAME}.*?(PJ-\d+-\d+)", head.page("/rounds/1"))
    world.to(date(2026, 3, 17))
    county = desk(world, app, f"{COUNTY}-handler")
    assert NAME in county.page("/inbox")
    steps = [
        (county, "propose"),
        (desk(world, app, f"{COUNTY}-head", "section_head"), "agree"),
        *((desk(world, app, f"{COUNTY}-panel{seat}"), "agree") for seat in range(1, 5)),
        (desk(world, app, f"{COUNTY}-leader"), "agree"),
        (desk(world, app, f"{CITY}-handler"), "agree"),
        (desk(world, app, f"{CITY}-head", "section_head"), "agree"),
        (desk(world, app, f"{CITY}-leader"), "agree"),
        (desk(world, app, f"{PROVINCE}-handler"), "agree"),
        (desk(world, app, f"{PROVINCE}-leader"), "agree"),
    ]
    for who, move in steps:
        answer = who.act(number, move, opinion="事实清楚，证据确凿。")
        assert answer.status_code == 303, answer.text
    page = county.page(f"/cases/{number}")
    assert "待公示" in page and "拟评 A 级" in page
    assert NAME in county.page("/inbox/done") and NAME not in county.page("/inbox")


def test_what_was_done_is_said_with_who_has_it_now_and_until_when(world: World, app: Flask, case: Case) -> None:
    county = desk(world, app, f"{COUNTY}-handler")
    answer = county.act(case.number, "propose", opinion="拟评。")
    said = "已提出拟评等级，现在是县级评价 · 科室负责人审核，由魏都区人社局接办，至 03-16"
    assert said in county.page(answer.location)
    assert said not in county.page(f"/cases/{case.number}")
    head = desk(world, app, f"{COUNTY}-head", "section_head")
    assert "已提出拟评等级" not in head.page(answer.location)
    head.act(case.number, "agree", opinion="同意。")
    later = county.page(answer.location)
    assert "已提出拟评等级" in later and said not in later


def test_the_preview_names_the_next_step_its_owner_its_end_and_who_is_told(
    world: World, app: Flask, case: Case
) -> None:
    page = desk(world, app, f"{COUNTY}-handler").page(f"/cases/{case.number}")
    offered = found(r'id="move-propose-p">(.*?)</dl>', page)
    for words in ("A 级", "县级评价 · 科室负责人审核", "魏都区人社局科室负责人", "接办人"):
        assert words in offered


def test_a_stale_page_is_told_who_acted_and_shown_anew(world: World, app: Flask, case: Case) -> None:
    late = desk(world, app, f"{COUNTY}-handler2")
    seen = late.page(f"/cases/{case.number}")
    desk(world, app, f"{COUNTY}-handler").act(case.number, "propose", opinion="拟评。")
    answer = late.act(case.number, "propose", page=seen, opinion="我写的意见。")
    assert answer.status_code == 409
    assert "魏都区经办甲已于" in answer.text and "科室负责人审核" in answer.text
    assert "我写的意见。" in answer.text


def test_the_same_form_sent_twice_is_one_act_with_one_answer(world: World, app: Flask, case: Case) -> None:
    county = desk(world, app, f"{COUNTY}-handler")
    seen = county.page(f"/cases/{case.number}")
    answers = [county.act(case.number, "propose", page=seen, opinion="拟评。") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert world.count(HistoryEntry, HistoryEntry.case_id == case.id, HistoryEntry.move == "propose") == 1


def test_a_refusal_stands_on_the_page_before_the_button_is_pressed(world: World, app: Flask, case: Case) -> None:
    world.do(case.id, "propose", f"{COUNTY}-handler", opinion="拟评。")
    world.do(case.id, "rework", f"{COUNTY}-head", "section_head", opinion="证据不足。")
    with world.write() as session:
        session.add(_fact(world, case.institution_id))
    page = desk(world, app, f"{COUNTY}-handler").page(f"/cases/{case.number}")
    assert "有事实尚待认定情节" in page
    answer = desk(world, app, f"{COUNTY}-handler").act(case.number, "propose", opinion="仍拟评。")
    assert answer.status_code == 409 and "有事实尚待认定情节" in answer.text


def _fact(world: World, institution_id: int | None) -> ArchiveRecord:
    return ArchiveRecord(
        institution_id=institution_id,
        kind="labour_violation",
        summary="检查发现两份劳动合同未及时订立",
        acted_on=date(2026, 1, 10),
        decided_on=date(2026, 1, 20),
        finding_authority="魏都区人社局",
        evidence="现场检查记录",
        created_at=world.at,
    )


def test_whoever_decided_the_original_is_told_to_recuse_in_the_inbox(world: World, app: Flask, case: Case) -> None:
    world.do(case.id, "propose", f"{COUNTY}-handler", opinion="拟评。")
    world.do(case.id, "agree", f"{COUNTY}-head", "section_head")
    page = desk(world, app, f"{COUNTY}-head", "panel_member").page("/inbox")
    assert NAME not in page  # the head who agreed is given no seat in the panel
    assert NAME in desk(world, app, f"{COUNTY}-panel1").page("/inbox")


def test_a_member_reads_what_the_voice_brings_about(world: World, app: Flask, case: Case) -> None:
    world.do(case.id, "propose", f"{COUNTY}-handler", opinion="拟评。")
    world.do(case.id, "agree", f"{COUNTY}-head", "section_head")
    for seat, missing in ((1, 3), (2, 2), (3, 1)):
        page = desk(world, app, f"{COUNTY}-panel{seat}").page(f"/cases/{case.number}")
        assert f"您同意后，再有 {missing} 人同意即可由组长签发" in page
        assert f"您不同意后，还须 {missing + 1} 人同意" in page
        world.do(case.id, "agree", f"{COUNTY}-panel{seat}")
    assert "您同意后满 4 人同意，即可由组长签发" in desk(world, app, f"{COUNTY}-panel4").page(f"/cases/{case.number}")


def test_errors_of_a_form_stand_beside_the_field_and_keep_what_was_typed(world: World, app: Flask, case: Case) -> None:
    county = desk(world, app, f"{COUNTY}-handler")
    answer = county.act(case.number, "ask_correction", opinion="<")
    assert answer.status_code == 422
    assert ">&lt;</textarea>" in answer.text and "至少写 2 字，现在 1 字" in answer.text
    long = "很" * 2001
    answer = county.act(case.number, "propose", opinion=long)
    assert answer.status_code == 422
    assert long in answer.text and "最多 2000 字，现在 2001 字" in answer.text and 'aria-invalid="true"' in answer.text


def test_a_form_without_a_choice_is_asked_for_one_and_opens_what_is_ones_turn_only(
    world: World, app: Flask, case: Case
) -> None:
    handler, leader = Desk(world, app, f"{COUNTY}-handler"), Desk(world, app, f"{COUNTY}-leader")
    page, beside = handler.page(f"/cases/{case.number}"), leader.page(f"/cases/{case.number}")
    assert page.index('value="propose"') < page.index('value="record_check"')  # what leads on stands first
    assert 'value="extend"' in beside
    assert re.search(
        r'<option value="5">5 个工作日，至 \d\d-\d\d 周.</option>', beside
    )  # each choice with its last day
    assert "期满自动恢复，届时至" in page
    assert '<label for="extend-opinion">理由</label>' in beside
    assert not re.search(r'name="move"[^>]* checked', beside)
    answer = handler.act(case.number, "")
    assert answer.status_code == 422
    assert "请先选择一种办理方式" in answer.text


def test_a_long_opinion_stands_folded_behind_its_beginning(world: World, app: Flask, case: Case) -> None:
    handler = Desk(world, app, f"{COUNTY}-handler")
    assert handler.act(case.number, "propose", opinion="事实清楚，拟评。" * 250).status_code == 303
    page = handler.page(f"/cases/{case.number}")
    assert "全文 2000 字" in page
    assert page.index("…</span>") < page.index("全文 2000 字") < page.index("事实清楚，拟评。" * 250)


def test_a_check_that_found_nothing_is_on_file_too_and_no_institution_reads_it(
    world: World, app: Flask, case: Case
) -> None:
    """XC-10: the report is the institution's; what was looked up and what was seen is the authority's."""
    county = desk(world, app, f"{COUNTY}-handler")
    seen = {"information": "向市场监管部门查询，无行政处罚记录。", "on_site": "公示牌、台账齐全，未发现问题。"}
    late = county.act(case.number, "record_check", means="on_site", checked_on="2026-12-31", checked=seen["on_site"])
    assert (late.status_code, "核查日期在今天之后" in late.text) == (409, True)
    for means, found in seen.items():
        done = county.act(case.number, "record_check", means=means, checked_on=world.today.isoformat(), checked=found)
        assert done.status_code == 303
    page, clerk = (
        desk(world, app, f"{CITY}-handler").page(f"/cases/{case.number}"),
        client_for(world, "clerk-0", app=app),
    )
    own = clerk.get(f"/desk/cases/{case.number}").text
    assert [found in page for found in seen.values()] == [True, True]
    assert "本年度依法经营" in own and not any(found in own for found in seen.values())
    assert county.act(case.number, "propose", opinion="三项核查一致，拟评。").status_code == 303


def test_a_colleague_sees_work_that_was_signed_for_and_cannot_take_it(world: World, app: Flask, case: Case) -> None:
    first, second = desk(world, app, f"{COUNTY}-handler"), desk(world, app, f"{COUNTY}-handler2")
    task = found(r"/tasks/(\d+)/claim", first.page("/inbox"))
    assert first.send(f"/tasks/{task}/claim").status_code == 303
    assert NAME not in second.page("/inbox")
    assert "魏都区经办甲已签收" in second.page("/inbox/office")
    taken = second.send(f"/tasks/{task}/claim")
    assert taken.status_code == 409 and "已由魏都区经办甲签收" in taken.text
    assert first.send(f"/tasks/{task}/release").status_code == 303
    assert NAME in second.page("/inbox")


def test_another_county_finds_no_page(world: World, app: Flask, case: Case) -> None:
    client = desk(world, app, f"{SIBLING}-handler").client
    assert client.get(f"/cases/{case.number}").status_code == 404
    assert client.get(f"/cases/{case.number}/proof").status_code == 404
    assert client.get(archive_of(case)).status_code == 404


def test_the_objector_is_named_to_the_handling_authority_and_to_nobody_below(world: World, app: Flask) -> None:
    round_id, cases = world.round()
    world.to(date(2026, 3, 17))
    world.climb(cases[NAME])
    notice = world.notice(round_id, [cases[NAME]])
    world.do(notice, "publish", f"{CITY}-leader")
    objection = world.case(world.object(cases[NAME]))
    assert "示例群众" in desk(world, app, f"{CITY}-head2").page(f"/cases/{objection.number}")
    assert "示例群众" not in desk(world, app, f"{CITY}-panel1").page(f"/cases/{objection.number}")
    county = desk(world, app, f"{COUNTY}-handler")
    assert county.client.get(f"/cases/{objection.number}").status_code == 404
    assert objection.number not in county.page(f"/cases/{world.case(cases[NAME]).number}")


def test_a_notice_is_drafted_from_the_round_and_wrong_boxes_come_back(world: World, app: Flask) -> None:
    round_id, cases = world.round()
    world.to(date(2026, 3, 17))
    world.climb(cases[NAME])
    city = desk(world, app, f"{CITY}-handler")
    url = f"/rounds/{round_id}/notice"
    boxes = {"title": "2026年度评价结果公示", "opens_on": "2026-03-18", "request_id": "b" * 32}
    page = city.page(url)
    assert "公示期 5 个工作日" in page and 'value="2026年度人力资源服务机构信用等级评价结果公示"' in page
    refused = city.send(url, **boxes)
    assert refused.status_code == 422 and "2026年度评价结果公示" in refused.text and "必填" in refused.text
    assert city.send(url, **boxes, cases=[str(cases[SILENT])]).status_code == 422
    answer = city.send(url, **boxes, cases=[str(cases[NAME])])
    assert answer.status_code == 303 and "GS-2026" in answer.location
    assert NAME in desk(world, app, f"{CITY}-leader").page(answer.location)
    assert 'value="2026年度人力资源服务机构信用等级评价结果公示（第二批）"' in city.page(url)


def test_more_results_than_can_be_ticked_are_shown_by_authority_and_go_together(
    world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("views.round_context.LISTED", 0)
    round_id, cases = world.round()
    world.to(date(2026, 3, 17))
    world.climb(cases[NAME])
    city = desk(world, app, f"{CITY}-handler")
    url = f"/rounds/{round_id}/notice"
    page = city.page(url)
    assert "本次一并公示 1 家" in page and "魏都区" in page and 'type="checkbox" name="cases"' not in page
    together = re.search(r'name="cases" value="([\d,]+)"', page)
    assert together and together[1] == str(cases[NAME])
    boxes = {"title": "2026年度评价结果公示", "opens_on": "2026-03-18", "request_id": "b" * 32}
    answer = city.send(url, **boxes, cases=together[1])
    assert NAME in desk(world, app, f"{CITY}-leader").page(answer.location)


def test_annex_two_has_the_columns_of_the_form_and_says_none(world: World, app: Flask, case: Case) -> None:
    with world.write() as session:
        session.add(_fact(world, case.institution_id))
    answer = desk(world, app, f"{CITY}-handler").client.get(f"/rounds/{case.round_id}/annex-2.xlsx")
    rows = list(load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert rows[2] == tuple(name for name, _width in COLUMNS)
    assert [row[3:5] for row in rows[3:7]] == [("无", "无")] * 4
    assert rows[1][0].startswith("填报单位（盖章）：")


def test_annex_two_writes_an_act_and_its_measure_as_the_sample_of_the_form_does() -> None:
    """XC-36: 2022 年度，未按规定报送年度报告。 2022 年 4 月，由……责令整改。"""
    known: dict[str, Any] = {
        **dict.fromkeys(NAMES),
        "kind": "annual_report_missing",
        "summary": "未按规定报送年度报告",
        "period_year": 2022,
        "decided_on": date(2022, 4, 20),
        "finding_authority": "魏都区人力资源和社会保障局",
    }
    fact = Fact(**known)
    for measure, said in (("责令整改", "责令整改"), ("", "查处")):
        facts = [replace(fact, measure=measure)]
        cells = row(Summary(NAME, "", "B", facts, facts, "魏都区", "effective", None, ""), {})
        assert cells[3:5] == (
            "2022 年度，未按规定报送年度报告。",
            f"2022 年 4 月，由魏都区人力资源和社会保障局{said}。",
        )


def test_a_fact_is_entered_judged_and_voided_and_keeps_what_was_typed(world: World, app: Flask, case: Case) -> None:
    county = desk(world, app, f"{COUNTY}-handler")
    url = archive_of(case)
    boxes = {
        "record-kind": "labour_violation",
        "record-summary": "检查发现两份劳动合同未及时订立",
        "record-acted_on": "2026-01-10",
        "record-finding_authority": "魏都区人社局",
        "record-decided_on": "2026-01-20",
        "record-measure": "责令限期整改",
        "record-evidence": "现场检查记录",
        "request_id": "c" * 32,
    }
    for wrong, said in (
        ({"record-acted_on": "2027-01-10"}, "不能晚于今天"),
        ({"record-decided_on": "2026-03-03"}, "不能晚于今天"),
        ({"record-acted_to": "9999-12-31"}, "日期写法"),
        ({"record-decided_on": ""}, "必填"),
    ):
        answer = county.send(f"{url}/records", **boxes | wrong)
        assert answer.status_code == 422 and said in answer.text and "检查发现两份劳动合同" in answer.text, wrong
    assert [county.send(f"{url}/records", **boxes).status_code for _ in range(2)] == [303, 303]
    assert world.count(ArchiveRecord) == 1
    judged = {"judge1-severity": "serious", "judge1-corrected_in_time": "yes", "judge1-evidence": "复查记录"}
    assert county.send(f"{url}/records/1/judge", **judged, request_id="d" * 32).status_code == 303
    assert "已及时改正" in county.page(url) and "责令限期整改" in county.page(url)
    assert county.send(f"{url}/records/1/void", **{"void1-reason": "认定有误"}, request_id="e" * 32).status_code == 303
    assert "已作废" in county.page(url)


def test_the_file_is_a_pdf_and_leaves_out_who_objected(world: World, app: Flask, monkeypatch) -> None:
    round_id, cases = world.round()
    world.to(date(2026, 3, 17))
    world.climb(cases[NAME])
    notice = world.notice(round_id, [cases[NAME]])
    world.do(notice, "publish", f"{CITY}-leader")
    objection = world.object(cases[NAME])
    printed: list[str] = []
    rendered = pdf.rendered
    monkeypatch.setattr(pdf, "rendered", lambda name, data: printed.append(str(data)) or rendered(name, data))
    client = desk(world, app, f"{CITY}-head2").client
    for case_id in (cases[NAME], notice, objection):
        answer = client.get(f"/cases/{world.case(case_id).number}/file.pdf")
        assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF-")
    assert all(words in printed[0] for words in (NAME, "事实清楚，拟评。", "提出拟评等级", "拟评"))
    assert "收取了押金" not in printed[0] and "示例群众" not in printed[2]
    client.set_cookie("xinjie_language", "en")
    client.get(f"/cases/{world.case(cases[NAME]).number}/file.pdf")
    assert printed[3] == printed[0], "a paper is Chinese, whoever asks for it"
