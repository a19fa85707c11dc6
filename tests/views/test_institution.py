"""The institution's desk over HTTP: its own matters, and nobody else's."""

import io
import re
import uuid
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models import ArchiveRecord, Attachment, Delivery, Document, Evaluation, Institution, Objection, Timer
from tests.cast import CITY, COUNTY, PROVINCE, World
from tests.files import PDF, PNG
from tests.web import app_for, client_for, post

STATEMENT = "本单位本年度依法经营，按时报送年度报告和统计资料，没有违法违规情形。"
OPENED = date(2026, 3, 17)


@pytest.fixture
def site(world: World, tmp_path: Path) -> Flask:
    return app_for(world, data=tmp_path / "data")


@pytest.fixture
def clerk(world: World, site: Flask) -> FlaskClient:
    return client_for(world, "clerk-0", app=site)


@pytest.fixture
def stranger(world: World, site: Flask) -> FlaskClient:
    return client_for(world, "clerk-3", app=site)


def back(world: World, client: FlaskClient, login: str = "clerk-0") -> FlaskClient:
    """Signed in again after the clock has moved on."""
    return client_for(world, login, app=client.application)


def case_of(world: World, name: str = "魏都示例甲") -> int:
    _round, cases = world.round()
    return cases[f"{name}人力资源有限公司"]


def round_of(world: World, case: int) -> int:
    return world.case(case).round_id or 0


def sent(**form: object) -> dict[str, object]:
    return {"statement": STATEMENT, "request_id": uuid.uuid4().hex, **form}


def fetch(client: FlaskClient, path: str):
    with client.get(path) as answer:
        answer.get_data()
        return answer


def report(world: World, clerk: FlaskClient, case: int, **form: object):
    found = world.case(case)
    return post(clerk, f"/desk/cases/{found.number}/report", **sent(seen_version=found.version) | form)


def confirmed(world: World, case: int) -> int:
    """The case through publicity to its confirmation; gives its notification."""
    world.to(OPENED)
    world.climb(case)
    notice = world.notice(round_of(world, case), [case])
    world.do(notice, "publish", f"{CITY}-leader")
    world.to(date(2026, 3, 30))
    world.do(notice, "confirm_cleared", f"{CITY}-leader")
    with world.database.read() as session:
        return session.scalars(select(Delivery.document_id).where(Delivery.case_id == case)).one()


def test_the_self_report_is_asked_for_handed_in_with_its_files_and_kept(world: World, clerk: FlaskClient) -> None:
    case = case_of(world)
    path = f"/desk/cases/{world.case(case).number}"
    assert f'href="{path}/report"' in clerk.get("/desk").text
    assert "个工作日" in clerk.get(f"{path}/report").text
    answer = report(world, clerk, case, files=[(io.BytesIO(PDF), "年度报告.pdf"), (io.BytesIO(PNG), "场所.png")])
    assert (answer.status_code, answer.location) == (303, path)
    page = clerk.get(path).text
    assert "已提交自评报告，由魏都区人社局办理，至 " in page
    assert STATEMENT in page
    [first, second] = re.findall(r'href="(/files/\d+)"', page)
    kept = fetch(clerk, first)
    assert kept.data == PDF
    assert kept.headers["Content-Disposition"].startswith("attachment; filename")
    assert "filename*=UTF-8''%E5%B9%B4" in kept.headers["Content-Disposition"]
    assert kept.headers["X-Content-Type-Options"] == "nosniff"
    assert kept.headers["Content-Security-Policy"].startswith("sandbox")
    assert fetch(clerk, second).mimetype == "image/png"
    assert "要我办的" in clerk.get("/desk").text
    assert f'href="{path}/report"' not in clerk.get("/desk").text


