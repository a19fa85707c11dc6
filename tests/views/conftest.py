"""Worlds for the web doors: SQLite copies of one staged database, and the application over them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from models.database import Database
from tests.cast import World, stage
from tests.stages import Stages
from tests.web import app_for


@pytest.fixture(scope="session")
def staged(stages: Stages) -> Path:
    return stages.file("cast", stage)


@pytest.fixture
def world(staged: Path, tmp_path: Path) -> Iterator[World]:
    file = tmp_path / "world.db"
    shutil.copy(staged, file)
    database = Database(f"sqlite:///{file}")
    yield World(database)
    database.close()


@pytest.fixture
def app(world: World) -> Flask:
    return app_for(world)
