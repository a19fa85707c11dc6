"""An application behind the server that a site has, and a browser that asks it."""

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask
from waitress import create_server

from views.serve import THREADS

ROOT = Path(__file__).parent.parent
Page = tuple[str, str | None]
"""Its path, and the form it is sent; None where it is only read."""


@contextmanager
def served(app: Flask) -> Generator[int]:
    """Its port, on a thread of this process."""
    sockets: dict[int, Any] = {}
    server = create_server(app, sockets, host="127.0.0.1", port=0, threads=THREADS, ident="")
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        left = list(sockets.values())
        sockets.clear()  # its loop ends, however many connections are open
        server.pull_trigger()
        thread.join(5)
        for one in left:
            one.close()


@dataclass(frozen=True, slots=True)
class Browser:
    process: subprocess.Popen[str]
    cookie: str

    def asks(self, pages: list[Page], status: int, leads_to: str = "") -> int:
        """All of them one after the other, each answered with this status; how many there were."""
        order = {"pages": pages, "cookie": self.cookie, "status": status, "leads_to": leads_to}
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{json.dumps(order)}\n")
        self.process.stdin.flush()
        if self.process.stdout.readline().strip() != str(len(pages)):
            raise RuntimeError("a page was answered otherwise")
        return len(pages)


@contextmanager
def browser(app: Flask, **kept: Any) -> Generator[Browser]:
    """One whose session holds this."""
    with served(app) as port:
        command, pipe = [sys.executable, "-P", "-m", "bench.browser", str(port)], subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={"PYTHONPATH": str(ROOT)}) as process:
            yield Browser(process, _cookie(app, kept) if kept else "")


def _cookie(app: Flask, kept: dict[str, Any]) -> str:
    """It is sent the same each time, as by one that has shown the messages that the last answer gave it."""
    client, name = app.test_client(), app.config["SESSION_COOKIE_NAME"]
    with client.session_transaction() as session:
        session.update(kept)
    held = client.get_cookie(name)
    return f"{name}={held.value if held else ''}"
