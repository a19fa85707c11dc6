"""Random players for the property test: who they are, what they fill in, and how they are let loose on a world."""

import uuid
from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import (
    Appointment,
    ArchiveRecord,
    Authority,
    Case,
    Institution,
    Interest,
    Office,
    Person,
    Round,
    Task,
    Timer,
)
from tests.cast import COUNTY, INSTITUTIONS, OBJECTION, World
from workflow import archive
from workflow.engine import tasks
from workflow.engine.act import Outcome, act
from workflow.engine.decide import offered
from workflow.engine.forms import Field
from workflow.engine.load import facts_of, machine_of, rules_of
from workflow.engine.permissions import OUTSIDER, SYSTEM, Actor, actor_of, owes
from workflow.engine.refusal import NotFound, Refused
from workflow.openings import apply_re_review, draft_notice, object_to
from workflow.staffing import add_person, appoint

OPINION = "经核查，事实清楚，依据明确，同意按规定办理；有关材料已逐项核对。"
ONWARD = ("propose", "agree", "publish", "confirm_cleared", "confirm", "accept", "deliver", "report", "correct")
NONSENSE: tuple[Any, ...] = (
    None,
    "",
    "x",
    -1,
    "字" * 3000,
    [],
    [0],
    ["一"],
    2**70,
    [2**70],
    "2026-02-30",
    {"a": 1},
    "\x00",
)


def set_the_scene(world: World) -> None:
    """Under each policy a case just opened, one ready to be shown, one contested and one in force and re-reviewed."""
    with world.write() as session:
        _add_awkward_people(session, world)
    rounds = [world.round("xuchang-demo", 2026)[1], world.round("xuchang-2023", 2023)[1]]
    players, chance = Players(world), Random(1)
    names = [f"{name}人力资源有限公司" for name in INSTITUTIONS]
    in_force, contested, ready = ([cases[name] for cases in rounds] for name in (names[3], names[2], names[1]))
    players.show(in_force, chance)
    world.to(world.today + timedelta(days=12))
    for case_id in in_force:
        players.push_to(case_id, "effective", chance)
        world.do(case_id, "acknowledge", "clerk-3")
        world.re_review(case_id, "clerk-3")
    players.show(contested, chance)
    for case_id in contested:
        world.object(case_id)
    for case_id in ready:
        players.push_to(case_id, "awaiting_publicity", chance)


