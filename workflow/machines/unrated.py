"""不参评: an institution that the policy leaves without a grade this year, and why. It is proposed and signed like one."""

from models import Delivery
from workflow.engine.facts import Facts
from workflow.engine.forms import OPINION, REASON, Field
from workflow.engine.machine import Move, State
from workflow.engine.plan import Effects, Issue
from workflow.engine.refusal import Refused
from workflow.machines import wording
from workflow.rules.grading import begun_by
from workflow.rules.policy_evaluation import Unrated

# --- guards


def too_young_to_rate(facts: Facts) -> str | None:
    """Whom the policy does not rate gets no grade."""
    return "too_young_to_rate" if too_young(facts) else None


def ground_unmet(facts: Facts) -> str | None:
    """The ground is one of the policy's; an age is read from the register, everything else a person answers for."""
    if facts.preview:
        return None
    rule = facts.rules.evaluation.ground(facts.form["unrated"])
    if rule is None:
        raise Refused("form_invalid", fields={"unrated": ("field_choice", {"field": "unrated"})})
    return "ground_unmet" if rule.months and not _is_young(facts, rule) else None


def delivered(facts: Facts) -> str | None:
    return None if facts.undelivered else "already_delivered"


def too_young(facts: Facts) -> bool:
    young = any(rule.months and _is_young(facts, rule) for rule in facts.rules.evaluation.unrated)
    return young and facts.detail["supersedes_id"] is None


def _is_young(facts: Facts, rule: Unrated) -> bool:
    founded = facts.institution.founded_on
    return founded is not None and founded > begun_by(facts.round.reference_date, rule.months or 0)


# --- which row applies


def may_be_left(facts: Facts) -> bool:
    return bool(facts.rules.evaluation.unrated) and facts.detail["supersedes_id"] is None


def is_left(facts: Facts) -> bool:
    return facts.detail["unrated"] is not None


# --- effects


def proposed(facts: Facts) -> Effects:
    ground = facts.form["unrated"]
    nothing = {"findings": None, "archive_version": None, "proposed_grade": None, "capped_from": None}
    issues = _told(facts, ground)
    return Effects(detail={**nothing, "unrated": ground}, issues=issues, note={"unrated": ground})


def agreed(facts: Facts) -> Effects:
    return Effects(issues=_told(facts, facts.detail["unrated"]))


def _told(facts: Facts, ground: str) -> list[Issue]:
    rule = facts.rules.evaluation.ground(ground)
    if facts.climbs_on or rule is None:
        return []
    cause = f"notification:{facts.id}:{facts.head[0] + 1}"
    return [Issue(cause, "notification", *wording.unrated(facts, rule.text), to=facts.case["institution_id"])]


def acknowledged(facts: Facts) -> Effects:
    waiting = {"case_id": facts.id, "delivered_at": None}
    return Effects(updates=[(Delivery, waiting, {"delivered_at": facts.at, "how": "portal"})], note={"how": "portal"})


STATES = (State("unrated", "final"),)

PROPOSED = Move("leave_unrated", "review:start", "up:unrated", "owner", may_be_left, unless=(ground_unmet,), decides=True,
                form=(Field("unrated", "text"), REASON), effect=proposed, tells=("next",))  # fmt: skip
AGREED = Move("agree", "review:later", "up:unrated", "owner", is_left, decides=True, form=(OPINION,), effect=agreed,
              tells=("next",))  # fmt: skip
SIGNED_FOR = Move("acknowledge", "unrated", "stay", "institution", unless=(delivered,), effect=acknowledged)
