"""案卷 on paper: the case page's own facts as an A4 file, without what is sealed and without what can be pressed."""

from datetime import datetime
from typing import Any

from views.present import Shown, local
from views.texts import gettext as _

Sheet = dict[str, Any]


def of(page: Shown, at: datetime) -> Sheet:
    """`page` is the context of the case page. Who objected is sealed, so it is not printed."""
    verdict, proof = page["verdict"], page["proof"]
    grade = page["grade"]
    proposed = grade and grade["state"] == "proposed"
    shown = _("拟评 %(letter)s 级", letter=grade["letter"]) if proposed else ""
    shown = shown or (_("%(letter)s 级", letter=grade["letter"]) if grade else "")
    return {
        "title": page["heading"],
        "facts": [*page["facts"], *([(_("等级"), shown)] if shown else [])],
        "steps": [(one["title"], _("，").join(one["lines"])) for one in page["steps"]],
        "sections": [(one["title"], one["pairs"]) for one in page["sections"] if not one.get("sealed")],
        "findings": [_finding(one) for one in page["findings"]],
        "verdict": verdict["text"] if verdict else "",
        "proof": proof["text"] + proof["clause"]["text"] if proof and proof["text"] else "",
        "papers": [(one["title"], one["note"], one["statement"]) for one in page["papers"]],
        "documents": [(one["title"], one["note"]) for one in page["evidence"]],
        "acts": [_act(one) for one in reversed(page["items"])],
        "foot": _("页面时间 %(at)s", at=f"{local(at):%Y-%m-%d %H:%M}"),
    }


def _finding(one: Shown) -> tuple[str, str, str, str]:
    clause = one["clause"]
    law = "\n".join(clause[key] for key in ("label", "text", "cite") if clause.get(key))
    return law, one["fact"], _("、").join(paper["title"] for paper in one["evidence"]) or _("无"), one["verdict_text"]


def _act(one: Shown) -> tuple[str, str, str, str]:
    said = [one["opinion"]] if one["opinion"] else []
    number = f"#{one['seq']} {one['seal']}" if one["seq"] else ""
    return f"{one['at']:%Y-%m-%d %H:%M}", one["title"], "\n".join([one["who"], *said, *one["notes"]]), number
