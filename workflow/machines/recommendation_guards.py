"""What refuses a move of a recommendation: a reason code, or None."""

from workflow.engine import quota
from workflow.engine.facts import Facts
from workflow.engine.refusal import beside
from workflow.rules.eligibility import Eligible

# --- the round and its entrances


def round_over(facts: Facts) -> str | None:
    """The list is submitted by a day (SD-25); whoever comes later comes too late."""
    return "round_over" if facts.round.submit_by and facts.at >= facts.round.submit_by else None


def applied_already(facts: Facts) -> str | None:
    return "applied_already" if quota.applied_already(facts, facts.form["holder"] or "") else None


def holder_named(facts: Facts) -> str | None:
    """诚信服务标兵 is a person, the other honours are the institution's own."""
    by_person = facts.rules.recommendation.honours[facts.round.scheme].holder == "person"
    if facts.preview or by_person == bool(facts.form["holder"]):
        return None
    raise beside("holder", "holder_missing" if by_person else "holder_unasked")


def gap_unexplained(facts: Facts) -> str | None:
    """An item of the form that neither the register nor the institution fills must be explained (SD-41)."""
    if facts.preview or facts.form["notes"]:
        return None
    registered = (getattr(facts.institution, name) for name in ("licence_number", "address", "founded_on"))
    written = (facts.form[name] for name in ("representative", "business", "liaison", "phone"))
    if all(registered) and all(written):
        return None
    raise beside("notes", "gap_unexplained")


# --- the conditions


def not_eligible(facts: Facts) -> str | None:
    return "not_eligible" if facts.eligible.barred else None


def not_eligible_now(facts: Facts) -> str | None:
    """Asked anew on the day of the frozen answer: a fact entered since then may bar the candidate. The grade must be
    held today, too: what is chosen are institutions that have it (XC-27)."""
    return "not_eligible" if _again(facts).barred or quota.grade_lost(facts) else None


def needs_judgement(facts: Facts) -> str | None:
    return "needs_judgement" if facts.eligible.unjudged else None


def attestation_missing(facts: Facts) -> str | None:
    """Conditions that no record answers are answered by the evaluator in words."""
    asked = any(condition.judged for condition in facts.rules.recommendation.conditions)
    if not asked or facts.preview or facts.form["attestation"]:
        return None
    raise beside("attestation", "attestation_missing")


def facts_changed(facts: Facts) -> str | None:
    """A step never signs what the archive no longer supports."""
    if facts.detail["archive_version"] == facts.institution.archive_version:
        return None
    return "findings_changed" if _again(facts).as_json() != facts.detail["eligibility"] else None


def _again(facts: Facts) -> Eligible:
    return quota.eligible(facts, Eligible.model_validate(facts.detail["eligibility"]).on)


# --- a soft condition is set aside by a reason and a second person (SD-32)


def set_aside(facts: Facts) -> tuple[str, ...]:
    frozen = facts.detail["eligibility"]
    return Eligible.model_validate(frozen).set_aside if frozen else ()


def override_unreasoned(facts: Facts) -> str | None:
    if facts.preview or facts.form["override"] or not facts.eligible.set_aside:
        return None
    raise beside("override", "override_unreasoned")


def override_open(facts: Facts) -> str | None:
    """Nobody comes on the list before the second person has agreed."""
    waits = set_aside(facts) and facts.detail["override_by_id"] is None
    return "override_open" if waits and facts.row.to == "shortlisted" else None


def nothing_to_override(facts: Facts) -> str | None:
    asked = facts.detail["override_asked_by_id"] is not None and facts.detail["override_by_id"] is None
    return None if asked else "nothing_to_override"


def own_override(facts: Facts) -> str | None:
    return "own_override" if facts.actor.person_id == facts.detail["override_asked_by_id"] else None


def reason_missing(facts: Facts) -> str | None:
    if facts.preview or facts.form["opinion"]:
        return None
    raise beside("opinion", "reason_missing")


# --- seats


def quota_full(facts: Facts) -> str | None:
    taken = quota.seats(facts)
    return "quota_full" if taken.taken >= taken.whole else None


def better_passed_over(facts: Facts) -> str | None:
    """优中选优: whoever ranks lower comes first only with a reason (SD-45)."""
    if facts.preview or facts.form["opinion"] or not quota.seats(facts).better:
        return None
    raise beside("opinion", "better_passed_over")


def package_incomplete(facts: Facts) -> str | None:
    return "package_incomplete" if quota.missing(facts) else None


# --- outcome and revocation


def outcome_ahead(facts: Facts) -> str | None:
    if facts.preview or facts.form["outcome_on"] <= facts.today:
        return None
    raise beside("outcome_on", "outcome_ahead")


def no_ground(facts: Facts) -> str | None:
    """Dishonesty that was found is in the archive: a hard condition no longer holds on today's facts."""
    return None if quota.eligible(facts, facts.today).barred else "no_ground"


def own_revocation(facts: Facts) -> str | None:
    return "own_revocation" if facts.actor.person_id == facts.detail["revocation_by_id"] else None


def delivered(facts: Facts) -> str | None:
    return None if facts.undelivered else "already_delivered"
