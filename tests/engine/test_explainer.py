"""为什么是这个等级: the facts behind each condition, the way to the next grade, and what if."""

from datetime import date
from typing import Any

import pytest

from tests.rules.test_grading import read_record, stored
from workflow import explainer
from workflow.engine.refusal import Refused
from workflow.explainer import What
from workflow.rules import grading, policy
from workflow.rules.findings import NAMES, Fact, Findings

RULES = policy.load("xuchang-2023")
DAY = date(2026, 6, 30)
MINOR = "labour_violation acted_on=2026-01-05 decided_on=2026-02-01 severity=minor corrected_in_time=yes"
SECOND = "labour_violation acted_on=2026-03-05 decided_on=2026-04-01 severity=minor corrected_in_time=yes"
PLEDGE = "pledge_breach acted_on=2026-03-01"
MAJOR = "labour_violation acted_on=2026-01-05 decided_on=2026-02-01 severity=major"


def findings(*records: str) -> Findings:
    rows = [stored(1, number, read_record(text)) for number, text in enumerate(records, 1)]
    named: list[dict[str, Any]] = [{**row, "judged_by": row.get("judged_by_id")} for row in rows]
    facts = [Fact(**{name: row[name] for name in NAMES}) for row in named]
    return grading.regrade(RULES, facts, DAY)


@pytest.mark.parametrize(
    ("records", "steps"),
    [
        ((), []),
        ((PLEDGE,), [("A", (1,))]),
        # Two decisions within a year are C; each alone is still B, so A needs both gone.
        ((MINOR, SECOND), [("B", (1, 2)), ("A", (1, 2))]),
        ((MAJOR, PLEDGE), [("C", (1,)), ("B", (1,)), ("A", (1, 2))]),
    ],
)
def test_the_distance_names_the_facts_that_stand_between(records: tuple[str, ...], steps: list) -> None:
    found = explainer.distances(RULES, findings(*records))
    assert [(one.grade, one.without) for one in found] == steps


@pytest.mark.parametrize(
    ("records", "what", "grade"),
    [
        ((MINOR, SECOND), What(without=frozenset({2})), "B"),
        ((MINOR, SECOND), What(on=date(2027, 2, 1)), "C"),  # the corresponding day of the first decision still counts
        ((MINOR, SECOND), What(on=date(2027, 2, 2)), "B"),
        ((MINOR,), What(judged={1: ("major", False)}), "D"),
        ((MINOR,), What(judged={1: (None, None)}), None),
        ((), What(added=(("concealment", date(2026, 6, 30)),)), "B"),
        ((), What(added=(("concealment", date(2026, 7, 1)),)), "A"),
    ],
)
def test_what_if_asks_the_one_evaluator_again(records: tuple[str, ...], what: What, grade: str | None) -> None:
    assert explainer.what_if(RULES, findings(*records), what).grade == grade


def test_a_question_about_no_fact_of_the_case_is_refused() -> None:
    with pytest.raises(Refused, match="fact_unknown"):
        explainer.what_if(RULES, findings(PLEDGE), What(without=frozenset({9})))
    with pytest.raises(Refused, match="kind_unknown"):
        explainer.what_if(RULES, findings(), What(added=(("rumour", DAY),)))


def test_frozen_facts_give_the_frozen_grade_again() -> None:
    for records in ((), (PLEDGE,), (MINOR, SECOND), (MAJOR, PLEDGE)):
        found = findings(*records)
        assert explainer.again(RULES, found) == found
        assert explainer.again(RULES, Findings.from_json(found.as_json())) == found
