"""The papers of a case: its file, its material and documents."""

from collections.abc import Iterator
from datetime import date

from flask import url_for

from views.present import (
    Shown,
    asked_text,
    day_words,
    guessed,
    local,
    state_text,
)
from views.terms import span
from views.texts import N_, policy_text, text
from views.texts import gettext as _
from workflow.engine.queries.case_page import Act, CasePage, Issued, Linked, Paper

BACK = ("rework", "return_down", "ask_correction", "ask_more", "disagree", "withdraw", "refuse")


def file(page: CasePage) -> list[Shown]:
    """The acts, and the reminders that went out between them, newest first."""
    acts = [_act(page, act) for act in page.acts]
    return sorted([*acts, *_reminders(page)], key=lambda item: (item["at"], item["seq"]), reverse=True)


def _act(page: CasePage, act: Act) -> Shown:
    machine = page.facts.machine.table.key
    role = text(f"role.{act.role}") if act.role else ""
    by = f"{act.authority} · {act.person}" if act.authority else act.person
    return {
        "at": local(act.at),
        "title": text(f"move.{machine}.{act.move}"),
        "who": f"{by} · {role}" if role else by or text(f"actor.{act.actor}"),
        "opinion": act.opinion,
        "notes": list(_notes(page, act)),
        "kind": "system" if act.actor == "system" else "back" if act.move in BACK else "person",
        "seq": act.seq,
        "seal": f"{act.hash[:4]}…{act.hash[-2:]}",
    }


def _notes(page: CasePage, act: Act) -> Iterator[str]:
    details, today = act.details, page.facts.today
    if (act.from_state, act.from_step) != (act.to_state, act.to_step) and act.to_state:
        yield _("转：%(state)s", state=state_text(page.facts.machine.table.key, act.to_state, act.to_step))
    if details.get("grade"):
        yield _("等级：%(grade)s 级", grade=details["grade"])
    if details.get("outcome"):
        yield _("结论：%(outcome)s", outcome=text(f"choice.outcome.{details['outcome']}"))
    if details.get("how"):
        yield text(f"choice.how.{details['how']}")
    if details.get("policies"):
        old, new = details["policies"]
        yield _("规则由“%(old)s”换为“%(new)s”", old=policy_text(old), new=policy_text(new))
    for name, (words, key) in _DATES.items():
        if details.get(name):
            yield f"{_(words)} {_day(page, details[name], key)}"
    yield from clock_notes(page, act)
    if timer := details.get("timer"):
        at = day_words(date.fromisoformat(timer["due"]), today)
        yield _("期限 %(due)s 届满，系统按规则办理", due=at)
    if act.actor == "system" and (basis := details.get("basis")):
        clause = page.facts.rules.content.clauses.get(basis)
        place = policy_text(clause.place or clause.text) if clause else basis
        yield _("依据：%(place)s", place=place)


def clock_notes(page: CasePage, act: Act) -> Iterator[str]:
    """What stopped, ran on or moved the deadline."""
    details, rules = act.details, page.facts.rules
    full = f"{act.from_state}.{act.from_step}" if act.from_step else act.from_state
    state = page.facts.machine.states.get(full)
    key = state.due if state and not details.get("clock") else ""
    shown = {name: _day(page, details[name], key) for name in _ENDS if details.get(name)}
    if "from" in shown and "to" in shown:
        what = text(f"move.{page.facts.machine.table.key}.{details['clock']}") if details.get("clock") else ""
        yield what + _("期限由 %(old)s 改为 %(new)s", old=shown["from"], new=shown["to"])
    if details.get("documents"):
        yield _("放假安排：%(list)s", list=_("、").join(details["documents"]))
    if "until" in shown:
        unit = rules.period(key).unit
        left = span({"count": details["left"], "unit": unit})
        yield _("余 %(left)s，最迟 %(day)s 恢复", left=left, day=shown["until"])
    if "due" in shown:
        yield _("停止 %(n)s 个工作日，新期限 %(day)s", n=details["stood_still"], day=shown["due"])


_ENDS = ("from", "to", "until", "due")
_DATES = {
    "effective_from": (N_("生效"), ""),
    "expires_on": (N_("有效期至"), "validity"),
    "closes_on": (N_("公示至"), "publicity"),
    "re_review_until": (N_("可申请复评至"), "re_review_window"),
}
"""What an entry says of a day, and the deadline in the policy that gave it."""


def _day(page: CasePage, on: str, key: str) -> str:
    """A day that was counted into a year which is still not announced is a guess."""
    day = date.fromisoformat(on)
    known = key in page.facts.rules.content.deadlines
    unsure = guessed(page.facts.rules.deadline(key), day, page.calendar) if known else ""
    return day_words(day, page.facts.today) + unsure


def _reminders(page: CasePage) -> Iterator[Shown]:
    machine = page.facts.machine.table.key
    for one in page.reminders:
        what = asked_text(machine, one.state, one.step, one.purpose)
        due_on = day_words(one.due_on, page.facts.today) + (_("（暂定）") if one.provisional else "")
        details = {"what": what, "due_on": due_on}
        yield {
            "at": local(one.ended_at),
            "title": text(f"event.timer.{one.kind}", **details),
            "who": text("actor.system"),
            "opinion": "",
            "notes": [],
            "kind": "system",
            "seq": 0,
            "seal": "",
        }


# --- papers


def paper(one: Paper, today: date) -> Shown:
    at = local(one.at)
    return {
        "title": _(_KINDS[one.kind]),
        "note": f"{day_words(at.date(), today)} {at:%H:%M} · {one.hash[:8]}",
        "statement": one.statement,
        "files": [
            {"title": name, "url": url_for("files.download", attachment_id=id), "note": size_text(size)}
            for id, name, size in one.files
        ],
    }


_KINDS = {
    "self_report": N_("自评报告与补正"),
    "application": N_("推荐表"),
    "statement": N_("申请与陈述"),
    "supplement": N_("补充材料"),
    "repair_application": N_("修复申请书"),
    "verification": N_("现场核查"),
    "information_check": N_("信息核查"),
}


def size_text(size: int) -> str:
    return f"{max(1, round(size / 2**10))} KB" if size < 2**20 else f"{size / 2**20:.1f} MB"


def document(one: Issued, today: date) -> Shown:
    sent = _("%(day)s 送达", day=day_words(local(one.delivered_at).date(), today)) if one.delivered_at else ""
    url = url_for("cases.document", document_id=one.id)
    return {"title": f"{one.number} {one.title}", "url": url, "note": sent or day_words(one.issued_on, today)}


def linked(one: Linked) -> Shown:
    return {
        "kind": text(f"machine.{one.machine}"),
        "title": f"{one.number} {one.name}",
        "url": url_for("cases.show", number=one.number),
        "state": state_text(one.machine, one.state, one.step),
    }