def test_sent_twice_the_report_is_one_and_the_answer_is_the_same(world: World, clerk: FlaskClient) -> None:
    case = case_of(world)
    form = sent(seen_version=world.case(case).version)
    number = world.case(case).number
    answers = [
        post(clerk, f"/desk/cases/{number}/report", **form, files=[(io.BytesIO(PDF), "报告.pdf")]) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert world.case(case).version == 2
    assert world.count(Attachment) == 1


def test_a_wrong_form_keeps_what_was_typed_and_a_stale_one_says_what_happened(world: World, clerk: FlaskClient) -> None:
    case = case_of(world)
    wrong = report(world, clerk, case, statement="太短", files=[(io.BytesIO(b""), "空.pdf")])
    assert wrong.status_code == 422
    assert "至少写 20 字，现在 2 字" in wrong.text
    assert "“空.pdf”是空的" in wrong.text
    assert ">太短</textarea>" in wrong.text
    stale = report(world, clerk, case, seen_version="0")
    assert stale.status_code == 409
    assert "请看最新情况" in stale.text
    assert STATEMENT in stale.text
    assert world.case(case).state == "self_report"


def test_returned_for_correction_the_desk_says_what_is_wanted(world: World, clerk: FlaskClient) -> None:
    case = case_of(world)
    report(world, clerk, case)
    world.do(case, "ask_correction", f"{COUNTY}-handler", opinion="缺从业人员名册，补交加盖公章的名册。")
    path = f"/desk/cases/{world.case(case).number}/correct"
    assert "缺从业人员名册，补交加盖公章的名册。" in clerk.get("/desk").text
    assert "缺从业人员名册" in clerk.get(path).text
    done = post(clerk, path, **sent(seen_version=world.case(case).version))
    assert done.status_code == 303
    assert world.case(case).state == "county_review"
    assert clerk.get(path).status_code == 409


def test_a_proposal_within_the_ladder_is_not_shown_to_the_institution(world: World, clerk: FlaskClient) -> None:
    case = case_of(world)
    report(world, clerk, case)
    world.climb(case, last="county")
    page = clerk.get("/desk").text
    assert "还没有评定结果" in page
    assert "拟评" not in page
    assert "市级复核" in page
    for login in (f"{COUNTY}-handler", f"{COUNTY}-leader"):
        assert world.actor(login).name not in page
        assert world.actor(login).name not in clerk.get(f"/desk/cases/{world.case(case).number}").text


def test_signing_for_the_notification_delivers_it_and_starts_the_re_review_window(
    world: World, clerk: FlaskClient
) -> None:
    case = case_of(world)
    notification = confirmed(world, case)
    clerk = back(world, clerk)
    path = f"/desk/documents/{notification}"
    desk = clerk.get("/desk").text
    assert f'href="{path}"' in desk
    assert "不能申请：结果尚未告知，告知后可申请" in desk
    assert "年度信用等级评价结果告知书" in clerk.get(path).text
    form = {"request_id": uuid.uuid4().hex}
    for _twice in range(2):
        assert post(clerk, path, **form).status_code == 303
    with world.database.read() as session:
        result = session.get_one(Evaluation, case)
        delivery = session.scalars(select(Delivery).where(Delivery.document_id == notification)).one()
    assert (result.delivered_on, delivery.how) == (date(2026, 3, 30), "portal")
    # Ten working days from the next day; Monday 6 April 2026 is Qingming's day off in lieu.
    assert result.re_review_until and result.re_review_until.isoformat() == "2026-04-14T16:00:00+00:00"
    assert "04-14 周二 24:00" in clerk.get("/desk").text
    assert "截止 04-14 周二 24:00" in clerk.get(f"/desk/cases/{world.case(case).number}/re-review").text
    assert "签收</button>" not in clerk.get(path).text


def test_the_desk_explains_the_grade_by_condition_fact_and_clause_and_says_what_must_fall_away(
    world: World, clerk: FlaskClient
) -> None:
    with world.write() as session:
        one = session.get_one(Institution, 1)
        session.add(
            ArchiveRecord(
                institution_id=one.id,
                kind="annual_report_missing",
                summary="未报送示例年度报告",
                acted_on=date(2026, 1, 31),
                decided_on=date(2026, 2, 10),
                period_year=2025,
                finding_authority="示例认定机关",
                finding_authority_id=one.managing_authority_id,
                repair_class="general",
                classed_by_id=1,
                public_from=date(2026, 2, 11),
                public_to=date(2029, 2, 10),
                evidence="台账",
                created_at=world.at,
            )
        )
    case = case_of(world)
    confirmed(world, case)
    page = back(world, clerk).get("/desk").text
    for words in ("未报送示例年度报告（2026-02-10 示例认定机关认定", "二（二）2.(3)", "怎样提高等级", "2027-03-30"):
        assert words in page
    page = back(world, clerk).get(f"/desk/cases/{world.case(case).number}/result").text
    # Three months after the decision.
    for words in ("申请上调等级", "2027-03-30 前", "申请信用修复", "05-11 起", "可修复日"):
        assert words in page


def test_a_result_is_explained_on_one_page_in_every_state_that_the_institution_knows(
    world: World, clerk: FlaskClient
) -> None:
    case = case_of(world)
    path = f"/desk/cases/{world.case(case).number}/result"
    world.to(OPENED)
    world.climb(case)
    assert back(world, clerk).get(path).status_code == 404  # a proposal within the ladder is nobody's business yet
    notice = world.notice(round_of(world, case), [case])
    world.do(notice, "publish", f"{CITY}-leader")
    page = back(world, clerk).get(path).text
    # Five working days, the first counted: 17, 18, 19, 20, 23 March.
    for words in ("拟评为 A 级，还没有生效", "公示至 03-23 周一 24:00", "对公示结果提出异议", "期满不再受理"):
        assert words in page
    world.to(date(2026, 3, 30))
    world.do(notice, "confirm_cleared", f"{CITY}-leader")
    page = back(world, clerk).get(path).text
    for words in ("信用等级为 A 级。", "2026-03-30 起生效，有效期至 2027-03-30", "不能申请：结果尚未告知"):
        assert words in page
    assert client_for(world, "clerk-3", app=clerk.application).get(path).status_code == 404


def test_a_grade_that_a_newer_one_took_over_from_reads_the_same_at_the_desk_and_in_public(
    world: World, clerk: FlaskClient
) -> None:
    _round, last_year = world.round(year=2025)
    older = last_year["魏都示例甲人力资源有限公司"]
    confirmed(world, older)
    newer = case_of(world)
    world.do(newer, "report", "clerk-0", statement=STATEMENT, files=[])
    world.climb(newer)
    notice = world.notice(round_of(world, newer), [newer])
    world.do(notice, "publish", f"{CITY}-leader")
    world.to(date(2026, 4, 10))
    assert "被新等级取代" not in back(world, clerk).get("/desk/cases").text
    world.do(notice, "confirm_cleared", f"{CITY}-leader")
    with world.database.read() as session:
        code = session.get_one(Institution, world.case(newer).institution_id).credit_code
    desk = back(world, clerk)
    for page in ("/desk/cases", f"/desk/cases/{world.case(older).number}/result", f"/institutions/{code}"):
        assert desk.get(page).text.count("已被新等级取代") == 1, page


def test_the_institution_objects_under_its_own_name_and_then_applies_for_a_re_review(
    world: World, clerk: FlaskClient
) -> None:
    case = case_of(world)
    world.to(OPENED)
    world.climb(case)
    notice = world.notice(round_of(world, case), [case])
    world.do(notice, "publish", f"{CITY}-leader")
    number = world.case(case).number
    clerk = back(world, clerk)
    assert f'href="/desk/cases/{number}/object"' in clerk.get("/desk").text
    form = sent(ground="facts", contact="示例联系方式三", request_id="f" * 32)
    for _twice in range(2):
        done = post(clerk, f"/desk/cases/{number}/object", **form)
        assert done.status_code == 303
    with world.database.read() as session:
        objection = session.scalars(select(Objection)).one()
    assert objection.by_institution_id == world.case(case).institution_id
    assert "受理审查" in clerk.get(done.location).text
    world.do(objection.case_id, "ask_more", f"{CITY}-head2", "section_head", opinion="补交合同复印件。")
    assert "补交合同复印件。" in clerk.get("/desk").text
    supplied = post(clerk, f"{done.location}/supply", **sent(seen_version=world.case(objection.case_id).version))
    assert supplied.status_code == 303
    world.do(objection.case_id, "refuse", f"{CITY}-head2", "section_head", opinion="未提供新的事实。")
    with world.database.read() as session:
        answer = session.scalars(select(Document.id).where(Document.kind == "answer")).one()
    world.to(date(2026, 3, 30))
    clerk = back(world, clerk)
    again = f"/desk/cases/{number}/re-review"
    assert clerk.get(again).status_code == 409
    assert "未提供新的事实。" in clerk.get(f"/desk/documents/{answer}").text
    assert post(clerk, f"/desk/documents/{answer}", request_id=uuid.uuid4().hex).status_code == 303
    form = clerk.get(again).text
    assert "由没有参加作出该结果的人员核查" in form
    applied = post(clerk, again, **sent(ground="procedure"))
    assert applied.status_code == 303
    assert "河南省人社厅" in clerk.get(applied.location).text


def test_another_institutions_clerk_finds_nothing_anywhere(
    world: World, clerk: FlaskClient, stranger: FlaskClient
) -> None:
    case = case_of(world)
    report(world, clerk, case, files=[(io.BytesIO(PDF), "报告.pdf")])
    notification = confirmed(world, case)
    number = world.case(case).number
    stranger = back(world, stranger, "clerk-3")
    moves = ("report", "correct", "supply", "object", "re-review")
    for path in (f"/desk/cases/{number}", f"/desk/documents/{notification}", "/files/1", "/desk/cases/PJ-2026-99999"):
        assert stranger.get(path).status_code == 404, path
    for move in moves:
        path = f"/desk/cases/{number}/{move}"
        assert stranger.get(path).status_code == 404, path
        assert post(stranger, path, **sent(seen_version="1", ground="facts", contact="示例")).status_code == 404, path
    assert post(stranger, f"/desk/documents/{notification}", request_id="1" * 32).status_code == 404
    assert number not in stranger.get("/desk").text + stranger.get("/desk/cases").text
    with world.database.read() as session:
        assert session.get_one(Evaluation, case).delivered_on is None


def test_a_file_goes_only_to_those_who_see_its_case(world: World, site: Flask, clerk: FlaskClient) -> None:
    case = case_of(world)
    report(world, clerk, case, files=[(io.BytesIO(PDF), "报告.pdf")])
    world.to(OPENED)
    world.climb(case)
    notice = world.notice(round_of(world, case), [case])
    world.do(notice, "publish", f"{CITY}-leader")
    outsider = client_for(world, app=site)
    public = f"/notices/{world.case(notice).number}/object/1"
    objection = sent(ground="facts", name="示例公民", contact="示例联系方式", pledge="1")
    assert post(outsider, public, **objection, files=[(io.BytesIO(PNG), "照片.png")]).status_code == 201
    readers = {
        "": (303, 303),
        "clerk-0": (200, 404),
        "clerk-3": (404, 404),
        f"{COUNTY}-handler": (200, 404),
        "411003-handler": (404, 404),
        f"{CITY}-handler": (200, 200),
        f"{PROVINCE}-handler": (200, 200),
    }
    for login, expected in readers.items():
        client = client_for(world, login, app=site)
        answers = [fetch(client, f"/files/{number}") for number in (1, 2)]
        assert tuple(answer.status_code for answer in answers) == expected, login
    assert fetch(back(world, clerk), "/files/3").status_code == 404


def test_the_desk_is_for_clerks(world: World, site: Flask) -> None:
    case_of(world)
    assert client_for(world, app=site).get("/desk").status_code == 303
    for login in (f"{COUNTY}-handler", f"{CITY}-leader"):
        assert client_for(world, login, app=site).get("/desk").status_code == 404


def test_when_the_time_is_over_the_form_says_so_and_the_case_has_gone_on(world: World, clerk: FlaskClient) -> None:
    case = case_of(world)
    with world.database.read() as session:
        due = session.scalars(select(Timer.planned_at).where(Timer.case_id == case, Timer.kind == "lapse")).one()
    world.clock.to(due)
    world.clock.forward(minutes=10)
    world.sweep()
    late = report(world, back(world, clerk), case)
    assert late.status_code == 409
    assert STATEMENT in late.text
    assert world.case(case).state == "county_review"
