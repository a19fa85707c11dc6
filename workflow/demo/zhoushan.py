"""舟山 in the demo: a round by points, with a case at each stage of scoring."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select

from models import Authority, Institution, Office, Survey
from workflow import surveys
from workflow.authorities import load_locality
from workflow.demo.dates import WorkingDays
from workflow.demo.people import SINCE, staff_of
from workflow.demo.play import Play
from workflow.demo.script import Script
from workflow.engine.act import act
from workflow.openings import open_case, open_round
from workflow.rules import policy
from workflow.rules.credit_code import mint
from workflow.rules.scoring import plain
from workflow.staffing import add_person, appoint, open_account

POLICY, CITY, COUNTY, EXPERTS = "zhoushan-demo", "330900", "330902", 3


@dataclass(frozen=True)
class Firm:
    """`lost` are the points that each evaluator takes off, by indicator: experts in turn, then the authority.
    `behind`: days by which its case is slower. `young`: founded within the year, so it is left without a grade."""

    key: str
    name: str
    stage: int
    lost: tuple[dict[str, str], ...] = ()
    behind: int = 0
    young: bool = False


FIRMS = (
    Firm("haichao", "定海示例海潮人力资源有限公司", 0),
    Firm("taohua", "定海示例桃花人力资源有限公司", 0),
    Firm("yufan", "定海示例渔帆人力资源有限公司", 2, ({"05": "1"},)),
    Firm("lianyang", "定海示例莲洋人力资源有限公司", 3, ({"05": "1"}, {"05": "1.5", "13": "2"}, {"13": "1"})),
    Firm(
        "dongji", "定海示例东极人力资源有限公司", 5, ({"17": "5"}, {"17": "5", "18": "5", "13": "7.5"}, {}, {"13": "3"})
    ),
    Firm("guanyin", "定海示例观澜人力资源有限公司", 7, ({"20": "2"}, {"20": "1"}, {"20": "2"}, {"05": "1"})),
    Firm("xiushan", "定海示例秀山人力资源有限公司", 9, ({}, {"20": "1"}, {}, {})),
    Firm("jintang", "定海示例金塘人力资源有限公司", 6, ({"17": "2"}, {}, {"17": "2"}, {"17": "1"}), behind=2),
    Firm("cezi", "定海示例册子人力资源有限公司", 6, young=True),
)
"""秀山 takes the one A that the percentage leaves, so 金塘 is proposed as B and 观澜's A will not be signed."""
LATE = ("taohua",)
"""Whose case was opened days later: its survey still runs."""
ANSWERS = {
    "taohua": "555 545",
    "lianyang": "555 454 445",
    "dongji": "554 545 455 555 544 333 555 445 554 455 222 555",
    "guanyin": "555 444",
}
"""To the survey: the marks of its questions, by who answered."""
REPORT = "本年度依法经营，自评得分及依据见评分表，证照、收费标准和服务规程均已公示。"


YOUNG = "我单位今年成立，刚刚开展业务，自评得分见评分表。"
SIGNERS = ((COUNTY, "leader"), (CITY, "handler"), (CITY, "leader"))


def write(script: Script, days: WorkingDays, founded: date, password_hash: str) -> None:
    """Nine working days ago the city opened its round; since then each institution has come as far as its stage."""
    play = script.play
    script.at(founded, 8, partial(_settle, play, password_hash))
    for young, day in ((False, founded), (True, days.back(60))):
        script.at(day, 9, partial(_join, play, [firm for firm in FIRMS if firm.young == young], day, password_hash))
    script.at(days.back(9), 9, partial(_open, play))
    script.at(days.back(2), 9, partial(_cases, play, LATE))
    script.at(days.back(6), 12, partial(_survey, play, [key for key in ANSWERS if key not in LATE]))
    script.at(days.back(1), 12, partial(_survey, play, LATE))
    for firm in FIRMS:
        for number, (login, move, form) in enumerate(_way(firm)[: firm.stage]):
            day = days.back(max(8 - number, 2) - firm.behind)
            script.at(day, 9 + number, partial(_do, play, firm.key, move, login, form))


