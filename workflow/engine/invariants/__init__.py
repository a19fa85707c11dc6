"""What must always hold (design.md §9), looked for over a whole database: after every test, and by `doctor`."""

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from workflow.engine.audit import Breach
from workflow.engine.invariants import cases, moves, papers, people, publicity, quotas, records

Check = Callable[[Session], Iterator[Breach]]


def broken(session: Session) -> list[Breach]:
    """Every breach in the database; an empty list is what must always be. Under a changed policy nothing is read."""
    changed = list(papers.policies_are_what_was_released(session))
    return changed or [breach for check in CHECKS for breach in check(session)]


CHECKS: tuple[Check, ...] = (
    cases.chains,
    cases.active_cases_wait_for_something,
    cases.final_cases_owe_nothing,
    cases.final_states_are_closed,
    cases.open_tasks_belong_to_the_present_step,
    cases.timers_fire_in_time_and_once,
    cases.a_follow_ups_clock_runs_while_its_task_is_open,
    cases.timers_and_their_moves_match,
    moves.only_moves_of_the_machine_happened,
    moves.system_never_decides_for_an_authority,
    moves.linked_entries_cite_each_other,
    people.decisions_are_in_the_history,
    people.nobody_decided_at_two_steps,
    people.nobody_reviewed_their_own_decision,
    people.nobody_decided_for_their_institution,
    publicity.publicity_is_as_long_as_its_rule,
    publicity.nothing_is_cleared_before_its_publicity_ends,
    publicity.open_objections_hold_their_entry,
    publicity.objections_in_time_come_before_confirmation,
    publicity.what_was_shown_is_what_is_kept,
    publicity.remarks_match_their_commitment,
    publicity.grades_follow_from_their_findings,
    papers.material_is_what_was_handed_in,
    papers.documents_are_what_was_issued,
    records.records_are_public_inside_their_dates,
    records.repaired_records_have_their_repair,
    records.repairs_were_in_time,
    quotas.quotas_hold,
    quotas.seats_are_held_by_the_list,
    quotas.soft_conditions_are_set_aside_by_two,
)
