"""Recommendation: from application to honour and its end; every refusal; seats of a quota under any interleaving."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from models import (
    Authority,
    Case,
    Delivery,
    Document,
    Evaluation,
    HistoryEntry,
    Institution,
    Quota,
    Remark,
    Round,
    Timer,
)
from tests import zhoushan
from tests.cast import CITY, COUNTY, OBJECTION, SIBLING, World
from tests.shandong import APPLICATION, FULL, JINAN, PROVINCE, RIZHAO, YANTAI, Shandong, scored
from workflow import annex, recommendations
from workflow.clock import legal_day
from workflow.engine import quota
from workflow.engine.act import act
from workflow.engine.invariants import broken
from workflow.engine.invariants.quotas import quotas_hold
from workflow.engine.load import facts_of
from workflow.engine.permissions import OUTSIDER, SYSTEM
from workflow.engine.queries import rounds
from workflow.engine.refusal import NotFound, Refused
from workflow.openings import object_to
from workflow.policies_in_force import keep
from workflow.rules.credit_code import mint
from workflow.rules.policy import load


@pytest.fixture
def world(new_shandong: Callable[[str], Shandong]) -> Iterator[Shandong]:
    one = new_shandong("sqlite")
    yield one
    with one.database.read() as session:
        assert broken(session) == []


def refused(world: World, case: int, move: str, login: str, role: str | None = None, **form: Any) -> str:
    with pytest.raises(Refused) as caught:
        world.do(case, move, login, role, **form)
    return caught.value.reason


def shown(world: Shandong, round_id: int, city: str, cases: list[int]) -> int:
    notice = world.notice(round_id, cases, f"{city}-handler")
    world.do(notice, "publish", f"{city}-leader")
    return notice


def test_an_institution_climbs_from_its_application_to_an_honour_that_is_revoked(world: Shandong) -> None:
    first, second = world.institutions(YANTAI, 2)
    round_id = world.open()
    lower = world.candidate(round_id, YANTAI, 1, **scored("2"))
    higher = world.candidate(round_id, YANTAI, 2, opinion="经评估，符合推荐条件。")
    assert [world.detail(case).total for case in (lower, higher)] == ["98", "100"]

    assert refused(world, lower, "select", f"{YANTAI}-handler") == "better_passed_over"
    world.do(higher, "select", f"{YANTAI}-handler")
    world.do(lower, "select", f"{YANTAI}-handler")
    notice = shown(world, round_id, YANTAI, [lower, higher])
    assert (world.entry(higher).number, world.entry(lower).number) == (1, 2)  # 推荐顺序

    world.to(date(2026, 3, 9))
    assert {world.case(case).state for case in (lower, higher)} == {"cleared"}
    assert refused(world, notice, "confirm_cleared", f"{YANTAI}-leader") == "package_incomplete"
    world.summary(round_id, YANTAI)
    world.do(notice, "confirm_cleared", f"{YANTAI}-leader")
    assert (world.case(higher).state, world.case(higher).step) == ("province_review", "handler")
    with world.database.read() as session:
        letter = session.get_one(Document, world.detail(higher).confirmation_id)
        assert letter.body.index("烟台2") < letter.body.index("烟台1")
        assert "所填内容由推荐单位对真实性负责" in letter.body  # SD-40, over the city leader's signature

    for login, role in (("handler", None), ("head", "section_head"), ("leader", None)):
        world.do(higher, "agree", f"{PROVINCE}-{login}", role, opinion="综合评估审核，同意推荐。")
    world.do(lower, "decline", f"{PROVINCE}-leader", opinion="综合评估后不予推荐。")
    assert (world.case(lower).state, world.detail(lower).seated_at) == ("declined", None)
    assert world.case(higher).state == "reported"
    outcome = {"outcome": "designated", "number": "人社部函〔2026〕9号"}
    early = {**outcome, "outcome_on": "2026-12-01"}
    assert refused(world, higher, "record_outcome", f"{PROVINCE}-handler", None, **early) == "outcome_ahead"
    world.do(higher, "record_outcome", f"{PROVINCE}-handler", outcome_on="2026-03-09", **outcome)
    assert world.case(higher).state == "designated"
    assert world.detail(higher).outcome_number == "人社部函〔2026〕9号"
    assert said_of(world, higher) == {  # 附件5: the city's and the province's, each its own (SD-44)
        "city_review": {"经评估，符合推荐条件。"}, "province_review": {"综合评估审核，同意推荐。"}
    }  # fmt: skip

    assert refused(world, higher, "propose_revocation", f"{PROVINCE}-handler", opinion="有举报。") == "no_ground"
    world.record(second, "abnormal_list", world.today)
    world.do(higher, "propose_revocation", f"{PROVINCE}-handler", opinion="被列入经营异常名录。")
    words = "我单位已提出移出申请，正在办理，请予考虑。"
    world.do(higher, "state_case", f"{YANTAI}-clerk-2", statement=words, files=[])
    world.do(higher, "revoke", f"{PROVINCE}-leader", opinion="失信事实清楚。")
    assert world.case(higher).state == "revoked"
    assert world.count(Delivery, Delivery.case_id == higher) == 2


def said_of(world: Shandong, case_id: int) -> dict[str, set[str]]:
    """The opinions on a case by where it stood."""
    mine = (HistoryEntry.case_id == case_id, HistoryEntry.seq > 1)
    query = select(HistoryEntry.from_state, Remark.text).join(
        Remark, (Remark.case_id == HistoryEntry.case_id) & (Remark.seq == HistoryEntry.seq)
    )
    with world.database.read() as session:
        found: dict[str, set[str]] = {}
        for state, said in session.execute(query.where(*mine)):
            found.setdefault(state, set()).add(said)
    return found


def test_the_package_names_what_it_lacks_until_all_of_it_is_there(world: Shandong) -> None:
    """SD-26: forms, scores, proofs and the work summary; the list itself and its letter follow by the confirmation."""
    world.institutions(RIZHAO, 1)
    round_id = world.open()
    case = world.apply(round_id, f"{RIZHAO}-clerk-1", files=[]).case_id
    assert lacking(world, case) == ("scores", "proofs", "summary")
    world.evaluate(case, RIZHAO)
    world.summary(round_id, RIZHAO)
    assert lacking(world, case) == ("proofs",)
    world.do(case, "select", f"{RIZHAO}-handler")
    notice = shown(world, round_id, RIZHAO, [case])
    world.to(date(2026, 3, 9))
    assert refused(world, notice, "confirm_cleared", f"{RIZHAO}-leader") == "package_incomplete"


def lacking(world: Shandong, case_id: int) -> tuple[str, ...]:
    with world.database.read() as session:
        return quota.missing(facts_of(session, case_id, SYSTEM, world.at))


def test_a_review_stands_still_for_ten_days_at_most_grows_by_five_and_is_reminded_of(world: Shandong) -> None:
    """The city's 15 working days after 2 March end on the 23rd: it is reminded of two working days before,
    the authority above hears three working days later."""
    world.institutions(YANTAI, 1)
    case = world.apply(world.open(), f"{YANTAI}-clerk-1").case_id
    handler, leader = f"{YANTAI}-handler", f"{YANTAI}-leader"
    with world.database.read() as session:
        timers = select(Timer.kind, Timer.fire_at).where(Timer.case_id == case, Timer.status == "armed")
        told = {(kind, legal_day(at)) for kind, at in session.execute(timers) if kind in ("remind", "escalate")}
    assert told == {
        ("remind", date(2026, 3, 19)), ("remind", date(2026, 3, 23)), ("escalate", date(2026, 3, 26)),
    }  # fmt: skip
    assert refused(world, case, "extend", leader, None, count=6, opinion="材料较多。") == "extension_too_long"
    world.do(case, "extend", leader, count=5, opinion="材料较多。")
    world.do(case, "pause", handler, opinion="等待市场监管部门查询结果。")
    world.to(date(2026, 3, 16))  # the tenth working day after 2 March
    assert world.case(case).paused_at is not None
    world.to(date(2026, 3, 17))
    assert world.case(case).paused_at is None
    assert refused(world, case, "pause", handler, opinion="再次等待。") == "pause_used_up"


def test_a_nominated_institution_fills_in_its_form_or_the_nomination_lapses(world: Shandong) -> None:
    ids = world.institutions(YANTAI, 2)
    round_id, handler = world.open(), world.actor(f"{YANTAI}-handler")
    cases = []
    for one in ids:
        with world.write() as session:
            key = uuid.uuid4().hex
            opened = recommendations.nominate(session, round_id, one, {"holder": ""}, handler, key, world.at)
            cases.append(opened.case_id)
    world.do(cases[0], "fill", f"{YANTAI}-clerk-1", None, **APPLICATION, **FULL, files=[])
    world.to(date(2026, 3, 17))  # ten working days after 2 March
    assert [world.case(case).state for case in cases] == ["city_review", "withdrawn"]


@pytest.mark.parametrize(
    ("kind", "acted_on", "values", "reason"),
    [
        (
            "labour_violation",
            date(2023, 3, 2),
            {"decided_on": date(2023, 3, 2)},
            "not_eligible",
        ),  # 近三年
        ("labour_violation", date(2023, 3, 1), {"decided_on": date(2023, 3, 1)}, None),  # one day earlier
        ("legal_dispute", date(2020, 1, 1), {}, "not_eligible"),  # not ended
        ("legal_dispute", date(2020, 1, 1), {"acted_to": date(2026, 3, 2)}, None),  # ended today
        ("abnormal_list", date(2025, 1, 1), {}, "not_eligible"),
        ("credit_complaint", date(2025, 1, 1), {}, "not_eligible"),
        ("business_suspended", date(2026, 1, 1), {}, "not_eligible"),
    ],
)
def test_the_basic_conditions_are_asked_of_the_archive(
    world: Shandong, kind: str, acted_on: date, values: dict[str, date], reason: str | None
) -> None:
    one = world.institutions(RIZHAO, 1)[0]
    world.record(one, kind, acted_on, **values)
    round_id = world.open()
    if reason is None:
        assert world.apply(round_id, f"{RIZHAO}-clerk-1").state == "city_review"
        return
    with pytest.raises(Refused) as caught:
        world.apply(round_id, f"{RIZHAO}-clerk-1")
    assert caught.value.reason == reason


def test_a_fact_that_arrives_after_the_evaluation_stops_the_next_signature_and_the_seat(world: Shandong) -> None:
    one, two = world.institutions(YANTAI, 2)
    round_id = world.open()
    case = world.apply(round_id, f"{YANTAI}-clerk-1").case_id
    form: dict[str, Any] = {"verdict": "fit", "attestation": "均符合。", **FULL}
    world.do(case, "propose", f"{YANTAI}-handler", **form)
    world.record(one, "abnormal_list", world.today)
    assert refused(world, case, "agree", f"{YANTAI}-head", "section_head") == "findings_changed"
    seated = world.candidate(round_id, YANTAI, 2)
    world.record(two, "abnormal_list", world.today)
    assert refused(world, seated, "select", f"{YANTAI}-handler") == "not_eligible"


def test_a_soft_exclusion_is_set_aside_by_a_reason_and_a_second_person(world: Shandong) -> None:
    world.record(world.institutions(RIZHAO, 1)[0], "national_model_2014", date(2014, 12, 1))
    round_id = world.open()
    case = world.apply(round_id, f"{RIZHAO}-clerk-1").case_id
    form: dict[str, Any] = {"verdict": "fit", "attestation": "均符合。", **FULL}
    assert refused(world, case, "propose", f"{RIZHAO}-handler", **form) == "override_unreasoned"
    world.do(case, "propose", f"{RIZHAO}-handler", **form, override="诚信服务工作优异，典型示范作用特别突出。")
    world.do(case, "agree", f"{RIZHAO}-head", "section_head")
    assert refused(world, case, "agree", f"{RIZHAO}-leader") == "override_open"
    world.do(case, "override", f"{RIZHAO}-leader", opinion="同意酌情列入。")
    world.do(case, "agree", f"{RIZHAO}-leader")
    assert (world.case(case).state, world.detail(case).override_reason[:4]) == ("shortlisted", "诚信服务")


def test_scores_are_refused_field_by_field(world: Shandong) -> None:
    world.institutions(RIZHAO, 1)
    round_id = world.open()
    wrong = {"score-01": "3.5", "score-02": "1.25", "score-03": "", "score-99": "1"}
    with pytest.raises(Refused) as caught:
        world.apply(round_id, f"{RIZHAO}-clerk-1", **wrong)
    assert {field: fault[0] for field, fault in (caught.value.fields or {}).items()} == {
        "score-01": "score_range",
        "score-02": "score_too_exact",
        "score-03": "field_required",
        "score-99": "field_unknown",
    }


def test_a_gap_in_the_form_must_be_explained_and_nobody_applies_twice_or_too_late(world: Shandong) -> None:
    world.institutions(RIZHAO, 1, licence_number="")
    round_id = world.open()
    with pytest.raises(Refused, match="gap_unexplained"):
        world.apply(round_id, f"{RIZHAO}-clerk-1")
    world.apply(round_id, f"{RIZHAO}-clerk-1", notes="许可证正在换发，号码待定。")
    world.institutions(JINAN, 1)
    for blank in ("representative", "business", "liaison", "phone"):
        with pytest.raises(Refused, match="gap_unexplained"):
            world.apply(round_id, f"{JINAN}-clerk-1", **{blank: ""})
    with pytest.raises(Refused, match="applied_already"):
        world.apply(round_id, f"{RIZHAO}-clerk-1", notes="许可证正在换发。")
    world.institutions(YANTAI, 1)
    world.clock.to_local(date(2026, 8, 11), 0)  # 8月10日前: the day itself is in time
    with pytest.raises(Refused, match="round_over"):
        world.apply(round_id, f"{YANTAI}-clerk-1")


def test_a_city_over_its_quota_is_refused_and_the_reserve_moves_up_when_a_seat_is_free(world: Shandong) -> None:
    world.institutions(RIZHAO, 2)
    round_id = world.open()
    first, second = (world.candidate(round_id, RIZHAO, number) for number in (1, 2))
    world.do(first, "select", f"{RIZHAO}-handler")
    assert refused(world, second, "select", f"{RIZHAO}-handler") == "quota_full"
    world.do(second, "hold", f"{RIZHAO}-handler")
    shown(world, round_id, RIZHAO, [first])
    with world.write() as session:
        form = {**OBJECTION, "receipt_hash": uuid.uuid4().hex}
        objection = object_to(session, first, form, OUTSIDER, uuid.uuid4().hex, world.at).case_id
    world.do(objection, "accept", f"{RIZHAO}-head2")
    answer = {"outcome": "removed", "answer": "经核查，申报材料所述业绩与事实不符。"}
    world.do(objection, "propose", f"{RIZHAO}-handler2", **answer)
    world.do(objection, "agree", f"{RIZHAO}-head2")
    assert (world.case(first).state, world.detail(first).seated_at) == ("removed", None)
    world.do(second, "select", f"{RIZHAO}-handler")
    assert world.case(second).state == "awaiting_publicity"


def test_what_no_record_answers_is_answered_by_the_evaluator_in_words(world: Shandong) -> None:
    """SD-29, SD-30 and SD-31: scale, systems, satisfaction and taking part are judged, and by whom is on record."""
    world.institutions(RIZHAO, 1)
    case = world.apply(world.open(), f"{RIZHAO}-clerk-1").case_id
    assert refused(world, case, "propose", f"{RIZHAO}-handler", verdict="fit", **FULL) == "attestation_missing"
    world.do(case, "propose", f"{RIZHAO}-handler", verdict="fit", attestation="达到规模，制度完备。", **FULL)
    assert world.detail(case).attestation == "达到规模，制度完备。"


def test_whoever_is_found_unfit_is_told_why_and_nobody_above_hears_of_it(world: Shandong) -> None:
    world.institutions(RIZHAO, 1)
    case = world.apply(world.open(), f"{RIZHAO}-clerk-1").case_id
    assert refused(world, case, "propose", f"{RIZHAO}-handler", verdict="unfit") == "reason_missing"
    world.do(case, "propose", f"{RIZHAO}-handler", verdict="unfit", opinion="服务台账不全。")
    world.do(case, "agree", f"{RIZHAO}-head", "section_head", opinion="同意不予推荐。")
    world.do(case, "agree", f"{RIZHAO}-leader", opinion="服务台账不全，同意不予推荐。")
    assert world.case(case).state == "rejected"
    with world.database.read() as session:
        letter = session.get_one(Document, session.scalar(select(Delivery.document_id).where(Delivery.case_id == case)))
        assert "服务台账不全" in letter.body


def test_the_reserve_ends_when_the_list_is_due(world: Shandong) -> None:
    world.institutions(RIZHAO, 1)
    case = world.candidate(world.open(), RIZHAO, 1)
    world.do(case, "hold", f"{RIZHAO}-handler")
    world.to(date(2026, 8, 10), 23)
    assert world.case(case).state == "reserve"
    world.to(date(2026, 8, 11), 1)
    assert world.case(case).state == "not_selected"


def test_seats_are_given_up_by_who_opened_the_round_and_by_nobody_else(world: Shandong) -> None:
    round_id = world.open()
    quota, head = world.quota(round_id, YANTAI), world.actor(f"{PROVINCE}-head", "section_head")
    with world.write() as session:
        recommendations.set_seats(session, quota.id, 2, head, world.at)
    assert world.quota(round_id, YANTAI).seats == 2
    with world.write() as session, pytest.raises(NotFound):
        recommendations.set_seats(session, quota.id, 3, world.actor(f"{YANTAI}-head", "section_head"), world.at)


@pytest.mark.postgres
def test_of_32_nominations_at_once_for_3_seats_three_are_in_and_the_others_are_told_why(
    new_shandong: Callable[[str], Shandong],
) -> None:
    world = new_shandong("postgres")
    world.institutions(JINAN, 32)
    round_id = world.open()
    cases = [world.candidate(round_id, JINAN, number) for number in range(1, 33)]
    handler = world.actor(f"{JINAN}-handler")

    def take(case: int) -> str:
        try:
            with world.database.write() as session:
                form = {"opinion": "择优列入。"}
                act(session, case, "select", handler, form=form, request_id=uuid.uuid4().hex, at=world.at)
        except Refused as reason:
            return reason.reason
        return "in"

    with ThreadPoolExecutor(32) as crowd:
        told = Counter(crowd.map(take, cases))
    assert told == {"in": 3, "quota_full": 29}
    with world.database.read() as session:
        assert broken(session) == []


def test_models_are_chosen_among_a_institutions_within_five_per_cent_pooled_by_the_city(
    new_world: Callable[..., World],
) -> None:
    """魏都 has 20 with an A and a quota of its own; 建安's 19 count with the city's one: 20 together."""
    world = new_world("sqlite")
    own, pooled = graded(world, COUNTY, 20), graded(world, SIBLING, 19)
    graded(world, CITY, 1)
    graded(world, SIBLING, 3, grade="B")
    head = world.actor(f"{CITY}-head", "section_head")
    with world.write() as session:
        key = ("xuchang-demo", "integrity_model", 2026, "选树诚信机构典型")
        round_id = recommendations.open_round(session, *key, head, world.at)
        quotas = select(Authority.code, Quota).join(Quota, Quota.authority_id == Authority.id)
        found = {code: (one.seats, len(one.counted or [])) for code, one in session.execute(quotas)}
    assert found == {COUNTY: (1, 20), CITY: (1, 20)}

    with world.write() as session, pytest.raises(Refused, match="round_elsewhere"):
        below = world.actor(f"{COUNTY}-head", "section_head")
        recommendations.open_round(session, *key, below, world.at)  # its 20 are the base of the city's round already

    def nominated(institution: int, county: str) -> int:
        with world.write() as session:
            handler, key = world.actor(f"{county}-handler"), uuid.uuid4().hex
            opened = recommendations.nominate(session, round_id, institution, {"holder": ""}, handler, key, world.at)
            return opened.case_id

    first, second, third = nominated(own[0], COUNTY), nominated(own[1], COUNTY), nominated(pooled[0], SIBLING)
    for case, county in ((first, COUNTY), (second, COUNTY), (third, SIBLING)):
        world.do(case, "propose", f"{county}-handler", verdict="fit", attestation="开展公益招聘，参加主题活动。")
        world.do(case, "agree", f"{county}-head", "section_head")
        for seat in range(1, 5):
            world.do(case, "agree", f"{county}-panel{seat}")
        world.do(case, "agree", f"{county}-leader")
    assert [world.case(case).state for case in (first, second, third)] == ["shortlisted", "shortlisted", "city_review"]
    world.do(first, "select", f"{COUNTY}-handler")
    assert refused(world, second, "select", f"{COUNTY}-handler") == "quota_full"
    notice = world.notice(round_id, [first], f"{COUNTY}-handler")
    world.do(notice, "publish", f"{COUNTY}-leader")
    world.to(date(2026, 3, 9))
    world.do(first, "confirm", f"{COUNTY}-leader")
    assert world.case(first).state == "designated"
    with world.write() as session:
        session.execute(
            update(Evaluation).where(Evaluation.institution_id == own[1]).values(expires_on=date(2026, 3, 8))
        )
    assert refused(world, second, "select", f"{COUNTY}-handler") == "not_eligible", "its A has expired"
    with pytest.raises(Refused, match="not_eligible"):
        nominated(graded(world, COUNTY, 1, grade="B")[0], COUNTY)
    with world.database.read() as session:
        assert list(quotas_hold(session)) == []
        grades = session.scalars(select(Evaluation.round_id).limit(1)).one()
        lines = rounds.summary(session, grades, world.actor(f"{CITY}-handler"))
        chosen = {line.grade: annex.row(line, {})[5:7] for line in lines if line.model is not False}
    assert chosen == {"A": ("是", "开展公益招聘，参加主题活动。"), "B": ("", "")}  # 附件2 (XC-33)
    assert sum(line.model is False for line in lines) == 39


def test_zhoushans_honours_stand_until_dishonesty_is_found(new_world: Callable[..., World]) -> None:
    """Four honours (ZS-31), one of them a person's; each is given within its seats and revoked by ZS-32."""
    world = new_world("sqlite")
    zhoushan.settle(world)
    stage = Shandong(world.database)
    county, city, honours = zhoushan.COUNTY, zhoushan.CITY, load(zhoushan.POLICY).recommendation.honours
    rounds = {honour: stage.open(zhoushan.POLICY, honour, by=city) for honour in honours}
    assert {one.title for one in honours.values()} == {"诚信服务品牌", "诚信服务窗口", "诚信服务标兵", "诚信示范单位"}
    clerk, blank = "clerk-haichao", {"licence_number": "330902201500001", "address": "示例路2号"}
    with world.write() as session:
        one = session.get_one(Institution, world.actor(clerk).institution_id)
        one.licence_number, one.address, one.founded_on = *blank.values(), date(2015, 1, 1)

    def applied(honour: str, holder: str) -> int:
        with world.write() as session:
            form = {**APPLICATION, "holder": holder, "files": []}
            key = uuid.uuid4().hex
            return recommendations.apply(session, rounds[honour], form, world.actor(clerk), key, world.at).case_id

    for honour, holder, reason in (("pacesetter", "", "holder_missing"), ("brand", "某人", "holder_unasked")):
        with pytest.raises(Refused, match=reason):
            applied(honour, holder)
    case = applied("pacesetter", "示例个人")
    world.do(case, "propose", f"{county}-handler", verdict="fit", attestation="服务和信用有示范作用。")
    for login in (f"{county}-leader", f"{city}-handler", f"{city}-leader"):
        world.do(case, "agree", login)
    world.do(case, "select", f"{city}-handler")
    notice = shown(stage, rounds["pacesetter"], city, [case])
    world.to(date(2026, 3, 9))
    world.do(notice, "confirm_cleared", f"{city}-leader2")
    assert world.case(case).state == "designated"
    world.to(date(2027, 3, 1))
    assert world.case(case).state == "designated", "an honour has no term"
    stage.record(world.actor(clerk).institution_id or 0, "abnormal_list", world.today)
    world.do(case, "propose_revocation", f"{city}-handler", opinion="被列入经营异常名录。")
    assert world.do(case, "revoke", f"{city}-leader", opinion="失信事实清楚。").state == "revoked"


