"""Machine checks: the real machines are sound under every policy, and every planted fault is found."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from models import Appointment, Authority, Office
from tests.cast import COUNTY, World
from tests.shandong import RIZHAO, settle
from views.cli import xinjie
from views.texts import keys
from workflow.engine.check import all_faults, faults, missing_texts, text_keys, unused
from workflow.engine.machine import MachineTable, Move, State
from workflow.engine.staffing_check import staffing
from workflow.machines import MACHINES
from workflow.machines.evaluation import EVALUATION
from workflow.machines.objection import OBJECTION
from workflow.rules.policy import PolicyRules, available, load

DEMO = load("xuchang-demo")
POLICIES = [load(key) for key in available()]


def with_state(table: MachineTable, key: str, **changes: object) -> MachineTable:
    states = tuple(replace(one, **changes) if one.key == key else one for one in table.states)
    return replace(table, states=states)


def with_move(table: MachineTable, *moves: Move) -> MachineTable:
    return replace(table, moves=(*table.moves, *moves))


def without(table: MachineTable, *names: str) -> MachineTable:
    return replace(table, moves=tuple(row for row in table.moves if row.name not in names))


def found(table: MachineTable, rules: PolicyRules = DEMO) -> set[tuple[str, str]]:
    return {(fault.key, fault.where) for fault in faults(table, rules)}


@pytest.mark.parametrize(
    ("rules", "table"),
    [
        pytest.param(rules, MACHINES[machine], id=f"{rules.key}-{machine}")
        for rules in POLICIES
        for machine in rules.machines
    ],
)
def test_every_machine_is_sound_under_every_policy_that_runs_it(rules: PolicyRules, table: MachineTable) -> None:
    assert faults(table, rules) == []
    assert missing_texts(table, rules, keys()) == []


def test_nothing_at_all_is_wrong() -> None:
    assert all_faults(MACHINES, POLICIES, keys()) == []


def test_a_state_that_no_move_leads_to_is_found() -> None:
    lonely = replace(EVALUATION, states=(*EVALUATION.states, State("archived", "final")))
    assert found(lonely) == {("unreachable", "archived")}


def test_an_active_state_that_nobody_owes_is_found() -> None:
    assert found(with_state(EVALUATION, "contested", waits="")) == {("no_owner", "contested")}


def test_an_owner_or_actor_that_does_not_exist_is_found() -> None:
    assert ("owner_unknown", "cleared") in found(with_state(EVALUATION, "cleared", owner="mayor@publisher"))
    assert ("owner_unknown", "cleared") in found(with_state(EVALUATION, "cleared", owner="leader@moon"))
    odd = Move("sign", "cleared", "stay", "mayor@home")
    assert found(with_move(EVALUATION, odd)) == {("actor_unknown", "cleared sign")}


def test_a_period_that_the_policy_lacks_is_found() -> None:
    assert found(with_state(EVALUATION, "cleared", due="siesta")) == {("due_unknown", "cleared")}


def test_a_period_is_not_asked_of_a_policy_that_never_lets_a_case_come_there() -> None:
    """The notice of 2023 knows no self-report, so it sets no period for one."""
    plain = load("xuchang-2023")
    assert "self_report" not in plain.content.deadlines
    assert found(EVALUATION, plain) == set()


def test_a_period_that_no_machine_keeps_is_found() -> None:
    tables = [replace(table, review_due="publish") for table in MACHINES.values()]
    assert {fault.where for fault in unused(tables, DEMO)} >= {"county_review", "city_review", "province_review"}
    assert unused(MACHINES.values(), DEMO) == []


def test_a_dead_end_is_found() -> None:
    assert {("dead_end", "effective"), ("unreachable", "expired")} <= found(
        replace(EVALUATION, moves=tuple(row for row in EVALUATION.moves if "effective" not in row.source))
    )


def test_a_move_out_of_a_final_state_is_found() -> None:
    revived = with_move(EVALUATION, Move("revive", "withdrawn", "cleared", "leader@publisher"))
    assert found(revived) == {("final_left", "withdrawn revive")}


@pytest.mark.parametrize("key", ["awaiting_publicity", "cleared"])
def test_a_timer_that_decides_for_an_authority_is_refused(key: str) -> None:
    automatic = with_state(EVALUATION, key, on_lapse="pass_over")
    automatic = with_move(automatic, Move("pass_over", key, "effective", "system"))
    assert found(automatic) == {("timer_decides", key)}


def test_a_timer_that_decides_on_a_review_step_is_refused() -> None:
    automatic = with_state(EVALUATION, "review", on_lapse="wave_through")
    automatic = with_move(automatic, Move("wave_through", "review", "up:awaiting_publicity", "system"))
    wrong = found(automatic)
    assert {key for key, _ in wrong} == {"timer_decides"}
    assert ("timer_decides", "county_review.panel") in wrong


def test_a_lapse_made_by_a_person_or_with_no_move_is_found() -> None:
    assert ("lapse_unknown", "correction") in found(with_state(EVALUATION, "correction", on_lapse="vanish"))
    assert ("lapse_without_due", "correction") in found(with_state(EVALUATION, "correction", due=""))
    assert ("timer_decides", "correction") in found(with_state(EVALUATION, "correction", on_lapse="correct"))


def test_a_clause_that_the_policy_lacks_is_found() -> None:
    cited = with_move(EVALUATION, Move("cite", "cleared", "stay", "leader@home", basis="XC-999"))
    assert found(cited) == {("clause_unknown", "cleared cite")}


def test_a_destination_that_does_not_exist_is_found() -> None:
    assert ("state_unknown", "cleared fly") in found(
        with_move(EVALUATION, Move("fly", "cleared", "moon", "leader@home"))
    )


def test_a_missing_text_is_found() -> None:
    wanted = text_keys(OBJECTION, DEMO)
    assert {"reason.publicity_over", "state.objection.acceptance", "choice.ground.clause", "step.handler"} <= wanted
    known = wanted - {"reason.publicity_over", "move.objection.accept"}
    assert {fault.where for fault in missing_texts(OBJECTION, DEMO, known)} == wanted - known


def test_too_few_people_are_warned_of_with_who_would_designate(world: World) -> None:
    with world.database.read() as session:
        assert staffing(session, DEMO, world.today) == []
        short = staffing(session, load("xuchang-2023"), world.today)
    one = next(shortage for shortage in short if shortage.authority == "魏都区人社局")
    assert (one.seat, one.above) == ("re_review.handler", "许昌市人社局")


def test_a_step_of_a_recommendation_that_nobody_can_decide_is_found(world: World) -> None:
    """日照 and the province have their people; a city without a leader can neither sign nor show its list."""
    settle(world, RIZHAO)
    rules = load("shandong-demo")
    with world.write() as session:
        found = staffing(session, rules, world.today)
        assert {one.authority for one in found}.isdisjoint({"日照市人社局", "山东省人社厅"})
        assert len({one.authority for one in found}) == 15  # the cities that nobody staffed
        leaders = select(Appointment).join(Office).join(Authority).where(Authority.code == RIZHAO)
        for one in session.scalars(leaders.where(Appointment.role == "leader")):
            one.valid_to = world.today - timedelta(days=1)
        session.flush()
        short = [one for one in staffing(session, rules, world.today) if one.authority == "日照市人社局"]
    assert {(one.seat, one.role, one.machine, one.above) for one in short} == {
        (seat, "leader", "recommendation", "山东省人社厅")
        for seat in ("review.leader", "list.leader", "override.leader")
    }


def short_of_repair(world: World, role: str) -> list[Any]:
    """What repair lacks where the county has one of a role left."""
    with world.write() as session:
        posts = select(Appointment).join(Office).join(Authority).where(Authority.code == COUNTY)
        for one in session.scalars(posts.where(Appointment.role == role).order_by(Appointment.id).offset(1)):
            one.valid_to = world.today - timedelta(days=1)
        session.flush()
        return [one for one in staffing(session, DEMO, world.today) if one.machine == "repair"]


def test_a_repair_needs_somebody_else_to_rescind_it_on_each_level(world: World) -> None:
    """The county's leader signs the repair and may not rescind it: two leaders, or the city designates one."""
    found = short_of_repair(world, "leader")
    assert [(one.authority, one.seat, one.above) for one in found] == [
        ("魏都区人社局", "rescission.leader", "许昌市人社局")
    ]


def test_who_made_a_finding_and_who_receives_the_application_are_counted(world: World) -> None:
    """Two handlers and one section head: one made the finding, one head receives, one handler verifies; none is left
    to doubt."""
    found = short_of_repair(world, "section_head")
    assert [(one.authority, one.seat, one.role) for one in found] == [("魏都区人社局", "rescission.handler", "handler")]


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(xinjie, ["machine", *arguments])
    return done.exit_code, done.output


def test_the_command_lists_shows_and_checks() -> None:
    assert run("check")[0] == 0
    assert {row["key"] for row in json.loads(run("list", "--json")[1])} == set(MACHINES)
    shown = json.loads(run("show", "objection", "--policy", "xuchang-demo", "--json")[1])
    answer = next(one for one in shown["states"] if one["state"] == "city_review.handler")
    assert (answer["owner"], answer["due"], answer["clause"]) == (
        "handler@level",
        "objection_answer",
        "LOCAL-objection",
    )
    code, output = run("show", "nothing")
    assert (code, "没有事项 nothing" in output) == (2, True)


def test_the_command_fails_and_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MACHINES, "evaluation", with_state(EVALUATION, "contested", waits=""))
    code, output = run("check")
    assert (code, "contested：在办状态无人负责" in output) == (1, True)
