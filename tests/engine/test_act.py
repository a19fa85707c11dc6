"""The one verb: exactly once, told why not, and nothing half done. On both databases."""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import Appointment, Authority, Base, Case, Decision, HistoryEntry, Incident, Office, Person, Request, Task
from tests.cast import CITY, COUNTY, SIBLING, World
from workflow.engine import sync, tasks
from workflow.engine.act import Outcome, act
from workflow.engine.decide import offered
from workflow.engine.load import facts_of
from workflow.engine.panel import Count
from workflow.engine.permissions import OUTSIDER, SYSTEM, objector
from workflow.engine.refusal import NotFound, Refused

HANDLER, SECOND, HEAD = f"{COUNTY}-handler", f"{COUNTY}-handler2", f"{COUNTY}-head"
REPORT: dict[str, Any] = {"statement": "本年度依法经营，按时报送年度报告和统计，无违法违规。", "files": []}


@pytest.fixture
def case_id(world: World) -> int:
    """An evaluation whose self-report is in: the county handler's turn."""
    _, cases = world.round()
    world.do(cases["魏都示例甲人力资源有限公司"], "report", "clerk-0", **REPORT)
    return cases["魏都示例甲人力资源有限公司"]


@pytest.fixture
def slow_decisions() -> Iterator[None]:
    """Whoever has decided holds the lock for a moment, so that the other comes while it is held."""
    sync.install(lambda name: time.sleep(0.15) if name == "after decide" else None)
    yield
    sync.install(None)


def submit(world: World, case_id: int, move: str, login: str, key: str = "", **options: Any) -> Outcome:
    with world.write() as session:
        return act(
            session, case_id, move, world.actor(login), request_id=key or uuid.uuid4().hex, at=world.at, **options
        )


def refusal(verb: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        verb()
    return caught.value


def rows(world: World) -> dict[str, int]:
    with world.database.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.tables.values()
        }


def at_once(*verbs: Callable[[], Outcome]) -> list[Outcome | Refused]:
    """Run each in a thread of its own, started together; a refusal is an answer like another."""
    start = Barrier(len(verbs))

    def one(verb: Callable[[], Outcome]) -> Outcome | Refused:
        start.wait(10)
        try:
            return verb()
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(one, verbs))


def test_a_form_sent_twice_has_one_effect_and_the_same_answer(world: World, case_id: int) -> None:
    first = submit(world, case_id, "propose", HANDLER, "form-1", form={"opinion": "拟评。"})
    before = rows(world)
    world.clock.forward(minutes=3)
    assert submit(world, case_id, "propose", HANDLER, "form-1", form={"opinion": "拟评。"}) == first
    assert rows(world) == before


def test_a_form_sent_twice_at_once_has_one_effect_and_the_same_answer(
    world: World, case_id: int, slow_decisions: None
) -> None:
    send = lambda: submit(world, case_id, "propose", HANDLER, "form-1", form={"opinion": "拟评。"})  # noqa: E731
    one, other = at_once(send, send)
    assert isinstance(one, Outcome)
    assert one == other
    assert world.count(HistoryEntry, HistoryEntry.case_id == case_id, HistoryEntry.move == "propose") == 1


def test_a_request_id_with_another_body_is_refused(world: World, case_id: int) -> None:
    submit(world, case_id, "propose", HANDLER, "form-1", form={"opinion": "拟评。"})
    other = refusal(lambda: submit(world, case_id, "propose", HANDLER, "form-1", form={"opinion": "改了。"}))
    assert other.reason == "request_reused"
    assert refusal(lambda: submit(world, case_id, "propose", SECOND, "form-1", form={"opinion": "拟评。"})).reason == (
        "request_reused"
    )


def test_a_refused_request_leaves_its_id_free(world: World, case_id: int) -> None:
    refusal(lambda: submit(world, case_id, "agree", HANDLER, "form-1"))
    assert world.count(Request, Request.id == "form-1") == 0
    assert submit(world, case_id, "propose", HANDLER, "form-1").step == "section_head"


def test_a_stale_page_is_told_who_acted_and_when(world: World, case_id: int) -> None:
    seen = world.case(case_id).version
    submit(world, case_id, "propose", HANDLER, seen_version=seen)
    moment = world.at
    world.clock.forward(minutes=5)
    stale = refusal(lambda: submit(world, case_id, "propose", SECOND, seen_version=seen))
    assert stale.reason == "stale"
    assert stale.details == {"who": world.actor(HANDLER).name, "move": "propose", "at": moment.isoformat()}


