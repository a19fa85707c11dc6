"""Many at once: threads let loose together, a thread stopped on purpose, and a world that can be put back."""

import shutil
import threading
import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from models import (
    Appointment,
    ArchiveRecord,
    Authority,
    Base,
    Case,
    Decision,
    Document,
    Objection,
    PublicityEntry,
    Quota,
    Recommendation,
    Task,
    Timer,
)
from tests.cast import COUNTY, World, market_office
from workflow.engine import sync
from workflow.engine.invariants import broken
from workflow.engine.permissions import Actor, actor_of
from workflow.engine.refusal import NotFound, Refused
from workflow.staffing import add_person, appoint, open_account

STILL = {
    "appointment", "attachment", "authority", "calendar_day", "calendar_release", "deed",
    "institution_management", "institution_name", "interest", "login_event", "login_session",
    "office", "person", "policy", "policy_reuse", "responsible_person", "round", "seal", "throttle", "user",
}  # fmt: skip
"""Tables that no act on a case changes."""
ENDURING = {"archive_record", "institution", "quota"}
"""Tables that acts rewrite and others refer to: they are put back without being emptied as a whole."""
MOVING = [table for table in Base.metadata.sorted_tables if table.name not in STILL]
REPAIRED = (ArchiveRecord.remedied_on, ArchiveRecord.repaired_on, ArchiveRecord.acted_to, ArchiveRecord.voided_on)
SEATED = (Recommendation.case_id, Recommendation.seated_at)
REPORT = "本机构已按要求完成自查，承诺事项均已履行，材料真实。"


def attempt(verb: Callable[[], Any]) -> Any:
    """What a verb gives, or the refusal it meets. Any other exception is a fault and goes up."""
    try:
        return verb()
    except (Refused, NotFound) as refused:
        return refused


def together(verbs: Sequence[Callable[[], Any]], patience: float = 60) -> list[Any]:
    """All verbs at once, one thread each. Their answers in order; a fault in any of them is raised."""
    line = threading.Barrier(len(verbs))
    jobs = [Job(lambda verb=verb: (line.wait(), attempt(verb))[1]) for verb in verbs]
    for job in jobs:
        job.start()
    return [job.answer(patience) for job in jobs]


