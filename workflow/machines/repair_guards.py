"""Why a move of a credit repair is not open now, by the law's conditions."""

from workflow.engine import repairable
from workflow.engine.facts import Facts
from workflow.engine.refusal import beside
from workflow.engine.standing import standing


def not_repairable(facts: Facts) -> str | None:
    """A record that is not public, or not yet, or found by somebody else: refused with its rule and its date."""
    if facts.preview:
        return None
    found = repairable.records(facts.session, facts.case["institution_id"], [facts.form["record"]])
    if not found:
        raise beside("record", "record_unknown")
    refused = repairable.looked_at(facts.session, facts.rules, found, facts.today, facts.id)[0].refused
    if refused:
        raise beside("record", refused.reason, **refused.details)
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
        raise beside("records", "record_unknown")
    better = now.now(facts.session, facts.today, without=facts.form["records"]).grade
    return None if now.is_better(better) else "upgrade_changes_nothing"


def has_no_part(facts: Facts) -> str | None:
    """Acceptance is no voice on the merits, but who made the finding keeps away from it."""
    return facts.barred.get(facts.actor.person_id or 0)


def not_borne_out(facts: Facts) -> str | None:
    """Nothing is granted that the verification does not bear out: corrected, performed, and seen on the spot."""
    if facts.preview or facts.form["outcome"] == "not_granted":
        return None
    if facts.form["corrected"] == "no":
        raise beside("corrected", "not_corrected")
    if facts.form["performed"] == "no":
        raise beside("performed", "not_performed")
    if not facts.form["files"]:
        raise beside("files", "photos_missing")
    return None


def already_delivered(facts: Facts) -> str | None:
    return None if facts.undelivered else "already_delivered"
