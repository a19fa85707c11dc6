"""The whole story of one county's evaluation, played by the commands alone, under the long ladder and the short one."""

import json
import shutil
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import pytest
from click.testing import CliRunner

from models.database import Database
from tests.cast import CITY, COUNTY, PROVINCE, SIBLING, stage
from tests.stages import Stages
from views.cli import xinjie
from workflow.clock import SHANGHAI
from workflow.engine import audit, invariants

BOARD = ["handler", *(f"panel{seat}" for seat in range(1, 5)), "leader"]
FACT = {
    "kind": "labour_violation",
    "summary": "向求职者收取押金",
    "finding_authority": "示例人社部门",
    "evidence": "收据一张、询问笔录一份",
}


@dataclass
class Story:
    """`rungs` are the signers of a county's case in order; `publisher` shows, confirms and hears objections."""

    url: str
    policy: str
    publisher: str
    reviewer: str
    members: tuple[str, ...]
    rungs: dict[str, list[str]]
    designee: str = ""
    at: str = ""

    def on(self, day: date, hour: int = 10, minute: int = 0) -> None:
        self.at = datetime.combine(day, time(hour, minute), SHANGHAI).isoformat()

    def run(self, *arguments: str, status: int = 0) -> str:
        done = CliRunner().invoke(xinjie, ["--database-url", self.url, "--at", self.at, *arguments])
        assert done.exit_code == status, (arguments, done.output, done.exception)
        return done.stdout if status == 0 else done.stderr

    def answer(self, *arguments: str) -> dict:
        return json.loads(self.run(*arguments, "--json"))

    def act(self, case: str, move: str, login: str, role: str = "", **fields: str) -> dict:
        pairs = [part for name, value in fields.items() for part in ("--field", f"{name}={value}")]
        post = ["--role", role] if role else []
        return self.answer("case", "act", case, move, "--as", login, *post, *pairs)

    def climb(self, case: str, county: str) -> dict:
        outcome: dict = {}
        for authority, posts in self.rungs.items():
            for post in posts:
                role = "section_head" if post == "head" else ""
                move = "propose" if outcome == {} else "agree"
                outcome = self.act(case, move, f"{authority or county}-{post}", role)
        return outcome

    def sweep(self, day: date, minute: int = 10) -> None:
        self.on(day, 0, minute)
        self.run("case", "sweep")

    def state(self, case: str) -> str:
        return self.answer("case", "show", case)["state"]


