"""Scores are exact, and a scheme says what it settles and what it leaves to the locality."""

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from workflow.rules import policy, scoring
from workflow.rules.policy_scoring import Scoring
from workflow.rules.scored import Sheet, Survey

SHANDONG = policy.load("shandong-2017").scoring
ZHOUSHAN = policy.load("zhoushan-2019").scoring
INDICATORS = Path(__file__).with_name("indicators.csv").read_text(encoding="utf-8").splitlines()
CASES = Path(__file__).with_name("scoring.csv").read_text(encoding="utf-8").splitlines()


def test_shandong_s_twenty_two_indicators_add_up_to_a_hundred() -> None:
    """Annex 4: 4, 4, 4, 4, 3 and 3 indicators; 10, 15, 15, 30, 15 and 15 points."""
    assert [len(section.indicators) for section in SHANDONG.sections] == [4, 4, 4, 4, 3, 3]
    sums = scoring.by_section(SHANDONG.items(2017), {item.id: item.points for item in SHANDONG.items(2017)})
    assert list(sums.values()) == [10, 15, 15, 30, 15, 15]
    assert SHANDONG.indicators[21].blank == "表彰奖励情况"


@pytest.mark.parametrize("row", list(csv.DictReader(INDICATORS)), ids=lambda row: row["no"])
def test_each_indicator_is_the_document_s(row: dict[str, str]) -> None:
    """`indicators.csv`: annex 4 of Shandong with its points, the annex of Zhoushan without, each in its own words."""
    for scheme, name, points in ((SHANDONG, "shandong", row["points"]), (ZHOUSHAN, "zhoushan", "")):
        section, found = next(
            (section, one) for section in scheme.sections for one in section.indicators if one.id == row["no"]
        )
        assert (section.title, str(section.weight)) == (row["section"], row["weight"])
        assert (found.title, "" if found.points is None else str(found.points)) == (row[name], points)
        words = next(item.text for item in SHANDONG.items(2017) if item.id == found.id) if points else found.text
        assert words.rstrip("。") == row[f"{name}_text"].rstrip("。")


def test_the_indicator_on_annual_reports_names_the_years_before_the_round() -> None:
    assert SHANDONG.items(2017)[1].text == "通过 2014 年度年检，并按规定报送 2015 年度报告和 2016 年度报告"
    assert "2024 年度报告和 2025 年度报告" in SHANDONG.items(2026)[1].text


def test_zhoushan_gives_weights_and_leaves_points_to_the_locality() -> None:
    """ZS-23: 10, 15, 15, 30, 15 and 15 per cent, 22 indicators, no points."""
    assert [section.weight for section in ZHOUSHAN.sections] == [10, 15, 15, 30, 15, 15]
    assert {one.points for one in ZHOUSHAN.indicators} == {None}
    assert len(ZHOUSHAN.indicators) == 22
    assert not ZHOUSHAN.usable
    with pytest.raises(ValueError, match="not settled"):
        ZHOUSHAN.items(2019)


def settled(**changes: object) -> Scoring:
    return ZHOUSHAN.model_copy(update={"points_by": "equal", "decimals": 1, "rounding": "half_up", **changes})


def test_points_left_open_are_given_equally_or_by_section() -> None:
    """10 / 4, 15 / 4, 30 / 4 and 15 / 3."""
    assert [settled().items(2026)[place].points for place in (0, 4, 12, 16)] == [
        Decimal("2.5"), Decimal("3.75"), Decimal("7.5"), Decimal(5),
    ]  # fmt: skip
    assert [item.points for item in settled(points_by="section").items(2026)] == [10, 15, 15, 30, 15, 15]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("3", ""), ("0", ""), ("2.5", ""), ("2.50", ""), ("3.0", ""), ("02.5", ""),
        ("3.1", "score_range"), ("-1", "score_unreadable"), ("2.55", "score_too_exact"), ("", "score_unreadable"),
        ("二", "score_unreadable"), ("1e1", "score_unreadable"), ("NaN", "score_unreadable"),
        ("９", "score_unreadable"),
        ("3" * 400, "score_unreadable"),
    ],
)  # fmt: skip
def test_a_score_is_between_nothing_and_the_standard_value(written: str, reason: str) -> None:
    """Indicator 01 is worth 3 points; one decimal is kept."""
    read = scoring.read_score(written, SHANDONG.items(2017)[0].points, 1)
    assert reason == ("" if isinstance(read, str) else read[0])
    assert not isinstance(read, str) or Decimal(read) == Decimal(written)


@pytest.mark.parametrize("row", list(csv.DictReader(INDICATORS)), ids=lambda row: row["no"])
def test_each_indicator_takes_its_standard_value_and_not_a_tenth_more(row: dict[str, str]) -> None:
    points = next(item.points for item in SHANDONG.items(2017) if item.id == row["no"])
    most = Decimal(row["points"])
    assert scoring.read_score(str(most), points, 1) == str(most)
    over = scoring.read_score(str(most + Decimal("0.1")), points, 1)
    assert not isinstance(over, str) and over[0] == "score_range"


@pytest.mark.parametrize(
    ("value", "decimals", "rounding", "shown"),
    [
        (Fraction(179, 2), 0, "half_up", "90"),
        (Fraction(179, 2), 0, "down", "89"),
        (Fraction(8995, 100), 1, "half_up", "90.0"),
        (Fraction(8995, 100), 1, "down", "89.9"),
        (Fraction(200, 3), 2, "half_up", "66.67"),
        (Fraction(1, 20), 1, "half_up", "0.1"),
    ],
)
def test_a_total_is_rounded_once_as_the_policy_says(value: Fraction, decimals: int, rounding: str, shown: str) -> None:
    assert str(scoring.rounded(value, settled(decimals=decimals, rounding=rounding))) == shown


