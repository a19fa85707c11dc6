"""The harness: where databases and browsers come from, and how hard the property tests look. No test data here."""

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from models.database import SQLITE_PRAGMAS
from tests import compiled
from tests.postgres import Home, Server
from tests.stages import Stages

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOME = pytest.StashKey[Home]()

# The short form takes the same examples each time: a landing never fails by chance, the long form looks further.
hypothesis.settings.register_profile("short", deadline=None, max_examples=50, derandomize=True)
hypothesis.settings.register_profile("long", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("short")


def pytest_configure(config: pytest.Config) -> None:
    compiled.share()
    SQLITE_PRAGMAS["synchronous"] = 0  # as with PostgreSQL: a process may be killed here, the machine's power stays
    if not hasattr(config, "workerinput"):
        config.stash[HOME] = Home()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    node.workerinput["postgres_home"] = str(node.config.stash[HOME].path)


def pytest_unconfigure(config: pytest.Config) -> None:
    if home := config.stash.get(HOME, None):
        home.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "postgres_url" in getattr(item, "fixturenames", ()):
            item.add_marker("postgres")
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end: the collector need not go through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session")
def stages(pytestconfig: pytest.Config) -> Stages:
    """Makes the databases that tests copy."""
    worker = getattr(pytestconfig, "workerinput", None)
    home = Path(worker["postgres_home"]) if worker else pytestconfig.stash[HOME].path
    return Stages(home, lambda: Server(home))


@pytest.fixture(scope="session")
def postgres_url(stages: Stages) -> Callable[..., str]:
    """Call it for the address of a new database on a real PostgreSQL; `template=` names one to copy."""
    return stages.server().fresh_database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new empty database; the test runs once on each kind."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres_url")()
    return f"sqlite:///{tmp_path / 'test.db'}"


DEMO_DAY = datetime(2026, 2, 18, 4, 0, tzinfo=UTC)
"""In the Spring Festival holiday: no working day, and the last one is days ago."""


@pytest.fixture(scope="session")
def demo_city(stages: Stages) -> Path:
    """The demo's database as loaded on DEMO_DAY; who changes it takes a copy."""
    from workflow.demo import city

    return stages.file("demo", lambda database: city.load(database, DEMO_DAY))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Browser"]:
    """One real Chromium for the whole run; a test opens its own context in it."""
    # Only the tests that need a browser wait for playwright to be imported.
    from tests.chromium import running_chromium

    with running_chromium(tmp_path_factory.mktemp("fonts")) as browser:
        yield browser
