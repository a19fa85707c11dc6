"""The state that a history row names, in the machine and policy its case is pinned to."""

from sqlalchemy.orm import Session

from workflow.engine.load import machine_of
from workflow.engine.machine import NEW, State


def full(state: str, step: str) -> str:
    return f"{state}.{step}" if step else state


def state_of(session: Session, machine: str, policy: int, state: str, step: str) -> State | None:
    """The state of the pinned machine; None for one that it does not have, `new` included: a case never rests there."""
    return None if state == NEW else machine_of(session, machine, policy).states.get(full(state, step))
