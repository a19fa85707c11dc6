"""What a move of a credit repair changes beside its state: as data, written by the engine in the act's transaction."""

from datetime import date
from typing import Any

from models import ArchiveRecord, Delivery, Institution, Repair, RepairRecord
from models.changes import Plus
from workflow.engine import repairable
from workflow.engine.facts import Facts
from workflow.engine.plan import Effects, Issue, Row
from workflow.engine.refusal import Refused
from workflow.engine.standing import for_act, standing
from workflow.machines import repair_wording
from workflow.rules.deadline import closing_instant


def applied(facts: Facts) -> Effects:
    """The record's order, class and dates are kept as they were on this day."""
    record = repairable.records(facts.session, facts.case["institution_id"], [facts.form["record"]])[0]
    found = repairable.window_of(facts.rules, record)
    if found is None:
        raise Refused("record_not_classed")
    dated = {"order": found.order.id, "repair_class": found.act.id, "earliest": found.earliest}
    return _opened(facts, [record.id], kind="record", longest=record.public_to, **dated)


def applied_upgrade(facts: Facts) -> Effects:
    now = standing(facts.session, facts.case["institution_id"])
    return _opened(facts, facts.form["records"], kind="upgrade", longest=now.expires_on if now else None)


def _opened(facts: Facts, records: list[int], **values: object) -> Effects:
    row = {"case_id": facts.id, "institution_id": facts.case["institution_id"], "pledged_at": facts.at, **values}
    links = [(RepairRecord, {"case_id": facts.id, "record_id": id}) for id in records]
    told = {"statement": facts.form["statement"], "pledge": facts.rules.repair.pledge}
    return Effects(
        inserts=[(Repair, row), *links],
        material=("repair_application", told, facts.form["files"]),
        note={"records": records},
    )


def supplied(facts: Facts) -> Effects:
    return Effects(material=("supplement", {"statement": facts.form["statement"]}, facts.form["files"]))


def verified(facts: Facts) -> Effects:
    """核查: what was found on the spot, with photos, and the answer that follows from it, before it is signed."""
    form = facts.form
    found = {name: form[name] for name in ("corrected", "performed")}
    return Effects(
        detail={"proposed_outcome": form["outcome"], "proposed_answer": form["answer"]},
        material=("verification", {"statement": form["answer"], **found}, form["files"]),
        note={"outcome": form["outcome"], **found},
    )


def refused(facts: Facts) -> Effects:
    return _refused(facts, "refused", facts.form["opinion"])


def signed_refusal(facts: Facts) -> Effects:
    return Effects() if facts.climbs_on else _refused(facts, "not_granted", facts.detail["proposed_answer"])


def _refused(facts: Facts, outcome: str, reason: str) -> Effects:
    """不予受理, or 不予修复 after the verification: a document delivered with the rights that follow."""
    letter = Issue(f"repair:{facts.id}", "repair", *repair_wording.refusal(facts, outcome, reason), column="answer_id")
    return Effects(detail={"outcome": outcome}, issues=[_to(facts, letter)], note={"outcome": outcome})


def signed_grant(facts: Facts) -> Effects:
    return Effects() if facts.climbs_on else granted(facts)


def granted(facts: Facts) -> Effects:
    """All that a repair changes, in one transaction."""
    whole, today = facts.detail["kind"] == "record", facts.today
    records = repairable.of_case(facts.session, facts.id)
    now = for_act(facts)
    effects = Effects(
        detail={"outcome": "granted", "granted_on": today},
        note={"outcome": "granted", "records": [record.id for record in records]},
    )
    for record in records:
        ended: Row = {"remedied_on": today}
        if whole:
            ended |= {"repaired_on": today} | ({"acted_to": today} if _listed(facts, record, None) else {})
            made_for = {"basis_id": record.id, "acted_to": None, "voided_on": None}
            effects.updates.append((ArchiveRecord, made_for, {"acted_to": today}))
        effects.updates.append((ArchiveRecord, {"id": record.id}, ended))
    _archive_changed(facts, effects)
    letter = Issue(f"repair:{facts.id}", "repair", *repair_wording.grant(facts, records), column="answer_id")
    effects.issues.append(_to(facts, letter))
    if facts.rules.repair.publicity:
        one = Issue(
            _cause(facts), "confirmation", *repair_wording.decision(facts, [facts.line]), column="confirmation_id"
        )
        effects.issues.append(one)
    if now and now.grade != now.now(facts.session, today, without={record.id for record in records}).grade:
        effects.starts = now.reopened("upgrade")
    return _until_spent(facts, effects)


def _cause(facts: Facts) -> str:
    return facts.form.get("cause") or f"confirmation:{facts.id}:{facts.head[0] + 1}"


def _listed(facts: Facts, record: Any, until: date | None) -> bool:
    """Whether the record is itself an entry in a list, and ends then. Entries made for a record end with it."""
    return record.kind in facts.rules.repair.lists and record.acted_to == until


def _archive_changed(facts: Facts, effects: Effects) -> None:
    effects.updates.append((Institution, {"id": facts.case["institution_id"]}, {"archive_version": Plus(1)}))


def _until_spent(facts: Facts, effects: Effects) -> Effects:
    """It stands until the record's publication would have ended, or the grade's term."""
    last = facts.detail["longest"] or facts.today
    effects.due_at = max(closing_instant(last, "24:00"), facts.at)
    return effects


def doubted(facts: Facts) -> Effects:
    """拟撤销告知书: the institution hears why before anything is decided."""
    cause = f"repair-doubt:{facts.id}:{facts.head[0] + 1}"
    letter = Issue(cause, "repair", *repair_wording.doubt(facts))
    return Effects(issues=[_to(facts, letter)], note={"outcome": "doubted"})


def defended(facts: Facts) -> Effects:
    return Effects(material=("statement", {"statement": facts.form["statement"]}, facts.form["files"]))


def upheld(facts: Facts) -> Effects:
    return _until_spent(facts, Effects(note={"outcome": "upheld"}))


def rescinded(facts: Facts) -> Effects:
    """撤销: the record is public and used again inside its dates, lists and grade follow."""
    ended, records = facts.detail["granted_on"], repairable.of_case(facts.session, facts.id)
    effects = Effects(detail={"rescinded_on": facts.today}, note={"outcome": "rescinded"})
    for record in records:
        back: Row = {"remedied_on": None, "repaired_on": None}
        back |= {"acted_to": None} if _listed(facts, record, ended) else {}
        effects.updates.append((ArchiveRecord, {"id": record.id}, back))
        effects.updates.append((ArchiveRecord, {"basis_id": record.id, "acted_to": ended}, {"acted_to": None}))
    _archive_changed(facts, effects)
    letter = Issue(f"repair-rescinded:{facts.id}", "repair", *repair_wording.rescission(facts))
    effects.issues.append(_to(facts, letter))
    now = for_act(facts)
    if now and now.is_worse(now.now(facts.session, facts.today, back=records).grade):
        effects.starts = now.reopened("rescission")
    return effects


def acknowledged(facts: Facts) -> Effects:
    waiting = {"case_id": facts.id, "delivered_at": None}
    return Effects(updates=[(Delivery, waiting, {"delivered_at": facts.at, "how": "portal"})], note={"how": "portal"})


def _to(facts: Facts, letter: Issue) -> Issue:
    return Issue(letter.cause, letter.kind, letter.title, letter.body, letter.column, facts.case["institution_id"])
