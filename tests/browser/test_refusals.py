"""Each refusal of a 信用修复 and of a 推荐 in a real browser: the act that refuses, and what the refused party reads.

The scene is set through the engine. What test_repair.py and test_recommendation.py show is not shown again: what the
verification does not bear out, a basic condition that fails, a full quota, an incomplete package, a revoked honour.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from models import Delivery
from tests.browser.conftest import Site
from tests.browser.test_recommendation import FIT
from tests.browser.test_repair import code_of
from tests.browser.test_story import act, fill
from tests.cast import CITY, COUNTY, World
from tests.engine.test_repair import apply, judged, published, recorded, shown_and_granted, verify
from tests.fire.acts import closes_on
from tests.shandong import FULL, PROVINCE, RIZHAO, YANTAI, scored, settle
from workflow.engine import audit, invariants

if TYPE_CHECKING:
    from playwright.sync_api import Page

CLASSED, EARLIEST = date(2026, 4, 9), date(2026, 7, 9)
LAST_MINUTE = datetime(2027, 4, 8, 15, 59, tzinfo=UTC)
"""23:59 in Shanghai on the last day of a year's publication."""
RIGHTS = "六十日内申请行政复议"


@pytest.fixture(autouse=True)
def at_the_end(site: Site) -> Iterator[None]:
    yield
    with site.world.database.read() as session:
        assert audit.verify(session) == []
        assert invariants.broken(session) == []


@dataclass
class Desk:
    """One machine at which everybody signs in in turn."""

    site: Site
    page: "Page"

    def sits(self, login: str, role: str = "") -> "Page":
        self.site.sign_in(self.page, login, role)
        return self.page

    def acts(self, login: str, case: int, move: str, role: str = "", /, **fields: str) -> None:
        act(self.sits(login, role), self.number(case), move, **fields)

    def number(self, case: int) -> str:
        return self.site.world.case(case).number

    def rail(self, login: str, case: int) -> str:
        """What the official may do with a case, and why not."""
        page = self.sits(login)
        page.goto(f"/cases/{self.number(case)}")
        return page.inner_text(".xj-rail")

    def refused(self, login: str, case: int, move: str, **fields: str) -> str:
        """A move that is offered and, once sent, refused: the page again, with the reason."""
        self.rail(login, case)
        self.page.click(f"label[for=move-{move}]")
        fill(self.page, fields, f"{move}-")
        return self.sends(".xj-rail button[type=submit]:not([formaction]):visible >> nth=-1")

    def sends(self, button: str = "main form button[type=submit]:not([formaction]) >> nth=-1") -> str:
        with self.page.expect_navigation():
            self.page.click(button)
        said = self.page.inner_text("main")
        (error,) = self.site.errors
        assert "409" in error or "422" in error
        self.site.errors.clear()
        return said

    def reads(self, clerk: str, case: int, state: str, *words: str) -> None:
        """Where the case ended, and the newest letter as the institution reads it."""
        assert self.site.world.case(case).state == state
        with self.site.world.database.read() as session:
            mine = select(Delivery.document_id).where(Delivery.case_id == case)
            letter = session.scalars(mine.order_by(Delivery.id.desc()).limit(1)).one()
        page = self.sits(clerk)
        page.goto(f"/desk/documents/{letter}")
        said = page.inner_text("main")
        assert [word for word in words if word not in said] == []


@pytest.fixture
def desk(site: Site) -> Desk:
    return Desk(site, site.new())


# --- 信用修复


def shown(world: World, act: str = "general", **changes: str) -> int:
    """A record decided on 8 April 2026 and classed the day after."""
    world.clock.to_local(CLASSED, 9)
    record = recorded(world)
    published(world, record, act, **changes)
    return record


def chosen(page: "Page", record: int) -> None:
    """The form, with a record that need not be among those it offers."""
    page.goto("/desk/repairs/apply")
    page.evaluate("id => { document.querySelector('[name=record]').value = id }", str(record))
    page.check("[name=record] >> nth=0")
    fill(page, {"statement": "我单位已全部退还所收押金，并公示收费标准，情况说明附后。", "pledge": "given"})


def test_what_is_not_public_or_not_yet_repairable_is_refused_at_the_entrance(site: Site, desk: Desk) -> None:
    world = site.world
    early, hidden, _ = shown(world), shown(world, publish="no"), shown(world, "minor")
    clerk = desk.sits("clerk-0")
    for record, reason in ((early, "未到可修复日，2026-07-09 起可以申请"), (hidden, "该记录没有公示，不需修复")):
        chosen(clerk, record)
        assert reason in desk.sends()

    world.clock.to(LAST_MINUTE)
    chosen(desk.sits("clerk-0"), early)
    world.clock.to(LAST_MINUTE + timedelta(minutes=1))
    assert "该记录公示至 2027-04-08，现已停止公示，不需修复" in desk.sends()


def test_a_repair_is_refused_at_acceptance_and_after_verification_with_reason_and_rights(
    site: Site, desk: Desk
) -> None:
    world, record = site.world, shown(site.world)
    world.to(EARLIEST)
    first = apply(world, record)
    unstated = "申请书未写明改正情况。"
    desk.acts(f"{COUNTY}-head", first, "refuse", "section_head", opinion=unstated)
    desk.reads("clerk-0", first, "refused", "申请不予受理", unstated, RIGHTS)

    again, unmet = apply(world, record), "现场核查，尚有两人押金未退还。"
    world.do(again, "accept", f"{COUNTY}-head", "section_head")
    verify(world, again, corrected="no", outcome="not_granted", answer=unmet)
    for login in (f"{COUNTY}-leader", f"{CITY}-handler"):
        world.do(again, "agree", login)
    desk.acts(f"{CITY}-leader", again, "agree")
    desk.reads("clerk-0", again, "not_granted", "不予修复", unmet, RIGHTS)


