"""Teeth: faults that are planted on purpose, each of which a named test must find. `./xinjie test --mutants [NAME]`

Each fault of mutants.toml goes into a copy of the tree, and its test is run there alone. A test that still passes, or
a place that is not found exactly once any more, is an error.
"""

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TABLE = Path(__file__).with_name("mutants.toml")
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", "var", "__pycache__", ".*_cache", ".hypothesis", "*.db*")
PYTEST = ("-m", "pytest", "-q", "-rfE", "--tb=line", "-m", "", "-p", "no:randomly", "-p", "no:cacheprovider")
AT_ONCE = 2
FAILED = 1
"""pytest's status when a test has failed; every other one (no such test, broken import) proves nothing."""
OUTCOME = re.compile(r"^(?:FAILED|ERROR) (tests/.*?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """In `file` the text `find` becomes `replace`; `test` is the pytest node that must then fail. `why`: the harm."""

    name: str
    file: str
    find: str
    replace: str
    test: str
    why: str

    def places(self, root: Path = ROOT) -> int:
        """How often its place is found; once, or the row no longer says what it changes."""
        path = root / self.file
        return path.read_text(encoding="utf-8").count(self.find) if path.exists() else 0


def table() -> list[Mutant]:
    return [Mutant(**row) for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["mutant"]]


def run(names: Sequence[str], say: Callable[[str], object]) -> int:
    """Plant the named faults, or all; one line each, the tally last. Gives the exit status."""
    chosen = [mutant for mutant in table() if not names or mutant.name in names]
    if unknown := set(names) - {mutant.name for mutant in chosen}:
        say(f"没有 no such mutant: {', '.join(sorted(unknown))}")
        return 2
    with TemporaryDirectory(prefix="xinjie-mutants-") as folder:
        copies = [Path(folder, str(number)) for number in range(AT_ONCE)]
        for copy in copies:
            shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        before = _pytest(copies[0], sorted({mutant.test for mutant in chosen}))
        if before.returncode not in (0, FAILED):
            say(before.stdout)
            return 2
        unsound, failed = OUTCOME.findall(before.stdout), 0
        for mutant, verdict, seconds in _results(chosen, copies, unsound):
            failed += verdict != "killed"
            say(f"{verdict:<9} {seconds:5.1f} s  {mutant.name:<32} {mutant.test}")
    say(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _results(
    chosen: Sequence[Mutant], copies: Sequence[Path], unsound: Sequence[str]
) -> Iterator[tuple[Mutant, str, float]]:
    free: SimpleQueue[Path] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def one(mutant: Mutant) -> tuple[Mutant, str, float]:
        copy, began = free.get(), time.monotonic()
        try:
            return mutant, _verdict(mutant, copy, unsound), time.monotonic() - began
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        yield from pool.map(one, chosen)


def _verdict(mutant: Mutant, root: Path, unsound: Sequence[str]) -> str:
    """`killed`, or what is wrong: `survived`; `unsound`, the test fails without the fault; `broken`, it did not run."""
    if any(test.startswith(mutant.test) for test in unsound):
        return "unsound"
    if mutant.places(root) != 1:
        return "misplaced"
    with _planted(mutant, root):
        done = _pytest(root, [mutant.test], "-x")
    if done.returncode == FAILED and re.search(r"^FAILED ", done.stdout, re.MULTILINE):
        return "killed"
    return "broken" if done.returncode else "survived"


@contextmanager
def _planted(mutant: Mutant, root: Path) -> Generator[None]:
    path = root / mutant.file
    text, before = path.read_text(encoding="utf-8"), path.stat()
    path.write_text(text.replace(mutant.find, mutant.replace), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")
        # Compiled files go by this time; with the old one back, the compiled fault cannot be taken for the original.
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _pytest(root: Path, tests: Sequence[str], *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONUTF8": "1"}
    command = [sys.executable, "-P", *PYTEST, *options, *tests]
    told: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    return subprocess.run(command, cwd=root, env=environment, check=False, **told)
