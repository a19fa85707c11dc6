"""Approvals: the whole act by one writer and by four, beside bare SQL; its statements; the machine alone."""

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from multiprocessing import get_context
from typing import Any

from sqlalchemy.orm import Session

from bench.bare import Driver, counted, taken_down
from bench.beside import Peer, peers
from bench.copies import copies
from bench.measure import Figure, Row, add_turn, grown, in_turn, milliseconds
from bench.site import APPROVALS, kind_of, reviewed
from workflow.demo.play import Play
from workflow.engine.act import act
from workflow.engine.load import facts_of

ONE = {
    "postgres": Row("approval", "1/s", "bare SQL, one statement", 0.30, 0.40, "higher"),
    "sqlite": Row("approval", "1/s", "bare SQL", 0.35, 0.45, "higher"),
}
FOUR = Row("approval_4_writers", "1/s", "bare SQL, one statement", 0.27, 0.35, "higher")
STATEMENTS = {
    "postgres": Row("approval_statements", "statements", "", 8, 6, "lower"),
    "sqlite": Row("approval_statements", "statements", "", 14, 12, "lower"),
}
BESIDE = {
    ("postgres", "viewflow"): Row("approval_beside_viewflow", "1/s", "django-viewflow, audit, message", 4, 6, "higher"),
    ("sqlite", "viewflow"): Row("approval_beside_viewflow", "1/s", "django-viewflow, audit, message", 6, 8, "higher"),
    ("postgres", "spiff"): Row("approval_beside_spiff", "1/s", "SpiffWorkflow, plain SQL", 1, 1.4, "higher"),
    ("sqlite", "spiff"): Row("approval_beside_spiff", "1/s", "SpiffWorkflow, plain SQL", 1, 1.4, "higher"),
}
MACHINE = Row("machine_decides", "µs", "", 40, 20, "lower")
WRITERS = 4
Verb = Callable[[Session], object]


def approve(play: Play, case_id: int, login: str) -> Verb:
    """One approval as a unit of work; its request is known, so that it can be rehearsed and done."""
    actor, at, request_id = play.actor(login), play.clock(), uuid.uuid4().hex

    def verb(session: Session) -> object:
        return act(session, case_id, "agree", actor, form={"opinion": "同意。"}, request_id=request_id, at=at)

    return verb


def done(play: Play, verbs: list[Verb]) -> int:
    for verb in verbs:
        play.database.alone(verb)
    return len(verbs)


def climbs(play: Play, like: int, rounds: int, size: int) -> Iterator[list[Verb]]:
    """Round by round the approval of every case by the next official above the county; new cases after the last."""
    cases = range(0)
    for number in range(rounds):
        step = number % len(APPROVALS)
        cases = cases if step else copies(play.database, like, size)
        yield [approve(play, case, APPROVALS[step]) for case in cases]


def rates(
    play: Play, like: int, rounds: int, size: int, writers: int = 1, others: Sequence[Peer] = ()
) -> list[list[float]]:
    """Ours, bare SQL and others by round."""
    found: list[list[float]] = [[] for _ in range(2 + len(others))]
    ours, bare = climbs(play, like, rounds, size), climbs(play, like, rounds, size)
    for acts, likewise in zip(ours, bare, strict=True):
        notes = [taken_down(play.database, verb) for verb in likewise]
        for peer in others:
            peer.ready(size)
        theirs = [partial(_theirs, peer, size) for peer in others]
        add_turn(found, in_turn(1, _ours(play, acts, writers), _bare(play, notes, writers), *theirs))
    return found


def _theirs(peer: Peer, size: int, _round: int) -> int:
    return peer.approve(size)


def _ours(play: Play, acts: list[Any], writers: int) -> Callable[[int], int]:
    return lambda _round: _shared(play, acts, writers, lambda mine: done(play, mine))


def _bare(play: Play, notes: list[Any], writers: int) -> Callable[[int], int]:
    def send(mine: list[Any]) -> int:
        driver = Driver(play.database)
        for statements in mine:
            driver.commit(statements)
        driver.close()
        return len(mine)

    return lambda _round: _shared(play, notes, writers, send)


def _shared(play: Play, work: list[Any], writers: int, verb: Callable[[list[Any]], int]) -> int:
    """The work dealt out to processes of their own, each with its own connection."""
    if writers == 1:
        return verb(work)
    play.database.close()
    fork = get_context("fork")
    processes = [fork.Process(target=verb, args=(work[number::writers],)) for number in range(writers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise RuntimeError("a writer failed")
    return len(work)


def statements(play: Play, case_id: int) -> list[int]:
    """How many each approval of a case sends, BEGIN and COMMIT included."""
    found = []
    for login in APPROVALS:
        verb = approve(play, case_id, login)
        with counted(play.database) as sent:
            done(play, [verb])
        found.append(len(sent))
    return found


def machine_alone(play: Play, case_id: int, times: int) -> float:
    """Microseconds to decide one move of a loaded case: guards, independence, the row that applies."""
    with play.database.read() as session:
        facts = facts_of(session, case_id, play.actor(APPROVALS[0]), play.clock())
        facts.trusted = True
        facts.machine.fire("agree", facts)
        began = time.perf_counter()
        for _ in range(times):
            facts.machine.fire("agree", facts)
        return (time.perf_counter() - began) / times * 1e6


def beside(play: Play, rounds: int, size: int) -> Iterator[Figure]:
    """Beside what a user could take instead of this engine."""
    like, name = reviewed(play), kind_of(play)
    with peers(play.database) as others:
        ours, _, *theirs = rates(play, like, rounds, size, others=others)
    for peer, found in zip(others, theirs, strict=True):
        yield BESIDE[name, peer.name].figure(name, ours, found)


def measure(play: Play, rounds: int, size: int) -> Iterator[Figure]:
    like, name = reviewed(play), kind_of(play)
    yield ONE[name].figure(name, *rates(play, like, rounds, size))
    if name == "postgres":
        yield FOUR.figure(name, *rates(play, like, rounds, size, WRITERS))
    yield STATEMENTS[name].figure(name, [float(count) for count in statements(play, copies(play.database, like, 1)[0])])
    yield MACHINE.figure(name, [machine_alone(play, like, 20 * size) for _ in range(rounds)])


def growth(few: Play, many: Play, rounds: int, size: int, more: int) -> Iterator[Figure]:
    """The same approvals beside `more` other cases, of the time that they take without."""
    here, there = reviewed(few), reviewed(many)
    copies(many.database, there, more)
    found: list[list[float]] = [[], []]
    turns = zip(climbs(many, there, rounds, size), climbs(few, here, rounds, size), strict=True)
    for among, alone in turns:
        add_turn(found, in_turn(1, _ours(many, among, 1), _ours(few, alone, 1)))
    yield grown("approval").figure(kind_of(few), *map(milliseconds, found))
