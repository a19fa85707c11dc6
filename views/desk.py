"""Presenter of the institution's desk: what is asked, the grade and why, the rights and until when."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from models import Round
from views import texts
from views.following import stop_shown
from views.present import (
    Shown,
    boxes,
    condition_law,
    day_words,
    days,
    deadline_law,
    grade,
    guessed,
    local,
    until,
)
from views.terms import span
from views.texts import N_, text
from views.uploads import fields_of, hint
from workflow.clock import legal_day
from workflow.engine.queries.desk import Filed, Letter, Matter, Result
from workflow.engine.queries.track import Stop
from workflow.rules.findings import Fact, Findings, Met
from workflow.rules.policy import PolicyRules


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


def asks(matters: list[Matter], letters: list[Letter]) -> list[Shown]:
    """Moves that wait for the institution, and documents it has not acknowledged."""
    found = [_ask(one, offer.move) for one in matters for offer in one.asks if offer.move != "acknowledge"]
    return found + [_unread(one) for one in letters if one.delivered_at is None]


def _ask(one: Matter, move: str) -> Shown:
    said = _("要求：%(said)s", said=one.said) if one.said else ""
    return {
        "title": f"{name_of(one)} · {text(f'move.{one.machine}.{move}')}",
        "text": said or _("逐项写明经营和守信情况，附证明材料。"),
        "days": days(one.days),
        "url": url_for("institution.form", number=one.number, move=move),
        "label": _(_LABELS[move]) if move in _LABELS else text(f"move.{one.machine}.{move}"),
    }


def withdrawal(one: Matter) -> Shown | None:
    if not one.may_withdraw:
        return None
    url = url_for("institution.form", number=one.number, move="withdraw")
    return {"url": url, "label": text(f"move.{one.machine}.withdraw")}


_LABELS = {"report": N_("填写自评"), "correct": N_("提交补正"), "supply": N_("补充材料")}


def _unread(one: Letter) -> Shown:
    return {
        "title": f"{text(f'document.{one.kind}')} {one.paper.number}",
        "text": _("阅读后签收。签收之日即送达之日，文书写明的期限由此起算。"),
        "days": None,
        "url": url_for("institution.paper", document_id=one.paper.id),
        "label": _("阅读并签收"),
    }


def name_of(one: Matter) -> str:
    what = text(f"machine.{one.machine}")
    return _("%(year)s 年度%(what)s", year=one.year, what=what) if one.year else what


# --- the grade and its reasons


def grade_card(result: Result | None, matters: Sequence[Matter], at: datetime) -> Shown:
    """The newest result that the institution knows, or why it has none."""
    if result is None:
        said, more = _("还没有评定结果"), _("结果公示时会显示在这里。")
        if left := next((one for one in matters if one.unrated), None):
            said, more = _("%(year)s 年度不参评", year=left.year), left.unrated.text if left.unrated else ""
        nothing = {"grade": None, "grade_state": said, "grade_lines": [more]}
        return {**nothing, "reasons": [], "way_up": [], "explained_url": ""}
    return {
        "grade": grade(result.grade, look(result.state)),
        "grade_state": text(f"state.evaluation.{result.state}"),
        "grade_lines": _grade_lines(result, at),
        "reasons": reasons(result.rules, result.findings),
        "way_up": [way_up(result, one) for one in result.better],
        "explained_url": url_for("institution.result", number=result.number),
    }


def look(state: str) -> str:
    return {"effective": "effective", "contested": "held", "expired": "expired", "annulled": "expired"}.get(
        state, "proposed"
    )


def _grade_lines(result: Result, at: datetime) -> list[str]:
    detail, today = result.detail, legal_day(at)
    lines = [_("%(year)s 年度信用等级评价", year=result.year)]
    if detail["effective_from"]:
        first, last = detail["effective_from"].isoformat(), detail["expires_on"].isoformat()
        return [_("%(first)s 至 %(last)s", first=first, last=last), *lines]
    if result.state == "contested":
        return [_("暂不生效，核查答复后再定"), *lines]
    if result.entry_until:
        return [_("公示至 %(end)s，无异议的经确定后生效", end=ends(result, "objection", today)), *lines]
    return [_("公示期满，等待确定"), *lines]


def end_of(result: Result, right: str) -> tuple[str, datetime | None]:
    """The deadline of a right, by its key in the policy, and the instant."""
    if right == "objection":
        return "publicity", result.entry_until
    return "re_review_window", result.detail["re_review_until"] if right == "re_review" else None


def ends(result: Result, right: str, today: date) -> str:
    """The end of a right in words; a guess is called one."""
    key, end = end_of(result, right)
    return until(end, today) + guessed(result.rules.deadline(key), end, result.calendar) if end else ""


def reasons(rules: PolicyRules, findings: Findings) -> list[Shown]:
    """Condition, fact and clause; the best grade is explained by what was not found."""
    facts = {fact.id: fact for fact in findings.facts}
    met = [one for one in findings.met if one.grade == findings.grade]
    return [
        {
            "text": rules.condition(one.condition).title,
            "facts": [_fact(facts[record]) for record in one.records if record in facts],
            "clause": condition_law(rules, one.condition),
        }
        for one in met
    ]


def _fact(fact: Fact) -> str:
    number = _("，%(number)s", number=fact.document_number) if fact.document_number else ""
    dated = (fact.decided_on or fact.acted_on).isoformat()
    return (
        _("%(summary)s（%(day)s %(who)s认定", summary=fact.summary, day=dated, who=fact.finding_authority)
        + number
        + "）"
    )


def way_up(result: Result, one: Met) -> Shown:
    title = result.rules.condition(one.condition).title
    return {"text": _("消除“%(title)s”的情形。", title=title), "clause": condition_law(result.rules, one.condition)}


# --- rights


def rights(result: Result | None, at: datetime) -> list[Shown]:
    if result is None:
        return []
    return [_objection(result, at), _re_review(result, at), _basis(result)]


def _right(key: str, title: str, until: str, note: str = "") -> Shown:
    return {"key": key, "title": title, "until": until, "until_note": note, "url": None, "label": ""}


def _objection(result: Result, at: datetime) -> Shown:
    barred = result.bars["objection"]
    shown = {
        "key": "objection",
        "title": _("对公示结果提出异议"),
        "until": _("公示期内"),
        "until_note": "",
        "url": None,
        "label": "",
    }
    if barred is None and result.entry_until:
        shown |= {"until": ends(result, "objection", legal_day(at)), "label": _("提出异议")}
        shown |= {"url": url_for("institution.form", number=result.number, move="object")}
    return {**shown, "more": texts.reason(barred) if barred else _("核查期间，本结果暂不生效。")}


def _re_review(result: Result, at: datetime) -> Shown:
    barred, rule = result.bars["re_review"], result.rules.period("re_review_window")
    window = span({"count": rule.count, "unit": rule.unit})
    shown = {
        "key": "re_review",
        "title": _("申请复评"),
        "until": _("送达后"),
        "until_note": window,
        "url": None,
        "label": "",
    }
    if result.detail["re_review_until"]:
        shown |= {"until": ends(result, "re_review", legal_day(at)), "until_note": window}
    if barred is None:
        shown |= {"url": url_for("institution.form", number=result.number, move="re-review"), "label": _("申请复评")}
    more = texts.reason(barred) if barred else _("由没有参加原评价的人员办理，决定为最终决定。")
    return {**shown, "more": more, "clause": deadline_law(result.rules, rule.clause)}


def _basis(result: Result) -> Shown:
    return {
        "key": "basis",
        "title": _("查阅评价依据"),
        "until": _("随时"),
        "until_note": "",
        "more": _("认定的事实、条款和本机构提交的材料。"),
        "url": url_for("institution.case", number=result.number),
        "label": _("查阅"),
    }


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
        "title": f"{one.paper.title}（{one.paper.number}）",
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
