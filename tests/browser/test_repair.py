"""信用修复 in a browser: from the record to its effect on three levels, and each refusal as it is read."""

import base64
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from models import ArchiveRecord, Case, Institution
from tests.browser.conftest import Site
from tests.browser.test_story import act, fill, state_of
from tests.cast import CITY, COUNTY, PROVINCE
from workflow.engine import audit, invariants

if TYPE_CHECKING:
    from playwright.sync_api import Page

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WORDS = "我单位已全部退还所收押金，并在服务场所公示收费标准，情况说明附后。"


def code_of(site: Site, number: int = 0) -> str:
    with site.world.database.read() as session:
        return session.scalars(select(Institution.credit_code).order_by(Institution.id).offset(number)).first() or ""


def enters(site: Site, page: "Page", decided: date) -> str:
    """The county enters what the province found, and classes it: its dates are there from that moment."""
    page.goto(f"/archive/{code_of(site)}")
    values = {
        "kind": "labour_violation",
        "summary": "向求职者收取押金",
        "acted_on": (decided - timedelta(days=20)).isoformat(),
        "decided_on": decided.isoformat(),
        "finding_authority": "河南省人力资源和社会保障厅",
        "document_number": "豫人社监罚〔2026〕1号",
        "evidence": "处罚决定书一份",
    }
    fill(page, values, "record-")
    page.click(".xj-rail form button[type=submit]:not([formaction]) >> nth=-1")
    page.wait_for_load_state()
    with site.world.database.read() as session:
        record = session.scalars(select(ArchiveRecord.id).order_by(ArchiveRecord.id.desc())).first()
    row = page.locator(f"#record-{record}")
    row.locator("summary", has_text="公示").click()
    shown = {"repair_class": "general", "publish": "yes", "evidence": "按行业类别清单认定为一般失信"}
    fill(page, shown, f"publish{record}-")
    row.locator("form:has([name*=repair_class]) button").click()
    page.wait_for_load_state()
    return page.inner_text(f"#record-{record}")


def applies(page: "Page") -> str:
    page.goto("/desk/repairs")
    page.click("text=申请修复")
    page.fill("[name=statement]", WORDS)
    page.check("[name=pledge]")
    page.click("main form button[type=submit]:not([formaction]) >> nth=-1")
    page.wait_for_load_state()
    return re.findall(r"XF-\d{4}-\d{5}", page.inner_text("main"))[0]


def verifies(page: "Page", number: str, corrected: str, outcome: str, *, photo: bool) -> str:
    page.goto(f"/cases/{number}")
    page.click("label[for=move-verify]")
    answer = "经现场核查，押金已全部退还，收费标准已公示。"
    fill(page, {"corrected": corrected, "performed": "yes", "outcome": outcome, "answer": answer}, "verify-")
    if photo:
        page.set_input_files("[name=verify-files]", {"name": "现场核查.png", "mimeType": "image/png", "buffer": PNG})
    page.click(".xj-rail button[type=submit]:not([formaction]):visible >> nth=-1")
    page.wait_for_load_state()
    return page.inner_text("main")


def shows(site: Site, number: str) -> str:
    page = site.as_(f"{PROVINCE}-handler2")
    page.goto("/repairs/notice")
    page.click("main form button[type=submit]:not([formaction]) >> nth=-1")
    page.wait_for_load_state()
    notice = re.findall(r"GS-\d{4}-\d{5}", page.inner_text("main"))[0]
    act(site.as_(f"{PROVINCE}-leader2"), notice, "publish")
    public = site.new(width=390)
    public.goto(f"/notices/{notice}")
    assert "信用修复" in public.inner_text("main")
    return notice


@pytest.mark.timeout(300)
def test_a_repair_climbs_three_levels_and_the_public_page_shows_the_record_no_longer(site: Site) -> None:
    world = site.world
    world.to(date(2026, 4, 9))
    row = enters(site, site.as_(f"{COUNTY}-handler"), date(2026, 4, 8))
    assert "可修复日" in row and "07-09" in row
    site.shot(site.as_(f"{COUNTY}-handler"), "repair-archive")
    clerk = site.as_("clerk-0")
    clerk.goto("/desk/repairs")
    assert "07-09" in clerk.inner_text("main") and "未到可修复日" in clerk.inner_text("main")
    site.shot(clerk, "repair-too-early")
    public = site.new(width=390)
    public.goto(f"/institutions/{code_of(site)}")
    assert "向求职者收取押金" in public.inner_text("main")

    site.forget()
    world.to(date(2026, 7, 9))
    clerk = site.as_("clerk-0")
    number = applies(clerk)
    site.shot(clerk, "repair-applied")
    clerk.goto("/desk/repairs")
    assert "正在办理" in clerk.inner_text("main")
    act(site.as_(f"{COUNTY}-head"), number, "accept")
    verifier = site.as_(f"{COUNTY}-handler2")
    assert "须附现场核查照片" in verifies(verifier, number, "yes", "granted", photo=False)
    assert "失信行为未纠正" in verifies(verifier, number, "no", "granted", photo=True)
    site.shot(verifier, "repair-verify-refused")
    assert len(site.errors) == 2 and all("422" in said for said in site.errors), "each refusal, and nothing else"
    site.errors.clear()
    verifies(verifier, number, "yes", "granted", photo=True)
    finder = site.as_(f"{COUNTY}-handler")
    finder.goto(f"/cases/{number}")
    assert "现场核查.png" in finder.inner_text("main")
    act(site.as_(f"{COUNTY}-leader"), number, "agree")
    for login in (f"{CITY}-handler", f"{CITY}-leader", f"{PROVINCE}-handler", f"{PROVINCE}-leader"):
        act(site.as_(login), number, "agree")
    assert state_of(site, number) == "awaiting_publicity"
    shows(site, number)
    site.forget()
    world.to(date(2026, 7, 24))
    act(site.as_(f"{PROVINCE}-leader2"), number, "confirm")
    assert state_of(site, number) == "granted"
    site.shot(site.as_(f"{PROVINCE}-leader2"), "repair-granted")
    public = site.new(width=390)
    public.goto(f"/institutions/{code_of(site)}")
    assert "向求职者收取押金" not in public.inner_text("main")
    clerk = site.as_("clerk-0")
    clerk.goto("/desk")
    assert "信用修复决定书" in clerk.inner_text("main")
    site.shot(clerk, "repair-desk")
    with world.database.read() as session:
        assert audit.verify(session) == []
        assert invariants.broken(session) == []
        assert session.scalars(select(Case.state).where(Case.number == number)).one() == "granted"
