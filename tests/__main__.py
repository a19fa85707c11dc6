"""Runs every stage in order, all of them even when one fails, and gives one verdict at the end."""

import argparse
import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import mutants
from tests.stages import FOLDER

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sys.executable).parent
PYTEST = [sys.executable, "-m", "pytest"]
STAGES = ("ruff", "format", "types", "layers", "pytest", "browser")
NOTHING_SELECTED = 5
CLOSING_LINE = re.compile(r"(passed|failed|errors?|deselected|no tests ran)\b.* in [\d.]+s")


@dataclass
class Result:
    stage: str
    code: int
    seconds: float
    closing_line: str

    def __str__(self) -> str:
        verdict = {0: "通过 ok", NOTHING_SELECTED: "没有用例 no tests"}.get(self.code, "失败 FAILED")
        return f"{self.stage:<8} {verdict}  {self.seconds:.1f} s"


def stages(options: argparse.Namespace, extra: Sequence[str]) -> dict[str, list[str]]:
    """The stages by name, each with its command; what the options leave out is not among them."""
    left_out = [] if options.long else ["not long"]
    left_out += ["not postgres"] if options.no_postgres else []
    depth = ["--hypothesis-profile=long", "--timeout=3600"] if options.long else []
    two = [*PYTEST, "-n", "2", "--dist", "worksteal", *depth, "-m"]
    # Scripts' first lines name the folder they were installed to; a moved checkout must still work.
    linter = [sys.executable, str(SCRIPTS / "lint-imports")]
    known = {
        "ruff": [sys.executable, "-m", "ruff", "check", "."],
        "format": [sys.executable, "-m", "ruff", "format", "--check", "."],
        "types": [sys.executable, "-m", "ty", "check"],
        "layers": linter,
        "pytest": [*two, " and ".join(["not browser", *left_out]), *extra],
        "browser": [*two, " and ".join(["browser", *left_out]), *extra],
    }
    if options.no_browser:
        del known["browser"]
    return {name: command for name, command in known.items() if not options.only or name in options.only}


def run(stage: str, command: Sequence[str], folder: str) -> Result:
    """Run one stage, showing its output as it comes. The stages find each other's databases in `folder`."""
    print(f"\n── {stage}", flush=True)
    began = time.monotonic()
    closing_line = ""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", FOLDER: folder}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if CLOSING_LINE.search(line):
                closing_line = line.rstrip()
    result = Result(stage, process.returncode, time.monotonic() - began, closing_line)
    print(result, flush=True)
    return result


def failures(results: Sequence[Result], narrowed: bool) -> list[str]:
    """A stage without tests fails, unless pytest was given arguments and another stage had the tests."""
    elsewhere = narrowed and any(result.closing_line and result.code != NOTHING_SELECTED for result in results)
    passing = (0, NOTHING_SELECTED) if elsewhere else (0,)
    return [result.stage for result in results if result.code not in passing]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./xinjie test", description=__doc__, epilog="Other arguments go to pytest.", allow_abbrev=False
    )
    parser.add_argument("--long", action="store_true", help="also the long tests, and deeper property tests")
    parser.add_argument("--only", action="append", choices=STAGES, help="only this stage; may be repeated")
    parser.add_argument("--no-browser", action="store_true", help="leave out what needs Chromium")
    parser.add_argument("--no-postgres", action="store_true", help="leave out what needs PostgreSQL")
    parser.add_argument("--mutants", nargs="*", metavar="NAME", help="plant known faults instead: is each found?")
    options, extra = parser.parse_known_args(arguments)
    if options.mutants is not None:
        return mutants.run(options.mutants, partial(print, flush=True))
    chosen = stages(options, extra)
    if not chosen:
        parser.error("--only and --no-browser leave nothing to run")
    with TemporaryDirectory(prefix="xinjie-stages-") as folder:
        results = [run(stage, command, folder) for stage, command in chosen.items()]
    failed = failures(results, narrowed=bool(extra))
    print("\n── 结果 result", *results, sep="\n")
    print(f"失败 failed: {', '.join(failed)}" if failed else "全部通过 all passed")
    for result in results:
        if result.closing_line:
            print(result.closing_line)
    return 1 if failed else 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
