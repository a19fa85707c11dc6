"""信用修复: from the application to its effects, and every refusal on the way, with the cast on three levels."""

import uuid
from datetime import date, timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select, update

from models import ArchiveRecord, Attachment, Delivery, Document, Institution, OutboxMessage, Repair
from tests.cast import CITY, COUNTY, World
from tests.engine.conftest import NewWorld
from workflow import archive, repairs
from workflow.engine import sync
from workflow.engine.invariants import broken
from workflow.engine.refusal import NotFound, Refused

STATEMENT = "我单位已全部退还所收押金，并完善了收费公示和内部检查，情况说明附后。"
APPLICATION = {"statement": STATEMENT, "files": [], "pledge": "given"}
CORRECTED = {"corrected": "yes", "performed": "yes", "outcome": "granted", "answer": "现场核查属实，押金已全部退还。"}


def institution_id(world: World, number: int = 0) -> int:
    actor = world.actor(f"clerk-{number}")
    assert actor.institution_id
    return actor.institution_id


def recorded(world: World, *, by: str = f"{COUNTY}-handler", finder: str = "许昌市人社局", **changes: Any) -> int:
    """A violation found by the city and entered by the county, decided 2026-04-08."""
    form = {
        "kind": "labour_violation",
        "summary": "向求职者收取押金",
        "acted_on": date(2026, 3, 20),
        "decided_on": date(2026, 4, 8),
        "finding_authority": finder,
        "document_number": "许人社监罚〔2026〕1号",
        "evidence": "收据一张",
        **changes,
    }
    with world.write() as session:
        kinds = dict.fromkeys(("labour_violation", "pledge_breach", "serious_dishonesty_list"), "")
        return archive.record(session, institution_id(world), kinds, form, world.actor(by), world.at)


def judged(world: World, record_id: int, severity: str = "minor", by: str = f"{COUNTY}-handler") -> None:
    with world.write() as session:
        form = {"severity": severity, "corrected_in_time": "yes", "evidence": "退款签收单"}
        archive.judge(session, record_id, form, world.actor(by), world.at)


def published(
    world: World, record_id: int, act: str = "general", by: str = f"{COUNTY}-handler", **changes: str
) -> None:
    with world.write() as session:
        form = {"repair_class": act, "publish": "yes", "evidence": "按类别清单认定", **changes}
        archive.publish(session, record_id, form, world.actor(by), world.at)


