"""One county's yearly evaluation, played by people in a browser under the demo policy, from opening to expiry."""

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from models import Case, Evaluation, Institution
from tests.browser.conftest import Site
from tests.cast import CITY, COUNTY, PROVINCE
from workflow.engine import audit, invariants

if TYPE_CHECKING:
    from playwright.sync_api import Page

FIRST, SECOND, THIRD = "魏都示例甲", "魏都示例乙", "魏都示例丙"


def number_of(site: Site, name: str) -> str:
    with site.world.database.read() as session:
        query = select(Case.number).join(Institution, Institution.id == Case.institution_id)
        found = query.where(Institution.name.startswith(name), Case.machine == "evaluation")
        return session.scalars(found).one()


def state_of(site: Site, number: str) -> str:
    with site.world.database.read() as session:
        return session.scalars(select(Case.state).where(Case.number == number)).one()


FILL = """boxes => Object.entries(boxes).filter(([name, value]) => {
  const named = [...document.getElementsByName(name)], one = named.find(box => box.value === value);
  const box = named.length > 1 ? one : named[0];
  if (!box || box.disabled || box.readOnly || !box.checkVisibility()) return true;
  if (box.type === 'radio' || box.type === 'checkbox') box.click(); else box.value = value;
  ['input', 'change'].forEach(what => box.dispatchEvent(new Event(what, {bubbles: true})));
  return box.value !== value;
})"""
"""Gives what could not be filled in. All at once: a hand, or the driver's own, takes a second for a sheet of scores."""


def fill(page: "Page", fields: dict[str, str], prefix: str = "") -> None:
    assert page.evaluate(FILL, {prefix + name: value for name, value in fields.items()}) == []


def act(page: "Page", number: str, move: str, /, **fields: str) -> None:
    """Open the case, choose a move, read what it will do, fill its fields, press the button."""
    page.goto(f"/cases/{number}")
    page.click(f"label[for=move-{move}]")
    fill(page, fields, f"{move}-")
    page.click(".xj-rail button[type=submit]:not([formaction]):visible >> nth=-1")
    page.wait_for_load_state()
    assert page.locator("[role=alert] a, .xj-error").count() == 0, page.inner_text("main")


def opens_the_round(site: Site) -> None:
    page = site.as_(f"{CITY}-head")
    page.goto("/rounds")
    page.select_option("[name=policy]", "xuchang-demo")
    page.fill("[name=year]", "2026")
    page.fill("[name=title]", "2026 年度诚信评价")
    page.click("main form button[type=submit]:not([formaction]) >> nth=-1")
    page.wait_for_load_state()
    assert "4 件" in page.inner_text("main")


def reports(site: Site) -> None:
    page = site.as_("clerk-0")
    page.goto("/desk")
    page.click("main .xj-ask a.btn")
    page.fill("[name=statement]", "本年度依法开展职业介绍，履行信用承诺，按期报送统计资料和年度报告。")
    pdf = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
    page.set_input_files("[type=file]", {"name": "年度报告.pdf", "mimeType": "application/pdf", "buffer": pdf})
    page.click("main form button[type=submit]:not([formaction]) >> nth=-1")
    page.wait_for_load_state()


def climbs(site: Site, number: str) -> None:
    act(site.as_(f"{COUNTY}-handler"), number, "propose", opinion="书面报告、信息核查和现场核查一致。")
    act(site.as_(f"{COUNTY}-head"), number, "agree", opinion="同意经办意见。")
    for seat in range(1, 5):
        act(site.as_(f"{COUNTY}-panel{seat}"), number, "agree")
    act(site.as_(f"{COUNTY}-leader"), number, "agree")
    for post in ("handler", "head", "leader"):
        act(site.as_(f"{CITY}-{post}"), number, "agree")
    for post in ("handler", "leader"):
        act(site.as_(f"{PROVINCE}-{post}"), number, "agree")


def publishes(site: Site) -> str:
    page = site.as_(f"{CITY}-handler")
    page.goto("/rounds")
    page.click("main table a, main .xj-row-name, main .xj-ask a")
    page.click("a[href$='/notice']")
    page.wait_for_load_state()
    page.fill("[name=title]", "2026 年度信用等级评价结果公示")
    page.fill("[name=opens_on]", site.world.today.isoformat())
    for box in page.locator("[name=cases]").all():
        box.check()
    page.click("main form button[type=submit]:not([formaction]) >> nth=-1")
    page.wait_for_load_state()
    number = re.findall(r"GS-2026-\d{5}", page.inner_text("main"))[0]
    act(site.as_(f"{CITY}-leader"), number, "publish")
    return number


