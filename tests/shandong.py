"""The stage of a recommendation: Shandong's authorities and people, their institutions, and what they write."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import select, update

from models import ArchiveRecord, Attachment, Authority, Institution, Quota, Recommendation, User
from models.database import Database
from tests.cast import World
from workflow import recommendations
from workflow.authorities import load_locality
from workflow.demo.people import staff, staff_of
from workflow.engine.act import Outcome
from workflow.engine.scoresheet import SCORE
from workflow.rules import policy
from workflow.rules.credit_code import mint
from workflow.staffing import add_person, appoint, open_account

PROVINCE, JINAN, YANTAI, RIZHAO = "370000", "370100", "370600", "371100"
POLICY, HONOUR = "shandong-demo", "national_model"
ITEMS = policy.load(POLICY).scoring.items(2026)
FULL = {f"{SCORE}{item.id}": str(item.points) for item in ITEMS}
APPLICATION = {
    "representative": "示例甲",
    "business": "职业介绍、人力资源培训、招聘会",
    "liaison": "示例乙",
    "phone": "0000-0000000",
    "profile": "2015年取得人力资源服务许可证，场所600平方米，从业人员42人，制度和服务规程齐备，分支机构2家。",
    "deeds": "近三年开展诚信服务活动，依法用工，投诉均在期限内办结；每年服务用人单位千余家，参加公益招聘12场。",
    "notes": "",
}


COMPLETE = {"licence_number": "370100201500001", "address": "示例路1号", "founded_on": date(2015, 1, 1)}


def scored(points_off: str = "0") -> dict[str, str]:
    """Full marks but for the last indicator."""
    return {**FULL, f"{SCORE}22": str(5 - int(points_off))}


class Shandong(World):
    """Institutions are `济南1`, `济南2` ...; each holds the provincial honour that SD-31 asks for."""

    def institutions(self, code: str, count: int, **kept: Any) -> list[int]:
        with self.write() as session:
            authority = session.scalars(select(Authority).where(Authority.code == code)).one()
            made = []
            for number in range(1, count + 1):
                one = Institution(
                    credit_code=mint(f"91{code}", f"MA{code[2:4]}{number:04d}"),
                    name=f"{authority.short_name[:2]}{number}人力资源有限公司",
                    managing_authority_id=authority.id,
                    created_at=self.at,
                    **(COMPLETE | kept),
                )
                session.add(one)
                session.flush()
                clerk = add_person(session, f"{one.name}经办人", self.at)
                appoint(session, clerk, "clerk", date(2020, 1, 1), institution_id=one.id)
                open_account(session, clerk, f"{code}-clerk-{number}", "!", self.at)
                made.append(one.id)
            session.execute(update(User).values(is_demo=False))
        for one in made:
            self.record(one, "provincial_honour", date(2024, 6, 1))
        return made

    def record(self, institution_id: int, kind: str, acted_on: date, **values: Any) -> int:
        row = ArchiveRecord(
            institution_id=institution_id,
            kind=kind,
            summary="示例事实",
            acted_on=acted_on,
            finding_authority="示例机关",
            evidence="示例文书",
            created_at=self.at,
            **values,
        )
        with self.write() as session:
            session.add(row)
            session.flush()
            found = session.get_one(Institution, institution_id)
            found.archive_version += 1
            return row.id

    def open(self, policy_key: str = POLICY, honour: str = HONOUR, year: int = 2026, by: str = PROVINCE) -> int:
        head = self.actor(f"{by}-head", "section_head")
        with self.write() as session:
            return recommendations.open_round(session, policy_key, honour, year, "推荐示范机构", head, self.at)

    def apply(self, round_id: int, clerk: str, **changes: Any) -> Outcome:
        form = {"holder": "", **APPLICATION, **FULL, "files": self.proof(), **changes}
        with self.write() as session:
            return recommendations.apply(session, round_id, form, self.actor(clerk), uuid.uuid4().hex, self.at)

    def proof(self, name: str = "证明.pdf") -> list[int]:
        """A file that was received and is not yet part of anything."""
        stored = uuid.uuid4().hex
        with self.write() as session:
            one = Attachment(
                stored_as=stored, name=name, media_type="application/pdf", size=9, sha256=stored, created_at=self.at
            )
            session.add(one)
            session.flush()
            return [one.id]

    def evaluate(self, case: int, city: str, **changes: Any) -> None:
        """The city's evaluation, from the handler's proposal to the leader's signature."""
        form: dict[str, Any] = {
            "verdict": "fit",
            "attestation": "规模、管理、社会责任和参加活动情况均符合。",
            **FULL,
        }
        self.do(case, "propose", f"{city}-handler", **{**form, **changes})
        self.do(case, "agree", f"{city}-head", "section_head")
        self.do(case, "agree", f"{city}-leader")

    def candidate(self, round_id: int, city: str, number: int, **changes: Any) -> int:
        """An applicant whom the city found fit."""
        case = self.apply(round_id, f"{city}-clerk-{number}").case_id
        self.evaluate(case, city, **changes)
        return case

    def quota(self, round_id: int, code: str) -> Quota:
        with self.database.read() as session:
            mine = select(Quota).join(Authority, Authority.id == Quota.authority_id).where(Authority.code == code)
            return session.scalars(mine.where(Quota.round_id == round_id)).one()

    def detail(self, case: int) -> Recommendation:
        with self.database.read() as session:
            return session.get_one(Recommendation, case)

    def summary(self, round_id: int, code: str) -> None:
        quota, file, handler = self.quota(round_id, code).id, self.proof("总结.pdf")[0], self.actor(f"{code}-handler")
        with self.write() as session:
            recommendations.file_summary(session, quota, file, handler, self.at)


def settle(world: World, *cities: str) -> Shandong:
    """Its authorities beside those of a world that stands, with the staff of the province and of some cities."""
    with world.write() as session:
        load_locality(session, "shandong", world.at)
        for code in (PROVINCE, *cities):
            staff_of(session, session.scalars(select(Authority).where(Authority.code == code)).one(), world.at, "!")
        session.execute(update(User).values(is_demo=False))
    beside = Shandong(world.database)
    beside.clock = world.clock
    return beside


def stage(database: Database) -> None:
    world = Shandong(database)
    with world.write() as session:
        load_locality(session, "shandong", world.at)
        staff(session, world.at, "!")
