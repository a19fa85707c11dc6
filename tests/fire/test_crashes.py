"""Killed at any statement: all or nothing, nothing acknowledged is lost, nothing happens twice."""

from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from models import HistoryEntry, schema
from models.database import Database
from tests.cast import COUNTY, World, stage
from tests.engine.conftest import NewWorld
from tests.fire.acts import Story, signed
from tests.fire.clones import clones
from tests.fire.conftest import Size
from tests.fire.crowd import REPORT, Job, cases_of, new_key, unbroken
from tests.fire.rows import ENGINE, NO_POLICY_ASKS, UPGRADE, given_by_the_engine, rows_of, watched
from tests.fire.server import Battered, battered_server
from tests.fire.siege import (
    AFTER_COMMIT,
    BEFORE_ANSWER,
    BEFORE_COMMIT,
    KILLED,
    LAST_STATEMENT,
    Keys,
    Verb,
    content,
    doomed,
    rehearsed,
)
from tests.fire.story import evaluations
from tests.fire.story_recommendation import honours
from tests.fire.story_repair import credit_repairs
from tests.fire.wire import wire
from workflow.engine.act import Outcome, act
from workflow.engine.permissions import Actor
from workflow.machines import MACHINES

STORIES: dict[str, tuple[Callable[[World], Story], set[str]]] = {
    "evaluation": (evaluations, rows_of("evaluation", "publicity", "objection", "re_review") - {UPGRADE} | ENGINE),
    "repair": (credit_repairs, rows_of("repair") | {UPGRADE}),
    "recommendation": (honours, rows_of("recommendation")),
}
"""Each story with the rows that it owes."""


def test_the_stories_owe_every_row_of_every_machine() -> None:
    owed = set().union(*(rows for _, rows in STORIES.values()))
    assert owed == rows_of(*MACHINES) | ENGINE
    assert owed > NO_POLICY_ASKS
    assert given_by_the_engine() == ENGINE


