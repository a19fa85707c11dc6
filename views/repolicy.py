"""换用规则: what would differ under another policy, and the act."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from views import layout, uploads, web
from views.inbox import worker
from views.policy_words import section
from views.present import day_words
from views.texts import field_reasons, policy_text, reason, text
from views.texts import gettext as _
from workflow import repolicies
from workflow.engine.facts import Facts
from workflow.engine.load import facts_of
from workflow.engine.queries.case_page import find
from workflow.engine.refusal import NotFound, Refused

door = Blueprint("repolicy", __name__)
LONGEST = 128


@door.get("/cases/<number>/policy")
@worker
def show(number: str) -> str:
    return _page(number, request.args.get("to", "")[:LONGEST])


@door.post("/cases/<number>/policy")
@worker
def change(number: str) -> str | tuple[str, int] | Response:
    to, said = request.form.get("to", "")[:LONGEST], request.form.get("opinion", "")
    try:
        with web.writing() as session:
            one = _led(session, number).id
            seen = uploads.seen_version()
            repolicies.move(session, one, to, said, web.actor(), web.request_id(), seen, web.at())
    except Refused as refused:
        why = field_reasons(refused).get("opinion") if refused.fields else reason(refused)
        return _page(number, to, why or reason(refused)), uploads.status(refused)
    flash(_("已换用规则"))
    return redirect(url_for("cases.show", number=number), 303)


def may(facts: Facts) -> bool:
    """Whether the page is this actor's: the leader of the authority that manages the case, while it runs."""
    running = facts.machine.state(facts.full_state).kind == "active"
    return running and facts.actor.role == "leader" and facts.actor.authority_id == facts.place("home")


def offered(session: Session, facts: Facts) -> bool:
    """Whether there is anything to go over to."""
    return may(facts) and bool(repolicies.choices(session, facts))


def _led(session: Session, number: str) -> Facts:
    facts = facts_of(session, find(session, number, web.actor()), web.actor(), web.at())
    if not may(facts):
        raise NotFound
    return facts


def _page(number: str, to: str, failure: str = "") -> str:
    with web.reading() as session:
        facts = _led(session, number)
        choices = repolicies.choices(session, facts)
        chosen = next((one for one in choices if one.checksum == to), None)
        page: dict[str, Any] = {
            "number": number,
            "heading": facts.institution.name if facts.case["institution_id"] else number,
            "now": policy_text(facts.rules.title),
            "choices": [(one.checksum, policy_text(one.title)) for one in choices],
            "to": to if chosen else "",
            "chosen": policy_text(chosen.title) if chosen else "",
            "failure": failure,
            "hidden": [("request_id", web.fresh_id()), ("seen_version", facts.case["version"])],
            "opinion": request.form.get("opinion", ""),
        }
        page |= _ahead(session, facts, to) if chosen else {}
    return render_template("cases/policy.html", **layout.work(**page))


def _ahead(session: Session, facts: Facts, to: str) -> dict[str, Any]:
    shown, refused = repolicies.ahead(session, facts, to)
    steps = [(text(f"level.{level}"), _signing(old), _signing(new)) for level, old, new in shown.steps]
    due = tuple(day_words(day, facts.today, weekday=True) for day in shown.due) if shown.due else ()
    rules = [(_place(one.place), _value(one.before), _value(one.after)) for one in shown.rules
             if not one.place.startswith(("clauses.", "sources."))]  # fmt: skip
    return {"refused": reason(Refused(refused)) if refused else "", "steps": steps, "due": due, "rules": rules}


def _signing(steps: tuple[str, ...]) -> str:
    return " → ".join(text(f"step.{step}") for step in steps) or "—"


def _place(place: str) -> str:
    head, _dot, rest = place.partition(".")
    return f"{section(head)} {rest}"


def _value(value: Any) -> str:
    return "—" if value is None else str(value)
