"""Moves: only those of the machine, by whom it names, each with its cause."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import (
    Case,
    HistoryEntry,
)
from workflow.engine.audit import Breach
from workflow.engine.invariants.pinned import full, state_of
from workflow.engine.load import machine_of


def only_moves_of_the_machine_happened(session: Session) -> Iterator[Breach]:
    """Each entry is a row of the machine, under the policy that the case is pinned to, by whom the row names."""
    entry = HistoryEntry
    columns = (
        Case.machine, Case.policy_id, entry.move, entry.from_state, entry.from_step, entry.to_state, entry.to_step,
        entry.actor,
    )  # fmt: skip
    query = select(func.min(entry.case_id), *columns).join(Case, Case.id == entry.case_id).group_by(*columns)
    for case_id, machine, policy, move, from_state, from_step, to_state, to_step, actor in session.execute(query):
        step = (move, full(from_state, from_step), full(to_state, to_step))
        rows = [row for row in machine_of(session, machine, policy).moves if (row.name, row.source, row.to) == step]
        if not any((row.by == "system") == (actor == "system") for row in rows):
            yield Breach("move_unknown", case_id, f"{step} {actor}")


def system_never_decides_for_an_authority(session: Session) -> Iterator[Breach]:
    """A timer leaves no step that an authority owes; other system moves are consequences, cited by their cause.

    What only sets the clock of a step (a pause that ends at its limit, a deadline recomputed by a new calendar) decides
    nothing; the cause of a recomputation is the calendar, and its entry holds both dates.
    """
    entry = HistoryEntry
    columns = (
        entry.case_id, entry.seq, entry.move, entry.from_state, entry.from_step, entry.to_state, entry.to_step,
        entry.details,
    )  # fmt: skip
    query = select(*columns, Case.machine, Case.policy_id).join(Case, Case.id == entry.case_id)
    for row in session.execute(query.where(entry.actor == "system")):
        if "timer" not in row.details:
            if not row.details["cites"] and row.move != "recompute":
                yield Breach("system_without_cause", row.case_id, f"#{row.seq} {row.move}")
            continue
        if row.move == "resume" and (row.from_state, row.from_step) == (row.to_state, row.to_step):
            continue
        state = state_of(session, row.machine, row.policy_id, row.from_state, row.from_step)
        if state is None or "@" in state.owner:
            yield Breach("timer_decided", row.case_id, f"#{row.seq} {row.move}")


def linked_entries_cite_each_other(session: Session) -> Iterator[Breach]:
    query = select(HistoryEntry.case_id, HistoryEntry.seq, HistoryEntry.details)
    cites = {(row.case_id, row.seq): {tuple(one) for one in row.details["cites"]} for row in session.execute(query)}
    for here, others in cites.items():
        for there in others:
            if here not in cites.get(there, set()):
                yield Breach("cited_one_way", here[0], f"#{here[1]} -> {there}")
