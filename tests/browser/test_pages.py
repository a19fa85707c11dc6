"""Every kind of page of the demo city at two widths: nothing sticks out, nothing fails, axe finds nothing."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from waitress.server import create_server

from models.database import Database
from tests.browser.conftest import Site
from tests.browser.pages import NO_PAGES, PAGES, names
from tests.cast import World
from tests.conftest import DEMO_DAY
from tests.web import app_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Look = Literal["light", "dark"]


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
    yield Site(world, f"http://127.0.0.1:{server.effective_port}", chromium), names(database)
    server.close()
    database.close()


def _enter(site: Site, login: str, width: int, look: Look = "light") -> "Page":
    page = site.new(width, look)
    if login:
        page.goto("/login")
        page.evaluate(
            "who => {const form = document.querySelector('.xj-doors form'); form.login.value = who; form.submit()}",
            login,
        )
        page.wait_for_url(lambda address: not address.endswith("/login"))
        page.wait_for_load_state()
    return page


def test_no_page_is_left_out(site: Site) -> None:
    """A new page is put among those of `pages.py`, or named there as no page."""
    rules = app_for(site.world).url_map
    visited = {
        rules.bind("").match(re.sub(r"{\w+}", "1", path).partition("?")[0])[0] for at in PAGES.values() for path in at
    }
    pages = {rule.endpoint for rule in rules.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - visited - NO_PAGES == set()
    assert pages >= NO_PAGES


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("login", PAGES, ids=lambda login: login or "anybody")
def test_pages_are_whole(city: tuple[Site, dict[str, str]], login: str, width: int) -> None:
    site, names = city
    site.errors.clear()
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
