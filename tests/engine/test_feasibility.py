"""The longest path of a machine: every start day is tried, and the worst one is named."""

from datetime import date

import pytest

from workflow.engine.feasibility import last_covered, worst
from workflow.engine.machine import compiled
from workflow.machines import MACHINES
from workflow.rules.calendar import Calendar
from workflow.rules.policy import load

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
