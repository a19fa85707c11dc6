"""A form that is sent twice: one effect and the first answer again, whether or not its act is a move of a case."""

import io
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import ArchiveRecord, Base, Institution, SavedFilter
from tests.cast import CITY, COUNTY, World
from tests.fire.crowd import REPORT, cases_of, task_of
from tests.shandong import PROVINCE, RIZHAO, YANTAI, settle
from tests.web import client_for, post
from views.web import fresh_id
from workflow import archive, saved_filters
from workflow.engine import tasks

HANDLER, PAPER = f"{COUNTY}-handler", "工作总结.pdf"
FACT = {
    "record-kind": "labour_violation",
    "record-summary": "检查发现两份劳动合同未及时订立",
    "record-acted_on": "2026-01-10",
    "record-decided_on": "2026-02-10",
    "record-finding_authority": "魏都区人社局",
    "record-evidence": "现场检查记录",
}
BY_ACT = {
    "applications.file", "cases.do", "honours.nominate", "institution.file", "institution.sign_for", "public.object_to",
    "public.supply", "repairs.draft", "repairs.file", "repolicy.change", "rounds.draft", "rounds.resume",
}  # fmt: skip
"""They start or move cases, under a request id that the engine claims (tests/fire/test_races.py)."""
RECORDED = ("admin", "channels", "incidents", "calendar")
"""The administration's forms are sent twice in test_deeds.py."""
HARMLESS = {
    "account.change_password": "the session ends with it",
    "account.end": "what has ended has ended",
    "account.switch_post": "the session ends with it",
    "auth.enter_by_password": "another login",
    "auth.enter_demo": "another login",
    "auth.leave": "the session ends with it",
    "drafts.discard": "what is gone is gone",
    "drafts.discard_filing": "what is gone is gone",
    "drafts.keep": "a page has one draft",
    "drafts.keep_filing": "a page has one draft",
    "inbox.save_filter": "a name names one filter",
    "languages.choose": "the same language",
    "preferences.save": "the same wishes",
    "public.tracked": "it only reads",
    "survey.give": "a browser has one voice and is told so",
}


Sent = tuple[str, str, str, dict[str, Any]]
"""Who sends it, under which post, where to, and the form."""


def _round(_world: World) -> Sent:
    form = {"policy": "xuchang-demo", "year": "2026", "title": "2026年度评价"}
    return f"{CITY}-head", "section_head", "/rounds", form


def _honours(world: World) -> Sent:
    settle(world, RIZHAO)
    form = {"honour": "shandong-demo.national_model", "year": "2026", "title": "推荐示范机构"}
    return f"{PROVINCE}-head", "section_head", "/honours", form


def _list(world: World) -> tuple[int, int]:
    """A list of 烟台, and its quota."""
    stage = settle(world, YANTAI)
    round_id = stage.open()
    return round_id, stage.quota(round_id, YANTAI).id


def _seats(world: World) -> Sent:
    round_id, quota = _list(world)
    return f"{PROVINCE}-head", "section_head", f"/honours/{round_id}/seats", {"quota": quota, "seats": "2"}


def _summary(world: World) -> Sent:
    round_id, _ = _list(world)
    return f"{YANTAI}-handler", "", f"/honours/{round_id}/summary", {"files": b"%PDF-1.7 example"}


def _archive(world: World) -> str:
    with world.database.read() as session:
        return f"/archive/{session.scalars(select(Institution.credit_code).order_by(Institution.id)).first()}/records"


def _record(world: World) -> Sent:
    return HANDLER, "", _archive(world), FACT


def _recorded(world: World, which: str, **form: str) -> Sent:
    address, clean = _archive(world), {name.removeprefix("record-"): value for name, value in FACT.items()}
    with world.write() as session:
        one = session.scalars(select(Institution).order_by(Institution.id)).first()
        assert one
        fact = archive.record(session, one.id, {"labour_violation": ""}, clean, world.actor(HANDLER), world.at)
    boxes = {f"{which}{fact}-{name}": value for name, value in form.items()}
    return HANDLER, "", f"{address}/{fact}/{which}", boxes


