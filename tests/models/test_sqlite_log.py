"""SQLite's log is folded into the file only while nobody else can commit, and does not grow without end."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from models import sqlite_log
from models.database import Database


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Database, Path]:
    monkeypatch.setattr(sqlite_log, "FOLDS_ITSELF", False)
    monkeypatch.setattr(sqlite_log, "LOG_BYTES", 2**16)
    file = tmp_path / "x.db"
    database = Database(f"sqlite:///{file}")
    with database.write() as session:
        session.execute(text("CREATE TABLE paper (body TEXT)"))
    return database, file.with_name("x.db-wal")


def _write(database: Database) -> None:
    with database.write() as session:
        session.execute(text("INSERT INTO paper VALUES (:body)"), {"body": "x" * 20_000})


def test_the_log_is_folded_and_stays_small(filled: tuple[Database, Path]) -> None:
    database, log = filled
    for _ in range(100):
        _write(database)
        assert log.stat().st_size < 4 * sqlite_log.LOG_BYTES
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM paper")) == 100
    database.close()


def test_no_connection_folds_by_itself_nor_while_another_writes(filled: tuple[Database, Path]) -> None:
    database, log = filled
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one() == 0
    with database.read() as reader:
        reader.execute(text("SELECT 1 FROM paper")).all()
        for _ in range(10):
            _write(database)  # the reader keeps the log from being begun anew
    size = log.stat().st_size
    assert size > sqlite_log.LOG_BYTES
    other = sqlite3.connect(database.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    file = Path(database.url.database or "")
    folded = file.stat().st_size
    sqlite_log.fold(str(file))  # gives up, and raises nothing
    assert file.stat().st_size == folded
    other.execute("ROLLBACK")
    other.close()
    _write(database)
    _write(database)
    assert log.stat().st_size < size
    database.close()
