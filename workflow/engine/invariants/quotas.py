"""Quotas: never more seats than the round gives, and only for whoever is still on the list."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Case, Quota, Recommendation
from workflow.engine.audit import Breach

OFF_THE_LIST = (
    "application", "shortlisted", "reserve", "rejected", "not_selected", "removed", "declined", "withdrawn",
)  # fmt: skip


def quotas_hold(session: Session) -> Iterator[Breach]:
    taken = func.count(Recommendation.case_id)
    query = select(func.min(Recommendation.case_id), Quota.id, Quota.seats, taken)
    query = query.join(Quota, Quota.id == Recommendation.quota_id).where(Recommendation.seated_at.is_not(None))
    for case_id, quota, seats, number in session.execute(
        query.group_by(Quota.id, Quota.seats).having(taken > Quota.seats)
    ):
        yield Breach("quota_exceeded", case_id, f"quota {quota}: {number} of {seats}")


def seats_are_held_by_the_list(session: Session) -> Iterator[Breach]:
    query = select(Case.id, Case.state).join(Recommendation, Recommendation.case_id == Case.id)
    held = query.where(Recommendation.seated_at.is_not(None), Case.state.in_(OFF_THE_LIST))
    yield from (Breach("seat_off_the_list", row.id, row.state) for row in session.execute(held))


def soft_conditions_are_set_aside_by_two(session: Session) -> Iterator[Breach]:
    """SD-32: nobody with an unmet soft condition is on a list without a second person's agreement."""
    query = select(Recommendation).where(Recommendation.seated_at.is_not(None))
    for one in session.scalars(query):
        unmet = [found for found in (one.eligibility or {})["checked"] if found["met"] is False]
        if any(not found["soft"] for found in unmet) or (unmet and one.override_by_id is None):
            yield Breach("listed_in_spite_of_conditions", one.case_id, str([found["condition"] for found in unmet]))
