"""Presenter of notices and of the register: from what the public may read to what its templates show."""

from datetime import date, datetime
from typing import Any

from views import results
from views.meter import days
from views.present import Shown, condition_law, day_words, deadline_law, grade, local
from views.terms import span
from views.texts import gettext as _
from views.texts import ngettext, policy_text, text
from views.web import address
from workflow.clock import legal_day
from workflow.engine.queries.public import PAGE, Change, Entry, NoticeLine, NoticePage, Paper
from workflow.engine.queries.register import Found, Grade, InstitutionPage

STATES = {"open": "", "ended": "", "archived": "", "withdrawn": "due"}
MARKS = {
    "held": ("held", "pause"),
    "removed": ("due", "back"),
    "annulled": ("due", "back"),
    "amended": ("accent", "info"),
}


def seal(digest: str) -> str:
    """A digest as a page has room for it; the files carry it whole."""
    return f"{digest[:4]} {digest[4:8]} … {digest[-4:]}"


def pager(page: int, total: int, **place: Any) -> Shown:
    """`place`: the endpoint and its arguments."""
    endpoint, last = place.pop("endpoint"), min(page * PAGE, total)
    return {
        "first": (page - 1) * PAGE + 1,
        "last": last,
        "total": total,
        "prev_url": address(endpoint, page=page - 1, **place) if page > 1 else None,
        "next_url": address(endpoint, page=page + 1, **place) if last < total else None,
    }


# --- notices


def notice_line(line: NoticeLine, at: datetime) -> Shown:
    today = legal_day(at)
    period = (day_words(line.opens_on, today, weekday=True), day_words(line.closes_on, today, weekday=True))
    return {
        "title": line.title,
        "url": address("public.notice", number=line.number),
        "kind": _("公示"),
        "authority": line.authority,
        "count": line.entries,
        "period": _("%(first)s 至 %(last)s", first=period[0], last=period[1] + unsure(line)),
        "days": days(line.days),
        "state": _notice_state(line),
    }


def unsure(line: NoticeLine) -> str:
    return _("（暂定）") if line.days and line.days.state == "maybe" else ""


def _notice_state(line: NoticeLine) -> Shown:
    words = {"withdrawn": _("已撤回"), "open": _("公示期满")}.get(line.state, _("公示期满"))
    return {"kind": STATES[line.state], "text": words, "icon": "back" if line.state == "withdrawn" else "done"}


def notice(page: NoticePage, at: datetime) -> Shown:
    line, today = page.line, legal_day(at)
    live = line.days is not None and bool(page.entries)
    opened = local(page.opened_at)
    first_day = _("首日计入") if page.rule["start_day"] == "counted" else _("首日不计入")
    return {
        "heading": line.title,
        "crumbs": [(_("公示公告"), address("public.notices")), (line.number, None)],
        "published": _("%(who)s %(day)s 发布", who=line.authority, day=f"{opened:%Y-%m-%d %H:%M}"),
        "first_on": line.opens_on,
        "last_on": line.closes_on,
        "unsure": unsure(line),
        "span": _("，").join((span(page.rule), first_day)),
        "today_text": day_words(today, today, weekday=True),
        "today_note": ngettext("已公示 %(num)s 个工作日", "已公示 %(num)s 个工作日", line.days.past)
        if line.days and line.days.past
        else "",
        "days": days(line.days),
        "state": _notice_state(line),
        "changes": [change_words(one, today) for one in page.changes],
        "withdrawn": _("撤回理由：%(why)s", why=page.withdrawn_reason) if line.state == "withdrawn" else "",
        "clause": deadline_law(page.rules, page.rule["clause"]),
        "object_url": address("public.object_form", number=line.number) if live else None,
        "confirmed": [_confirmed(paper, number) for paper, number in page.confirmations],
        "counts": results.counts(page),
        "entries": [_entry(page, entry, live) for entry in page.entries],
        "digest": f"SHA-256 {seal(page.digest)}",
        "digest_note": _("与发布时一致。") if page.intact else _("与发布时不一致，本机关正在核查。"),
        "json_url": address("public.listed", number=line.number, kind="json") if page.entries else None,
        "csv_url": address("public.listed", number=line.number, kind="csv") if page.entries else None,
    }


def change_words(change: Change, today: date) -> str:
    """Both ends and why, as everybody may read it."""
    old, new, on = (day_words(day, today) for day in (change.old, change.new, change.on))
    head = _("原定 %(old)s 截止，%(on)s 改为 %(new)s", old=old, on=on, new=new)
    if change.documents:
        return _("%(head)s：放假安排调整（%(list)s）。", head=head, list=_("、").join(change.documents))
    return _("%(head)s：%(why)s", head=head, why=change.reason or _("放假安排调整。"))


def _confirmed(paper: Paper, number: int) -> Shown:
    words = _("%(day)s，%(number)s，%(n)s 家。", day=paper.issued_on.isoformat(), number=paper.number, n=number)
    return {"text": words, "url": address("public.document", document_id=paper.id)}


def _entry(page: NoticePage, entry: Entry, live: bool) -> Shown:
    kind, icon = MARKS.get(entry.standing, ("", ""))
    objectable = live and entry.standing in ("open", "held")
    url = address("public.object_form", number=page.line.number, entry=entry.number) if objectable else None
    return {
        "no": entry.number,
        "name": entry.name,
        "url": address("public.institution", code=entry.credit_code),
        "code": entry.credit_code,
        **results.entry(page, entry),
        "held": entry.standing == "held",
        "state": {"kind": kind, "text": _entry_state(page, entry), "icon": icon},
        "object_url": url,
    }


