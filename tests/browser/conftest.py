"""A site that really serves: the cast's world behind waitress, with a clock set by hand, and people in Chromium."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copy
from typing import TYPE_CHECKING, Any, Literal

import pytest
from flask import Flask

from bench.served import served
from models.database import Database
from tests.cast import World, stage
from tests.conftest import DEMO_DAY
from tests.stages import Stages
from tests.web import app_for, client_for
from views.passwords import hash_password

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request

PASSWORD = "信阶-示例-口令-2026"
SHOTS = Path(__file__).parents[1] / "shots"


@dataclass
class Site:
    """`as_` gives the page of somebody signed in; each has a browser context of their own, like a person a machine."""

    world: World
    app: Flask
    address: str
    browser: "Browser"
    errors: list[str] = field(default_factory=list)
    pages: dict[str, "Page"] = field(default_factory=dict)
    signed_in: set[str] = field(default_factory=set)

    def new(self, width: int = 1440, look: Literal["light", "dark"] = "light") -> "Page":
        context: BrowserContext = self.browser.new_context(
            base_url=self.address, locale="zh-CN", viewport={"width": width, "height": 900}, color_scheme=look
        )
        page = context.new_page()
        page.on(
            "console", lambda said: self.errors.append(f"{page.url}: {said.text}") if said.type == "error" else None
        )
        page.on("request", self._stays_here)
        return page

    def _stays_here(self, request: "Request") -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.errors.append(f"left the host: {request.url}")

    def sign_in(self, page: "Page", login: str, role: str = "") -> None:
        """What the login page does, which test_use.py and test_tour.py go through: the cookie of a new session."""
        name = self.app.config["SESSION_COOKIE_NAME"]
        cookie = client_for(self.world, login, role, self.app).get_cookie(name)
        assert cookie
        page.context.add_cookies([{"name": name, "value": cookie.value, "url": self.address}])

    def as_(self, login: str, role: str = "") -> "Page":
        key = f"{login}/{role}"
        if key not in self.pages:
            self.pages[key] = self.new()
        if key not in self.signed_in:
            self.sign_in(self.pages[key], login, role)
            self.signed_in.add(key)
        return self.pages[key]

    def forget(self) -> None:
        """Everybody goes home: the next `as_` signs in anew."""
        self.signed_in.clear()

    def shot(self, page: "Page", name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


@contextmanager
def serving(file: Path, browser: "Browser", **settings: Any) -> Generator[Site]:
    """A database served, its files beside it."""
    world = World(Database(f"sqlite:///{file}"))
    app = app_for(world, data=file.parent, **settings)
    with served(app) as port:
        site = Site(world, app, f"http://127.0.0.1:{port}", browser)
        yield site
        for page in site.pages.values():
            page.context.close()
    world.database.close()


@pytest.fixture(scope="session")
def staged(stages: Stages) -> Path:
    return stages.file("cast-with-password", lambda database: stage(database, hash_password(PASSWORD)))


@pytest.fixture
def site(staged: Path, tmp_path: Path, chromium: "Browser") -> Iterator[Site]:
    with serving(Path(copy(staged, tmp_path)), chromium) as found:
        yield found
    assert found.errors == []


@pytest.fixture
def demo_site(demo_city: Path, tmp_path: Path, chromium: "Browser") -> Iterator[Site]:
    with serving(Path(copy(demo_city, tmp_path)), chromium, demo=True) as found:
        found.world.clock.to(DEMO_DAY)
        yield found
