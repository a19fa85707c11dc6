"""What leaders see of their line: how much lies where, what is late, and how it went; nothing beside or above it."""

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from models import Authority, Case, Institution, Task
from tests.cast import CITY, COUNTY, SIBLING, START, World
from tests.web import client_for

NAME, SECOND = "魏都示例甲人力资源有限公司", "魏都示例乙人力资源有限公司"
REPORT = "本年度依法经营，按时报送年度报告和统计，无违法违规。"


def table(client: FlaskClient, address: str = "/workload") -> dict[str, list[str]]:
    """The first table's lines by name: open, late, this week, the oldest late, done, done late."""
    page = client.get(address)
    assert page.status_code == 200
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page.text.partition("</table>")[0], re.S)[1:]
    cells = [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)] for row in rows]
    return {name: figures for name, *figures in cells}


@pytest.fixture
def city(world: World, app: Flask) -> FlaskClient:
    """Reports of two came on 2 March: grading them ends ten working days later, on Monday the 16th. One is graded on
    Tuesday the 17th, late; the other two counties' cases lapsed into grading on the 17th too."""
    _round, cases = world.round()
    for number, name in enumerate((NAME, SECOND)):
        world.do(cases[name], "report", f"clerk-{number}", statement=REPORT, files=[])
    world.to(date(2026, 3, 17))
    world.do(cases[NAME], "propose", f"{COUNTY}-handler", opinion="事实清楚，拟评。")
    return client_for(world, f"{CITY}-leader", app=app)


def test_each_authority_below_has_its_open_late_and_done_work(city: FlaskClient) -> None:
    """In Weidu 乙 is late since the 16th, 丙 has until the 30th; so is 甲 with the head."""
    found = table(city)
    assert found["魏都区人社局"] == ["3", "2", "0", "03-16", "1", "1（100%）"]
    assert found["建安区人社局"][:3] == ["1", "0", "0"]
    assert found["合计"][:3] == ["4", "2", "0"]
    page = city.get("/workload").text
    assert NAME in page and SECOND in page and "03-16 周一" in page
    weidu = re.search(r'href="(/workload/\d+)">魏都区人社局', page)
    assert weidu and SECOND in city.get(weidu[1]).text  # the list of the whole line has room for ten only


def test_old_work_that_a_leader_may_not_open_does_not_hide_what_is_late(world: World, city: FlaskClient) -> None:
    """Two hundred and one tasks of a case that the sibling manages lie in Weidu, late since longer than its own two."""
    with world.write() as session:
        sibling = select(Authority.id).where(Authority.code == SIBLING).scalar_subquery()
        beside = session.scalars(select(Case.id).where(Case.managing_authority_id == sibling)).one()
        step = {"case_id": beside, "state": "county_review", "step": "handler", "role": "handler", "seq": 1}
        here = {"authority_id": world.actor(f"{COUNTY}-leader").authority_id, "opened_at": START, "due_at": START}
        session.execute(insert(Task), [{**step, **here, "turn": turn} for turn in range(201)])
    county = client_for(world, f"{COUNTY}-leader", app=city.application).get("/workload").text
    assert NAME in county and SECOND in county
    assert "建安示例丁" in city.get("/workload").text


def test_a_leader_looks_below_and_neither_beside_nor_above(world: World, app: Flask, city: FlaskClient) -> None:
    county = client_for(world, f"{COUNTY}-leader", app=app)
    assert set(table(county)) == {"魏都区人社局本级", "合计"}
    own, beside = (world.actor(f"{code}-leader").authority_id for code in (COUNTY, SIBLING))
    assert set(table(city, f"/workload/{own}")) == {"魏都区人社局本级", "合计"}
    assert county.get(f"/workload/{beside}").status_code == 404
    assert county.get(f"/workload/{world.actor(f'{CITY}-leader').authority_id}").status_code == 404
    assert client_for(world, f"{COUNTY}-handler", app=app).get("/workload").status_code == 404


def test_what_is_closed_today_is_seen_though_the_days_before_were_counted(world: World, city: FlaskClient) -> None:
    """甲 is graded late on Tuesday and looked at on Wednesday, so that Tuesday is counted; then 乙 is graded."""
    world.to(date(2026, 3, 18))
    leader = client_for(world, f"{CITY}-leader", app=city.application)
    assert table(leader)["魏都区人社局"][4:] == ["1", "1（100%）"]
    with world.write() as session:
        second = session.scalars(select(Case.id).join(Institution).where(Institution.name == SECOND)).one()
    world.do(second, "propose", f"{COUNTY}-handler", opinion="事实清楚，拟评。")
    assert table(leader)["魏都区人社局"][4:] == ["2", "2（100%）"]
