"""管理记录 as the auditor reads it."""

from sqlalchemy import text

from models import User
from tests.cast import CITY, COUNTY, World
from tests.views.test_admin import _account, _new
from tests.web import client_for, post

AUDITOR = f"{CITY}-auditor"


def test_the_auditor_reads_who_did_what_to_whom_newest_first(world: World, app) -> None:
    admin, auditor = client_for(world, f"{CITY}-admin", app=app), client_for(world, AUDITOR, app=app)
    account = _account(world, f"{COUNTY}-handler")
    assert "没有记录" in auditor.get("/audit").text
    post(admin, "/admin/persons", **_new(world))
    post(admin, f"/admin/accounts/{account.id}/disable")
    post(admin, f"/admin/accounts/{account.id}/reset")
    page = auditor.get("/audit").text
    told = [
        "重置密码：魏都区经办甲，411002-handler",
        "停用账号：魏都区经办甲",
        "任职：示例新人，",
        "登记人员：示例新人",
    ]
    places = [page.index(words) for words in told]
    assert places == sorted(places)
    assert "许昌市系统管理员 · 系统管理员" in page
    assert "没有记录" in auditor.get("/audit?q=无此人").text
    assert "已核验 4 条，全部相符" in auditor.get("/audit?check=1").text


def test_a_changed_record_is_said_on_the_page(world: World, app) -> None:
    admin, auditor = client_for(world, f"{CITY}-admin", app=app), client_for(world, AUDITOR, app=app)
    post(admin, "/admin/persons", **_new(world))
    with world.write() as session:
        session.execute(text("DROP TRIGGER deed_no_update"))
        session.execute(text("UPDATE deed SET person_id = NULL WHERE seq = 2"))
    assert "第 2 条内容与散列值不符" in auditor.get("/audit?check=1").text


def test_an_auditor_reads_the_own_authority_and_those_below_only(world: World, app) -> None:
    province = world.actor("410000-leader")
    from workflow import administration

    with world.write() as session:
        user = session.get_one(User, _account(world, f"{COUNTY}-handler").id)
        administration.reset_password(session, user, "!", province, world.at)
    assert "没有记录" in client_for(world, AUDITOR, app=app).get("/audit").text
