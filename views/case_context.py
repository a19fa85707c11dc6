"""What the page of a case reads, put together from its queries and presenters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from views import (
    case_deadline,
    case_file,
    case_findings,
    case_ladder,
    case_times,
    case_turn,
    moves,
    rating,
    recommendation,
    repair_context,
    repolicy,
    results,
    sheets,
    survey,
)
from views.citizen import change_words
from views.present import Shown, day_words, done_words, grade, guessed, state_text
from views.terms import span
from views.texts import field_label, policy_text, text
from views.texts import gettext as _
from views.web import actor, at, fresh_id
from workflow import nudges
from workflow.clock import legal_day
from workflow.engine import calendars
from workflow.engine.decide import offered
from workflow.engine.permissions import OFFICIALS
from workflow.engine.plan import STEP
from workflow.engine.queries import due
from workflow.engine.queries.case_page import Act, CasePage, Line, case_page
from workflow.engine.queries.people import candidates
from workflow.engine.queries.public import changes
from workflow.machines import MACHINES
from workflow.rules.calendar import Calendar

IN_FORCE = ("effective", "expired")
OF_INSTITUTION = ("evaluation", "recommendation", "repair")
MACHINE_OF = {table.prefix: key for key, table in MACHINES.items()}


@dataclass(frozen=True, slots=True)
class Form:
    """What a refused form brings back: the move, the boxes as typed, faults by field, or one reason for all."""

    move: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


def case(session: Session, case_id: int, form: Form, done: int = 0) -> Shown:
    """`done`: the entry of the case file that the reader has just made."""
    page = case_page(session, case_id, actor(), at())
    facts, today = page.facts, page.facts.today
    calendar = page.calendar
    clocks = due.clocks(session, [case_id])
    timer = clocks.pop((case_id, STEP), None)
    left = due.days_left(timer, calendar, at()) if timer else None
    official = actor().role in OFFICIALS  # an expert reads the page, not the papers behind it
    offers = _offers(session, page, form)
    return {
        "told": told(page, done),
        "crumbs": crumbs(page),
        "heading": page.name,
        "facts": facts_line(page),
        "grade": case_findings.shown_grade(page),
        "notices": _notices(page, form),
        "steps": case_ladder.steps(page, left),
        "may": case_ladder.may(page),
        "sections": _sections(session, page),
        "entries": [_entry(line, facts.detail["machine"]) for line in page.lines],
        "scores": sheets.result(facts),
        "survey": survey.card(session, case_id, at()),
        "findings": case_findings.findings(page),
        "policy_url": url_for("repolicy.show", number=facts.case["number"]) if repolicy.offered(session, facts) else "",
        "why_url": url_for("why.show", number=facts.case["number"]) if official else "",
        "findings_note": case_findings.note(page),
        "unmet": case_findings.unmet(page),
        "verdict": case_findings.verdict(page),
        "proof": case_deadline.proof(page, timer, left, _calendar_of(session, timer)),
        "follow_ups": [case_deadline.follow_up(page, one, calendar, at()) for one in clocks.values()],
        "times": case_times.times(page, timer, list(clocks.values()), calendar),
        "links": [case_file.linked(one) for one in page.links],
        "papers": [case_file.paper(one, today) for one in page.papers],
        "items": case_file.file(page),
        "file_note": _("%(n)s 条", n=len(page.acts)),
        "file_url": url_for("cases.file", number=facts.case["number"]) if official else "",
        "offers": offers,
        "form": _form(page, form, offers),
        "turn": case_turn.turn(page, left, _nudge(session, page)),
        "voices": case_turn.voices(page),
        "evidence": [case_file.document(one, today) for one in page.issued if official],
    }


def _calendar_of(session: Session, timer: Any) -> Calendar:
    """A deadline is shown on the calendar that it was computed with."""
    return calendars.current(session, as_of=timer.armed_at if timer else None)


def crumbs(page: CasePage) -> list[tuple[str, str | None]]:
    machine = page.facts.machine.table.key
    listed = url_for("cases.index", machine=machine)
    last = page.round_title or page.facts.case["number"]  # a repair has no round
    return [(_("待办"), url_for("inbox.todo")), (text(f"machine.{machine}"), listed), (last, None)]


def facts_line(page: CasePage) -> list[tuple[str, str]]:
    facts = page.facts
    home = facts.authorities[facts.case["managing_authority_id"]].short_name
    keeper = _("管理机关") if facts.machine.table.key in OF_INSTITUTION else _("承办机关")
    found = [(_("编号"), facts.case["number"]), (_("信用代码"), page.credit_code), (keeper, home)]
    found.append((_("状态"), state_text(facts.machine.table.key, facts.case["state"], facts.case["step"])))
    if expires := facts.detail.get("expires_on"):
        found.append((_("有效期至"), day_words(expires, facts.today)))
    return [pair for pair in [*found, (_("规则"), policy_text(facts.rules.title))] if pair[1]]


def _notices(page: CasePage, form: Form) -> list[Shown]:
    notes = []
    if form.why and form.move:
        typed = form.typed.get(f"{form.move}-opinion", "")
        kept = _("您填写的内容：%(text)s", text=typed) if typed else ""
        title = form.why.rstrip("。.") + _("。")
        notes.append({"kind": "over", "title": title, "text": kept, "action_url": "", "action_label": ""})
    if page.found and page.found.moved:
        title, words = _("档案事实已变动。"), _("拟评等级提出后，诚信档案有新增、更正或作废的记录。")
        notes.append({"kind": "due", "title": title, "text": words, **_to_archive(page)})
    elif page.found and page.found.findings.unjudged and page.facts.level:
        words = _("严重、较轻、及时改正须由人认定并附证据。")
        notes.append({"kind": "due", "title": _("有事实尚待认定。"), "text": words, **_to_archive(page)})
    return notes


def _to_archive(page: CasePage) -> Shown:
    return {"action_url": url_for("archive.show", code=page.credit_code), "action_label": _("看诚信档案")}


def _sections(session: Session, page: CasePage) -> list[Shown]:
    detail, machine = page.facts.detail, page.facts.machine.table.key
    if machine == "publicity":
        return [_notice_section(session, page)]
    if machine == "evaluation":
        return rating.sections(page.facts)
    if machine == "recommendation":
        return recommendation.sections(page.facts)
    if machine == "repair":
        return repair_context.sections(page.facts)
    pairs = [(_("理由类别"), text(f"choice.ground.{detail['ground']}"))]
    if detail["proposed_outcome"]:
        pairs.append((_("拟答复"), text(f"choice.outcome.{detail['proposed_outcome']}")))
        pairs.append((_("答复内容"), detail["proposed_answer"]))
    found = [{"title": text(f"machine.{machine}"), "note": "", "pairs": pairs}]
    if page.objector:
        who = [(_("姓名或名称"), page.objector[0]), (_("联系方式"), page.objector[1])]
        found.append(
            {
                "title": _("异议人"),
                "note": _("只供承办机关核查，不得向机构和下级机关披露"),
                "pairs": who,
                "sealed": True,
            }
        )
    return found


def _notice_section(session: Session, page: CasePage) -> Shown:
    detail, today = page.facts.detail, page.facts.today
    rule = detail["rule"]
    end = detail["closes_on"]
    unsure = guessed(page.facts.rules.deadline("publicity"), end, page.calendar) if end else ""
    pairs = [
        (_("公示开始"), day_words(detail["opens_on"], today, weekday=True)),
        (_("公示截止"), day_words(end, today, weekday=True) + " 24:00" + unsure if end else ""),
        *((_("截止日变动"), change_words(one, today)) for one in changes(session, page.facts.id, detail["opens_on"])),
        (_("公示期"), span(rule) if rule else _("发布时按规则计算")),
        (_("公示内容摘要"), detail["shown_hash"] or ""),
        (_("撤回理由"), detail["withdrawn_reason"]),
    ]
    return {"title": _("公示"), "note": "", "pairs": [pair for pair in pairs if pair[1]]}


def _entry(line: Line, machine: str) -> Shown:
    look = "held" if line.held else "effective" if line.state in IN_FORCE else "proposed"
    return {
        "number": line.number,
        "name": line.name,
        "credit_code": line.credit_code,
        "grade": grade(line.shown.get("grade"), look),
        "result": results.of(machine).word(line.shown) if line.shown else "",
        "state": state_text(machine, line.state),
        "outcome": text(f"choice.entry.{line.outcome}") if line.outcome and not line.held else "",
        "held": line.held,
        "url": url_for("cases.show", number=line.case),
    }


def _offers(session: Session, page: CasePage, form: Form) -> list[Shown]:
    found = offered(page.facts)
    asks = any(one.move == "designate" and one.plan for one in found)
    people = candidates(session, page.facts) if asks else []
    return moves.offers(page.facts, found, chosen=form.move, typed=form.typed, errors=form.errors, people=people)


def _nudge(session: Session, page: CasePage) -> str:
    """Where to press who owes the step; empty for whoever may not, or has done so today."""
    refused = nudges.refusal(session, page.facts.case["id"], page.facts.actor, at())
    return "" if refused else url_for("nudges.nudge", number=page.facts.case["number"])


def _form(page: CasePage, form: Form, offers: list[Shown]) -> Shown:
    case_ = page.facts.case
    named = {box["name"]: box["label"] for one in offers if one["name"] == form.move for box in one["fields"]}
    wrong = [(f"{form.move}-{name}", named.get(name) or field_label(name)) for name in form.errors]
    hidden = {"request_id": fresh_id(), "seen_version": case_["version"], "material_hash": case_["material_hash"]}
    return {
        "action": url_for("cases.do", number=case_["number"]),
        "chosen": form.move or None,
        "mine": bool(page.facts.my_tasks),
        "hidden": list(hidden.items()),
        "errors": wrong,
        "unchosen": form.why if not form.move else "",
    }


def told(page: CasePage, seq: int) -> list[tuple[str, str]]:
    """What the reader's own act has led to: while nothing has been done since, also who has it now and until when."""
    me = page.facts.actor.person_id
    act = next((one for one in page.acts if one.seq == seq and one.person_id == me), None)
    if act is None:
        return []
    words = done_words(page.facts.machine.table.key, act.move)
    return [("message", _led_to(page, act, words) if act is page.acts[0] else words)]


def _led_to(page: CasePage, act: Act, words: str) -> str:
    state = state_text(page.facts.machine.table.key, act.to_state, act.to_step)
    work = [one for one in page.owners if one.purpose == STEP]
    stays = (act.from_state, act.from_step) == (act.to_state, act.to_step)
    names = {} if stays else dict.fromkeys(one.authority or one.institution for one in work)
    who = _("，由%(who)s接办", who=_("、").join(names)) if names else ""
    end = work[0].due_at if work else None
    until = _("，至 %(day)s", day=day_words(legal_day(end - end.resolution), page.facts.today)) if end else ""
    until += _("（暂定）") if until and work[0].provisional else ""
    now = _("%(done)s，仍在%(state)s") if stays else _("%(done)s，现在是%(state)s")
    return now % {"done": words, "state": state} + who + until