def _judge(world: World) -> Sent:
    return _recorded(world, "judge", severity="minor", corrected_in_time="yes", evidence="复查记录")


def _publish(world: World) -> Sent:
    return _recorded(world, "publish", repair_class="general", publish="yes", evidence="按类别清单认定")


def _void(world: World) -> Sent:
    return _recorded(world, "void", reason="认定有误")


def _waiting(world: World) -> int:
    """A case before the county's handlers."""
    case = cases_of(world, world.round()[0])[0]
    world.do(case, "report", "clerk-0", statement=REPORT)
    return case


def _claim(world: World) -> Sent:
    return HANDLER, "", f"/tasks/{task_of(world, _waiting(world))}/claim", {}


def _release(world: World) -> Sent:
    task = task_of(world, _waiting(world))
    with world.write() as session:
        tasks.claim(session, task, world.actor(HANDLER), world.at)
    return HANDLER, "", f"/tasks/{task}/release", {}


def _nudge(world: World) -> Sent:
    return "clerk-0", "", f"/cases/{world.case(_waiting(world)).number}/nudge", {}


def _forget(world: World) -> Sent:
    person = world.actor(HANDLER).person_id or 0
    with world.write() as session:
        saved_filters.save(session, person, "逾期的", {"due": "over"}, world.at)
        kept = session.scalars(select(SavedFilter.id)).one()
    return HANDLER, "", f"/inbox/filters/{kept}/forget", {}


def _hand_in(world: World) -> Sent:
    return HANDLER, "", f"/rounds/{world.round()[0]}/hand-in", {"paper": "annex_2"}


FORMS = {
    "rounds.begin": _round,
    "rounds.hand_in": _hand_in,
    "honours.begin": _honours,
    "honours.seats": _seats,
    "honours.summary": _summary,
    "archive.record": _record,
    "archive.judge": _judge,
    "archive.publish": _publish,
    "archive.void": _void,
    "inbox.claim": _claim,
    "inbox.release": _release,
    "inbox.forget_filter": _forget,
    "nudges.nudge": _nudge,
}


def test_every_form_stands_in_one_of_the_tables(app: Flask) -> None:
    doors = {one.endpoint for one in app.url_map.iter_rules() if "POST" in (one.methods or ())}
    here = {one for one in doors if one.partition(".")[0] not in RECORDED}
    assert here == BY_ACT | set(HARMLESS) | set(FORMS)


@pytest.mark.parametrize("endpoint", FORMS)
def test_a_form_that_is_sent_twice_has_one_effect_and_the_first_answer(world: World, app: Flask, endpoint: str) -> None:
    world.clock.to_local(date(2026, 4, 9))
    login, role, path, form = FORMS[endpoint](world)
    client, key = client_for(world, login, role, app), fresh_id()
    before = _content(world)
    first = _send(client, path, form, key)
    after = _content(world)
    assert after != before
    again = _send(client, path, form, key)
    assert (first.status_code, first.location) == (303, again.location)
    assert again.status_code == 303
    assert _content(world) == after


def test_the_id_of_a_form_is_not_taken_for_another(world: World, app: Flask) -> None:
    client, key = client_for(world, HANDLER, app=app), fresh_id()
    assert _send(client, _archive(world), FACT, key).status_code == 303
    other = _send(client, _archive(world), FACT | {"record-summary": "另一件事实"}, key)
    assert other.status_code == 422 and "同一提交编号用于不同内容" in other.text
    assert world.count(ArchiveRecord) == 1


def _send(client: FlaskClient, path: str, form: dict[str, Any], key: str) -> TestResponse:
    filled = {name: (io.BytesIO(value), PAPER) if isinstance(value, bytes) else value for name, value in form.items()}
    return post(client, path, **filled, request_id=key)


def _content(world: World) -> list[Any]:
    """Every row but those of the requests and sessions themselves."""
    beside = {"request", "throttle", "login_event", "login_session"}
    with world.database.read() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in beside]
        return [(table.name, sorted(session.execute(select(table)).all(), key=repr)) for table in tables]