def photo(world: World) -> int:
    with world.write() as session:
        row = Attachment(
            stored_as=uuid.uuid4().hex, name="现场.jpg", media_type="image/jpeg", size=9, sha256="0" * 64,
            created_at=world.at,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def apply(world: World, record_id: int, clerk: str = "clerk-0", **changes: Any) -> int:
    with world.write() as session:
        form = {"record": record_id, **APPLICATION, **changes}
        return repairs.apply(session, form, world.actor(clerk), uuid.uuid4().hex, world.at).case_id


def refusal(world: World, record_id: int) -> Refused:
    with pytest.raises(Refused) as caught:
        apply(world, record_id)
    return caught.value


def record(world: World, record_id: int) -> ArchiveRecord:
    with world.database.read() as session:
        return session.get_one(ArchiveRecord, record_id)


def verify(world: World, case_id: int, by: str = f"{COUNTY}-handler2", **changes: Any) -> None:
    form: dict[str, Any] = {**CORRECTED, "files": [photo(world)], **changes}
    world.do(case_id, "verify", by, **form)


def climb(world: World, case_id: int, **changes: Any) -> None:
    """Accepted, verified by the county and signed up to the city that made the finding."""
    world.do(case_id, "accept", f"{COUNTY}-head", "section_head")
    verify(world, case_id, **changes)
    world.do(case_id, "agree", f"{COUNTY}-leader")
    world.do(case_id, "agree", f"{CITY}-handler")
    world.do(case_id, "agree", f"{CITY}-leader")


def shown_and_granted(world: World, case_id: int) -> None:
    """Through publicity by the city, and confirmed."""
    from workflow.openings import draft_notice_under

    policy_id = world.case(case_id).policy_id
    with world.write() as session:
        form = {"title": "信用修复公示", "opens_on": world.today, "cases": [case_id]}
        actor = world.actor(f"{CITY}-handler")
        notice = draft_notice_under(session, form, policy_id, actor, uuid.uuid4().hex, world.at).case_id
    world.do(notice, "publish", f"{CITY}-leader")
    world.to(world.today + timedelta(days=10))
    world.do(notice, "confirm_cleared", f"{CITY}-leader2")


@pytest.fixture
def public(world: World) -> int:
    """A general act, public since it was decided; its earliest day is 2026-07-09."""
    world.to(date(2026, 4, 9))
    record_id = recorded(world)
    published(world, record_id)
    return record_id


def test_a_repair_ends_publication_list_and_use_in_one_act_and_tells_the_platform(world: World, public: int) -> None:
    listed = recorded(world, kind="serious_dishonesty_list", summary="列入严重失信主体名单")
    with world.write() as session:
        session.get_one(ArchiveRecord, listed).basis_id = public
    assert record(world, public).public_to == date(2027, 4, 8)
    world.to(date(2026, 7, 9))
    case_id = apply(world, public)
    climb(world, case_id)
    assert world.case(case_id).state == "awaiting_publicity"
    shown_and_granted(world, case_id)
    today, after = world.today, record(world, public)
    assert world.case(case_id).state == "granted"
    assert (after.repaired_on, after.remedied_on) == (today, today)
    assert record(world, listed).acted_to == today
    with world.database.read() as session:
        told = session.scalars(select(OutboxMessage).where(OutboxMessage.role == "platform")).one()
        letter = session.scalars(select(Document).where(Document.kind == "repair")).one()
        sent = session.scalars(select(Delivery).where(Delivery.document_id == letter.id)).one()
        detail = session.get_one(Repair, case_id)
        assert broken(session) == []
    assert told.payload["records"] == [public] and told.payload["credit_code"]
    assert "准予修复" in letter.body and sent.institution_id == institution_id(world)
    assert (detail.order, detail.repair_class, detail.earliest) == ("order-36", "general", date(2026, 7, 9))


@pytest.mark.postgres
def test_a_fact_that_arrives_while_a_repair_is_granted_is_not_lost_from_the_archives_count(
    new_world: NewWorld,
) -> None:
    """The count says whether a grade was proposed on these facts: two changes must raise it by two."""
    world = new_world("postgres")
    world.to(date(2026, 4, 9))
    record_id = recorded(world)
    published(world, record_id)
    world.to(date(2026, 7, 9))
    case_id = apply(world, record_id)
    climb(world, case_id)
    one = Institution.id == institution_id(world)

    def counted() -> int:
        with world.database.read() as session:
            return session.scalars(select(Institution.archive_version).where(one)).one()

    def another_fact() -> None:
        with world.write() as session:
            session.execute(update(Institution).where(one).values(archive_version=Institution.archive_version + 1))

    def begin(point: str) -> None:
        if point == "after decide" and world.case(case_id).state == "cleared" and not arriving:
            arriving.append(Thread(target=another_fact))
            arriving[0].start()

    before, arriving = counted(), list[Thread]()
    sync.install(begin)
    try:
        shown_and_granted(world, case_id)
    finally:
        sync.install(None)
    arriving[0].join()
    assert world.case(case_id).state == "granted"
    assert counted() == before + 2


def test_it_stands_until_the_publication_would_have_ended(world: World, public: int) -> None:
    world.to(date(2026, 7, 9))
    case_id = apply(world, public)
    climb(world, case_id)
    shown_and_granted(world, case_id)
    world.to(date(2027, 4, 8))
    assert world.case(case_id).state == "granted"
    world.to(date(2027, 4, 9))
    assert world.case(case_id).state == "spent"


def test_the_ladder_ends_with_who_made_the_finding(world: World) -> None:
    world.to(date(2026, 4, 9))
    own = recorded(world, finder="魏都区人社局")
    published(world, own, "minor")
    case_id = apply(world, own)
    assert [rung["level"] for rung in world.case(case_id).ladder] == ["county"]
    world.do(case_id, "accept", f"{COUNTY}-head", "section_head")
    verify(world, case_id)
    assert world.do(case_id, "agree", f"{COUNTY}-leader").state == "awaiting_publicity"


# --- refused at the entrance, each with field, rule and date


def test_on_the_last_day_of_its_publication_a_record_may_still_be_applied_for(world: World, public: int) -> None:
    world.to(date(2027, 4, 8))
    assert apply(world, public)


def test_what_another_department_found_is_repaired_there(world: World) -> None:
    world.to(date(2026, 4, 9))
    foreign = recorded(world, finder="许昌市市场监督管理局")
    published(world, foreign, "minor")
    refused = refusal(world, foreign)
    assert (refused.reason, refused.details["who_found"]) == ("found_elsewhere", "许昌市市场监督管理局")


def test_one_record_is_applied_for_once_at_a_time_and_by_its_institution_alone(world: World, public: int) -> None:
    world.to(date(2026, 7, 9))
    first = apply(world, public)
    assert refusal(world, public).reason == "repair_open"
    with pytest.raises(Refused) as caught:
        apply(world, public, clerk="clerk-1")
    assert caught.value.fields == {"record": ("record_unknown", {})}
    with pytest.raises(NotFound):
        apply(world, public, clerk=f"{COUNTY}-handler")
    world.do(first, "withdraw", "clerk-0", opinion="材料不全，另行申请。")
    assert apply(world, public)


def test_a_decision_before_the_first_order_and_a_class_of_another_order_are_refused(world: World) -> None:
    world.to(date(2026, 4, 9))
    old = recorded(world, acted_on=date(2023, 1, 5), decided_on=date(2023, 4, 30))
    with pytest.raises(Refused) as caught:
        published(world, old)
    assert (caught.value.reason, caught.value.details["on"]) == ("repair_rule_unknown", date(2023, 4, 30))
    march = recorded(world, acted_on=date(2026, 3, 20), decided_on=date(2026, 3, 31))
    with pytest.raises(Refused) as caught:
        published(world, march, "serious")
    assert caught.value.fields["repair_class"] == ("class_not_of_order", {"on": date(2026, 3, 31)})
    over = recorded(world, acted_on=date(2023, 4, 1), decided_on=date(2023, 5, 1))
    world.to(date(2026, 5, 2))
    with pytest.raises(Refused) as caught:
        published(world, over)
    assert (caught.value.reason, caught.value.details["until"]) == ("publication_over", date(2026, 5, 1))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"corrected": "no"}, "not_corrected"), ({"performed": "no"}, "not_performed"), ({"files": []}, "photos_missing")],
)
def test_nothing_is_granted_that_the_verification_does_not_bear_out(
    world: World, public: int, changes: dict[str, Any], reason: str
) -> None:
    world.to(date(2026, 7, 9))
    case_id = apply(world, public)
    world.do(case_id, "accept", f"{COUNTY}-head", "section_head")
    with pytest.raises(Refused) as caught:
        verify(world, case_id, **changes)
    assert caught.value.reason == reason


