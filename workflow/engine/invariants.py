"""What must always hold (design.md §9), looked for over a whole database: after every test, and by `doctor`."""

from collections.abc import Callable, Iterator
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from models import (
    Appointment,
    Case,
    Decision,
    Evaluation,
    HistoryEntry,
    Incident,
    Interest,
    Notice,
    Objection,
    PublicityEntry,
    Remark,
    ResponsiblePerson,
    Task,
    Timer,
)
from models.base import canonical
from workflow.clock import legal_day
from workflow.engine import audit, calendars
from workflow.engine.audit import Breach
from workflow.engine.history import digest
from workflow.engine.load import machine_of, rules_of
from workflow.engine.machine import NEW, State

Check = Callable[[Session], Iterator[Breach]]


def broken(session: Session) -> list[Breach]:
    """Every breach in the database; an empty list is what must always be."""
    return [breach for check in CHECKS for breach in check(session)]


# --- cases, their work and their timers


def chains(session: Session) -> Iterator[Breach]:
    """State, step, turn and version are the fold of a history without gaps, each entry hashed on the one before."""
    yield from audit.verify(session)


def active_cases_wait_for_something(session: Session) -> Iterator[Breach]:
    child = aliased(Case)
    waiting = (
        exists().where(Task.case_id == Case.id, Task.closed_at.is_(None)),
        exists().where(Timer.case_id == Case.id, Timer.status == "armed"),
        exists().where(Incident.case_id == Case.id, Incident.closed_at.is_(None)),
        exists().where(child.parent_id == Case.id, child.closed_at.is_(None)),
    )
    query = select(Case.id, Case.state).where(Case.closed_at.is_(None))
    for condition in waiting:
        query = query.where(~condition)
    yield from (Breach("active_waits_for_nothing", row.id, row.state) for row in session.execute(query))


def final_cases_owe_nothing(session: Session) -> Iterator[Breach]:
    for key, model, is_open in (
        ("final_with_task", Task, Task.closed_at.is_(None)),
        ("final_with_timer", Timer, Timer.status == "armed"),
    ):
        query = (
            select(Case.id, Case.state)
            .join(model, model.case_id == Case.id)
            .where(Case.closed_at.is_not(None), is_open)
        )
        yield from (Breach(key, row.id, row.state) for row in session.execute(query))


def final_states_are_closed(session: Session) -> Iterator[Breach]:
    closed = Case.closed_at.is_not(None).label("closed")
    query = select(func.min(Case.id), Case.machine, Case.policy_id, Case.state, Case.step, closed).distinct()
    for case_id, machine, policy, state, step, is_closed in session.execute(
        query.group_by(Case.machine, Case.policy_id, Case.state, Case.step, closed)
    ):
        found = _state(session, machine, policy, state, step)
        if found is None or (found.kind == "final") != bool(is_closed):
            yield Breach("final_not_closed", case_id, _full(state, step))


def open_tasks_belong_to_the_present_step(session: Session) -> Iterator[Breach]:
    """Work of a step ends with the step; follow-ups (`deliver`, `file_upward`) end with the state they belong to."""
    elsewhere = (Task.state != Case.state) | (Task.step != Case.step) | (Task.turn != Case.turn)
    query = select(Case.id, Task.state, Task.step).join(Task, Task.case_id == Case.id)
    for row in session.execute(query.where(Task.closed_at.is_(None), elsewhere)):
        yield Breach("task_of_past_step", row.id, _full(row.state, row.step))


def timers_fire_in_time_and_once(session: Session) -> Iterator[Breach]:
    early = select(Timer.case_id, Timer.id).where(Timer.status == "fired", Timer.ended_at < Timer.planned_at)
    yield from (Breach("timer_early", row.case_id, str(row.id)) for row in session.execute(early))
    columns = (Timer.case_id, Timer.seq, Timer.kind, Timer.planned_at)
    twice = select(*columns).group_by(*columns).having(func.count() > 1)
    yield from (Breach("timer_twice", row.case_id, row.kind) for row in session.execute(twice))


