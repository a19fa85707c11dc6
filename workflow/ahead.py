"""接下来: what follows once something is handed in, from the machine and the policy of the case alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from workflow.engine.facts import Facts
from workflow.engine.ladder import level_of
from workflow.engine.load import table_named
from workflow.engine.machine import Compiled, compiled
from workflow.forecast import ASKED, straight

FORETOLD = ("evaluation", "objection", "re_review")
"""Machines whose straight path does not hang on a choice that is still to be made."""


@dataclass(frozen=True, slots=True)
class Following:
    """One thing that follows. `what` is a state of `machine` or a key of its own; `due`: its period in the policy,
    empty where none is set; `authority_id`: who owes it; `results`: what an answer may be."""

    machine: str
    what: str
    due: str = ""
    authority_id: int | None = None
    results: tuple[str, ...] = ()


def after(facts: Facts, full: str) -> list[Following]:
    """What follows on a case of its own once a move has brought it to `full`."""
    key = facts.machine.table.key
    if key not in FORETOLD or facts.machine.state(full).kind != "active":
        return []
    if key != "evaluation":
        return answering(facts.parent, key, facts.case["institution_id"] == facts.detail["by_institution_id"], full)
    found = list(_path(facts, facts.machine, facts.levels, full))
    found += [Following(key, "delivery", "deliver")] if found[-1].what == "effective" else []
    return [*found, *_re_review(facts)]


def answering(subject: Facts, key: str, of_institution: bool, full: str = "acceptance") -> list[Following]:
    """What follows on an objection to `subject` or a re-review of it; `of_institution`: whether its own files it."""
    machine = compiled(table_named(key), subject.rules)
    handler = handler_of(subject, key)
    path = list(_path(subject, machine, [subject.authorities[handler].level], full, handler))
    others = [Following(key, "others")] if machine.table.independent_of_parent else []
    found = [*path[:-1], *others, *_meanwhile(subject, key), _answer(subject, machine)]
    if key == "re_review":
        return [*found, Following(key, "final")]
    return [*found, *_re_review(subject)] if of_institution else found


def handler_of(subject: Facts, key: str) -> int:
    """Who answers: the publishing authority, or the one above it where the policy has that decide re-reviews."""
    publisher = subject.publisher_id
    if key == "re_review" and subject.rules.re_review.by == "above":
        return subject.authorities[publisher].reports_to_id or publisher
    return publisher


def _path(
    facts: Facts, machine: Compiled, levels: list[str], full: str, handler: int | None = None
) -> Iterator[Following]:
    """From `full` to where the case rests; the signing steps of a level count once. `handler`: who owes all of it."""
    key, last = machine.table.key, ""
    for state in (machine.state(full), *straight(machine, levels, full)):
        if state.key == last:
            continue
        level = level_of(state.key)
        place = state.owner.partition("@")[2]
        owner = handler or (facts.rung(level) if level else facts.place(place) if place else None)
        yield Following(key, state.key, state.due, owner)
        if not last:
            yield from _asked(machine, state.key)
        if state.waits == "publicity" and "objection" in facts.rules.machines:
            yield Following(key, "objection")
        last = state.key
        if state.kind != "active":
            return


def _asked(machine: Compiled, here: str) -> Iterator[Following]:
    """Who receives it may ask for more."""
    ways = {row.to for row in machine.moves if row.source.partition(".")[0] == here}
    for state in machine.states.values():
        if state.full in ways and state.owner in ASKED:
            yield Following(machine.table.key, state.key, state.due)


def _meanwhile(subject: Facts, key: str) -> list[Following]:
    """What the result is worth until the answer: one in force stands, unless the policy suspends it."""
    if subject.case["state"] != "effective":
        return [Following(key, "held")]
    return [Following(key, "suspended" if subject.rules.re_review.suspends_effect else "in_force")]


def _answer(subject: Facts, machine: Compiled) -> Following:
    row = next(row for row in machine.moves if row.name == "propose")
    results = next(field.choices for field in row.form if field.name == "outcome")
    amendable = subject.showing.result_now is not None
    return Following(machine.table.key, "answer", results=tuple(r for r in results if amendable or r != "amended"))


def _re_review(facts: Facts) -> list[Following]:
    if facts.machine.table.key != "evaluation" or "re_review" not in facts.rules.machines:
        return []
    return [Following("evaluation", "re_review", "re_review_window")]
