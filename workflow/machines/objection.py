"""异议与复评: one file, two entrances.

An objection (公示异议) by anyone within the publicity period holds its entry and no other. A re-review (复评) is the
institution's, from the day it is notified; its decision is final. Neither is decided by those who decided before.
"""

from models import Delivery, Objection, Objector
from workflow.engine.facts import Facts
from workflow.engine.forms import DEMAND, OPINION, REASON, Field
from workflow.engine.machine import NEW, Guard, MachineTable, Move, State
from workflow.engine.plan import Also, Effects, Issue
from workflow.machines import wording

# --- guards


def publicity_over(facts: Facts) -> str | None:
    """What counts is the instant of receipt against the entry's own closing instant."""
    entry = facts.parent.entry
    if (
        entry is None
        or entry.closes_at is None
        or facts.parent.case["state"] not in ("in_publicity", "contested", "cleared")
    ):
        return "publicity_not_open"
    return "publicity_over" if facts.at >= entry.closes_at else None


def no_right_to_re_review(facts: Facts) -> str | None:
    """From notification of the result, or from the answer to the institution's own objection, within the window."""
    subject = facts.parent
    if subject.re_reviewed():
        return "re_review_final"
    if subject.open_children("re_review", beside=facts.id):
        return "re_review_open"
    if subject.case["state"] == "effective" and subject.detail.get("delivered_on"):
        return "re_review_window_over" if facts.at >= subject.detail["re_review_until"] else None
    answered = subject.answered_to(facts.case["institution_id"])
    if subject.case["state"] not in ("cleared", "effective") or answered is None:
        return "re_review_not_notified"
    until = facts.deadline("re_review_window", answered.date()).instant
    return "re_review_window_over" if facts.at >= until else None


def took_part(facts: Facts) -> str | None:
    """Acceptance is no voice on the merits, but those who decided before keep away from it too."""
    return facts.barred.get(facts.actor.person_id or 0)


def amendment_changes_nothing(facts: Facts) -> str | None:
    """A result follows from the facts: an amendment needs a fact that was entered, voided or judged anew."""
    if facts.form["outcome"] != "amended":
        return None
    subject, showing = facts.parent, facts.parent.showing
    if showing.result_now is None:
        return "not_amendable"
    now = showing.result_now(subject)
    if now is None:
        return "needs_judgement"
    return "amendment_changes_nothing" if now == subject.detail[showing.result] else None


def facts_moved_on(facts: Facts) -> str | None:
    """The step signs the result that was proposed, not one that the archive has changed to since."""
    if facts.detail["proposed_outcome"] != "amended":
        return None
    return "findings_changed" if _amended(facts) != facts.detail["proposed_grade"] else None


def already_delivered(facts: Facts) -> str | None:
    return None if facts.undelivered else "already_delivered"


# --- effects


def filed(facts: Facts) -> Effects:
    """The objector's identity is a row of its own, outside the chain and outside every page of the other side."""
    form, kind = facts.form, facts.machine.table.key
    entry = facts.parent.entry if kind == "objection" else None
    row = {
        "case_id": facts.id,
        "kind": kind,
        "subject_id": facts.case["parent_id"],
        "by_institution_id": facts.actor.institution_id,
        "entry_id": entry.id if entry else None,
        "ground": form["ground"],
        "statement": form["statement"],
        "received_at": facts.at,
        "receipt_hash": form.get("receipt_hash"),
    }
    effects = Effects(
        inserts=[(Objection, row)], material=("statement", {"statement": form["statement"]}, form["files"])
    )
    if entry:
        person = {"case_id": facts.id, "name": form["name"], "contact": form["contact"]}
        effects.inserts.append((Objector, person))
        effects.also = [Also(facts.case["parent_id"], "contest", {"entry": entry.id})]
    elif facts.rules.re_review.suspends_effect and facts.parent.case["state"] == "effective":
        effects.also = [Also(facts.case["parent_id"], "suspend", {})]
    return effects


def supplied(facts: Facts) -> Effects:
    return Effects(material=("supplement", {"statement": facts.form["statement"]}, facts.form["files"]))


def refused(facts: Facts) -> Effects:
    return _answered(facts, "refused", facts.form["opinion"])


def verified(facts: Facts) -> Effects:
    """The verified answer, before it is signed."""
    outcome = facts.form["outcome"]
    grade = _amended(facts) if outcome == "amended" else None
    detail = {"proposed_outcome": outcome, "proposed_answer": facts.form["answer"], "proposed_grade": grade}
    return Effects(detail=detail, note={"outcome": outcome, "grade": grade})


