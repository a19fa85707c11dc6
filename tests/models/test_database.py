"""What a pool of connections gives out after its server has gone and come back."""

from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.database import Database

BACKEND = text("SELECT pg_backend_pid()")
END_THE_OTHERS = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def backend(session: Session) -> int:
    return session.scalars(BACKEND).one()


@pytest.mark.postgres
def test_connections_that_the_server_ended_while_they_lay_idle_reach_nobody(postgres_url: Callable[[], str]) -> None:
    url = postgres_url()
    with closing(Database(url)) as database, closing(Database(url)) as other:
        with database.read() as one, database.read() as two:
            before = {backend(one), backend(two)}
        with database.read() as session:
            assert backend(session) in before
        with other.read() as session:
            assert session.scalars(END_THE_OTHERS).all() == [True, True]
        with database.read() as one, database.write() as two:
            assert before.isdisjoint({backend(one), backend(two)})
