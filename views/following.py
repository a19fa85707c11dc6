"""Presenter of an objection's or re-review's way: its form, the receipt, where it is, and the answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from views import results
from views.citizen import seal, unsure
from views.meter import days
from views.present import Shown, boxes, bracketed, day_words, local, until
from views.texts import gettext as _
from views.texts import ngettext, text
from views.uploads import fields_of, hint
from workflow.clock import legal_day
from workflow.engine.queries.public import Entry, NoticePage, Paper
from workflow.engine.queries.track import Stop, Tracked


def objection_fields(values: Any, errors: dict[str, str]) -> Shown:
    """The form's two groups of fields, in the words of this page."""
    fields = {field.name: field for field in fields_of("objection", "file") if field.name != "receipt_hash"}
    hints = {
        "statement": _("写清时间、地点、经过。20 至 10000 字。"),
        "files": hint(),
    }
    words = {
        "ground": _("您认为哪里不对"),
        "statement": _("事实和理由"),
        "files": _("证据"),
        "contact": _("联系方式，只用于送达和核实"),
    }
    shown = boxes(list(fields.values()), values=values, errors=errors, hints=hints)
    named = {one["name"]: {**one, "label": words.get(one["name"], one["label"])} for one in shown}
    named["statement"]["rows"] = 8
    pledge = {"name": "pledge", "kind": "checkbox", "label": _("以上内容属实，愿意配合核查。"), "required": True}
    return {
        "about": [named["ground"], named["statement"], named["files"]],
        "who": [named["name"], named["contact"]],
        "pledge": {**pledge, "value": values.get("pledge"), "error": errors.get("pledge")},
    }


def entry_choice(page: NoticePage, chosen: str, error: str | None) -> Shown:
    names = [(str(one.number), results.named(page, one)) for one in page.entries]
    label = _("机构")
    return {
        "name": "entry",
        "kind": "select",
        "label": label,
        "options": names,
        "required": True,
        "value": chosen,
        "error": error,
    }


def errors_of(shown: list[Shown]) -> list[tuple[str, str]]:
    """The summary on top: each wrong box with its label."""
    return [(one["name"], one["label"]) for one in shown if one.get("error")]


def objection_form(
    page: NoticePage, number: int, values: Mapping[str, Any], errors: dict[str, str], at: datetime
) -> Shown:
    """`number` is the entry's, or 0 where it is still to be chosen."""
    groups = objection_fields(values, errors)
    entry = next((one for one in page.entries if one.number == number), None)
    choice = None if entry else entry_choice(page, str(values.get("entry", "")), errors.get("entry"))
    boxes_ = ([choice] if choice else []) + groups["about"] + groups["who"] + [groups["pledge"]]
    closes = until(entry.closes_at if entry else page.entries[0].closes_at, legal_day(at))
    left, closes = page.line.days, closes + unsure(page.line)
    days_ = ngettext("，还剩 %(num)s 个工作日", "，还剩 %(num)s 个工作日", left.figure) if left and left.figure else ""
    return {
        **groups,
        "notice_title": page.line.title,
        "closes": _("截止 %(closes)s", closes=closes) + days_,
        "entry": _entry(page, entry) if entry else None,
        "entry_field": choice,
        "change_url": url_for("public.object_form", number=page.line.number) if len(page.entries) > 1 else None,
        "errors": errors_of(boxes_),
    }


def _entry(page: NoticePage, entry: Entry) -> Shown:
    shown = results.entry(page, entry)
    words = bracketed(shown["ground"], shown["clause"])
    return {"name": entry.name, "grade": shown["grade"], "result": shown["result"], "ground": words}


def receipt(code: str, found: Tracked, digest: str, at: datetime) -> Shown:
    subject = found.institution + (_("，拟评 %(g)s 级", g=found.shown_grade) if found.shown_grade else "")
    due = until_words(found, at)
    facts = [(_("编号"), found.number), (_("对象"), subject), (_("接收机关"), found.authority)]
    facts += [(_("受理决定"), _("%(due)s 前", due=due))] if due else []
    return {
        "code": code,
        "at": local(found.received_at),
        "facts": [*facts, (_("内容摘要"), seal(digest))],
        "track_url": url_for("public.track"),
    }


def until_words(found: Tracked, at: datetime) -> str:
    if found.days is None or found.days.due_on is None:
        return ""
    guess = _("（暂定）") if found.days.state == "maybe" else ""
    return f"{day_words(found.days.due_on, legal_day(at), weekday=True)} {found.days.closes}{guess}"


def track(found: Tracked | None, values: Mapping[str, Any], errors: dict[str, str], at: datetime) -> Shown:
    code = {"name": "code", "label": _("回执码"), "required": True, "kind": "text"}
    fields = supply_fields("objection", values, errors) if found and found.asked is not None else []
    return {
        "action": url_for("public.track"),
        "code_field": code,
        "found": progress(found, at) if found else None,
        "supply_url": url_for("public.supply"),
        "fields": fields,
        "errors": errors_of(fields),
        "version": found.version if found else 0,
    }


def supply_fields(machine: str, values: Mapping[str, Any], errors: dict[str, str]) -> list[Shown]:
    hints = {"files": hint(), "statement": _("20 至 10000 字。")}
    return boxes(fields_of(machine, "supply"), values=values, errors=errors, hints=hints)


def progress(found: Tracked, at: datetime) -> Shown:
    about = found.institution + (_("（%(g)s 级）", g=found.shown_grade) if found.shown_grade else "")
    received = local(found.received_at)
    return {
        "facts": [
            (_("编号"), found.number),
            (_("对象"), about),
            (_("理由类别"), text(f"choice.ground.{found.ground}")),
            (_("收到时间"), f"{received:%Y-%m-%d %H:%M}"),
            (_("办理机关"), found.authority),
        ],
        "statement": found.statement,
        "steps": stops(found, at),
        "answer": letter(found.answer) if found.answer else None,
        "asked": found.asked,
    }


def stops(found: Tracked, at: datetime) -> list[Shown]:
    names = {
        "filed": text(f"move.{found.kind}.file"),
        "acceptance": _("受理审查"),
        "supplement": _("补充材料"),
        "review": _("核查"),
        "answered": _("答复") if found.kind == "objection" else _("决定"),
        "refused": _("不予受理"),
    }
    left = days(found.days)
    return [stop_shown(stop, names[stop.stage], left, at) for stop in found.stops]


def stop_shown(stop: Stop, title: str, left: Shown | None, at: datetime) -> Shown:
    dated = [day_words(local(stop.at).date(), legal_day(at))] if stop.at else []
    words = {"now": _("%(day)s 开始"), "returned": _("%(day)s 开始")}.get(stop.state, "%(day)s")
    lines = ([stop.place] if stop.place else []) + [words % {"day": day} for day in dated]
    return {
        "title": title,
        "state": stop.state,
        "lines": lines,
        "days": left if stop.state in ("now", "returned") else None,
    }


def letter(paper: Paper) -> Shown:
    """An official document, line by line."""
    return {
        "title": paper.title,
        "number": paper.number,
        "authority": paper.authority,
        "issued_on": paper.issued_on,
        "lines": [line for line in paper.body.split("\n") if line.strip()],
        "hash": [paper.hash[start : start + 16] for start in range(0, len(paper.hash), 16)],
    }
