"""Legal time as people meet it: the card, a pause and an extension, the change wizard, preferences, incidents."""

import re
from datetime import date
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sqlalchemy import select, update

from models import Case, Timer
from tests.browser.conftest import Site
from tests.browser.test_story import act
from tests.cast import CITY, COUNTY
from workflow.engine.sweep import TRIES
from workflow.scheduler import run_due

if TYPE_CHECKING:
    from playwright.sync_api import Page

STORM = """document = "许政办〔2026〕9号"
[[off]]
name = "极端天气停工"
day = 2026-03-19
"""


def whole(page: "Page") -> None:
    """Nothing sticks out on a telephone, and axe finds nothing."""
    assert Axe().run(page).response["violations"] == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.set_viewport_size({"width": 1440, "height": 900})


def refused(site: Site) -> None:
    """The browser reports a refusal's status; nothing else may have been reported."""
    assert site.errors and all("422" in said for said in site.errors)
    site.errors.clear()


def in_review(site: Site) -> str:
    """The number of a case at its county's handler since Monday 2 March: ten working days end on the 16th."""
    case = next(iter(site.world.round()[1].values()))
    site.world.do(case, "report", "clerk-0", statement="本年度依法经营，按时报送年度报告和统计。" * 2, files=[])
    return site.world.case(case).number


def test_the_card_follows_a_pause_and_an_extension(site: Site) -> None:
    number = in_review(site)
    site.world.to(date(2026, 3, 5))
    handler = site.as_(f"{COUNTY}-handler")
    act(handler, number, "pause", opinion="等待市场监管部门查询结果。")
    assert "计时已停止，余 7 个工作日" in handler.inner_text("main")
    handler.click("text=逐日证明")
    assert "计时已停止" in handler.inner_text("h1")
    site.world.to(date(2026, 3, 10))
    site.forget()  # no session lasts so long
    handler, leader = site.as_(f"{COUNTY}-handler"), site.as_(f"{COUNTY}-leader")
    act(handler, number, "resume", opinion="查询结果已回。")
    act(leader, number, "extend", count="5", opinion="案情复杂，需现场核查。")
    assert "还剩 12 个工作日 · 2026-03-26 24:00 止" in leader.inner_text("main")
    leader.click("text=逐日证明")
    for words in ("2026-03-26 周四 24:00", "暂停计时：等待市场监管部门查询结果。", "案情复杂，需现场核查。"):
        assert words in leader.inner_text("main")
    whole(leader)
    site.shot(leader, "proof-turned")
    paper = leader.request.get(str(leader.get_attribute("a[href*='format=pdf']", "href")))
    assert paper.body().startswith(b"%PDF-")
    act(leader, number, "undo_extension", opinion="核查已提前完成。")
    assert "2026-03-19 24:00 止" in leader.inner_text("main")


def test_a_storm_is_imported_previewed_released_by_another_and_recomputed(site: Site) -> None:
    number = in_review(site)
    admin, leader = site.as_(f"{CITY}-admin"), site.as_(f"{CITY}-leader")
    admin.goto("/calendar")
    wrong = STORM + '[[work]]\nname = "补班"\nday = 2026-03-23\n'
    admin.set_input_files("[name=file]", {"name": "s.toml", "mimeType": "text/plain", "buffer": wrong.encode()})
    admin.click("text=核对并导入")
    assert "补班日应为周六或周日" in admin.inner_text("[role=alert]")
    refused(site)
    whole(admin)
    storm = STORM.replace("03-19", "03-10")
    admin.set_input_files("[name=file]", {"name": "s.toml", "mimeType": "text/plain", "buffer": storm.encode()})
    admin.click("text=核对并导入")
    assert "须由另一人发布" in admin.inner_text("main")
    row = admin.locator("tr", has_text=number).inner_text()
    assert re.search(r"03-16 周一\s+03-17 周二\s+许政办〔2026〕9号", row), row
    whole(admin)
    leader.goto(admin.url)
    leader.click("text=核对无误，发布")
    leader.select_option("[name=authority]", COUNTY)
    leader.click("text=筛选")
    expect(leader.locator("tr", has_text="PJ-2026")).to_have_count(3)
    site.shot(leader, "wizard")
    leader.click("text=逐件重算 3 件")
    assert "已重算 3 件" in leader.inner_text("[role=status]")
    leader.goto(f"/cases/{number}")
    assert "2026-03-17 24:00 止" in leader.inner_text("main")
    assert "期限由 03-16 改为 03-17" in leader.inner_text("main")
    assert "许政办〔2026〕9号" in leader.inner_text("main")


def test_a_person_says_how_messages_come(site: Site) -> None:
    page = site.as_(f"{COUNTY}-handler")
    page.goto("/account/notifications")
    page.check("[name=reminder][value=digest]")
    page.check("[name=news][value=inside]")
    page.click("main button[type=submit]")
    assert "消息设置已保存" in page.inner_text("body")
    kept = [page.is_checked(f"[name={kind}][value={how}]") for kind, how in
            (("work", "now"), ("reminder", "digest"), ("news", "inside"))]  # fmt: skip
    assert kept == [True, True, True]
    whole(page)


def test_an_administrator_retries_what_the_system_gave_up(site: Site) -> None:
    world = site.world
    case = next(iter(world.round()[1].values()))
    with world.write() as session:
        broken = (Timer.case_id == case, Timer.kind == "lapse")
        session.execute(update(Timer).where(*broken).values(move="expire"))
    world.to(date(2026, 3, 17))
    for _ in range(TRIES):
        world.clock.forward(hours=1)
        run_due(world.database, world.clock)
    with world.write() as session:
        session.execute(update(Timer).where(*broken).values(move="lapse"))
    page = site.as_(f"{CITY}-admin")
    page.goto("/admin/incidents")
    assert "到期动作执行失败" in page.inner_text("main")
    whole(page)
    page.fill("[name=reason]", "已查明")
    page.click("text=了结")
    expect(page.locator("[role=alert]"), "what a case waits for cannot be closed away").to_have_count(1)
    refused(site)
    page.fill("[name=reason]", "程序已更正，重试。")
    page.click("button:has-text('重试')")
    assert "没有异常" in page.inner_text("main")
    world.sweep()
    with world.database.read() as session:
        assert session.scalars(select(Case.state).where(Case.id == case)).one() == "county_review"
