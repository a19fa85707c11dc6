"""信用修复 over HTTP: how each refusal, and a rescission, read to the institution and to the public."""

from datetime import date, timedelta

import pytest
from flask import Flask

from models import Delivery, Institution
from tests.cast import CITY, COUNTY, World
from tests.engine.test_repair import apply, climb, published, recorded, shown_and_granted, verify
from tests.views.test_official import Desk
from tests.web import client_for

ACT = "向求职者收取押金"


@pytest.fixture
def record(world: World) -> int:
    """A general act of 8 April, made public on the 9th; it may be applied for from 9 July."""
    world.to(date(2026, 4, 9))
    found = recorded(world)
    published(world, found)
    world.to(date(2026, 7, 9))
    return found


def letter(world: World, app: Flask) -> str:
    """The newest one to the institution, as its clerk reads it."""
    with world.database.read() as session:
        newest = session.query(Delivery).order_by(Delivery.id.desc()).first()
    assert newest is not None
    return Desk(world, app, "clerk-0").page(f"/desk/documents/{newest.document_id}")


def public_page(world: World, app: Flask) -> str:
    with world.database.read() as session:
        code = session.get_one(Institution, 1).credit_code
    return client_for(world, app=app).get(f"/institutions/{code}").text


def test_a_refusal_is_read_with_its_reasons_and_rights_and_one_may_apply_again(
    world: World, app: Flask, record: int
) -> None:
    first = world.case(apply(world, record))
    refused = "申请书未写明改正情况。"
    assert (
        Desk(world, app, f"{COUNTY}-head", "section_head").act(first.number, "refuse", opinion=refused).status_code
        == 303
    )
    said = letter(world, app)
    assert refused in said and "行政复议" in said
    clerk = Desk(world, app, "clerk-0")
    assert "不予受理" in clerk.page(f"/desk/cases/{first.number}")

    again = apply(world, record)
    world.do(again, "accept", f"{COUNTY}-head", "section_head")
    unmet = "现场核查，尚有两人押金未退还。"
    verify(world, again, corrected="no", outcome="not_granted", answer=unmet)
    for login in (f"{COUNTY}-leader", f"{CITY}-handler", f"{CITY}-leader"):
        assert Desk(world, app, login).act(world.case(again).number, "agree", opinion="同意。").status_code == 303
    assert world.case(again).state == "not_granted"
    assert unmet in letter(world, app)
    assert "不予修复" in clerk.page(f"/desk/cases/{world.case(again).number}")
    assert ACT in public_page(world, app)


def test_a_false_pledge_brings_the_record_back_before_the_public(world: World, app: Flask, record: int) -> None:
    case_id = apply(world, record)
    climb(world, case_id)
    shown_and_granted(world, case_id)
    number = world.case(case_id).number
    assert ACT not in public_page(world, app)
    doubted = Desk(world, app, f"{CITY}-handler2").act(number, "doubt", opinion="两名求职者反映押金仍未退还。")
    assert doubted.status_code == 303
    clerk = Desk(world, app, "clerk-0")
    assert "两名求职者反映押金仍未退还" in clerk.page("/desk")
    world.to(world.today + timedelta(days=10))
    proposer = Desk(world, app, f"{CITY}-leader").act(number, "rescind", opinion="承诺不实。")
    assert proposer.status_code == 409, "who signed the repair does not rescind it"
    done = Desk(world, app, f"{CITY}-leader2").act(number, "rescind", opinion="押金至今未退还，承诺不实。")
    assert (done.status_code, world.case(case_id).state) == (303, "rescinded")
    assert ACT in public_page(world, app)
    said = letter(world, app)
    assert "押金至今未退还" in said and "行政复议" in said
