"""Worlds: copies of one staged database per kind, made once and copied for each test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.database import Database
from tests import shandong
from tests.cast import World, stage
from tests.stages import Stages

NewWorld = Callable[..., World]


@pytest.fixture(scope="session")
def sqlite_stage(stages: Stages) -> Path:
    return stages.file("cast", stage)


@pytest.fixture(scope="session")
def postgres_stage(stages: Stages) -> str:
    return stages.template("cast", stage)


@pytest.fixture
def new_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewWorld]:
    """Call it with `sqlite` or `postgres` for a world of its own: the stage, or a copy of the world `like` as it is."""
    opened: list[Database] = []

    def make(kind: str, like: World | None = None) -> World:
        if like:
            like.database.close()
        if kind == "postgres":
            template = like.database.url.database if like else request.getfixturevalue("postgres_stage")
            url = request.getfixturevalue("postgres_url")(template=template)
        else:
            file = tmp_path / f"world-{len(opened)}.db"
            shutil.copy(like.database.url.database or "" if like else request.getfixturevalue("sqlite_stage"), file)
            url = f"sqlite:///{file}"
        opened.append(Database(url))
        world = World(opened[-1])
        if like:
            world.clock.to(like.at)
        return world

    yield make
    for database in opened:
        database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest, new_world: NewWorld) -> World:
    """The staged cast on a database of its own; the test runs once on each kind."""
    return new_world(request.param)


@pytest.fixture
def new_shandong(stages: Stages, tmp_path: Path) -> Iterator[Callable[[str], shandong.Shandong]]:
    opened: list[Database] = []

    def make(kind: str) -> shandong.Shandong:
        url = f"sqlite:///{tmp_path / 'shandong.db'}"
        if kind == "sqlite":
            shutil.copy(stages.file("shandong", shandong.stage), tmp_path / "shandong.db")
        else:
            url = stages.server().fresh_database(template=stages.template("shandong", shandong.stage))
        opened.append(Database(url))
        return shandong.Shandong(opened[-1])

    yield make
    for database in opened:
        database.close()
