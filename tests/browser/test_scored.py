"""A scored evaluation in a browser: self-scores, the public on a telephone, experts blind, the official score, why."""

from sqlalchemy import select

from models import Survey
from tests.browser.conftest import Site
from tests.browser.test_story import act, fill, state_of
from tests.zhoushan import COUNTY, evaluation, sheet, survey_over

STATEMENT = "本年度依法经营，自评得分和依据见评分表，请予核实。"


def opened(site: Site) -> tuple[int, str, str]:
    """The case, its number and the code of its survey."""
    case_id = evaluation(site.world)
    with site.world.write() as session:
        code = session.scalars(select(Survey.code)).one()
    return case_id, site.world.case(case_id).number, code


def test_from_the_self_score_to_the_explanation(site: Site) -> None:
    """Experts 95 and 100 (97.5), the authority 95: (32 × 97.5 + 48 × 95) / 80 = 96; one answer is too few to count."""
    case_id, number, code = opened(site)
    clerk = site.as_("clerk-haichao")
    clerk.goto(f"/desk/cases/{number}/report")
    fill(clerk, sheet())
    clerk.fill("[name=score-01]", "2.6")
    clerk.fill("[name=statement]", STATEMENT)
    clerk.click("main form button[type=submit]:not([formaction]) >> nth=-1")
    assert "最高 2.5 分，填写的是 2.6 分" in clerk.inner_text("main")
    site.errors.clear()  # the browser tells of the 422
    clerk.fill("[name=score-01]", "2.5")
    clerk.click("main form button[type=submit]:not([formaction]) >> nth=-1")
    assert state_of(site, number) == "scoring"

    phone = site.new(390)
    phone.goto(f"/survey/{code}")
    for question in ("q1", "q2", "q3"):
        phone.check(f"[name={question}][value='4']")
    phone.click("main button[type=submit]")
    assert "已收到您的评价" in phone.inner_text("main")
    phone.goto(f"/survey/{code}")
    phone.check("[name=q1][value='1']")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.context.close()

    blind(site, number)
    survey_over(site.world, case_id)
    site.forget()
    handler = site.as_(f"{COUNTY}-handler")
    act(handler, number, "close_scoring")
    handler.goto(f"/cases/{number}")
    handler.click("label[for=move-propose]")
    fill(handler, {**sheet(x17="0"), "opinion": "已现场核查。"}, "propose-")
    handler.click(".xj-rail button[type=submit]:not([formaction]):visible >> nth=-1")
    handler.wait_for_load_state()
    assert state_of(site, number) == "county_review"
    shown = handler.inner_text("main")
    assert "96.00" in shown and "收到 1 份答卷，不足 10 份" in shown and "拟评 A 级" in shown
    handler.goto(f"/cases/{number}/grade")
    why = handler.inner_text("main")
    assert "用上列事实重算，结果相同" in why and "96.00" in why and "主管部门评估各项得分" in why


def blind(site: Site, number: str) -> None:
    """Neither expert reads what the other gave."""
    first, second = site.as_(f"{COUNTY}-expert1"), site.as_(f"{COUNTY}-expert2")
    for page, lost in ((first, {"x17": "0"}), (second, {})):
        page.goto(f"/cases/{number}")
        if page.locator("label[for=move-score]").count():
            page.click("label[for=move-score]")
        assert "专家一" not in page.inner_text("main")
        fill(page, sheet(**lost), "score-")
        page.click(".xj-rail button[type=submit]:not([formaction]):visible >> nth=-1")
        page.wait_for_load_state()
    assert "专家一" in first.inner_text("main") and first.get_by_role("cell", name="95", exact=True).count()
