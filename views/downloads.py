"""What a page gives as a file: the list of a notice as it was frozen, with what is needed to check its digest without
this site; a form as a spreadsheet."""

from csv import writer
from io import BytesIO, StringIO
from typing import Any

from flask import Response, jsonify, send_file

from views import results
from views.texts import gettext as _
from workflow.attachments import EXCEL
from workflow.engine.queries.public import NoticePage

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def spreadsheet(content: bytes, title: str) -> Response:
    """Saved under its Chinese title, which no header holds as it is."""
    return send_file(BytesIO(content), mimetype=EXCEL, as_attachment=True, download_name=f"{title}.xlsx")


def as_json(page: NoticePage, entries: list[dict[str, Any]]) -> Response:
    line = page.line
    return jsonify(
        number=line.number,
        title=line.title,
        authority=line.authority,
        opens_on=line.opens_on.isoformat(),
        closes_on=line.closes_on.isoformat(),
        provisional=line.days is not None and line.days.state == "maybe",
        digest=page.digest,
        how_to_check=_(
            "每条去掉 sha256 后按键名排序、无空格写成 JSON（UTF-8），取 SHA-256；"
            "各条摘要按序号以换行相连，再取 SHA-256，即名单摘要。"
        ),
        entries=entries,
    )


def as_csv(page: NoticePage, entries: list[dict[str, Any]]) -> Response:
    out = StringIO()
    rows, look = writer(out), results.of(page.machine)
    rows.writerow([_("序号"), _("机构名称"), _("统一社会信用代码"), _("结果"), _("情形"), _("本条摘要"), _("名单摘要")])
    for one in entries:
        ground, _place = look.ground(page.rules, one)
        cells = [one["number"], one["name"], one["credit_code"], look.word(one), ground, one["sha256"], page.digest]
        rows.writerow([_harmless(str(cell)) for cell in cells])
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv")


def _harmless(cell: str) -> str:
    """A spreadsheet must not take a name for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