def timers_and_their_moves_match(session: Session) -> Iterator[Breach]:
    """Each fired lapse made exactly its move; no cancelled timer made any."""
    fired = select(Timer.case_id, Timer.ended_at, Timer.move).where(Timer.status == "fired", Timer.kind == "lapse")
    expected = sorted((row.case_id, row.ended_at, row.move) for row in session.execute(fired))
    system = select(HistoryEntry.case_id, HistoryEntry.at, HistoryEntry.move, HistoryEntry.details)
    made = sorted(
        (row.case_id, row.at, row.move)
        for row in session.execute(system.where(HistoryEntry.actor == "system"))
        if "timer" in row.details
    )
    if expected != made:
        for case_id, _, move in set(expected) ^ set(made):
            yield Breach("timer_without_move", case_id, move)


# --- moves and who made them


def only_moves_of_the_machine_happened(session: Session) -> Iterator[Breach]:
    """Each entry is a row of the machine, under the policy that the case is pinned to, by whom the row names."""
    entry = HistoryEntry
    columns = (
        Case.machine, Case.policy_id, entry.move, entry.from_state, entry.from_step, entry.to_state, entry.to_step,
        entry.actor,
    )  # fmt: skip
    query = select(func.min(entry.case_id), *columns).join(Case, Case.id == entry.case_id).group_by(*columns)
    for case_id, machine, policy, move, from_state, from_step, to_state, to_step, actor in session.execute(query):
        step = (move, _full(from_state, from_step), _full(to_state, to_step))
        rows = [row for row in machine_of(session, machine, policy).moves if (row.name, row.source, row.to) == step]
        if not any((row.by == "system") == (actor == "system") for row in rows):
            yield Breach("move_unknown", case_id, f"{step} {actor}")


def system_never_decides_for_an_authority(session: Session) -> Iterator[Breach]:
    """A timer leaves no step that an authority owes; other system moves are consequences, cited by their cause."""
    entry = HistoryEntry
    columns = (entry.case_id, entry.seq, entry.move, entry.from_state, entry.from_step, entry.details)
    query = select(*columns, Case.machine, Case.policy_id).join(Case, Case.id == entry.case_id)
    for row in session.execute(query.where(entry.actor == "system")):
        if "timer" not in row.details:
            if not row.details["cites"]:
                yield Breach("system_without_cause", row.case_id, f"#{row.seq} {row.move}")
            continue
        state = _state(session, row.machine, row.policy_id, row.from_state, row.from_step)
        if state is None or "@" in state.owner:
            yield Breach("timer_decided", row.case_id, f"#{row.seq} {row.move}")


def linked_entries_cite_each_other(session: Session) -> Iterator[Breach]:
    query = select(HistoryEntry.case_id, HistoryEntry.seq, HistoryEntry.details)
    cites = {(row.case_id, row.seq): {tuple(one) for one in row.details["cites"]} for row in session.execute(query)}
    for here, others in cites.items():
        for there in others:
            if here not in cites.get(there, set()):
                yield Breach("cited_one_way", here[0], f"#{here[1]} -> {there}")


# --- independence


def decisions_are_in_the_history(session: Session) -> Iterator[Breach]:
    """One voice per person, step and turn, and each is an entry of the history."""
    columns = (Decision.case_id, Decision.state, Decision.step, Decision.turn, Decision.person_id)
    twice = select(*columns).group_by(*columns).having(func.count() > 1)
    yield from (Breach("decided_twice", row.case_id, str(row.person_id)) for row in session.execute(twice))
    entry = HistoryEntry
    same = (
        entry.case_id == Decision.case_id, entry.seq == Decision.seq, entry.move == Decision.voice,
        entry.person_id == Decision.person_id, entry.from_state == Decision.state, entry.from_step == Decision.step,
    )  # fmt: skip
    loose = select(Decision.case_id, Decision.seq).where(~exists().where(*same))
    yield from (Breach("decision_without_entry", row.case_id, f"#{row.seq}") for row in session.execute(loose))


def nobody_decided_at_two_steps(session: Session) -> Iterator[Breach]:
    seats = select(Decision.case_id, Decision.person_id, Decision.state, Decision.step).distinct().subquery()
    query = select(seats.c.case_id, seats.c.person_id).group_by(seats.c.case_id, seats.c.person_id)
    for row in session.execute(query.having(func.count() > 1)):
        yield Breach("decided_two_steps", row.case_id, str(row.person_id))


