"""Killed at any statement: all or nothing, nothing acknowledged is lost, nothing happens twice."""

from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from itertools import product
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, OperationalError

from models import HistoryEntry, schema
from models.database import Database
from tests.cast import COUNTY, World, stage
from tests.engine.conftest import NewWorld
from tests.fire.clones import clones
from tests.fire.conftest import Size
from tests.fire.crowd import REPORT, Job, cases_of, new_key, unbroken
from tests.fire.server import Battered, battered_server
from tests.fire.siege import AFTER_COMMIT, BEFORE_COMMIT, KILLED, Keys, Verb, content, doomed, rehearsed
from tests.fire.story import every_move, moves_made, story
from workflow.engine.act import Outcome, act
from workflow.engine.permissions import Actor


def test_a_process_killed_at_any_statement_of_any_move_leaves_all_or_nothing(
    world: World, size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys()
    monkeypatch.setattr("tests.cast.uuid", keys)
    acts, answer, attacked = story(world), None, {}
    while True:
        try:
            label, verb = acts.send(answer)
        except StopIteration:
            break
        if label in attacked:
            answer = verb()
            continue
        at = len(attacked)
        answer, attacked[label] = _besieged(world, keys, verb, partial(_chosen, size, at))
        if at % size(6, 1) == 0:
            unbroken(world)
    unbroken(world)
    missing = every_move(world) - moves_made(world)
    assert not missing
    assert {tuple(label.split()) for label in attacked} >= every_move(world) - CONSEQUENCES
    assert min(attacked.values()) >= size(3, 10)


def _chosen(size: Size, number: int, statements: int) -> Iterable[int]:
    return size({number * 5 % statements + 1}, range(1, statements + 1))


CONSEQUENCES = {
    ("evaluation", move) for move in ("show", "unlist", "prolong", "contest", "settle", "reopen", "supersede")
}
"""Moves that another case's act makes in its own transaction; they died with it."""


def _besieged(world: World, keys: Keys, verb: Verb, chosen: Callable[[int], Iterable[int]]) -> tuple[Any, int]:
    """Children do the act and die before chosen statements, before COMMIT and after it; then it is asked for again.

    Gives the answer and how many children died.
    """
    before, first_key = content(world), keys.next
    statements = [*chosen(rehearsed(world, verb)), BEFORE_COMMIT]
    keys.next = first_key
    for statement in statements:
        assert doomed(world, verb, statement) == KILLED
        assert content(world) == before
    assert doomed(world, verb, AFTER_COMMIT) == KILLED
    after = content(world)
    assert after != before
    answer = verb()
    keys.next = first_key
    assert verb() == answer
    assert content(world) == after
    return answer, len(statements) + 1


# --- the database itself


@pytest.mark.postgres
def test_a_server_shot_at_loses_nothing_acknowledged_and_doubles_nothing(size: Size) -> None:
    """Stopped at once or a backend killed, again and again; a writer asks with the same request id until answered."""
    seconds, per_writer, writers = size((3, 40, 4), (60, 1000, 6))
    with battered_server() as server, closing(Database(server.server.fresh_database())) as database:
        schema.upgrade(database)
        world = stage(database)
        like, *_ = cases_of(world, world.round("xuchang-2023", 2023)[0])
        cases = clones(world, like, per_writer * writers)
        before, until = world.count(HistoryEntry), monotonic() + seconds
        jobs = [Job(partial(_write_on, world, cases[number::writers], until)) for number in range(writers)]
        for job in jobs:
            job.start()
        blows = _batter(server, until)
        acknowledged = [outcome for job in jobs for outcome in job.answer()]
        with database.read() as session:
            durable = set(session.execute(select(HistoryEntry.case_id, HistoryEntry.seq, HistoryEntry.to_step)))
        assert blows >= 2 and acknowledged
        assert {(one.case_id, one.seq, one.step) for one in acknowledged} <= {tuple(row) for row in durable}
        assert len(acknowledged) == world.count(HistoryEntry) - before
        unbroken(world)


def _write_on(world: World, cases: list[int], until: float) -> list[Outcome]:
    """Bring case after case to the leader's desk; gives what was acknowledged. Ends between two acts, never within."""
    people = [("propose", f"{COUNTY}-handler"), *(("agree", f"{COUNTY}-panel{seat}") for seat in range(1, 5))]
    steps = [(move, _persistent(partial(world.actor, login))) for move, login in people]
    done = []
    for case, (move, actor) in product(cases, steps):
        if monotonic() > until:
            break
        done.append(_persistent(partial(_act, world, case, move, actor, new_key())))
    return done


def _act(world: World, case: int, move: str, actor: Actor, key: str) -> Outcome:
    with world.write() as session:
        return act(session, case, move, actor, form={}, request_id=key, at=world.at)


def _persistent(verb: Verb) -> Any:
    while True:
        try:
            return verb()
        except DBAPIError:
            sleep(0.02)


def _batter(server: Battered, until: float) -> int:
    blows = 0
    while monotonic() < until or blows % 2:
        sleep(0.3)
        if blows % 2:
            server.stop()
            server.start()
        else:
            server.kill_a_backend()
        blows += 1
    return blows


def test_a_full_disk_refuses_clearly_serves_readers_and_recovers_without_restart(new_world: NewWorld) -> None:
    world = new_world("sqlite")
    case = cases_of(world, world.round()[0])[0]
    clerk, key, statement = world.actor("clerk-0"), new_key(), REPORT * 300

    def report() -> Outcome:
        with world.write() as session:
            return act(session, case, "report", clerk, form={"statement": statement}, request_id=key, at=world.at)

    before = content(world)
    _room(world, 0)
    with pytest.raises(OperationalError, match="full"):
        report()
    assert content(world) == before
    assert world.case(case).state == "self_report"
    unbroken(world)
    _room(world, 100_000)
    assert report().state == "county_review"
    unbroken(world)


def _room(world: World, pages: int) -> None:
    """Let the file grow by so many pages and no more, on the connection that the pool keeps."""
    with world.database.engine.connect() as connection:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {used + pages}")