@pytest.mark.parametrize("name", STORIES)
def test_a_process_killed_at_any_statement_of_any_move_leaves_all_or_nothing(
    world: World, size: Size, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """An act is besieged when it makes a row that none before it has made, in its own case or in another's. Of these
    acts the quick form takes every second one on SQLite, and the others on PostgreSQL."""
    keys, fired, (acts, owed) = Keys(), watched(monkeypatch), STORIES[name]
    monkeypatch.setattr(Database, "alone", _in_a_transaction)
    for module in ("tests.cast", "tests.fire.crowd"):
        monkeypatch.setattr(f"{module}.uuid", keys)
    made, new, killed, told = set[str](), 0, 0, None
    story = acts(world)
    while (verb := _next(story, told)) is not None:
        first_key = keys.next
        fired.clear()
        rehearsed(world, verb)
        keys.next = first_key
        fresh = not fired <= made
        made |= fired
        new += fresh
        if not fresh or new % 2 == size(int(world.database.is_sqlite), 2):
            told = verb()
            continue
        statements = rehearsed(world, verb)  # again: what a process reads only once has been read
        keys.next = first_key
        told, deaths = _besieged(world, keys, verb, _chosen(size, new, statements))
        killed += deaths
        if new // 2 % size(4, 1) == 0:
            unbroken(world)
    unbroken(world)
    assert owed - made == NO_POLICY_ASKS & owed
    assert killed >= size(new - 1, new * 10)


def _in_a_transaction(database: Database, act: Callable[[Session], Any]) -> Any:
    with database.write() as session:
        return act(session)


def test_an_act_without_a_transaction_is_there_as_a_whole_or_not_at_all(new_world: NewWorld) -> None:
    world = new_world("postgres")
    case = cases_of(world, world.round()[0])[0]
    world.do(case, "report", "clerk-0", statement=REPORT)
    handler, key, before = world.actor(f"{COUNTY}-handler"), new_key(), content(world)

    def propose() -> Outcome:
        asked = partial(act, request_id=key, at=world.at)
        return world.database.alone(lambda session: asked(session, case, "propose", handler))

    assert doomed(world, propose, LAST_STATEMENT) == KILLED
    assert content(world) == before
    assert doomed(world, propose, BEFORE_ANSWER) == KILLED
    after = content(world)
    assert after != before
    assert propose().seq == 3
    assert content(world) == after
    unbroken(world)


def _next(story: Story, told: Any) -> Verb | None:
    try:
        return story.send(told)
    except StopIteration:
        return None


def _chosen(size: Size, number: int, statements: int) -> list[int]:
    """Before every statement and before COMMIT; the quick form dies once, now here, now there."""
    one = BEFORE_COMMIT if number // 2 % 4 == 0 else number * 5 % statements + 1
    return size([one], [*range(1, statements + 1), BEFORE_COMMIT])


def _besieged(world: World, keys: Keys, verb: Verb, chosen: list[int]) -> tuple[Any, int]:
    """Children do the act and die at the chosen points, and after COMMIT before the answer; then it is asked for again.

    Gives the answer and how many children died.
    """
    before, first_key = content(world), keys.next
    for statement in chosen:
        assert doomed(world, verb, statement) == KILLED
        assert content(world) == before
    assert doomed(world, verb, AFTER_COMMIT) == KILLED
    after = content(world)
    assert after != before
    answer = verb()
    keys.next = first_key
    assert verb() == answer
    assert content(world) == after
    return answer, len(chosen) + 1


# --- the database itself


REFUSING = {
    "case": "UPDATE",
    **dict.fromkeys(("task", "timer", "decision", "history_entry", "outbox_message", "request"), "INSERT"),
}
"""What each table is made to refuse of an act that writes to all of them."""


def test_a_write_that_the_database_refuses_takes_the_whole_act_with_it(world: World) -> None:
    case = cases_of(world, world.round()[0])[0]
    world.do(case, "report", "clerk-0", statement=REPORT)
    world.do(case, "propose", f"{COUNTY}-handler")
    signed(world, case, f"{COUNTY}-head", *(f"{COUNTY}-panel{seat}" for seat in range(1, 5)))
    leader, key, before = world.actor(f"{COUNTY}-leader"), new_key(), content(world)
    sign = partial(_act, world, case, "agree", leader, key)
    for table, event in REFUSING.items():
        with _refusing(world, table, event), pytest.raises(DBAPIError, match="by the test"):
            sign()
        assert content(world) == before, table
    done = sign()
    assert (sign(), world.count(HistoryEntry, HistoryEntry.case_id == case)) == (done, done.version)
    unbroken(world)


@contextmanager
def _refusing(world: World, table: str, event: str) -> Generator[None]:
    how = (
        "BEGIN SELECT RAISE(ABORT, 'by the test'); END"
        if world.database.is_sqlite
        else "EXECUTE FUNCTION refuse_change('by the test')"
    )
    with world.write() as session:
        session.execute(text(f'CREATE TRIGGER planted BEFORE {event} ON "{table}" FOR EACH ROW {how}'))
    yield
    with world.write() as session:
        session.execute(text("DROP TRIGGER planted" + ("" if world.database.is_sqlite else f' ON "{table}"')))


BREAKS = list(product((Database.alone, _in_a_transaction), (True, False)))
"""Ways to act; whether the server still hears what is said last."""


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


def test_a_line_that_breaks_loses_no_act_and_doubles_none(new_world: NewWorld, size: Size) -> None:
    """At each thing that is said to the server in turn, before it is heard or before it is answered; who gets no
    answer asks again with the same request id."""
    world = new_world("postgres")
    like, *_ = cases_of(world, world.round("xuchang-2023", 2023)[0])
    before, cases = world.count(HistoryEntry), clones(world, like, 80)
    handler, url, waiting = world.actor(f"{COUNTY}-handler"), world.database.url, iter(cases)
    with (
        wire(Path(str(url.query["host"]))) as line,
        closing(Database(url.set(query={"host": str(line.folder)}).render_as_string())) as far,
    ):
        for way, heard in size(BREAKS[::3], BREAKS):
            for nth in range(20):
                asked = partial(act, case_id=next(waiting), move="propose", actor=handler, request_id=new_key())
                propose = partial(way, far, partial(asked, form={}, at=world.at))
                line.cut(nth, heard=heard)
                told = _persistent(propose)
                if nth and not line.broke:
                    break
                assert propose() == told
            assert 3 < nth < 19
    done = len(cases) - len(list(waiting))
    assert world.count(HistoryEntry) == before + len(cases) + done
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
    asked = partial(act, form={}, request_id=key, at=world.at)
    return world.database.alone(lambda session: asked(session, case, move, actor))


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
    """Let the file grow by so many pages and no more, on the connection that writers hand on."""
    with world.write() as session:
        connection = session.connection()
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {used + pages}")
