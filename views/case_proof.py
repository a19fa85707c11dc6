"""Why a deadline is that day; and a document as it was issued."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from models import Authority, Document, Person
from views import case_deadline, case_file, pdf, proof_sheet
from views.case_context import facts_line
from views.present import Shown, day_words, deadline_law, local, proof_days, state_text, until
from views.terms import span
from views.texts import gettext as _
from views.texts import text
from views.web import actor, at
from workflow.engine.queries import due
from workflow.engine.queries import proof as query
from workflow.engine.queries.case_page import Act, CasePage, case_page
from workflow.engine.queries.proof import Listed, Proof
from workflow.engine.refusal import NotFound


def read(session: Session, case_id: int, of: int | None) -> tuple[CasePage, Proof]:
    """`of`: the id of a deadline that the case has or had; None for the one that runs or ran last."""
    page = case_page(session, case_id, actor(), at())
    found = query.proof(session, case_id, page.facts.today, of)
    if found is None:
        raise NotFound
    return page, found


def as_json(session: Session, case_id: int, of: int | None) -> dict[str, Any]:
    page, found = read(session, case_id, of)
    clause = deadline_law(page.facts.rules, found.rule["clause"])
    return {"number": page.facts.case["number"], **query.as_json(found, {"id": found.rule["clause"], **clause})}


def as_pdf(session: Session, case_id: int, of: int | None) -> bytes:
    page, found = read(session, case_id, of)
    case, machine = page.facts.case, page.facts.machine.table.key
    state = state_text(machine, case["state"], case["step"])
    shown = {"number": case["number"], "machine": machine, "name": page.name, "state": state}
    return pdf.rendered("proof", proof_sheet.of_case(found, shown, page.facts.rules, at()))


def proof(session: Session, case_id: int, of: int | None) -> Shown:
    """Why the deadline is that day."""
    page, found = read(session, case_id, of)
    today, machine, number = page.facts.today, page.facts.machine.table.key, page.facts.case["number"]
    what = text(f"due.{found.rule_key}")
    clause = deadline_law(page.facts.rules, found.rule["clause"])
    here = partial(url_for, "cases.proof", number=number)
    running = {clock.id for clock in due.clocks(session, [case_id]).values()}
    return {
        "crumbs": [(text(f"machine.{machine}"), url_for("cases.index", machine=machine)),
                   (number, url_for("cases.show", number=number)), (_("时限证明"), None)],
        "heading": _heading(found, what),
        "facts": facts_line(page)[:4],
        "json_url": here(of=of, format="json"),
        "pdf_url": here(of=of, format="pdf"),
        "paused": found.paused,
        "due_on": found.due_on,
        "closes": until(found.planned_at, today).rpartition(" ")[2],
        "provisional": found.provisional,
        "sentence": _paused_words(found) if found.paused else case_deadline.sentence(found, today),
        "days": _days(found, page),
        "whole": found.rule.get("unit") in ("working", "calendar"),
        "laws": _laws(found) | {"start": clause["label"], "last": clause["label"]},
        "rule": _rule(found.rule, what),
        "clauses": [clause],
        "turns": [
            {"title": text(f"move.{machine}.{act.move}"), "pairs": list(_turn(act, page))} for act in found.turns
        ],
        "calendar_note": _("日历版本：%(version)s", version=found.calendar_version),
        "others": [_other(one, page, here(of=one.id), one.id in running) for one in query.deadlines(session, case_id)],
    }  # fmt: skip


def _other(one: Listed, page: CasePage, url: str, running: bool) -> Shown:
    """`running`: its work is still owed, be it overdue."""
    return {
        "title": text(f"due.{one.rule_key}"),
        "note": state_text(page.facts.machine.table.key, one.state, one.step),
        "due_on": one.due_on,
        "running": running,
        "url": url,
    }


def _heading(found: Proof, what: str) -> str:
    if found.paused:
        return _("“%(what)s”的期限：计时已停止", what=what)
    return _("“%(what)s”的期限，为什么是 %(month)s 月 %(day)s 日",
             what=what, month=found.due_on.month, day=found.due_on.day)  # fmt: skip


def _days(found: Proof, page: CasePage) -> list[Shown]:
    """A clock that stands still has no last day yet."""
    shown = proof_days(found.days, found, page.facts.today)
    return [day | {"is_last": False} for day in shown] if found.paused else shown


def _paused_words(found: Proof) -> str:
    gone, whole = found.days[-1].number, span(found.rule)
    return _(
        "%(whole)s，停止前已计 %(gone)s，恢复后续算余下的。", whole=whole, gone=span({**found.rule, "count": gone})
    )


def _laws(found: Proof) -> dict[str, str]:
    """By kind of day, the notices that made it so."""
    kinds: dict[str, dict[str, None]] = {}
    for day in found.days:
        if document := found.documents.get(day.date):
            kinds.setdefault(day.why, {})[document] = None
    told = {why: _("、").join(documents) for why, documents in kinds.items()}
    return told | {"weekday": "", "weekend": _("工作日不含周六、周日"), "paused": _("停止计时")}


def _rule(rule: Mapping[str, Any], what: str) -> list[tuple[str, str]]:
    extended = _("（含延长 %(more)s）", more=span({**rule, "count": rule["extended"]})) if rule.get("extended") else ""
    counted = [
        (_("天数"), span(rule) + extended),
        (_("起算日"), _("计入") if rule["start_day"] == "counted" else _("不计入，次日起算")),
    ] if "count" in rule else [(_("日期"), span(rule))]  # fmt: skip
    return [
        (_("期限"), what),
        *counted,
        (_("末日遇放假"), _("不顺延") if rule["roll"] == "none" else _("顺延至下一工作日")),
        (_("届满时刻"), rule["closes"]),
        (_("来源"), _("本地规则设定") if rule["local"] else _("上级文件规定")),
    ]


def _turn(act: Act, page: CasePage) -> Iterator[tuple[str, str]]:
    """When, by whom, why, and both dates."""
    by = f"{act.authority} · {act.person}" if act.authority else act.person or text(f"actor.{act.actor}")
    yield _("何时何人"), f"{day_words(local(act.at).date(), page.facts.today)} {by}"
    if act.opinion:
        yield _("理由"), act.opinion
    for note in case_file.clock_notes(page, act):
        yield _("变动"), note


def document(session: Session, found: Document) -> Shown:
    signer = session.get(Person, found.signed_by_id) if found.signed_by_id else None
    return {
        "title": found.title,
        "number": found.number,
        "authority": session.get_one(Authority, found.authority_id).name,
        "issued_on": found.issued_on,
        "signer": signer.name if signer else "",
        "paragraphs": found.body.split("\n"),
        "hash": found.hash,
    }
