"""Players of all machines at once: besides evaluations they repair records and grades, and fight over seats."""

from collections.abc import Callable
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import ArchiveRecord, Authority, Case, Quota, Round
from tests.cast import World
from tests.engine.players import Players
from tests.fire.acts import attached
from tests.fire.crowd import REPORT
from tests.fire.story_repair import APPLIED, VERIFIED, recorded
from tests.shandong import APPLICATION, FULL, HONOUR, PROVINCE, YANTAI, settle
from workflow import recommendations, repairs
from workflow.engine.decide import offered
from workflow.engine.forms import Field
from workflow.engine.load import facts_of
from workflow.engine.permissions import Actor
from workflow.openings import draft_notice_under
from workflow.scheduler import run_due

FINDERS = ("魏都区人社局", "许昌市人社局")
"""What the county found it repairs itself; what the city found goes up."""


PLEDGED: dict[str, Any] = {"statement": REPORT, "files": [], "pledge": "given"}
LIKELY = {**VERIFIED, "verdict": "fit", "outcome": "granted"}
"""What they mostly answer where random answers would rarely lead on."""


def set_the_scene(world: World, candidates: int) -> None:
    """烟台 has three seats, so many institutions, and five of them are found fit."""
    stage = settle(world, YANTAI)
    stage.institutions(YANTAI, candidates)
    round_id = stage.open(year=APPLIED.year + 1)
    for number in range(1, min(candidates, 5) + 1):
        stage.candidate(round_id, YANTAI, number)


class Hunters(Players):
    """Several at once on one world, each a thread of its own."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.clerks = [actor for actor in self.actors if actor.institution_id]
        self.acts: list[Callable[[Random], Any]] = [
            self.work, self.work, self.work, self.at_will, self.at_will, self.onward, self.object, self.ask_re_review,
            self.keep_archive, self.draft, self.draft, self.claim_or_release, self.repair, self.upgrade, self.apply,
            self.seats, self.sweep,
        ]  # fmt: skip

    def onward(self, chance: Random) -> None:
        self.push(chance, 3)

    def at_will(self, chance: Random) -> None:
        """Somebody of a case's line or institution makes any move that its page offers, asked for or not."""
        with self.world.database.read() as session:
            case = chance.choice(session.scalars(select(Case).order_by(Case.id.desc()).limit(60)).all())
            places = {rung["authority"] for rung in case.ladder} | {case.authority_id, case.managing_authority_id}
            near = [
                one for one in self.actors
                if one.authority_id in places or (one.institution_id and one.institution_id == case.institution_id)
            ]  # fmt: skip
            actor = chance.choice(near)
            offers = [one for one in offered(facts_of(session, case.id, actor, self.world.at)) if one.plan]
            if not offers:
                return
            offer = chance.choice(offers)
            form = self._form(session, offer.fields, chance)
        self._act(case.id, offer.move, actor, form)

    def draft(self, chance: Random, cases: list[int] | None = None) -> None:
        """A notice over some results of one kind that wait at one authority."""
        what = (Case.machine, Case.authority_id, Case.round_id, Case.policy_id)
        with self.world.database.read() as session:
            query = select(Case.id, *what).where(Case.state == "awaiting_publicity").order_by(Case.id)
            waiting = session.execute(query.where(Case.id.in_(cases)) if cases else query).all()
        if not waiting:
            return
        one = chance.choice(waiting)
        alike = [row.id for row in waiting if row[1:] == one[1:]]
        chosen = cases or chance.sample(alike, chance.randint(1, min(len(alike), 5)))
        form = {"title": "结果公示", "opens_on": self.world.today, "cases": chosen}
        here = [actor for actor in self.actors if (actor.role, actor.authority_id) == ("handler", one.authority_id)]
        if not here:
            return
        draft, actor = draft_notice_under, chance.choice(here)
        self._try(
            "draft", lambda s, key: draft(s, form, one.policy_id, actor, key, self.world.at, round_id=one.round_id)
        )

    def repair(self, chance: Random) -> None:
        """信用修复 of a record, sometimes of one that is new on file."""
        clerk = chance.choice(self.clerks)
        if chance.random() < 0.4:
            recorded(self.world, chance.choice(FINDERS), institution=clerk.institution_id)
        form = {"record": chance.choice(self._records(clerk) or [0]), **PLEDGED}
        self._try("repair", lambda s, key: repairs.apply(s, form, clerk, key, self.world.at))

    def upgrade(self, chance: Random) -> None:
        clerk = chance.choice(self.clerks)
        form = {"records": self._records(clerk) or [0], **PLEDGED}
        self._try("upgrade", lambda s, key: repairs.apply_upgrade(s, form, clerk, key, self.world.at))

    def _records(self, clerk: Actor) -> list[int]:
        mine = (ArchiveRecord.institution_id == clerk.institution_id, ArchiveRecord.voided_on.is_(None))
        with self.world.database.read() as session:
            return list(session.scalars(select(ArchiveRecord.id).where(*mine, ArchiveRecord.public_from.is_not(None))))

    def apply(self, chance: Random) -> None:
        clerk, form = chance.choice(self.clerks), {"holder": "", **APPLICATION, **FULL, "files": attached(self.world)}
        with self.world.database.read() as session:
            round_id = session.scalars(select(Round.id).where(Round.scheme == HONOUR)).one()
        self._try("apply", lambda s, key: recommendations.apply(s, round_id, form, clerk, key, self.world.at))

    def seats(self, chance: Random) -> None:
        """The province gives fewer seats or as many again, or the city hands in its summary."""
        with self.world.database.read() as session:
            held = select(Quota.id).join(Authority, Authority.id == Quota.authority_id)
            quota = session.scalars(held.where(Authority.code == YANTAI)).one()
        if chance.random() < 0.5:
            head, seats = self.world.actor(f"{PROVINCE}-head", "section_head"), chance.randint(0, 3)
            self._try("seats", lambda s, _: recommendations.set_seats(s, quota, seats, head, self.world.at))
        else:
            handler, file = self.world.actor(f"{YANTAI}-handler"), attached(self.world)[0]
            self._try("summary", lambda s, _: recommendations.file_summary(s, quota, file, handler, self.world.at))

    def sweep(self, chance: Random) -> None:
        self.world.clock.forward(minutes=chance.choice((1, 10, 60)))
        run_due(self.world.database, self.world.clock, limit=20)

    # --- what they fill in

    def _form(self, session: Session, fields: tuple[Field, ...], chance: Random, broken: float = 0.0) -> dict[str, Any]:
        form = super()._form(session, fields, chance, broken)
        if chance.random() < 0.8:
            form |= {name: value for name, value in LIKELY.items() if name in form}
        return form

    def _value(self, session: Session, field: Field, chance: Random) -> Any:
        match field.kind:
            case "score":
                return str(field.points)
            case "ids" if field.name == "files":
                return attached(self.world)
        if field.name == "outcome_on":
            return self.world.today
        return super()._value(session, field, chance)
