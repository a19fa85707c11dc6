"""诚信评价: from the round's opening through review, publicity and confirmation to a grade in force for its term."""

from models import Delivery, Evaluation
from workflow.engine import caps
from workflow.engine.facts import Facts, Line
from workflow.engine.forms import DEMAND, HOW, OPINION, REASON, STATEMENT
from workflow.engine.machine import NEW, MachineTable, Move, Publicity, State
from workflow.engine.plan import Effects, Issue, Row, TaskPlan
from workflow.engine.refusal import Refused
from workflow.machines import checks, entry, regrade, scored, unrated, wording
from workflow.rules.findings import Findings

# --- guards: a reason code, or None


def facts_unjudged(facts: Facts) -> str | None:
    """严重、较轻、及时改正 are judged by a person, with evidence (XC-11); nothing is proposed before."""
    found = facts.findings
    only_points_lack = found.score is not None and found.score.total is None
    return "needs_judgement" if found.unjudged or (found.grade is None and not only_points_lack) else None


def facts_changed(facts: Facts) -> str | None:
    """A step never signs a grade that the archive no longer supports."""
    if facts.detail["archive_version"] == facts.institution.archive_version:
        return None
    return "findings_changed" if facts.findings.as_json() != facts.detail["findings"] else None


def still_in_business(facts: Facts) -> str | None:
    return "institution_open" if facts.institution.closed_on is None else None


def delivered(facts: Facts) -> str | None:
    return "already_delivered" if facts.detail["delivered_on"] else None


def too_few_sheets(facts: Facts) -> str | None:
    """Experts need not score whom the policy does not rate."""
    return None if unrated.too_young(facts) else scored.too_few_sheets(facts)


def cap_full(facts: Facts) -> str | None:
    """Others may have taken the last seat of a top grade since this result was proposed."""
    found = None if facts.climbs_on else caps.full(facts, facts.detail["proposed_grade"])
    if found:
        raise Refused("cap_full", **found.told())
    return None


# --- which row applies


def asks_report(facts: Facts) -> bool:
    return facts.rules.evaluation.self_report


def asks_no_report(facts: Facts) -> bool:
    return not facts.rules.evaluation.self_report


def annulled(facts: Facts) -> bool:
    return facts.form["outcome"] == "annulled"


# --- effects


def opened(facts: Facts) -> Effects:
    row = {"case_id": facts.id, "institution_id": facts.case["institution_id"], "round_id": facts.case["round_id"]}
    return Effects(inserts=[(Evaluation, row), *scored.survey(facts)], opens=_seats(facts))


def reported(facts: Facts) -> Effects:
    material = ("self_report", {"statement": facts.form["statement"]}, facts.form["files"])
    return scored.given(facts, "self", Effects(material=material, opens=_seats(facts)))


def unreported(facts: Facts) -> Effects:
    return Effects(opens=_seats(facts))


def _seats(facts: Facts) -> list[TaskPlan]:
    """The experts' work begins when the case comes to them."""
    return scored.asked(facts) if facts.row.to == "scoring" else []


def proposed(facts: Facts) -> Effects:
    """The findings are frozen with their facts, so that the grade can be recomputed from them for ever."""
    found = facts.findings
    frozen = {"findings": found.as_json(), "archive_version": facts.institution.archive_version}
    grade = caps.allowed(facts, found.grade)
    capped = found.grade if grade != found.grade else None
    result = {"proposed_grade": grade, "capped_from": capped, "unrated": None}
    effects = Effects(detail=frozen | result, note={"grade": grade})
    if found.score:
        effects.note["score"] = str(found.score.total)
    return scored.given(facts, "official", effects) if facts.row_asks("official") else effects


def noted(facts: Facts) -> Effects:
    """A re-review decided after the term ended is on record; there is no grade left to change."""
    return Effects(note={"outcome": facts.form["outcome"]})


def suspended(_facts: Facts) -> Effects:
    """The grade stands but has no effect until the re-review is decided, where the policy says so."""
    return Effects(detail={"suspended": True})


