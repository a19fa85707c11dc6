"""Databases that many tests copy: each is made once in a run, by whoever asks first; the others wait for it."""

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from models import schema
from models.database import Database
from tests.postgres import Server

FOLDER = "XINJIE_STAGES"
"""Names the folder that the stages of `./xinjie test` share."""
Fill = Callable[[Database], object]


class Stages:
    """`server` is asked for only where a template on PostgreSQL is."""

    def __init__(self, home: Path, server: Callable[[], Server]) -> None:
        self.folder, self.home, self.server = Path(os.environ.get(FOLDER, home)), home, server

    def file(self, name: str, fill: Fill) -> Path:
        """An SQLite database of the present schema, filled, in a folder of its own with the files that were handed in;
        who changes it takes a copy."""
        file = self.folder / name / "site.db"
        with _alone(self.folder / name):
            if not file.exists():
                file.parent.mkdir(exist_ok=True)
                making = file.with_suffix(".making")
                making.unlink(missing_ok=True)  # of one whose making failed
                _filled(f"sqlite:///{making}", fill)
                making.rename(file)
        return file

    def template(self, name: str, fill: Fill) -> str:
        """The name of a database on the tests' PostgreSQL server, to make new ones from."""
        made, server = self.home / f"{name}.template", self.server()
        with _alone(self.home / f"{name}-template"):
            if not made.exists():
                made.write_text(_filled(server.fresh_database(), fill))
        return made.read_text()


def _filled(url: str, fill: Fill) -> str:
    database = Database(url)
    schema.upgrade(database)
    fill(database)
    database.close()
    return database.url.database or ""


@contextmanager
def _alone(place: Path) -> Generator[None]:
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
