"""Documents that fail when they lie: what they name exists, and the proofs they give hold."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from config import PREFIX, Settings
from models import HistoryEntry
from views.cli import COMMANDS, xinjie
from workflow.engine.history import chained
from workflow.rules import policy

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
GUIDES = sorted((ROOT / "docs/guides").glob("*.md"))
PAGES = [
    *READMES,
    "CHANGELOG.md",
    "docs/audit.md",
    "docs/architecture.md",
    *(str(path.relative_to(ROOT)) for path in [*DECISIONS, *GUIDES]),
]
# What the launcher does before there is a command line.
LAUNCHER = {"test"}


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def calls(page: str) -> list[list[str]]:
    """Every `./xinjie …` of a page, as the words after it."""
    return [found.split() for found in re.findall(r"\./xinjie ([^`\n|]+)", text(page))]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_named_exists_with_its_options(page: str) -> None:
    for words in calls(page):
        command: click.Command = xinjie
        for word in words if words[0] not in LAUNCHER else ():
            if word.startswith("--"):
                assert word in [name for one in command.params for name in one.opts], (page, words)
            elif isinstance(command, click.Group):
                found = command.get_command(click.Context(command), word)
                assert found, (page, words)
                command = found


def test_the_readme_has_every_command() -> None:
    for page in READMES:
        assert {words[0] for words in calls(page)} >= COMMANDS.keys() | LAUNCHER, page


def test_the_readme_has_every_setting_with_its_default() -> None:
    for page in READMES:
        named = set(re.findall(rf"{PREFIX}([A-Z_]+)", text(page)))
        assert {name.lower() for name in named} == set(Settings.model_fields), page
        for name in ("host", "port", "hash_algorithm", "trusted_proxies", "language"):
            assert f"`{Settings.model_fields[name].default}`" in text(page), (page, name)


@pytest.mark.parametrize("page", PAGES)
def test_every_path_named_exists(page: str) -> None:
    quoted = re.findall(r"`([\w.-]+(?:/[\w.-]+)+/?|[\w-]+/|[\w-]+\.(?:md|py|toml|csv))`", text(page))
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", text(page))
    for path in [*(ROOT / path for path in quoted), *((ROOT / page).parent / path for path in linked)]:
        assert path.exists(), (page, path)


def test_both_readmes_say_the_same() -> None:
    english, chinese = (text(page) for page in READMES)
    shared = r"`[^`\u4e00-\u9fff]+`|^    \S.*$|^#+(?= )|^\d+\.|\]\((?!README)[^)]+\)"
    assert re.findall(shared, english, re.MULTILINE) == re.findall(shared, chinese, re.MULTILINE)


def test_decisions_are_numbered_short_and_whole() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert len(set(numbers)) == len(numbers)
    for number, path in zip(numbers, DECISIONS, strict=True):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith(f"# {number}. "), path.name
        assert len(lines) <= 25, path.name
        parts = [line.split("**")[1] for line in lines if line.startswith("**")]
        assert parts == ["Context.", "Choice.", "Rejected."], path.name


def test_a_policy_that_confirms_by_itself_is_refused_as_decision_11_says() -> None:
    asked = text("workflow/policies/xuchang-2023.toml").replace('confirm = "authority"', 'confirm = "automatic"')
    with pytest.raises(policy.PolicyError) as refused:
        policy.load_text(asked)
    assert refused.value.faults == [("evaluation.confirm", "not_allowed")]


def test_the_audit_page_lists_exactly_what_is_hashed() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", text("docs/audit.md"), re.MULTILINE)
    columns = HistoryEntry.__table__.columns.keys()
    hashed = json.loads(chained(dict.fromkeys(columns) | {"at": datetime(2026, 3, 2, 1, tzinfo=UTC)}))
    assert sorted(listed) == sorted(hashed)
    assert f"`{hashed['at']}`" in text("docs/audit.md")
