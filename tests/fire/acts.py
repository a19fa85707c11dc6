"""Acts of the stories: each is one unit of work, to be done when it is called."""

import uuid
from collections.abc import Callable, Generator
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from models import Appointment, ArchiveRecord, Attachment, Authority, Case, Notice, Office, Timer
from tests.cast import COUNTY, World, market_office
from tests.fire.crowd import REPORT, timer_of
from workflow.engine import sweep
from workflow.engine.permissions import Actor
from workflow.staffing import add_person, appoint, open_account

Verb = Callable[[], Any]
Story = Generator[Verb, Any, None]
"""Act after act; the answer of each is sent back."""

ANSWER = {"outcome": "upheld", "answer": "经核查，公示结果无误，予以维持。", "opinion": "属实"}
REASON = "示例理由"


def move(world: World, case_id: int, name: str, who: Actor | str, role: str | None = None, **form: Any) -> Verb:
    return partial(world.do, case_id, name, who, role, **form)


def signed(world: World, case_id: int, *logins: str) -> None:
    for login in logins:
        world.do(case_id, "agree", login, "section_head" if login.endswith("-head") else None)


def lapse(world: World, case_id: int, kind: str = "lapse") -> Verb:
    """Time comes to the case's own deadline, and its timer is the first to fire."""
    timer = timer_of(world, case_id, kind)
    world.clock.to(timer.fire_at)
    return partial(_fire, world, timer)


def _fire(world: World, timer: Timer) -> bool:
    with world.write() as session:
        return sweep.fire(session, timer, world.at) == "fired"


def heard(
    world: World, case: int, party: Actor | str, accepts: Actor | str, signs: Actor | str
) -> Generator[Verb, Any, None]:
    """An objection or re-review with every detour, to its answer."""
    yield move(world, case, "ask_more", accepts, opinion="补充证据")
    yield move(world, case, "supply", party, statement=REPORT)
    world.do(case, "ask_more", accepts, opinion="补充证据")
    yield lapse(world, case)
    world.sweep()
    yield move(world, case, "accept", accepts)
    yield move(world, case, "propose", f"{COUNTY}-handler2", **ANSWER)
    yield move(world, case, "rework", signs, opinion="重新核实")
    world.do(case, "propose", f"{COUNTY}-handler2", **ANSWER)
    yield move(world, case, "agree", signs)


def answered(world: World, objection: int, county: str, outcome: str) -> Verb:
    """The last signature under an answer."""
    world.do(objection, "accept", f"{county}-head2")
    world.do(objection, "propose", f"{county}-handler2", **(ANSWER | {"outcome": outcome}))
    return move(world, objection, "agree", f"{county}-head2")


def contested(world: World, case: int, removed: int, calm: int, code: str) -> Story:
    """Of three that are shown by an authority one is objected to, and again by two, the second of whom is answered when
    the publicity is over; one is removed by an answer; one is cleared."""
    first = yield partial(world.object, case)
    yield answered(world, first, code, "upheld")
    yield answered(world, world.object(removed), code, "removed")
    first, second = world.object(case), world.object(case)
    yield answered(world, first, code, "upheld")
    yield lapse(world, calm)
    yield answered(world, second, code, "upheld")


def person(world: World, login: str, role: str) -> int:
    return world.actor(login, role).person_id or 0


def appointed(world: World, code: str, role: str, login: str) -> None:
    """Somebody new at an authority's leading office."""
    with world.write() as session:
        new = add_person(session, f"新任{login}", world.at)
        appoint(session, new, role, date(2020, 1, 1), office=market_office(session, code))
        open_account(session, new, login, "!", world.at)


def leave(world: World, county: str) -> None:
    """The handlers of a county leave: its first step finds nobody."""
    with world.write() as session:
        handlers = select(Appointment).join(Office).join(Authority)
        for post in session.scalars(handlers.where(Authority.code == county, Appointment.role == "handler")):
            post.valid_to = world.today - timedelta(days=1)


def closes_on(world: World, notice: int) -> date:
    with world.database.read() as session:
        return session.scalars(select(Notice.closes_on).where(Notice.case_id == notice)).one() or world.today


def child(world: World, case_id: int, machine: str = "evaluation") -> int:
    """The newest case that was opened about another."""
    with world.database.read() as session:
        mine = select(Case.id).where(Case.parent_id == case_id, Case.machine == machine)
        return session.scalars(mine.order_by(Case.id.desc()).limit(1)).one()


def violation(world: World, institution_id: int, **values: Any) -> int:
    """Entered beside the archive's own way, which would open a new evaluation at once."""
    row: dict[str, Any] = {
        "institution_id": institution_id,
        "kind": "labour_violation",
        "summary": "收取求职者押金",
        "severity": "serious",
        "corrected_in_time": False,
        "judged_by_id": person(world, f"{COUNTY}-head", "section_head"),
        "acted_on": world.today,
        "decided_on": world.today,
        "judged_at": world.at,
        "created_at": world.at,
        "finding_authority": "魏都区人社局",
        "evidence": "检查笔录",
    }
    with world.write() as session:
        record = ArchiveRecord(**(row | values))
        session.add(record)
        session.flush()
        return record.id


def voided(world: World, record_id: int) -> None:
    with world.write() as session:
        session.get_one(ArchiveRecord, record_id).voided_on = world.today


def attached(world: World) -> list[int]:
    """A file that was received and is not yet part of anything."""
    stored = uuid.uuid4().hex
    row = {"stored_as": stored, "name": "现场.jpg", "media_type": "image/jpeg", "size": 9, "sha256": stored}
    with world.write() as session:
        one = Attachment(**row, created_at=world.at)
        session.add(one)
        session.flush()
        return [one.id]
