"""信用修复: an institution's application about a public record, decided by who made the finding (谁认定、谁修复); or
about what stands against a better grade of its own (XC-18), decided by who manages it.

A granted repair stands: the record is no longer public nor used, an entry in a list made for it has ended, the grade
is evaluated again, and the credit platform is told. It ends by itself when there is nothing left that a false pledge
could bring back; until then it may be rescinded, after the institution has been heard, by other people.
"""

from models import Repair
from workflow.engine.facts import Facts, Line
from workflow.engine.forms import DEMAND, OPINION, REASON, STATEMENT, Field
from workflow.engine.machine import NEW, MachineTable, Move, Publicity, State
from workflow.engine.plan import Row
from workflow.machines import entry, repair_wording
from workflow.machines import repair_effects as effect
from workflow.machines import repair_guards as guard

# --- which row applies


def refusing(facts: Facts) -> bool:
    return facts.detail["proposed_outcome"] == "not_granted"


def publicly(facts: Facts) -> bool:
    return facts.rules.repair.publicity and not refusing(facts)


def directly(facts: Facts) -> bool:
    return not facts.rules.repair.publicity and not refusing(facts)


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
    Field("outcome", "choice", choices=("granted", "not_granted")),
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
        State("not_granted", "final"),
        State("withdrawn", "final"),
        State("rescinded", "final"),
        State("spent", "final"),
    ),
    moves=(
        # application: one record, or what stands against a better grade
        Move("apply", NEW, "acceptance", "institution", unless=(guard.not_repairable,), effect=effect.applied, tells=("next",),
             form=(Field("record", "whole"), *STATEMENT, PLEDGE), basis="REPAIR-conditions"),
        Move("apply_upgrade", NEW, "acceptance", "institution", unless=(guard.nothing_to_upgrade,), effect=effect.applied_upgrade,
             form=(Field("records", "ids"), *STATEMENT, PLEDGE), tells=("next",), basis="REPAIR-conditions"),
        Move("accept", "acceptance", "review", "owner", unless=(guard.has_no_part,), form=(OPINION,),
             tells=("next", "institution")),
        Move("ask_more", "acceptance", "supplement", "owner", unless=(guard.has_no_part,), form=(DEMAND,), tells=("institution",)),
        Move("refuse", "acceptance", "refused", "owner", form=(REASON,), effect=effect.refused, tells=("institution",), decides=True),
        Move("supply", "supplement", "acceptance", "institution", form=STATEMENT, effect=effect.supplied, tells=("next",), again=True),
        Move("lapse", "supplement", "acceptance", "system", tells=("next",), again=True),
        Move("withdraw", "acceptance|supplement", "withdrawn", "institution", form=(REASON,), tells=("home",)),
        Move("withdraw", "review", "withdrawn", "institution", form=(REASON,), tells=("home",)),
        # verification by the county, and up to who made the finding
        Move("verify", "review:start", "up:granted", "owner", unless=(guard.not_borne_out,), form=VERIFY, effect=effect.verified,
             tells=("next",), decides=True, basis="REPAIR-conditions"),
        Move("agree", "review:later", "up:not_granted", "owner", refusing, form=(OPINION,), effect=effect.signed_refusal,
             tells=("next", "institution"), decides=True, basis="REPAIR-who"),
        Move("agree", "review:later", "up:awaiting_publicity", "owner", publicly, form=(OPINION,), tells=("next",),
             decides=True, basis="REPAIR-who"),
        Move("agree", "review:later", "up:granted", "owner", directly, form=(OPINION,), effect=effect.signed_grant,
             tells=("next", "institution", "platform"), decides=True, basis="REPAIR-who", public=True),
        Move("disagree", "review:panel", "stay", "panel_member", decides=True, form=(REASON,)),
        Move("rework", "review:later", "restart", "owner", decides=True, form=(REASON,), tells=("next",), again=True),
        Move("return_down", "review:later", "down", "owner", decides=True, form=(REASON,), tells=("next",), again=True),
        *entry.rows(effect.granted, "granted", confirmed_to=("institution", "home", "platform")),
        # what is granted stands until a false pledge comes to light, or until there is nothing left to bring back
        Move("acknowledge", "granted|defence|weighing|refused|not_granted|rescinded|spent", "stay", "institution", unless=(guard.already_delivered,),
             effect=effect.acknowledged, basis="REPAIR-effect"),
        Move("doubt", "granted", "defence", "handler@publisher", form=(REASON,), effect=effect.doubted, tells=("institution",),
             decides=True, basis="REPAIR-false"),
        Move("defend", "defence", "weighing", "institution", form=STATEMENT, effect=effect.defended, tells=("next",)),
        Move("lapse", "defence", "weighing", "system", tells=("next", "institution")),
        Move("rescind", "weighing", "rescinded", "owner", form=(REASON,), effect=effect.rescinded, decides=True,
             tells=("institution", "home", "platform"), basis="REPAIR-false", public=True),
        Move("uphold", "weighing", "granted", "owner", form=(REASON,), effect=effect.upheld, decides=True, tells=("institution",),
             again=True),
        Move("spend", "granted", "spent", "system", basis="REPAIR-start"),
    ),
)  # fmt: skip
