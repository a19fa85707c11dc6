"""Stopping: who has asked is answered, and nobody else is let in."""

import os
import signal
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from urllib.request import urlopen

from waitress import create_server

from views import serve


def test_a_signal_lets_those_who_have_asked_have_their_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as pool:
        here = listener.getsockname()

        def slow(_environ: object, begin: Callable[..., object]) -> Iterable[bytes]:
            os.kill(os.getpid(), signal.SIGTERM)
            while _open(here):
                sleep(0.01)
            begin("200 OK", [("Content-Length", "4")])
            return [b"done"]

        server = create_server(slow, sockets=[listener])
        asked = pool.submit(lambda: urlopen(f"http://127.0.0.1:{here[1]}/", timeout=10).read())
        serve._answer(server)
        server.close()
        assert asked.result(timeout=10) == b"done"


def _open(address: tuple[str, int]) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(address) == 0
