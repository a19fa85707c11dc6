"""推荐: from an application or a nomination through evaluation, a seat within the quota and publicity to an honour that
stands until it is revoked. Shandong's list goes on to the province and the ministry (SD-23); Xuchang's models are
decided where the quota is (XC-28)."""

from dataclasses import replace

from models import Recommendation
from workflow.engine import quota
from workflow.engine.facts import Facts, Line
from workflow.engine.forms import OPINION, REASON, Field
from workflow.engine.machine import NEW, MachineTable, Move, Publicity, State
from workflow.engine.plan import Row
from workflow.machines import entry, scored
from workflow.machines import recommendation_effects as effect
from workflow.machines import recommendation_guards as guard
from workflow.machines import recommendation_wording as wording

# --- which row applies


def fit(facts: Facts) -> bool:
    return facts.form.get("verdict") != "unfit"


def found_fit(facts: Facts) -> bool:
    return facts.detail["verdict"] == "fit"


def institutions_apply(facts: Facts) -> bool:
    return "institution" in facts.rules.recommendation.entrance


def authorities_nominate(facts: Facts) -> bool:
    return "authority" in facts.rules.recommendation.entrance


def nominated_with_form(facts: Facts) -> bool:
    return facts.rules.recommendation.forms and authorities_nominate(facts)


def goes_on(facts: Facts) -> bool:
    return facts.rules.recommendation.ladder_to != "quota" and bool(facts.level_after_publicity)


def was_shown(facts: Facts) -> bool:
    return facts.detail["confirmation_id"] is not None


def accepted(facts: Facts) -> bool:
    return facts.form.get("outcome") != "not_designated"


# --- publicity


def publisher(_facts: Facts, ladder: list[Row]) -> int:
    """The holder of the quota shows its own list (SD-24)."""
    return next(rung["authority"] for rung in ladder if rung.get("publishes"))


def as_shown(line: Line) -> Row:
    return {"honour": line.detail["honour"], "holder": line.detail["holder"], "score": line.detail["total"]}


def in_order(facts: Facts, line: Line) -> tuple[object, ...]:
    """推荐顺序 (SD-33)."""
    return quota.place(facts.rules, facts.round.year, line.detail)


HOLDER = Field("holder", "text", required=False, longest=100)
LONG = 10_000
FORM = (
    Field("representative", "text", required=False, longest=100),
    Field("business", "text", required=False, longest=500),
    Field("liaison", "text", required=False, longest=100),
    Field("phone", "text", required=False, longest=50),
    Field("profile", shortest=20, longest=LONG),
    Field("deeds", shortest=20, longest=LONG),
    Field("notes", required=False, longest=LONG),
    scored.SELF,
    Field("files", "ids", required=False),
)
EVALUATION = (
    Field("verdict", "choice", choices=("fit", "unfit")),
    Field("attestation", required=False, longest=LONG),
    scored.OFFICIAL,
    Field("override", required=False),
    OPINION,
)
UNFIT = tuple(replace(field, required=False) if field is scored.OFFICIAL else field for field in EVALUATION)
"""Whoever is found unfit need not be scored."""
OUTCOME = (
    Field("outcome", "choice", choices=("designated", "not_designated")),
    Field("number", "text", shortest=4, longest=100),
    Field("outcome_on", "date"),
)
STATEMENT = (Field("statement", shortest=20, longest=LONG), Field("files", "ids", required=False))
ENTRY = (guard.round_over, guard.applied_already, guard.holder_named, guard.not_eligible)
GAPS = (guard.gap_unexplained,)
FIT = (guard.not_eligible, guard.needs_judgement, guard.attestation_missing, guard.override_unreasoned)
TOLD = "rejected|not_selected|removed|declined|designated|not_designated|revoked"