def nobody_reviewed_their_own_decision(session: Session) -> Iterator[Breach]:
    """No voice in an objection or re-review by somebody who had decided in the case it is about."""
    earlier = aliased(Decision)
    query = select(Decision.case_id, Decision.person_id).join(Case, Case.id == Decision.case_id)
    query = query.join(earlier, (earlier.case_id == Case.parent_id) & (earlier.person_id == Decision.person_id))
    query = query.where(Case.machine.in_(("objection", "re_review")), earlier.id < Decision.id).distinct()
    yield from (Breach("reviewed_own", row.case_id, str(row.person_id)) for row in session.execute(query))


def nobody_decided_for_their_institution(session: Session) -> Iterator[Breach]:
    for close in (Appointment, ResponsiblePerson, Interest):
        query = select(Decision.case_id, Decision.person_id, Decision.at, close.valid_from, close.valid_to)
        query = query.join(Case, Case.id == Decision.case_id)
        near = (close.person_id == Decision.person_id, close.institution_id == Case.institution_id)
        for row in session.execute(query.join(close, near[0] & near[1])):
            if row.valid_from <= legal_day(row.at) <= (row.valid_to or date.max):
                yield Breach("decided_for_own_institution", row.case_id, str(row.person_id))


# --- publicity, objections and what was shown


def publicity_is_as_long_as_its_rule(session: Session) -> Iterator[Breach]:
    calendar = calendars.current(session)
    query = select(
        PublicityEntry.subject_id, PublicityEntry.closes_at, Notice.opens_at, Notice.opens_on, Case.policy_id
    )
    query = query.join(Notice, Notice.case_id == PublicityEntry.notice_id).join(Case, Case.id == Notice.case_id)
    for row in session.execute(query.where(PublicityEntry.closes_at.is_not(None))):
        rule = rules_of(session, row.policy_id).deadline("publicity")
        if row.closes_at < calendars.deadline(rule, row.opens_on, calendar).instant:
            yield Breach("publicity_short", row.subject_id, str(row.closes_at))
        if legal_day(row.opens_at) > row.opens_on:
            yield Breach("publicity_opened_late", row.subject_id, str(row.opens_at))


def nothing_is_cleared_before_its_publicity_ends(session: Session) -> Iterator[Breach]:
    """A result is cleared, and confirmed, only when the period in which it was last shown is over."""
    cleared = select(HistoryEntry.case_id, HistoryEntry.seq, HistoryEntry.at, HistoryEntry.move)
    cleared = cleared.join(Case, Case.id == HistoryEntry.case_id).where(Case.machine == "evaluation")
    cleared = cleared.where(HistoryEntry.to_state.in_(("cleared", "effective")), HistoryEntry.from_state != "effective")
    shown = select(PublicityEntry.subject_id, PublicityEntry.closes_at, Notice.opens_at)
    shown = shown.join(Notice, Notice.case_id == PublicityEntry.notice_id).where(PublicityEntry.closes_at.is_not(None))
    periods: dict[int, list[tuple[object, object]]] = {}
    for row in session.execute(shown.order_by(Notice.opens_at, PublicityEntry.id)):
        periods.setdefault(row.subject_id, []).append((row.opens_at, row.closes_at))
    for row in session.execute(cleared):
        closes = [closes for opens, closes in periods.get(row.case_id, []) if opens <= row.at]
        if not closes or row.at < closes[-1]:
            yield Breach("cleared_in_publicity", row.case_id, f"#{row.seq} {row.move}")


def open_objections_hold_their_entry(session: Session) -> Iterator[Breach]:
    """And only theirs: an entry is held, and its case contested, exactly while an objection to it is open."""
    subject = aliased(Case)
    running = (Objection.kind == "objection", Case.closed_at.is_(None))
    query = select(subject.id, subject.state, PublicityEntry.held).join(Objection, Objection.subject_id == subject.id)
    query = query.join(Case, Case.id == Objection.case_id).join(PublicityEntry, PublicityEntry.id == Objection.entry_id)
    for row in session.execute(query.where(*running)):
        if row.state != "contested" or not row.held:
            yield Breach("objection_holds_nothing", row.id, row.state)
    about = exists().where(Objection.case_id == Case.id, *running)
    held = select(PublicityEntry.subject_id).where(PublicityEntry.held)
    held = held.where(~about.where(Objection.entry_id == PublicityEntry.id).correlate(PublicityEntry))
    yield from (Breach("held_without_objection", one, "") for one in session.scalars(held))
    contested = select(subject.id).where(subject.state == "contested")
    contested = contested.where(~about.where(Objection.subject_id == subject.id).correlate(subject))
    yield from (Breach("contested_without_objection", one, "") for one in session.scalars(contested))