def test_changed_material_is_not_decided_on_unseen(world: World, case_id: int) -> None:
    shown = world.case(case_id).material_hash
    submit(world, case_id, "ask_correction", HANDLER, form={"opinion": "缺少统计资料。"})
    world.do(case_id, "correct", "clerk-0", **{**REPORT, "statement": REPORT["statement"] + "补报统计资料。"})
    assert refusal(lambda: submit(world, case_id, "propose", HANDLER, material_hash=shown)).reason == "material_changed"
    now = world.case(case_id).material_hash
    assert submit(world, case_id, "propose", HANDLER, material_hash=now).step == "section_head"


def test_of_two_deciding_at_once_exactly_one_wins_and_the_other_is_told_who(
    world: World, case_id: int, slow_decisions: None
) -> None:
    seen = world.case(case_id).version
    answers = at_once(
        lambda: submit(world, case_id, "propose", HANDLER, seen_version=seen),
        lambda: submit(world, case_id, "propose", SECOND, seen_version=seen),
    )
    won = [answer for answer in answers if isinstance(answer, Outcome)]
    lost = [answer for answer in answers if isinstance(answer, Refused)]
    assert (len(won), len(lost)) == (1, 1)
    winner = HANDLER if isinstance(answers[0], Outcome) else SECOND
    assert (lost[0].reason, lost[0].details["who"]) == ("stale", world.actor(winner).name)
    assert world.count(Decision, Decision.case_id == case_id) == 1


def test_the_database_itself_takes_one_voice_per_person_step_and_turn(world: World, case_id: int) -> None:
    submit(world, case_id, "propose", HANDLER)
    with world.database.read() as session:
        voice = session.execute(select(Decision.__table__)).mappings().one()
    with pytest.raises(IntegrityError), world.write() as session:
        session.execute(insert(Decision).values(**{name: voice[name] for name in voice if name != "id"}))


def test_the_leader_signs_for_the_panel_only_when_enough_members_agree(world: World, case_id: int) -> None:
    submit(world, case_id, "propose", HANDLER)
    world.do(case_id, "agree", HEAD, "section_head")
    for seat in (1, 2, 3):
        world.do(case_id, "agree", f"{COUNTY}-panel{seat}")
    assert refusal(lambda: submit(world, case_id, "agree", f"{COUNTY}-leader")).reason == "panel_short"
    world.do(case_id, "agree", f"{COUNTY}-panel4")
    assert submit(world, case_id, "agree", f"{COUNTY}-leader").state == "city_review"


@pytest.mark.parametrize(
    ("count", "agree", "against"),
    [  # how many more must agree after this voice, and whether it is lost
        (Count("quorum", 4, agreed=2, against=0, seats=4), (1, False), (2, False)),
        (Count("quorum", 4, agreed=3, against=1, seats=2), (0, False), (1, False)),
        (Count("quorum", 4, agreed=2, against=2, seats=2), (1, False), (2, True)),
        (Count("all", 4, agreed=2, against=0, seats=2), (1, False), (2, True)),
        (Count("all", 4, agreed=2, against=0, seats=1), (0, False), (1, True)),
        (Count("any", 4, agreed=0, against=2, seats=1), (0, False), (1, True)),
    ],
)
def test_a_member_is_told_what_a_voice_brings_about(count: Count, agree: object, against: object) -> None:
    then = [count.after(agree=voice) for voice in (True, False)]
    assert [(one.missing, one.lost) for one in then] == [agree, against]
    assert [one.enough for one in then] == [one.missing == 0 for one in then]


def test_the_voices_of_one_level_do_not_count_at_another(world: World, case_id: int) -> None:
    submit(world, case_id, "propose", HANDLER)
    world.do(case_id, "agree", HEAD, "section_head")
    for seat in (1, 2, 3, 4):
        world.do(case_id, "agree", f"{COUNTY}-panel{seat}")
    with world.database.read() as session:
        here, above = (facts_of(session, case_id, SYSTEM, world.at) for _ in range(2))
        above.case = {**above.case, "state": "city_review"}
        assert (here.panel.enough, above.panel.agreed) == (True, 0)


