"""Presenter of the institution's newest result: the grade and why, the rights and until when."""

from collections.abc import Sequence
from datetime import date, datetime

from flask import url_for

from views import texts
from views.present import Shown, condition_law, deadline_law, grade, guessed, until
from views.terms import span
from views.texts import gettext as _
from views.texts import policy_text, text
from workflow.clock import legal_day
from workflow.engine.queries.desk import Matter, Result
from workflow.rules.findings import Fact, Findings, Met
from workflow.rules.policy import PolicyRules


def grade_card(result: Result | None, matters: Sequence[Matter], at: datetime) -> Shown:
    """The newest result that the institution knows, or why it has none."""
    if result is None:
        said, more = _("还没有评定结果"), _("结果公示时会显示在这里。")
        if left := next(((one.year, one.unrated.text) for one in matters if one.unrated), None):
            said, more = _("%(year)s 年度不参评", year=left[0]), policy_text(left[1])
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
    over = dict.fromkeys(("superseded", "expired", "annulled"), "expired")
    return {"effective": "effective", "contested": "held", **over}.get(state, "proposed")


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
            "text": policy_text(rules.condition(one.condition).title),
            "facts": [_fact(facts[record]) for record in one.records if record in facts],
            "clause": condition_law(rules, one.condition)
            | {"label": policy_text(rules.condition(one.condition).place)},
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
    title = policy_text(result.rules.condition(one.condition).title)
    return {"text": _("消除“%(title)s”的情形。", title=title), "clause": condition_law(result.rules, one.condition)}


def rights(result: Result | None, at: datetime) -> list[Shown]:
    if result is None:
        return []
    return [_objection(result, at), _re_review(result, at), _basis(result)]


def _right(key: str, title: str, until: str, note: str = "") -> Shown:
    """A right that cannot be used yet."""
    return {"key": key, "title": title, "until": until, "until_note": note, "url": None, "label": ""}


def _objection(result: Result, at: datetime) -> Shown:
    barred = result.bars["objection"]
    shown = _right("objection", _("对公示结果提出异议"), _("公示期内"))
    if barred is None and result.entry_until:
        shown |= {"until": ends(result, "objection", legal_day(at)), "label": _("提出异议")}
        shown |= {"url": url_for("institution.form", number=result.number, move="object")}
    return {**shown, "more": texts.reason(barred) if barred else _("核查期间，本结果暂不生效。")}


def _re_review(result: Result, at: datetime) -> Shown:
    barred, rule = result.bars["re_review"], result.rules.period("re_review_window")
    window = span({"count": rule.count, "unit": rule.unit})
    shown = _right("re_review", _("申请复评"), _("送达后"), window)
    if result.detail["re_review_until"]:
        shown |= {"until": ends(result, "re_review", legal_day(at)), "until_note": window}
    if barred is None:
        shown |= {"url": url_for("institution.form", number=result.number, move="re-review"), "label": _("申请复评")}
    more = texts.reason(barred) if barred else _("由没有参加原评价的人员办理，决定为最终决定。")
    return {**shown, "more": more, "clause": deadline_law(result.rules, rule.clause)}


def _basis(result: Result) -> Shown:
    url, more = url_for("institution.case", number=result.number), _("认定的事实、条款和本机构提交的材料。")
    return _right("basis", _("查阅评价依据"), _("随时")) | {"more": more, "url": url, "label": _("查阅")}
