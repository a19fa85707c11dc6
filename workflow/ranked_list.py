"""附件 3, 推荐名单, as xlsx: the columns of the form (SD-33, SD-34), a sheet for each authority whose list it is."""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter

from workflow.engine.queries.honours import Listed

TITLE = "{honour}推荐名单"
COLUMNS = (("推荐顺序", 10), ("机构名称", 36), ("机构性质", 12), ("公司地址", 40), ("联系人及联系电话", 26))
NATURES = {"public_institution": "事业单位", "enterprise": "企业", "social_organisation": "社会团体"}
"""By the kind of registration; for any other the form has no word, and the cell stays empty."""
NOTE = (
    "填写说明：①机构名称，填写人力资源服务机构全称；"
    "②机构性质，根据人力资源服务机构登记注册类型分别填写为事业单位、企业或社会团体。"
)


def workbook(title: str, lists: Mapping[str, Sequence[Listed]]) -> bytes:
    """`lists` by the authority that recommends, each in its order."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    for number, (authority, listed) in enumerate(lists.items(), 1):
        _sheet(book, f"名单{number}", title, authority, listed)
    book.close()
    return out.getvalue()


def _sheet(book: xlsxwriter.Workbook, name: str, title: str, authority: str, listed: Sequence[Listed]) -> None:
    sheet, last = book.add_worksheet(name), len(COLUMNS) - 1
    heading = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "vcenter"})
    sheet.merge_range(0, 0, 0, last, title, heading)
    sheet.write_string(1, 0, f"{authority}（盖章）")
    for place, (caption, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width)
        sheet.write_string(2, place, caption, head)
    for number, one in enumerate(listed, 3):
        for place, text in enumerate(row(one)):
            sheet.write_string(number, place, text, cell)
    foot = len(listed) + 3
    sheet.merge_range(foot, 0, foot, last, NOTE, book.add_format({"text_wrap": True, "valign": "top"}))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)


def row(one: Listed) -> tuple[str, ...]:
    name = f"{one.name}（{one.holder}）" if one.holder else one.name
    return (str(one.place), name, NATURES.get(one.nature, ""), one.address, f"{one.liaison} {one.phone}".strip())
