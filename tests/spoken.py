"""What the pages say: every message of the templates and views, and Chinese words that no message stands for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.extract import extract_from_file
from pydantic import BaseModel

from workflow.rules import policy

ROOT = Path(__file__).parent.parent
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
CHINESE = re.compile(r"[\u3400-\u9fff]")
CHINESE_ONLY = (
    "views/cli/", "views/machine_page.py", "views/proof_sheet.py", "views/case_sheet.py", "views/serve.py",
    "views/languages.py",
)  # fmt: skip
"""The command line speaks both languages side by side; official papers and the machines' pages are Chinese."""

Message = str | tuple[str, str]


def files() -> Iterator[tuple[Path, str]]:
    yield ROOT / "app.py", "python"
    yield from ((path, "python") for path in sorted((ROOT / "views").rglob("*.py")))
    yield from ((path, "jinja2") for path in sorted((ROOT / "templates").rglob("*.html")))


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def messages() -> dict[Message, str]:
    """Every message (with its plural, where it has one), and the first place that says it."""
    found: dict[Message, str] = {}
    for path, kind in files():
        for line, said, *_more in extract_from_file(kind, path, keywords=KEYWORDS):
            message = (said[0], said[1]) if isinstance(said, tuple) else said
            found.setdefault(message, f"{place(path)}:{line}")
    return found


def policy_words() -> set[str]:
    """Every Chinese word of the shipped policies."""
    return {words for key in policy.available() for words in _chinese(policy.load(key).content)}


def _chinese(value: Any) -> Iterator[str]:
    if isinstance(value, str) and CHINESE.search(value):
        yield value
    elif isinstance(value, BaseModel):
        yield from _chinese(dict(value))
    elif isinstance(value, dict | list | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _chinese(inner)


def untranslated() -> Iterator[str]:
    """Chinese in a view that is no message, and messages whose words are not known before the page is asked for."""
    for path, kind in files():
        if kind == "python" and not place(path).startswith(CHINESE_ONLY):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            spoken = {id(one) for call in _calls(tree) for argument in call.args for one in ast.walk(argument)}
            for node in ast.walk(tree):
                if _is_chinese(node) and id(node) not in spoken | _docstrings(tree):
                    yield f"{place(path)}:{getattr(node, 'lineno', 0)}"


def _is_chinese(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(CHINESE.search(node.value))


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
            yield node


def _docstrings(tree: ast.AST) -> set[int]:
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
