"""A site to measure: Henan's authorities and their staff, one case really played, and copies of it in any number."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import select

from models import Authority, Institution, Timer, schema
from models.database import Database
from workflow.authorities import load_locality
from workflow.clock import HandClock
from workflow.demo.people import staff
from workflow.demo.play import CITY, PROVINCE, Play
from workflow.rules.credit_code import mint
from workflow.scheduler import run_all_due

COUNTY = "411002"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLIMB = [
    ("propose", f"{COUNTY}-handler"), ("agree", f"{COUNTY}-head"),
    *(("agree", f"{COUNTY}-panel{seat}") for seat in range(1, 5)), ("agree", f"{COUNTY}-leader"),
]  # fmt: skip
APPROVALS = [f"{CITY}-handler", f"{CITY}-head", f"{CITY}-leader", f"{PROVINCE}-handler", f"{PROVINCE}-leader"]
"""Who agrees one after the other above the county: steps of one level, and arrivals at the next with its deadline."""


@contextmanager
def site(kind: str, postgres: str = "") -> Generator[Play]:
    """A staffed site on a database as durable as a real one, gone afterwards. `postgres`: an empty one to use."""
    with TemporaryDirectory(prefix="xinjie-bench-") as folder:
        if kind == "sqlite":
            yield from _staffed(f"sqlite:///{Path(folder) / 'bench.db'}")
            return
        with _server(postgres) as url:
            yield from _staffed(url)


@contextmanager
def _server(url: str) -> Generator[str]:
    if url:
        yield url
        return
    # The tests' private server, started durable: the wheel comes with the tests' requirements.
    from tests.postgres import Home, Server

    home = Home()
    try:
        yield Server(home.path, "fsync=on", "synchronous_commit=on", "full_page_writes=on").fresh_database()
    finally:
        home.close()


def _staffed(url: str) -> Generator[Play]:
    play = Play(Database(url), HandClock(START), Random(7), 7, {})
    schema.upgrade(play.database)
    with play.database.write() as session:
        load_locality(session, "henan", START)
        staff(session, START, "!")
        county = session.scalars(select(Authority.id).where(Authority.code == COUNTY)).one()
        session.add(
            Institution(
                credit_code=mint(f"91{COUNTY}", "MA000001"),
                name="示例人力资源有限公司",
                managing_authority_id=county,
                created_at=START,
            )
        )
    play.open_round("bench")
    try:
        yield play
    finally:
        play.database.close()


def kind_of(play: Play) -> str:
    return "sqlite" if play.database.is_sqlite else "postgres"


def opened(play: Play) -> int:
    """The one case, waiting for its self-report, or wherever it has got to since."""
    if not play.cases:
        with play.database.read() as session:
            play.ids = {"one": session.scalars(select(Institution.id)).one()}
        play.open_cases("bench")
    return play.cases["bench", "one"]


def lapsing(play: Play) -> int:
    """The case at the instant when its self-report lapses, its reminders sent."""
    case_id = opened(play)
    with play.database.read() as session:
        lapse = select(Timer).where(Timer.case_id == case_id, Timer.kind == "lapse", Timer.status == "armed")
        fire_at = session.scalars(lapse).one().fire_at
    play.clock.to(fire_at - timedelta(seconds=1))
    run_all_due(play.database, play.clock)
    play.clock.to(fire_at)
    return case_id


def reviewed(play: Play) -> int:
    """The case on the desk of the city's handler."""
    case_id = lapsing(play)
    run_all_due(play.database, play.clock)
    for move, login in CLIMB:
        play.do(case_id, move, login, opinion="情况属实。")
    return case_id