def graded(world: World, code: str, count: int, grade: str = "A") -> list[int]:
    """Institutions of an authority with a grade in force: the rows an evaluation leaves, without its way there."""
    made = []
    with world.write() as session:
        authority = session.scalars(select(Authority).where(Authority.code == code)).one()
        round_id = session.scalar(select(Round.id).where(Round.scheme == "credit_grade")) or _round(session, world)
        policy = session.get_one(Round, round_id).policy_id
        for number in range(count):
            mark = session.scalar(select(func.count()).select_from(Institution)) or 0
            one = Institution(
                credit_code=mint(f"91{code}", f"MB{mark:06d}"),
                name=f"{authority.short_name}示例{grade}{number}人力资源有限公司",
                managing_authority_id=authority.id,
                created_at=world.at,
            )
            session.add(one)
            session.flush()
            made.append(one.id)
            case = Case(
                number=f"PJ-2026-8{mark:04d}", machine="evaluation", policy_id=policy, round_id=round_id,
                institution_id=one.id, managing_authority_id=authority.id, authority_id=authority.id, ladder=[],
                state="effective", step="", turn=1, version=1, material_hash="",
                entered_at=world.at, opened_at=world.at,
            )  # fmt: skip
            session.add(case)
            session.flush()
            term = {"effective_from": date(2026, 1, 1), "expires_on": date(2027, 1, 1)}
            kept = {"case_id": case.id, "institution_id": one.id, "round_id": round_id, "grade": grade}
            session.execute(insert(Evaluation).values(**kept, **term))
    return made


def _round(session: Session, world: World) -> int:
    authority = session.scalars(select(Authority).where(Authority.code == CITY)).one()
    one = Round(
        authority_id=authority.id, policy_id=keep(session, "xuchang-demo", "evaluation", world.at), year=2026,
        scheme="credit_grade", title="2026年度评价", reference_date=date(2025, 12, 1), opened_at=world.at,
    )  # fmt: skip
    session.add(one)
    session.flush()
    return one.id
