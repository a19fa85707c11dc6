"""The demo city, loaded on an awkward day: every stage and grade is there, and what must always hold holds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import (
    Case,
    Evaluation,
    HistoryEntry,
    Incident,
    Notice,
    Objection,
    PublicityEntry,
    Remark,
    Round,
    Task,
    Timer,
    User,
    schema,
)
from models.database import Database
from workflow.clock import legal_day
from workflow.demo import city, firms, people
from workflow.engine import audit, invariants
from workflow.rules import credit_code
from workflow.rules.calendar import Calendar
from workflow.rules.deadline import working_days_between

pytestmark = pytest.mark.slow

SPRING_FESTIVAL = datetime(2026, 2, 18, 4, 0, tzinfo=UTC)
LEAP_DAY = datetime(2028, 2, 29, 16, 30, tzinfo=UTC)  # 1 March 2028 in Shanghai, in a year nobody has announced
STAGES = {
    "self_report", "correction", "county_review.handler", "county_review.section_head", "county_review.panel",
    "city_review.handler", "city_review.leader", "province_review.handler", "awaiting_publicity", "in_publicity",
    "contested", "cleared", "effective", "expired",
}  # fmt: skip


def loaded(folder: Path, now: datetime) -> Database:
    database = Database(f"sqlite:///{folder / 'demo.db'}")
    schema.upgrade(database)
    city.load(database, now)
    return database


@pytest.fixture(scope="module", params=[SPRING_FESTIVAL, LEAP_DAY], ids=["holiday", "unannounced"])
def now(request: pytest.FixtureRequest) -> datetime:
    return request.param


@pytest.fixture(scope="module")
def demo(now: datetime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    database = loaded(tmp_path_factory.mktemp("demo"), now)
    with database.read() as session:
        yield session
    database.close()


def stages(session: Session) -> set[str]:
    rows = session.execute(select(Case.state, Case.step).where(Case.machine == "evaluation"))
    return {f"{state}.{step}" if step else state for state, step in rows}


def test_an_evaluation_waits_at_every_stage(demo: Session) -> None:
    assert stages(demo) >= STAGES


def test_every_grade_is_there_and_one_institution_still_needs_judgement(demo: Session) -> None:
    rounds = select(Evaluation.proposed_grade).join(Round, Round.id == Evaluation.round_id).order_by(Round.year)
    newest = demo.scalar(select(Round.year).order_by(Round.year.desc()).limit(1))
    assert set(demo.scalars(rounds.where(Round.year == newest))) == {"A", "B", "C", "D", None}
    assert set(demo.scalars(select(Evaluation.grade).where(Evaluation.grade.is_not(None)))) >= {"A", "B", "C", "D"}


def test_the_running_notice_is_new_and_one_of_its_entries_is_contested(demo: Session, now: datetime) -> None:
    notice = demo.scalars(select(Notice).join(Case, Case.id == Notice.case_id).where(Case.state == "open")).one()
    assert notice.opens_on is not None
    assert 1 <= working_days_between(notice.opens_on, legal_day(now), Calendar(), provisional=True) + 1 <= 2
    entries = demo.scalars(select(PublicityEntry).where(PublicityEntry.notice_id == notice.case_id)).all()
    assert (len(entries), sum(entry.held for entry in entries)) == (4, 1)


def test_objections_and_re_reviews_wait_and_have_been_answered(demo: Session) -> None:
    rows = demo.execute(
        select(Case.machine, Case.state, Case.step, Objection.outcome).join(Objection, Objection.case_id == Case.id)
    )
    assert sorted((machine, state, step, outcome or "") for machine, state, step, outcome in rows) == [
        ("objection", "acceptance", "", ""),
        ("objection", "answered", "", "amended"),
        ("objection", "city_review", "section_head", ""),
        ("re_review", "answered", "", "amended"),
        ("re_review", "province_review", "leader", ""),
    ]  # fmt: skip


def test_one_step_is_overdue_one_is_due_soon_and_one_may_still_be_re_reviewed(demo: Session, now: datetime) -> None:
    due = [at for at in demo.scalars(select(Task.due_at).where(Task.closed_at.is_(None))) if at]
    assert any(at < now for at in due)
    assert any(now <= at < now + timedelta(days=12) for at in due)
    assert demo.scalar(select(Evaluation.case_id).where(Evaluation.re_review_until > now)) is not None


def test_what_must_always_hold_holds_and_nothing_went_wrong(demo: Session, now: datetime) -> None:
    assert audit.verify(demo) == []
    assert invariants.broken(demo) == []
    assert demo.scalars(select(Incident.kind)).all() == []
    assert demo.scalar(select(Timer.id).where(Timer.status == "armed", Timer.fire_at <= now)) is None
    assert demo.scalar(select(HistoryEntry.id).where(HistoryEntry.at > now)) is None


def test_every_account_on_offer_exists_and_only_demo_accounts_do(demo: Session) -> None:
    logins = {user.login: user.is_demo for user in demo.scalars(select(User))}
    assert {login for *_, login in people.SHOWN} <= logins.keys()
    assert all(logins.values())


def test_a_loaded_city_is_known_as_one(demo: Session) -> None:
    assert city.standing(demo) == "loaded"


def test_invented_codes_are_valid() -> None:
    found = [credit_code.check(firms.code(firm)) for firm in firms.FIRMS]
    assert [check for check in found if not check.ok or check.warnings] == []
    assert len({check.code for check in found}) == len(firms.FIRMS)


def told(session: Session) -> list[tuple]:
    """The histories without what salts make different: commitments, and the hashes over them."""
    entry = HistoryEntry
    columns = (entry.case_id, entry.seq, entry.at, entry.move, entry.to_state, entry.to_step, entry.person_id)
    rows = session.execute(
        select(*columns, entry.details, Remark.text)
        .outerjoin(Remark, (Remark.case_id == entry.case_id) & (Remark.seq == entry.seq))
        .order_by(entry.case_id, entry.seq)
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("now", [SPRING_FESTIVAL], ids=["holiday"], indirect=True)
def test_the_same_seed_and_day_tell_the_same_story(demo: Session, now: datetime, tmp_path: Path) -> None:
    again = loaded(tmp_path, now)
    with again.read() as session:
        assert told(session) == told(demo)
    again.close()
