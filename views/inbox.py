"""待办: to do, my office, done, started by me; signing for work and giving it back; messages."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from views import layout, rows
from views.present import event_text, local, state_text
from views.texts import text
from views.web import HIGHEST, actor, at, reading, roles, writing
from workflow.clock import legal_day
from workflow.engine import tasks
from workflow.engine.permissions import OFFICIALS
from workflow.engine.queries import inbox as query
from workflow.engine.queries.messages import messages as read_messages
from workflow.machines import MACHINES

door = Blueprint("inbox", __name__)
LONGEST_PAGE = 6
official = roles(*sorted(OFFICIALS))


@door.get("/inbox")
@official
def todo() -> str:
    return _page("todo", _("待办"), _("没有待办。新的事项到您这一步时会出现在这里"))


@door.get("/inbox/office")
@official
def office() -> str:
    return _page("office", _("本科室待办"), _("本岗位没有待办。同事签收的也列在这里"))


@door.get("/inbox/done")
@official
def done() -> str:
    return _page("done", _("已办"), _("还没有办过的事项"))


@door.get("/inbox/mine")
@official
def started() -> str:
    return _page("started", _("我发起的"), _("还没有发起过事项"))


@door.post(f"/tasks/<int(max={HIGHEST}):task_id>/claim")
@official
def claim(task_id: int) -> Response:
    with writing() as session:
        tasks.claim(session, task_id, actor(), at())
    flash(_("已签收，由您办理。同事仍可看到，但不能再签收"))
    return _back()


@door.post(f"/tasks/<int(max={HIGHEST}):task_id>/release")
@official
def release(task_id: int) -> Response:
    with writing() as session:
        tasks.release(session, task_id, actor())
    flash(_("已退签，本岗位其他人可以签收"))
    return _back()


@door.get("/messages")
@official
def messages() -> str:
    page = number_asked("page")
    with reading() as session:
        found, total = read_messages(session, actor(), page)
    shown = [_message(one) for one in found]
    pager = rows.pages(page, total, query.PAGE, lambda number: url_for("inbox.messages", page=number))
    return render_template("inbox/messages.html", **layout.work(messages_shown=shown, page=pager))


def _page(scope: query.Scope, heading: str, empty: str) -> str:
    filters = _filters()
    with reading() as session:
        found = query.listed(session, actor(), scope, filters, at())
        counts = query.counts(session, actor(), at())
    today = legal_day(at())
    groups = (
        rows.groups(found.rows, today) if scope in ("todo", "office") else rows.one_group(heading, found.rows, today)
    )
    return render_template(
        "inbox/list.html",
        **layout.work(
            heading=_("%(title)s %(n)s 件", title=heading, n=found.total),
            summary=_summary(scope, counts),
            tabs=_tabs(scope, counts),
            notices=[],
            search={"value": filters.words, "url": request.path},
            filters=_filter_boxes(filters, timed=scope in ("todo", "office", "started")),
            filter_url=request.path,
            groups=groups,
            bulk=None,
            page=rows.pages(found.page, found.total, query.PAGE, _page_url),
            empty_title=_("没有符合条件的事项") if filters != query.Filters() else empty,
            empty_text="",
        ),
    )


def _filters() -> query.Filters:
    asked = request.args
    machine = asked.get("machine", "")
    return query.Filters(
        machine=machine if machine in MACHINES else "",
        overdue=asked.get("overdue") == "1",
        words=asked.get("q", "")[:100],
        page=number_asked("page"),
    )


def number_asked(name: str) -> int:
    sent = request.args.get(name, "1")
    return max(int(sent), 1) if sent.isascii() and sent.isdigit() and len(sent) <= LONGEST_PAGE else 1


def _page_url(number: int) -> str:
    kept: dict[str, Any] = {name: request.args[name] for name in ("machine", "overdue", "q") if name in request.args}
    return url_for(str(request.endpoint), page=number, **kept)


def _summary(scope: str, counts: query.Counts) -> str:
    if scope == "todo":
        late = _("逾期 %(n)s。", n=counts.overdue) if counts.overdue else _("没有逾期。")
        return late + _("按剩余工作日排序")
    return {
        "office": _("同一岗位可办的，和同事已签收的"),
        "done": _("您办理过的环节，新的在前"),
        "started": _("由您开始的事项，新的在前"),
    }[scope]


def _tabs(scope: str, counts: query.Counts) -> list[dict[str, Any]]:
    named = (
        ("todo", _("待办"), counts.todo),
        ("office", _("本科室"), counts.office),
        ("done", _("已办"), None),
        ("started", _("我发起的"), None),
    )
    return [
        {"label": label, "count": count, "url": url_for(f"inbox.{name}"), "current": name == scope}
        for name, label, count in named
    ]


def _filter_boxes(filters: query.Filters, *, timed: bool) -> list[dict[str, Any]]:
    kinds = [("", _("全部")), *((key, text(f"machine.{key}")) for key in MACHINES)]
    boxes = [{"name": "machine", "label": _("事项"), "value": filters.machine, "options": kinds}]
    if timed:
        late = [("", _("不限")), ("1", _("已逾期"))]
        boxes.append({"name": "overdue", "label": _("期限"), "value": "1" if filters.overdue else "", "options": late})
    return boxes


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