def settled(facts: Facts) -> Effects:
    """What an answered objection or a decided re-review does to the result. An amendment follows the facts anew."""
    amended = facts.form["outcome"] == "amended"
    effects = proposed(facts) if amended else Effects()
    effects.detail["suspended"] = False
    if amended and facts.case["state"] == "effective":
        effects.detail["grade"] = effects.detail["proposed_grade"]
    return entry.settled(facts, effects)


def confirmed(facts: Facts) -> Effects:
    """确定: effective from today for the policy's validity; one document may confirm many (its cause names it)."""
    grade, today = facts.detail["proposed_grade"], facts.today
    kept = facts.parent.detail["expires_on"] if regrade.keeps_term(facts) else None
    until = kept or facts.deadline("validity", today).due
    cause = facts.form.get("cause") or f"confirmation:{facts.id}:{facts.head[0] + 1}"
    desk = TaskPlan("handler", facts.publisher_id, "market", purpose="deliver", due="deliver")
    effects = Effects(
        detail={"grade": grade, "effective_from": today, "expires_on": until},
        issues=[
            Issue(cause, "confirmation", *wording.confirmation(facts, [facts.line]), column="confirmation_id"),
            Issue(
                f"notification:{facts.id}:{facts.head[0] + 1}",
                "notification",
                *wording.notification(facts, grade, today, until),
                to=facts.case["institution_id"],
            ),
        ],
        opens=[desk, *_filing(facts)],
        note={"grade": grade, "effective_from": today.isoformat(), "expires_on": until.isoformat()},
    )
    return regrade.superseding(facts, effects)


def _filing(facts: Facts) -> list[TaskPlan]:
    """备案 by the topmost authority of the ladder, where the policy asks for it."""
    if not facts.rules.evaluation.filing:
        return []
    top = facts.case["ladder"][-1]["authority"]
    return [TaskPlan("handler", top, "market", purpose="file_upward", due="filing")]


def delivery(facts: Facts) -> Effects:
    """送达 starts the window for re-review (its length is the policy's; the day of delivery does not count)."""
    how = facts.form.get("how") or "portal"
    until = facts.deadline("re_review_window", facts.today)
    undelivered = {"case_id": facts.id, "delivered_at": None}
    return Effects(
        detail={"delivered_on": facts.today, "re_review_until": until.instant},
        updates=[(Delivery, undelivered, {"delivered_at": facts.at, "how": how})],
        ends=("deliver",),
        note={"how": how, "re_review_until": until.due.isoformat()},
    )


# --- publicity


def publisher(facts: Facts, ladder: list[Row]) -> int:
    """The managing authority, or the one that opened the round."""
    return facts.round.authority_id if facts.rules.evaluation.publicity_by == "round" else ladder[0]["authority"]


def as_shown(line: Line) -> Row:
    """The grade, the conditions met with their clause, the points where there are any, and the better grade whose
    percentage is full."""
    found = Findings.from_json(line.detail["findings"])
    met = [{"condition": one.condition, "clause": one.clause} for one in found.met]
    shown = {"grade": line.detail["proposed_grade"], "met": met}
    besides = {"score": found.points, "capped_from": line.detail["capped_from"]}
    return shown | {name: value for name, value in besides.items() if value}


def grade_now(facts: Facts) -> str | None:
    """The grade that the facts give now; None while somebody must judge one of them first."""
    return None if facts.findings.unjudged else caps.allowed(facts, facts.findings.grade)


REPORT = (scored.SELF, *STATEMENT)

