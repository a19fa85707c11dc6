"""Objections and re-reviews of the running round: one at every stage, answered and open."""

from datetime import date, timedelta

from workflow.demo.last_year import deposit_found
from workflow.demo.play import CITY, PROVINCE
from workflow.demo.script import Form, Script

EARLIER = "开业以来三次抽查均有台账缺页，公示所列情形不全，附抽查记录编号。"
FEES = "本人九月在该机构登记求职，被要求先交培训费，与其公示的收费标准不符。"
DEPOSIT = "该机构今年向求职者收取押金，承诺书中写明不收取押金，有收据为证。"
SCOPE = "该机构经营地址与许可证不符，评价时未作现场核查，请求核实后再定。"
HEARSAY = "听人说该机构服务不好，希望主管部门注意，不应评为较高等级。"
APPEAL = "责令改正决定送达后第三日已完成整改并报送回执，逾期未改的记录与事实不符。"
PLEA = "公示所列情形发生后已主动改正并书面报告，材料附后，申请重新核查评价结果。"
ACCEPTED = "在公示期内提出，予以受理。"
IN_TIME = "符合申请期限，予以受理。"
UPHELD: Form = {"outcome": "upheld", "answer": "抽查记录已计入本次评价，公示结果无误，拟维持。"}


def _object(script: Script, round_name: str, key: str, day: date, statement: str, hour: int = 15) -> str:
    play, name = script.play, f"objection:{key}"
    script.at(day, hour, lambda: play.object(name, play.cases[round_name, key], statement))
    return name


def _appeal(script: Script, round_name: str, key: str, day: date, statement: str = PLEA) -> str:
    play, name = script.play, f"re_review:{key}"
    clerk = play.firms[key].clerk
    script.at(day, 15, lambda: play.re_review(name, play.cases[round_name, key], clerk, statement))
    return name


def over(script: Script, round_name: str, ago: list[date]) -> None:
    """In the notice that is over: one waits for a signature; the others were upheld, amended, taken off."""
    head, handler = f"{CITY}-head2", f"{CITY}-handler2"
    for key, statement in (
        ("chenhuadian", EARLIER), ("objection-upheld", EARLIER), ("objection-amended", DEPOSIT),
        ("objection-removed", SCOPE),
    ):  # fmt: skip
        name = _object(script, round_name, key, ago[7], statement)
        script.step(name, ago[6], "accept", head, opinion=ACCEPTED)
    play = script.play
    script.at(ago[5], 10, lambda: deposit_found(play, "objection-amended", ago[7] - timedelta(days=60)))
    amended: Form = {"outcome": "amended", "answer": "收取押金一节属实，已退还，等级由A级改为B级。"}
    removed: Form = {"outcome": "removed", "answer": "现场核查记录缺失属实，撤下公示，重新评价。"}
    for key, answer in (
        ("objection-upheld", UPHELD), ("objection-amended", amended), ("objection-removed", removed),
    ):  # fmt: skip
        script.step(f"objection:{key}", ago[5], "propose", handler, **answer)
        script.step(f"objection:{key}", ago[3], "agree", head, opinion="核实清楚，同意。")
    script.step("objection:chenhuadian", ago[2], "propose", handler, **UPHELD)


def running(script: Script, round_name: str, ago: list[date]) -> None:
    """In the running notice, since yesterday: asked for more, being verified, refused, and one nobody can verify."""
    head, day = f"{CITY}-head2", ago[1]
    name = _object(script, round_name, "objection-supplement", day, FEES, 9)
    script.step(name, day, "ask_more", head, hour=14, opinion="未写明时间和收费凭据，请补充。")
    for key in ("objection-handler", "objection-nobody"):
        name = _object(script, round_name, key, day, SCOPE, 10)
        script.step(name, day, "accept", head, hour=15, opinion=ACCEPTED)
    name = _object(script, round_name, "objection-refused", day, HEARSAY, 11)
    script.step(name, day, "refuse", head, hour=16, opinion="未提出具体事实和线索，不予受理。")


def re_reviews(script: Script, round_name: str, ago: list[date]) -> None:
    """Before the province, by people who took no part: one at every stage."""
    head, handler, leader = (f"{PROVINCE}-{post}" for post in ("head", "handler2", "leader2"))
    _appeal(script, round_name, "re-review-overdue", ago[7])
    _appeal(script, round_name, "re-review-acceptance", ago[2])
    name = _appeal(script, round_name, "re-review-supplement", ago[5])
    script.step(name, ago[3], "ask_more", head, opinion="改正回执未附送达日期，请补充。")
    name = _appeal(script, round_name, "re-review-refused", ago[6])
    script.step(name, ago[5], "refuse", head, opinion="申请理由与评价结果无关，不予受理。")
    name = _appeal(script, round_name, "re-review-handler", ago[5])
    script.step(name, ago[4], "accept", head, opinion=IN_TIME)
    name = _appeal(script, round_name, "sicheng", ago[6], APPEAL)
    script.step(name, ago[5], "accept", head, opinion=IN_TIME)
    late: Form = {"outcome": "upheld", "answer": "回执日期晚于责令改正期限，原记录无误，拟维持。"}
    script.step(name, ago[2], "propose", handler, **late)
    name = _appeal(script, round_name, "re-review-upheld", ago[7])
    script.step(name, ago[6], "accept", head, opinion=IN_TIME)
    kept: Form = {"outcome": "upheld", "answer": "改正不影响情形成立，原评价事实清楚，予以维持。"}
    script.step(name, ago[4], "propose", handler, **kept)
    script.step(name, ago[3], "agree", leader, opinion="同意维持。")
    clerk = script.play.firms["re-review-upheld"].clerk
    script.step(name, ago[2], "acknowledge", clerk)
