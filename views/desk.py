"""Presenter of the institution's desk: what is asked, its matters and where they stand, its documents."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from flask import request, url_for

from models import Round
from views.following import stop_shown
from views.meter import days
from views.present import Shown, boxes, bracketed, day_words, local, until
from views.texts import N_, text
from views.texts import gettext as _
from views.uploads import fields_of, hint
from workflow.clock import legal_day
from workflow.engine.queries.desk import Filed, Letter, Matter
from workflow.engine.queries.track import Stop


def frame() -> Shown:
    """The desk's own links in the outside layout."""
    links = (
        ("institution.desk", _("工作台")),
        ("institution.cases", _("我的事项")),
        ("repairs.index", _("信用修复")),
        ("institution.papers", _("文书")),
    )
    here = request.endpoint
    shown = [{"url": url_for(name), "label": label, "current": name == here} for name, label in links]
    public = {"url": url_for("public.notices"), "label": _("公示公告"), "current": False}
    account = {"url": url_for("account.show"), "label": _("账号"), "current": False}
    return {"links": [*shown, public, account], "site_sub": _("机构工作台"), "home_url": url_for("institution.desk")}


# --- what is asked


def asks(matters: list[Matter], letters: list[Letter], begun: Collection[tuple[int, str]] = ()) -> list[Shown]:
    """Moves that wait for the institution, and documents it has not acknowledged. `begun`: the forms that the reader
    has left unfinished, by case and move."""
    waiting = [(one, offer.move) for one in matters for offer in one.asks if offer.move != "acknowledge"]
    found = [_ask(one, move, begun=(one.id, move) in begun) for one, move in waiting]
    return found + [_unread(one) for one in letters if one.delivered_at is None]


def _ask(one: Matter, move: str, *, begun: bool) -> Shown:
    label = _(_LABELS[move]) if move in _LABELS else text(f"move.{one.machine}.{move}")
    said = _("要求：%(said)s", said=one.said) if one.said else ""
    return {
        "title": f"{name_of(one)} · {text(f'move.{one.machine}.{move}')}",
        "text": said or _("逐项写明经营和守信情况，附证明材料。"),
        "days": days(one.days),
        "url": url_for("institution.form", number=one.number, move=move),
        "label": _("继续填写") if begun else label,
    }


def withdrawal(one: Matter) -> Shown | None:
    if not one.may_withdraw:
        return None
    url = url_for("institution.form", number=one.number, move="withdraw")
    return {"url": url, "label": text(f"move.{one.machine}.withdraw")}


_LABELS = {"report": N_("填写自评"), "correct": N_("提交补正"), "supply": N_("补充材料")}


def _unread(one: Letter) -> Shown:
    return {
        "title": bracketed(one.paper.title, one.paper.number),
        "text": _("阅读后签收。签收之日即送达之日，文书写明的期限由此起算。"),
        "days": None,
        "url": url_for("institution.paper", document_id=one.paper.id),
        "label": _("阅读并签收"),
    }


def name_of(one: Matter) -> str:
    what = text(f"machine.{one.machine}")
    return _("%(year)s 年度%(what)s", year=one.year, what=what) if one.year else what


# --- matters and documents


def stages(machine: str, stops: tuple[Stop, ...], one: Matter, at: datetime) -> list[Shown]:
    """The state's own name where the matter stands; elsewhere the short name of the stage."""
    short = {"in_publicity": _("公示"), "cleared": _("确定"), "effective": _("生效"), "granted": _("修复")}
    here = text(f"state.{machine}.{one.state}")
    names = [short.get(stop.stage) or text(f"state.{machine}.{stop.stage}") for stop in stops]
    return [
        stop_shown(stop, here if stop.state in ("now", "returned") else name, days(one.days), at)
        for stop, name in zip(stops, names, strict=True)
    ]


def due_words(one: Matter, at: datetime) -> str:
    left = one.days
    return f"{day_words(left.due_on, legal_day(at), weekday=True)} {left.closes}" if left and left.due_on else ""


def row(one: Matter, today: date) -> Shown:
    return {
        "number": one.number,
        "url": url_for("institution.case", number=one.number),
        "name": name_of(one),
        "state": text(f"state.{one.machine}.{one.state}"),
        "opened": day_words(local(one.opened_at).date(), today),
        "days": days(one.days),
        "asked": bool(one.asks),
    }


def letter_row(one: Letter, today: date) -> Shown:
    issued = day_words(one.paper.issued_on, today)
    return {
        "title": bracketed(one.paper.title, one.paper.number),
        "url": url_for("institution.paper", document_id=one.paper.id),
        "note": _("%(day)s 签收", day=day_words(local(one.delivered_at).date(), today))
        if one.delivered_at
        else _("%(day)s 发出，待签收", day=issued),
    }


def material(one: Filed) -> Shown:
    files = [
        {"title": name, "url": url_for("files.download", attachment_id=id), "note": _size(size)}
        for id, name, size in one.files
    ]
    return {"kind": text(f"material.{one.kind}"), "at": local(one.submitted_at), "text": one.statement, "files": files}


def _size(size: int) -> str:
    kilobytes = max(1, round(size / 1024))
    return f"{kilobytes} KB" if kilobytes < 1024 else f"{kilobytes / 1024:.1f} MB"  # noqa: PLR2004 - a unit


def openings(rounds: list[Round], at: datetime) -> list[Shown]:
    """Honours that the institution may apply for now."""
    return [
        {
            "title": one.title,
            "text": _("报送截止 %(day)s", day=until(one.submit_by, legal_day(at))),
            "days": None,
            "url": url_for("applications.form", round_id=one.id),
            "label": _("申报"),
        }
        for one in rounds
        if one.submit_by
    ]


def filing_fields(machine: str, move: str, values: Any, errors: dict[str, str]) -> list[Shown]:
    """What the machine asks for; the institution's own name is known, and it needs no receipt code."""
    fields = [one for one in fields_of(machine, move) if one.name not in ("receipt_hash", "name")]
    hints = {"files": hint(), "statement": _("写清事实，20 至 10000 字。")}
    shown = boxes(fields, values=values, errors=errors, hints=hints)
    return [one | {"rows": 10} if one["kind"] == "textarea" else one for one in shown]
