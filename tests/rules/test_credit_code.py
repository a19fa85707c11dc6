import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from workflow.rules import credit_code, regions


def cases() -> list[dict[str, str]]:
    with Path(__file__).with_name("credit_codes.csv").open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["code"] or "empty")
def test_a_code_is_judged_as_the_table_says(case: dict[str, str]) -> None:
    found = credit_code.check(case["code"])
    assert (" ".join(found.refusals), " ".join(found.warnings)) == (case["refusals"], case["warnings"]), case["comment"]
    assert found.ok is not bool(case["refusals"])


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8))
def test_minted_codes_pass_here_and_in_stdnum(body: str) -> None:
    code = credit_code.mint("91411002", body)
    assert credit_code.check(code) == credit_code.CodeCheck(code)
    assert uscc.is_valid(code)


def test_an_unknown_region_with_a_sound_body_is_only_a_warning() -> None:
    assert credit_code.check(credit_code.mint("91999999", "MA0000T1")).warnings == ("code_region_unknown",)


@pytest.mark.parametrize(
    ("code", "on", "known"),
    [
        ("371202", None, True),
        ("371202", date(2018, 6, 1), True),
        ("371202", date(2020, 1, 1), False),
        ("370116", date(2018, 6, 1), False),
        ("370116", date(2020, 1, 1), True),
        ("411023", date(2015, 1, 1), True),
        ("419001", None, True),
        ("411000", None, True),
        ("100000", None, True),
        ("999999", None, False),
    ],
)
def test_a_region_stands_within_its_dates(code: str, on: date | None, known: bool) -> None:
    assert regions.known(code, on) is known


def test_every_abolished_region_leads_to_one_that_stands() -> None:
    for code in ("370125", "371200", "371202", "371203", "411023"):
        region = regions.find(code)
        assert region is not None
        assert regions.known(region.successor, date(2026, 1, 1))
