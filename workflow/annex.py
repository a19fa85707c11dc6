"""附件 2, 人力资源服务机构信用等级评价汇总表, as xlsx: columns, header and footer of the form (XC-33)."""

import io
from collections.abc import Sequence
from datetime import date

import xlsxwriter

from workflow.engine.queries.rounds import Summary
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
NONE = "无"
NOTE = (
    "注：失信情况包括违反劳动保障法律法规、未遵守人力资源市场管理工作有关规定和要求、未履行信用承诺等方面的具体失信行为。"
    "查处情况包括责令限期整改、实施行政处罚等具体查处措施。"
)


def workbook(lines: Sequence[Summary], reporting: str, on: date, remarks: dict[str, str]) -> bytes:
    """`remarks` are the texts of states other than in force, by state."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet("附件2")
    heading = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "vcenter"})
    last = len(COLUMNS) - 1
    sheet.merge_range(0, 0, 0, last, TITLE, heading)
    sheet.write_string(1, 0, f"填报单位（盖章）：{reporting}")
    sheet.write_string(1, last - 1, f"填报时间：{on.year}年{on.month}月{on.day}日")
    for place, (name, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width)
        sheet.write_string(2, place, name, head)
    for number, line in enumerate(lines, 3):
        for place, text in enumerate(row(line, remarks)):
            sheet.write_string(number, place, text, cell)
    foot = len(lines) + 3
    for place, label in ((0, "单位负责人："), (3, "填表人："), (last - 1, "联系电话：")):
        sheet.write_string(foot, place, label)
    sheet.merge_range(foot + 1, 0, foot + 1, last, NOTE, book.add_format({"text_wrap": True, "valign": "top"}))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    book.close()
    return out.getvalue()


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
    on = fact.decided_on or fact.acted_on
    number = f"（{fact.document_number}）" if fact.document_number else ""
    return f"{on.year} 年 {on.month} 月，由{fact.finding_authority}查处{number}。"
