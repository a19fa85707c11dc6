"""公示: one notice over many entries. An entry's own clock runs in its case; a contested one holds nobody else."""

from datetime import date, datetime, time

from models import Notice, PublicityEntry
from models.base import canonical
from workflow.clock import SHANGHAI
from workflow.engine.facts import Facts, Line
from workflow.engine.forms import REASON, Field
from workflow.engine.history import digest
from workflow.engine.machine import NEW, MachineTable, Move, State
from workflow.engine.plan import Also, Effects, Issue
from workflow.engine.refusal import beside
from workflow.machines.wording import FELL_THROUGH
from workflow.rules.closing import closing_instant

# --- guards


def entries_not_ready(facts: Facts) -> str | None:
    """Only results of one kind that wait for publicity, of one round, published by this authority."""
    if facts.preview:
        return None
    ready = [row for row in facts.listed if row.state == "awaiting_publicity"]
    kinds = {(row.machine, row.round_id, facts.publisher_of(row.ladder)) for row in ready}
    ours = (facts.case["round_id"], facts.case["managing_authority_id"])
    whole = len(ready) == len(facts.form["cases"]) and [kind[1:] for kind in kinds] == [ours]
    return None if whole else "entries_not_ready"


def nothing_to_show(facts: Facts) -> str | None:
    """Every result has left the list since it was drafted: shown under another notice, or given back."""
    return "nothing_to_show" if nothing_left(facts) else None


def opens_in_past(facts: Facts) -> str | None:
    asked = "opens_on" in facts.form
    chosen = facts.form["opens_on"] if asked else facts.detail["opens_on"]
    if asked and chosen and chosen < facts.today:
        raise beside("opens_on", "opens_in_past")
    return "opens_in_past" if chosen and chosen < facts.today else None


def not_later(facts: Facts) -> str | None:
    chosen = facts.form["closes_on"]
    if chosen and chosen <= facts.detail["closes_on"]:
        raise beside("closes_on", "not_later")
    return None


def would_shorten(facts: Facts) -> str | None:
    new = facts.deadline("publicity", facts.detail["opens_on"]).due
    return "would_shorten" if new <= facts.detail["closes_on"] else None


def entries_settled(facts: Facts) -> str | None:
    """What was shown under this notice and is held or decided stays; an entry only drafted binds nobody."""
    shown = [entry for entry in facts.entries if entry.closes_at is not None]
    return "entries_settled" if any(entry.held or entry.outcome for entry in shown) else None


def entries_open(facts: Facts) -> str | None:
    return "entries_open" if any(entry.held or not entry.outcome for entry in facts.entries) else None


def nothing_to_confirm(facts: Facts) -> str | None:
    return None if cleared(facts) else "nothing_to_confirm"


# --- which row applies


def opens_today(facts: Facts) -> bool:
    return facts.detail["opens_on"] <= facts.today


def opens_later(facts: Facts) -> bool:
    return facts.detail["opens_on"] > facts.today


def nothing_left(facts: Facts) -> bool:
    return not _ready(facts)


# --- effects


def drafted(facts: Facts) -> Effects:
    form, notice = facts.form, facts.id
    head = {"case_id": notice, "authority_id": facts.case["managing_authority_id"], "round_id": facts.case["round_id"]}
    entries = [
        {"notice_id": notice, "subject_id": line.id, "number": number, "snapshot": {}, "snapshot_hash": ""}
        for number, line in enumerate(sorted(facts.listed, key=lambda line: facts.showing.order(facts, line)), 1)
    ]
    kind = facts.listed[0].machine
    titled = (Notice, {**head, "machine": kind, "title": form["title"], "opens_on": form["opens_on"]})
    return Effects(inserts=[titled, *((PublicityEntry, entry) for entry in entries)], note={"entries": len(entries)})


def scheduled(facts: Facts) -> Effects:
    return Effects(due_at=datetime.combine(facts.detail["opens_on"], time.min, SHANGHAI))


def opened(facts: Facts) -> Effects:
    """What is shown is frozen and hashed now; the period counts from the day it can really be seen. A result that has
    left the list since it was drafted is left out, and holds up no other."""
    opens_on = max(facts.detail["opens_on"], facts.today)
    end = facts.deadline("publicity", opens_on)
    lines = {row.id: facts.showing.snapshot(row) for row in facts.listed}
    effects = Effects(due_from=opens_on)
    hashes = []
    ready = _ready(facts)
    for entry in facts.entries:
        if entry.subject_id not in ready:
            effects.updates.append((PublicityEntry, {"id": entry.id}, {"outcome": "removed"}))
            continue
        snapshot = {"number": entry.number, **lines[entry.subject_id]}
        hashes.append(digest("sha256", canonical(snapshot)))
        values = {"snapshot": snapshot, "snapshot_hash": hashes[-1], "closes_at": end.instant}
        effects.updates.append((PublicityEntry, {"id": entry.id}, values))
        effects.also.append(Also(entry.subject_id, "show", {"opens_on": opens_on, "closes_at": end.instant}))
    rule = facts.rules.period("publicity")
    effects.detail = {
        "opens_on": opens_on,
        "opens_at": facts.at,
        "closes_on": end.due,
        "closes_at": end.instant,
        "rule": {
            "count": rule.count,
            "unit": rule.unit,
            "start_day": rule.start_day,
            "clause": rule.clause,
        },
        "shown_hash": digest("sha256", "\n".join(hashes)),
    }
    effects.note = {"shown": effects.detail["shown_hash"], "closes_on": end.due.isoformat()}
    return effects


