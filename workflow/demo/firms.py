"""The demo's institutions and what is known about them. All of them, their names and codes, are invented."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from workflow.institutions import CODE, NAME, UNIT
from workflow.rules.credit_code import mint
from workflow.sheets import Row


@dataclass(frozen=True)
class Record:
    """A fact of the archive, `days` before the running round opens; `until`: the day so far back when it ended.
    `judged`: severity and corrected in time."""

    kind: str
    days: int
    summary: str
    judged: tuple[str, str] | None = None
    until: int = 0
    found_by: str = "人力资源和社会保障部门"
    measure: str = ""


@dataclass(frozen=True)
class Firm:
    """`last` is the notice of last year's round that shows it ("" = it registered later); `late`: it joined last."""

    key: str
    name: str
    authority: str
    last: str = ""
    records: tuple[Record, ...] = ()
    late: bool = False
    number: int = 0

    @property
    def short(self) -> str:
        """Its place and trade name, without what kind of company it is."""
        place, _, rest = self.name.partition("示例")
        return place + rest[:2]

    @property
    def clerk(self) -> str:
        return f"clerk-{self.key}"

    @property
    def code(self) -> str:
        return mint(f"91{self.authority}", f"MA4D{self.number:04d}")


UNPAID = "劳动保障监察查明：拖欠两名劳务派遣人员工资"

_LISTED = (
    Firm("baling", "魏都示例灞陵人力资源有限公司", "411002", "",
         (Record("labour_violation", 60, "劳动保障监察查明：未与一名员工订立书面劳动合同"),)),
    Firm("gucheng", "魏都示例曹魏古城人才服务有限公司", "411002", "",
         (Record("pledge_breach", 90, "承诺公开收费标准，现场核查时未公开"),)),
    Firm("xuyou", "魏都示例许由人力资源管理咨询有限公司", "411002", "",
         (Record("abnormal_list", 120, "因登记住所无法联系，列入经营异常名录"),)),
    Firm("yongxing", "建安示例永兴劳务服务有限公司", "411003", "first"),
    Firm("huadu", "鄢陵示例花都人才服务有限公司", "411024", "third",
         (Record("statistics_missing", 440, "半年度人力资源市场统计资料未报送"),)),
    Firm("shoushan", "襄城示例首山人力资源开发有限公司", "411025", "",
         (Record("subsidy_fraud", 150, "以虚假培训名册申领职业技能培训补贴，已责令退回"),)),
    Firm("juntai", "禹州示例钧台人力资源服务有限公司", "411081"),
    Firm("jinqiao", "长葛示例金桥劳务派遣有限公司", "411082", "",
         (Record("annual_report_missing", 100, "上一年度经营情况年度报告未报送"),)),
    Firm("hexin", "许昌示例禾信人力资源有限公司", "411000", "third"),
    Firm("chunqiu", "魏都示例春秋人力资源有限公司", "411002", "second"),
    Firm("zhongcai", "建安示例众才人力资源有限公司", "411003", "third"),
    Firm("yingchuan", "禹州示例颍川职业介绍有限公司", "411081", "",
         (Record("labour_violation", 70, UNPAID, ("serious", "no"), measure="责令限期支付"),)),
    Firm("getian", "长葛示例葛天人力资源有限公司", "411082", "third",
         (Record("public_credit_d", 450, "公共信用综合评价结果为D级"),)),
    Firm("liancheng", "许昌示例莲城人力资源顾问有限公司", "411000", "third"),
    Firm("chenhuadian", "鄢陵示例陈化店人力资源服务有限公司", "411024", "",
         (Record("written_report_missing", 75, "书面报告逾期未提交"),)),
    Firm("yongchang", "魏都示例永昌人力资源有限公司", "411002", "third",
         (Record("pledge_breach", 430, "承诺公示服务台账，抽查时未见台账"),)),
    Firm("sicheng", "襄城示例汜城人力资源有限公司", "411025", "",
         (Record("refused_correction", 110, "责令限期改正后逾期未改"),)),
    Firm("xinxu", "魏都示例新许人力资源有限公司", "411002", late=True),
)  # fmt: skip
FIRMS = tuple(replace(firm, number=number) for number, firm in enumerate(_LISTED, 1))
"""The named ones, whose stories the tour tells."""


def table(firms: list[Firm], units: dict[str, str]) -> Iterator[Row]:
    """The rows of an import table, as an authority would send them. `units`: authority code to short name."""
    yield Row(1, (NAME, CODE, UNIT))
    for number, firm in enumerate(firms, 2):
        yield Row(number, (firm.name, firm.code, units[firm.authority]))
