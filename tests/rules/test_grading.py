"""Xuchang's conditions: `grading_xuchang.csv` holds the cases, each read from the notice by hand."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, insert, select

from models import ArchiveRecord, Authority, Base, Institution, Person
from workflow.rules import grading, policy
from workflow.rules.findings import NAMES, Findings

RULES = policy.load("xuchang-2023")
INSTANT = datetime(2023, 1, 4, 1, tzinfo=UTC)
DAY = date(2026, 6, 30)
Record = dict[str, Any]


def cases() -> list[dict[str, str]]:
    with Path(__file__).with_name("grading_xuchang.csv").open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


CASES = cases()


def value(name: str, text: str) -> Any:
    match name:
        case "corrected_in_time":
            return {"yes": True, "no": False}[text]
        case "period_year":
            return int(text)
        case "severity":
            return text
    return date.fromisoformat(text)


def read_record(text: str) -> Record:
    kind, *fields = text.split()
    return {"kind": kind} | {name: value(name, field) for name, field in (entry.split("=") for entry in fields)}


def stored(institution: int, id: int, record: Record) -> Record:
    empty = dict.fromkeys(column.name for column in ArchiveRecord.__table__.columns if column.nullable)
    judged = {"judged_by_id": 1} if {"severity", "corrected_in_time"} & record.keys() else {}
    fixed = {"summary": "摘要", "finding_authority": "认定机关", "evidence": "卷宗", "created_at": INSTANT}
    return (
        empty
        | fixed
        | {"document_number": "", "measure": "", "id": id, "institution_id": institution}
        | judged
        | record
    )


def store(connection: Connection, archives: list[list[Record]]) -> None:
    """Institution n has the nth archive; its records are numbered 100n + 1, 100n + 2 ..."""
    office = {"code": "411002", "name": "区局", "short_name": "区局", "level": "county", "region_code": "411002"}
    connection.execute(insert(Authority), [{"id": 1, "valid_from": date(2020, 1, 1), **office}])
    connection.execute(insert(Person), [{"id": 1, "name": "经办", "created_at": INSTANT}])
    common = {"name": "机构", "managing_authority_id": 1, "created_at": INSTANT}
    connection.execute(
        insert(Institution), [{"id": n, "credit_code": f"{n:018}", **common} for n in range(1, len(archives) + 1)]
    )
    connection.execute(
        insert(ArchiveRecord),
        [
            stored(n, 100 * n + place, record)
            for n, archive in enumerate(archives, 1)
            for place, record in enumerate(archive, 1)
        ],
    )


@dataclass(frozen=True)
class City:
    connection: Connection
    findings: list[Findings]
    """Of each case, in the order of the file."""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    engine = create_engine(request.getfixturevalue("postgres_url")() if request.param == "postgres" else "sqlite://")
    Base.metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.fixture(scope="module")
def city(connection: Connection) -> City:
    """All cases in one archive, graded together: a case must not see its neighbours."""
    store(connection, [[read_record(text) for text in case["records"].split("; ") if text] for case in CASES])
    ids = list(range(1, len(CASES) + 1))
    days = {date.fromisoformat(case["on"]) for case in CASES}
    graded = {on: grading.grade_many(connection, RULES, ids, on) for on in days}
    return City(connection, [graded[date.fromisoformat(case["on"])][n] for n, case in enumerate(CASES, 1)])


@pytest.mark.parametrize("place", range(len(CASES)), ids=lambda place: CASES[place]["case"])
def test_the_archive_gives_the_grade_that_the_notice_gives(city: City, place: int) -> None:
    case, found = CASES[place], city.findings[place]
    assert (found.grade or "") == case["grade"]
    assert [entry.condition for entry in found.met] == case["met"].split()
    assert [id % 100 for id in found.unjudged] == [int(id) for id in case["unjudged"].split()]
    assert found.reason == ("" if case["grade"] else "needs_judgement")


def test_every_past_grade_recomputes_from_its_frozen_facts(city: City) -> None:
    for found in city.findings:
        again = Findings.from_json(found.as_json())
        assert again == found
        assert grading.regrade(RULES, again.facts, again.on, again.institution_id) == found


def test_a_changed_fact_does_not_recompute_to_the_same_grade(city: City) -> None:
    found = next(found for found in city.findings if found.grade == "D")
    altered = [replace(fact, kind="pledge_breach") for fact in found.facts]
    assert grading.regrade(RULES, altered, found.on).grade == "B"


def test_a_condition_cites_its_clause_and_its_records(city: City) -> None:
    place = next(n for n, case in enumerate(CASES) if case["met"] == "XC-B2 XC-C1")
    first, second = (fact.id for fact in city.findings[place].facts)
    met = city.findings[place].met[1]
    assert (met.condition, met.grade, met.clause, met.records) == ("XC-C1", "C", "XC-12-C", (first, second))


def test_a_void_or_unknown_record_is_no_fact(city: City) -> None:
    for case, found in zip(CASES, city.findings, strict=True):
        if "voided_on" in case["records"] or "training_note" in case["records"]:
            assert found.facts == ()


def test_a_whole_city_is_graded_in_one_statement(city: City) -> None:
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(city.connection, "before_cursor_execute", note)
    grading.grade_many(city.connection, RULES, range(1, len(CASES) + 1), DAY)
    event.remove(city.connection, "before_cursor_execute", note)
    assert len(statements) == 1


def test_institutions_may_be_named_by_a_query(city: City) -> None:
    some = select(Institution.id).where(Institution.id <= 3)
    assert sorted(grading.grade_many(city.connection, RULES, some, DAY)) == [1, 2, 3]


def test_one_institution_is_explained_as_the_city_was_graded(city: City) -> None:
    for found in city.findings[:5]:
        assert grading.explain(city.connection, RULES, found.institution_id, found.on) == found


def graded(*records: str, rules: policy.PolicyRules = RULES) -> Findings:
    """Findings for an archive that is stored nowhere."""
    rows = [stored(1, id, read_record(text)) for id, text in enumerate(records, 1)]
    facts = [
        grading.Fact(judged_by=row["judged_by_id"], **{name: row[name] for name in row.keys() & set(NAMES)})
        for row in rows
    ]
    return grading.regrade(rules, facts, DAY)


def test_the_next_better_grade_waits_for_every_condition_of_this_one() -> None:
    found = graded(
        "pledge_breach acted_on=2026-01-10", "abnormal_list acted_on=2026-02-01", "lost_contact acted_on=2025-01-01"
    )
    assert [entry.condition for entry in grading.next_better(RULES, found)] == ["XC-C4", "XC-C6"]
    assert grading.next_better(RULES, graded()) == ()
    assert grading.next_better(RULES, graded("labour_violation acted_on=2026-01-10")) == ()


LOCAL = """
[policy]
key = "local"
title = "本地规则"
extends = "xuchang-2023"
issued_by = "本地"
released = 2026-01-01
status = "draft"
[[conditions]]
title = "条件"
text = "条件"
place = "一"
clause = "XC-12"
"""


def local(id: str, grade: str, when: str) -> policy.PolicyRules:
    """A locality that changes one condition of Xuchang's."""
    return policy.load_text(f'{LOCAL}id = "{id}"\ngrade = "{grade}"\nwhen = {{ {when} }}')


def test_a_locality_that_excludes_the_number_needs_a_third_decision() -> None:
    rules = local(
        "XC-C1", "C", 'count = ["labour_violation"], op = ">", value = 2, within = "12 months", by = "decided_on"'
    )
    record = "labour_violation acted_on=2026-01-10 decided_on=2026-02-01"
    assert graded(record, record, rules=rules).grade is None
    assert graded(record, record, record, rules=rules).grade == "C"


@pytest.mark.parametrize(("since", "grade"), [("2025-06-30", "A"), ("2025-06-29", "C")])
def test_more_than_a_year_leaves_the_corresponding_day_out(since: str, grade: str) -> None:
    rules = local("XC-C4", "C", 'lasting = ["lost_contact"], op = ">", value = "1 year"')
    assert graded(f"lost_contact acted_on={since}", rules=rules).grade == grade


@pytest.mark.parametrize(("acted", "grade"), [("2024-06-30", "B"), ("2024-06-29", "A")])
def test_a_locality_may_look_back_over_a_window_of_acts(acted: str, grade: str) -> None:
    rules = local("XC-B1", "B", 'exists = ["pledge_breach"], within = "2 years", by = "acted_on"')
    assert graded(f"pledge_breach acted_on={acted}", rules=rules).grade == grade
