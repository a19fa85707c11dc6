"""Message preferences, channels, incidents and nudges through their pages."""

from datetime import date

import pytest
from sqlalchemy import insert, select

from models import Channel, Incident, Preference, User
from tests.cast import CITY, COUNTY, World
from tests.web import client_for, post

ADMIN, HANDLER = f"{CITY}-admin", f"{COUNTY}-handler"


@pytest.fixture
def admin(world, app):
    return client_for(world, ADMIN, app=app)


def _incident(world: World, kind: str = "timer_failed") -> int:
    with world.write() as session:
        place = world.actor(HANDLER).authority_id
        row = {"kind": kind, "subject": "示例", "authority_id": place, "opened_at": world.at}
        return session.execute(insert(Incident).values(**row).returning(Incident.id)).scalar_one()


def _closed(world: World, number: int) -> Incident:
    with world.database.read() as session:
        return session.get_one(Incident, number)


def test_each_kind_of_message_has_its_way_and_a_kind_left_out_is_refused(world, app):
    client = client_for(world, HANDLER, app=app)
    assert "消息只在系统内显示" in client.get("/account/notifications").text
    wished = {"work": "now", "reminder": "digest", "news": "inside"}
    assert post(client, "/account/notifications", **wished).status_code == 303
    assert post(client, "/account/notifications", work="now", reminder="loud", news="now").status_code == 422
    with world.database.read() as session:
        person = session.scalars(select(User.person_id).where(User.login == HANDLER)).one()
        said = session.scalars(select(Preference).where(Preference.person_id == person))
        assert {one.about: one.how for one in said} == wished


def test_a_channel_is_registered_shown_masked_and_stopped(world, admin):
    form = {
        "name": "经办邮箱",
        "url": "mailtos://user:topsecret@mail.example.com:465?to=a@example.com",
        "login": HANDLER,
    }
    assert post(admin, "/admin/channels", **form).status_code == 303
    page = admin.get("/admin/channels").text
    assert "mailtos://mail.example.com…" in page and "topsecret" not in page
    with world.database.read() as session:
        number = session.scalars(select(Channel.id)).one()
    assert post(admin, f"/admin/channels/{number}/stop").status_code == 303
    with world.database.read() as session:
        assert not session.get_one(Channel, number).active


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": "json://127.0.0.1:9/x"}, "消息接口地址位于内部网络"),
        ({"url": "ftp://example.com"}, "地址类型不受支持"),
        ({"login": ""}, "选填其一"),
        ({"authority": COUNTY}, "选填其一"),
        ({"login": "411000-nobody"}, "没有找到"),
    ],
)
def test_a_wrong_channel_is_refused_beside_its_field(admin, changes, words):
    form = {"name": "示例", "url": "dingtalk://token1234567890/", "login": HANDLER} | changes
    answer = post(admin, "/admin/channels", **form)
    assert answer.status_code == 422 and words in answer.text


def test_an_incident_is_ended_only_with_a_reason_and_by_its_keeper(world, app, admin):
    number = _incident(world)
    assert post(admin, f"/admin/incidents/{number}/close", reason=" ").status_code == 422
    refused = post(admin, f"/admin/incidents/{number}/retry", reason="再试")
    assert refused.status_code == 422 and "没有可重试" in refused.text
    assert (
        post(client_for(world, HANDLER, app=app), f"/admin/incidents/{number}/close", reason="看过").status_code == 404
    )
    assert post(admin, f"/admin/incidents/{number}/close", reason="已另行办理").status_code == 303
    ended = _closed(world, number)
    assert (ended.resolution, ended.closed_by_id) == ("已另行办理", world.actor(ADMIN).person_id)


def test_who_sent_a_case_up_presses_once_and_the_inbox_counts(world, app):
    name = "魏都示例甲人力资源有限公司"
    case_id = world.round()[1][name]
    world.to(date(2026, 3, 17), 8)
    world.do(case_id, "propose", HANDLER, opinion="事实清楚，拟评。")
    number = world.case(case_id).number
    handler, head = client_for(world, HANDLER, app=app), client_for(world, f"{COUNTY}-head", "section_head", app=app)
    assert f"/cases/{number}/nudge" in handler.get(f"/cases/{number}").text
    assert f"/cases/{number}/nudge" not in head.get(f"/cases/{number}").text
    for words in ("已催办", "今日已催办"):
        assert words in handler.get(post(handler, f"/cases/{number}/nudge").location).text
    assert "已催办 1 次" in head.get("/inbox").text
    assert "催办：" in head.get("/messages").text
    clerk = client_for(world, "clerk-0", app=app)
    assert f"/cases/{number}/nudge" in clerk.get(f"/desk/cases/{number}").text
    answer = post(clerk, f"/cases/{number}/nudge")
    assert answer.status_code == 303 and "/desk/" in answer.location
