"""附件 2, 人力资源服务机构信用等级评价汇总表, as xlsx: columns, header and footer of the form (XC-33)."""

from collections.abc import Sequence
from datetime import date

from workflow import form_sheets
from workflow.engine.queries.rounds import Summary
from workflow.form_sheets import FormSheet
from workflow.rules.findings import Fact

TITLE = "人力资源服务机构信用等级评价汇总表"
COLUMNS = (
    ("机构名称", 30),
    ("统一社会信用代码", 22),
    ("信用等级", 9),
    ("失信情况", 36),
    ("查处情况", 36),
    ("是否选树为诚信机构典型", 14),
    ("选树原因", 16),
    ("评价单位", 26),
    ("备注", 14),
)
NONE, MEASURE = "无", "查处"
NOTE = (
    "注：失信情况包括违反劳动保障法律法规、未遵守人力资源市场管理工作有关规定和要求、未履行信用承诺等方面的具体失信行为。"
    "查处情况包括责令限期整改、实施行政处罚等具体查处措施。"
)


def workbook(lines: Sequence[Summary], reporting: str, on: date, remarks: dict[str, str]) -> bytes:
    """`remarks` are the texts of states other than in force, by state."""
    last = len(COLUMNS) - 1
    under = [(0, f"填报单位（盖章）：{reporting}"), (last - 1, f"填报时间：{on.year}年{on.month}月{on.day}日")]
    signs = [(0, "单位负责人："), (3, "填表人："), (last - 1, "联系电话：")]
    rows = [row(line, remarks) for line in lines]
    return form_sheets.workbook([FormSheet("附件2", TITLE, under, COLUMNS, rows, NOTE, signs)])


def row(line: Summary, remarks: dict[str, str]) -> tuple[str, ...]:
    """The nine cells. Only of an institution that could be chosen as a model the form says whether it was."""
    return (
        line.name,
        line.credit_code,
        f"{line.grade} 级" if line.grade else "",
        "\n".join(map(_breach, line.breaches)) or NONE,
        "\n".join(map(_measure, line.measures)) or NONE,
        "" if line.model is None else "是" if line.model else "否",
        line.chosen_for,
        line.authority,
        remarks.get(line.state, ""),
    )


def _breach(fact: Fact) -> str:
    """`2022 年度，未按规定报送年度报告。` (XC-36)"""
    when = f"{fact.period_year} 年度" if fact.period_year else f"{fact.acted_on.year} 年 {fact.acted_on.month} 月"
    return f"{when}，{fact.summary.rstrip('。')}。"


def _measure(fact: Fact) -> str:
    """`2022 年 4 月，由……责令整改。` (XC-36)"""
    on = fact.decided_on or fact.acted_on
    number = f"（{fact.document_number}）" if fact.document_number else ""
    return f"{on.year} 年 {on.month} 月，由{fact.finding_authority}{fact.measure or MEASURE}{number}。"
