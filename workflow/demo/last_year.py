"""Last year's round, finished: grades expired, about to expire and in force, some amended, one re-reviewed."""

from collections.abc import Sequence
from datetime import date, timedelta

from workflow.demo.dates import WorkingDays, year_before
from workflow.demo.play import CITY, PROVINCE, Play
from workflow.demo.script import Form, Script

LAST = "last"
SILENT = "getian"
CONTESTED, REVIEWED = ("zhongcai", "county-silent"), "yongchang"
COUNTIES = ("411002", "411082", "411003", "411024", "411081", "411025")
"""As they handed in their papers, the last one late."""
DEPOSIT = "该机构去年向求职者收取押金，承诺书中写明不收取押金，有收据为证。"
APPEAL = "服务台账抽查当日送装订，次日已补交核验，记录所述未见台账与事实不符，申请复评。"


def opening(days: WorkingDays, running_opens: date) -> date:
    """So that the first grades expired a few days ago. A second round in one year is moved back."""
    expired = days.before(year_before(days.today) - timedelta(days=2), 1)
    opens = days.before(expired, 10)
    return opens if opens.year < running_opens.year else days.before(date(opens.year, 1, 1), 1)


def write(script: Script, days: WorkingDays, opens: date) -> None:
    play, day = script.play, [days.after(opens, count) for count in range(60)]
    batch = {
        name: [one.key for one in play.firms.values() if one.last == name] for name in ("first", "second", "third")
    }
    script.at(opens, 9, lambda: play.open_round(LAST))
    script.at(opens, 10, lambda: play.open_cases(LAST))
    _first(script, days, opens, batch["first"])
    _second(script, days, opens, batch["second"])
    third = batch["third"]
    for number, key in enumerate(third):
        if key != SILENT:
            script.report(LAST, key, day[2 + number % 8])
        script.climb(LAST, key, day[11:26])
    script.notice(LAST, "第三批", third, day[28], day[27])
    _contested(script, day)
    script.confirm(LAST, "第三批", day[34])
    for key in third:
        if key not in CONTESTED:
            script.deliver(LAST, key, day[36])
    _re_review(script, day)
    for number, county in enumerate(COUNTIES):
        script.at(day[16 + number], 15, lambda county=county: play.hand_in(LAST, county, "annex_2", "models"))


def _first(script: Script, days: WorkingDays, opens: date, keys: Sequence[str]) -> None:
    """The quickest: confirmed ten working days after the opening, a year and some days ago."""
    for key in keys:
        script.report(LAST, key, opens)
        script.climb(LAST, key, days.between(days.after(opens, 1), days.after(opens, 3)))
    _finish(script, days, "第一批", keys, days.after(opens, 10))


def _second(script: Script, days: WorkingDays, opens: date, keys: Sequence[str]) -> None:
    """Confirmed a year ago less some days: these grades are about to expire."""
    confirmed = days.after(year_before(days.today) + timedelta(days=7), 1)
    for key in keys:
        script.report(LAST, key, days.after(opens, 3))
        script.climb(LAST, key, days.between(days.after(opens, 4), days.before(confirmed, 7)))
    _finish(script, days, "第二批", keys, confirmed)


def _finish(script: Script, days: WorkingDays, name: str, keys: Sequence[str], confirmed: date) -> None:
    script.notice(LAST, name, keys, days.before(confirmed, 5), days.before(confirmed, 6))
    script.confirm(LAST, name, confirmed)
    for key in keys:
        script.deliver(LAST, key, days.after(confirmed, 1))
    script.step(f"{LAST}:{name}", days.after(confirmed, 2), "archive", f"{CITY}-handler")


def _contested(script: Script, day: list[date]) -> None:
    """Two objections in publicity prove right: the fact is recorded and judged, and the grade follows it."""
    play = script.play
    for key in CONTESTED:
        name = f"objection:last:{key}"
        script.at(day[30], 15, lambda key=key, name=name: play.object(name, play.cases[LAST, key], DEPOSIT))
        script.step(name, day[31], "accept", f"{CITY}-head2", opinion="在公示期内提出，予以受理。")
        script.at(day[34], 15, lambda key=key: deposit_found(play, key, day[0] - timedelta(days=40)))
        answer: Form = {"outcome": "amended", "answer": "收取押金一节属实，已当场退还，等级由A级改为B级。"}
        script.step(name, day[35], "propose", f"{CITY}-handler2", **answer)
        script.step(name, day[37], "agree", f"{CITY}-head2", opinion="核实清楚，同意变更。")
        script.deliver(LAST, key, day[40], "post")
    script.confirm(LAST, "第三批", day[39])
    script.step(f"{LAST}:第三批", day[41], "archive", f"{CITY}-handler")


def deposit_found(play: Play, key: str, acted_on: date) -> None:
    handler = f"{CITY}-handler2"
    record_id = play.record(
        key,
        handler,
        kind="labour_violation",
        summary="向求职者收取押金",
        acted_on=acted_on,
        finding_authority="许昌市人力资源和社会保障局",
        evidence="收据一张、询问笔录一份",
    )
    play.judge(record_id, handler, severity="minor", corrected_in_time="yes", evidence="押金已退还，有签收单")


def _re_review(script: Script, day: list[date]) -> None:
    """The institution shows that a record was wrong; the province, by other people, amends the grade."""
    play, name = script.play, "re_review:last"
    clerk = f"clerk-{REVIEWED}"
    script.at(day[40], 15, lambda: play.re_review(name, play.cases[LAST, REVIEWED], clerk, APPEAL))
    script.step(name, day[42], "accept", f"{PROVINCE}-head", opinion="在告知后10个工作日内申请，予以受理。")
    reason = "核验单证明台账次日已补交，原记录有误"
    script.at(day[45], 15, lambda: play.void(play.records[REVIEWED, 0], f"{PROVINCE}-handler2", reason))
    answer: Form = {"outcome": "amended", "answer": "原记录有误，已更正，等级由B级改为A级。"}
    script.step(name, day[47], "propose", f"{PROVINCE}-handler2", **answer)
    script.step(name, day[50], "agree", f"{PROVINCE}-leader2", opinion="同意变更。")
