"""Every kind of page of the demo city at two widths: nothing sticks out, nothing fails, axe finds nothing."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import select
from waitress.server import create_server

from models import Case, Institution, Round
from models.database import Database
from tests.browser.conftest import Site
from tests.cast import World
from tests.conftest import DEMO_DAY
from tests.web import app_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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
        "/inbox/office",
        "/inbox/done",
        "/inbox/mine",
        "/messages",
        "/cases",
        "/archive",
        "/account",
    ],
    "411000-head2": ["/inbox", "/cases/{objection}", "/cases/{objection}/proof"],
    "411000-leader": ["/cases/{evaluation}", "/cases/{evaluation}/proof", "/cases/{notice}", "/archive/{code}"],
    "411000-head": ["/rounds", "/rounds/{round}"],
    "411000-handler": ["/rounds/{round}/notice"],
    "clerk-yongchang": ["/desk", "/desk/cases", "/desk/documents", "/notices"],
    "clerk-xinxu": ["/desk"],
    "411000-admin": ["/admin", "/account"],
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
            query = select(Case.number).where(Case.machine == machine, Case.state == state)
            return session.scalars(query.order_by(Case.id.desc()).limit(1)).one()

        return {
            "notice": newest("publicity", "open"),
            "objection": newest("objection", "acceptance"),
            "evaluation": newest("evaluation", "city_review"),
            "code": session.scalars(select(Institution.credit_code).order_by(Institution.id).limit(1)).one(),
            "round": str(session.scalars(select(Round.id).order_by(Round.id.desc()).limit(1)).one()),
        }


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("login", PAGES, ids=lambda login: login or "anybody")
def test_pages_are_whole(city: tuple[Site, dict[str, str]], login: str, width: int) -> None:
    site, names = city
    page = site.new(width)
    if login:
        page.goto("/login")
        page.locator(f"form:has(input[value='{login}']) button").click()
        page.wait_for_load_state()
    for path in PAGES[login]:
        answer = page.goto(path.format(**names))
        assert answer is not None and answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{path} sticks out at {width}"
        found = Axe().run(page).response["violations"]
        assert not found, (path, [(one["id"], one["nodes"][0]["html"]) for one in found])
        assert not re.search(r"\b[a-z]+_[a-z_]+\b|None|\{\w+\}", page.inner_text("main")), f"{path} shows a key"
    page.context.close()
    assert site.errors == []
