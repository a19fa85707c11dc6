"""The guided tour, played in Chromium as a stranger would, with every click counted."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import select

from models import Case, Institution
from tests.browser.conftest import Site
from workflow.demo.tour import STEPS
from workflow.engine import audit, invariants

if TYPE_CHECKING:
    from playwright.sync_api import Page

TEN = 10


@dataclass
class Stranger:
    """Somebody with a mouse."""

    page: "Page"
    clicks: int = 0

    def click(self, selector: str) -> None:
        self.page.click(selector)
        self.page.wait_for_load_state()
        self.clicks += 1

    def begins(self, number: int) -> None:
        self.page.goto("/tour")
        self.click(f".xj-tour > li:nth-child({number}) :is(button, a)")

    def does(self, move: str) -> None:
        """Choose a move, and submit it; where it is the only one it is chosen already."""
        if not self.page.is_checked(f"#move-{move}"):
            self.click(f"label[for=move-{move}]")
        self.click(".xj-rail button[type=submit]:not([formaction]):visible >> nth=-1")
        assert self.page.locator(".xj-error").count() == 0, self.page.inner_text("main")


def stands(demo_site: Site, page: "Page") -> str:
    """The state of the case whose page is open."""
    number = urlsplit(page.url).path.rpartition("/")[2]
    with demo_site.world.database.read() as session:
        case = session.scalars(select(Case).where(Case.number == number)).one()
        return f"{case.state}.{case.step}".rstrip(".")


def test_a_stranger_approves_a_case_in_under_ten_clicks(demo_site: Site) -> None:
    stranger = Stranger(demo_site.new())
    stranger.page.goto("/")
    stranger.begins(1)
    stranger.does("propose")
    assert stands(demo_site, stranger.page) == "county_review.section_head"
    assert stranger.clicks < TEN
    assert demo_site.errors == []


def test_the_tour_is_true(demo_site: Site) -> None:
    stranger = Stranger(demo_site.new())
    page = stranger.page
    stranger.begins(1)
    stranger.does("propose")
    stranger.begins(2)
    stranger.does("agree")
    assert "还有 4 人未表态" in page.inner_text("main") and stands(demo_site, page) == "county_review.panel"
    stranger.begins(3)
    stranger.does("agree")
    assert stands(demo_site, page) == "province_review.handler"
    stranger.begins(4)
    assert page.get_by_role("link", name="登录").is_visible(), "the public has no account"
    assert page.inner_text("main").count("异议核查中") >= 4
    stranger.begins(5)
    _objects(stranger)
    stranger.begins(6)
    stranger.does("accept")
    assert stands(demo_site, page) == "city_review.handler"
    stranger.begins(7)
    assert re.search(r"确定 \d+ 家的结果，仍在：公示期满", page.inner_text("main"))
    stranger.does("confirm_cleared")
    assert stands(demo_site, page) == "ended"
    with demo_site.world.database.read() as session:
        query = select(Case.state).join(Institution, Institution.id == Case.institution_id)
        confirmed = query.where(Institution.name.startswith("许昌示例莲城"), Case.machine == "evaluation")
        assert session.scalars(confirmed.order_by(Case.id.desc()).limit(1)).one() == "effective"
    stranger.begins(len(STEPS))
    assert "申请复评" in page.inner_text("main")
    with demo_site.world.database.read() as session:
        assert audit.verify(session) == []
        assert invariants.broken(session) == []
    assert demo_site.errors == []


def _objects(stranger: Stranger) -> None:
    page = stranger.page
    page.select_option("main select", index=1)
    page.check("input[name=ground] >> nth=0")
    page.fill("[name=statement]", "该机构收取服务费未开具票据，与其公示的收费标准不符，有转账记录为证。")
    page.fill("[name=name]", "示例群众乙")
    page.fill("[name=contact]", "示例联系方式")
    page.check("input[type=checkbox]")
    stranger.click("main form button[type=submit]:not([formaction]) >> nth=-1")
    assert "回执" in page.inner_text("main")
