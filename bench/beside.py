"""The peers' side of the benchmark: their environment, and each of them as a process that does as it is told."""

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import text

from models.database import Database

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".peers"
LOCK = ROOT / "requirements-peers.txt"
MODULES = {"viewflow": "bench.peers.django_viewflow", "spiff": "bench.peers.spiff"}


@dataclass(frozen=True, slots=True)
class Peer:
    name: str
    process: subprocess.Popen[str]

    def ready(self, count: int) -> None:
        """Its cases wait for the next approval: new ones, where the last have come to their end."""
        self._ask(f"ready {count}", count)

    def approve(self, count: int) -> int:
        return self._ask("approve", count)

    def _ask(self, order: str, expected: int) -> int:
        self.tell(order)
        assert self.process.stdout
        answer = self.process.stdout.readline()
        if answer.strip() != str(expected):
            raise RuntimeError(f"{self.name} was told {order!r} and answered {answer!r}")
        return expected

    def tell(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()


@contextmanager
def peers(database: Database) -> Generator[list[Peer]]:
    """Each beside our tables in a schema of its own, on SQLite in a file beside ours."""
    python = _installed()
    with ExitStack() as stack:
        yield [stack.enter_context(_started(python, name, _place(database, name))) for name in MODULES]


@contextmanager
def _started(python: Path, name: str, place: dict[str, Any]) -> Generator[Peer]:
    command = [str(python), "-P", "-m", MODULES[name]]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={"PYTHONPATH": str(ROOT)}) as process:
        peer = Peer(name, process)
        peer.tell(json.dumps(place))
        yield peer


def _place(database: Database, name: str) -> dict[str, Any]:
    url = database.url
    if database.is_sqlite:
        return {"file": f"{url.database}-{name}"}
    with database.engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    host = url.host or url.query.get("host")
    told = {"dbname": url.database, "user": url.username, "password": url.password, "host": host, "port": url.port}
    return {key: value for key, value in told.items() if value} | {"options": f"-c search_path={name}"}


def _installed() -> Path:
    """Their interpreter; what the lock names is installed when the environment was made from another lock."""
    python, stamp = HOME / "bin" / "python", HOME / "installed"
    lock = sha256(LOCK.read_bytes()).hexdigest()
    if not (stamp.exists() and stamp.read_text() == lock):
        subprocess.run([sys.executable, "-m", "venv", "--clear", HOME], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "--require-hashes", "-r", LOCK], check=True, stdout=sys.stderr
        )
        stamp.write_text(lock)
    return python
