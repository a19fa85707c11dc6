"""等级动态调整: the rows by which a standing grade is evaluated again (XC-17, XC-18), and supersedes the one before.

A violation that calls for a worse grade opens it by itself when the fact is entered: the institution is told what is
intended and has its own time to state its case. A remedied record opens it in the institution's favour. What follows
is review, publicity and confirmation like any year's.
"""

from models import Delivery, Evaluation
from workflow.engine.facts import Facts
from workflow.engine.forms import HOW, REASON, STATEMENT
from workflow.engine.machine import NEW, Move, State
from workflow.engine.plan import Also, Effects, Issue
from workflow.engine.standing import standing
from workflow.machines import entry, wording
from workflow.rules.deadline import closing_instant

# --- guards


def no_worse_grade(facts: Facts) -> str | None:
    """Only a grade worse than the standing one, by facts that somebody has judged."""
    now = standing(facts.session, facts.case["institution_id"])
    if now is None or now.case["id"] != facts.id:
        return "no_standing_grade"
    found = now.now(facts.session, facts.today)
    if found.unjudged:
        return "needs_judgement"
    return None if now.is_worse(found.grade) else "no_worse_grade"


def re_evaluation_open(facts: Facts) -> str | None:
    return "re_evaluation_open" if facts.open_children("evaluation") else None


def reopened_already(facts: Facts) -> str | None:
    """Whoever opens it holds the standing grade's case, so a second one is only ever an engine's mistake."""
    return "re_evaluation_open" if facts.parent.open_children("evaluation", beside=facts.id) else None


def ground_remains(facts: Facts) -> str | None:
    """Dropped only where the facts no longer give another grade, or there is no grade left to change."""
    before = facts.parent
    if before.case["state"] != "effective":
        return None
    return None if facts.findings.grade == before.detail["grade"] else "ground_remains"


def standing_ended(facts: Facts) -> str | None:
    """What expired meanwhile cannot be changed any more; the next round grades anew."""
    if facts.detail["supersedes_id"] is None:
        return None
    return None if facts.parent.case["state"] == "effective" else "standing_ended"


# --- which row applies


def allowed(facts: Facts) -> bool:
    return facts.rules.content.regrade is not None


def in_its_favour(facts: Facts) -> bool:
    return facts.rules.content.regrade is not None and facts.form["why"] == "upgrade"


def against_it(facts: Facts) -> bool:
    return facts.rules.content.regrade is not None and facts.form["why"] != "upgrade"


def again(facts: Facts) -> bool:
    return facts.detail["supersedes_id"] is not None


# --- effects


def reevaluated(facts: Facts) -> Effects:
    now = standing(facts.session, facts.case["institution_id"])
    return Effects(starts=now.reopened("violation") if now else [], note={"why": "violation"})


def reopened(facts: Facts) -> Effects:
    row = {
        "case_id": facts.id,
        "institution_id": facts.case["institution_id"],
        "round_id": facts.case["round_id"],
        "occasion": facts.form["why"],
        "supersedes_id": facts.case["parent_id"],
        "reference_date": facts.today,
    }
    return Effects(inserts=[(Evaluation, row)], note={"why": facts.form["why"]})


def notified(facts: Facts) -> Effects:
    """事先告知: from its delivery the institution's own time counts."""
    cause = f"prior-notice:{facts.id}:{facts.head[0] + 1}"
    letter = Issue(cause, "prior_notice", *wording.prior_notice(facts), to=facts.case["institution_id"])
    undelivered = {"case_id": facts.id, "delivered_at": None}
    delivered = {"delivered_at": facts.at, "how": facts.form["how"]}
    return Effects(issues=[letter], updates=[(Delivery, undelivered, delivered)], note={"how": facts.form["how"]})


def heard(facts: Facts) -> Effects:
    """What is graded now are the facts of this day, the institution's own among them."""
    return Effects(detail={"reference_date": facts.today})


def stated(facts: Facts) -> Effects:
    effects = heard(facts)
    effects.material = ("statement", {"statement": facts.form["statement"]}, facts.form["files"])
    return effects


def superseding(facts: Facts, effects: Effects) -> Effects:
    """The grade before ends with this confirmation; by policy its last day is kept, or a new term begins."""
    if facts.detail["supersedes_id"] is not None:
        effects.also.append(Also(facts.detail["supersedes_id"], "supersede", {"by": facts.id}))
        if keeps_term(facts):
            effects.due_from = facts.today
            effects.due_at = closing_instant(facts.parent.detail["expires_on"], facts.rules.period("validity").closes)
    return effects


def keeps_term(facts: Facts) -> bool:
    return facts.detail["supersedes_id"] is not None and facts.rules.regrade.term == "keeps"


STATES = (
    State("prior_notice", owner="handler@home", due="deliver"),
    State("statement", owner="institution", due="regrade_statement", on_lapse="lapse"),
    State("superseded", "final"),
)

ROWS = (
    Move("reevaluate", "effective", "stay", "keeper", allowed, unless=(re_evaluation_open, no_worse_grade),
         effect=reevaluated, closes=False, tells=("institution",)),
    Move("reopen", NEW, "prior_notice", "system", against_it, unless=(reopened_already,), effect=reopened, tells=("next",)),
    Move("reopen", NEW, "review", "system", in_its_favour, unless=(reopened_already,), effect=reopened,
         tells=("next", "institution")),
    Move("deliver", "prior_notice", "statement", "owner", form=(HOW,), effect=notified, tells=("institution",)),
    Move("state_case", "statement", "review", "institution", form=STATEMENT, effect=stated, tells=("next",)),
    Move("lapse", "statement", "review", "system", effect=heard, tells=("next", "institution")),
    Move("withdraw", "prior_notice", "withdrawn", "leader@home", unless=(ground_remains, entry.has_interest),
         form=(REASON,), tells=("institution",)),
    Move("withdraw", "review", "withdrawn", "leader@level", again, unless=(ground_remains, entry.has_interest),
         form=(REASON,), tells=("institution",)),
    Move("supersede", "effective", "superseded", "system", tells=("home",), public=True),
)  # fmt: skip
