"""待办: to do, my office, done, started by me; signing for work and giving it back; messages."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models import SavedFilter
from views import inbox_filters, layout, rows
from views.present import event_text, local, state_text
from views.texts import field_reasons, reason, text
from views.texts import gettext as _
from views.web import HIGHEST, actor, at, once, reading, roles, writing
from workflow import saved_filters
from workflow.clock import legal_day
from workflow.engine import tasks
from workflow.engine.permissions import OFFICIALS, WORKERS
from workflow.engine.queries import inbox as query
from workflow.engine.queries.inbox_counts import counts
from workflow.engine.queries.inbox_reach import Filters, Scope
from workflow.engine.queries.messages import messages as read_messages
from workflow.engine.queries.work import rows as work_rows
from workflow.engine.refusal import Refused

door = Blueprint("inbox", __name__)
LONGEST_PAGE = 6
official = roles(*sorted(OFFICIALS))
worker = roles(*sorted(WORKERS))


@door.get("/inbox")
@worker
def todo() -> str:
    return _todo()


@door.get("/inbox/office")
@official
def office() -> str:
    return _page("office", _("本科室待办"), (_("本岗位没有待办"), _("同事签收的也列在这里")))


@door.get("/inbox/done")
@worker
def done() -> str:
    return _page("done", _("已办"), (_("还没有办过的事项"), _("您签过的每个环节都会列在这里")))


@door.get("/inbox/mine")
@official
def started() -> str:
    return _page("started", _("我发起的"), (_("还没有发起过事项"), _("开启评价批次、起草公示后列在这里")))


@door.post(f"/tasks/<int(max={HIGHEST}):task_id>/claim")
@official
def claim(task_id: int) -> Response:
    with writing() as session:
        once(session, lambda: tasks.claim(session, task_id, actor(), at()))
    flash(_("已签收，由您办理。同事仍可看到，但不能再签收"))
    return _back()


@door.post(f"/tasks/<int(max={HIGHEST}):task_id>/release")
@official
def release(task_id: int) -> Response:
    with writing() as session:
        once(session, lambda: tasks.release(session, task_id, actor()))
    flash(_("已退签，本岗位其他人可以签收"))
    return _back()


@door.post("/inbox/filters")
@worker
def save_filter() -> Response | tuple[str, int]:
    kept = inbox_filters.address(inbox_filters.asked())
    try:
        with writing() as session:
            saved_filters.save(session, actor().person_id or 0, request.form.get("name", ""), kept, at())
    except Refused as refused:
        return _todo(field_reasons(refused).get("name") or reason(refused)), 422
    return redirect(url_for("inbox.todo", **kept), 303)


@door.post(f"/inbox/filters/<int(max={HIGHEST}):filter_id>/forget")
@worker
def forget_filter(filter_id: int) -> Response:
    with writing() as session:
        once(session, lambda: saved_filters.forget(session, actor().person_id or 0, filter_id))
    return redirect(url_for("inbox.todo"), 303)


@door.get("/messages")
@worker
def messages() -> str:
    page = number_asked("page")
    with reading() as session:
        found, total = read_messages(session, actor(), page)
    shown = [_message(one) for one in found]
    pager = rows.pages(page, total, query.PAGE, lambda number: url_for("inbox.messages", page=number))
    return render_template("inbox/messages.html", **layout.work(messages_shown=shown, page=pager))


def _todo(wrong: str = "") -> str:
    return _page("todo", _("待办"), (_("没有待办"), _("事项到您这一步时会出现在这里。同事的见“本科室待办”")), wrong)


def _page(scope: Scope, heading: str, empty: tuple[str, str], wrong: str = "") -> str:
    filters = inbox_filters.asked()
    with reading() as session:
        owed = counts(session, actor(), at())
        found = query.listed(session, actor(), scope, filters, inbox_filters.mark(), at(), owed)
        lines = work_rows(session, actor(), scope, found.ids, at())
        boxes = inbox_filters.boxes(session, actor(), filters, scope)
        kept = saved_filters.of(session, actor().person_id or 0) if scope == "todo" else []
    today, open_ = legal_day(at()), scope in ("todo", "office")
    return render_template(
        "inbox/list.html",
        **layout.work(
            owed=owed,
            ask_title={"done": _("我办了什么"), "started": _("现在")}.get(scope) or _("要我做什么"),
            heading=_("%(title)s %(n)s 件", title=heading, n=inbox_filters.figure(found.total)),
            summary=_summary(scope),
            timed=open_,
            chips=inbox_filters.chips(filters, owed, kept) if scope == "todo" else [],
            saving=_saving(filters, kept, wrong) if scope == "todo" else None,
            words=filters.words,
            filters=boxes,
            chosen=sum(bool(box["value"]) for box in boxes),
            filter_url=url_for(f"inbox.{scope}"),
            filtered=filters != Filters(),
            groups=rows.groups(lines, today) if open_ else rows.one_group(lines, today),
            turns=inbox_filters.turns(found, filters, scope),
            **_nothing(filters, empty),
        ),
    )


def _nothing(filters: Filters, empty: tuple[str, str]) -> dict[str, str]:
    title, words = (_("没有符合条件的事项"), _("减少条件，或清除筛选")) if filters != Filters() else empty
    return {"empty_title": title, "empty_text": words}


def _saving(filters: Filters, kept: list[SavedFilter], wrong: str) -> dict[str, Any] | None:
    """The form that keeps what is asked now; not for what is already kept."""
    asked = inbox_filters.address(filters)
    if not asked or any(one.asked == asked for one in kept):
        return None
    name = {"name": "name", "label": _("名称"), "kind": "text", "required": True, "max_length": None}
    typed = {"value": request.form.get("name", ""), "error": wrong, "hint": _("最多 20 字")}
    return {"url": url_for("inbox.save_filter", **asked), "field": name | typed, "open": bool(wrong)}


def number_asked(name: str) -> int:
    sent = request.args.get(name, "1")
    return max(int(sent), 1) if sent.isascii() and sent.isdigit() and len(sent) <= LONGEST_PAGE else 1


def _summary(scope: Scope) -> str:
    return {
        "todo": _("按剩余时间排序"),
        "office": _("同一岗位可办的，和同事已签收的"),
        "done": _("您办理过的环节，新的在前"),
        "started": _("由您开始的事项，新的在前"),
    }[scope]


def _message(one: Any) -> dict[str, Any]:
    what = text(f"machine.{one.machine}")
    return {
        "title": event_text(
            one.event, {"what": what, "name": one.name or one.number, "number": one.number, **one.payload}
        ),
        "at": local(one.at),
        "name": one.name or one.number,
        "kind": f"{what} · {one.number}",
        "state": state_text(one.machine, one.state),
        "url": url_for("cases.show", number=one.number),
    }


def _back() -> Response:
    """Where the button stood: the lists and the case page both have it."""
    number = request.form.get("case", "")
    return redirect(url_for("cases.show", number=number) if number else url_for("inbox.todo"), 303)