def _sheets(row: dict[str, str]) -> list[Sheet]:
    """Each total as one item: what is tested is how totals make a result."""
    named = [(name, row[name].split()) for name in ("self", "expert", "official")]
    return [
        Sheet.model_validate({"source": name, "scores": {"1": total}}) for name, totals in named for total in totals
    ]


@pytest.mark.parametrize("row", list(csv.DictReader(CASES)), ids=lambda row: row["note"])
def test_sources_make_a_result_and_a_band_as_the_cases_say(row: dict[str, str]) -> None:
    """`weights` self/expert/social/official; `survey` answers, and the sum of marks over two questions of five."""
    text = (policy.FOLDER / "zhoushan-2019.toml").read_text(encoding="utf-8")
    text = text.replace('full = "100"', f'full = "100"\npoints_by = "section"\ndecimals = {row["decimals"]}\n'
                        f'rounding = "{row["rounding"]}"', 1)  # fmt: skip
    text += '[scoring.experts]\nleast = 1\nwide = "10"\nclause = "ZS-22"\n[scoring.survey]\nquestions = ["一", "二"]\n'
    text += 'scale = 5\nleast = 10\nper_address = 3\nclause = "ZS-22"\n'
    for name, weight in zip(("self", "expert", "social", "official"), row["weights"].split("/"), strict=True):
        missing = row["missing"] or "refused"
        if weight:
            text += f'[scoring.sources.{name}]\nweight = "{weight}"\nmissing = "{missing}"\nclause = "ZS-22"\n'
    for band in row["bands"].split():
        grade, points = band.split(":")
        text += f'[[scoring.bands]]\ngrade = "{grade}"\nfrom_points = "{points}"\nclause = "ZS-21"\n'
    answered = row["survey"].split()
    survey = Survey(answers=int(answered[0]), marks=int(answered[1])) if answered else None
    found = scoring.score(policy.load_text(text).scoring, _sheets(row), survey)
    assert ("" if found.total is None else str(found.total), found.grade or "") == (row["total"], row["grade"])


SECTION = '[[scoring.sections]]\nid = "{}"\ntitle = "类别"\nweight = "{}"\nindicators = [{}]\n'
ONE = '{{ id = "{}", title = "指标", text = "内容"{} }}'
SCHEME = '[scoring]\ntitle = "表"\nfull = "100"\npoints_by = "indicator"\ndecimals = 0\nrounding = "down"\n'
SCHEME += "clauses = []\n"
OFFICIAL = '[scoring.sources.official]\nweight = "100"\nmissing = "refused"\nclause = "XC-12"\n'
GOOD = SECTION.format("1", "100", ONE.format("a", ', points = "100"'))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (SECTION.format("1", "100", ONE.format("a", "")), ("scoring.sections.1.a", "points_missing")),
        (
            SECTION.format("1", "100", ONE.format("1", ', points = "100"')),
            ("scoring.sections.1", "id_twice"),
        ),
        (
            SECTION.format("1", "100", ONE.format("a", ', points = "1.005"')),
            ("scoring.sections.0.indicators.0.points", "points_unreadable"),
        ),
        (
            SECTION.format("1", "100", ONE.format("a", ", points = 99.5")),
            ("scoring.sections.0.indicators.0.points", "points_unreadable"),
        ),
        (GOOD + OFFICIAL.replace("official", "expert"), ("scoring.experts", "section_missing")),
        (GOOD + OFFICIAL.replace("official", "rumour"), ("scoring.sources.rumour", "unknown_key")),
        (GOOD + OFFICIAL.replace("XC-12", "XC-99"), ("scoring.sources.official.clause", "clause_unknown")),
        (
            GOOD + '[[scoring.bands]]\ngrade = "A"\nfrom_points = "90"\nclause = "XC-12"\n',
            ("scoring.bands", "bands_leave_gaps"),
        ),
        (
            GOOD + '[[scoring.bands]]\ngrade = "S"\nfrom_points = "0"\nclause = "XC-12"\n',
            ("scoring.bands.S", "grade_unknown"),
        ),
        (
            GOOD
            + '[[scoring.bands]]\ngrade = "A"\nfrom_points = "101"\nclause = "XC-12"\n'
            + '[[scoring.bands]]\ngrade = "D"\nfrom_points = "0"\nclause = "XC-12"\n',
            ("scoring.bands.A", "above_full"),
        ),
        (
            GOOD
            + '[[scoring.bands]]\ngrade = "D"\nfrom_points = "90"\nclause = "XC-12"\n'
            + '[[scoring.bands]]\ngrade = "A"\nfrom_points = "0"\nclause = "XC-12"\n',
            ("scoring.bands", "bands_out_of_order"),
        ),
    ],
)
def test_a_scheme_that_does_not_add_up_is_refused(text: str, fault: tuple[str, str]) -> None:
    heading = '[policy]\nkey = "x"\ntitle = "x"\nextends = "xuchang-2023"\nissued_by = "x"\nreleased = 2026-01-01\n'
    official = "" if "sources" in text else OFFICIAL
    with pytest.raises(policy.PolicyError) as refused:
        policy.load_text(heading + 'status = "draft"\n' + SCHEME + text + official, "x.toml")
    assert refused.value.faults == [fault]
