"""附件 3, 推荐名单, as xlsx: the columns of the form (SD-33, SD-34), a sheet for each authority whose list it is."""

from collections.abc import Mapping, Sequence

from workflow import form_sheets
from workflow.engine.queries.honours import Listed
from workflow.form_sheets import FormSheet

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
    return form_sheets.workbook(
        FormSheet(f"名单{number}", title, [(0, f"{authority}（盖章）")], COLUMNS, [row(one) for one in listed], NOTE)
        for number, (authority, listed) in enumerate(lists.items(), 1)
    )


def row(one: Listed) -> tuple[str, ...]:
    name = f"{one.name}（{one.holder}）" if one.holder else one.name
    return (str(one.place), name, NATURES.get(one.nature, ""), one.address, f"{one.liaison} {one.phone}".strip())
