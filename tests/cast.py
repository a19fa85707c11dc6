"""The fixed cast and the stage: a database with Henan's authorities, their people and a few institutions."""

import uuid
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models import Appointment, Authority, Case, Institution, Office, PublicityEntry, User
from models.database import Database
from workflow.authorities import load_locality
from workflow.clock import HandClock, legal_day
from workflow.demo.people import staff
from workflow.engine.act import Outcome, act
from workflow.engine.permissions import OUTSIDER, Actor, actor_of, in_force
from workflow.openings import apply_re_review, draft_notice, object_to, open_case, open_round, still_to_open
from workflow.rules.credit_code import mint
from workflow.scheduler import run_all_due
from workflow.staffing import add_person, appoint, open_account

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday 2 March 2026, 09:00 in Shanghai
COUNTY, SIBLING, CITY, PROVINCE = "411002", "411003", "411000", "410000"
OBJECTION = {
    "ground": "facts",
    "statement": "该机构去年十月公开承诺不向求职者收取押金，实际收取了押金。",
    "files": [],
    "name": "示例群众",
    "contact": "示例联系方式一",
    "receipt_hash": "0" * 64,
}


class World:
    """One database and one clock, and short words for what the cast does. Every verb is one unit of work."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandClock(START)

    @property
    def at(self) -> datetime:
        return self.clock()

    @property
    def today(self) -> date:
        return legal_day(self.at)

    @contextmanager
    def write(self) -> Generator[Session]:
        with self.database.write() as session:
            yield session

    def actor(self, login: str, role: str | None = None) -> Actor:
        """`411002-handler`, or a clerk by credit code; `role` picks among several posts."""
        with self.database.read() as session:
            user = session.scalars(select(User).where(User.login == login)).one()
            posts = select(Appointment).where(Appointment.person_id == user.person_id, in_force(self.today))
            if role:
                posts = posts.where(Appointment.role == role)
            return actor_of(session.scalars(posts.order_by(Appointment.id).limit(1)).one())

    def do(self, case_id: int, move: str, actor: Actor | str, role: str | None = None, **form: Any) -> Outcome:
        actor = self.actor(actor, role) if isinstance(actor, str) else actor
        asked = partial(act, form=form, request_id=uuid.uuid4().hex, at=self.at)
        return self.database.alone(lambda session: asked(session, case_id, move, actor))

    def round(self, policy: str = "xuchang-demo", year: int = 2026) -> tuple[int, dict[str, int]]:
        """Open a round; gives its id and each institution's case by name."""
        head = self.actor(f"{CITY}-head", "section_head")
        with self.write() as session:
            round_id = open_round(session, policy, year, f"{year}年度评价", head, self.at)
        with self.database.read() as session:
            waiting = still_to_open(session, round_id)
        for institution_id in waiting:
            with self.write() as session:
                open_case(session, round_id, institution_id, head, uuid.uuid4().hex, self.at)
        with self.database.read() as session:
            rows = session.execute(select(Institution.name, Case.id).join(Case).where(Case.round_id == round_id))
            return round_id, {row.name: row.id for row in rows}

    def notice(
        self, round_id: int, cases: list[int], handler: str = f"{CITY}-handler", opens_on: date | None = None
    ) -> int:
        form = {"title": "评价结果公示", "opens_on": opens_on or self.today, "cases": cases}
        with self.write() as session:
            return draft_notice(session, form, round_id, self.actor(handler), uuid.uuid4().hex, self.at).case_id

    def object(self, case_id: int, **changes: Any) -> int:
        with self.write() as session:
            form = {**OBJECTION, "receipt_hash": uuid.uuid4().hex, **changes}
            return object_to(session, case_id, form, OUTSIDER, uuid.uuid4().hex, self.at).case_id

    def re_review(self, case_id: int, clerk: str) -> int:
        form = {"ground": "facts", "statement": "我单位已于期限内履行承诺，证据见所附材料，请予复评。", "files": []}
        with self.write() as session:
            return apply_re_review(session, case_id, form, self.actor(clerk), uuid.uuid4().hex, self.at).case_id

    def to(self, day: date, hour: int = 9) -> None:
        """Move the clock on and let everything due fire."""
        self.clock.to_local(day, hour)
        self.sweep()

    def sweep(self) -> int:
        return run_all_due(self.database, self.clock)

    def case(self, case_id: int) -> Case:
        with self.database.read() as session:
            return session.get_one(Case, case_id)

    def entry(self, case_id: int) -> PublicityEntry:
        with self.database.read() as session:
            return session.scalars(select(PublicityEntry).where(PublicityEntry.subject_id == case_id)).one()

    def count(self, model: type, *where: Any) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(model).where(*where)) or 0

    def climb(self, case_id: int, last: str = "province") -> None:
        """From the county handler's proposal to the last level's signature, under the demo policy."""
        self.do(case_id, "propose", f"{COUNTY}-handler", opinion="事实清楚，拟评。")
        self.do(case_id, "agree", f"{COUNTY}-head", "section_head")
        for seat in range(1, 5):
            self.do(case_id, "agree", f"{COUNTY}-panel{seat}")
        self.do(case_id, "agree", f"{COUNTY}-leader")
        if last == "county":
            return
        for login, role in ((f"{CITY}-handler", None), (f"{CITY}-head", "section_head"), (f"{CITY}-leader", None)):
            self.do(case_id, "agree", login, role)
        if last == "city":
            return
        for login in (f"{PROVINCE}-handler", f"{PROVINCE}-leader"):
            self.do(case_id, "agree", login)


INSTITUTIONS = {"魏都示例甲": COUNTY, "魏都示例乙": COUNTY, "魏都示例丙": COUNTY, "建安示例丁": SIBLING}


def stage(database: Database, password_hash: str = "!") -> World:
    """The authorities, their staff, four institutions and a clerk for each."""
    world = World(database)
    with world.write() as session:
        load_locality(session, "henan", world.at)
        staff(session, world.at, password_hash)
        codes = {authority.code: authority.id for authority in session.scalars(select(Authority))}
        for number, (name, county) in enumerate(INSTITUTIONS.items()):
            one = Institution(
                credit_code=mint(f"91{county}", f"MA0000{number + 10}"),
                name=f"{name}人力资源有限公司",
                managing_authority_id=codes[county],
                created_at=world.at,
            )
            session.add(one)
            session.flush()
            clerk = add_person(session, f"{name}经办人", world.at)
            appoint(session, clerk, "clerk", date(2020, 1, 1), institution_id=one.id)
            open_account(session, clerk, f"clerk-{number}", password_hash, world.at)
        session.execute(update(User).values(is_demo=False))  # the cast serves a real site
    return world


def market_office(session: Session, code: str) -> Office:
    return session.scalars(select(Office).join(Authority).where(Authority.code == code, Office.kind == "market")).one()
