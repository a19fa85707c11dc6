"""结果说明: one result in plain words: what it is, why, since and until when, what may be done now and until when."""

from datetime import date, datetime

from flask import url_for

from views import desk_result, texts
from views.meter import days
from views.present import Shown, day_words, grade
from views.texts import gettext as _
from views.texts import text
from workflow.clock import legal_day
from workflow.engine.queries.desk import Result
from workflow.engine.queries.due import left_until
from workflow.engine.queries.repairs import Standings


def page(result: Result, repairable: Standings | None, at: datetime) -> Shown:
    now, later = [], []
    for one in [*desk_result.rights(result, at), *_repairs(repairable, legal_day(at))]:
        shown = one | {"days": _left(result, one["key"], at) if one["url"] else None}
        (now if one["url"] else later).append(shown)
    return {
        "heading": _("%(year)s 年度评价结果说明", year=result.year),
        "number": result.number,
        "grade": grade(result.grade, desk_result.look(result.state)),
        "conclusion": _conclusion(result, legal_day(at)),
        "why": _why(result),
        "reasons": desk_result.reasons(result.rules, result.findings),
        "now": now,
        "later": later,
        "way_up": [desk_result.way_up(result, one) for one in result.better],
        "basis": texts.policy_text(result.rules.title),
    }


def _repairs(found: Standings | None, today: date) -> list[Shown]:
    """What credit repair offers now, and what it will offer from a day that is known."""
    if found is None:
        return []
    rights = [_upgrade(found, today)] if found.now and found.against else []
    open_ = [one.window.last for one in found.records if not one.refused and one.window]
    ahead = [one for one in found.records if one.refused and one.refused.reason == "repair_too_early" and one.window]
    shown = {"key": "repair", "title": _("申请信用修复"), "until_note": "", "url": None, "label": _("查看并申请")}
    if open_:
        last = _("%(day)s 前", day=day_words(min(open_), today))
        more = _("%(n)s 条失信信息已到可修复日，改正并作出信用承诺后可以申请。", n=len(open_))
        rights.append(shown | {"until": last, "more": more, "url": url_for("repairs.index")})
    elif ahead:
        first = min(ahead, key=lambda one: one.window.earliest if one.window else today)
        opens = _("%(day)s 起", day=day_words(first.window.earliest, today) if first.window else "")
        rights.append(shown | {"until": opens, "more": texts.reason(first.refused) if first.refused else ""})
    return rights


def _upgrade(found: Standings, today: date) -> Shown:
    ends = found.now.expires_on if found.now else None
    until_day = _("%(day)s 前", day=day_words(ends, today)) if ends else ""
    shown = {"key": "upgrade", "title": text("move.repair.apply_upgrade"), "until": until_day, "until_note": ""}
    if found.upgrade:
        return shown | {"url": None, "label": "", "more": texts.reason(found.upgrade)}
    more = _("已改正作为本等级依据的情形、消除不良影响的，可以申请，由管理机关核查后重新评价。")
    return shown | {"url": url_for("repairs.form", kind="upgrade"), "label": _("申请"), "more": more}


def _left(result: Result, right: str, at: datetime) -> Shown | None:
    key, end = desk_result.end_of(result, right)
    return days(left_until(end, result.rules.deadline(key), result.calendar, at)) if end else None


def _conclusion(result: Result, today: date) -> list[str]:
    """The answer first, then whether and since when it holds."""
    detail, year, letter = result.detail, result.year, result.grade
    if detail["effective_from"]:
        first, last = detail["effective_from"].isoformat(), detail["expires_on"].isoformat()
        said = _("您单位 %(year)s 年度信用等级为 %(letter)s 级。", year=year, letter=letter)
        held = {
            "effective": _("%(first)s 起生效，有效期至 %(last)s。", first=first, last=last),
            "superseded": _("%(first)s 起生效，已被新等级取代。", first=first),
            "expired": _("有效期 %(first)s 至 %(last)s，已到期。", first=first, last=last),
            "annulled": _("%(first)s 起生效，经复评已撤销，不再有效。", first=first),
        }
        return [said, held[result.state]]
    said = _("您单位 %(year)s 年度拟评为 %(letter)s 级，还没有生效。", year=year, letter=letter)
    if result.state == "contested":
        return [said, _("公示中有人提出异议。核查答复前，本结果不生效，其他机构不受影响。")]
    if result.state == "in_publicity" and result.entry_until:
        end = desk_result.ends(result, "objection", today)
        return [said, _("公示至 %(end)s。期满无异议的，经管理机关确定后生效，并向您单位送达告知书。", end=end)]
    return [said, _("公示期已满，等待管理机关确定。确定后向您单位送达告知书。")]


def _why(result: Result) -> str:
    """How the conditions make the grade: the best one needs all of its own, any other follows from the worst met."""
    if before := result.detail["capped_from"]:
        words = _("按事实为 %(before)s 级，该等级的比例已满，评为 %(letter)s 级。", before=before, letter=result.grade)
        return words + _by_points(result)
    if result.findings.points and not any(one.grade == result.grade for one in result.findings.met):
        return _by_points(result)
    if result.grade in result.rules.evaluation.requires_all:
        return _("%(letter)s 级的条件须全部具备，您单位都具备：", letter=result.grade)
    worst = len([one for one in result.findings.met if one.grade == result.grade])
    if worst == len(result.findings.met):
        return _("您单位有下列情形，按规则评为 %(letter)s 级：", letter=result.grade)
    return _("同时符合几个等级情形的，按最低的评定。决定 %(letter)s 级的情形是：", letter=result.grade)


def _by_points(result: Result) -> str:
    points = result.findings.points
    return _("综合得分 %(points)s 分。", points=points) if points else ""
