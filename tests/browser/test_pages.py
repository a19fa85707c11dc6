"""Every kind of page of the demo city at two widths: nothing sticks out, nothing fails, axe finds nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Site, serving
from tests.browser.pages import NO_PAGES, PAGES, Look, enter, names
from tests.conftest import DEMO_DAY
from tests.web import app_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def city(
    demo_city: Path, tmp_path_factory: pytest.TempPathFactory, chromium: "Browser"
) -> Iterator[tuple[Site, dict[str, str]]]:
    with serving(Path(copy(demo_city, tmp_path_factory.mktemp("city"))), chromium, demo=True) as site:
        site.world.clock.to(DEMO_DAY)
        yield site, names(site.world.database)


WIDE, NARROW = 1440, 390


def violations(page: "Page") -> list[tuple[str, str]]:
    """What axe finds, each with the first place."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found]


BY_KEYBOARD = """() => [
  ...[...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')].filter(
    one => one.checkVisibility() && !one.disabled && (one.tabIndex !== 0 || (one.matches('a') && !one.href))),
  ...[...document.forms].filter(form => form.querySelectorAll('input:not([type=hidden]), select, textarea').length !== 1
    && ![...form.elements].some(one => one.type === 'submit')),
].map(one => one.outerHTML.slice(0, 120))"""
"""What a key cannot reach, and forms that need a script to be sent (Enter sends one that has a single box)."""


def test_no_page_is_left_out(site: Site) -> None:
    """A new page is put among those of `pages.py`, or named there as no page."""
    rules = app_for(site.world).url_map
    visited = {
        rules.bind("").match(re.sub(r"{\w+}", "1", path).partition("?")[0])[0] for at in PAGES.values() for path in at
    }
    pages = {rule.endpoint for rule in rules.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - visited - NO_PAGES == set()
    assert pages >= NO_PAGES


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("login", PAGES, ids=lambda login: login or "anybody")
def test_pages_are_whole(city: tuple[Site, dict[str, str]], login: str, width: int) -> None:
    site, names = city
    site.errors.clear()
    page = enter(site, login, width)
    for path in PAGES[login]:
        answer = page.goto(path.format(**names))
        assert answer is not None and answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{path} sticks out at {width}"
        assert not page.evaluate(BY_KEYBOARD), path
        assert width < WIDE or not violations(page), path  # the long form below looks at the narrow ones too
        assert not re.search(r"\b[a-z]+_[a-z_]+\b|None|\{\w+\}", page.inner_text("main")), f"{path} shows a key"
    page.context.close()
    assert site.errors == []


BEST = {"": ["/notices/{notice}"], "411002-handler": ["/inbox"], "411000-leader": ["/cases/{evaluation}"]}
LOOKS: dict[str, tuple[Look, str, dict[str, list[str]]]] = {
    "light": ("light", "zh_Hans_CN", PAGES),
    "dark": ("dark", "zh_Hans_CN", BEST),
    "english": ("light", "en", BEST),
}


@pytest.mark.long
@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize(("kind", "login"), [(kind, login) for kind, look in LOOKS.items() for login in look[2]])
def test_every_page_is_photographed(city: tuple[Site, dict[str, str]], kind: str, login: str, width: int) -> None:
    """For people to look at, in a folder that git ignores; axe looks at every one."""
    site, names = city
    look, language, pages = LOOKS[kind]
    page = enter(site, login, width, look, language)
    for path in pages[login]:
        page.goto(path.format(**names))
        name = re.sub(r"\W+", "-", f"{login} {path}").strip("-")
        site.shot(page, f"{name}-{width}-{kind}")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert not violations(page), path
    page.context.close()
