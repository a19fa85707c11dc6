"""What follows once something is handed in is what the case's own policy says, and changes with it."""

import json

import pytest

from tests.cast import World
from workflow.ahead import after, answering
from workflow.engine.facts import Facts
from workflow.engine.load import facts_of
from workflow.engine.machine import compiled
from workflow.engine.permissions import SYSTEM
from workflow.rules.policy import from_body


def first_of(world: World) -> int:
    return next(iter(world.round()[1].values()))


def under(facts: Facts, without: str = "", suspends: bool = False) -> Facts:
    """The same case under a policy that differs in one rule."""
    body = json.loads(facts.rules.body)
    body["scope"]["machines"] = [key for key in body["scope"]["machines"] if key != without]
    body["re_review"]["suspends_effect"] = suspends
    facts.machine = compiled(facts.machine.table, from_body(json.dumps(body)))
    return facts


def test_a_self_report_is_followed_by_the_ladder_publicity_and_the_rights_of_its_policy(world: World) -> None:
    case = first_of(world)
    with world.database.read() as session:
        facts = facts_of(session, case, SYSTEM, world.at)
        said = [(one.what, one.due) for one in after(facts, "county_review.handler")]
        names = [facts.authorities[one.authority_id].short_name for one in after(facts, "county_review.handler")[2:4]
                 if one.authority_id]  # fmt: skip
    assert said == [
        ("county_review", "county_review"),
        ("correction", "correction"),
        ("city_review", "city_review"),
        ("province_review", "province_review"),
        ("awaiting_publicity", "publish"),
        ("in_publicity", "publicity"),
        ("objection", ""),
        ("cleared", "confirm"),
        ("effective", "validity"),
        ("delivery", "deliver"),
        ("re_review", "re_review_window"),
    ]
    assert names == ["许昌市人社局", "河南省人社厅"]


@pytest.mark.parametrize("without", ["objection", "re_review"])
def test_a_right_that_the_policy_does_not_give_is_not_promised(world: World, without: str) -> None:
    case = first_of(world)
    with world.database.read() as session:
        facts = under(facts_of(session, case, SYSTEM, world.at), without)
        said = [one.what for one in after(facts, "county_review.handler")]
    assert without not in said
    assert {"in_publicity", "cleared", "effective"} <= set(said)


def test_a_re_review_says_who_decides_and_whether_the_grade_stands_meanwhile(world: World) -> None:
    case = first_of(world)
    with world.database.read() as session:
        facts = facts_of(session, case, SYSTEM, world.at)
        facts.case = {**facts.case, "state": "effective"}
        found = {one.what: one for one in answering(facts, "re_review", of_institution=True)}
        strict = [one.what for one in answering(under(facts, suspends=True), "re_review", of_institution=True)]
        above = facts.authorities[facts.publisher_id].reports_to_id
    assert list(found) == ["acceptance", "supplement", "province_review", "others", "in_force", "answer", "final"]
    assert found["acceptance"].authority_id == above
    assert found["answer"].results == ("upheld", "amended", "annulled")
    assert "suspended" in strict
    assert "in_force" not in strict
