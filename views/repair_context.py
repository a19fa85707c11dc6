"""What the pages of credit repair read."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request, url_for

from views import results, texts
from views.desk import filing_fields
from views.following import errors_of
from views.present import Shown, boxes, bracketed, day_words, law
from views.texts import gettext as _
from views.texts import policy_text, text
from views.web import actor, at, fresh_id
from workflow.clock import legal_day
from workflow.engine.facts import Facts
from workflow.engine.forms import Field
from workflow.engine.queries.repairs import Standings
from workflow.engine.reads import Line
from workflow.engine.refusal import Refused
from workflow.engine.repairable import Repairable, is_public, of_case
from workflow.rules.policy import PolicyRules

NOTICE = (Field("title", "text", longest=100), Field("opens_on", "date"))


def listing(found: Standings | None) -> Shown:
    if found is None:
        return {"records": [], "grade": None, "upgrade_url": None, "upgrade_why": "", "clauses": []}
    return {
        "records": [row(found.rules, one) | _apply(one) for one in found.records],
        "grade": found.now.grade if found.now else None,
        "upgrade_url": None if found.upgrade else url_for("repairs.form", kind="upgrade"),
        "upgrade_why": texts.reason(found.upgrade) if found.upgrade else "",
        "clauses": [cited(found.rules, clause) for clause in ("REPAIR-conditions", "REPAIR-who", "REPAIR-effect")],
    }


def row(rules: PolicyRules, one: Repairable) -> Shown:
    """One record with its dates, as its institution and the officials see them from the day of the decision."""
    record, today = one.record, legal_day(at())
    kind = policy_text(rules.record_kinds.get(record.kind, record.kind))
    shown = {
        "id": record.id,
        "title": record.summary,
        "kind": kind,
        "source": _source(record),
        "public": is_public(record, today),
        "state": _state(record, today),
        "class": "",
        "earliest": "",
        "last": "",
        "clauses": [],
        "reached": False,
    }
    if one.window is None or record.repaired_on is not None:
        return shown
    dated = one.window
    return shown | {
        "class": classed(dated.act, dated.order),
        "earliest": day_words(dated.earliest, today),
        "reached": dated.earliest <= today,
        "last": day_words(dated.last, today),
        "clauses": [cited(rules, clause) for clause in dated.clauses],
    }


def classed(act: Any, order: Any) -> str:
    return bracketed(policy_text(act.title), policy_text(order.title))


def cited(rules: PolicyRules, clause: str) -> Shown:
    """A clause by its place, as its readers know it."""
    return law(rules, clause, policy_text(rules.clause(clause).place))


def _source(record: Any) -> str:
    number = _("，%(number)s", number=record.document_number) if record.document_number else ""
    return f"{record.finding_authority}{_('，')}{(record.decided_on or record.acted_on).isoformat()}{number}"


def _state(record: Any, today: Any) -> str:
    if record.repaired_on is not None:
        return _("%(day)s 已修复，不再公示", day=day_words(record.repaired_on, today))
    if is_public(record, today):
        until = record.public_to
        return _("公示至 %(day)s", day=day_words(until, today)) if until else _("公示中")
    return _("公示期已满") if record.public_to and record.public_to < today else _("未公示")


def _apply(one: Repairable) -> Shown:
    why = texts.reason(one.refused) if one.refused else ""
    return {"why": why, "url": None if one.refused else url_for("repairs.form", kind="record", record=one.record.id)}


def application(found: Standings, kind: str, move: str, refused: Refused | None) -> Shown:
    errors = texts.field_reasons(refused) if refused else {}
    fields = [box for box in filing_fields("repair", move, request.form, errors) if box["name"] not in _CHOSEN]
    return {
        "heading": text(f"move.repair.{move}"),
        "kind": kind,
        "records": _choices(found, kind),
        "record_error": errors.get("record") or errors.get("records") or "",
        "fields": fields,
        "errors": [*_unchosen(kind, errors), *errors_of(fields)],
        "bar": texts.reason(found.upgrade) if kind == "upgrade" and found.upgrade else "",
        "failure": texts.reason(refused) if refused and not errors else "",
        "pledge": policy_text(found.rules.repair.pledge),
    }


_CHOSEN = ("record", "records")


def _unchosen(kind: str, errors: Mapping[str, str]) -> list[tuple[str, str]]:
    wrong = any(name in errors for name in _CHOSEN)
    return [("records", text("field.record" if kind == "record" else "field.records"))] if wrong else []


def _choices(found: Standings, kind: str) -> list[Shown]:
    """What the application may name: records in time now, or those that hold the grade down."""
    chosen = [*request.form.getlist("record"), *request.form.getlist("records"), request.args.get("record", "")]
    open_ = [one for one in found.records if not one.refused]
    held = [one for one in found.records if one.record.id in found.against]
    listed = open_ if kind == "record" else held
    return [row(found.rules, one) | {"chosen": str(one.record.id) in chosen or len(listed) == 1} for one in listed]


def sections(facts: Facts) -> list[Shown]:
    """On the case page: the records, their dates as they were on the day of the application, and what was proposed."""
    detail, today = facts.detail, facts.today
    pairs: list[tuple[str, str]] = []
    for record in of_case(facts.session, facts.id):
        pairs.append((record.summary, f"{_source(record)}{_('，')}{_state(record, today)}"))
    if detail["order"]:
        order = next(one for one in facts.rules.repair.orders if one.id == detail["order"])
        act = next(one for one in order.classes if one.id == detail["repair_class"])
        pairs.append((_("失信类别"), classed(act, order)))
        pairs.append((_("可修复日"), day_words(detail["earliest"], today)))
    for name, words in (("longest", _("最迟至")), ("granted_on", _("修复日")), ("rescinded_on", _("撤销日"))):
        if detail[name]:
            pairs.append((words, day_words(detail[name], today)))
    if detail["proposed_outcome"]:
        pairs.append((_("拟答复"), text(f"choice.outcome.{detail['proposed_outcome']}")))
        pairs.append((_("核查意见"), detail["proposed_answer"]))
    pledge = day_words(legal_day(detail["pledged_at"]), today)
    pairs.append((_("信用承诺"), _("%(day)s 作出", day=pledge)))
    return [{"title": text(f"choice.repair_kind.{detail['kind']}"), "note": "", "pairs": pairs}]


def notice(ready: Sequence[Line], errors: Mapping[str, str], why: str) -> Shown:
    posted = request.method == "POST"
    chosen = request.form.getlist("cases") if posted else [str(line.id) for line in ready]
    typed = request.form if posted else {"title": _("信用修复公示"), "opens_on": legal_day(at()).isoformat()}
    return {
        "above": [(text("machine.repair"), url_for("cases.index", machine="repair"))],
        "fields": boxes(NOTICE, values=typed, errors=errors),
        "count": len(ready),
        "ready": [(line, *results.waiting(line), str(line.id) in chosen) for line in ready],
        "cases_error": errors.get("cases", ""),
        "why": why,
        "request_id": fresh_id(),
        "may": actor().role == "handler",
    }