EVALUATION = MachineTable(
    key="evaluation",
    prefix="PJ",
    detail=Evaluation,
    publicity=Publicity(publisher, as_shown, wording.RESULT, wording.confirmation, "proposed_grade", grade_now),
    states=(
        State("self_report", owner="institution", due="self_report", on_lapse="lapse"),
        State("scoring", owner="handler@home", due="expert_scoring", asks="expert"),
        State("review"),
        State("correction", owner="institution", due="correction", on_lapse="lapse"),
        *entry.STATES,
        State("effective", "standing", due="validity", on_lapse="expire"),
        *regrade.STATES,
        State("expired", "final"),
        State("annulled", "final"),
        State("withdrawn", "final"),
        *unrated.STATES,
    ),
    moves=(
        # opening and the self-report; nobody escapes by silence
        Move("open", NEW, "self_report", "section_head@round", asks_report, effect=opened, tells=("institution",)),
        Move("open", NEW, "scoring", "section_head@round", asks_no_report, effect=opened, tells=("next",)),
        Move("open", NEW, "review", "section_head@round", asks_no_report, effect=opened, tells=("next",)),
        Move("report", "self_report", "scoring", "institution", form=REPORT, effect=reported, tells=("next",), basis="XC-10"),
        Move("report", "self_report", "review", "institution", form=REPORT, effect=reported, tells=("next",), basis="XC-10"),
        Move("lapse", "self_report", "scoring", "system", again=True, effect=unreported, tells=("next", "institution")),
        Move("lapse", "self_report|correction", "review", "system", again=True, tells=("next", "institution")),
        # a standing grade is evaluated again
        *regrade.ROWS,
        # the experts' sheets, each given blind; the handler closes the phase
        Move("score", "scoring", "stay", "task", decides=True, form=(scored.EXPERT,), effect=scored.scored, basis="SD-18"),
        Move("invite", "scoring", "stay", "owner", unless=(entry.has_interest, scored.nobody_to_invite), effect=scored.invited,
             tells=("next",), closes=False),
        Move("close_scoring", "scoring", "review", "owner", unless=(entry.has_interest, too_few_sheets), tells=("next",)),
        # the ladder
        checks.ROW,
        Move("propose", "review:start", "up:awaiting_publicity", "owner", unless=(unrated.too_young_to_rate, scored.survey_runs, scored.unscored, facts_unjudged), decides=True,
             form=(scored.OFFICIAL, OPINION), effect=proposed, tells=("next",), basis="XC-12"),
        Move("ask_correction", "review:start", "correction", "owner", form=(DEMAND,), tells=("institution",), basis="XC-10"),
        Move("correct", "correction", "review", "institution", form=REPORT, effect=reported, tells=("next",), again=True),
        unrated.PROPOSED,
        unrated.AGREED,
        Move("agree", "review:later", "up:awaiting_publicity", "owner", unless=(facts_changed, cap_full), decides=True,
             form=(OPINION,), tells=("next",), basis="XC-04"),
        Move("disagree", "review:panel", "stay", "panel_member", decides=True, form=(REASON,), basis="XC-02"),
        Move("rework", "review:later", "restart", "owner", decides=True, form=(REASON,), tells=("next",), again=True),
        Move("return_down", "review:later", "down", "owner", decides=True, form=(REASON,), tells=("next",), again=True),
        Move("withdraw", "review", "withdrawn", "leader@level", unless=(still_in_business, entry.has_interest), form=(REASON,)),
        # publicity, objections and confirmation
        *entry.rows(confirmed, "effective", settled=settled, unless=(regrade.standing_ended,)),
        # notification, term
        Move("deliver", "effective", "stay", "task", unless=(delivered,), form=(HOW,), effect=delivery, basis="XC-15"),
        Move("acknowledge", "effective", "stay", "institution", unless=(delivered,), effect=delivery, basis="XC-15"),
        unrated.SIGNED_FOR,
        Move("file_upward", "effective", "stay", "task", form=(OPINION,), tells=("above",), basis="XC-30"),
        Move("suspend", "effective", "stay", "system", effect=suspended, tells=("institution",), public=True),
        Move("settle", "cleared|effective", "annulled", "system", annulled, effect=settled, tells=("institution",), public=True),
        Move("settle", "cleared|effective", "stay", "system", effect=settled, tells=("institution",), basis="XC-16"),
        Move("settle", "expired", "stay", "system", effect=noted, tells=("institution",), basis="XC-16"),
        Move("expire", "effective", "expired", "system", tells=("institution", "home"), basis="XC-14", public=True),
    ),
)  # fmt: skip
