"""暂存: an unfinished form comes back to whoever typed it, to nobody else, and goes when it is handed in."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from models import Draft, HistoryEntry
from tests.cast import COUNTY, World
from tests.views.test_official import Desk, Hidden
from tests.web import client_for, csrf
from views.present import local
from workflow import drafts
from workflow.scheduler import tidy_drafts

NAME = "魏都示例甲人力资源有限公司"
STATEMENT = "本年度依法经营，按时报送年度报告和统计，无违法违规。"
OPINION = "事实清楚，尚缺一份现场核查记录，"
SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def case(world: World) -> int:
    _round, cases = world.round()
    return cases[NAME]


@pytest.fixture
def number(world: World, case: int) -> str:
    world.do(case, "report", "clerk-0", statement=STATEMENT, files=[])
    return world.case(case).number


@pytest.fixture
def handler(world: World, app: Flask) -> Desk:
    return Desk(world, app, f"{COUNTY}-handler")


def save(desk: Desk, number: str, page: str, headers: Any = None, **boxes: str) -> TestResponse:
    """The page's form, sent to the door of its draft."""
    sent = {**Hidden(page).found, "move": "propose", **boxes, **desk.token}
    return desk.client.post(f"/cases/{number}/draft", data=sent, headers=headers)


def kept(world: World) -> list[dict[str, str]]:
    with world.database.read() as session:
        return list(session.scalars(select(Draft.typed)))


def entries(world: World) -> int:
    with world.database.read() as session:
        return session.scalar(select(func.count()).select_from(HistoryEntry)) or 0


def test_what_was_typed_comes_back_to_its_author_alone_and_goes_with_the_act(
    world: World, app: Flask, handler: Desk, number: str
) -> None:
    page, before = handler.page(f"/cases/{number}"), entries(world)
    answer = save(handler, number, page, **{"propose-opinion": OPINION})
    assert answer.status_code == 303
    again = handler.page(answer.location)
    assert OPINION in again
    assert "暂存的内容，还没有提交" in again
    assert entries(world) == before
    assert "有暂存" in handler.page("/inbox")
    for other in (Desk(world, app, f"{COUNTY}-head", "section_head"), Desk(world, app, f"{COUNTY}-leader")):
        assert OPINION not in other.page(f"/cases/{number}")
        assert "有暂存" not in other.page("/inbox/office")
    assert handler.act(number, "propose", page=again, opinion=f"{OPINION}已补。").status_code == 303
    assert kept(world) == []


def test_a_script_saves_again_and_again_and_an_older_page_overwrites_nothing(
    world: World, handler: Desk, number: str
) -> None:
    page = handler.page(f"/cases/{number}")
    first = save(handler, number, page, SCRIPT, **{"propose-opinion": "一"})
    world.clock.to(world.at + timedelta(seconds=5))
    second = save(handler, number, page, SCRIPT, draft=first.get_json()["saved"], **{"propose-opinion": "二"})
    stale = save(handler, number, page, SCRIPT, **{"propose-opinion": "三"})
    assert (stale.status_code, stale.get_json()["said"][:5]) == (409, "另一页面暂")
    assert second.status_code == 200
    assert [typed["propose-opinion"] for typed in kept(world)] == ["二"]
    assert save(handler, number, page, draft="", **{"propose-opinion": "二"}).status_code == 303


def test_a_draft_of_a_case_that_has_moved_on_says_so_and_is_sent_as_the_page_of_today(
    world: World, handler: Desk, number: str
) -> None:
    page = handler.page(f"/cases/{number}")
    save(handler, number, page, seen_version="1", **{"propose-opinion": OPINION})
    again = handler.page(f"/cases/{number}")
    assert f"本件在 {local(world.at):%m-%d %H:%M} 又有办理" in again
    assert Hidden(again).found["seen_version"] == Hidden(page).found["seen_version"] != "1"


def test_a_draft_is_given_up(world: World, handler: Desk, number: str) -> None:
    save(handler, number, handler.page(f"/cases/{number}"), **{"propose-opinion": OPINION})
    answer = handler.client.post(f"/cases/{number}/draft/discard", data=handler.token)
    assert OPINION not in handler.page(answer.location)
    assert kept(world) == []


def test_the_institutions_statement_is_kept_and_handed_in(world: World, app: Flask, case: int) -> None:
    clerk = client_for(world, "clerk-0", app=app)
    path, token = f"/desk/cases/{world.case(case).number}/report", csrf(clerk)
    page = clerk.get(path).text
    clerk.post(f"{path}/draft", data={**Hidden(page).found, "statement": STATEMENT, **token})
    again = clerk.get(path).text
    assert STATEMENT in again
    assert "继续填写" in clerk.get("/desk").text
    assert clerk.post(path, data={**Hidden(again).found, "statement": STATEMENT, **token}).status_code == 303
    assert kept(world) == []


def test_more_than_a_form_can_hold_is_not_kept(world: World, handler: Desk, number: str) -> None:
    page = handler.page(f"/cases/{number}")
    answer = save(handler, number, page, SCRIPT, **{"propose-opinion": "长" * drafts.LONGEST})
    assert (answer.status_code, kept(world)) == (409, [])


def test_what_nobody_comes_back_to_is_dropped(world: World, handler: Desk, number: str) -> None:
    save(handler, number, handler.page(f"/cases/{number}"), **{"propose-opinion": OPINION})
    world.clock.to(world.at + drafts.KEPT)
    assert tidy_drafts(world.database, world.clock) == 0
    world.clock.to(world.at + timedelta(seconds=1))
    assert tidy_drafts(world.database, world.clock) == 1


def test_what_can_no_longer_be_handed_in_is_neither_kept_nor_saved_again(world: World, app: Flask, case: int) -> None:
    clerk = client_for(world, "clerk-0", app=app)
    path, token = f"/desk/cases/{world.case(case).number}/report", csrf(clerk)
    typed = {**Hidden(clerk.get(path).text).found, "statement": STATEMENT, **token}
    clerk.post(f"{path}/draft", data=typed)
    assert tidy_drafts(world.database, world.clock) == 0
    world.do(case, "report", "clerk-0", statement="本年度依法经营，由另一人先行提交，无违法违规。", files=[])
    assert tidy_drafts(world.database, world.clock) == 1
    answer = clerk.post(f"{path}/draft", data=typed, headers=SCRIPT)
    assert (answer.status_code, kept(world)) == (409, [])
    assert answer.get_json()["said"]


def test_a_page_of_a_case_that_waits_for_another_move_of_it_keeps_what_was_typed(
    world: World, handler: Desk, number: str
) -> None:
    page = handler.page(f"/cases/{number}")
    save(handler, number, page, **{"propose-opinion": OPINION, "report-statement": "早先填的。"})
    assert tidy_drafts(world.database, world.clock) == 0
