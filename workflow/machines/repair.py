"""信用修复: an institution's application about a public record, decided by who made the finding (谁认定、谁修复); or
about what stands against a better grade of its own (XC-18), decided by who manages it.

A granted repair stands: the record is no longer public nor used, an entry in a list made for it has ended, the grade
is evaluated again, and the credit platform is told. It ends by itself when there is nothing left that a false pledge
could bring back; until then it may be rescinded, after the institution has been heard, by other people.
"""

from datetime import date
from typing import Any

from models import ArchiveRecord, Delivery, Institution, Repair, RepairRecord
from models.prepared import Plus
from workflow.engine import repairable
from workflow.engine.facts import Facts, Line
from workflow.engine.forms import OPINION, REASON, STATEMENT, Field
from workflow.engine.machine import NEW, MachineTable, Move, Publicity, State
from workflow.engine.plan import Effects, Issue, Row
from workflow.engine.refusal import Refused
from workflow.engine.standing import standing
from workflow.machines import entry, repair_wording
from workflow.rules.deadline import closing_instant

# --- guards


def not_repairable(facts: Facts) -> str | None:
    """A record that is not public, or not yet, or found by somebody else: refused with its rule and its date."""
    if facts.preview:
        return None
    found = repairable.records(facts.session, facts.case["institution_id"], [facts.form["record"]])
    if not found:
        raise Refused("record_unknown", fields={"record": ("record_unknown", {})})
    refused = repairable.looked_at(facts.session, facts.rules, found, facts.today, facts.id)[0].refused
    if refused:
        raise Refused(refused.reason, fields={"record": (refused.reason, refused.details)}, **refused.details)
    return None


def nothing_to_upgrade(facts: Facts) -> str | None:
    """Only records that hold the standing grade down, and only so many that without them a better one holds."""
    now = standing(facts.session, facts.case["institution_id"])
    if now is None:
        return "no_standing_grade"
    if now.again:
        return "re_evaluation_open"
    if repairable.open_upgrade(facts.session, facts.case["institution_id"], facts.id):
        return "upgrade_open"
    if not now.is_better(now.rules.evaluation.grades[0]):
        return "best_grade"
    if facts.preview:
        return None
    known = {fact.id for fact in now.now(facts.session, facts.today).facts}
    if not set(facts.form["records"]) <= known:
        raise Refused("record_unknown", fields={"records": ("record_unknown", {})})
    better = now.now(facts.session, facts.today, without=facts.form["records"]).grade
    return None if now.is_better(better) else "upgrade_changes_nothing"


def has_no_part(facts: Facts) -> str | None:
    """Acceptance is no voice on the merits, but who made the finding keeps away from it."""
    return facts.barred.get(facts.actor.person_id or 0)


def not_borne_out(facts: Facts) -> str | None:
    """Nothing is granted that the verification does not bear out: corrected, performed, and seen on the spot."""
    if facts.preview or facts.form["outcome"] == "refused":
        return None
    if facts.form["corrected"] == "no":
        return "not_corrected"
    if facts.form["performed"] == "no":
        return "not_performed"
    return None if facts.form["files"] else "photos_missing"


def already_delivered(facts: Facts) -> str | None:
    return None if facts.undelivered else "already_delivered"


# --- which row applies


def refusing(facts: Facts) -> bool:
    return facts.detail["proposed_outcome"] == "refused"


def publicly(facts: Facts) -> bool:
    return facts.rules.repair.publicity and not refusing(facts)


def directly(facts: Facts) -> bool:
    return not facts.rules.repair.publicity and not refusing(facts)


# --- effects


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
    return _refused(facts, facts.form["opinion"])


def signed_refusal(facts: Facts) -> Effects:
    return Effects() if facts.climbs_on else _refused(facts, facts.detail["proposed_answer"])


def _refused(facts: Facts, reason: str) -> Effects:
    """A refusal is a document delivered with the rights that follow."""
    letter = Issue(f"repair:{facts.id}", "repair", *repair_wording.refusal(facts, reason), column="answer_id")
    return Effects(detail={"outcome": "refused"}, issues=[_to(facts, letter)], note={"outcome": "refused"})


def signed_grant(facts: Facts) -> Effects:
    return Effects() if facts.climbs_on else granted(facts)


def granted(facts: Facts) -> Effects:
    """All that a repair changes, in one transaction."""
    whole, today = facts.detail["kind"] == "record", facts.today
    records = repairable.of_case(facts.session, facts.id)
    now = standing(facts.session, facts.case["institution_id"])
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
    now = standing(facts.session, facts.case["institution_id"])
    if now and now.is_worse(now.now(facts.session, facts.today, back=records).grade):
        effects.starts = now.reopened("rescission")
    return effects


def acknowledged(facts: Facts) -> Effects:
    waiting = {"case_id": facts.id, "delivered_at": None}
    return Effects(updates=[(Delivery, waiting, {"delivered_at": facts.at, "how": "portal"})], note={"how": "portal"})


def _to(facts: Facts, letter: Issue) -> Issue:
    return Issue(letter.cause, letter.kind, letter.title, letter.body, letter.column, facts.case["institution_id"])


# --- publicity


