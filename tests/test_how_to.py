"""The how-to pages are done to a copy of the tree, word for word, and what they promise comes true."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants import LEFT_OUT

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```\w+\n# (new|add|run)(?:: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("page", ["add-a-machine.md", "add-a-policy.md"])
def test_what_a_how_to_page_says_works(page: str, tmp_path: Path) -> None:
    tree = shutil.copytree(ROOT, tmp_path / "tree", ignore=LEFT_OUT)
    blocks = BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    assert blocks
    for kind, what, body in blocks:
        if kind == "new":
            assert not (tree / what).exists(), what
            (tree / what).write_text(body, encoding="utf-8")
        elif kind == "add":
            with (tree / what).open("a", encoding="utf-8") as file:
                file.write(f"\n{body}")
        else:
            _run(tree, body, what == "python")


def _run(tree: Path, body: str, is_python: bool) -> None:
    """A shell's commands one after the other, until one fails; `python` is the one that runs the tests."""
    shell = ["sh", "-e", "-c", f'python() {{ "{sys.executable}" "$@"; }}\n{body}']
    command = [sys.executable, "-c", body] if is_python else shell
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tree), "PYTHONUTF8": "1", "HOME": str(tree)}
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (body, done.stdout[-2000:], done.stderr[-2000:])
