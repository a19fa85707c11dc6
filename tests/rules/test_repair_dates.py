"""公示期与可修复日: `repair_dates.csv` holds the cases, each worked out by hand from the orders and 民法典 201, 202."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from workflow.rules.policy import PolicyError, PolicyRules, load, load_text
from workflow.rules.publication import NoOrder, Window, window

FILE = Path(__file__).with_name("repair_dates.csv")
DAY = timedelta(days=1)


def cases() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def found(rules: PolicyRules, case: dict[str, str]) -> Window | None:
    acted_to = date.fromisoformat(case["acted_to"]) if case["acted_to"] else None
    days = (date.fromisoformat(case["acted_on"]), acted_to, date.fromisoformat(case["decided_on"]))
    return window(rules.repair, case["class"], *days)


def written(value: Window | None) -> tuple[str, str, str]:
    return (value.order.id, value.earliest.isoformat(), value.last.isoformat()) if value else ("", "", "")


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case['decided_on']}-{case['class']}")
def test_a_record_is_public_and_may_be_repaired_when_the_order_of_its_day_says(case: dict[str, str]) -> None:
    if case["order"] == "" and "不推定" in case["comment"]:
        with pytest.raises(NoOrder):
            found(load(case["policy"]), case)
        return
    expected = (case["order"], case["earliest"], case["last"])
    assert written(found(load(case["policy"]), case)) == expected, case["comment"]


def test_a_locality_may_choose_the_order_by_the_day_of_the_act() -> None:
    local = load_text(
        '[policy]\nkey = "x"\ntitle = "x"\nextends = "national-2026"\nissued_by = "x"\nreleased = 2026-11-25\n'
        'status = "draft"\n[repair]\nchosen_by = "acted_on"\n'
    )
    days = (date(2026, 3, 31), None, date(2026, 4, 1))
    assert window(local.repair, "serious", *days) is None
    assert written(window(local.repair, "special", *days)) == ("order-58", "2027-04-02", "2029-04-01")


def test_the_cap_of_a_locality_is_named_where_it_ends_the_publication() -> None:
    act = (date(2021, 3, 1), date(2021, 6, 30), date(2024, 7, 1))
    capped, plain = (window(load(key).repair, "general", *act) for key in ("xuchang-2023", "national-2026"))
    assert capped and plain
    assert (capped.clauses, plain.clauses) == (("REPAIR-58-general", "HENAN-credit"), ("REPAIR-58-general",))
    assert plain.last - capped.last == 366 * DAY


def test_orders_out_of_sequence_and_a_shortest_beyond_the_longest_are_refused() -> None:
    text = (FILE.parent.parent.parent / "workflow/policies/national-2026.toml").read_text(encoding="utf-8")
    with pytest.raises(PolicyError) as swapped:
        load_text(text.replace("since = 2026-04-01", "since = 2023-05-01"))
    assert swapped.value.faults == [("repair.orders.order-36.since", "not_later")]
    with pytest.raises(PolicyError) as longer:
        load_text(text.replace('longest = "3 months"', 'shortest = "4 months"\nlongest = "3 months"'))
    assert longer.value.faults == [("repair.orders.order-36.classes.minor.shortest", "longer_than_longest")]
