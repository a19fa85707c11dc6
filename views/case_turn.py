"""Whose turn it is on a case and what is asked; and what everybody has said about it so far."""

from collections.abc import Iterator

from flask import url_for

from views import case_ladder
from views.meter import days
from views.present import Shown, day_words, local, state_text
from views.texts import gettext as _
from views.texts import text
from workflow.engine.permissions import OFFICIALS
from workflow.engine.queries.case_page import Act, CasePage
from workflow.engine.queries.due import DaysLeft

VOICES = ("propose", "agree", "disagree", "rework", "return_down")
AGAINST = ("disagree", "rework", "return_down", "refuse", "ask_correction")


def turn(page: CasePage, left: DaysLeft | None, nudge_url: str) -> Shown:
    """What stands on top of the moves: mine or whose, the step, the days left, and the small acts beside it."""
    facts = page.facts
    mine = bool(facts.my_tasks)
    closed = facts.case["closed_at"] is not None
    return {
        "title": _("轮到您办") if mine else _("已办结") if closed else _("现在由谁办"),
        "mine": mine,
        "state": state_text(facts.machine.table.key, facts.case["state"], facts.case["step"]),
        "lines": [] if mine else case_ladder.waiting(page),
        "days": days(left),
        "sign": _sign(page),
        "nudge_url": nudge_url,
    }


def _sign(page: CasePage) -> Shown | None:
    """签收 or 退签 of the work that the actor owes here."""
    number, me = page.facts.case["number"], page.facts.actor.person_id
    for task in page.facts.my_tasks:
        if task.person_id is None:
            words, url = _("签收后由您办理，同事不再重复办"), url_for("inbox.claim", task_id=task.id)
            return {"label": _("签收"), "words": words, "url": url, "case": number}
        if task.claimed_at is not None and task.person_id == me:
            url = url_for("inbox.release", task_id=task.id)
            return {"label": _("退签"), "words": _("已由您签收"), "url": url, "case": number}
    return None


def voices(page: CasePage) -> list[Shown]:
    """What officials proposed, agreed to, sent back or wrote, newest first: what a decider weighs."""
    return list(_voices(page))


def _voices(page: CasePage) -> Iterator[Shown]:
    machine, today = page.facts.machine.table.key, page.facts.today
    for act in page.acts:
        if act.role in OFFICIALS and (act.opinion or act.move in VOICES):
            yield {
                "title": text(f"move.{machine}.{act.move}"),
                "against": act.move in AGAINST,
                "grade": act.details.get("grade"),
                "who": _who(act),
                "where": state_text(machine, act.from_state, act.from_step) if act.from_state != "new" else "",
                "on": day_words(local(act.at).date(), today),
                "opinion": act.opinion,
            }


def _who(act: Act) -> str:
    return " · ".join(word for word in (act.authority, act.person) if word)