def objections_in_time_come_before_confirmation(session: Session) -> Iterator[Breach]:
    entry = HistoryEntry
    query = select(entry.case_id, entry.seq).join(Objection, Objection.subject_id == entry.case_id)
    query = query.join(Case, Case.id == Objection.case_id).where(Objection.kind == "objection", entry.move == "confirm")
    query = query.where(entry.at > Case.opened_at, (Case.closed_at.is_(None)) | (entry.at < Case.closed_at))
    yield from (Breach("confirmed_while_contested", row.case_id, f"#{row.seq}") for row in session.execute(query))
    late = select(Objection.subject_id, Objection.case_id).join(PublicityEntry, PublicityEntry.id == Objection.entry_id)
    for row in session.execute(late.where(Objection.received_at >= PublicityEntry.closes_at)):
        yield Breach("objection_late", row.subject_id, str(row.case_id))


def what_was_shown_is_what_is_kept(session: Session) -> Iterator[Breach]:
    shown: dict[int, list[str]] = {}
    query = select(PublicityEntry).where(PublicityEntry.closes_at.is_not(None)).order_by(PublicityEntry.number)
    for one in session.scalars(query):
        shown.setdefault(one.notice_id, []).append(one.snapshot_hash)
        if digest("sha256", canonical(one.snapshot)) != one.snapshot_hash:
            yield Breach("snapshot_changed", one.subject_id, str(one.id))
    for notice in session.execute(select(Notice.case_id, Notice.shown_hash).where(Notice.shown_hash.is_not(None))):
        if digest("sha256", "\n".join(shown.get(notice.case_id, []))) != notice.shown_hash:
            yield Breach("notice_changed", notice.case_id, "")


def remarks_match_their_commitment(session: Session) -> Iterator[Breach]:
    entry = HistoryEntry
    query = select(Remark, entry.commitment, entry.algorithm)
    query = query.outerjoin(entry, (entry.case_id == Remark.case_id) & (entry.seq == Remark.seq))
    for remark, commitment, algorithm in session.execute(query.execution_options(yield_per=audit.BATCH)):
        if digest(algorithm or "sha256", remark.salt + remark.text) != commitment:
            yield Breach("remark_changed", remark.case_id, f"#{remark.seq}")


def grades_follow_from_their_findings(session: Session) -> Iterator[Breach]:
    """An effective grade is the one that its frozen findings give, and has its document."""
    query = select(Evaluation).where(Evaluation.grade.is_not(None))
    for one in session.scalars(query):
        if not one.findings or one.findings["grade"] != one.grade or one.confirmation_id is None:
            yield Breach("grade_without_findings", one.case_id, one.grade or "")


CHECKS: tuple[Check, ...] = (
    chains,
    active_cases_wait_for_something,
    final_cases_owe_nothing,
    final_states_are_closed,
    open_tasks_belong_to_the_present_step,
    timers_fire_in_time_and_once,
    timers_and_their_moves_match,
    only_moves_of_the_machine_happened,
    system_never_decides_for_an_authority,
    linked_entries_cite_each_other,
    decisions_are_in_the_history,
    nobody_decided_at_two_steps,
    nobody_reviewed_their_own_decision,
    nobody_decided_for_their_institution,
    publicity_is_as_long_as_its_rule,
    nothing_is_cleared_before_its_publicity_ends,
    open_objections_hold_their_entry,
    objections_in_time_come_before_confirmation,
    what_was_shown_is_what_is_kept,
    remarks_match_their_commitment,
    grades_follow_from_their_findings,
)


def _full(state: str, step: str) -> str:
    return f"{state}.{step}" if step else state


def _state(session: Session, machine: str, policy: int, state: str, step: str) -> State | None:
    """The state of the pinned machine; None for one that it does not have, `new` included: a case never rests there."""
    return None if state == NEW else machine_of(session, machine, policy).states.get(_full(state, step))
