"""docs/requirements.csv: one row for every requirement of the five source documents, no claim without a test and no
gap without its reason."""

import ast
import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STATUSES = {"done", "partial", "open", "not-software"}

# The inventory's ids: prefix, how many, digits.
IDS = (
    ("SD-", 49, 2),
    ("SD-IND-", 22, 2),
    ("ZS-", 36, 2),
    ("ZS-IND-", 22, 2),
    ("XC-", 40, 2),
    ("XC-A", 3, 1),
    ("XC-B", 6, 1),
    ("XC-C", 6, 1),
    ("XC-D", 5, 1),
    ("JY-", 25, 2),
    ("JY-ST", 15, 2),
    ("XM-T", 31, 2),
    ("XM-", 13, 2),
)
TOTALS = {"SD": 71, "ZS": 58, "XC": 60, "JY": 40, "XM": 44}


def table() -> list[dict[str, str]]:
    with (ROOT / "docs/requirements.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == ["id", "status", "where", "test", "why"]
        return list(reader)


ROWS = table()


@cache
def names_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_requirement_of_the_inventory_has_exactly_one_row() -> None:
    expected = [f"{prefix}{n:0{digits}}" for prefix, count, digits in IDS for n in range(1, count + 1)]
    assert [row["id"] for row in ROWS] == expected
    assert Counter(row["id"].partition("-")[0] for row in ROWS) == TOTALS
    assert len(ROWS) == sum(TOTALS.values()) == 273


def test_a_row_says_only_what_its_status_allows() -> None:
    for row in ROWS:
        assert None not in row, row
        assert row["status"] in STATUSES, row
        assert bool(row["where"]) == (row["status"] in ("done", "partial")), row
        assert bool(row["test"]) <= (row["status"] in ("done", "partial")), row
        assert not row["where"] or (ROOT / row["where"]).exists(), row


def test_what_is_not_done_says_why_in_one_sentence() -> None:
    """Of Shandong, Zhoushan and Xuchang, whose rules this system runs. A reason is a short sentence, and what is done
    needs none."""
    for row in ROWS:
        told = bool(re.fullmatch(r"[A-Z].{20,140}\.", row["why"]))
        if row["status"] == "done" or row["id"][:2] in ("SD", "ZS", "XC"):
            assert told == (row["status"] != "done"), row
        assert told or not row["why"], row


@pytest.mark.parametrize("row", [row for row in ROWS if row["status"] == "done"], ids=lambda row: row["id"])
def test_done_means_that_a_test_proves_it(row: dict[str, str]) -> None:
    file, _, name = row["test"].partition("::")
    assert name.startswith("test_"), row
    assert (ROOT / file).is_file(), row
    assert name in names_in(file), row
