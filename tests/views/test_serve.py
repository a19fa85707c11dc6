"""The server: what it hands on, and how it stops."""

import os
import signal
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from urllib.request import Request, urlopen

import pytest

from config import Settings
from views import serve


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_proxys_word_is_handed_on_only_behind_one_and_who_has_asked_is_answered_after_a_signal(proxies: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as pool:
        here = listener.getsockname()

        def slow(environ: dict[str, str], begin: Callable[..., object]) -> Iterable[bytes]:
            os.kill(os.getpid(), signal.SIGTERM)
            while _open(here):
                sleep(0.01)
            begin("200 OK", [])
            return [environ.get("HTTP_X_FORWARDED_FOR", "nothing").encode()]

        server = serve.server_of(slow, listener, Settings(_env_file=None, trusted_proxies=proxies))
        question = Request(f"http://127.0.0.1:{here[1]}/", headers={"X-Forwarded-For": "192.0.2.7"})
        asked = pool.submit(lambda: urlopen(question, timeout=10).read())
        serve._answer(server)
        server.close()
        assert asked.result(timeout=10) == (b"192.0.2.7" if proxies else b"nothing")


def _open(address: tuple[str, int]) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(address) == 0
