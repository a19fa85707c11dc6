"""A PostgreSQL of its own that keeps what it acknowledged, to be stopped and shot at."""

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.postgres import Home, Server, _execute


class Battered:
    """The tests' server started anew with the durability of a real site."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.data = server.run / "data"
        self.programs = Path((self.data / "postmaster.opts").read_text().split()[0]).parent
        self.stop()
        self.start()

    def start(self) -> None:
        settings = f"-k {self.server.run} -c listen_addresses= -c fsync=on -c synchronous_commit=on"
        self._control("start", "-l", self.server.run / "log", "-o", settings)

    def stop(self) -> None:
        """As a power cut for the server: no checkpoint, no farewell to anybody."""
        self._control("stop", "-m", "immediate")

    def _control(self, verb: str, *options: str | Path) -> None:
        _execute(self.server.run, self.programs / "pg_ctl", verb, "-w", "-D", self.data, *options)

    def kill_a_backend(self) -> None:
        """The server then ends all others and recovers."""
        working = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        with psycopg.connect(host=str(self.server.run), user="postgres", dbname="postgres") as connection:
            found = connection.execute(f"{working} ORDER BY random() LIMIT 1").fetchone()
        if found:
            os.kill(found[0], signal.SIGKILL)


@contextmanager
def battered_server() -> Generator[Battered]:
    home = Home()
    try:
        yield Battered(Server(home.path))
    finally:
        home.close()
