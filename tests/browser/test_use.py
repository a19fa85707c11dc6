"""How people use the pages: by keyboard alone, without script, on a phone with long names and many rows."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import insert, select, update

from models import Case, Draft, Institution, Task
from models.core import table_of
from tests.browser.conftest import PASSWORD, Site
from tests.cast import CITY, COUNTY

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAMES = [f"魏都示例{one}人力资源有限公司" for one in "甲乙丙"]
REPORT = "本年度依法经营，按时报送年度报告和统计，无违法违规。"
HANDLER = f"{COUNTY}-handler"
LONG = "许昌市魏都区示例人力资源服务产业园运营管理与劳务派遣职业介绍信息咨询有限责任公司"
MOST_TABS = 60


@pytest.fixture
def cases(site: Site) -> list[int]:
    """Three reports wait for the county's handlers."""
    _round, found = site.world.round()
    for number, name in enumerate(NAMES):
        site.world.do(found[name], "report", f"clerk-{number}", statement=REPORT, files=[])
    return [found[name] for name in NAMES]


def tab_to(page: "Page", selector: str) -> None:
    """Press Tab until the focus is there; a page that cannot be walked so fails."""
    for _time in range(MOST_TABS):
        if page.evaluate("one => document.activeElement?.matches(one)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab")


def number(site: Site, case_id: int) -> str:
    return site.world.case(case_id).number


