"""Worlds: copies of one staged database per kind, made once and copied for each test."""

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import make_url

from models import schema
from models.database import Database
from tests import shandong
from tests.cast import World, stage

NewWorld = Callable[..., World]


def _staged(url: str) -> str:
    database = Database(url)
    schema.upgrade(database)
    stage(database)
    database.close()
    return url


@pytest.fixture(scope="session")
def sqlite_stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("stage") / "stage.db"
    _staged(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_stage(postgres_url: Callable[..., str]) -> str:
    return make_url(_staged(postgres_url())).database or ""


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


@pytest.fixture(scope="session")
def shandong_stages(tmp_path_factory: pytest.TempPathFactory, postgres_url: Callable[..., str]) -> Callable[[str], str]:
    """The staged Shandong by kind, made when first asked for: a file to copy, or a database to use as template."""

    @cache
    def staged(kind: str) -> str:
        file = tmp_path_factory.mktemp("shandong") / "stage.db"
        url = f"sqlite:///{file}" if kind == "sqlite" else postgres_url()
        database = Database(url)
        schema.upgrade(database)
        shandong.stage(database)
        database.close()
        return str(file) if kind == "sqlite" else make_url(url).database or ""

    return staged


@pytest.fixture
def new_shandong(
    shandong_stages: Callable[[str], str], postgres_url: Callable[..., str], tmp_path: Path
) -> Iterator[Callable[[str], shandong.Shandong]]:
    opened: list[Database] = []

    def make(kind: str) -> shandong.Shandong:
        url = f"sqlite:///{tmp_path / 'shandong.db'}"
        if kind == "sqlite":
            shutil.copy(shandong_stages(kind), tmp_path / "shandong.db")
        else:
            url = postgres_url(template=shandong_stages(kind))
        opened.append(Database(url))
        return shandong.Shandong(opened[-1])

    yield make
    for database in opened:
        database.close()