def test_a_refusal_is_a_document_with_reasons_and_rights(world: World, public: int) -> None:
    world.to(date(2026, 7, 9))
    case_id = apply(world, public)
    climb(world, case_id, corrected="no", outcome="not_granted", answer="押金尚有两人未退还，不符合修复条件。")
    assert world.case(case_id).state == "not_granted"
    with world.database.read() as session:
        letter = session.scalars(select(Document).where(Document.kind == "repair")).one()
        assert "押金尚有两人未退还" in letter.body and "行政复议" in letter.body
    assert record(world, public).repaired_on is None
    assert world.do(case_id, "acknowledge", "clerk-0").state == "not_granted"
    assert apply(world, public)


# --- independence


def test_who_made_the_finding_neither_accepts_nor_verifies_nor_signs(world: World) -> None:
    world.to(date(2026, 4, 9))
    own = recorded(world, finder="魏都区人社局", by=f"{COUNTY}-handler2")
    judged(world, own, by=f"{COUNTY}-head")
    published(world, own, "minor", by=f"{COUNTY}-handler2")
    case_id = apply(world, own)
    for move, login, role in (
        ("accept", f"{COUNTY}-head", "section_head"),
        ("refuse", f"{COUNTY}-head", "section_head"),
    ):
        with pytest.raises(Refused) as caught:
            world.do(case_id, move, login, role, opinion="不符合条件。")
        assert caught.value.reason == "made_finding"
    world.do(case_id, "accept", f"{COUNTY}-head2", "section_head")
    with pytest.raises(Refused) as caught:
        verify(world, case_id)
    assert caught.value.reason == "made_finding"
    verify(world, case_id, by=f"{COUNTY}-handler")


