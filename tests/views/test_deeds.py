"""管理记录 as the auditor reads it."""

import io
import re
from collections.abc import Mapping

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from models import Deed, Incident, Institution, User
from tests.cast import CITY, COUNTY, World
from tests.views.test_admin import _account, _new, _office
from tests.web import client_for, post
from views import passwords
from views.web import fresh_id
from workflow import administration, archive

AUDITOR = f"{CITY}-auditor"
PASSWORD = "one good long password"
STORM = 'document = "示例〔2026〕1号"\n[[off]]\nname = "极端天气停工"\nday = 2026-11-19\n'


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
    assert "第 1 至 4 条已核验，全部相符" in auditor.get("/audit?check=1").text


def test_a_long_record_is_checked_stretch_by_stretch(world: World, app, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("views.deeds.STRETCH", 2)
    admin, auditor = client_for(world, f"{CITY}-admin", app=app), client_for(world, AUDITOR, app=app)
    account = _account(world, f"{COUNTY}-handler")
    for move in ("disable", "enable", "disable"):
        post(admin, f"/admin/accounts/{account.id}/{move}")
    newest = auditor.get("/audit?check=1").text
    assert "第 2 至 3 条已核验，全部相符" in newest and "before=2" in newest
    with world.write() as session:
        session.execute(text("DROP TRIGGER deed_no_update"))
        session.execute(text("UPDATE deed SET hash = 'x' WHERE seq = 1"))
    assert "第 2 条" in auditor.get("/audit?check=1").text, "it hangs on the one before"
    oldest = auditor.get("/audit?check=1&before=2").text
    assert "第 1 条内容与散列值不符" in oldest and "核验更早的" not in oldest


def test_a_changed_record_is_said_on_the_page(world: World, app) -> None:
    admin, auditor = client_for(world, f"{CITY}-admin", app=app), client_for(world, AUDITOR, app=app)
    post(admin, "/admin/persons", **_new(world))
    with world.write() as session:
        session.execute(text("DROP TRIGGER deed_no_update"))
        session.execute(text("UPDATE deed SET person_id = NULL WHERE seq = 2"))
    assert "第 2 条内容与散列值不符" in auditor.get("/audit?check=1").text


def test_every_form_of_administration_leaves_its_record_in_the_same_act(world: World, app) -> None:
    """One form of each door, sent by who may; a door without a line here fails."""
    admin = client_for(world, f"{CITY}-admin", app=app)
    other, account = world.actor(f"{COUNTY}-handler2"), _account(world, f"{COUNTY}-handler2")
    with world.write() as session:
        passwords_of(session, f"{CITY}-admin")
        session.add(Incident(kind="timer_failed", subject="x", opened_at=world.at, authority_id=other.authority_id))
    office, day = _office(world, COUNTY, "policy"), world.today.isoformat()
    storm = (io.BytesIO(STORM.encode()), "n.toml")
    forms = {
        "admin.add": ("/admin/persons", _new(world), ["person_added", "post_given"]),
        "admin.appoint": (
            f"/admin/persons/{other.person_id}/posts",
            {"role": "handler", "office": office, "since": day},
            ["post_given"],
        ),
        "admin.end": (f"/admin/posts/{other.appointment_id}/end", {"last_day": day}, ["post_ended"]),
        "admin.open_account": (f"/admin/persons/{other.person_id}/accounts", {"login": "x.one"}, ["account_opened"]),
        "admin.reset": (f"/admin/accounts/{account.id}/reset", {}, ["password_reset"]),
        "admin.switch": (f"/admin/accounts/{account.id}/disable", {}, ["account_disabled"]),
        "channels.add": ("/admin/channels", {"name": "x", "url": "mailto://a:b@example.org", "authority": ""}
                         | {"login": account.login}, ["channel_added"]),
        "channels.switch": ("/admin/channels/1/stop", {}, ["channel_stopped"]),
        "incidents.close": ("/admin/incidents/1/close", {"reason": "已处理"}, ["incident_closed"]),
        "incidents.retry": ("/admin/incidents/1/retry", {"reason": "再试"}, []),  # the incident is closed
        "calendar.propose": ("/calendar", {"file": storm, "request_id": fresh_id()}, ["notice_proposed"]),
        "calendar.release": ("/calendar/notices/1/release", {}, []),  # who proposed does not release
        "calendar.recompute": ("/calendar/notices/1/recompute", {"request_id": fresh_id()}, []),  # acts on cases
        "account.change_password": (
            "/account/password",
            {"old": PASSWORD, "new": "another good long one", "again": "another good long one"},
            ["password_changed"],
        ),
    }  # fmt: skip
    rooms = ("admin", "channels", "incidents", "calendar")
    doors = {one.endpoint for one in app.url_map.iter_rules() if "POST" in (one.methods or ())}
    assert {one for one in doors if one.partition(".")[0] in rooms} | {"account.change_password"} == set(forms)
    for endpoint, (path, form, deeds) in forms.items():
        before, sent = world.count(Deed), {"request_id": fresh_id()} | form
        first, again = (post(admin, path, **_rewound(sent)) for _ in range(2))
        with world.database.read() as session:
            added = session.scalars(select(Deed.deed).where(Deed.seq > before).order_by(Deed.seq)).all()
        assert added == deeds, endpoint
        if endpoint not in DEAD_AFTER:
            assert (again.status_code, again.location) == (first.status_code, first.location), endpoint
            assert _told(again) == _told(first), endpoint


DEAD_AFTER = {"account.change_password"}
"""The session that sent the form ended with it."""


def _rewound(form: Mapping[str, object]) -> dict[str, object]:
    return {name: (io.BytesIO(STORM.encode()), "n.toml") if name == "file" else value for name, value in form.items()}


def _told(answer: TestResponse) -> str:
    """The one-time password on the page, where it shows one."""
    found = re.search(r'class="xj-code fs-4">([^<]+)', answer.text)
    return found[1] if found else ""


def test_what_is_entered_in_an_institutions_archive_is_recorded_by_its_name(world: World, app) -> None:
    handler, form = world.actor(f"{COUNTY}-handler"), {"acted_on": world.today, "evidence": "检查笔录"}
    form |= {"kind": "x", "summary": "未按规定报送年度报告", "finding_authority": "示例机关"}
    with world.write() as session:
        one = session.scalars(select(Institution).where(Institution.name.startswith("魏都示例甲"))).one()
        fact = archive.record(session, one.id, {"x": ""}, form, handler, world.at)
        judgement = {"severity": "minor", "corrected_in_time": "yes", "evidence": "整改报告"}
        archive.judge(session, fact, judgement, handler, world.at)
        archive.void(session, fact, "查证不实", handler, world.at)
    page = client_for(world, AUDITOR, app=app).get("/audit").text
    about = f"魏都示例甲人力资源有限公司，记录编号 {fact}"
    for done in ("录入诚信档案", "认定情节和改正", "作废档案记录"):
        assert f"{done}：{about}" in page


def passwords_of(session: Session, login: str) -> None:
    session.scalars(select(User).where(User.login == login)).one().password_hash = passwords.hash_password(PASSWORD)


def test_an_auditor_reads_the_own_authority_and_those_below_only(world: World, app) -> None:
    province = world.actor("410000-leader")
    with world.write() as session:
        user = session.get_one(User, _account(world, f"{COUNTY}-handler").id)
        administration.reset_password(session, user, "!", province, world.at)
    assert "没有记录" in client_for(world, AUDITOR, app=app).get("/audit").text