def test_a_case_is_found_opened_and_proposed_by_keyboard_alone(site: Site, cases: list[int]) -> None:
    page = site.new()
    page.goto("/login")
    tab_to(page, "[name=login]")
    page.keyboard.type(HANDLER)
    tab_to(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == NAMES[0]
    page.keyboard.press("/")
    page.keyboard.type("jkn")  # typed in a box these are letters
    assert page.input_value("[name=q] >> nth=-1") == "jkn"
    page.keyboard.press("Control+A")
    page.keyboard.type("示例乙")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=%E7%A4%BA%E4%BE%8B%E4%B9%99**")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{number(site, cases[1])}")
    tab_to(page, "[name=move]")
    while not page.evaluate("document.activeElement.id === 'move-propose'"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    tab_to(page, "[name=propose-opinion]")
    page.keyboard.type("事实清楚，拟评。")
    tab_to(page, "[data-moves] button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".xj-toast")
    assert site.world.case(cases[1]).step == "section_head"
    page.context.close()


def test_everything_works_without_script(site: Site, cases: list[int]) -> None:
    context = site.browser.new_context(base_url=site.address, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/inbox")
    page.fill("[name=login]", HANDLER)
    page.fill("[name=password]", PASSWORD)
    page.click("form[action^='/login'] button")
    page.select_option("[name=machine]", "evaluation")
    page.click(".xj-filter button")
    expect(page.locator(".xj-row")).to_have_count(len(NAMES))
    page.click(".xj-save > summary")
    page.fill("[name=name]", "评价")
    page.click(".xj-save button")
    assert page.locator(".xj-chips a[aria-current]").inner_text() == "评价"
    page.click(f"text={NAMES[2]}")
    expect(page.locator("a[href$='/file.pdf']")).to_be_visible()
    page.click("label[for=move-propose]")
    assert "科室负责人" in page.inner_text("#move-propose-p")
    page.fill("[name=propose-opinion]", "很" * 2001)
    page.click("[data-moves] button[type=submit]")
    assert "最多 2000 字" in page.inner_text(".xj-error")
    page.fill("[name=propose-opinion]", "事实清楚，拟评。")
    page.click("[data-moves] button[type=submit]")
    assert site.world.case(cases[2]).step == "section_head"
    context.close()


def test_what_is_typed_is_kept_by_itself_and_found_on_another_device(site: Site, cases: list[int]) -> None:
    desk, path = site.as_(HANDLER), f"/cases/{number(site, cases[0])}"
    desk.goto(path)
    desk.click("label[for=move-propose]")
    desk.fill("[name=propose-opinion]", "尚缺一份现场核查记录，")
    expect(desk.locator(".xj-keep [role=status]")).to_contain_text("已暂存")
    phone = site.new(390)
    site.sign_in(phone, HANDLER)
    phone.goto(path)
    assert "还没有提交" in phone.inner_text(".xj-note.is-accent")
    assert phone.input_value("[name=propose-opinion]") == "尚缺一份现场核查记录，"
    phone.fill("[name=propose-opinion]", "已补现场核查记录，拟评。")
    phone.keyboard.press("Tab")
    phone.click("[data-moves] button[type=submit]")
    assert site.world.case(cases[0]).step == "section_head"
    desk.goto("/inbox")
    assert "有暂存" not in desk.inner_text("main")
    phone.context.close()


def test_handing_in_waits_for_what_is_just_being_kept(site: Site, cases: list[int]) -> None:
    desk, held = site.as_(HANDLER), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    desk.goto(f"/cases/{number(site, cases[0])}")
    desk.route("**/draft", hold)
    desk.click("label[for=move-propose]")
    with desk.expect_request("**/draft", timeout=6000):
        desk.fill("[name=propose-opinion]", "已核对年度报告和现场核查记录，拟评。")
    desk.click("[data-moves] footer .btn-primary", no_wait_after=True)
    desk.wait_for_timeout(500)
    assert site.world.case(cases[0]).step == "handler"
    with desk.expect_navigation():
        held.pop().continue_()
    assert site.world.case(cases[0]).step == "section_head"
    with site.world.database.read() as session:
        assert session.scalars(select(Draft)).all() == []


def test_forty_characters_and_two_hundred_rows_fit_a_phone(site: Site, cases: list[int]) -> None:
    table = table_of(Task)
    with site.world.write() as session:
        session.execute(update(Institution).values(name=LONG))
        one = session.execute(select(table).where(table.c.case_id == cases[0], table.c.closed_at.is_(None))).mappings()
        like = {**one.one()}
        like.pop("id")
        session.execute(insert(table), [like] * 200)
        number = session.scalars(select(Case.number).where(Case.id == cases[0])).one()
    for width in (390, 320):
        page = site.new(width)
        page.goto("/login")
        page.fill("[name=login]", HANDLER)
        page.fill("[name=password]", PASSWORD)
        page.click("form[action='/login'] button")
        for path in ("/inbox", f"/cases/{number}", "/cases", "/inbox?q=nobody"):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (path, width)
        page.goto("/inbox")
        turns = 0
        while page.locator("[rel=next]").count():
            with page.expect_navigation():  # a page on its way out has no next one
                page.click("[rel=next]")
            turns += 1
        assert turns == 10  # 203 tasks, twenty a page
        page.context.close()
    leader = site.as_(f"{CITY}-leader")
    leader.goto("/workload")
    assert leader.get_by_role("cell", name="203", exact=True).count()


def test_what_is_touched_on_a_phone_is_big_enough(site: Site, cases: list[int]) -> None:
    """44 px for what a thumb must hit: buttons, boxes and the links of the navigation."""
    page = site.new(390)
    page.goto("/login")
    page.fill("[name=login]", HANDLER)
    page.fill("[name=password]", PASSWORD)
    page.click("form[action='/login'] button")
    for path in ("/inbox", f"/cases/{number(site, cases[0])}", "/notices", "/lookup"):
        page.goto(path)
        small = page.evaluate(
            "[...document.querySelectorAll('main :is(button, .btn, select, input:not([type=hidden], [type=radio], "
            "[type=checkbox])), nav a')].filter(one => one.checkVisibility() && !one.hidden "
            "&& one.getBoundingClientRect().height < 43.5).map(one => one.outerHTML.slice(0, 90))"
        )
        assert not small, (path, small)
    page.context.close()
