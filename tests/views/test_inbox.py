"""The inbox as a daily tool: what it filters and finds, what a person keeps, and what came back and why."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models import Institution
from tests.cast import CITY, COUNTY, INSTITUTIONS, World
from tests.views.test_official import Desk
from tests.web import client_for, post
from workflow.pinyin import search_text

NAMES = tuple(f"{name}人力资源有限公司" for name in INSTITUTIONS)
HANDLER = f"{COUNTY}-handler"
REPORT = "本年度依法经营，按时报送年度报告和统计，无违法违规。"


@pytest.fixture
def cases(world: World) -> dict[str, int]:
    """Four cases with the counties, opened by the city; of the second a grade is proposed."""
    with world.write() as session:
        for one in session.scalars(select(Institution)):
            one.pinyin = search_text(one.name)
    _round, found = world.round()
    for number, name in enumerate(NAMES):
        world.do(found[name], "report", f"clerk-{number}", statement=REPORT, files=[])
    world.do(found[NAMES[1]], "propose", HANDLER, opinion="事实清楚，拟评。")
    return found


@pytest.fixture
def handler(world: World, app: Flask, cases: dict[str, int]) -> FlaskClient:
    return client_for(world, HANDLER, app=app)


def shown(client: FlaskClient, address: str) -> set[str]:
    """Which of the four institutions have a row."""
    page = client.get(address)
    assert page.status_code == 200, address
    return {name[4] for name in NAMES if f">{name}</a>" in page.text}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", "甲丙"),
        ("?q=示例丙", "丙"),
        ("?q=wdslj", "甲"),
        ("?q=WEIDUSHILIBING", "丙"),
        ("?q=914110", "甲丙"),
        ("?q=没有这家", ""),
        ("?q=%25", "甲丙"),
        ("?machine=evaluation", "甲丙"),
        ("?machine=publicity", ""),
        ("?round=1", "甲丙"),
        ("?round=2", ""),
        ("?due=over", ""),
        ("?grade=A", ""),
        ("?back=1", ""),
        ("?machine=x&round=-1&from=1e9&due=z&grade=Z&after=zz_1&before=9_", "甲丙"),
    ],
)
def test_a_filter_keeps_what_fits_and_ignores_what_cannot_be(handler: FlaskClient, asked: str, found: str) -> None:
    assert shown(handler, f"/inbox{asked}") == set(found)


def test_a_grade_and_a_county_narrow_what_waits_above(world: World, app: Flask, cases: dict[str, int]) -> None:
    head = client_for(world, f"{COUNTY}-head", "section_head", app=app)
    assert shown(head, "/inbox?grade=A") == {"乙"} and shown(head, "/inbox?grade=B") == set()
    city = client_for(world, f"{CITY}-head", "section_head", app=app)
    whole = city.get("/inbox/mine").text
    county = re.search(r'<option value="(\d+)">魏都区人社局', whole)
    assert county and shown(city, "/inbox/mine") == set("甲乙丙丁")
    assert shown(city, f"/inbox/mine?from={county[1]}") == set("甲乙丙")


def test_a_filter_is_kept_under_a_name_by_its_owner_alone(world: World, app: Flask, handler: FlaskClient) -> None:
    page = handler.get("/inbox?q=示例丙").text
    assert "存为常用筛选" in page
    assert post(handler, "/inbox/filters?q=示例丙", name="丙公司").status_code == 303
    page = handler.get("/inbox?q=示例丙").text
    assert "丙公司" in page and "存为常用筛选" not in page
    assert "丙公司" not in client_for(world, f"{COUNTY}-handler2", app=app).get("/inbox").text
    place = re.search(r'"(/inbox/filters/\d+/forget)"', page)
    assert place
    assert post(client_for(world, f"{COUNTY}-handler2", app=app), place[1]).status_code == 404
    assert post(handler, place[1]).status_code == 303
    assert "丙公司" not in handler.get("/inbox").text


def test_a_name_that_will_not_do_comes_back_with_its_fault_beside_it(handler: FlaskClient) -> None:
    answer = post(handler, "/inbox/filters?due=over", name="很" * 21)
    assert answer.status_code == 422
    assert "很" * 21 in answer.text and "最多 20 字，现在 21 字" in answer.text
    for number in range(12):
        assert post(handler, "/inbox/filters?due=over", name=f"筛选{number}").status_code == 303
    answer = post(handler, "/inbox/filters?due=today", name="第十三个")
    assert answer.status_code == 422 and "最多保存 12 个常用筛选" in answer.text
    assert post(handler, "/inbox/filters?due=today", name="筛选0").status_code == 303  # a name is given anew


def test_what_came_back_says_so_and_why(world: World, handler: FlaskClient, cases: dict[str, int]) -> None:
    world.do(cases[NAMES[1]], "rework", f"{COUNTY}-head", "section_head", opinion="请补充现场检查照片。")
    page = handler.get("/inbox?back=1").text
    assert "退回重办" in page and "理由：请补充现场检查照片。" in page
    assert shown(handler, "/inbox?back=1") == {"乙"}


def test_after_an_act_the_next_piece_of_work_is_one_click_away(world: World, app: Flask, cases: dict[str, int]) -> None:
    desk = Desk(world, app, HANDLER)
    first, last = (world.case(cases[name]).number for name in (NAMES[0], NAMES[2]))
    page = desk.page(desk.act(first, "propose").location)
    assert "还有待办 1 件，下一件：" in page and NAMES[2] in page and f'href="/cases/{last}">办下一件' in page
    assert "办下一件" not in desk.page(f"/cases/{first}")  # only who has just acted is led on
    assert "没有其他可办的待办。" in desk.page(desk.act(last, "propose").location)


def test_moves_barred_for_one_reason_share_a_box_and_who_objected_is_not_called_the_system(
    world: World, app: Flask
) -> None:
    round_id, found = world.round()
    case = found[NAMES[0]]
    world.do(case, "report", "clerk-0", statement=REPORT, files=[])
    world.climb(case)
    world.do(world.notice(round_id, [case]), "publish", f"{CITY}-leader")
    world.sweep()
    head = client_for(world, f"{CITY}-head", "section_head", app=app)
    page = head.get(f"/cases/{world.case(world.object(case)).number}").text
    assert (
        page.count("您参与过原评价，须回避") == 1 and "受理、要求补充材料、不予受理" in page and "恢复计时" not in page
    )
    assert re.search(r'class="xj-row-from">社会公众<small>\S+ 提出异议', head.get("/inbox").text)
