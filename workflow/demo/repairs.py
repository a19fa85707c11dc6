"""Credit repairs of one county, at every stage: asked, verified, shown, granted, refused, doubted, brought back.

Days are working days ago. What is repaired had ended and was remedied long before this year's round, so no grade hangs
on it. The section head found and classed it, so other people repair.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from models import Authority, Case
from workflow import archive, repairs
from workflow.demo.dates import WorkingDays
from workflow.demo.play import Play
from workflow.demo.script import Script
from workflow.openings import draft_notice_under

COUNTY = "411002"
FOUND = 120
SUMMARIES = (
    "专职工作人员不足三人", "经营场所面积不足", "未设置专职档案保管人员", "服务场所未悬挂许可证",
    "办公设施不齐全", "未按规定设置咨询窗口", "管理制度未上墙",
)  # fmt: skip
"""By turns for the two institutions; each had been put right before the decision."""
STATEMENT = "决定书所列情形已经改正，名册、合同、缴费记录和现场照片备查，今后按承诺保持设立条件。"
TRUE = {
    "corrected": "yes",
    "performed": "yes",
    "outcome": "granted",
    "answer": "经现场核查，所列情形已改正，与申请相符。",
}
UNTRUE = {
    "corrected": "no",
    "performed": "yes",
    "outcome": "not_granted",
    "answer": "现场核查时仍未达到设立条件，失信行为未纠正。",
}
DOUBT = "有举报反映所列情形再次出现，申请时的承诺可能不实。"
DEFENCE = "举报所述系装修期间的临时情形，现已恢复，装修合同可供核实，请予考虑。"


@dataclass(frozen=True)
class Step:
    ago: int
    move: str
    post: str
    form: dict[str, Any]


@dataclass(frozen=True)
class Story:
    """What befell one record: whose it is, when its repair was applied for, and each step after that."""

    name: str
    firm: str
    applied: int
    steps: tuple[Step, ...] = ()


def _steps(accepted: int, verified: int, signed: int | None = None, found: dict[str, Any] = TRUE) -> tuple[Step, ...]:
    signature = (Step(signed, "agree", "leader", {"opinion": "同意。"}),) if signed else ()
    accept = Step(accepted, "accept", "head2", {"opinion": "材料齐全，予以受理。"})
    return (accept, Step(verified, "verify", "handler2", found), *signature)


def _doubted(ago: int) -> Step:
    return Step(ago, "doubt", "handler", {"opinion": DOUBT})


GRANTED = _steps(31, 27, 24)
SHOWN, CONFIRMED = 22, 14
STORIES = (
    Story("已申请", "county-today", 2),
    Story("待补充", "corrected", 5, (Step(4, "ask_more", "head2", {"opinion": "请补交现场照片。"}),)),
    Story("待核查", "county-today", 6, _steps(4, 0)[:1]),
    Story("待签发", "corrected", 9, _steps(7, 3)),
    Story("待公示", "county-today", 14, _steps(12, 8, 3)),
    Story("公示中", "corrected", 18, _steps(16, 12, 8)),
    Story("不予修复", "county-today", 20, _steps(18, 14, 11, UNTRUE)),
    Story("不予受理", "corrected", 12, (Step(10, "refuse", "head2", {"opinion": "所附名册不是本机构的，不予受理。"}),)),
    Story("撤回", "county-today", 8, (Step(7, "withdraw", "", {"opinion": "材料还要整理，另行申请。"}),)),
    Story("已修复", "county-today", 33, GRANTED),
    Story("申辩中", "corrected", 33, (*GRANTED, _doubted(3))),
    Story("待决定", "county-today", 33, (*GRANTED, _doubted(6), Step(2, "defend", "", {"statement": DEFENCE}))),
    Story("已撤销", "corrected", 33, (*GRANTED, _doubted(10), Step(7, "defend", "", {"statement": DEFENCE}),
                                   Step(4, "rescind", "leader2", {"opinion": "经查申请时并未改正，承诺不实。"}))),
)  # fmt: skip


def write(script: Script, days: WorkingDays) -> None:
    play = script.play
    for number, story in enumerate(STORIES):
        script.at(days.back(FOUND), 9, partial(_found, play, days, story, number))
        script.at(days.back(story.applied), 10, partial(_apply, play, story))
        for step in story.steps:
            script.at(days.back(step.ago), 14, partial(_do, play, story, step))
    granted = [story for story in STORIES if story.steps[:3] == GRANTED]
    _show(script, days, granted, SHOWN, confirmed=CONFIRMED)
    _show(script, days, [story for story in STORIES if story.name == "公示中"], 3)


def _show(
    script: Script, days: WorkingDays, stories: Sequence[Story], opened: int, confirmed: int | None = None
) -> None:
    play, label = script.play, f"repairs:{opened}"

    def draft() -> None:
        cases = [play.notices[story.name] for story in stories]
        form = {"title": "信用修复公示", "opens_on": days.back(opened), "cases": cases}
        with play.database.write() as session:
            policy_id = session.get_one(Case, cases[0]).policy_id
            handler = play.actor(f"{COUNTY}-handler")
            outcome = draft_notice_under(session, form, policy_id, handler, play.request_id(), play.clock())
        play.notices[label] = outcome.case_id

    script.at(days.back(opened + 1), 16, draft)
    script.at(days.back(opened + 1), 17, lambda: play.do(play.notices[label], "publish", f"{COUNTY}-leader2"))
    if confirmed:
        confirm = "confirm_cleared"
        script.at(days.back(confirmed), 10, lambda: play.do(play.notices[label], confirm, f"{COUNTY}-leader"))


# --- verbs


def _found(play: Play, days: WorkingDays, story: Story, number: int) -> None:
    """Entered and made public on the day of its decision; it had ended by then."""
    head, decided = f"{COUNTY}-head", days.back(FOUND)
    with play.database.read() as session:
        finder = session.scalars(select(Authority.name).where(Authority.code == COUNTY)).one()
    fact = {
        "kind": "conditions_lost",
        "summary": SUMMARIES[number // 2],
        "acted_on": days.back(FOUND + 30 + number),
        "acted_to": days.back(FOUND + 5 + number),
        "decided_on": decided,
        "finding_authority": finder,
        "evidence": f"现场检查笔录〔{decided.year}〕{number + 1}号",
    }
    record_id = play.record(story.firm, head, **fact)
    play.records[story.name, number] = record_id
    act = {"repair_class": "general", "publish": "yes", "evidence": "按失信类别清单认定"}
    with play.database.write() as session:
        archive.publish(session, record_id, act, play.actor(head), play.clock())


def _apply(play: Play, story: Story) -> None:
    record = play.records[story.name, STORIES.index(story)]
    form = {"record": record, "statement": STATEMENT, "pledge": "given", "files": []}
    with play.database.write() as session:
        clerk = play.actor(play.firms[story.firm].clerk)
        play.notices[story.name] = repairs.apply(session, form, clerk, play.request_id(), play.clock()).case_id


def _do(play: Play, story: Story, step: Step) -> None:
    login = f"{COUNTY}-{step.post}" if step.post else play.firms[story.firm].clerk
    form = step.form
    if step.move in ("verify", "defend"):
        form = form | {"files": [play.keep("现场核查.png", _photo())] if step.move == "verify" else []}
    play.do(play.notices[story.name], step.move, login, **form)


def _photo() -> bytes:
    """A picture that opens: one grey pixel, in place of a real place."""
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0\x80")),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
