"""剩余时间 as the macro `days` draws it. Every word is put together here: lists are made of meters."""

from datetime import date

from views.present import Shown
from views.texts import N_, ngettext
from views.texts import gettext as _
from views.web import at
from workflow.clock import legal_day
from workflow.engine.queries.due import DaysLeft

WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
MOST_TICKS = 15
"""Above this they could no longer be counted by eye."""
MOST_LATE = 5


def days(left: DaysLeft | None) -> Shown | None:
    """`figure`, or a word in its place; its unit with an icon; `said` and a day, with its weekday and closing instant
    while it lies ahead. `ticks`: how many are past, today, ahead and late; None where none are drawn."""
    if left is None:
        return None
    shown: Shown = {"state": left.state, "word": True, "ticks": None, "day": None}
    if left.state == "held":
        return shown | _says(_("停"), "pause", _("计时暂停"), _("恢复后续算"))
    if left.state == "maybe":
        return shown | _says(_("暂定"), "info", _("待导入日历"), _("至")) | _day(left.due_on)
    if left.state == "done":
        return shown | _says(_("已办"), "done", _("已办结"), _("期限")) | _day(left.due_on)
    shown["ticks"] = _ticks(left)
    if left.state == "over":
        figure = left.late or left.figure
        said = _says(figure, "alert", _unit(left, figure), _("逾期，应于"))
        return shown | said | _day(left.due_on) | {"word": False}
    if left.figure == 0:
        return shown | _says(_("今天"), "half", _("到期"), _("%(time)s 截止", time=left.closes))
    said = _says(left.figure, "half" if left.state == "due" else "clock", _unit(left, left.figure), _("至"))
    weekday = _(WEEKDAYS[left.due_on.weekday()]) if left.due_on else ""
    return shown | said | _day(left.due_on) | {"word": False, "after": f" {weekday}", "closes": f" {left.closes}"}


def _says(figure: int | str, icon: str, unit: str, said: str) -> Shown:
    return {"figure": figure, "icon": icon, "unit": unit, "said": said, "after": "", "closes": ""}


def _unit(left: DaysLeft, many: int) -> str:
    if left.unit == "working":
        return ngettext("个工作日", "个工作日", many)
    return ngettext("天", "天", many)


def _day(on: date | None) -> Shown:
    """The day as it is shown and as machines read it: the year only where it is not this one."""
    if on is None:
        return {"said": ""}
    iso = on.isoformat()
    return {"day": iso[5:] if on.year == legal_day(at()).year else iso, "iso": iso}


def _ticks(left: DaysLeft) -> tuple[int, int, int, int] | None:
    if not 0 < left.total <= MOST_TICKS:
        return None
    ahead = 0 if left.state == "over" else left.figure
    now = int(left.state != "over" and left.past + ahead < left.total)
    return left.total - now - ahead, now, ahead, min(left.late, MOST_LATE)
