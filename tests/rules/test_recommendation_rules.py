"""The numbers of recommendation: Shandong's table and order, Xuchang's five per cent, the basic conditions."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine

from models import Base
from tests.rules.test_grading import read_record, store
from workflow.rules import eligibility, grading, policy, regions
from workflow.rules.fixed_date import FixedDate
from workflow.rules.policy_recommendation import SeatTable, Share
from workflow.rules.ranking import Candidate, rank

HERE = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SHANDONG, DEMO, XUCHANG = (policy.load(key) for key in ("shandong-2017", "shandong-demo", "xuchang-2023"))
ELIGIBILITY = rows("eligibility.csv")
TABLE = SHANDONG.recommendation.honours["national_model"].quota
SHARE = XUCHANG.recommendation.honours["integrity_model"].quota


def test_annex_1_has_17_cities_and_26_seats_and_every_one_was_a_city_then() -> None:
    assert isinstance(TABLE, SeatTable)
    issuer = "山东省人力资源和社会保障厅"
    assert (SHANDONG.content.policy.issued_by, SHANDONG.content.scope.authorities) == (issuer, ("370000",))
    printed = {
        "济南": 2, "青岛": 2, "淄博": 2, "枣庄": 1, "东营": 2, "烟台": 3, "潍坊": 2, "济宁": 2, "泰安": 1,
        "威海": 2, "日照": 1, "莱芜": 1, "临沂": 1, "德州": 1, "聊城": 1, "滨州": 1, "菏泽": 1,
    }  # fmt: skip
    cities = {code: city.name.removesuffix("市") for code in TABLE.seats if (city := regions.find(code))}
    assert all(regions.known(code, date(2017, 8, 10)) for code in TABLE.seats)
    assert {cities[code]: seats for code, seats in TABLE.seats.items()} == printed
    assert sum(TABLE.seats.values()) == 26


def test_today_there_are_16_cities_and_laiwus_seat_is_its_successors() -> None:
    today = DEMO.recommendation.honours["national_model"].quota
    assert isinstance(today, SeatTable) and isinstance(TABLE, SeatTable)
    gone = TABLE.seats.keys() - today.seats.keys()
    assert gone == {"371200"}
    assert today.seats["370100"] == TABLE.seats["370100"] + TABLE.seats["371200"]
    assert sum(today.seats.values()) == 26


def test_the_list_is_due_on_10_august_the_day_itself_included() -> None:
    rule = SHANDONG.deadline("submission")
    assert isinstance(rule, FixedDate) and rule.last_day(date(2017, 1, 1)) == date(2017, 8, 10)
    assert not rule.local


@pytest.mark.parametrize("row", rows("shares.csv"), ids=lambda row: row["why"])
def test_five_per_cent_is_not_exceeded(row: dict[str, str]) -> None:
    assert isinstance(SHARE, Share)
    assert SHARE.of(int(row["base"])) == int(row["seats"])


@pytest.mark.parametrize("row", rows("pools.csv"), ids=lambda row: row["why"])
def test_a_county_with_fewer_than_twenty_counts_with_the_city(row: dict[str, str]) -> None:
    """Inventory §7, items 23 and 24: unit 0 is the city; each institution is counted once."""
    assert isinstance(SHARE, Share)
    sizes = {0: int(row["city"])} | dict(enumerate(map(int, row["counties"].split()), 1))
    counted = {unit: list(range(1000 * unit, 1000 * unit + size)) for unit, size in sizes.items() if size}
    bases = SHARE.bases(counted, dict.fromkeys(counted, 0))
    told = {f"县{unit}" if unit else "市级": f"{len(who)}={SHARE.of(len(who))}" for unit, who in bases.items()}
    assert {f"{name}:{base}" for name, base in told.items()} == set(row["quotas"].split())
    assert sum(SHARE.of(len(who)) for who in bases.values()) <= SHARE.of(sum(sizes.values()))


@pytest.mark.parametrize("row", rows("ranks.csv"), ids=lambda row: row["why"])
def test_the_order_of_the_list_has_no_ties(row: dict[str, str]) -> None:
    one, other = (candidate(number, row[name]) for number, name in ((2, "first"), (1, "second")))
    sections = {item.id: item.section for item in SHANDONG.scoring.items(2017)}
    order = [rank(SHANDONG.recommendation.rank_by, sections, who) for who in (one, other)]
    assert order[0] < order[1]


def candidate(case_id: int, written: str) -> Candidate:
    total, credit, applied = written.split("|")
    at = datetime.fromisoformat(applied).replace(tzinfo=UTC)
    return {"case_id": case_id, "applied_at": at, "total": total, "scores": {"13": credit}}


@pytest.fixture(scope="module")
def archive() -> Iterator[Connection]:
    """Institution n has the records of the nth row."""
    with create_engine("sqlite://").connect() as connection:
        Base.metadata.create_all(connection)
        store(connection, [[read_record(one) for one in row["records"].split("; ") if one] for row in ELIGIBILITY])
        yield connection


@pytest.mark.parametrize(("number", "row"), list(enumerate(ELIGIBILITY, 1)), ids=[row["why"] for row in ELIGIBILITY])
def test_the_basic_conditions_of_annex_2(archive: Connection, number: int, row: dict[str, str]) -> None:
    on, conditions = date.fromisoformat(row["on"]), SHANDONG.recommendation.conditions
    _, facts, hits, unjudged = next(grading.ask(archive, SHANDONG, conditions, [number], on))
    found = eligibility.check(conditions, on, None, facts, hits, unjudged)
    assert (" ".join(found.barred), " ".join(found.set_aside)) == (row["barred"], row["set_aside"])


def test_only_the_exclusion_of_2014_is_soft_and_only_archive_facts_are_asked_by_machine() -> None:
    conditions = SHANDONG.recommendation.conditions
    assert [one.id for one in conditions if one.soft] == ["SD-32"]
    assert [one.id for one in conditions if one.judged] == ["SD-29", "SD-30-2", "SD-31-2"]