def objects(site: Site, notice: str, name: str) -> tuple[str, str]:
    """A citizen with a telephone; gives the receipt code and the objection's number."""
    page = site.new(width=390)
    page.goto("/notices")
    page.click(f"a[href='/notices/{notice}']")
    page.locator("tr", has_text=name).locator("a[href*='/object']").first.click()
    page.check("[name=ground][value=facts]")
    page.fill("[name=statement]", "该机构公开承诺不收押金，去年十月向多名求职者收取了押金。")
    fill(page, {"name": "示例群众", "contact": "示例联系方式一"})
    page.check("[name=pledge]")
    page.click("main form button[type=submit]:not([formaction]) >> nth=-1")
    page.wait_for_load_state()
    code = page.inner_text(".xj-receipt-code")
    page.goto("/track")
    page.fill("[name=code]", code.lower())
    page.click("main form button[type=submit]:not([formaction])")
    page.wait_for_load_state()
    number = re.findall(r"YY-2026-\d{5}", page.inner_text("main"))[0]
    page.context.close()
    return code, number


def adds_the_fact(site: Site, name: str) -> None:
    page = site.as_(f"{CITY}-handler2")
    page.goto(f"/archive?q={name}")
    page.click(f"main a:has-text('{name}')")
    fact = {
        "kind": "pledge_breach",
        "summary": "未履行不收押金的信用承诺",
        "acted_on": "2025-10-08",
        "finding_authority": "许昌市人力资源和社会保障局",
        "evidence": "投诉调查笔录和押金收据",
    }
    fill(page, fact, "record-")
    page.click("form:has([name$=summary]) button[type=submit]")
    page.wait_for_load_state()


@pytest.mark.timeout(400)  # some sixty pages; a busy machine takes its time
def test_one_countys_yearly_evaluation(site: Site) -> None:
    world = site.world
    opens_the_round(site)
    first, second, third = (number_of(site, name) for name in (FIRST, SECOND, THIRD))
    reports(site)
    assert (state_of(site, first), state_of(site, second)) == ("county_review", "self_report")
    site.forget()
    world.to(date(2026, 3, 17))  # ten working days later the silent ones are graded all the same
    assert state_of(site, second) == "county_review"
    for number in (first, second, third):
        climbs(site, number)
    site.forget()

    notice = publishes(site)
    code, objection = objects(site, notice, SECOND)
    public = site.new()
    public.goto(f"/notices/{notice}")
    shown = public.content()
    assert "异议核查中" in shown
    assert not any(secret in shown for secret in ("示例群众", "示例联系方式一", "收取了押金"))

    site.forget()
    world.to(date(2026, 3, 24))
    assert [state_of(site, one) for one in (first, second, third)] == ["cleared", "contested", "cleared"]
    act(site.as_(f"{CITY}-leader"), notice, "confirm_cleared")
    assert [state_of(site, one) for one in (first, second, third)] == ["effective", "contested", "effective"]

    act(site.as_(f"{CITY}-head2"), objection, "accept")
    page = site.as_(f"{CITY}-handler")
    page.goto(f"/cases/{objection}")
    assert "须回避" in page.inner_text(".xj-rail")  # the handler who graded reads why this is not for them
    adds_the_fact(site, SECOND)
    act(site.as_(f"{CITY}-handler2"), objection, "propose", outcome="amended", answer="经核查属实，等级变更为B级。")
    act(site.as_(f"{CITY}-head2"), objection, "agree")
    assert state_of(site, second) == "cleared"
    citizen = site.new(width=390)
    citizen.goto("/track")
    citizen.fill("[name=code]", code)
    citizen.click("main form button[type=submit]:not([formaction])")
    citizen.wait_for_load_state()
    assert "变更" in citizen.inner_text("main")
    act(site.as_(f"{CITY}-leader"), second, "confirm")

    clerk = site.as_("clerk-1")
    clerk.goto("/desk")
    assert "B 级" in clerk.inner_text("main")
    clerk.click("a[href^='/desk/documents/'] >> nth=0")
    clerk.click("main form button[type=submit]:not([formaction])")
    clerk.wait_for_load_state()
    clerk.goto("/desk")
    clerk.click("a[href$='/re-review'], a[href$='/re_review']")
    clerk.check("[name=ground][value=facts]")
    clerk.fill("[name=statement]", "押金当日即已全部退还，现提交退款记录，申请复评。")
    clerk.click("main form button[type=submit]:not([formaction]) >> nth=-1")
    clerk.wait_for_load_state()
    again = re.findall(r"FP-2026-\d{5}", clerk.inner_text("main"))[0]
    act(site.as_(f"{PROVINCE}-head"), again, "accept")
    act(
        site.as_(f"{PROVINCE}-handler2"),
        again,
        "propose",
        outcome="upheld",
        answer="退款不改变未履行承诺的事实，予以维持。",
    )
    act(site.as_(f"{PROVINCE}-leader2"), again, "agree")
    assert (state_of(site, again), state_of(site, second)) == ("answered", "effective")

    site.forget()
    world.to(date(2027, 4, 1))
    assert {state_of(site, one) for one in (first, second, third)} == {"expired"}
    with world.database.read() as session:
        assert {one.grade for one in session.scalars(select(Evaluation)) if one.grade} == {"A", "B"}
        assert audit.verify(session) == []
        assert invariants.broken(session) == []
