"""A site that must not be started says why, in one line."""

import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

import config
from models.database import Database
from tests.cast import World, stage
from tests.stages import Stages
from views.cli import xinjie


@pytest.fixture
def data(stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XINJIE_DATA", str(tmp_path))
    monkeypatch.delenv("XINJIE_DATABASE_URL", raising=False)
    shutil.copy(stages.file("cast", stage), tmp_path / "xinjie.db")
    return tmp_path


def _database(data: Path) -> Database:
    return Database(f"sqlite:///{data / 'xinjie.db'}")


def _older(data: Path) -> None:
    with closing(_database(data)) as database, database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0002'"))


def _newer(data: Path) -> None:
    with closing(_database(data)) as database, database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))


def _damaged(data: Path) -> None:
    (data / "xinjie.db").write_bytes(b"no database" * 1000)


def _gone(data: Path) -> None:
    (data / "xinjie.db").unlink()


def _told_to_others(data: Path) -> None:
    config.load(data=data).secret()
    (data / "secret_key").chmod(0o640)


def _garbled(data: Path) -> None:
    (data / "secret_key").write_bytes(b"\xff" * 64)
    (data / "secret_key").chmod(0o600)


def _behind(data: Path) -> None:
    with closing(_database(data)) as database:
        world = World(database)
        world.clock.to(datetime.now(UTC) + timedelta(days=2))
        world.round()


@pytest.mark.parametrize(
    ("spoil", "status", "says"),
    [
        (_older, 1, "./xinjie db upgrade"),
        (_newer, 1, "9999 比本程序新"),
        (_damaged, 2, "数据库不可用"),
        (_gone, 2, "xinjie db upgrade"),
        (_told_to_others, 2, "chmod 600"),
        (_garbled, 2, "已损坏"),
        (_behind, 1, "先校准时钟"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_site_that_must_not_start_says_why(data: Path, spoil: Callable[[Path], None], status: int, says: str) -> None:
    spoil(data)
    for command in ("run", "scheduler"):
        _refuses(command, status, says)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DATA", "/proc", "数据文件夹 /proc 不可写"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none", "数据库不可用"),
    ],
)
def test_so_does_one_whose_folder_or_server_is_not_there(
    data: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv("XINJIE_DATABASE_URL", f"sqlite:///{data / 'xinjie.db'}")
    monkeypatch.setenv(f"XINJIE_{name}", value)
    _refuses("run", 2, says)


def _refuses(command: str, status: int, says: str) -> None:
    done = CliRunner().invoke(xinjie, [command], prog_name="xinjie")
    assert (done.exit_code, says in done.stderr, done.stderr.count("\n")) == (status, True, 1), done.output


def test_doctor_tells_a_newer_schema_from_an_older_one(data: Path) -> None:
    for spoil, says in ((_older, "运行 xinjie db upgrade"), (_newer, "用新版程序打开")):
        spoil(data)
        done = CliRunner().invoke(xinjie, ["doctor"], prog_name="xinjie")
        assert (done.exit_code, says in done.stdout) == (2, True)