def _amended(facts: Facts) -> str | None:
    now = facts.parent.showing.result_now
    return now(facts.parent) if now else None


def signed(facts: Facts) -> Effects:
    if facts.climbs_on:
        return Effects()
    return _answered(facts, facts.detail["proposed_outcome"], facts.detail["proposed_answer"])


def _answered(facts: Facts, outcome: str, answer: str) -> Effects:
    """The answer as a document with the rights that follow, and its effect on the case it is about."""
    cause = f"answer:{facts.id}"
    texts = wording.answer(facts, outcome, answer)
    settle = {"by": facts.id, "outcome": outcome}
    return Effects(
        detail={"outcome": outcome},
        issues=[Issue(cause, "answer", *texts, column="answer_id", to=facts.detail["by_institution_id"])],
        also=[Also(facts.case["parent_id"], "settle", settle)],
        note={"outcome": outcome},
    )


def acknowledged(facts: Facts) -> Effects:
    """送达 of the answer; the right to a re-review counts from it."""
    waiting = {"case_id": facts.id, "delivered_at": None}
    return Effects(updates=[(Delivery, waiting, {"delivered_at": facts.at, "how": "portal"})], note={"how": "portal"})


GROUNDS = Field("ground", "choice", choices=("facts", "clause", "procedure"))
STATEMENT = Field("statement", shortest=20, longest=10_000)
FILES = Field("files", "ids", required=False)
IDENTITY = (Field("name", "text", shortest=2, longest=100), Field("contact", "text", shortest=5, longest=200))
RECEIPT = Field("receipt_hash", "text", longest=128)


def entrance(
    key: str, prefix: str, by: str, form: tuple[Field, ...], right: Guard, outcomes: tuple[str, ...], basis: str
) -> MachineTable:
    """The rows that both entrances share; deadlines and signing steps are the policy's, by the entrance's key."""
    answer = (Field("outcome", "choice", choices=outcomes), Field("answer", shortest=10), OPINION)
    accepting = "section_head@home"
    return MachineTable(
        key=key,
        prefix=prefix,
        detail=Objection,
        ladder_from=key,
        review_due=f"{key}_answer",
        independent_of_parent=True,
        independent_of_siblings=key == "re_review",
        states=(
            State("acceptance", owner=accepting, due=f"{key}_acceptance"),
            State("supplement", owner="objector", due="objection_supplement", on_lapse="lapse", waits="objector"),
            State("review"),
            State("answered", "final"),
            State("refused", "final"),
        ),
        moves=(
            Move("file", NEW, "acceptance", by, unless=(right,), form=form, effect=filed,
                 tells=("next",), basis=basis),
            Move("accept", "acceptance", "review", "owner", unless=(took_part,), form=(OPINION,), tells=("next",)),
            Move("ask_more", "acceptance", "supplement", "owner", unless=(took_part,), form=(DEMAND,)),
            Move("refuse", "acceptance", "refused", "owner", form=(REASON,), effect=refused,
                 decides=True),
            Move("supply", "supplement", "acceptance", "objector", form=(STATEMENT, FILES), effect=supplied,
                 tells=("next",), again=True),
            Move("lapse", "supplement", "acceptance", "system", tells=("next",), again=True),
            Move("propose", "review:start", "up:answered", "owner", unless=(amendment_changes_nothing,), form=answer,
                 effect=verified, tells=("next",), decides=True, basis="XC-11"),
            Move("agree", "review:later", "up:answered", "owner", unless=(facts_moved_on,), form=(OPINION,),
                 effect=signed, tells=("next",), decides=True, basis=basis),
            Move("acknowledge", "answered|refused", "stay", "objector", unless=(already_delivered,),
                 effect=acknowledged, basis=basis),
            Move("disagree", "review:panel", "stay", "panel_member", form=(REASON,), decides=True, basis="XC-02"),
            Move("rework", "review:later", "restart", "owner", form=(REASON,), tells=("next",), again=True,
                 decides=True),
        ),
    )  # fmt: skip


OBJECTION = entrance(
    "objection",
    "YY",
    "public",
    (GROUNDS, STATEMENT, FILES, *IDENTITY, RECEIPT),
    publicity_over,
    ("upheld", "amended", "removed"),
    "XC-13",
)
RE_REVIEW = entrance(
    "re_review",
    "FP",
    "institution",
    (GROUNDS, STATEMENT, FILES),
    no_right_to_re_review,
    ("upheld", "amended", "annulled"),
    "XC-16",
)
