"""The demo city, loaded on an awkward day: every stage and grade is there, and what must always hold holds."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import (
    Appointment,
    ArchiveRecord,
    Authority,
    Case,
    Evaluation,
    HistoryEntry,
    Incident,
    Institution,
    Notice,
    Objection,
    PublicityEntry,
    Remark,
    Repair,
    Round,
    Task,
    Timer,
    User,
    schema,
)
from models.database import Database
from tests.conftest import DEMO_DAY
from tests.stages import Stages
from workflow.actors import acting
from workflow.clock import legal_day
from workflow.demo import city, crowd, firms, people
from workflow.engine import audit, invariants
from workflow.engine.queries.archive import institutions
from workflow.rules import credit_code
from workflow.rules.calendar import Calendar
from workflow.rules.deadline import working_days_between

pytestmark = pytest.mark.slow

LEAP_DAY = datetime(2028, 2, 29, 16, 30, tzinfo=UTC)  # 1 March 2028 in Shanghai, in a year nobody has announced
STAGES = {
    "self_report", "correction", "county_review.handler", "county_review.section_head", "county_review.panel",
    "city_review.handler", "city_review.section_head", "city_review.leader", "province_review.handler", "scoring",
    "province_review.leader", "awaiting_publicity", "in_publicity", "contested", "cleared", "effective", "expired",
    "unrated",
}  # fmt: skip
REVIEWERS = ("county", "city", "province")


@pytest.fixture(scope="module", params=[DEMO_DAY, LEAP_DAY], ids=["holiday", "unannounced"])
def now(request: pytest.FixtureRequest) -> datetime:
    return request.param


@pytest.fixture(scope="module")
def demo(now: datetime, demo_city: Path, stages: Stages) -> Iterator[Session]:
    file = demo_city if now == DEMO_DAY else stages.file("demo-unannounced", lambda database: city.load(database, now))
    database = Database(f"sqlite:///{file}")
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


def test_a_percentage_is_full_and_somebody_has_the_grade_below(demo: Session) -> None:
    """舟山: of eight who are rated one may be A; the next was proposed as B, a third waits for a signature in vain."""
    scored = select(Case.state, Evaluation.proposed_grade, Evaluation.capped_from).join(
        Case, Case.id == Evaluation.case_id
    )
    found = demo.execute(scored.where(Case.institution.has(Institution.name.startswith("定海")))).all()
    graded = {(state, grade, before) for state, grade, before in found if grade}
    assert graded == {("awaiting_publicity", "A", None), ("city_review", "A", None), ("county_review", "B", "A")}
    assert len([state for state, *_ in found if state != "unrated"]) == 8


def test_the_running_notice_is_new_and_some_of_its_entries_are_contested(demo: Session, now: datetime) -> None:
    open_ones = select(Notice).join(Case, Case.id == Notice.case_id).where(Case.state == "open")
    notice = demo.scalars(open_ones.where(Notice.machine == "evaluation")).one()
    assert notice.opens_on is not None
    assert 1 <= working_days_between(notice.opens_on, legal_day(now), Calendar(), provisional=True) + 1 <= 2
    entries = demo.scalars(select(PublicityEntry).where(PublicityEntry.notice_id == notice.case_id)).all()
    outcomes = Counter("held" if entry.held else entry.outcome for entry in entries)
    assert outcomes == {"held": 4, "": 5, "upheld": 1}


def test_objections_and_re_reviews_wait_at_every_stage_and_have_been_answered(demo: Session) -> None:
    rows = demo.execute(
        select(Case.machine, Case.state, Case.step, Objection.outcome).join(Objection, Objection.case_id == Case.id)
    )
    assert {(machine, state, step, outcome or "") for machine, state, step, outcome in rows} == {
        ("objection", "acceptance", "", ""),
        ("objection", "supplement", "", ""),
        ("objection", "city_review", "handler", ""),
        ("objection", "city_review", "section_head", ""),
        ("objection", "refused", "", "refused"),
        ("objection", "answered", "", "upheld"),
        ("objection", "answered", "", "amended"),
        ("objection", "answered", "", "removed"),
        ("re_review", "acceptance", "", ""),
        ("re_review", "supplement", "", ""),
        ("re_review", "province_review", "handler", ""),
        ("re_review", "province_review", "leader", ""),
        ("re_review", "refused", "", "refused"),
        ("re_review", "answered", "", "upheld"),
        ("re_review", "answered", "", "amended"),
    }  # fmt: skip


def test_credit_repairs_wait_at_every_stage_and_have_ended_in_every_way(demo: Session) -> None:
    rows = demo.execute(select(Case.state, Case.step, Repair.outcome).join(Repair, Repair.case_id == Case.id))
    assert {(state, step, outcome or "") for state, step, outcome in rows} == {
        ("acceptance", "", ""),
        ("supplement", "", ""),
        ("county_review", "handler", ""),
        ("county_review", "leader", ""),
        ("awaiting_publicity", "", ""),
        ("in_publicity", "", ""),
        ("granted", "", "granted"),
        ("defence", "", "granted"),
        ("weighing", "", "granted"),
        ("rescinded", "", "granted"),
        ("refused", "", "refused"),
        ("not_granted", "", "not_granted"),
        ("withdrawn", "", ""),
    }  # fmt: skip


def test_every_level_has_work_that_is_overdue_and_work_that_is_not(demo: Session, now: datetime) -> None:
    today = legal_day(now)
    open_tasks = select(Authority.level, Task.due_at).join(Authority, Authority.id == Task.authority_id)
    found = demo.execute(open_tasks.where(Task.closed_at.is_(None))).all()
    rows = [(level, due) for level, due in found if due]
    assert {level for level, due in rows if due < now} == set(REVIEWERS)
    assert {level for level, due in rows if due >= now} == set(REVIEWERS)
    assert {level for level, due in rows if legal_day(due - timedelta(seconds=1)) == today} == set(
        REVIEWERS if today == legal_day(LEAP_DAY) else ()
    )
    assert demo.scalar(select(Evaluation.case_id).where(Evaluation.re_review_until > now)) is not None


def test_work_has_come_back_within_a_level_a_level_down_and_to_the_institution(demo: Session) -> None:
    assert set(demo.scalars(select(HistoryEntry.move))) >= {
        "rework", "return_down", "ask_correction", "correct", "disagree", "lapse",
    }  # fmt: skip


def test_sixty_institutions_have_three_years_on_file(demo: Session, now: datetime) -> None:
    of_henan = select(Institution.id).join(Authority).where(Authority.code.startswith("41"))
    assert 60 <= len(demo.scalars(of_henan).all()) <= 70
    first = min(demo.scalars(select(ArchiveRecord.acted_on).where(ArchiveRecord.institution_id.in_(of_henan))))
    assert timedelta(days=2.5 * 365) < legal_day(now) - first < timedelta(days=3.5 * 365)
    officials = demo.scalars(select(Appointment.person_id).where(Appointment.office_id.is_not(None)))
    assert len(set(officials)) >= 90


def test_the_archive_names_each_institution_once_with_the_newest_grade_in_force(demo: Session, now: datetime) -> None:
    """Last year's grade of 魏都示例永昌 has not run out yet; this year's holds."""
    handler = acting(demo, "411002-handler", legal_day(now))
    found, total = institutions(demo, handler, "", 1, now)
    assert len({one.credit_code for one in found}) == len(found) == total
    [both] = [one for one in found if one.name.startswith("魏都示例永昌")]
    newest = select(Evaluation.expires_on).join(Institution).where(Institution.credit_code == both.credit_code)
    dates = [day for day in demo.scalars(newest.where(Evaluation.expires_on > legal_day(now))) if day]
    assert len(dates) > 1
    assert both.expires_on == max(dates)


def test_what_must_always_hold_holds_and_nothing_went_wrong(demo: Session, now: datetime) -> None:
    assert audit.verify(demo) == []
    assert invariants.broken(demo) == []
    assert set(demo.scalars(select(Incident.kind))) == {"nobody_eligible"}
    assert demo.scalar(select(Timer.id).where(Timer.status == "armed", Timer.fire_at <= now)) is None
    assert demo.scalar(select(HistoryEntry.id).where(HistoryEntry.at > now)) is None


def test_every_account_on_offer_exists_and_only_demo_accounts_do(demo: Session) -> None:
    logins = {user.login: user.is_demo for user in demo.scalars(select(User))}
    assert {login for group in people.DOORS.values() for login in group} <= logins.keys()
    assert all(logins.values())


def test_a_loaded_city_is_known_as_one(demo: Session) -> None:
    assert city.standing(demo) == "loaded"


def test_invented_codes_and_names_are_valid_and_unlike_each_other_at_every_size() -> None:
    everyone = [*firms.FIRMS, *crowd.crowd(crowd.parts(100))]
    found = [credit_code.check(firm.code) for firm in everyone]
    assert [check for check in found if not check.ok or check.warnings] == []
    for what in ({check.code for check in found}, {firm.key for firm in everyone}, {firm.name for firm in everyone}):
        assert len(what) == len(everyone) > 6000
    assert all("示例" in firm.name for firm in everyone)


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


@pytest.mark.parametrize("now", [DEMO_DAY], ids=["holiday"], indirect=True)
def test_the_same_seed_and_day_tell_the_same_story(demo: Session, now: datetime, tmp_path: Path) -> None:
    again = Database(f"sqlite:///{tmp_path / 'demo.db'}")
    schema.upgrade(again)
    city.load(again, now)
    with again.read() as session:
        assert told(session) == told(demo)
    again.close()