RECOMMENDATION = MachineTable(
    key="recommendation",
    prefix="TJ",
    detail=Recommendation,
    publicity=Publicity(publisher, as_shown, wording.RESULT, wording.decision, order=in_order),
    states=(
        State("application", owner="institution", due="application", on_lapse="lapse"),
        State("review"),
        State("shortlisted", owner="handler@publisher", due="selection"),
        State("reserve", due="submission", on_lapse="end_reserve", waits="seat"),
        *entry.STATES,
        State("reported", owner="handler@level"),
        State("designated", "standing"),
        State("revocation", owner="leader@level", due="revocation"),
        State("revoked", "final"),
        State("rejected", "final"),
        State("not_selected", "final"),
        State("removed", "final"),
        State("declined", "final"),
        State("not_designated", "final"),
        State("withdrawn", "final"),
    ),
    moves=(
        # who begins
        Move("apply", NEW, "review", "institution", institutions_apply, unless=(*ENTRY, *GAPS), form=(HOLDER, *FORM),
             effect=effect.opened, tells=("next",), basis="SD-39"),
        Move("nominate", NEW, "application", "handler@home", nominated_with_form, unless=ENTRY, form=(HOLDER,),
             effect=effect.opened, tells=("institution",), basis="SD-23"),
        Move("nominate", NEW, "review", "handler@home", authorities_nominate, unless=ENTRY, form=(HOLDER,),
             effect=effect.opened, tells=("next",), basis="SD-23"),
        Move("fill", "application", "review", "institution", unless=GAPS, form=FORM, effect=effect.filled, tells=("next",),
             basis="SD-39"),
        Move("lapse", "application", "withdrawn", "system", tells=("home",)),
        # evaluation by those below the quota's holder and by the holder
        Move("propose", "review:start", "up:shortlisted/reported", "owner", fit, unless=FIT, form=EVALUATION,
             effect=effect.evaluated, tells=("next",), decides=True, basis="SD-23"),
        Move("propose", "review:start", "up:rejected/rejected", "owner", unless=(guard.reason_missing,), form=UNFIT,
             effect=effect.proposed_unfit, tells=("next",), decides=True, basis="SD-23"),
        Move("override", "review", "stay", "leader@level", unless=(guard.nothing_to_override, guard.own_override,
             entry.has_interest), form=(REASON,), effect=effect.overridden, closes=False, basis="SD-32"),
        Move("agree", "review:later", "up:shortlisted/reported", "owner", found_fit, unless=(guard.facts_changed,
             guard.override_open), form=(OPINION,), tells=("next",), decides=True, basis="SD-23"),
        Move("agree", "review:later", "up:rejected/rejected", "owner", unless=(guard.reason_missing,), form=(OPINION,),
             effect=effect.unfit, tells=("next",), decides=True, basis="SD-23"),
        Move("disagree", "review:panel", "stay", "panel_member", form=(REASON,), decides=True),
        Move("rework", "review:later", "restart", "owner", form=(REASON,), tells=("next",), decides=True, again=True),
        Move("decline", "review", "declined", "leader@level", was_shown, unless=(entry.has_interest,), form=(REASON,),
             effect=effect.declined, tells=("home", "publisher", "institution"), basis="SD-23"),
        # the list within the quota
        Move("select", "shortlisted|reserve", "awaiting_publicity", "handler@publisher", unless=(guard.round_over,
             guard.not_eligible_now, guard.quota_full, guard.better_passed_over, entry.has_interest), form=(OPINION,),
             effect=effect.seated, tells=("next", "institution"), basis="SD-27"),
        Move("hold", "shortlisted", "reserve", "handler@publisher", unless=(guard.round_over,), form=(OPINION,),
             effect=effect.held, tells=("institution",), basis="SD-45"),
        Move("close", "shortlisted|reserve", "not_selected", "leader@publisher", unless=(entry.has_interest,),
             form=(REASON,), effect=effect.passed_over, tells=("institution",), basis="SD-45"),
        Move("end_reserve", "reserve", "not_selected", "system", effect=effect.passed_over, tells=("institution",), basis="SD-25"),
        Move("unseat", "awaiting_publicity", "shortlisted", "leader@publisher", unless=(entry.has_interest,),
             form=(REASON,), effect=effect.left, tells=("next", "institution")),
        # publicity, objections; the list goes on, or is decided here
        entry.confirmation("above", effect.submitted, goes_on, unless=(guard.not_eligible_now, guard.package_incomplete,
                           guard.round_over), tells=("next", "institution")),
        *entry.rows(effect.designated, "designated", settled=effect.answered, unless=(guard.not_eligible_now,), taken_down="removed",
                    tells=("institution", "home")),
        Move("record_outcome", "reported", "designated", "owner", accepted, unless=(guard.outcome_ahead,),
             form=OUTCOME, effect=effect.outcome_recorded, tells=("institution", "home", "publisher"), basis="SD-03", public=True),
        Move("record_outcome", "reported", "not_designated", "owner", unless=(guard.outcome_ahead,), form=OUTCOME,
             effect=effect.outcome_recorded, tells=("institution", "home", "publisher"), basis="SD-03"),
        # an honour ends when dishonesty is found
        Move("propose_revocation", "designated", "revocation", "handler@level", unless=(guard.no_ground,
             entry.has_interest), form=(REASON,), effect=effect.revocation_proposed, tells=("next", "institution"), basis="ZS-32"),
        Move("state_case", "revocation", "stay", "institution", form=STATEMENT, effect=effect.stated, closes=False),
        Move("revoke", "revocation", "revoked", "owner", unless=(guard.own_revocation, entry.has_interest),
             form=(REASON,), effect=effect.revoked, tells=("institution", "home"), basis="ZS-32", public=True),
        Move("keep", "revocation", "designated", "owner", unless=(guard.own_revocation, entry.has_interest),
             form=(REASON,), tells=("institution", "home")),
        # the institution
        Move("withdraw", "review", "withdrawn", "institution", form=(REASON,), effect=effect.left, tells=("home",)),
        Move("withdraw", "application|shortlisted|reserve|awaiting_publicity|cleared", "withdrawn", "institution",
             form=(REASON,), effect=effect.left, tells=("home", "publisher")),
        Move("acknowledge", TOLD, "stay", "institution", unless=(guard.delivered,), effect=effect.acknowledged),
    ),
)  # fmt: skip
