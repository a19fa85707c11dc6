"""This year's round, running: an evaluation at every stage, on time, due today, overdue and sent back; three notices;
objections and re-reviews at every stage. Days are working days ago."""

from datetime import date

from workflow.demo import contest
from workflow.demo.crowd import PARTS
from workflow.demo.dates import WorkingDays
from workflow.demo.play import CITY, PROVINCE
from workflow.demo.script import AGREE, Script, ladder

THIS = "this"
OPENED, JOINED = 19, 4
"""The round's opening, and the day the latecomer's case was opened."""

REPORTED = {
    "yongchang": 19, "sicheng": 19, "liancheng": 18, "chenhuadian": 18, "juntai": 17, "chunqiu": 16, "zhongcai": 16,
    "yingchuan": 15, "hexin": 14, "huadu": 13, "yongxing": 12, "jinqiao": 11, "gucheng": 10,
} | {part.key: part.reported for part in PARTS if part.reported}  # fmt: skip
"""Who is missing here stayed silent, and is graded all the same."""

CLIMBED = {
    "yongchang": (18, 16, None), "sicheng": (18, 16, None), "liancheng": (15, 12, None), "chenhuadian": (15, 12, None),
    "chunqiu": (12, 5, None), "zhongcai": (12, 4, None), "yingchuan": (11, 4, None), "getian": (8, 3, None),
    "hexin": (10, 3, None), "shoushan": (7, 2, 10), "huadu": (9, 2, 9), "yongxing": (8, 3, 7), "xuyou": (6, 2, 4),
    "gucheng": (4, 4, 1),
} | {part.key: part.climbed for part in PARTS if part.climbed}  # fmt: skip
"""From and until when they climbed, and how many signatures they have: all of them, or so many."""

FIRST = (
    "yongchang", "sicheng", "undelivered", "acknowledged", "re-review-acceptance", "re-review-overdue",
    "re-review-supplement", "re-review-handler", "re-review-upheld", "re-review-refused",
)  # fmt: skip
SECOND = ("liancheng", "chenhuadian", "cleared", "objection-upheld", "objection-amended", "objection-removed")
RUNNING = (
    "chunqiu", "zhongcai", "yingchuan", "getian", "running", "running-2", "objection-supplement", "objection-handler",
    "objection-refused", "objection-nobody",
)  # fmt: skip
NEWEST = "objection:new"


def write(script: Script, days: WorkingDays) -> None:
    play, back = script.play, days.back
    ago = [back(count) for count in range(OPENED + 1)]
    script.at(ago[OPENED], 9, lambda: play.open_round(THIS))
    script.at(ago[OPENED], 10, lambda: play.open_cases(THIS))
    script.at(ago[JOINED], 10, lambda: play.open_cases(THIS))
    for key, count in REPORTED.items():
        script.report(THIS, key, ago[count])
    for key, (first, last, count) in CLIMBED.items():
        script.climb(THIS, key, days.between(ago[first], ago[last]), count)
    _sent_back(script, ago)
    _both_handlers(script, days, ago)
    script.notice(THIS, "第一批", FIRST, ago[14], ago[15])
    script.confirm(THIS, "第一批", ago[9])
    _in_force(script, ago)
    script.notice(THIS, "第二批", SECOND, ago[9], ago[10])
    contest.over(script, THIS, ago)
    script.notice(THIS, "第三批", RUNNING, ago[1], ago[2])
    contest.running(script, THIS, ago)
    contest.re_reviews(script, THIS, ago)
    script.at(ago[1], 18, lambda: play.object(NEWEST, play.cases[THIS, "chunqiu"], contest.FEES))
    script.at(ago[3], 15, lambda: play.hand_in(THIS, "411081", "annex_2", "models"))
    script.at(ago[2], 15, lambda: play.hand_in(THIS, "411002", "annex_2"))


def _sent_back(script: Script, ago: list[date]) -> None:
    """Sent back within the level, a level down, to the institution; and a panel that does not agree."""
    firms = script.play.firms

    def post(key: str, suffix: str) -> str:
        return f"{firms[key].authority}-{suffix}"

    def act(key: str, count: int, move: str, login: str, opinion: str) -> None:
        script.move(THIS, key, ago[count], move, login, opinion=opinion)

    act("province-returned", 2, "return_down", f"{PROVINCE}-handler", "市级未附现场核查记录，退回补齐后再报。")
    act("city-returned", 1, "return_down", f"{CITY}-handler", "书面报告缺收费标准公示照片，退回核实。")
    act("city-reworked", 2, "rework", f"{CITY}-head", "情形表述与档案不一致，重新拟写。")
    act("county-reworked", 2, "rework", post("county-reworked", "head"), "未写明信息核查日期，补写后再报。")
    handler, found = post("county-reworked", "handler"), "向市场监管部门查询，无行政处罚记录，未列入经营异常名录。"
    script.move(
        THIS, "county-reworked", ago[1], "record_check", handler, means="information", checked_on=ago[1], checked=found
    )
    act("county-divided", 3, "disagree", post("county-divided", "panel2"), "统计报送情况与股室台账不符，应再核。")
    act("correction-today", 5, "ask_correction", post("correction-today", "handler"), "报告未附从业人员名单，补正。")
    act("corrected", 4, "ask_correction", post("corrected", "handler"), "报告未加盖公章，补正。")
    act("jinqiao", 3, "ask_correction", post("jinqiao", "handler"), "报告未附收费标准公示照片，补正后重报。")
    statement = "已补盖公章，并附收费标准公示照片和从业人员名单，请予核收。"
    script.move(THIS, "corrected", ago[2], "correct", firms["corrected"].clerk, statement=statement)


def _both_handlers(script: Script, days: WorkingDays, ago: list[date]) -> None:
    """The city's leader had it done anew by the other handler: nobody is left to verify an objection to it."""
    key = "objection-nobody"
    opinion = "拟评理由不充分，由另一经办重新核查。"
    script.move(THIS, key, ago[11], "rework", f"{CITY}-leader", opinion=opinion)
    anew = [(f"{CITY}-{post}", AGREE) for post in ("handler2", "head", "leader")] + ladder(CITY)[-2:]
    script.sign(THIS, key, days.between(ago[9], ago[4]), anew)


def _in_force(script: Script, ago: list[date]) -> None:
    for key in FIRST:
        if key not in ("yongchang", "undelivered", "acknowledged"):
            script.deliver(THIS, key, ago[8], "in_person")
    script.deliver(THIS, "yongchang", ago[5], "post")
    script.move(THIS, "acknowledged", ago[7], "acknowledge", script.play.firms["acknowledged"].clerk)
