"""The demo's other institutions: who they are, what is on file about them, and which part each has in the round.

Names are put together from two lists, always the same for the same number. All are invented.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from workflow.demo.firms import FIRMS, Firm, Record

PLACES = {
    "411002": "魏都", "411003": "建安", "411024": "鄢陵", "411025": "襄城", "411081": "禹州", "411082": "长葛",
    "411000": "许昌",
}  # fmt: skip
FIRST = "嘉瑞恒启同博泽润和明卓远信诚锦安达盛兴通宏佳永德茂立聚凯雅正"
SECOND = "禾程途业航源岚川霖桥舟麦田景元桐枫棠竹荷坤宁庭峰溪原野杉柏梓林岳屿湾岭榆杨松梅兰"
KINDS = (
    "人力资源有限公司", "人力资源服务有限公司", "人才服务有限公司", "劳务服务有限公司", "人力资源管理咨询有限公司",
    "职业介绍有限公司", "企业管理与人力资源服务外包及职业技能培训咨询集团有限公司",
)  # fmt: skip

ENDED = (
    (),
    (),
    (Record("abnormal_list", 930, "因未按期公示年度报告，列入经营异常名录，后已移出", until=760),),
    (Record("lost_contact", 700, "按登记住所无法联系，后已恢复联系并变更住所", until=640),),
    (Record("conditions_lost", 520, "专职工作人员不足三人，后已补足", until=450),),
)
# What is on file of those who were evaluated last year was known then: news of a standing grade opens a re-evaluation.
MINOR = (
    (Record("statistics_missing", 470, "上半年人力资源市场统计资料未报送"),),
    (Record("pledge_breach", 480, "承诺三日内退还服务费，逾期未退"),),
    (Record("labour_violation", 840, "未依法为两名员工缴纳社会保险费", ("minor", "yes"), measure="责令限期改正"),),
    (Record("filing_breach", 455, "设立分支机构后未按期报告"),),
    (Record("written_report_missing", 600, "书面报告逾期未提交"),),
)
GRAVE = (
    (Record("refused_correction", 510, "责令限期改正后逾期未改"),),
    (Record("labour_violation", 560, "扣押求职者身份证件", ("serious", "yes"), measure="责令退还证件并处罚款"),),
)
WORST = ((Record("public_credit_d", 430, "公共信用综合评价结果为D级"),),)
ON_FILE = {"A": ENDED, "B": MINOR, "C": GRAVE, "D": WORST}
GRADES = "AABAACABABADABAABC"
"""By turns, whatever else happens to them."""


@dataclass(frozen=True)
class Part:
    """One institution's part in the running round, in working days ago: when it reported (0: it kept silent), from
    and until when it climbed, and how many signatures it has (None: all of them)."""

    key: str
    authority: str
    reported: int = 0
    climbed: tuple[int, int, int | None] | None = None
    last: str = "third"
    grade: str = ""


WEIDU, JIANAN, YANLING, XIANGCHENG, YUZHOU, CHANGGE, XUCHANG = PLACES
PARTS = (
    # before the province: overdue, due today, on time, to sign, sent back to the city
    Part("province-overdue", YANLING, 19, (18, 13, 10)),
    Part("province-today", YUZHOU, 17, (16, 10, 10), last="second"),
    Part("province-in-time", CHANGGE, 16, (14, 4, 10)),
    Part("province-sign", JIANAN, 16, (15, 3, 11)),
    Part("province-sign-2", XUCHANG, 14, (10, 3, 4)),
    Part("province-returned", XIANGCHENG, 17, (15, 4, 10)),
    # before the city
    Part("city-overdue", XIANGCHENG, 19, (18, 14, 7), last="first"),
    Part("city-today", JIANAN, 17, (16, 10, 7)),
    Part("city-in-time", YUZHOU, 12, (9, 3, 7)),
    Part("city-head", CHANGGE, 15, (13, 3, 8), last=""),
    Part("city-sign", WEIDU, 15, (12, 2, 9)),
    Part("city-sign-2", YUZHOU, 14, (12, 3, 9), last="second"),
    Part("city-reworked", YANLING, 14, (11, 3, 8)),
    Part("city-returned", JIANAN, 14, (11, 2, 7)),
    # before the counties
    Part("county-overdue", JIANAN, 15),
    Part("county-overdue-2", YANLING, 14, last=""),
    Part("county-today", WEIDU, 10),
    Part("county-today-2", XIANGCHENG, 10),
    Part("county-silent", WEIDU, grade="A"),
    Part("county-silent-2", CHANGGE, last=""),
    Part("county-head", WEIDU, 9, (8, 8, 1)),
    Part("county-head-2", YUZHOU, 11, (7, 7, 1)),
    Part("county-panel", WEIDU, 9, (8, 5, 4)),
    Part("county-panel-2", XIANGCHENG, 13, (9, 5, 4), last="first"),
    Part("county-sign", WEIDU, 13, (10, 4, 6)),
    Part("county-divided", JIANAN, 12, (9, 5, 2)),
    Part("county-reworked", WEIDU, 13, (9, 9, 1), last=""),
    Part("correction-today", YANLING, 16),
    Part("corrected", WEIDU, 15),
    # done, waiting for a notice
    Part("publish-overdue", XUCHANG, 18, (14, 7, None)),
    Part("publish-today", CHANGGE, 18, (15, 5, None)),
    Part("publish-in-time", WEIDU, 17, (14, 2, None)),
    # in the running notice, some of them contested
    Part("running", YANLING, 17, (13, 4, None)),
    Part("running-2", XUCHANG, 16, (12, 4, None), last="first"),
    Part("objection-supplement", YUZHOU, 16, (13, 4, None)),
    Part("objection-handler", CHANGGE, 16, (12, 4, None)),
    Part("objection-refused", WEIDU, 16, (13, 5, None)),
    Part("objection-nobody", XIANGCHENG, 18, (16, 12, 9), grade="A"),
    # in the notice that is over
    Part("cleared", YUZHOU, 18, (16, 11, None)),
    Part("objection-upheld", WEIDU, 18, (16, 11, None)),
    Part("objection-amended", CHANGGE, 18, (15, 11, None), last="", grade="A"),
    Part("objection-removed", JIANAN, 18, (15, 11, None), last=""),
    # in force: delivered or not, re-reviews at every stage
    Part("undelivered", YUZHOU, 19, (18, 16, None)),
    Part("acknowledged", WEIDU, 19, (18, 16, None)),
    Part("re-review-acceptance", XIANGCHENG, 19, (18, 16, None), grade="B"),
    Part("re-review-overdue", YANLING, 19, (18, 16, None), grade="C"),
    Part("re-review-supplement", CHANGGE, 19, (18, 16, None), grade="B"),
    Part("re-review-handler", JIANAN, 19, (18, 16, None), grade="C"),
    Part("re-review-upheld", XUCHANG, 19, (18, 16, None), grade="B"),
    Part("re-review-refused", YUZHOU, 19, (18, 16, None), grade="B"),
)

IN_FORCE = (18, 13, None)
EACH = 60
"""Institutions that every size beyond the first adds."""


def _bulk(block: int) -> Iterator[Part]:
    """A further sixty: a fifth in force already, the others spread over the ladder, a third silent."""
    last = f"block-{block}"
    shapes: list[tuple[int, tuple[int, int, int | None] | None]] = [
        *[(19, IN_FORCE)] * 12,
        *[(17, (16, 3, None))] * 4,
        *[(15, (12, 4, 10))] * 4,
        *[(13, (10, 3, 7))] * 6,
        *[(13, (9, 2, 8))] * 4,
        *[(14, (9, 2, 9))] * 2,
        *[(12, (9, 4, steps)) for steps in (1, 1, 2, 3, 4, 5, 6, 1, 2, 6)],
        *[(0, None)] * 18,
    ]
    codes = tuple(PLACES)
    for number, (reported, climbed) in enumerate(shapes):
        yield Part(f"b{block}-{number}", codes[number % 7], reported, climbed, last if number % 3 == 0 else "")


def parts(size: int) -> list[Part]:
    return [*PARTS, *(part for block in range(2, size + 1) for part in _bulk(block))]


def crowd(found: list[Part]) -> list[Firm]:
    return [_firm(part, number) for number, part in enumerate(found, len(FIRMS) + 1)]


def _firm(part: Part, number: int) -> Firm:
    grade = part.grade or GRADES[number % len(GRADES)]
    known = ON_FILE[grade]
    return Firm(
        part.key, _name(part.authority, number), part.authority, part.last, known[number % len(known)], number=number
    )


def _name(authority: str, number: int) -> str:
    round_, turn = divmod(number, len(FIRST) * len(SECOND))
    trade = FIRST[turn % len(FIRST)] + SECOND[(turn + turn // len(FIRST)) % len(SECOND)]
    kind = KINDS[-1] if number % 29 == 0 and not round_ else KINDS[(round_ + number) % 6]
    return f"{PLACES[authority]}示例{trade}{kind}"
