"""舟山 beside the fixed cast: a county that scores, its experts, and an institution with a clerk."""

import uuid
from datetime import date

from sqlalchemy import select, update

from models import Authority, Institution, Office, Survey, User
from models.database import Database
from tests import cast
from tests.cast import World
from workflow.authorities import load_locality
from workflow.demo.people import staff_of
from workflow.openings import open_case, open_round, still_to_open
from workflow.rules.credit_code import mint
from workflow.staffing import add_person, appoint, open_account

COUNTY, CITY = "330902", "330900"
EXPERTS = ("expert1", "expert2", "expert3")
SINCE = date(2020, 1, 1)
POLICY = "zhoushan-demo"


NAME = "定海示例海潮人力资源有限公司"


def stage(database: Database) -> None:
    """The cast's stage, and Zhoushan's: what `settle` would make anew for each test."""
    settle(cast.stage(database))


def settle(world: World) -> str:
    """Zhoushan's authorities with their staff, three experts of 定海区 and one institution, if they are not there yet;
    gives its name."""
    with world.write() as session:
        if session.scalar(select(Institution.id).where(Institution.name == NAME)):
            return NAME
        load_locality(session, "zhoushan", world.at)
        for code in (COUNTY, CITY, "330000"):
            authority = session.scalars(select(Authority).where(Authority.code == code)).one()
            staff_of(session, authority, world.at, "!")
        home = session.scalars(select(Authority).where(Authority.code == COUNTY)).one()
        office = session.scalars(select(Office).where(Office.authority_id == home.id, Office.kind == "market")).one()
        for number, login in enumerate(EXPERTS, 1):
            person = add_person(session, f"评审专家{number}", world.at)
            appoint(session, person, "expert", SINCE, office=office, title="评审专家")
            open_account(session, person, f"{COUNTY}-{login}", "!", world.at)
        one = Institution(
            credit_code=mint(f"91{COUNTY}", "MA0000N1"),
            name=NAME,
            managing_authority_id=home.id,
            created_at=world.at,
        )
        session.add(one)
        session.flush()
        clerk = add_person(session, "海潮经办人", world.at)
        appoint(session, clerk, "clerk", SINCE, institution_id=one.id)
        open_account(session, clerk, "clerk-haichao", "!", world.at)
        session.execute(update(User).values(is_demo=False))  # the cast serves a real site
        return NAME


def evaluation(world: World) -> int:
    """An evaluation of that institution that waits for its report."""
    settle(world)
    head = world.actor(f"{CITY}-head", "section_head")
    with world.write() as session:
        round_id = open_round(session, POLICY, 2026, "2026年度评估", head, world.at)
    with world.write() as session:
        (institution,) = still_to_open(session, round_id)
        return open_case(session, round_id, institution, head, uuid.uuid4().hex, world.at).case_id


def survey_over(world: World, case_id: int) -> None:
    """The day after the survey's five working days: now the authority may propose."""
    with world.database.read() as session:
        ends = session.get_one(Survey, case_id).ends_at
    if world.at < ends:
        world.clock.to(ends)


def sheet(scores: str = "", **changed: str) -> dict[str, str]:
    """Full marks on every line of the scheme (10/4, 15/4, 30/4 and 15/3 points), but for what is `changed`: x05=3."""
    full = {f"{number:02}": points for number, points in enumerate(_POINTS, 1)}
    full |= {name.removeprefix("x"): value for name, value in changed.items()}
    return {f"score-{number}": value for number, value in full.items()}


_POINTS = ["2.5"] * 4 + ["3.75"] * 8 + ["7.5"] * 4 + ["5"] * 6
