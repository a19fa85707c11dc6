"""A line between the application and PostgreSQL that breaks when it is told to."""

import socket
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select
from threading import Lock, Thread

NAME = ".s.PGSQL.5432"
MOST = 1 << 16


class Wire:
    """Carries what both sides of each connection say, until it is told to lose something."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder, self.broke = folder, False
        self._server, self._lock = str(server / NAME), Lock()
        self._left, self._heard = 0, False
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / NAME))
        self._listener.listen()
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def cut(self, nth: int, *, heard: bool) -> None:
        """The n-th thing that clients say from now on is the last on its connection. `heard`: the server still gets
        it, and its answer is lost."""
        with self._lock:
            self._left, self._heard, self.broke = nth, heard, False

    def close(self) -> None:
        """After the clients."""
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._threads.append(Thread(target=self._carry, args=(client, server)))
                self._threads[-1].start()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        lost = False
        with client, server, suppress(OSError):
            while True:
                for side in select([client, server], [], [])[0]:
                    said = side.recv(MOST)
                    if not said or (lost and side is server):
                        return
                    if side is client and self._is_last():
                        if not self._heard:
                            return
                        lost = True
                    (server if side is client else client).sendall(said)

    def _is_last(self) -> bool:
        with self._lock:
            last = self._left == 1
            self._left -= self._left > 0
            self.broke |= last
            return last


@contextmanager
def wire(server: Path) -> Generator[Wire]:
    """`server`: the folder of its socket. The line's own must be short: a socket's path may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="xinjie-wire-", dir="/tmp") as folder:
        line = Wire(Path(folder), server)
        yield line
        line.close()
