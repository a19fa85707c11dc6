"""Signing in: what gets in, what does not, and what ends a session."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from models import Appointment, LoginEvent, LoginSession, Throttle, User
from tests.cast import World
from tests.web import app_for, client_for, post
from views import passwords
from views.sessions import digest
from views.site import Cookies, Seal
from workflow import logins
from workflow.staffing import end_post, set_active, set_password

LOGIN, PASSWORD = "411002-handler", "one good long password"


@pytest.fixture
def known(world: World) -> World:
    """A world in which the handler has a password."""
    with world.write() as session:
        _user(session).password_hash = passwords.hash_password(PASSWORD)
    return world


def _user(session, login: str = LOGIN) -> User:
    return session.scalars(select(User).where(User.login == login)).one()


def _sign_in(client: FlaskClient, login: str = LOGIN, password: str = PASSWORD, **more: str):
    return post(client, "/login", login=login, password=password, **more)


def _inside(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def _token(client: FlaskClient) -> str:
    with client.session_transaction() as cookie:
        return cookie["_user_id"]


def test_a_password_opens_a_session_whose_token_is_stored_only_as_a_digest(known, app):
    client = app.test_client()
    answer = _sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/inbox")
    token = _token(client)
    with known.database.read() as session:
        row = session.scalars(select(LoginSession)).one()
    assert row.token_hash == digest(token)
    assert token not in repr(vars(row))


def test_a_login_discards_whatever_the_cookie_held_before(known, app):
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie.update(_user_id="planted", planted="yes")
    _sign_in(client)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["_user_id"] != "planted"
    assert _inside(client)


@pytest.mark.parametrize("case", ["wrong password", "unknown account", "disabled", "no post", "no usable password"])
def test_whatever_is_wrong_with_a_login_the_answer_is_the_same(known, app, case):
    with known.write() as session:
        user = _user(session)
        if case == "disabled":
            user.active = False
        elif case == "no post":
            for one in session.scalars(select(Appointment).where(Appointment.person_id == user.person_id)):
                one.valid_to = known.today - timedelta(days=1)
        elif case == "no usable password":
            user.password_hash = "!"
    login = "nobody" if case == "unknown account" else LOGIN
    answer = _sign_in(app.test_client(), login, PASSWORD if case in ("disabled", "no post") else "wrong")
    assert answer.status_code == 422
    assert "账号或密码不对" in answer.text


def test_an_unknown_account_is_checked_against_a_hash_all_the_same(monkeypatch):
    checked = []
    monkeypatch.setattr(passwords, "HASHER", _Counting(checked))
    passwords._decoy.cache_clear()
    for stored in (None, "!", passwords.HASHER.hash("x")):
        checked.clear()
        assert not passwords.matches(stored, "guess")
        assert [one for one in checked if one.startswith("$argon2id$")]
    passwords._decoy.cache_clear()


class _Counting:
    def __init__(self, checked: list[str]) -> None:
        self.checked, self.real = checked, passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

    def hash(self, password: str) -> str:
        return self.real.hash(password)

    def verify(self, stored: str, password: str) -> bool:
        self.checked.append(stored)
        return self.real.verify(stored, password)


def test_a_hash_with_older_settings_is_renewed_at_login(known, app):
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with known.write() as session:
        _user(session).password_hash = weak
    _sign_in(app.test_client())
    with known.database.read() as session:
        stored = _user(session).password_hash
    assert stored != weak
    assert not passwords.outdated(stored)


def test_guessing_is_slowed_for_the_guessers_line_and_not_for_the_official(known, app, monkeypatch):
    monkeypatch.setattr(passwords, "HASHER", _Counting([]))
    passwords._decoy.cache_clear()
    with known.write() as session:
        _user(session).password_hash = passwords.HASHER.hash(PASSWORD)
    monkeypatch.setattr(passwords, "outdated", lambda stored: False)
    guesser = app.test_client()
    assert [_sign_in(guesser, password="wrong").status_code for _ in range(6)] == [422] * 5 + [429]
    assert _sign_in(guesser).status_code == 429
    official = app.test_client()
    official.environ_base["REMOTE_ADDR"] = "10.1.2.3"
    assert _sign_in(official).status_code == 303
    known.clock.forward(minutes=16)
    assert _sign_in(guesser).status_code == 303
    with known.database.read() as session:
        assert not any(LOGIN in one.key for one in session.scalars(select(Throttle)))
    passwords._decoy.cache_clear()


@pytest.mark.parametrize("bad", ["//evil.example/", "https://evil.example/", "/\\evil.example", "evil", "/a\nb"])
def test_a_login_and_a_logout_lead_only_to_this_site(known, app, bad):
    assert _sign_in(app.test_client(), next=bad).location == "/inbox"
    assert post(client_for(known, LOGIN, app=app), "/logout", next=bad).location == "/"
    assert post(client_for(known, LOGIN, app=app), "/logout", next="/notices").location == "/notices"
    assert _sign_in(app.test_client(), next="/account?x=1").location == "/account?x=1"


def test_a_session_dies_when_idle_or_old_and_is_kept_alive_by_use(world, app):
    client = client_for(world, LOGIN, app=app)
    for _ in range(3):
        world.clock.forward(minutes=29)
        assert _inside(client)
    world.clock.forward(minutes=31)
    assert not _inside(client)
    client = client_for(world, LOGIN, app=app)
    for _ in range(25):
        world.clock.forward(minutes=28)
        assert _inside(client)
    world.clock.forward(minutes=21)
    assert not _inside(client)


def test_a_page_that_only_reads_writes_nothing_within_five_minutes(world, app):
    client = client_for(world, LOGIN, app=app)
    world.clock.forward(minutes=4)
    _inside(client)
    with world.database.read() as session:
        row = session.scalars(select(LoginSession)).one()
    assert row.seen_at == row.created_at


def _log_out(world, client):
    post(client, "/logout")


def _disable(world, client):
    with world.write() as session:
        set_active(session, _user(session), False, world.at)


def _change_password(world, client):
    with world.write() as session:
        set_password(session, _user(session), "!", world.at)


def _end_all_posts(world, client):
    with world.write() as session:
        for one in session.scalars(select(Appointment).where(Appointment.person_id == _user(session).person_id)):
            end_post(session, one, world.today - timedelta(days=1), world.today)


@pytest.mark.parametrize("end", [_log_out, _disable, _change_password, _end_all_posts])
def test_a_copied_cookie_is_dead_at_once_after(world, app, end):
    client, copy = client_for(world, LOGIN, app=app), app.test_client()
    with copy.session_transaction() as cookie:
        cookie["_user_id"] = _token(client)
    assert _inside(copy)
    end(world, client)
    assert not _inside(copy)


@pytest.mark.parametrize(
    "seal",
    [
        Cookies("k" * 31 + "l").get_signing_serializer,
        lambda app: Seal(app.secret_key, salt="wtf-csrf-token"),
        lambda app: Seal(app.secret_key, salt=Cookies.salt),
    ],
    ids=["another site's secret", "another purpose", "the usual digest"],
)
def test_a_cookie_sealed_otherwise_signs_nobody_in(world, app, seal):
    client, forger = client_for(world, LOGIN, app=app), app.test_client()
    name, known = app.config["SESSION_COOKIE_NAME"], {"_user_id": _token(client), "_fresh": True}
    forger.set_cookie(name, seal(app).dumps(known))
    assert not _inside(forger)
    forger.set_cookie(name, app.session_interface.get_signing_serializer(app).dumps(known))
    assert _inside(forger)


def test_switching_the_post_gives_a_new_token_and_no_longer_life(world, app):
    client = client_for(world, "411002-head", "section_head", app)
    old = _token(client)
    other = world.actor("411002-head", "panel_member").appointment_id
    world.clock.forward(minutes=10)
    assert post(client, "/post", post=other).status_code == 303
    assert _token(client) != old
    with world.database.read() as session:
        first, second = session.scalars(select(LoginSession).order_by(LoginSession.id))
    assert first.revoked_at
    assert (second.created_at, second.appointment_id) == (first.created_at, other)


def test_nobody_works_under_a_post_of_somebody_else(world, app):
    client = client_for(world, LOGIN, app=app)
    assert post(client, "/post", post=world.actor("411000-leader").appointment_id).status_code == 404


def test_changing_the_password_asks_for_the_old_one_and_ends_every_other_session(known, app):
    here, there = client_for(known, LOGIN, app=app), client_for(known, LOGIN, app=app)
    new = "another good long one"
    wrong = {"old": "no", "new": new, "again": new}
    weak = {"old": PASSWORD, "new": "short", "again": "short"}
    unlike = {"old": PASSWORD, "new": new, "again": new + "x"}
    assert [post(here, "/account/password", **form).status_code for form in (wrong, weak, unlike)] == [422] * 3
    assert post(here, "/account/password", old=PASSWORD, new=new, again=new).status_code == 303
    assert _inside(here)
    assert not _inside(there)
    assert _sign_in(app.test_client(), password=new).status_code == 303


def test_one_ends_ones_own_sessions_and_nobody_elses(world, app):
    mine, also_mine, other = (client_for(world, one, app=app) for one in (LOGIN, LOGIN, "411000-handler"))
    with world.database.read() as session:
        ids = list(session.scalars(select(LoginSession.id).order_by(LoginSession.id)))
    for number in ids[1:]:
        post(mine, f"/account/sessions/{number}/end")
    assert (_inside(mine), _inside(also_mine), _inside(other)) == (True, False, True)


def test_demo_accounts_exist_in_the_demo_only(known):
    world = known
    with world.write() as session:
        _user(session).is_demo = True
    inside = client_for(world, LOGIN, app=app_for(world, demo=True))
    assert _inside(inside)
    real = app_for(world).test_client()
    assert _sign_in(real).status_code == 422
    assert not _inside(client_for(world, LOGIN, app=app_for(world)))
    for demo, login, status in ((True, LOGIN, 303), (True, "clerk-0", 404), (False, LOGIN, 404)):
        client = app_for(world, demo=demo).test_client()
        assert post(client, "/demo-login", login=login).status_code == status


def test_every_coming_refusal_wait_and_leaving_is_on_record_and_cannot_be_taken_off_it(known, app):
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "10.1.2.3"
    assert _sign_in(client).status_code == 303
    post(client, "/logout")
    assert [_sign_in(client, password="wrong").status_code for _ in range(7)] == [422] * 5 + [429] * 2
    _sign_in(client, login="my password typed here")
    told = ["left", "failed", "failed", "failed", "failed", "failed", "held"]
    with known.database.read() as session:
        rows = session.execute(select(LoginEvent.event, LoginEvent.user_id, LoginEvent.address).order_by(LoginEvent.id))
        found = [tuple(row) for row in rows]
        handler = _user(session).id
    assert found == [*((one, handler, "10.1.2.3") for one in ("entered", *told)), ("failed", None, "10.1.2.3")]
    for change in ("UPDATE login_event SET event = 'entered'", "DELETE FROM login_event"):
        with pytest.raises(IntegrityError, match="append-only"), known.write() as session:
            session.execute(text(change))


def test_the_auditor_reads_the_logins_of_the_own_authority_and_those_below(known, app):
    _sign_in(app.test_client())
    _sign_in(app.test_client(), login="nobody-knows-me")
    with known.write() as session:
        logins.note(session, "entered", _user(session, "410000-handler").id, "10.9.9.9", known.at)
    auditor = client_for(known, "411000-auditor", app=app)
    page = auditor.get("/audit/logins").text
    assert page.index("登录失败") < page.index(LOGIN) and "不存在的账号" in page
    assert "nobody-knows-me" not in page and "10.9.9.9" not in page
    assert LOGIN in auditor.get("/audit/logins?q=127.0.0.1").text
    assert "没有记录" in auditor.get("/audit/logins?q=无此人").text
