"""Lists of cases: the search over all that one may see, a round's and an institution's."""

from collections.abc import Sequence
from typing import Any

from flask import url_for

from views import rows
from views.case_findings import GONE
from views.meter import days
from views.present import Shown, grade, state_text
from views.texts import gettext as _
from views.texts import keys, text
from views.web import row_address
from workflow.engine.queries.cases import Asked, CaseLine
from workflow.engine.queries.inbox import PAGE
from workflow.machines import MACHINES


def listing(asked: Asked, found: Sequence[CaseLine], page: int, total: int) -> Shown:
    kept: dict[str, Any] = {"machine": asked.machine or None, "state": asked.state or None, "q": asked.words or None}
    tabs = [("", _("全部")), *((key, text(f"machine.{key}")) for key in MACHINES)]
    return {
        "search_text": asked.words,
        "asked": asked,
        "tabs": [{"label": label, "url": url_for("cases.index", machine=key or None, q=asked.words or None),
                  "current": key == asked.machine} for key, label in tabs],
        "states": _states(asked.machine),
        "lines": [line(one) for one in found],
        "total": total,
        "page": rows.pages(page, total, PAGE, lambda number: url_for("cases.index", **kept, page=number)),
    }  # fmt: skip


def _states(machine: str) -> list[tuple[str, str]]:
    prefix = f"state.{machine}."
    return [(key.removeprefix(prefix), text(key)) for key in keys() if machine and key.startswith(prefix)]


def line(one: CaseLine) -> Shown:
    state = "expired" if one.state in GONE else "effective" if one.grade else "proposed"
    state = "held" if one.state == "contested" else state
    return {
        "number": one.number,
        "name": one.name,
        "url": row_address("cases.show", "number", one.number),
        "kind": text(f"machine.{one.machine}"),
        "state": state_text(one.machine, one.state, one.step),
        "authority": one.authority,
        "grade": grade(one.grade or one.proposed, state),
        "mini": rows.mini(one.levels, one.state) if one.machine != "publicity" else None,
        "days": days(one.left),
    }
