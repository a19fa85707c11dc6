"""What pages and units of work get to read through, also after their server has gone and come back."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.orm import Session

from config import ROOT
from models.database import Database
from models.driver import execute

BACKEND = text("SELECT pg_backend_pid()")
FACTS = text("SELECT id FROM fact")
END_THE_OTHERS = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def backend(session: Session) -> int:
    return session.scalars(BACKEND).one()


def test_a_site_on_sqlite_has_answered_only_what_its_disk_holds(tmp_path: Path) -> None:
    """FULL (2), in a log of its own. Asked in a process of its own: the tests themselves do not wait for the disk."""
    ask = (
        "import sys; from models.database import Database; database = Database(sys.argv[1])\n"
        "with database.engine.connect() as one:\n"
        "    print(*(one.exec_driver_sql(f'PRAGMA {name}').scalar() for name in ('synchronous', 'journal_mode')))"
    )
    command = [sys.executable, "-P", "-c", ask, f"sqlite:///{tmp_path / 'site.db'}"]
    asked = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True)
    assert asked.stdout.split() == ["2", "wal"]


def test_a_server_that_has_vanished_is_waited_for_a_minute_unless_its_address_says_otherwise() -> None:
    asked: dict[str, Any] = {}

    def told(_dialect: Any, _record: Any, _names: Any, how: dict[str, Any]) -> None:
        asked.update(how)
        raise ConnectionRefusedError

    with closing(Database("postgresql+psycopg://db.example/xinjie?connect_timeout=3")) as database:
        event.listen(database.engine, "do_connect", told)
        with pytest.raises(ConnectionRefusedError), database.read() as session:
            session.connection()
    assert (asked["connect_timeout"], asked["tcp_user_timeout"]) == ("3", 60_000)


@pytest.mark.postgres
def test_connections_that_the_server_ended_while_they_lay_idle_reach_nobody(postgres_url: Callable[[], str]) -> None:
    url = postgres_url()
    with closing(Database(url)) as database, closing(Database(url)) as other:
        with database.read() as one, database.read() as two:
            before = {backend(one), backend(two)}
        with database.glance() as page:
            assert backend(page) in before
        with database.read() as session:
            assert backend(session) in before
        with other.read() as session:
            assert session.scalars(END_THE_OTHERS).all() == [True, True]
        with database.glance() as page, database.read() as one, database.write() as two:
            assert before.isdisjoint({backend(page), backend(one), backend(two)})


def test_a_page_sees_one_state_and_the_next_one_what_came_meanwhile(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'one.db'}")) as database:
        with database.write() as session:
            session.execute(text("CREATE TABLE fact (id INTEGER)"))
        with database.glance() as page:
            seen = [page.scalars(FACTS).all()]
            with database.write() as session:
                session.execute(text("INSERT INTO fact VALUES (1)"))
            with database.glance() as another:
                seen += [page.scalars(FACTS).all(), another.scalars(FACTS).all()]
        with pytest.raises(ZeroDivisionError), database.glance() as broken:
            broken.execute(text("INSERT INTO fact VALUES (2)"))
            raise ZeroDivisionError
        with database.glance() as later:
            seen.append(later.scalars(FACTS).all())
        assert seen == [[], [], [1], [1]]
        with pytest.raises(InvalidRequestError):
            later.scalars(FACTS).all()
        with pytest.raises(InvalidRequestError):
            later.connection()


@pytest.mark.parametrize("prepared", [False, True])
def test_a_refused_row_is_told_without_its_values(empty_database: str, prepared: bool) -> None:
    """What an error says ends in a log."""
    secret = "张三"
    with closing(Database(empty_database)) as database, database.write() as session:
        session.execute(text("CREATE TABLE person_ (name VARCHAR NOT NULL CHECK (name <> '张三'), id INTEGER)"))
        with pytest.raises(IntegrityError) as refused:
            if prepared:
                execute(session.connection(), "INSERT INTO person_ VALUES ($1, $2)", (secret, 1))
            else:
                session.execute(text("INSERT INTO person_ VALUES (:name, :id)"), {"name": secret, "id": 1})
        for told in (str(refused.value), repr(refused.value), str(refused.value.orig)):
            assert secret not in told.replace("name <> '张三'", "")
        session.rollback()