def test_without_an_account_only_the_receipt_proves_who_objected(world: World) -> None:
    round_id, cases = world.round()
    case_id = cases["魏都示例甲人力资源有限公司"]
    world.do(case_id, "report", "clerk-0", **REPORT)
    world.climb(case_id)
    world.do(world.notice(round_id, [case_id]), "publish", f"{CITY}-leader")
    objection = world.object(case_id, receipt_hash="1" * 64)
    world.do(objection, "ask_more", f"{CITY}-head2", "section_head", opinion="补充收取押金的凭证。")
    for stranger in (OUTSIDER, objector("2" * 64)):
        assert refusal(lambda who=stranger: world.do(objection, "supply", who, **REPORT)).reason == "not_yours"
    assert world.do(objection, "supply", objector("1" * 64), **REPORT).state == "acceptance"


@pytest.mark.parametrize(
    ("move", "login", "reason"),
    [
        ("agree", HANDLER, "not_now"),
        ("to_effective", HANDLER, "not_from_here"),
        ("propose", HEAD, "not_yours"),
        ("propose", f"{SIBLING}-handler", "not_yours"),
        ("propose", "clerk-0", "not_yours"),
        ("withdraw", f"{COUNTY}-leader", "form_invalid"),
    ],
)
def test_what_is_refused_changes_nothing(world: World, case_id: int, move: str, login: str, reason: str) -> None:
    before, case = rows(world), world.case(case_id).version
    assert refusal(lambda: submit(world, case_id, move, login)).reason == reason
    assert (rows(world), world.case(case_id).version) == (before, case)


def test_a_case_that_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        submit(world, 404, "propose", HANDLER)


def test_a_post_that_ended_no_longer_acts(world: World, case_id: int) -> None:
    actor = world.actor(HANDLER)
    with world.write() as session:
        ended = {"valid_to": world.today - timedelta(days=1)}
        session.execute(update(Appointment).where(Appointment.id == actor.appointment_id).values(**ended))
    assert refusal(lambda: world.do(case_id, "propose", actor)).reason == "post_ended"


def test_a_form_says_what_is_wrong_beside_each_field(world: World, case_id: int) -> None:
    empty = refusal(lambda: submit(world, case_id, "ask_correction", HANDLER))
    assert (empty.reason, empty.fields["opinion"][0]) == ("form_invalid", "field_required")
    broken = {"opinion": "缺" * 2001, "grade": "A"}
    wrong = refusal(lambda: submit(world, case_id, "ask_correction", HANDLER, form=broken))
    assert {name: reason for name, (reason, _) in wrong.fields.items()} == {
        "opinion": "field_too_long",
        "grade": "field_unknown",
    }
    assert wrong.fields["opinion"][1] == {"field": "opinion", "most": 2000, "now": 2001}


@pytest.mark.parametrize("files", [[404], [2**70], ["一"], {"a": 1}])
def test_files_that_were_never_received_are_refused(world: World, files: object) -> None:
    _, cases = world.round()
    one = cases["魏都示例乙人力资源有限公司"]
    wrong = refusal(lambda: submit(world, one, "report", "clerk-1", form={**REPORT, "files": files}))
    assert list(wrong.fields) == ["files"]


def work_of(world: World, case_id: int) -> Task:
    with world.database.read() as session:
        return session.scalars(select(Task).where(Task.case_id == case_id, Task.closed_at.is_(None))).one()


def test_claimed_work_is_the_claimants_until_it_is_given_back(world: World, case_id: int) -> None:
    task, one, other = work_of(world, case_id), world.actor(HANDLER), world.actor(SECOND)
    with world.write() as session:
        tasks.claim(session, task.id, one, world.at)
    told = refusal(lambda: submit(world, case_id, "propose", SECOND))
    assert (told.reason, told.details["who"]) == ("claimed_by_other", one.name)
    with pytest.raises(Refused, match="not_claimed"), world.write() as session:
        tasks.release(session, task.id, other)
    with world.write() as session:
        tasks.release(session, task.id, one)
    assert submit(world, case_id, "propose", SECOND).step == "section_head"
    with pytest.raises(NotFound), world.write() as session:
        tasks.claim(session, task.id, one, world.at)


def test_work_that_was_never_claimed_cannot_be_given_back(world: World, case_id: int) -> None:
    def give_back() -> None:
        with world.write() as session:
            tasks.release(session, work_of(world, case_id).id, world.actor(HANDLER))

    assert refusal(give_back).reason == "not_claimed"


