"""Serving: the web by waitress, the scheduler beside it, until a signal ends both."""

import errno
import gc
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Event
from time import monotonic
from types import FrameType
from typing import Any

from waitress import create_server, wasyncore

from app import create_app
from config import Settings
from models.database import Database
from views.texts import text
from workflow.channels import sender
from workflow.clock import Clock
from workflow.delivery import Postman
from workflow.scheduler import ticker

THREADS = 8
STOPS = (signal.SIGINT, signal.SIGTERM)
PATIENCE = 30
"""Seconds for the answers that are still owed after a signal; deploy/xinjie-web.service gives a little more."""


class CannotListen(OSError):
    """The address is not this machine's, or somebody else listens on the port."""


def serve(settings: Settings, database: Database, clock: Clock, ready: Callable[[], object], *, sweeps: bool) -> None:
    """Answer requests until Ctrl-C or SIGTERM; `sweeps`: keep the deadlines in this process too."""
    with _listening(settings) as listener:
        app = create_app(settings, database, clock)
        server = server_of(app, listener, settings)
        gc.collect()
        gc.freeze()  # what a server holds for good is not walked again whenever the garbage of requests is collected
        post = postman(settings, database, clock)
        witness = settings.data_folder() / "witness"
        scheduler = ticker(database, clock, post=post.tick, witness=witness) if sweeps else None
        ready()
        try:
            _answer(server)
        finally:
            server.task_dispatcher.shutdown()
            server.close()
            if scheduler:
                scheduler.shutdown(wait=False)
            post.close()


def server_of(app: Callable[..., Any], listener: socket.socket, settings: Settings) -> Any:
    # The server would by itself take away what a proxy says of its client, and the application see one client only.
    proxied = settings.trusted_proxies > 0
    return create_server(app, sockets=[listener], threads=THREADS, ident="", clear_untrusted_proxy_headers=not proxied)


def postman(settings: Settings, database: Database, clock: Clock) -> Postman:
    return Postman(database, clock, text, sender(internal=settings.allow_internal_webhooks))


def _answer(server: Any) -> None:
    """Until a signal. Then nobody is let in any more, and who has asked is answered; a second signal ends that too."""
    stopping = Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()
        server.pull_trigger()

    before = {number: signal.signal(number, stop) for number in STOPS}
    while not stopping.is_set():
        wasyncore.loop(timeout=1, map=server._map, count=1)
    for number, handler in before.items():
        signal.signal(number, handler)
    wasyncore.dispatcher.close(server)  # its socket only
    until = monotonic() + PATIENCE
    while any(map(_owes, server.active_channels.values())) and monotonic() < until:
        wasyncore.loop(timeout=0.1, map=server._map, count=1)


def _owes(channel: Any) -> bool:
    """Whether a request is being received, dealt with or answered on it."""
    return bool(channel.request or channel.requests or channel.total_outbufs_len)


@contextmanager
def stopped_by_signals() -> Generator[None]:
    """Ctrl-C and SIGTERM end the block quietly: both are the ordinary way to stop."""
    for number in STOPS:
        signal.signal(number, _interrupt)
    try:
        yield
    except KeyboardInterrupt:
        return


def look_for_port(settings: Settings) -> None:
    """Raises CannotListen, before anything slow is begun."""
    with _listening(settings):
        return


@contextmanager
def _listening(settings: Settings) -> Generator[socket.socket]:
    try:
        family, *_, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address, family=family)
    except OSError as error:
        why = "端口已被占用" if error.errno == errno.EADDRINUSE else "不能在此监听"
        raise CannotListen(f"{settings.host}:{settings.port} {why}，用 --host、--port 另选") from error
    with listener:
        yield listener


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