class Job(threading.Thread):
    """A thread that gives back what its verb gave or raised."""

    def __init__(self, verb: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._verb = verb
        self._given: Any = None
        self._fault: BaseException | None = None
        self.ended = threading.Event()

    def run(self) -> None:
        try:
            self._given = self._verb()
        except BaseException as fault:
            self._fault = fault
        self.ended.set()

    def answer(self, patience: float = 60) -> Any:
        if not self.ended.wait(patience):
            raise AssertionError("a thread waits for ever")
        if self._fault:
            raise self._fault
        return self._given


def interleaved(point: str, first: Callable[[], Any], second: Callable[[], Any], patience: float) -> tuple[Any, Any]:
    """Run `first` to the sync point, there let `second` run (it may have to wait for `first`), then the rest."""
    there, onward = threading.Event(), threading.Event()

    def stop(name: str) -> None:
        if name == point and threading.current_thread() is one:
            there.set()
            onward.wait(30)

    def to_the_end() -> Any:
        try:
            return attempt(first)
        finally:
            there.set()

    one, other = Job(to_the_end), Job(lambda: attempt(second))
    sync.install(stop)
    try:
        one.start()
        there.wait(30)
        other.start()
        other.ended.wait(patience)
        onward.set()
        return one.answer(), other.answer()
    finally:
        sync.install(None)


class Scene:
    """A world whose present moment can be kept and come back to, cheaply and as often as needed."""

    def __init__(self, world: World) -> None:
        self.world = world

    def keep(self) -> None:
        if self.world.database.is_sqlite:
            shutil.copy(self._file(), self._file().with_suffix(".kept"))
        else:
            copies = (f'CREATE TABLE kept."{table.name}" AS TABLE "{table.name}"' for table in MOVING)
            self._script("DROP SCHEMA IF EXISTS kept CASCADE", "CREATE SCHEMA kept", *copies)

    def rewind(self) -> None:
        if self.world.database.is_sqlite:
            shutil.copy(self._file().with_suffix(".kept"), self._file())
            return
        emptied = (f'"{table.name}"' for table in MOVING if table.name not in ENDURING)
        clear = ["TRUNCATE " + ", ".join(emptied), *(f"DELETE FROM {name}" for name in sorted(ENDURING))]
        fill = (f'INSERT INTO "{table.name}" SELECT * FROM kept."{table.name}"' for table in MOVING)
        # As a replica the server fires neither the history's guards nor the foreign keys.
        self._script("SET LOCAL session_replication_role = replica", *clear, *fill)

    def _file(self) -> Path:
        self.world.database.close()  # the last connection folds the write-ahead log into the file
        return Path(self.world.database.url.database or "")

    def _script(self, *statements: str) -> None:
        with self.world.database.engine.begin() as connection:
            connection.execute(text(";".join(statements)))


def unbroken(world: World) -> None:
    with world.database.read() as session:
        breaches = broken(session)
    assert not breaches, breaches


def picture(world: World, known: Collection[int]) -> list[Any]:
    """The state of everything that matters, comparable between two runs; cases born since are named by parent."""
    with world.database.read() as session:
        cases = session.execute(
            select(Case.id, Case.machine, Case.parent_id, Case.state, Case.step, Case.turn, Case.version)
        )
        rows = {row.id: row for row in cases}

        def name(case_id: int) -> str:
            row = rows[case_id]
            return str(case_id) if case_id in known else f"{row.machine} on {row.parent_id}"

        found: list[Any] = [("case", name(row.id), *row[3:]) for row in rows.values()]
        owed = select(Task.case_id, Task.role, Task.authority_id, Task.person_id, Task.purpose, Task.turn)
        found += [("task", name(row[0]), *row[1:]) for row in session.execute(owed.where(Task.closed_at.is_(None)))]
        armed = select(Timer.case_id, Timer.kind, Timer.move, Timer.planned_at, Timer.status)
        found += [
            ("timer", name(row[0]), *row[1:]) for row in session.execute(armed.where(Timer.status != "cancelled"))
        ]
        voices = select(Decision.case_id, Decision.step, Decision.turn, Decision.person_id, Decision.voice)
        found += [("voice", name(row[0]), *row[1:]) for row in session.execute(voices)]
        entries = select(
            PublicityEntry.subject_id, PublicityEntry.held, PublicityEntry.outcome, PublicityEntry.closes_at
        )
        found += [("entry", *row) for row in session.execute(entries)]
        found += [("objection", *row) for row in session.execute(select(Objection.subject_id, Objection.outcome))]
        found += [("record", *row) for row in session.execute(select(ArchiveRecord.id, *REPAIRED))]
        found += [("seat", name(row[0]), row[1] is not None) for row in session.execute(select(*SEATED))]
        found += [("seats", *row) for row in session.execute(select(Quota.id, Quota.seats))]
        found += [("document", *row) for row in session.execute(select(Document.kind, Document.year, Document.serial))]
    return sorted(found, key=repr)


# --- the crowd


def add_heads(world: World, count: int) -> list[Actor]:
    """More section heads of the county's leading office."""
    with world.write() as session:
        office = market_office(session, COUNTY)
        people = [add_person(session, f"科长{number:03d}", world.at) for number in range(count)]
        for number, person in enumerate(people):
            appoint(session, person, "section_head", date(2020, 1, 1), office=office)
            open_account(session, person, f"head-{number:03d}", "!", world.at)
        session.flush()
        ids = [person.id for person in people]
    with world.database.read() as session:
        posts = session.scalars(select(Appointment).where(Appointment.person_id.in_(ids)).order_by(Appointment.id))
        return [actor_of(post) for post in posts]


def task_of(world: World, case_id: int, role: str = "", purpose: str = "work") -> int:
    with world.database.read() as session:
        query = select(Task.id).where(Task.case_id == case_id, Task.closed_at.is_(None), Task.purpose == purpose)
        return session.scalars(query.where(Task.role == role) if role else query).one()


def timer_of(world: World, case_id: int, kind: str) -> Timer:
    with world.database.read() as session:
        query = select(Timer).where(Timer.case_id == case_id, Timer.kind == kind, Timer.status == "armed")
        return session.scalars(query).one()


def closing(world: World, case_id: int) -> datetime:
    """The instant at which the publicity of the case's entry ends."""
    instant = world.entry(case_id).closes_at
    assert instant
    return instant


def lapse_reports(world: World, cases: Collection[int]) -> None:
    """Let the self-reports of cases lapse: they go on without one."""
    latest = max(timer_of(world, case, "lapse").fire_at for case in cases)
    world.clock.to(latest)
    world.sweep()


def new_key() -> str:
    return uuid.uuid4().hex


def cases_of(world: World, round_id: int, county: str = COUNTY) -> list[int]:
    """The cases of a round that one county manages."""
    with world.database.read() as session:
        query = select(Case.id).join(Authority, Authority.id == Case.managing_authority_id)
        return list(session.scalars(query.where(Case.round_id == round_id, Authority.code == county).order_by(Case.id)))
