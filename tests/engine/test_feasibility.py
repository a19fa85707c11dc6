"""The longest path of a machine: every start day is tried, and the worst one is named."""

from datetime import date

import pytest

from workflow.engine.check import Fault, all_faults
from workflow.engine.feasibility import broken, last_covered, worst
from workflow.engine.machine import compiled
from workflow.machines import MACHINES
from workflow.rules.calendar import Calendar
from workflow.rules.policy import PolicyError, load, load_text

CALENDAR = Calendar()


@pytest.mark.parametrize("policy", ["xuchang-2023", "xuchang-demo"])
def test_the_worst_start_of_a_publicity_is_before_the_spring_of_2020(policy):
    """Five working days to publish and five of publicity. Begun on 20 January 2020: 21, 22, 23 January, then the
    Spring Festival, prolonged to 2 February; 3 and 4 February; the 4th counts again, 5, 6, 7 and 10 February."""
    found = worst(compiled(MACHINES["publicity"], load(policy)), CALENDAR, 2026)
    assert found
    assert (found.start, found.end, found.days) == (date(2020, 1, 20), date(2020, 2, 10), 22)


def test_each_rung_is_a_step_of_the_path():
    found = worst(compiled(MACHINES["evaluation"], load("xuchang-demo")), CALENDAR, 2026)
    assert found
    assert found.ladder == ("county", "city", "province")
    assert found.steps[0] == "self_report"
    assert [step.partition(".")[0] for step in found.steps].count("city_review") == 1  # its steps share ten days
    assert found.steps[-1] == "cleared"


def test_only_announced_years_are_tried():
    assert last_covered(CALENDAR, 2030) == 2026


LIMIT = """
[policy]
key = "limited"
title = "设总时限的规则"
extends = "xuchang-demo"
issued_by = "本地"
released = 2026-01-01
status = "draft"
[clauses.TOTAL]
text = "本地规则设定：公示事项自拟稿之日起总时限。"
local = true
[limits.publicity]
count = {}
unit = "{}"
start_day = "next"
roll = "none"
closes = "24:00"
clause = "TOTAL"
local = true
"""


def test_a_policys_own_periods_are_held_against_its_limit_and_the_worst_day_is_named():
    """Five working days to publish and five of publicity, the day of publication counting for both: nine working days
    after the start, which a limit of ten always keeps. In days of the calendar 21 pass on the worst start (above)."""
    table = MACHINES["publicity"]
    kept = compiled(table, load_text(LIMIT.format(10, "working")))
    assert broken(kept, CALENDAR, 2026) is None
    fault = broken(compiled(table, load_text(LIMIT.format(20, "calendar"))), CALENDAR, 2026)
    assert fault and (fault.key, fault.where) == ("limit_exceeded", "limits.publicity")
    assert fault.detail == "2020-01-20 → 2020-02-10 > 2020-02-09"


def test_a_limit_for_what_the_policy_does_not_run_and_one_without_end_are_refused():
    idle = load_text(LIMIT.format(10, "working").replace("limits.publicity", "limits.lottery"))
    assert ("limited", "", Fault("limit_unused", "lottery")) in all_faults(MACHINES, [idle], set())
    with pytest.raises(PolicyError) as refused:
        load_text(LIMIT.format(0, "working"))
    assert [where for where, _ in refused.value.faults] == ["limits.publicity.count"]
