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
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
TABLE = Path(__file__).with_name("mutants.toml")
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", "var", "__pycache__", ".*_cache", ".hypothesis", "*.db*")
PYTEST = ("-m", "pytest", "-q", "-x", "--tb=line", "-m", "", "-p", "no:randomly", "-p", "no:cacheprovider")
AT_ONCE = 2
FAILED = 1
"""pytest's status when a test has failed; every other one (no such test, broken import) proves nothing."""


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


def run(names: Sequence[str]) -> int:
    """Plant the named faults, or all; one line each, the tally last. Gives the exit status."""
    chosen = [mutant for mutant in table() if not names or mutant.name in names]
    if unknown := set(names) - {mutant.name for mutant in chosen}:
        print(f"没有 no such mutant: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    with TemporaryDirectory(prefix="xinjie-mutants-") as folder:
        copies = [Path(folder, str(number)) for number in range(AT_ONCE)]
        for copy in copies:
            shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        sound = _pytest(copies[0], sorted({mutant.test for mutant in chosen}))
        if sound.returncode:
            print(sound.stdout, "未植入时测试已不通过 the tests fail without any fault", sep="\n")
            return 1
        failed = 0
        for mutant, verdict, seconds in _results(chosen, copies):
            failed += verdict != "killed"
            print(f"{verdict:<9} {seconds:5.1f} s  {mutant.name:<32} {mutant.test}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _results(chosen: Sequence[Mutant], copies: Sequence[Path]) -> Iterator[tuple[Mutant, str, float]]:
    free: SimpleQueue[Path] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def one(mutant: Mutant) -> tuple[Mutant, str, float]:
        copy, began = free.get(), time.monotonic()
        try:
            return mutant, _verdict(mutant, copy), time.monotonic() - began
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        yield from pool.map(one, chosen)


def _verdict(mutant: Mutant, root: Path) -> str:
    if mutant.places(root) != 1:
        return "misplaced"
    with _planted(mutant, root):
        done = _pytest(root, [mutant.test])
    if done.returncode == FAILED and re.search(r"\d+ failed", done.stdout):
        return "killed"
    return "broken" if done.returncode else "survived"


@contextmanager
def _planted(mutant: Mutant, root: Path) -> Iterator[None]:
    path = root / mutant.file
    text, before = path.read_text(encoding="utf-8"), path.stat()
    path.write_text(text.replace(mutant.find, mutant.replace), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")
        # Compiled files go by this time; with the old one back, the compiled fault cannot be taken for the original.
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _pytest(root: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONUTF8": "1"}
    command = [sys.executable, "-P", *PYTEST, *tests]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, encoding="utf-8", check=False)