def _entry_state(page: NoticePage, entry: Entry) -> str:
    look = results.of(page.machine)
    words = {
        "open": _("公示中"),
        "over": _("公示期满"),
        "held": _("异议核查中，暂不生效"),
        "cleared": _("公示期满，待确定"),
        "upheld": _("核查后维持，待确定"),
        "amended": _("核查后变更为 %(result)s，待确定", result=look.word(entry.now)),
        "removed": look.taken_down(),
        "annulled": _("复评后已撤销"),
        "confirmed": _("已确定生效") if entry.now == entry.shown else _("核查后变更，已确定生效"),
    }
    return words[entry.standing]


# --- institutions


def found_row(one: Found) -> Shown:
    note = _("至 %(day)s", day=one.expires_on.isoformat()) if one.expires_on else ""
    return {
        "name": one.name,
        "url": address("public.institution", code=one.credit_code),
        "code": one.credit_code,
        "authority": one.authority,
        "grade": grade(one.grade),
        "note": note,
    }


def institution(page: InstitutionPage, at: datetime) -> Shown:
    now, entry = page.current, page.in_publicity
    return {
        "crumbs": [(_("机构查询"), address("public.lookup")), (page.name, None)],
        "heading": page.name,
        "code": page.credit_code,
        "kind": text(f"choice.nature.{page.nature}"),
        "authority": page.authority,
        "grade": grade(now.grade) if now else None,
        **_validity(page, at),
        **(_why(now) if now else {"conditions": []}),
        "history": [_past(one) for one in page.grades],
        "spans": [_span(page.grades, place) for place in reversed(range(len(page.grades)))],
        "today": legal_day(at),
        "chart_label": _("历年等级，各年等级和有效期见下表"),
        "records": [_record(one) for one in page.records],
        "object_url": address("public.object_form", number=entry[0], entry=entry[1]) if entry else None,
        "report_text": _("本机构的评价结果正在公示，认为与事实不符的，可以提出异议。")
        if entry
        else _("认为与事实不符的，公示期内可以提出异议；公示期外向管理机关反映。"),
    }


def _validity(page: InstitutionPage, at: datetime) -> Shown:
    now, left_out, last = page.current, page.unrated, next(iter(page.grades), None)
    if now is None and left_out is not None:
        return {
            "state": _("%(year)s 年度不参评", year=left_out.year),
            "valid_from": None,
            "valid_until": None,
            "decided": policy_text(left_out.text),
        }
    if now is None:
        return {
            "state": _("没有生效的等级"),
            "valid_from": None,
            "valid_until": None,
            "decided": _("%(year)s 年度等级：%(state)s。", year=last.year, state=text(f"state.evaluation.{last.state}"))
            if last
            else _("尚未评定。"),
        }
    left = (now.expires_on - legal_day(at)).days
    return {
        "state": _("%(year)s 年度评定，有效", year=now.year),
        "valid_from": now.effective_from,
        "valid_until": now.expires_on,
        "valid_note": ngettext("还有 %(num)s 天", "还有 %(num)s 天", left),
        "decided": _("分支机构随%(name)s评价。", name=page.rated_with)
        if page.rated_with
        else _("由%(who)s评定，公示后确定。", who=now.authority),
    }


def _why(now: Grade) -> Shown:
    conditions = [now.rules.condition(one) for one in now.met]
    whole = (now.capped_from or now.grade) in now.rules.evaluation.requires_all
    note = _("%(n)s 项条件须全部具备", n=len(conditions)) if whole else _("有其中一项即评为 %(g)s 级", g=now.grade)
    note = _("综合得分 %(points)s 分", points=now.points) if now.points else note
    note = _("%(grade)s 级的比例已满", grade=now.capped_from) if now.capped_from else note
    source = _("核查至 %(day)s", day=now.reference_date.isoformat())
    result = _("具备") if whole else _("存在")
    same = {"met": whole, "result": result, "source": source}
    rows = [{"condition": policy_text(one.title), **same} for one in conditions]
    return {
        "why_title": _("为什么是 %(g)s 级", g=now.grade),
        "why_note": note,
        "conditions": rows,
        "clauses": [condition_law(now.rules, one.id) for one in conditions],
    }


def _past(one: Grade) -> Shown:
    ground, clause = results.grounds(one.rules, one.grade, one.met, one.points, one.capped_from)
    return {
        "span": f"{one.effective_from.isoformat()} {_('至')} {one.expires_on.isoformat()}",
        "reason": _("%(year)s 年度评价，%(why)s", year=one.year, why=ground),
        "grade": grade(one.grade, "effective" if one.state == "effective" else "expired"),
        "state": text(f"state.evaluation.{one.state}"),
    }


def _span(grades: tuple[Grade, ...], place: int) -> Shown:
    """A stretch of the chart: a newer grade that took over ends the older one."""
    one = grades[place]
    end = min(one.expires_on, grades[place - 1].effective_from) if place else one.expires_on
    return {"from_": one.effective_from, "until": end, "letter": one.grade}


def _record(one: Any) -> Shown:
    number = _("，%(number)s", number=one.document_number) if one.document_number else ""
    return {
        "title": one.summary,
        "date": one.decided_on.isoformat(),
        "authority": one.finding_authority + number,
        "until": one.public_to.isoformat() if one.public_to else _("未定"),
    }
