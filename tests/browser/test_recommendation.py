"""推荐 in a real browser: a city with one seat, and its province; from the application to the honour and its end, with
what is refused on the way as it is read."""

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Site
from tests.browser.test_story import act, fill, state_of
from tests.files import PDF
from tests.shandong import APPLICATION, FULL, PROVINCE, RIZHAO, scored, settle
from workflow.engine import audit, invariants

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Page

FILE: "FilePayload" = {"name": "工作总结.pdf", "mimeType": "application/pdf", "buffer": PDF}
FIT = {"verdict": "fit", "attestation": "规模、管理、社会责任和参加活动情况均符合。"}


def applies(page: "Page", round_id: int, **changes: str) -> str:
    """Fill in the form, its sheet too; gives what the page says then."""
    page.goto(f"/desk/honours/{round_id}")
    fill(page, {**APPLICATION, **FULL, **changes})
    page.set_input_files("[name=files]", FILE)
    page.click("main form .btn-primary")
    page.wait_for_load_state()
    return page.inner_text("main")


def evaluates(site: Site, number: str, **changes: str) -> None:
    act(site.as_(f"{RIZHAO}-handler"), number, "propose", **{**FIT, **FULL, **changes})
    act(site.as_(f"{RIZHAO}-head", "section_head"), number, "agree")
    act(site.as_(f"{RIZHAO}-leader"), number, "agree")


def refused(site: Site, login: str, number: str, move: str) -> str:
    """A move that the page does not offer, with the reason beside its name."""
    page = site.as_(login)
    page.goto(f"/cases/{number}")
    assert page.locator(f"label[for=move-{move}]").count() == 0
    return page.inner_text(".xj-rail")


@pytest.mark.timeout(400)
def test_a_recommendation_climbs_to_an_honour_that_is_revoked(site: Site) -> None:
    world = settle(site.world, RIZHAO)
    _, second, barred = world.institutions(RIZHAO, 3)
    world.record(barred, "abnormal_list", date(2025, 1, 1))
    round_id = world.open()

    assert "不能推荐：有基本条件不符合" in applies(site.as_(f"{RIZHAO}-clerk-3"), round_id)
    clerk = site.as_(f"{RIZHAO}-clerk-1")
    assert "填写的是 3.5 分" in applies(clerk, round_id, **{"score-01": "3.5"})
    assert len(site.errors) == 2, "each refusal, and nothing else"
    site.errors.clear()
    numbers = []
    for one in (1, 2):
        page = site.as_(f"{RIZHAO}-clerk-{one}")
        numbers += re.findall(r"TJ-\d{4}-\d{5}", applies(page, round_id))[:1]
    lower, higher = numbers
    evaluates(site, lower, **scored("2"))
    evaluates(site, higher)
    act(site.as_(f"{RIZHAO}-handler"), higher, "select")
    assert "名额" in refused(site, f"{RIZHAO}-handler", lower, "select")
    act(site.as_(f"{RIZHAO}-handler"), lower, "hold")

    city = site.as_(f"{RIZHAO}-handler")
    city.goto(f"/rounds/{round_id}/notice")
    city.click("main form button[type=submit]:not([formaction]) >> nth=-1")
    city.wait_for_load_state()
    notice = re.findall(r"GS-\d{4}-\d{5}", city.inner_text("main"))[0]
    act(site.as_(f"{RIZHAO}-leader"), notice, "publish")
    site.forget()
    world.to(date(2026, 3, 10))
    public = site.new(width=390)
    public.goto(f"/notices/{notice}")
    assert "日照2人力资源有限公司" in public.inner_text("main")
    assert "材料" in refused(site, f"{RIZHAO}-leader", higher, "confirm")
    city = site.as_(f"{RIZHAO}-handler")
    city.goto(f"/honours/{round_id}")
    city.set_input_files("[name=files]", FILE)
    city.click("form[action$=summary] button")
    act(site.as_(f"{RIZHAO}-leader"), higher, "confirm")
    for post, role in (("handler", ""), ("head", "section_head"), ("leader", "")):
        act(site.as_(f"{PROVINCE}-{post}", role), higher, "agree")
    outcome = {"outcome": "designated", "number": "人社部函〔2026〕9号", "outcome_on": "2026-03-10"}
    act(site.as_(f"{PROVINCE}-handler"), higher, "record_outcome", **outcome)
    assert state_of(site, higher) == "designated"

    world.record(second, "abnormal_list", world.today)
    act(site.as_(f"{PROVINCE}-handler"), higher, "propose_revocation", opinion="被列入经营异常名录。")
    act(site.as_(f"{PROVINCE}-leader"), higher, "revoke", opinion="失信事实清楚。")
    assert state_of(site, higher) == "revoked"
    with world.database.read() as session:
        assert audit.verify(session) == []
        assert invariants.broken(session) == []
