"""This year's round, running: an evaluation at every stage, three notices, objections and a re-review."""

from datetime import date

from workflow.demo.dates import WorkingDays
from workflow.demo.firms import BY_KEY
from workflow.demo.play import CITY, PROVINCE
from workflow.demo.script import Script

THIS = "this"
OPENED, JOINED = 19, 4
"""Working days ago: the round's opening, and the day the latecomer's case was opened."""

REPORTED = {
    "yongchang": 19, "sicheng": 19, "liancheng": 18, "chenhuadian": 18, "juntai": 17, "chunqiu": 16, "zhongcai": 16,
    "yingchuan": 15, "hexin": 14, "huadu": 13, "yongxing": 12, "jinqiao": 11, "gucheng": 10,
}  # fmt: skip
"""Working days ago; who is missing here stayed silent, and is graded all the same."""

CLIMBED = {
    "yongchang": (18, 16, None), "sicheng": (18, 16, None), "liancheng": (15, 12, None), "chenhuadian": (15, 12, None),
    "chunqiu": (12, 5, None), "zhongcai": (12, 4, None), "yingchuan": (11, 4, None), "getian": (8, 3, None),
    "hexin": (10, 3, None), "shoushan": (7, 2, 10), "huadu": (9, 2, 9), "yongxing": (8, 3, 7), "xuyou": (6, 2, 4),
    "gucheng": (4, 4, 1),
}  # fmt: skip
"""From and until how many working days ago they climbed, and how many signatures they have: all of them, or so many."""

RUNNING = ("chunqiu", "zhongcai", "yingchuan", "getian")
NEWEST = "objection:new"
EARLIER = "开业以来三次抽查均有台账缺页，公示所列情形不全，附抽查记录编号。"
FEES = "本人九月在该机构登记求职，被要求先交培训费，与其公示的收费标准不符。"
APPEAL = "责令改正决定送达后第三日已完成整改并报送回执，逾期未改的记录与事实不符。"


def write(script: Script, days: WorkingDays) -> None:
    play, back = script.play, days.back
    script.at(back(OPENED), 9, lambda: play.open_round(THIS))
    script.at(back(OPENED), 10, lambda: play.open_cases(THIS))
    script.at(back(JOINED), 10, lambda: play.open_cases(THIS))
    for key, ago in REPORTED.items():
        script.report(THIS, key, back(ago))
    for key, (first, last, count) in CLIMBED.items():
        script.climb(THIS, key, days.between(back(first), back(last)), count)
    handler = f"{BY_KEY['jinqiao'].authority}-handler"
    reason = "报告未附收费标准公示照片，补正后重报。"
    script.at(back(3), 15, lambda: play.do(play.cases[THIS, "jinqiao"], "ask_correction", handler, opinion=reason))
    _first(script, back(15), back(14), [back(ago) for ago in range(10)])
    _second(script, back(10), back(9), [back(ago) for ago in range(10)])
    script.notice(THIS, "第三批", RUNNING, back(1), back(2))
    script.at(back(1), 15, lambda: play.object(NEWEST, play.cases[THIS, "chunqiu"], FEES))


def _first(script: Script, drafted: date, opens: date, ago: list[date]) -> None:
    """In force: one may still ask for a re-review, of the other the province's leader has a re-review to sign."""
    play, name = script.play, "re_review:now"
    script.notice(THIS, "第一批", ("yongchang", "sicheng"), opens, drafted)
    script.confirm(THIS, "第一批", ago[9])
    script.deliver(THIS, "sicheng", ago[8], "in_person")
    script.deliver(THIS, "yongchang", ago[5], "post")
    script.at(ago[6], 15, lambda: play.re_review(name, play.cases[THIS, "sicheng"], "clerk-sicheng", APPEAL))
    script.step(name, ago[5], "accept", f"{PROVINCE}-head", opinion="符合申请期限，予以受理。")
    answer = {"outcome": "upheld", "answer": "回执日期晚于责令改正期限，原记录无误，拟维持。"}
    script.step(name, ago[2], "propose", f"{PROVINCE}-handler2", **answer)


def _second(script: Script, drafted: date, opens: date, ago: list[date]) -> None:
    """Over: one is cleared and waits for confirmation, the other is held by an objection that waits for a signature."""
    play, name = script.play, "objection:signing"
    script.notice(THIS, "第二批", ("liancheng", "chenhuadian"), opens, drafted)
    script.at(ago[7], 15, lambda: play.object(name, play.cases[THIS, "chenhuadian"], EARLIER))
    script.step(name, ago[6], "accept", f"{CITY}-head2", opinion="在公示期内提出，予以受理。")
    answer = {"outcome": "upheld", "answer": "抽查记录已计入本次评价，公示结果无误，拟维持。"}
    script.step(name, ago[2], "propose", f"{CITY}-handler2", **answer)
