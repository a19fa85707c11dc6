"""A site that really serves: the cast's world behind waitress, with a clock set by hand, and people in Chromium."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copy
from typing import TYPE_CHECKING, Literal

import pytest
from waitress.server import create_server

from models import schema
from models.database import Database
from tests.cast import World, stage
from tests.conftest import DEMO_DAY
from tests.web import app_for
from views.passwords import hash_password

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Request

PASSWORD = "信阶-示例-口令-2026"
SHOTS = Path(__file__).parents[1] / "shots"


@dataclass
class Site:
    """`as_` gives the page of somebody signed in; each has a browser context of their own, like a person a machine."""

    world: World
    address: str
    browser: "Browser"
    errors: list[str] = field(default_factory=list)
    pages: dict[str, "Page"] = field(default_factory=dict)

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

    def as_(self, login: str, role: str = "") -> "Page":
        key = f"{login}/{role}"
        if key not in self.pages:
            page = self.new()
            page.goto("/login")
            page.fill("[name=login]", login)
            page.fill("[name=password]", PASSWORD)
            page.click("form[action='/login'] button")
            self.pages[key] = page
        return self.pages[key]

    def forget(self) -> None:
        """Everybody goes home: the next `as_` signs in anew."""
        for page in self.pages.values():
            page.context.close()
        self.pages.clear()

    def shot(self, page: "Page", name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("browser") / "stage.db"
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database)
    stage(database, hash_password(PASSWORD))
    database.close()
    return file


@pytest.fixture
def site(staged: Path, tmp_path: Path, chromium: "Browser") -> Iterator[Site]:
    file = tmp_path / "site.db"
    file.write_bytes(staged.read_bytes())
    world = World(Database(f"sqlite:///{file}"))
    server = create_server(app_for(world, data=tmp_path), host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    found = Site(world, f"http://127.0.0.1:{server.effective_port}", chromium)
    yield found
    found.forget()
    server.close()
    thread.join(5)
    world.database.close()
    assert found.errors == []


@pytest.fixture
def demo_site(demo_city: Path, tmp_path: Path, chromium: "Browser") -> Iterator[Site]:
    database = Database(f"sqlite:///{copy(demo_city, tmp_path)}")
    world = World(database)
    world.clock.to(DEMO_DAY)
    server = create_server(app_for(world, data=tmp_path, demo=True), host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Site(world, f"http://127.0.0.1:{server.effective_port}", chromium)
    server.close()
    thread.join(5)
    database.close()
