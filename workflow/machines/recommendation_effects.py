"""What a move of a recommendation changes beside its state: as data, written by the engine."""

from models import Delivery, Recommendation
from workflow.engine import quota, scores, scoresheet
from workflow.engine.facts import Facts
from workflow.engine.plan import Effects, Issue, Row
from workflow.machines import entry, scored
from workflow.machines import recommendation_guards as guard
from workflow.machines import recommendation_wording as wording
from workflow.rules.scoring import plain


def opened(facts: Facts) -> Effects:
    form = facts.form
    row = {
        "case_id": facts.id,
        "institution_id": facts.case["institution_id"],
        "round_id": facts.case["round_id"],
        "quota_id": quota.quota_id(facts),
        "honour": facts.round.scheme,
        "holder": form["holder"] or "",
        "applied_at": facts.at,
    }
    effects = Effects(inserts=[(Recommendation, row)], material=_form_filed(form) if "profile" in form else None)
    return scored.given(facts, "self", effects)


def filled(facts: Facts) -> Effects:
    return scored.given(facts, "self", Effects(material=_form_filed(facts.form)))


def _form_filed(form: Row) -> tuple[str, Row, list[int]]:
    """附件5 (SD-39), as the institution filled it in."""
    written = {name: form[name] or "" for name in wording.FORM}
    statement = "\n\n".join(f"{title}：{written[name]}" for name, title in wording.FORM.items() if written[name])
    return "application", written | {"statement": statement}, form["files"]


def evaluated(facts: Facts) -> Effects:
    """The city's evaluation: the conditions frozen with their facts, the scores of annex 4, and why a soft condition
    should be set aside."""
    form, asks = facts.form, bool(facts.form["override"]) and bool(facts.eligible.set_aside)
    sheet, total = (scoresheet.read(form)["scores"], scores.result(facts).total) if _counts(facts) else (None, None)
    detail = {
        "eligibility": facts.eligible.as_json(),
        "archive_version": facts.institution.archive_version,
        "verdict": form["verdict"],
        "attestation": form["attestation"] or "",
        "scores": sheet,
        "total": None if total is None else plain(total),
        "override_reason": form["override"] if asks else "",
        "override_asked_by_id": facts.actor.person_id if asks else None,
        "override_by_id": None,
    }
    effects = Effects(detail=detail, note={"verdict": form["verdict"], "total": detail["total"]})
    return scored.given(facts, "official", effects) if _counts(facts) else effects


def _counts(facts: Facts) -> bool:
    """Only whoever is found fit is scored."""
    return facts.form["verdict"] == "fit" and facts.row_asks("official")


def overridden(facts: Facts) -> Effects:
    return Effects(detail={"override_by_id": facts.actor.person_id}, note={"set_aside": list(guard.set_aside(facts))})


def seated(facts: Facts) -> Effects:
    taken = quota.seats(facts)
    return Effects(detail={"seated_at": facts.at}, note={"seats": taken.whole, "taken": taken.taken + 1})


def _told(facts: Facts, outcome: str, ground: str = "") -> Issue:
    texts = wording.notification(facts, outcome, ground)
    return Issue(
        f"notification:{facts.id}:{facts.head[0] + 1}", "notification", *texts, to=facts.case["institution_id"]
    )


def unfit(facts: Facts) -> Effects:
    return Effects() if facts.climbs_on else Effects(issues=[_told(facts, "rejected", facts.form["opinion"] or "")])


def proposed_unfit(facts: Facts) -> Effects:
    effects = evaluated(facts)
    effects.issues = unfit(facts).issues
    return effects


def held(facts: Facts) -> Effects:
    """候补 lasts until the list of this round is due, whatever year it is opened in."""
    return Effects(due_at=facts.round.submit_by)


def passed_over(facts: Facts) -> Effects:
    return Effects(issues=[_told(facts, "not_selected", facts.form.get("opinion") or "")])


def left(_facts: Facts) -> Effects:
    """Whoever leaves the list frees the seat."""
    return Effects(detail={"seated_at": None})


def declined(facts: Facts) -> Effects:
    return Effects(detail={"seated_at": None}, issues=[_told(facts, "declined", facts.form["opinion"])])


def answered(facts: Facts) -> Effects:
    """What an answered objection does: a removed entry leaves the list."""
    effects = left(facts) if facts.form["outcome"] == "removed" else Effects()
    if facts.form["outcome"] == "removed" and facts.row.to == "removed":
        effects.issues = [_told(facts, "removed")]
    return entry.settled(facts, effects)


def submitted(facts: Facts) -> Effects:
    return Effects(issues=[_confirmation(facts)])


def designated(facts: Facts) -> Effects:
    issues = [_confirmation(facts), _told(facts, "designated")]
    return Effects(detail={"outcome_on": facts.today}, issues=issues)


def _confirmation(facts: Facts) -> Issue:
    cause = facts.form.get("cause") or f"confirmation:{facts.id}:{facts.head[0] + 1}"
    return Issue(cause, "confirmation", *wording.decision(facts, [facts.line]), column="confirmation_id")


def outcome_recorded(facts: Facts) -> Effects:
    form = facts.form
    detail = {"outcome_number": form["number"], "outcome_on": form["outcome_on"]}
    return Effects(detail=detail, issues=[_told(facts, form["outcome"])], note={"outcome": form["outcome"]})


def revocation_proposed(facts: Facts) -> Effects:
    return Effects(detail={"ground": facts.form["opinion"], "revocation_by_id": facts.actor.person_id})


def stated(facts: Facts) -> Effects:
    return Effects(material=("statement", {"statement": facts.form["statement"]}, facts.form["files"]))


def revoked(facts: Facts) -> Effects:
    return Effects(issues=[_told(facts, "revoked", facts.detail["ground"])])


def acknowledged(facts: Facts) -> Effects:
    waiting = {"case_id": facts.id, "delivered_at": None}
    return Effects(updates=[(Delivery, waiting, {"delivered_at": facts.at, "how": "portal"})], note={"how": "portal"})
