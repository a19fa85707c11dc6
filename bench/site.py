"""A site to measure: Henan's authorities and their staff, one case really played, and copies of it in any number."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, inspect, select, text

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
def site(kind: str) -> Generator[Play]:
    """A staffed site on a database as durable as a real one, gone afterwards."""
    with sites(kind, 1) as (play,):
        yield play


@contextmanager
def sites(kind: str, count: int, postgres: Sequence[str] = ()) -> Generator[list[Play]]:
    """Several, on databases beside each other. `postgres`: empty ones to use, as many as are needed."""
    with _databases(kind, count, postgres) as urls, ExitStack() as stack:
        yield [stack.enter_context(_staffed(url)) for url in urls]


@contextmanager
def _databases(kind: str, count: int, postgres: Sequence[str]) -> Generator[list[str]]:
    if kind == "sqlite":
        with TemporaryDirectory(prefix="xinjie-bench-") as folder:
            yield [f"sqlite:///{Path(folder) / f'{number}.db'}" for number in range(count)]
        return
    if postgres:
        with ExitStack() as stack:
            yield [stack.enter_context(_lent(url)) for url in postgres[:count]]
        return
    # The tests' private server, started durable: the wheel comes with the tests' requirements.
    from tests.postgres import Home, Server

    home = Home()
    try:
        server = Server(home.path, "fsync=on", "synchronous_commit=on", "full_page_writes=on")
        yield [server.fresh_database() for _ in range(count)]
    finally:
        home.close()


@contextmanager
def _lent(url: str) -> Generator[str]:
    """An empty database of somebody else's, given back as it was."""
    engine = create_engine(url)
    if inspect(engine).get_table_names():
        raise SystemExit(f"{engine.url} 不是空库 | is not empty")
    try:
        yield url
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()


@contextmanager
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