# --- rescission


@pytest.fixture
def granted(world: World, public: int) -> int:
    world.to(date(2026, 7, 9))
    case_id = apply(world, public)
    climb(world, case_id)
    shown_and_granted(world, case_id)
    return case_id


def test_a_false_pledge_brings_the_record_back_after_the_institution_was_heard(
    world: World, public: int, granted: int
) -> None:
    world.do(granted, "doubt", f"{CITY}-handler2", opinion="有两名求职者反映押金仍未退还。")
    with pytest.raises(Refused):
        world.do(granted, "rescind", f"{CITY}-leader", opinion="承诺不实。")
    world.do(granted, "defend", "clerk-0", statement="两名求职者已于昨日退还，收据随后补交，请予核实。", files=[])
    with pytest.raises(Refused) as caught:
        world.do(granted, "rescind", f"{CITY}-leader", opinion="承诺不实。")
    assert caught.value.reason == "decided_other_step"
    assert (
        world.do(granted, "rescind", f"{CITY}-leader2", opinion="押金至申请时仍未退还，承诺不实。").state == "rescinded"
    )
    after = record(world, public)
    assert (after.repaired_on, after.remedied_on, after.public_to) == (None, None, date(2027, 4, 8))
    with world.database.read() as session:
        assert broken(session) == []


def test_silence_leads_to_a_decision_and_never_to_a_rescission(world: World, public: int, granted: int) -> None:
    world.do(granted, "doubt", f"{CITY}-handler2", opinion="有两名求职者反映押金仍未退还。")
    world.to(world.today + timedelta(days=10))
    assert world.case(granted).state == "weighing"
    assert world.do(granted, "uphold", f"{CITY}-leader2", opinion="经查押金已退还，反映不实。").state == "granted"
    world.to(date(2027, 4, 9))
    assert world.case(granted).state == "spent"
    assert record(world, public).repaired_on is not None


def test_a_new_doubt_is_a_matter_of_its_own_for_who_doubted_and_who_upheld(world: World, granted: int) -> None:
    """Nobody re-reviews their own decision: the second doubt has other grounds. Yet who doubts never weighs it."""
    for ground, end in (("有求职者反映押金仍未退还。", "uphold"), ("查明退款收据系伪造。", "rescind")):
        world.do(granted, "doubt", f"{CITY}-handler2", opinion=ground)
        world.do(granted, "defend", "clerk-0", statement="所收押金均已退还，退款收据随后补交，请予核实。", files=[])
        world.do(granted, end, f"{CITY}-leader2", opinion="经查核，按查明的事实处理。")
    assert world.case(granted).state == "rescinded"
    with world.database.read() as session:
        assert broken(session) == []
