"""The calendar's pages: import, release by a second person, recomputing case by case; the proof and the notice."""

import io
import json
import re
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from models import HistoryEntry
from tests.cast import CITY, COUNTY, World
from tests.web import client_for, post
from views.web import fresh_id
from workflow import calendar_notice
from workflow.calendar_watch import missing_year
from workflow.engine import calendars
from workflow.engine.queries.proof import deadlines
from workflow.scheduler import watch_calendar

YEAR_2027 = Path(__file__).parents[1].joinpath("notice_2027.toml").read_text(encoding="utf-8")
STORM = 'document = "许政办〔2026〕9号"\n[[off]]\nname = "极端天气停工"\nday = 2026-03-10\n'


@pytest.fixture
def admin(world, app):
    return client_for(world, f"{CITY}-admin", app=app)


@pytest.fixture
def leader(world, app):
    return client_for(world, f"{CITY}-leader", app=app)


def sent(text: str, name: str = "notice.toml") -> dict[str, object]:
    return {"request_id": fresh_id(), "file": (io.BytesIO(text.encode()), name)}


def proposed(world: World, text: str) -> int:
    with world.write() as session:
        notice = calendar_notice.read(text, "n.toml")
        return calendar_notice.propose(session, notice, world.actor(f"{CITY}-handler"), world.at)


def released(world: World, text: str) -> int:
    notice = proposed(world, text)
    with world.write() as session:
        calendar_notice.release(session, notice, world.actor(f"{CITY}-leader"), world.at)
    return notice


def test_a_year_shows_its_days_off_its_make_up_days_and_their_notice(admin):
    page = admin.get("/calendar?year=2026").text
    assert "工作日 248 天" in page
    assert "国办发明电〔2025〕7号" in page
    assert page.count('class="xj-day is-extra') == 6 + 1  # 2026's make-up days, and the legend


def test_an_unannounced_year_is_marked_and_asked_for_from_november_on(world, admin):
    assert "本年安排尚未公布" in admin.get("/calendar?year=2027").text
    assert "2027 年放假安排尚未导入" not in admin.get("/calendar").text
    world.clock.to_local(date(2026, 11, 1), 9)
    assert "2027 年放假安排尚未导入" in client_for(world, f"{CITY}-admin").get("/calendar").text


def test_a_bad_file_is_refused_with_every_place_and_nothing_is_kept(world, admin):
    answer = post(admin, "/calendar", **sent(STORM + "[[work]]\nday = 2026-03-23\n[[off]]\nday = 2026-03-10\n"))
    assert answer.status_code == 422
    assert "第 1 段补班 2026-03-23：补班日应为周六或周日" in answer.text
    assert "第 2 段放假 2026-03-10：同一日列了两次" in answer.text
    assert post(admin, "/calendar", request_id=fresh_id()).status_code == 422
    assert "没有另行导入的通知" in admin.get("/calendar").text


def test_a_notice_is_proposed_released_by_another_and_applied_case_by_case(world, admin, leader):
    world.round()
    form = sent(STORM)
    answer = post(admin, "/calendar", **form)
    assert answer.status_code == 303
    place = answer.location
    page = admin.get(place).text
    assert "须由另一人发布" in page
    assert page.count("03-17</time> 周二</strong>") == 4
    assert post(admin, f"{place}/release").status_code == 409
    assert post(leader, f"{place}/recompute", request_id=fresh_id()).status_code == 409
    assert post(leader, f"{place}/release").status_code == 303
    assert post(leader, f"{place}/release").status_code == 404
    again = fresh_id()
    results = post(leader, f"{place}/recompute", request_id=again, machine="evaluation").text
    assert results.count("已重算</span>") == 4
    assert "没有要重算的时限" in post(leader, f"{place}/recompute", request_id=again).text
    assert {world.case(id).due_at.date() for id in range(1, 5)} == {date(2026, 3, 17)}


def test_the_preview_is_filtered_by_authority_and_kind(world, admin):
    world.round()
    place = f"/calendar/notices/{proposed(world, STORM)}"
    assert admin.get(place).text.count('<span class="xj-code">PJ') == 4
    assert "没有要变动的时限" in admin.get(f"{place}?machine=publicity").text
    assert "没有要变动的时限" not in admin.get(f"{place}?machine=evaluation&authority={COUNTY}").text
    assert admin.get(f"{place}?authority=999999").status_code == 404


@pytest.mark.parametrize("login", [f"{COUNTY}-leader", f"{COUNTY}-head", f"{CITY}-handler", "clerk-0"])
def test_the_calendar_is_kept_from_city_level_up(world, app, login):
    client = client_for(world, login, app=app)
    assert client.get("/calendar").status_code == 404
    assert "/calendar" not in client.get("/", follow_redirects=True).text
    assert post(client, "/calendar", **sent(STORM)).status_code == 404


