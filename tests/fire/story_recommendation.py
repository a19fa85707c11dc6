"""The story of two recommendations, 山东's list for the ministry and 许昌's own models: each row once."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from tests.cast import CITY, COUNTY, World
from tests.fire.acts import REASON, Story, closes_on, contested, lapse, move, signed
from tests.fire.clones import clones
from tests.fire.crowd import REPORT, cases_of, new_key
from tests.shandong import APPLICATION, FULL, PROVINCE, RIZHAO, YANTAI, Shandong, settle
from workflow import recommendations
from workflow.engine.act import Outcome

FIT: dict[str, Any] = {"verdict": "fit", "attestation": "规模、管理和参加活动情况均符合。", **FULL}


def honours(world: World) -> Story:
    yield from _models(world)
    yield from _entrances(settle(world, RIZHAO, YANTAI))


# --- 许昌: models among the institutions with an A, chosen where the quota is


def _models(world: World) -> Story:
    candidate = _graded_a(world)
    head = world.actor(f"{CITY}-head", "section_head")
    with world.write() as session:
        key = ("xuchang-demo", "integrity_model", 2026, "选树诚信机构典型")
        round_id = recommendations.open_round(session, *key, head, world.at)
    institution = world.case(candidate).institution_id or 0
    case = (yield partial(nominated, world, round_id, institution, f"{COUNTY}-handler")).case_id
    world.do(case, "propose", f"{COUNTY}-handler", verdict="fit", attestation="开展公益招聘。")
    signed(world, case, f"{COUNTY}-head")
    yield move(world, case, "disagree", f"{COUNTY}-panel6", opinion=REASON)
    signed(world, case, *(f"{COUNTY}-panel{seat}" for seat in range(1, 5)), f"{COUNTY}-leader")
    world.do(case, "select", f"{COUNTY}-handler")
    notice = world.notice(round_id, [case], f"{COUNTY}-handler")
    world.do(notice, "publish", f"{COUNTY}-leader")
    world.to(closes_on(world, notice) + timedelta(days=1))
    yield move(world, case, "confirm", f"{COUNTY}-leader2")


def _graded_a(world: World) -> int:
    """Twenty of the county hold an A: five per cent of them is one seat."""
    round_id, _ = world.round("xuchang-2023", 2023)
    like, *_ = cases_of(world, round_id)
    world.do(like, "propose", f"{COUNTY}-handler")
    signed(world, like, *(f"{COUNTY}-panel{seat}" for seat in range(1, 5)), f"{COUNTY}-leader")
    notice = world.notice(round_id, [like, *clones(world, like, 19)], f"{COUNTY}-handler")
    world.do(notice, "publish", f"{COUNTY}-leader")
    world.to(closes_on(world, notice) + timedelta(days=1))
    world.do(notice, "confirm_cleared", f"{COUNTY}-leader")
    return like


def nominated(world: World, round_id: int, institution: int, login: str) -> Outcome:
    handler, form = world.actor(login), {"holder": ""}
    with world.write() as session:
        return recommendations.nominate(session, round_id, institution, form, handler, new_key(), world.at)


# --- 山东


def _entrances(stage: Shandong) -> Story:
    """日照: applications and nominations, and what never comes on its list of one."""
    ids, handler, leader = stage.institutions(RIZHAO, 6), f"{RIZHAO}-handler", f"{RIZHAO}-leader"
    stage.record(ids[2], "national_model_2014", date(2014, 12, 1))
    round_id = stage.open()
    first = (yield partial(applied, stage, round_id, f"{RIZHAO}-clerk-1", stage.proof())).case_id
    yield move(stage, first, "withdraw", f"{RIZHAO}-clerk-1", opinion=REASON)
    silent = nominated(stage, round_id, ids[5], handler).case_id
    filled = (yield partial(nominated, stage, round_id, ids[1], handler)).case_id
    yield move(stage, filled, "fill", f"{RIZHAO}-clerk-2", **APPLICATION, **FULL, files=stage.proof())
    yield move(stage, filled, "propose", handler, verdict="unfit", opinion="服务台账不全")
    yield move(stage, filled, "agree", f"{RIZHAO}-head", "section_head", opinion="服务台账不全")
    stage.do(filled, "agree", leader, opinion="服务台账不全")
    yield move(stage, filled, "acknowledge", f"{RIZHAO}-clerk-2")
    yield from _soft_exclusion(stage, round_id)
    waiting = [stage.candidate(round_id, RIZHAO, number) for number in (4, 5)]
    yield move(stage, waiting[0], "hold", handler, opinion=REASON)
    yield move(stage, waiting[0], "close", leader, opinion=REASON)
    stage.do(waiting[1], "hold", handler, opinion=REASON)
    yield lapse(stage, silent)
    yield from _list(stage, round_id)
    yield lapse(stage, waiting[1])


def applied(stage: Shandong, round_id: int, clerk: str, files: list[int]) -> Outcome:
    form = {"holder": "", **APPLICATION, **FULL, "files": files}
    with stage.write() as session:
        return recommendations.apply(session, round_id, form, stage.actor(clerk), new_key(), stage.at)


def _soft_exclusion(stage: Shandong, round_id: int) -> Story:
    """Set aside by a reason and a second person; the candidate withdraws from the list all the same."""
    case = stage.apply(round_id, f"{RIZHAO}-clerk-3").case_id
    yield move(stage, case, "propose", f"{RIZHAO}-handler", **FIT, override="典型示范作用特别突出")
    yield move(stage, case, "rework", f"{RIZHAO}-head", "section_head", opinion=REASON)
    stage.do(case, "propose", f"{RIZHAO}-handler", **FIT, override="典型示范作用特别突出")
    yield move(stage, case, "agree", f"{RIZHAO}-head", "section_head")
    yield move(stage, case, "override", f"{RIZHAO}-leader", opinion=REASON)
    signed(stage, case, f"{RIZHAO}-leader")
    yield move(stage, case, "withdraw", f"{RIZHAO}-clerk-3", opinion=REASON)


def _list(stage: Shandong, round_id: int) -> Story:
    """烟台: a list of three, shown, contested and sent on; the province and the ministry decide."""
    ids, handler, leader = stage.institutions(YANTAI, 4), f"{YANTAI}-handler", f"{YANTAI}-leader"
    one, two, three, four = (stage.candidate(round_id, YANTAI, number) for number in range(1, 5))
    yield move(stage, one, "select", handler)
    yield move(stage, one, "unseat", leader, opinion=REASON)
    for case in (one, two, three):
        stage.do(case, "select", handler)
    notice = stage.notice(round_id, [one, two, three], handler)
    yield move(stage, notice, "publish", leader)
    yield move(stage, notice, "withdraw", leader, opinion=REASON)
    notice = stage.notice(round_id, [one, two, three], handler)
    stage.do(notice, "publish", leader)
    later = closes_on(stage, notice) + timedelta(days=20)
    yield move(stage, notice, "extend", leader, closes_on=later, opinion=REASON)
    yield from contested(stage, one, three, two, YANTAI)
    stage.do(four, "select", handler)
    yield from _submitted(stage, round_id, [one, two, four])
    yield from _designated(stage, one, ids[0])


def _submitted(stage: Shandong, round_id: int, cases: list[int]) -> Story:
    one, two, late = cases
    notice = stage.notice(round_id, [late], f"{YANTAI}-handler")
    stage.do(notice, "publish", f"{YANTAI}-leader")
    stage.to(closes_on(stage, notice) + timedelta(days=1))
    stage.summary(round_id, YANTAI)
    for case in cases:
        yield move(stage, case, "confirm", f"{YANTAI}-leader")
    signers = [f"{PROVINCE}-{who}" for who in ("handler", "head", "leader")]
    signed(stage, one, *signers)
    signed(stage, two, *signers)
    yield move(stage, late, "decline", f"{PROVINCE}-leader", opinion=REASON)
    outcome: dict[str, Any] = {"number": "人社部函〔2026〕9号", "outcome_on": stage.today}
    yield move(stage, one, "record_outcome", f"{PROVINCE}-handler", outcome="designated", **outcome)
    yield move(stage, two, "record_outcome", f"{PROVINCE}-handler", outcome="not_designated", **outcome)


def _designated(stage: Shandong, case: int, institution: int) -> Story:
    """An honour that is doubted and kept, and in the end revoked."""
    stage.record(institution, "abnormal_list", stage.today)
    yield move(stage, case, "propose_revocation", f"{PROVINCE}-handler", opinion="被列入经营异常名录")
    yield move(stage, case, "state_case", f"{YANTAI}-clerk-1", statement=REPORT)
    yield move(stage, case, "keep", f"{PROVINCE}-leader", opinion=REASON)
    stage.do(case, "propose_revocation", f"{PROVINCE}-handler", opinion="仍在经营异常名录")
    yield move(stage, case, "revoke", f"{PROVINCE}-leader", opinion="失信事实清楚")
