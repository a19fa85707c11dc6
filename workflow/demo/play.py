"""The demo's stage: a database, a clock set by hand, and short words for what its persons do.

Every verb is one unit of work through the same doors' functions as in a live site; nothing is written beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from models.database import Database
from workflow import archive, attachments
from workflow.actors import acting
from workflow.clock import HandClock, legal_day
from workflow.demo.firms import Firm
from workflow.engine.act import act
from workflow.engine.history import digest
from workflow.engine.permissions import OUTSIDER, Actor
from workflow.hand_ins import hand_in
from workflow.openings import apply_re_review, draft_notice, object_to, open_case, open_round, still_to_open
from workflow.rules.policy import load

POLICY = "xuchang-demo"
CITY, PROVINCE = "411000", "410000"
ROLES = {"handler": "handler", "head": "section_head", "leader": "leader", "panel": "panel_member"}


def receipt(name: str) -> str:
    """The digest under which an objection is followed. Nobody holds a code that gives it."""
    return digest("sha256", f"demo {name}")


@dataclass
class Play:
    """`cases` maps (round, institution key) to the case; the rest likewise; filled as the play goes on."""

    database: Database
    clock: HandClock
    random: Random
    seed: int
    firms: dict[str, Firm]
    ids: dict[str, int] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)
    notices: dict[str, int] = field(default_factory=dict)
    cases: dict[tuple[str, str], int] = field(default_factory=dict)
    records: dict[tuple[str, int], int] = field(default_factory=dict)
    posts: dict[str, Actor] = field(default_factory=dict)
    requests: int = 0

    @property
    def today(self) -> date:
        return legal_day(self.clock())

    def request_id(self) -> str:
        self.requests += 1
        return f"demo-{self.seed}-{self.requests}"

    def actor(self, login: str) -> Actor:
        if login not in self.posts:
            suffix = login.partition("-")[2].rstrip("0123456789")
            with self.database.read() as session:
                self.posts[login] = acting(session, login, self.today, ROLES.get(suffix, ""))
        return self.posts[login]

    def do(self, case_id: int, move: str, login: str, **form: Any) -> None:
        asked = partial(act, form=form, request_id=self.request_id(), at=self.clock())
        self.database.alone(lambda session: asked(session, case_id, move, self.actor(login)))

    def open_round(self, name: str) -> None:
        head = self.actor(f"{CITY}-head")
        year = self.today.year
        title = f"{year}年度人力资源服务机构信用等级评价"
        with self.database.write() as session:
            self.rounds[name] = open_round(session, POLICY, year, title, head, self.clock())

    def open_cases(self, name: str) -> None:
        """For everyone in scope without a case: all at first, later those who registered since."""
        keys = {id: key for key, id in self.ids.items()}
        with self.database.read() as session:
            waiting = still_to_open(session, self.rounds[name])
        for one in waiting:
            with self.database.write() as session:
                head = self.actor(f"{CITY}-head")
                outcome = open_case(session, self.rounds[name], one, head, self.request_id(), self.clock())
            self.cases[name, keys[one]] = outcome.case_id

    def draft(self, name: str, round_name: str, keys: Sequence[str], opens_on: date) -> None:
        year = opens_on.year
        title = f"{year}年度人力资源服务机构信用等级评价结果公示（{name}）"
        form = {"title": title, "opens_on": opens_on, "cases": [self.cases[round_name, key] for key in keys]}
        with self.database.write() as session:
            at, handler = self.clock(), self.actor(f"{CITY}-handler")
            outcome = draft_notice(session, form, self.rounds[round_name], handler, self.request_id(), at)
        self.notices[f"{round_name}:{name}"] = outcome.case_id

    def hand_in(self, round_name: str, authority: str, *papers: str) -> None:
        with self.database.write() as session:
            for paper in papers:
                hand_in(session, self.rounds[round_name], paper, self.actor(f"{authority}-handler"), self.clock())

    def object(self, name: str, case_id: int, statement: str) -> None:
        """A citizen's objection, without an account; the case is kept under `name`."""
        form = {"ground": "facts", "statement": statement, "files": [], "name": "示例群众", "contact": "示例联系方式"}
        form["receipt_hash"] = receipt(name)
        with self.database.write() as session:
            outcome = object_to(session, case_id, form, OUTSIDER, self.request_id(), self.clock())
        self.notices[name] = outcome.case_id

    def re_review(self, name: str, case_id: int, clerk: str, statement: str) -> None:
        form = {"ground": "facts", "statement": statement, "files": []}
        with self.database.write() as session:
            at, actor = self.clock(), self.actor(clerk)
            outcome = apply_re_review(session, case_id, form, actor, self.request_id(), at)
        self.notices[name] = outcome.case_id

    def keep(self, name: str, content: bytes) -> int:
        """A file as it was handed in, where the site keeps files."""
        paper, stored_as = attachments.checked(BytesIO(content), name), self.request_id()
        attachments.store(Path(self.database.url.database or "").parent / "files", paper, stored_as)
        with self.database.write() as session:
            return attachments.enter(session, paper, stored_as, self.clock())

    def record(self, institution: str, login: str, **form: Any) -> int:
        with self.database.write() as session:
            kinds = load(POLICY).record_kinds
            return archive.record(session, self.ids[institution], kinds, form, self.actor(login), self.clock())

    def judge(self, record_id: int, login: str, **form: Any) -> None:
        with self.database.write() as session:
            archive.judge(session, record_id, form, self.actor(login), self.clock())

    def void(self, record_id: int, login: str, reason: str) -> None:
        with self.database.write() as session:
            archive.void(session, record_id, reason, self.actor(login), self.clock())