def test_a_file_sent_twice_is_one_notice(world, admin):
    request = fresh_id()
    answers = [post(admin, "/calendar", **(sent(STORM) | {"request_id": request})) for _ in range(2)]
    assert len({answer.location for answer in answers}) == 1
    assert post(admin, "/calendar", **sent(STORM)).status_code == 409


def test_the_proof_shows_the_pause_with_its_reason_and_person_on_the_page_and_as_data(world, app):
    case = next(iter(world.round()[1].values()))
    world.do(case, "report", "clerk-0", statement="本年度依法经营，按时报送年度报告和统计。" * 2, files=[])
    world.do(case, "extend", f"{COUNTY}-leader", count=5, opinion="案情复杂。")
    world.to(date(2026, 3, 5))
    world.do(case, "pause", f"{COUNTY}-handler", opinion="等待查询结果。")
    place = f"/cases/{world.case(case).number}/proof"
    assert "计时已停止" in client_for(world, f"{COUNTY}-handler", app=app).get(place).text
    world.to(date(2026, 3, 10))
    world.do(case, "resume", f"{COUNTY}-handler", opinion="结果已回。")
    client = client_for(world, f"{COUNTY}-handler", app=app)
    page = client.get(place).text
    assert "暂停计时：等待查询结果。" in page
    assert "15 个工作日（含延长 5 个工作日）" in page
    found = json.loads(client.get(f"{place}?format=json").text)
    assert [turn["move"] for turn in found["turns"]] == ["extend", "pause", "resume"]
    assert all(turn["person"] and turn["reason"] for turn in found["turns"])
    assert {day["why"] for day in found["days"]} == {"weekday", "weekend", "paused"}
    assert found["clause"]["text"]


def test_the_case_page_tells_the_deadline_in_short_whatever_becomes_of_it(world, app):
    case = next(iter(world.round()[1].values()))  # 10 working days after Monday 2 March end on the 16th
    page = f"/cases/{world.case(case).number}"

    def short() -> str:
        shown = client_for(world, f"{COUNTY}-handler", app=app).get(page).text
        return shown.partition('<p class="xj-equation">')[2].partition("</p>")[0]

    world.to(date(2026, 3, 11))
    assert short() == "还剩 3 个工作日 · 2026-03-16 24:00 止 · 依据 本地规则设定"
    world.to(date(2026, 3, 16))
    assert short() == "今天到期 · 2026-03-16 24:00 止 · 依据 本地规则设定"
    world.to(date(2026, 3, 17))  # it lapsed at midnight: ten working days of review, to the 31st
    assert short() == "还剩 10 个工作日 · 2026-03-31 24:00 止 · 依据 本地规则设定"
    world.do(case, "pause", f"{COUNTY}-handler", opinion="等待查询结果。")
    assert short().startswith("计时已停止，余 10 个工作日 · 最迟 2026-04-29 恢复")
    world.do(case, "resume", f"{COUNTY}-handler", opinion="结果已回。")
    world.to(date(2026, 4, 2))
    assert short() == "逾期 2 个工作日 · 2026-03-31 24:00 止 · 依据 本地规则设定"


def test_every_deadline_of_a_case_has_its_own_proof_on_the_page_as_data_and_on_paper(world, app):
    case = next(iter(world.round()[1].values()))
    world.to(date(2026, 3, 17))
    place, client = f"/cases/{world.case(case).number}/proof", client_for(world, f"{COUNTY}-handler", app=app)
    with world.database.read() as session:
        report, review = deadlines(session, case)
    assert (report.rule_key, review.rule_key) == ("self_report", "county_review")
    assert f"{place}?of={report.id}" in client.get(place).text
    assert json.loads(client.get(f"{place}?format=json").text)["due_on"] == "2026-03-31"
    assert json.loads(client.get(f"{place}?of={report.id}&format=json").text)["due_on"] == "2026-03-16"
    assert client.get(f"{place}?of=999999").status_code == 404
    answers = [client.get(f"{place}?of={report.id}&format=pdf") for _ in range(2)]
    assert answers[0].data.startswith(b"%PDF-") and answers[0].mimetype == "application/pdf"
    assert answers[0].data == answers[1].data, "equal facts give equal bytes"


