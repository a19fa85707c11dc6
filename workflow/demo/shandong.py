"""Shandong in the middle of a recommendation round: cities at different stages, one of them over its quota.

Days are working days ago. Every scene goes through the same functions as in a live site.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from io import BytesIO
from typing import Any

import xlsxwriter
from sqlalchemy import select

from models import Authority, Institution, Quota
from workflow import archive, recommendations
from workflow.authorities import load_locality
from workflow.clock import legal_day
from workflow.demo.dates import WorkingDays
from workflow.demo.people import SINCE, staff_of
from workflow.demo.play import Play
from workflow.demo.script import Script
from workflow.engine.refusal import Refused
from workflow.engine.scoresheet import SCORE
from workflow.institutions import CODE, NAME, UNIT, import_table
from workflow.openings import draft_notice
from workflow.rules.credit_code import mint
from workflow.rules.policy import load
from workflow.sheets import Row
from workflow.staffing import add_person, appoint, open_account

POLICY, HONOUR, ROUND = "shandong-demo", "national_model", "shandong"
PROVINCE, JINAN, QINGDAO, ZIBO, YANTAI, RIZHAO = "370000", "370100", "370200", "370300", "370600", "371100"
CITIES = (JINAN, QINGDAO, ZIBO, YANTAI, RIZHAO)
OPENED = 45
ATTESTED = "经实地核查：规模、制度、设施和管理符合；社会责任和满意度符合；参加了主题创建活动。"
FORM = {
    "representative": "示例负责人",
    "business": "职业介绍、人力资源管理咨询、招聘会",
    "liaison": "示例联系人",
    "phone": "0000-0000000",
    "profile": "2015年取得许可证；经营场所600平方米；从业人员42人，本科以上31人；制度和服务规程齐备；分支机构2家。",
    "deeds": "开展诚信服务月活动，依法用工，投诉均按期办结；近三年服务用人单位千余家，收益稳定；每年参加公益招聘12场。",
    "notes": "许可证号、地址和成立时间以许可证复印件为准，见证明材料。",
}


@dataclass(frozen=True)
class Candidate:
    """`lost`: points that the city took off the last indicator; `days`: applied, found fit, and taken on the list."""

    key: str
    city: str
    lost: int
    days: tuple[int | None, int | None, int | None]

    @property
    def name(self) -> str:
        return f"{self.key}人力资源有限公司"

    @property
    def code(self) -> str:
        number = next(place for place, one in enumerate(CANDIDATES) if one.key == self.key)
        return mint(f"91{self.city}", f"MA7D{number:04d}")

    @property
    def clerk(self) -> str:
        return f"clerk-{self.city}-{self.lost}"


CANDIDATES = (
    Candidate("济南示例泉城", JINAN, 0, (40, 36, 32)),
    Candidate("济南示例历下", JINAN, 1, (40, 36, 32)),
    Candidate("济南示例章丘", JINAN, 2, (39, 30, None)),
    Candidate("青岛示例崂山", QINGDAO, 0, (12, 6, None)),
    Candidate("青岛示例即墨", QINGDAO, 1, (5, None, None)),
    Candidate("淄博示例临淄", ZIBO, 0, (9, None, None)),
    Candidate("淄博示例张店", ZIBO, 1, (None, None, None)),
    Candidate("烟台示例芝罘", YANTAI, 0, (20, 14, 8)),
    Candidate("烟台示例蓬莱", YANTAI, 1, (20, 13, 8)),
    Candidate("烟台示例莱州", YANTAI, 2, (19, 12, 8)),
    Candidate("烟台示例龙口", YANTAI, 3, (18, 11, None)),
    Candidate("日照示例东港", RIZHAO, 0, (15, None, None)),
    Candidate("日照示例岚山", RIZHAO, 1, (None, None, None)),
)
ITEMS = load(POLICY).scoring.items(2026)


def write(script: Script, days: WorkingDays, password_hash: str) -> None:
    """Everything that happened in Shandong up to now."""
    play, day = script.play, days.back
    script.at(day(OPENED + 5), 9, partial(_stage, play, password_hash))
    script.at(day(OPENED), 9, partial(_open, play))
    for one in CANDIDATES:
        applied, fit, listed = one.days
        if applied is not None:
            script.at(day(applied), 10, partial(_apply, play, one))
        if fit is not None:
            script.at(day(fit), 14, partial(_evaluate, play, one))
        if listed is not None:
            select_ = partial(_do, play, one, "select", f"{one.city}-handler")
            script.at(day(listed), 9, partial(select_, opinion="按推荐顺序列入。"))
    _jinan(script, days)
    _yantai(script, days)
    _others(script, days)


def _jinan(script: Script, days: WorkingDays) -> None:
    """Two are shown and sent up; one of them has been reported to the ministry. The third waits in reserve."""
    play, two = script.play, CANDIDATES[:2]
    script.at(days.back(29), 9, partial(_do, play, CANDIDATES[2], "hold", f"{JINAN}-handler", opinion="列为候补。"))
    _show(script, days, JINAN, two, 28)
    script.at(days.back(20), 9, partial(_summary, play, JINAN))
    name = f"{ROUND}:{JINAN}"
    script.at(days.back(19), 10, lambda: play.do(play.notices[name], "confirm_cleared", f"{JINAN}-leader"))
    for number, login in enumerate(("handler", "head", "leader")):
        sign = partial(_do, play, two[0], "agree", f"{PROVINCE}-{login}")
        script.at(days.back(12 - number), 10, partial(sign, opinion="同意推荐。"))
    script.at(days.back(9), 10, partial(_do, play, two[1], "agree", f"{PROVINCE}-handler", opinion="材料齐全。"))


def _yantai(script: Script, days: WorkingDays) -> None:
    """Three seats are taken and in publicity; the fourth is refused, and becomes the reserve."""
    play = script.play
    script.at(days.back(7), 10, partial(_over_quota, play, CANDIDATES[10]))
    _show(script, days, YANTAI, CANDIDATES[7:10], 3)


def _others(script: Script, days: WorkingDays) -> None:
    """A soft condition waits for its second person, a nomination for its form; one was found unfit."""
    play = script.play
    script.at(days.back(10), 9, partial(_record, play, CANDIDATES[5], "national_model_2014", date(2014, 12, 1)))
    exception = {"verdict": "fit", "attestation": ATTESTED, **_scores(1)}
    reason = "诚信服务工作优异，典型示范作用特别突出，拟酌情列入。"
    step = partial(_do, play, CANDIDATES[5])
    script.at(days.back(6), 10, partial(step, "propose", f"{ZIBO}-handler", **exception, override=reason))
    script.at(days.back(4), 10, partial(step, "agree", f"{ZIBO}-head", opinion="同意。"))
    script.at(days.back(4), 9, partial(_nominate, play, CANDIDATES[6]))
    unfit = {"verdict": "unfit", "opinion": "服务台账不全，投诉处理记录缺失。"}
    step = partial(_do, play, CANDIDATES[11])
    script.at(days.back(12), 10, partial(step, "propose", f"{RIZHAO}-handler", **unfit))
    script.at(days.back(11), 10, partial(step, "agree", f"{RIZHAO}-head", opinion="同意不予推荐。"))
    script.at(days.back(10), 10, partial(step, "agree", f"{RIZHAO}-leader", opinion="同意不予推荐。"))


def _show(script: Script, days: WorkingDays, city: str, listed: Sequence[Candidate], ago: int) -> None:
    play, name = script.play, f"{ROUND}:{city}"

    def draft() -> None:
        cases = [play.cases[ROUND, one.key] for one in listed]
        form = {"title": f"{load(POLICY).recommendation.honours[HONOUR].title}拟推荐名单公示", "cases": cases}
        with play.database.write() as session:
            handler, form_ = play.actor(f"{city}-handler"), {**form, "opens_on": days.back(ago)}
            outcome = draft_notice(session, form_, play.rounds[ROUND], handler, play.request_id(), play.clock())
        play.notices[name] = outcome.case_id

    script.at(days.back(ago + 1), 16, draft)
    script.at(days.back(ago + 1), 17, lambda: play.do(play.notices[name], "publish", f"{city}-leader"))


# --- verbs


def _stage(play: Play, password_hash: str) -> None:
    at = play.clock()
    with play.database.write() as session:
        load_locality(session, "shandong", at)
        for authority in session.scalars(select(Authority).where(Authority.code.in_((PROVINCE, *CITIES)))):
            staff_of(session, authority, at, password_hash)
        units = {one.code: one.short_name for one in session.scalars(select(Authority))}
        lines = [Row(number, (one.name, one.code, units[one.city])) for number, one in enumerate(CANDIDATES, 2)]
        import_table(session, [Row(1, (NAME, CODE, UNIT)), *lines], at)
        ids = {one.credit_code: one.id for one in session.scalars(select(Institution))}
        for one in CANDIDATES:
            play.ids[one.key] = ids[one.code]
            clerk = add_person(session, f"{one.key}经办人", at)
            appoint(session, clerk, "clerk", SINCE, institution_id=ids[one.code], title="经办人")
            open_account(session, clerk, one.clerk, password_hash, at, is_demo=True)
    for one in CANDIDATES:
        _record(play, one, "provincial_honour", date(legal_day(at).year - 2, 6, 1))


def _open(play: Play) -> None:
    """For this year's list while it can still be sent in time, else for the next one's."""
    at, year = play.clock(), play.today.year
    late = legal_day(at) > date(year, 6, 1)
    with play.database.write() as session:
        head, title = play.actor(f"{PROVINCE}-head"), "全国人力资源诚信服务示范机构推荐"
        opened = recommendations.open_round(session, POLICY, HONOUR, year + late, f"{year + late}年{title}", head, at)
    play.rounds[ROUND] = opened


def _apply(play: Play, one: Candidate) -> None:
    file = _file(play, f"{one.key}证明材料.xlsx")
    form = {"holder": "", **FORM, **_scores(0), "files": [file]}
    with play.database.write() as session:
        sent = (form, play.actor(one.clerk), play.request_id(), play.clock())
        play.cases[ROUND, one.key] = recommendations.apply(session, play.rounds[ROUND], *sent).case_id


def _nominate(play: Play, one: Candidate) -> None:
    with play.database.write() as session:
        sent = ({"holder": ""}, play.actor(f"{one.city}-handler"), play.request_id(), play.clock())
        opened = recommendations.nominate(session, play.rounds[ROUND], play.ids[one.key], *sent)
    play.cases[ROUND, one.key] = opened.case_id


def _evaluate(play: Play, one: Candidate) -> None:
    form = {"verdict": "fit", "attestation": ATTESTED, **_scores(one.lost)}
    _do(play, one, "propose", f"{one.city}-handler", **form)
    for login in ("head", "leader"):
        _do(play, one, "agree", f"{one.city}-{login}", opinion="同意。")


def _over_quota(play: Play, one: Candidate) -> None:
    """What the page says, too: the quota is full; the candidate becomes the reserve."""
    try:
        _do(play, one, "select", f"{one.city}-handler", opinion="拟列入。")
    except Refused as refused:
        if refused.reason != "quota_full":
            raise
    _do(play, one, "hold", f"{one.city}-handler", opinion="名额已满，列为候补。")


def _do(play: Play, one: Candidate, move: str, login: str, **form: Any) -> None:
    play.do(play.cases[ROUND, one.key], move, login, **form)


def _record(play: Play, one: Candidate, kind: str, acted_on: date) -> None:
    kinds = load(POLICY).record_kinds
    form = {
        "kind": kind,
        "summary": kinds[kind],
        "acted_on": acted_on,
        "finding_authority": "山东省人社厅",
        "evidence": "公布名单",
    }
    with play.database.write() as session:
        archive.record(session, play.ids[one.key], kinds, form, play.actor(f"{one.city}-handler"), play.clock())


def _summary(play: Play, city: str) -> None:
    file = _file(play, "诚信体系建设工作总结.xlsx")
    with play.database.write() as session:
        mine = select(Quota.id).join(Authority, Authority.id == Quota.authority_id)
        mine = mine.where(Quota.round_id == play.rounds[ROUND], Authority.code == city)
        quota, handler = session.scalars(mine).one(), play.actor(f"{city}-handler")
        recommendations.file_summary(session, quota, file, handler, play.clock())


def _file(play: Play, name: str) -> int:
    """A sheet that opens in its real program, kept where the site keeps files; the same bytes for the same day."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    book.set_properties({"created": play.clock().replace(tzinfo=None)})
    book.add_worksheet().write_row(0, 0, [name.removesuffix(".xlsx"), "演示文件"])
    book.close()
    return play.keep(name, content.getvalue())


def _scores(lost: int) -> dict[str, str]:
    return {f"{SCORE}{item.id}": str(item.points) for item in ITEMS} | {f"{SCORE}22": str(5 - lost)}