def finder(_facts: Facts, ladder: list[Row]) -> int:
    """Who made the finding shows and grants: the top of the ladder."""
    return ladder[-1]["authority"]


def as_shown(line: Line) -> Row:
    """That a repair is intended, and from what kind of application; the record itself is shown where it is public."""
    return {"kind": line.detail["kind"]}


PLEDGE = Field("pledge", "choice", choices=("given",))
YES_NO = ("yes", "no")
VERIFY = (
    Field("corrected", "choice", choices=YES_NO),
    Field("performed", "choice", choices=YES_NO),
    Field("outcome", "choice", choices=("granted", "refused")),
    Field("answer", shortest=10),
    Field("files", "ids", required=False),
)

REPAIR = MachineTable(
    key="repair",
    prefix="XF",
    detail=Repair,
    publicity=Publicity(finder, as_shown, repair_wording.RESULT, repair_wording.decision),
    ladder_from="repair",
    review_due="repair_answer",
    independent_of_finders=True,
    states=(
        State("acceptance", owner="section_head@home", due="repair_acceptance"),
        State("supplement", owner="institution", due="repair_supplement", on_lapse="lapse"),
        State("review"),
        *entry.STATES,
        State("granted", "standing", due="chosen", on_lapse="spend"),
        State("defence", owner="institution", due="repair_defence", on_lapse="lapse"),
        State("weighing", owner="leader@publisher", due="repair_answer"),
        State("refused", "final"),
        State("withdrawn", "final"),
        State("rescinded", "final"),
        State("spent", "final"),
    ),
    moves=(
        # application: one record, or what stands against a better grade
        Move("apply", NEW, "acceptance", "institution", unless=(not_repairable,), effect=applied, tells=("next",),
             form=(Field("record", "whole"), *STATEMENT, PLEDGE), basis="REPAIR-conditions"),
        Move("apply_upgrade", NEW, "acceptance", "institution", unless=(nothing_to_upgrade,), effect=applied_upgrade,
             form=(Field("records", "ids"), *STATEMENT, PLEDGE), tells=("next",), basis="REPAIR-conditions"),
        Move("accept", "acceptance", "review", "owner", unless=(has_no_part,), form=(OPINION,),
             tells=("next", "institution")),
        Move("ask_more", "acceptance", "supplement", "owner", unless=(has_no_part,), form=(REASON,), tells=("institution",)),
        Move("refuse", "acceptance", "refused", "owner", form=(REASON,), effect=refused, tells=("institution",), decides=True),
        Move("supply", "supplement", "acceptance", "institution", form=STATEMENT, effect=supplied, tells=("next",), again=True),
        Move("lapse", "supplement", "acceptance", "system", tells=("next",), again=True),
        Move("withdraw", "acceptance|supplement", "withdrawn", "institution", form=(REASON,), tells=("home",)),
        Move("withdraw", "review", "withdrawn", "institution", form=(REASON,), tells=("home",)),
        # verification by the county, and up to who made the finding
        Move("verify", "review:start", "up:granted", "owner", unless=(not_borne_out,), form=VERIFY, effect=verified,
             tells=("next",), decides=True, basis="REPAIR-conditions"),
        Move("agree", "review:later", "up:refused", "owner", refusing, form=(OPINION,), effect=signed_refusal,
             tells=("next", "institution"), decides=True, basis="REPAIR-who"),
        Move("agree", "review:later", "up:awaiting_publicity", "owner", publicly, form=(OPINION,), tells=("next",),
             decides=True, basis="REPAIR-who"),
        Move("agree", "review:later", "up:granted", "owner", directly, form=(OPINION,), effect=signed_grant,
             tells=("next", "institution", "platform"), decides=True, basis="REPAIR-who", public=True),
        Move("disagree", "review:panel", "stay", "panel_member", decides=True, form=(REASON,)),
        Move("rework", "review:later", "restart", "owner", decides=True, form=(REASON,), tells=("next",), again=True),
        Move("return_down", "review:later", "down", "owner", decides=True, form=(REASON,), tells=("next",), again=True),
        *entry.rows(granted, "granted", confirmed_to=("institution", "home", "platform")),
        # what is granted stands until a false pledge comes to light, or until there is nothing left to bring back
        Move("acknowledge", "granted|defence|weighing|refused|rescinded|spent", "stay", "institution", unless=(already_delivered,),
             effect=acknowledged, basis="REPAIR-effect"),
        Move("doubt", "granted", "defence", "handler@publisher", form=(REASON,), effect=doubted, tells=("institution",),
             decides=True, basis="REPAIR-false"),
        Move("defend", "defence", "weighing", "institution", form=STATEMENT, effect=defended, tells=("next",)),
        Move("lapse", "defence", "weighing", "system", tells=("next", "institution")),
        Move("rescind", "weighing", "rescinded", "owner", form=(REASON,), effect=rescinded, decides=True,
             tells=("institution", "home", "platform"), basis="REPAIR-false", public=True),
        Move("uphold", "weighing", "granted", "owner", form=(REASON,), effect=upheld, decides=True, tells=("institution",)),
        Move("spend", "granted", "spent", "system", basis="REPAIR-start"),
    ),
)  # fmt: skip