class Players:
    """The whole cast of a world. Whatever they try ends well, or in Refused or NotFound; anything else is a fault."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.happened: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.last: tuple[int, str, Actor, dict[str, Any], str, Outcome] | None = None
        with world.database.read() as session:
            posts = [actor_of(post) for post in session.scalars(select(Appointment).order_by(Appointment.id))]
            policies = session.scalars(select(Round.policy_id).order_by(Round.id)).all()
            self.kinds = rules_of(session, policies[0]).record_kinds
        self.actors = [*posts, OUTSIDER]

    # --- what they do

    def work(self, chance: Random) -> None:
        """Somebody who owes something makes a move that the page would offer."""
        with self.world.database.read() as session:
            owed = session.scalars(select(Task).where(Task.closed_at.is_(None)).order_by(Task.id)).all()
            if not owed:
                return
            task = chance.choice(owed)
            self._offered_move(session, task, chance, ())

    def push(self, chance: Random, moves: int, case_id: int | None = None) -> None:
        """One case goes onward, move after move, so that cases come far."""
        with self.world.database.read() as session:
            open_cases = session.scalars(select(Case.id).where(Case.closed_at.is_(None)).order_by(Case.id)).all()
        case_id = case_id or chance.choice(open_cases)
        for _ in range(moves):
            with self.world.database.read() as session:
                mine = select(Task).where(Task.closed_at.is_(None), Task.case_id == case_id).order_by(Task.id)
                owed = session.scalars(mine).all()
                if not owed:
                    return
                self._offered_move(session, chance.choice(owed), chance, ONWARD)

    def push_to(self, case_id: int, state: str, chance: Random) -> None:
        for _ in range(60):
            if self.world.case(case_id).state == state:
                return
            self.push(chance, 1, case_id)
        raise AssertionError(f"case {case_id} is {self.world.case(case_id).state}, not {state}: {self.refused}")

    def answer(self, chance: Random) -> None:
        """An open objection or re-review is taken on, as far as its answer."""
        with self.world.database.read() as session:
            about = select(Case.id).where(Case.closed_at.is_(None), Case.parent_id.is_not(None))
            waiting = session.scalars(about.order_by(Case.id)).all()
        if waiting:
            self.push(chance, 8, chance.choice(waiting))

    def show(self, cases: list[int], chance: Random) -> None:
        """From wherever they are into publicity, each under a notice of its own."""
        for case_id in cases:
            self.push_to(case_id, "awaiting_publicity", chance)
            self.draft(chance, [case_id])
            self.push_to(self.newest("publicity"), "open", chance)

    def meddle(self, chance: Random) -> None:
        """Anybody tries anything on any case, offered or not, with a good or a broken form."""
        with self.world.database.read() as session:
            case = chance.choice(session.scalars(select(Case).order_by(Case.id)).all())
            machine = machine_of(session, case.machine, case.policy_id)
            move = chance.choice([*sorted({row.name for row in machine.moves}), "to_effective", ""])
            fields = next((row.form for row in machine.moves if row.name == move), ())
            form = self._form(session, fields, chance, broken=0.3)
        version = chance.choice([None, None, case.version, case.version - 1])
        self._act(case.id, move, chance.choice(self.actors), form, version)

    def again(self) -> None:
        """The last submission once more: the same answer, and nothing happens."""
        if self.last:
            case_id, move, actor, form, request_id, outcome = self.last
            with self.world.write() as session:
                at = self.world.at + timedelta(seconds=1)
                assert act(session, case_id, move, actor, form=form, request_id=request_id, at=at) == outcome

    def draft(self, chance: Random, cases: list[int] | None = None) -> None:
        """A notice over some results that wait, mostly by those whose matter it is."""
        with self.world.database.read() as session:
            known = (
                select(Case.id, Case.authority_id, Case.round_id).where(Case.machine == "evaluation").order_by(Case.id)
            )
            waiting = session.execute(known.where(Case.state == "awaiting_publicity")).all()
            one = chance.choice(waiting or session.execute(known).all())
        together = [row.id for row in waiting if row.authority_id == one.authority_id and row.round_id == one.round_id]
        chosen = cases or chance.sample(together, chance.randint(1, len(together))) if together else [one.id]
        opens_on = self.world.today + timedelta(days=0 if cases else chance.choice([0, 0, 0, 1, 3]))
        form = {"title": "评价结果公示", "opens_on": opens_on, "cases": chosen}
        likely = [actor for actor in self.actors if (actor.role, actor.authority_id) == ("handler", one.authority_id)]
        actor = chance.choice(self.actors if chance.random() < 0.1 and not cases else likely or self.actors)
        self._try("draft", lambda s, key: draft_notice(s, form, one.round_id, actor, key, self.world.at))

    def newest(self, machine: str) -> int:
        with self.world.database.read() as session:
            return session.scalars(select(Case.id).where(Case.machine == machine).order_by(Case.id.desc())).first() or 0

    def object(self, chance: Random) -> None:
        case_id = self._case_in(chance, "in_publicity", "contested")
        actor = chance.choice([OUTSIDER, OUTSIDER, *(one for one in self.actors if one.institution_id)])
        form = {**OBJECTION, "receipt_hash": uuid.UUID(int=chance.getrandbits(128)).hex}
        self._try("object", lambda s, key: object_to(s, case_id, form, actor, key, self.world.at))

    def ask_re_review(self, chance: Random) -> None:
        case_id = self._case_in(chance, "effective", "cleared")
        with self.world.database.read() as session:
            institution = session.get_one(Case, case_id).institution_id
        clerks = [actor for actor in self.actors if actor.institution_id]
        own = [actor for actor in clerks if actor.institution_id == institution]
        actor = chance.choice(own if own and chance.random() < 0.8 else clerks)
        form = {"ground": "facts", "statement": OBJECTION["statement"], "files": []}
        self._try("re_review", lambda s, key: apply_re_review(s, case_id, form, actor, key, self.world.at))

    def keep_archive(self, chance: Random) -> None:
        """Facts come in, are judged and are taken back, whatever stage the cases are in."""
        actor = chance.choice([one for one in self.actors if one.role in ("handler", "section_head")])
        at, day = self.world.at, self.world.today
        with self.world.database.read() as session:
            records = session.scalars(select(ArchiveRecord.id).order_by(ArchiveRecord.id)).all()
            institution = chance.choice(session.scalars(select(Institution.id).order_by(Institution.id)).all())
        form = {
            "kind": chance.choice(sorted(self.kinds)),
            "summary": "经检查发现的情况",
            "acted_on": day - timedelta(days=chance.randint(0, 500)),
            "decided_on": day,
            "finding_authority": "示例人社局",
            "evidence": "检查笔录、书面材料",
        }
        yes = chance.choice(("yes", "no"))
        judgement = {"severity": chance.choice(archive.SEVERITIES), "corrected_in_time": yes, "evidence": "整改报告"}
        if not records or chance.random() < 0.3:
            self._try("record", lambda s, _: archive.record(s, institution, self.kinds, form, actor, at))
        elif chance.random() < 0.5:
            self._try("judge", lambda s, _: archive.judge(s, chance.choice(records), judgement, actor, at))
        else:
            self._try("void", lambda s, _: archive.void(s, chance.choice(records), "查证不实", actor, at))

    def claim_or_release(self, chance: Random) -> None:
        with self.world.database.read() as session:
            open_tasks = session.scalars(select(Task).where(Task.closed_at.is_(None)).order_by(Task.id)).all()
        if not open_tasks:
            return
        task = chance.choice(open_tasks)
        actor = self._owner(task, chance) if chance.random() < 0.8 else chance.choice(self.actors)
        if actor is None:
            return
        if chance.random() < 0.5:
            self._try("claim", lambda s, _: tasks.claim(s, task.id, actor, self.world.at))
        else:
            self._try("release", lambda s, _: tasks.release(s, task.id, actor))

    def leave_post(self, chance: Random) -> None:
        """Somebody's appointment ends: work may find nobody."""
        with self.world.write() as session:
            posts = session.scalars(
                select(Appointment).where(Appointment.valid_to.is_(None)).order_by(Appointment.id)
            ).all()
            chance.choice(posts).valid_to = self.world.today

    def wait(self, chance: Random) -> None:
        """Time passes, sometimes with nobody sweeping for long."""
        clock = self.world.clock
        match chance.choice(("hours", "hours", "day", "days", "days", "year")):
            case "hours":
                clock.forward(minutes=chance.randint(1, 600))
            case "day":
                self.world.clock.to_local(self.world.today + timedelta(days=1), 9)
            case "days":
                clock.forward(days=chance.randint(2, 20), minutes=chance.randint(0, 300))
            case "year":
                clock.forward(days=chance.choice([40, 366]))
        self.happened["fired"] += self.world.sweep()
        with self.world.database.read() as session:
            faults = session.execute(
                select(Timer.case_id, Timer.move, Timer.last_error).where(Timer.last_error != "")
            ).all()
        assert all(fault.last_error.startswith("Refused(") for fault in faults), faults
        self.refused.update(f"timer {fault.move}: {fault.last_error}" for fault in faults)

    # --- how they do it

    def _offered_move(self, session: Session, task: Task, chance: Random, preferred: tuple[str, ...]) -> bool:
        actor = self._owner(task, chance)
        if actor is None:
            return False
        facts = facts_of(session, task.case_id, actor, self.world.at)
        offers = [offer for offer in offered(facts) if offer.plan]
        liked = [offer for offer in offers if not preferred or offer.move in preferred]
        if not liked:
            return False
        offer = chance.choice(liked)
        return self._act(task.case_id, offer.move, actor, self._form(session, offer.fields, chance))

    def _owner(self, task: Task, chance: Random) -> Actor | None:
        if task.role == "objector":
            return OUTSIDER
        owners = [actor for actor in self.actors if actor is not OUTSIDER and bool(owes(task, actor))]
        return chance.choice(owners) if owners else None

    def _case_in(self, chance: Random, *states: str) -> int:
        """A case in one of the states; sometimes, or when there is none, any case."""
        with self.world.database.read() as session:
            rows = session.execute(
                select(Case.id, Case.state).where(Case.machine == "evaluation").order_by(Case.id)
            ).all()
        fitting = [row.id for row in rows if row.state in states]
        return chance.choice(fitting if fitting and chance.random() < 0.9 else [row.id for row in rows])

    def _act(self, case_id: int, move: str, actor: Actor, form: dict[str, Any], version: int | None = None) -> bool:
        if actor is SYSTEM:
            raise ValueError("players are people")
        key = uuid.uuid4().hex

        def perform(session: Session, _: str) -> Outcome:
            return act(session, case_id, move, actor, form=form, seen_version=version, request_id=key, at=self.world.at)

        outcome = self._try(move, perform)
        if outcome is not None and version is None:
            self.last = (case_id, move, actor, form, key, outcome)
        return outcome is not None

    def _try(self, name: str, verb: Any) -> Any:
        try:
            with self.world.write() as session:
                answer = verb(session, uuid.uuid4().hex)
        except Refused as refused:
            self.refused[f"{name} {refused.reason}"] += 1
            return None
        except NotFound:
            self.refused[f"{name} not found"] += 1
            return None
        self.happened[f"{name} > {answer.state}" if isinstance(answer, Outcome) else name] += 1
        return answer

    def _form(self, session: Session, fields: tuple[Field, ...], chance: Random, broken: float = 0.0) -> dict[str, Any]:
        form = {field.name: self._value(session, field, chance) for field in fields}
        if chance.random() < broken:
            form[chance.choice([*form, "unasked"])] = chance.choice(NONSENSE)
        return form

    def _value(self, session: Session, field: Field, chance: Random) -> Any:
        match field.kind:
            case "choice":
                return chance.choice(field.choices)
            case "date":
                return self.world.today + timedelta(days=chance.randint(0, 12))
            case "whole":
                return chance.choice(session.scalars(select(Person.id).order_by(Person.id)).all())
            case "ids" if field.name == "cases":
                return [chance.choice(session.scalars(select(Case.id).order_by(Case.id)).all())]
            case "ids":
                return []
        return None if field.name == "cause" else OPINION


def _add_awkward_people(session: Session, world: World) -> None:
    """An administrator of each kind, an official who is also a clerk, and one with a recorded interest."""
    office = session.scalars(
        select(Office).join(Authority).where(Authority.code == COUNTY, Office.kind == "market")
    ).one()
    for role in ("system_admin", "security_admin", "audit_admin"):
        appoint(session, add_person(session, f"管理员{role}", world.at), role, date(2020, 1, 1), office=office)
    institutions = session.scalars(select(Institution).order_by(Institution.id)).all()
    posts = (
        select(Appointment)
        .where(Appointment.office_id == office.id, Appointment.role == "handler")
        .order_by(Appointment.id)
    )
    one, other = session.scalars(posts).all()
    appoint(session, one.person, "clerk", date(2020, 1, 1), institution_id=institutions[0].id)
    recused = {"person_id": other.person_id, "institution_id": institutions[1].id, "reason": "近亲属在该机构任职"}
    session.add(Interest(valid_from=date(2020, 1, 1), **recused))