def test_where_nobody_is_eligible_the_leader_above_designates(world: World) -> None:
    with world.write() as session:
        desk = select(Office.id).join(Authority).where(Authority.code == COUNTY)
        handlers = update(Appointment).where(Appointment.office_id.in_(desk), Appointment.role == "handler")
        session.execute(handlers.values(valid_to=world.today - timedelta(days=1)))
    _, cases = world.round()
    case_id = cases["魏都示例甲人力资源有限公司"]
    world.do(case_id, "report", "clerk-0", **REPORT)
    assert world.count(Incident, Incident.case_id == case_id, Incident.closed_at.is_(None)) == 1
    stranger = world.actor(f"{SIBLING}-handler")
    assert refusal(lambda: submit(world, case_id, "propose", f"{SIBLING}-handler")).reason == "not_yours"
    form = {"person": stranger.person_id, "opinion": "指定建安区经办人办理。"}
    assert refusal(lambda: submit(world, case_id, "designate", f"{COUNTY}-leader", form=form)).reason == "not_yours"
    clerk = {**form, "person": world.actor("clerk-0").person_id}
    assert (
        refusal(lambda: submit(world, case_id, "designate", f"{CITY}-leader", form=clerk)).reason == "candidate_barred"
    )
    submit(world, case_id, "designate", f"{CITY}-leader", form=form)
    assert world.count(Incident, Incident.case_id == case_id, Incident.closed_at.is_(None)) == 0
    assert submit(world, case_id, "propose", f"{SIBLING}-handler").step == "section_head"


def test_who_decided_may_still_show_the_result_and_nobody_above_is_bothered(world: World, case_id: int) -> None:
    """Showing a result is a formal act: a city's only handler, who reviewed it, also drafts its notice."""
    second = world.actor(f"{CITY}-handler2")
    with world.write() as session:
        session.execute(
            update(Appointment).where(Appointment.person_id == second.person_id).values(valid_to=world.today)
        )
    world.to(world.today + timedelta(days=1))
    world.climb(case_id)
    assert world.case(case_id).state == "awaiting_publicity"
    assert world.count(Incident) == 0
    assert world.case(world.notice(world.case(case_id).round_id or 0, [case_id])).state == "draft"


def test_nobody_is_designated_where_somebody_can_act(world: World, case_id: int) -> None:
    form = {"person": world.actor(SECOND).person_id, "opinion": "指定办理。"}
    assert refusal(lambda: submit(world, case_id, "designate", f"{CITY}-leader", form=form)).reason == (
        "designation_not_needed"
    )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE history_entry SET move = 'agree'",
        "DELETE FROM history_entry",
        "DELETE FROM decision",
        "UPDATE \"case\" SET state = 'effective', step = ''",
    ],
)
def test_history_and_state_cannot_be_changed_behind_the_engines_back(world: World, case_id: int, change: str) -> None:
    submit(world, case_id, "propose", HANDLER)
    with pytest.raises(DBAPIError), world.write() as session:
        session.execute(text(change))


def test_what_is_offered_is_what_the_act_then_does(world: World, case_id: int) -> None:
    with world.database.read() as session:
        offers = {offer.move: offer for offer in offered(facts_of(session, case_id, world.actor(HANDLER), world.at))}
    plan = offers["propose"].plan
    assert plan is not None
    done = submit(world, case_id, "propose", HANDLER)
    assert (plan.to_state, plan.to_step, plan.seq) == (done.state, done.step, done.seq)


def test_looking_at_what_is_offered_writes_nothing(world: World, case_id: int) -> None:
    before = rows(world)
    with world.database.read() as session:
        for actor in (world.actor(HANDLER), world.actor(HEAD, "section_head"), SYSTEM):
            offered(facts_of(session, case_id, actor, world.at))
        assert not session.new
        assert not session.dirty
    assert rows(world) == before


def test_the_history_names_person_post_and_instant(world: World, case_id: int) -> None:
    submit(world, case_id, "propose", HANDLER)
    with world.database.read() as session:
        last = session.scalars(
            select(HistoryEntry).where(HistoryEntry.case_id == case_id).order_by(HistoryEntry.seq.desc())
        ).first()
        person = session.get_one(Person, world.actor(HANDLER).person_id)
    assert last is not None
    assert (last.person_id, last.appointment_id, last.at) == (person.id, world.actor(HANDLER).appointment_id, world.at)
    assert (last.from_step, last.to_step, last.version) == ("handler", "section_head", world.case(case_id).version)
    assert world.count(Case, Case.id == case_id, Case.version == last.seq) == 1