def extended(facts: Facts) -> Effects:
    return _closing(facts, facts.form["closes_on"])


def recomputed(facts: Facts) -> Effects:
    """A holiday announced meanwhile moves the end; never forward."""
    return _closing(facts, facts.deadline("publicity", facts.detail["opens_on"]).due)


def _closing(facts: Facts, closes_on: date) -> Effects:
    instant = closing_instant(closes_on, facts.rules.deadline("publicity").closes)
    opens_on = facts.detail["opens_on"]
    running = [entry for entry in facts.entries if not entry.outcome]
    return Effects(
        detail={"closes_on": closes_on, "closes_at": instant},
        updates=[(PublicityEntry, {"id": entry.id}, {"closes_at": instant}) for entry in running],
        also=[Also(e.subject_id, "prolong", {"opens_on": opens_on, "closes_at": instant}) for e in running],
        due_from=opens_on,
        due_at=instant,
        note={"from": facts.detail["closes_on"].isoformat(), "to": closes_on.isoformat()},
    )


def withdrawn(facts: Facts) -> Effects:
    shown = facts.case["state"] == "open"
    return Effects(
        detail={"withdrawn_reason": facts.form["opinion"]},
        also=[Also(entry.subject_id, "unlist", {}) for entry in facts.entries if shown and entry.closes_at],
    )


def fell_through(_facts: Facts) -> Effects:
    return Effects(detail={"withdrawn_reason": FELL_THROUGH})


def confirmed(facts: Facts) -> Effects:
    """One document over all entries that are cleared now; each case is confirmed by the same leader in the same act."""
    ready = cleared(facts)
    cause = f"confirmation:{facts.id}:{facts.head[0] + 1}"
    document = Issue(cause, "confirmation", *facts.showing.decision(facts, ready))
    also = [Also(row.id, "confirm", {"cause": cause, "opinion": None}, by_actor=True) for row in ready]
    return Effects(issues=[document], also=also, note={"confirmed": [row.id for row in ready]})


def _ready(facts: Facts) -> set[int]:
    return {row.id for row in facts.listed if row.state == "awaiting_publicity"}


def cleared(facts: Facts) -> list[Line]:
    """The results of a notice that are confirmed together now."""
    return [row for row in facts.listed if row.state == "cleared"]


DRAFT = (
    Field("title", "text", shortest=4, longest=100),
    Field("opens_on", "date"),
    Field("cases", "ids"),
)

PUBLICITY = MachineTable(
    key="publicity",
    prefix="GS",
    detail=Notice,
    states=(
        State("draft", owner="leader@home", due="publish"),
        State("scheduled", due="chosen", on_lapse="open", waits="opening"),
        State("open", due="publicity", on_lapse="end", waits="publicity"),
        State("ended", owner="handler@home"),
        State("archived", "final"),
        State("withdrawn", "final"),
    ),
    moves=(
        Move("draft", NEW, "draft", "handler@home", unless=(entries_not_ready, opens_in_past), form=DRAFT,
             effect=drafted, tells=("next",)),
        Move("publish", "draft", "scheduled", "owner", opens_later, effect=scheduled, basis="XC-13"),
        Move("publish", "draft", "open", "owner", opens_today, unless=(opens_in_past, nothing_to_show), effect=opened,
             basis="XC-13", public=True),
        Move("open", "scheduled", "withdrawn", "system", nothing_left, effect=fell_through, tells=("home",)),
        Move("open", "scheduled", "open", "system", effect=opened, basis="XC-13", public=True),
        Move("extend", "open", "stay", "leader@home", unless=(not_later,), form=(Field("closes_on", "date"), REASON),
             effect=extended, public=True),
        Move("recompute", "open", "stay", "system", unless=(would_shorten,), effect=recomputed, public=True),
        Move("withdraw", "draft|scheduled|open", "withdrawn", "leader@home", unless=(entries_settled,), form=(REASON,),
             effect=withdrawn, public=True),
        Move("end", "open", "ended", "system", tells=("next",), basis="XC-13", public=True),
        Move("confirm_cleared", "open|ended", "stay", "leader@home", unless=(nothing_to_confirm,), effect=confirmed,
             closes=False, basis="XC-13", public=True),
        Move("archive", "ended", "archived", "owner", unless=(entries_open,)),
    ),
)  # fmt: skip