@pytest.fixture
def url(stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XINJIE_DATA", str(tmp_path))
    shutil.copy(stages.file("cast", stage), tmp_path / "story.db")
    return f"sqlite:///{tmp_path / 'story.db'}"


def opened(story: Story, year: int) -> dict[str, str]:
    """The round, and each institution's case by the start of its name."""
    round_ = story.answer("case", "open-round", story.policy, "--as", f"{CITY}-head")
    assert len(round_["cases"]) == 4
    assert str(year) in round_["cases"][0]
    rows = story.answer("case", "list", "--machine", "evaluation")
    return {row["name"].removesuffix("人力资源有限公司"): row["number"] for row in rows}


def play(story: Story, days: list[date], cases: tuple[str, str, str]) -> None:
    """From the first signature to the expiry. `days`: climbing, opening, objecting, after the end, answering, delivery,
    application, decision, and the day after a year."""
    first, second, sibling = cases
    handler, leader = f"{story.publisher}-handler", f"{story.publisher}-leader"
    story.on(days[0])
    refused = story.run("case", "act", first, "propose", "--as", f"{SIBLING}-handler", status=1)
    assert "错误" in refused
    for case, county in ((first, COUNTY), (second, COUNTY), (sibling, SIBLING)):
        if story.publisher != CITY and county == SIBLING:
            continue
        assert story.climb(case, county)["state"] == "awaiting_publicity"
    shown = [first, second] if story.publisher != CITY else [first, second, sibling]
    drafted = ["case", "notice", *shown, "--title", "评价结果公示", "--opens-on", days[1].isoformat(), "--as", handler]
    notice = story.answer(*drafted)["number"]
    assert story.act(notice, "publish", leader)["state"] == "scheduled"
    story.sweep(days[1])
    story.on(days[2])
    objection = story.answer(
        "case", "object", first, "--statement", "该机构公开承诺不收押金，去年向多名求职者收取了押金。",
        "--name", "示例群众", "--contact", "示例联系方式",
    )  # fmt: skip
    assert objection["回执码"]
    story.sweep(days[3])
    assert [story.state(case) for case in shown] == ["contested"] + ["cleared"] * (len(shown) - 1)
    story.on(days[3])
    story.act(notice, "confirm_cleared", leader)
    assert [story.state(case) for case in shown] == ["contested"] + ["effective"] * (len(shown) - 1)
    amend(story, objection["number"], first, days)
    story.act(notice, "confirm_cleared", leader)
    assert story.answer("case", "show", first)["grade"] == "B"
    story.on(days[5])
    story.act(first, "deliver", handler, how="post")
    re_review(story, first, days)
    story.sweep(days[8])
    assert {story.state(case) for case in shown} == {"expired"}


def amend(story: Story, objection: str, first: str, days: list[date]) -> None:
    """The section head who took no part accepts; another handler finds the fact and amends."""
    head, handler = f"{story.publisher}-head2", f"{story.publisher}-handler2"
    assert "不" in story.run("case", "act", objection, "agree", "--as", head, status=1)
    story.act(objection, "accept", head)
    story.on(days[4])
    fields = {**FACT, "acted_on": f"{days[0].year - 1}-10-10"}
    pairs = [part for name, value in fields.items() for part in ("--field", f"{name}={value}")]
    number = story.run("case", "record", first, "--as", handler, *pairs).split()[-1]
    judged = ["--field", "severity=minor", "--field", "corrected_in_time=yes", "--field", "evidence=退款签收单"]
    story.run("case", "judge", number, "--as", handler, *judged)
    assert "异议" in story.run("case", "show", objection)
    story.act(objection, "propose", handler, outcome="amended", answer="收取押金属实，等级改为B级。")
    assert story.act(objection, "agree", head)["state"] == "answered"


def re_review(story: Story, first: str, days: list[date]) -> None:
    story.on(days[6])
    applied = ["case", "re-review", first, "--statement", "押金当日即已全部退还，申请复评并附退款记录。"]
    number = story.answer(*applied, "--as", "clerk-0")["number"]
    accept, propose, agree = (f"{story.reviewer}-{post}" for post in story.members)
    story.act(number, "accept", accept, "section_head")
    story.on(days[7])
    if story.designee:  # of the county's two handlers one graded, the other answered the objection
        assert "须回避" in story.run("case", "act", number, "propose", "--as", propose, status=1)
        propose = story.designee
        story.act(number, "designate", f"{CITY}-leader", person=propose, opinion="县级经办人员均须回避。")
    story.act(number, "propose", propose, outcome="upheld", answer="退款事实已在原认定中计入，予以维持。")
    assert story.act(number, "agree", agree)["state"] == "answered"


def proved(story: Story) -> None:
    database = Database(story.url)
    with database.read() as session:
        assert audit.verify(session) == []
        assert invariants.broken(session) == []
    database.close()


def test_the_story_climbs_three_levels_under_the_demo_policy(url: str) -> None:
    rungs = {"": ["handler", "head", *BOARD[1:]], CITY: ["handler", "head", "leader"], PROVINCE: ["handler", "leader"]}
    story = Story(url, "xuchang-demo", CITY, PROVINCE, ("head", "handler2", "leader2"), rungs)
    story.on(date(2026, 3, 2))
    cases = opened(story, 2026)
    first, second, sibling = cases["魏都示例甲"], cases["魏都示例乙"], cases["建安示例丁"]
    story.on(date(2026, 3, 3))
    story.act(first, "report", "clerk-0", statement="本年度依法开展职业介绍，履行信用承诺，按期报送统计资料。")
    assert first in story.run("case", "list", "--mine", f"{COUNTY}-handler")
    story.sweep(date(2026, 3, 17))
    assert story.state(second) == "county_review"
    days = [
        date(2026, 3, 18), date(2026, 3, 20), date(2026, 3, 23), date(2026, 3, 27), date(2026, 3, 30),
        date(2026, 3, 31), date(2026, 4, 8), date(2026, 4, 10), date(2027, 4, 1),
    ]  # fmt: skip
    play(story, days, (first, second, sibling))
    proved(story)


def test_the_story_ends_at_the_county_under_the_text_of_2023(url: str) -> None:
    story = Story(url, "xuchang-2023", COUNTY, COUNTY, ("head", "handler2", "leader2"), {"": BOARD}, f"{CITY}-handler")
    story.on(date(2023, 9, 1))
    cases = opened(story, 2023)
    days = [
        date(2023, 9, 4), date(2023, 9, 6), date(2023, 9, 8), date(2023, 9, 13), date(2023, 9, 15),
        date(2023, 9, 18), date(2023, 9, 25), date(2023, 9, 28), date(2024, 9, 20),
    ]  # fmt: skip
    play(story, days, (cases["魏都示例甲"], cases["魏都示例乙"], cases["建安示例丁"]))
    proved(story)