def test_a_repair_is_kept_from_who_made_the_finding_and_rescinded_by_others_than_granted_it(
    site: Site, desk: Desk
) -> None:
    world, record = site.world, shown(site.world)
    judged(world, record, by=f"{COUNTY}-head")
    world.to(EARLIEST)
    case = apply(world, record)
    assert "本人录入或认定了该记录，应由其他人员办理" in desk.rail(f"{COUNTY}-head", case)
    world.do(case, "accept", f"{COUNTY}-head2", "section_head")
    verify(world, case)
    for login in (f"{COUNTY}-leader", f"{CITY}-handler", f"{CITY}-leader"):
        world.do(case, "agree", login)
    shown_and_granted(world, case)
    false = "押金至申请时仍未退还，承诺不实。"
    world.do(case, "doubt", f"{CITY}-handler2", opinion="有两名求职者反映押金仍未退还。")
    world.do(case, "defend", "clerk-0", statement="两名求职者的押金已退还，收据随后补交，请予核实。", files=[])
    assert "您已在本件其他环节办理，须回避" in desk.rail(f"{CITY}-leader", case)
    desk.acts(f"{CITY}-leader2", case, "rescind", opinion=false)
    desk.reads("clerk-0", case, "rescinded", false, RIGHTS)
    desk.page.goto(f"/institutions/{code_of(site)}")
    assert "向求职者收取押金" in desk.page.inner_text("main")


# --- 推荐


def test_a_city_sets_a_soft_exclusion_aside_with_two_and_says_whom_it_passes_over(site: Site, desk: Desk) -> None:
    world, handler, leader = settle(site.world, RIZHAO), f"{RIZHAO}-handler", f"{RIZHAO}-leader"
    head = (f"{RIZHAO}-head", "section_head")
    world.record(world.institutions(RIZHAO, 3)[0], "national_model_2014", date(2014, 12, 1))
    round_id = world.open()
    soft = world.apply(round_id, f"{RIZHAO}-clerk-1").case_id
    asked = "有“原则上”的条件不符合，例外列入须说明理由"
    assert asked in desk.refused(handler, soft, "propose", **FIT, **FULL)
    assert desk.page.get_attribute(".xj-rail [role=alert] a", "href") == "#propose-override"
    assert asked in desk.page.inner_text("#propose-override-e")
    world.do(soft, "propose", handler, **FIT, **FULL, override="诚信服务工作优异，典型示范作用特别突出。")
    world.do(soft, "agree", *head)
    assert "例外列入的理由还没有另一人同意" in desk.rail(leader, soft)
    world.do(soft, "override", leader, opinion="同意酌情列入。")
    world.do(soft, "agree", leader)
    assert world.case(soft).state == "shortlisted"

    unfit, lacking = world.apply(round_id, f"{RIZHAO}-clerk-2").case_id, "服务台账不全。"
    world.do(unfit, "propose", handler, verdict="unfit", opinion=lacking)
    world.do(unfit, "agree", *head, opinion=lacking)
    desk.acts(leader, unfit, "agree", opinion=lacking)
    desk.reads(f"{RIZHAO}-clerk-2", unfit, "rejected", "不符合推荐条件，不予推荐", lacking)

    lower, behind = world.candidate(round_id, RIZHAO, 3, **scored("2")), "名额一个，排序在后。"
    assert "有排序在前的还未列入，须说明理由" in desk.refused(handler, lower, "select")
    desk.acts(leader, lower, "close", opinion=behind)
    desk.reads(f"{RIZHAO}-clerk-3", lower, "not_selected", "经择优排序，你单位未列入", behind)


def test_whoever_leaves_the_list_by_an_objection_the_province_or_the_ministry_is_told_why(
    site: Site, desk: Desk
) -> None:
    world, leader = settle(site.world, YANTAI), f"{YANTAI}-leader"
    world.institutions(YANTAI, 3)
    round_id = world.open()
    cases = [world.candidate(round_id, YANTAI, number) for number in (1, 2, 3)]
    for case in cases:
        world.do(case, "select", f"{YANTAI}-handler")
    notice = world.notice(round_id, cases, f"{YANTAI}-handler")
    world.do(notice, "publish", leader)
    removed, declined, undesignated = cases
    objection = world.object(removed)
    world.do(objection, "accept", f"{YANTAI}-head2")
    answer = {"outcome": "removed", "answer": "经核查，申报材料所述业绩与事实不符。"}
    world.do(objection, "propose", f"{YANTAI}-handler2", **answer)
    desk.acts(f"{YANTAI}-head2", objection, "agree")
    desk.reads(f"{YANTAI}-clerk-1", removed, "removed", "异议经核查属实，你单位不再列入推荐名单")

    world.to(closes_on(world, notice) + timedelta(days=1))
    world.summary(round_id, YANTAI)
    for case in (declined, undesignated):
        world.do(case, "confirm", leader)
    desk.acts(f"{PROVINCE}-leader", declined, "decline", opinion="业绩材料不足。")
    desk.reads(f"{YANTAI}-clerk-2", declined, "declined", "对你单位不予推荐", "业绩材料不足。")
    for post, role in (("handler", None), ("head", "section_head"), ("leader", None)):
        world.do(undesignated, "agree", f"{PROVINCE}-{post}", role)
    outcome = {"outcome": "not_designated", "number": "人社部函〔2026〕9号", "outcome_on": world.today.isoformat()}
    desk.acts(f"{PROVINCE}-handler", undesignated, "record_outcome", **outcome)
    desk.reads(f"{YANTAI}-clerk-3", undesignated, "not_designated", "你单位未被确定为")