def test_a_holiday_in_the_middle_of_a_publicity_shows_both_dates_and_why(world, app):
    round_id, cases = world.round()
    one = next(iter(cases.values()))
    world.do(one, "report", "clerk-0", statement="本年度依法经营，按时报送年度报告和统计。" * 2, files=[])
    world.climb(one)
    world.to(date(2026, 3, 16))
    notice = world.notice(round_id, [one])
    world.do(notice, "publish", f"{CITY}-leader")
    number = world.case(notice).number
    assert "已延长" not in client_for(world, app=app).get(f"/notices/{number}").text
    released(world, STORM.replace("03-10", "03-18"))
    with world.write() as session:
        calendar_notice.apply(session, notice, fresh_id(), world.at)
    world.do(notice, "extend", f"{CITY}-leader", closes_on=date(2026, 3, 25), opinion="便于群众查阅。")
    for words in ("原定 03-20 截止，03-16 改为 03-23：放假安排调整（许政办〔2026〕9号）。",
                  "原定 03-23 截止，03-16 改为 03-25：便于群众查阅。"):  # fmt: skip
        assert words in client_for(world, app=app).get(f"/notices/{number}").text
        assert words in client_for(world, f"{CITY}-leader", app=app).get(f"/cases/{number}").text


def test_what_waited_for_a_years_notice_goes_on_when_it_is_released(world, admin):
    """A deadline that runs into an unannounced year is parked when it comes; the year's notice frees it."""
    world.clock.to_local(date(2026, 12, 24), 9)
    world.round()
    world.to(date(2027, 1, 13))
    assert world.count(calendar_notice.Timer, calendar_notice.Timer.status == "parked") == 4
    released(world, YEAR_2027)
    with world.database.read() as session:
        assert missing_year(calendars.current(session), world.today) is None
    world.sweep()
    with world.database.read() as session:
        moved = session.scalars(select(HistoryEntry).where(HistoryEntry.move.in_(("recompute", "lapse")))).all()
        first = [one for one in moved if one.case_id == moved[0].case_id]
    # 25, 28, 29, 30, 31 December, 4, 5, 6, 7, 8 January as guessed; with 4 January off the 11th
    assert [one.move for one in first] == ["recompute", "lapse"]
    assert (first[0].details["from"], first[0].details["to"]) == ("2027-01-08", "2027-01-11")
    assert first[0].details["documents"] == ["国办〔2026〕0号"]
    assert first[1].details["timer"]["due"] == "2027-01-11"
    assert world.count(calendar_notice.Timer, calendar_notice.Timer.status == "parked") == 0
    assert world.count(calendar_notice.Incident, calendar_notice.Incident.closed_at.is_(None)) == 0


def test_a_guess_is_called_one_on_every_page_that_tells_the_date(world, app):
    world.clock.to_local(date(2026, 12, 30), 9)
    round_id, cases = world.round()
    shown, working, _, _ = cases.values()
    for case, clerk in ((shown, "clerk-0"), (working, "clerk-1")):
        world.do(case, "report", clerk, statement="本年度依法经营，按时报送年度报告和统计。" * 2, files=[])
    world.climb(shown)
    notice = world.notice(round_id, [shown])
    world.do(notice, "publish", f"{CITY}-leader")
    numbers = {case: world.case(case).number for case in (shown, working, notice)}
    guess, desk = "01-06 周三{}（暂定）", f"/desk/cases/{numbers[shown]}"
    for who, pages in {
        "": {f"/notices/{numbers[notice]}": guess.format(""), "/notices": guess.format(""),
             f"/notices/{numbers[notice]}/object": guess.format(" 24:00")},
        f"{COUNTY}-handler": {"/inbox": "暂定", "/cases": "暂定", f"/cases/{numbers[working]}": "24:00 止（暂定）",
                              f"/cases/{numbers[working]}/proof": "暂定，放假安排公布后重算"},
        f"{CITY}-leader": {f"/cases/{numbers[notice]}": guess.format(" 24:00")},
        "clerk-0": {"/desk": guess.format(" 24:00"), "/desk/cases": "暂定", f"{desk}/result": guess.format(" 24:00")},
    }.items():  # fmt: skip
        client = client_for(world, who, app=app) if who else client_for(world, app=app)
        for page, words in pages.items():
            plain = re.sub(r"<[^>]+>", "", client.get(page).text)
            assert words in plain, (page, plain)
    listed = client_for(world, app=app).get(f"/notices/{numbers[notice]}/list.json")
    assert json.loads(listed.text)["provisional"] is True


def test_from_november_an_administrator_is_told_of_a_missing_year_until_its_notice_is_released(world, app):
    world.clock.to_local(date(2026, 10, 31), 23)
    assert not watch_calendar(world.database, world.clock)
    world.clock.to_local(date(2026, 11, 1), 0)
    assert watch_calendar(world.database, world.clock)
    assert not watch_calendar(world.database, world.clock), "told once"
    keeper = client_for(world, f"{CITY}-admin", app=app)
    assert "年度放假安排尚未导入" in keeper.get("/admin/incidents").text
    refused = post(keeper, "/admin/incidents/1/close", reason="已知悉")
    assert (refused.status_code, "不能了结" in refused.text) == (422, True)
    released(world, YEAR_2027)
    assert "没有异常" in keeper.get("/admin/incidents").text
    assert not watch_calendar(world.database, world.clock)