def _way(firm: Firm) -> list[tuple[str, str, dict[str, Any]]]:
    """Report, up to three experts, the end of their phase, the authority's sheet, the signatures of both levels."""
    signed = [(f"{at}-{post}", "agree", {"opinion": "同意。"}) for at, post in SIGNERS]
    if firm.young:
        left = {"unrated": "young", "opinion": "登记机关登记的成立日期距评估日不满12个月。"}
        report = (f"clerk-{firm.key}", "report", {"statement": YOUNG, "files": [], **_sheet({})})
        county = [(f"{COUNTY}-handler", "close_scoring", {}), (f"{COUNTY}-handler", "leave_unrated", left)]
        return [report, *county, *signed]
    lost = [*firm.lost, {}, {}, {}, {}][:4]
    experts = [(f"{COUNTY}-expert{number}", "score", _sheet(lost[number - 1])) for number in range(1, EXPERTS + 1)]
    return [
        (f"clerk-{firm.key}", "report", {"statement": REPORT, "files": [], **_sheet({})}),
        *experts,
        (f"{COUNTY}-handler", "close_scoring", {}),
        (f"{COUNTY}-handler", "propose", {**_sheet(lost[3]), "opinion": "已现场核查，按核查情况评分。"}),
        *signed,
    ]


def _sheet(lost: dict[str, str]) -> dict[str, str]:
    """Full marks but for what is lost, with the grounds beside."""
    items = policy.load(POLICY).scoring.items(SINCE.year)
    scores = {f"score-{one.id}": plain(one.points - Decimal(lost.get(one.id, "0"))) for one in items}
    return scores | {f"note-{id}": "材料不全，酌减。" for id in lost}


def _settle(play: Play, password_hash: str) -> None:
    """The authorities of Zhoushan, their staff and three experts."""
    at = play.clock()
    with play.database.write() as session:
        load_locality(session, "zhoushan", at)
        home = {one.code: one for one in session.scalars(select(Authority))}
        for code in (COUNTY, CITY, "330000"):
            staff_of(session, home[code], at, password_hash)
        market = (Office.authority_id == home[COUNTY].id, Office.kind == "market")
        office = session.scalars(select(Office).where(*market)).one()
        for number in range(1, EXPERTS + 1):
            expert = add_person(session, f"定海评审专家{'甲乙丙'[number - 1]}", at)
            appoint(session, expert, "expert", SINCE, office=office, title="评审专家")
            open_account(session, expert, f"{COUNTY}-expert{number}", password_hash, at, is_demo=True)


def _join(play: Play, firms: Iterable[Firm], founded: date, password_hash: str) -> None:
    at = play.clock()
    with play.database.write() as session:
        home = session.scalars(select(Authority).where(Authority.code == COUNTY)).one()
        for firm in firms:
            code = mint(f"91{COUNTY}", f"MA0002{FIRMS.index(firm) + 10}")
            one = Institution(credit_code=code, name=firm.name, managing_authority_id=home.id, founded_on=founded,
                              created_at=at)  # fmt: skip
            session.add(one)
            session.flush()
            play.ids[firm.key] = one.id
            clerk = add_person(session, f"{firm.name[4:6]}经办人", at)
            appoint(session, clerk, "clerk", SINCE, institution_id=one.id, title="经办人")
            open_account(session, clerk, f"clerk-{firm.key}", password_hash, at, is_demo=True)


def _open(play: Play) -> None:
    head, at = play.actor(f"{CITY}-head"), play.clock()
    with play.database.write() as session:
        title = f"{at.year}年度人力资源服务机构诚信状况评估"
        play.rounds["zhoushan"] = open_round(session, POLICY, at.year, title, head, at)
    _cases(play, [firm.key for firm in FIRMS if firm.key not in LATE])


def _cases(play: Play, firms: Iterable[str]) -> None:
    head = play.actor(f"{CITY}-head")
    for key in firms:
        with play.database.write() as session:
            one = play.ids[key]
            case = open_case(session, play.rounds["zhoushan"], one, head, play.request_id(), play.clock())
        play.cases["zhoushan", key] = case.case_id


def _survey(play: Play, firms: Iterable[str]) -> None:
    for key in firms:
        case_id, answers = play.cases["zhoushan", key], ANSWERS[key]
        with play.database.write() as session:
            code = session.get_one(Survey, case_id).code
            for number, marks in enumerate(answers.split()):
                form = {f"q{place}": mark for place, mark in enumerate(marks, 1)}
                surveys.answer(session, code, form, f"line {key} {number}", f"browser {number}", play.clock())


def _do(play: Play, key: str, move: str, login: str, form: dict[str, Any]) -> None:
    with play.database.write() as session:
        who, at = play.actor(login), play.clock()
        act(session, play.cases["zhoushan", key], move, who, form=form, request_id=play.request_id(), at=at)
