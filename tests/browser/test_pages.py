"""Every kind of page of the demo city at two widths: nothing sticks out, nothing fails, axe finds nothing."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import select
from waitress.server import create_server

from models import Appointment, Authority, Case, Institution, Round, User
from models.database import Database
from tests.browser.conftest import Site
from tests.cast import World
from tests.conftest import DEMO_DAY
from tests.web import app_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Look = Literal["light", "dark"]

PAGES = {
    "": [
        "/tour",
        "/notices",
        "/notices/{notice}",
        "/notices/{notice}/object",
        "/lookup?q=示例",
        "/institutions/{code}",
        "/track",
        "/login",
    ],
    "411002-handler": [
        "/inbox",
        "/inbox?due=over&machine=evaluation",
        "/inbox?q=没有这家",
        "/inbox/office",
        "/inbox/done",
        "/inbox/mine",
        "/messages",
        "/cases",
        "/archive",
        "/account",
    ],
    "411000-head2": ["/inbox", "/cases/{objection}", "/cases/{objection}/proof"],
    "411000-leader": [
        "/cases/{evaluation}",
        "/cases/{evaluation}/proof",
        "/cases/{notice}",
        "/archive/{code}",
        "/workload",
    ],
    "410000-leader2": ["/workload"],
    "411000-head": ["/rounds", "/rounds/{round}"],
    "411000-handler": ["/rounds/{round}/notice"],
    "clerk-yongchang": [
        "/desk",
        "/desk/cases",
        "/desk/cases/{own}",
        "/desk/cases/{own}/result",
        "/desk/documents",
        "/notices",
    ],
    "clerk-xinxu": ["/desk"],
    "411000-admin": [
        "/admin",
        "/account",
        "/calendar",
        "/admin/incidents",
        "/admin/channels",
        "/account/notifications",
    ],
    "411000-auditor": ["/audit?check=1"],
}


@pytest.fixture(scope="module")
def city(
    demo_city: Path, tmp_path_factory: pytest.TempPathFactory, chromium: "Browser"
) -> Iterator[tuple[Site, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("city")
    database = Database(f"sqlite:///{copy(demo_city, folder)}")
    world = World(database)
    world.clock.to(DEMO_DAY)
    server = create_server(app_for(world, data=folder, demo=True), host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    yield Site(world, f"http://127.0.0.1:{server.effective_port}", chromium), _names(database)
    server.close()
    database.close()


def _names(database: Database) -> dict[str, str]:
    with database.read() as session:

        def newest(machine: str, state: str) -> str:
            query = select(Case.number).join(Authority, Authority.id == Case.managing_authority_id)
            query = query.where(Case.machine == machine, Case.state == state, Authority.code.startswith("41"))
            return session.scalars(query.order_by(Case.id.desc()).limit(1)).one()

        known = select(Case.number).join(Appointment, Appointment.institution_id == Case.institution_id)
        known = known.join(User, User.person_id == Appointment.person_id).where(User.login == "clerk-yongchang")
        of_xuchang = select(Round.id).join(Authority, Authority.id == Round.authority_id)
        of_xuchang = of_xuchang.where(Authority.code == "411000", Round.scheme == "credit_grade")
        of_henan = select(Institution.credit_code).join(Authority).where(Authority.code.startswith("41"))
        newest_known = known.where(Case.state == "effective").order_by(Case.id.desc()).limit(1)
        return {
            "own": session.scalars(newest_known).one(),
            "notice": newest("publicity", "open"),
            "objection": newest("objection", "acceptance"),
            "evaluation": newest("evaluation", "city_review"),
            "code": session.scalars(of_henan.order_by(Institution.id).limit(1)).one(),
            "round": str(session.scalars(of_xuchang.order_by(Round.id.desc()).limit(1)).one()),
        }


def _enter(site: Site, login: str, width: int, look: Look = "light") -> "Page":
    page = site.new(width, look)
    if login:
        page.goto("/login")
        page.locator(f"form:has(input[value='{login}']) button").click()
        page.wait_for_load_state()
    return page


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("login", PAGES, ids=lambda login: login or "anybody")
def test_pages_are_whole(city: tuple[Site, dict[str, str]], login: str, width: int) -> None:
    site, names = city
    page = _enter(site, login, width)
    for path in PAGES[login]:
        answer = page.goto(path.format(**names))
        assert answer is not None and answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{path} sticks out at {width}"
        found = Axe().run(page).response["violations"]
        assert not found, (path, [(one["id"], one["nodes"][0]["html"]) for one in found])
        assert not re.search(r"\b[a-z]+_[a-z_]+\b|None|\{\w+\}", page.inner_text("main")), f"{path} shows a key"
    page.context.close()
    assert site.errors == []


DARK = {"": ["/notices/{notice}"], "411002-handler": ["/inbox"], "411000-leader": ["/cases/{evaluation}"]}


@pytest.mark.long
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(("look", "pages"), [("light", PAGES), ("dark", DARK)], ids=["light", "dark"])
def test_every_page_is_photographed(
    city: tuple[Site, dict[str, str]], look: Look, pages: dict[str, list[str]], width: int
) -> None:
    """For people to look at, in a folder that git ignores; by night also with axe, for its other contrasts."""
    site, names = city
    for login, paths in pages.items():
        page = _enter(site, login, width, look)
        for path in paths:
            page.goto(path.format(**names))
            name = re.sub(r"\W+", "-", f"{login} {path}").strip("-")
            site.shot(page, f"{name}-{width}-{look}")
            if look == "dark":
                assert not Axe().run(page).response["violations"], path
        page.context.close()
