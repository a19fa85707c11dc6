"""Administration: who keeps whom, what is refused, and that no door leads from here to a case."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models import Appointment, Institution, Person, User
from tests.cast import COUNTY, World
from tests.web import client_for, post
from views import passwords, texts
from views.web import fresh_id
from workflow.engine.refusal import Refused
from workflow.staffing import add_person, appoint, end_post, office_of, open_account

ADMIN = "411000-admin"
SINCE = date(2026, 3, 2)


@pytest.fixture
def admin(world, app):
    return client_for(world, ADMIN, app=app)


def _person(world: World, login: str) -> int:
    with world.database.read() as session:
        return session.scalars(select(User.person_id).where(User.login == login)).one()


def _account(world: World, login: str) -> User:
    with world.database.read() as session:
        return session.scalars(select(User).where(User.login == login)).one()


def _office(world: World, code: str = COUNTY, kind: str = "market") -> int:
    with world.database.read() as session:
        return office_of(session, code, kind).id


def _new(world: World, **changes: object) -> dict[str, object]:
    form = {"name": "示例新人", "role": "handler", "office": _office(world), "since": SINCE}
    return form | {"request_id": fresh_id()} | changes


def test_a_person_is_registered_with_a_first_post_and_once_however_often_it_is_sent(world, admin):
    form = _new(world)
    assert [post(admin, "/admin/persons", **form).status_code for _ in range(2)] == [303, 303]
    with world.database.read() as session:
        person = session.scalars(select(Person).where(Person.name == "示例新人")).one()
        held = session.scalars(select(Appointment).where(Appointment.person_id == person.id)).one()
    assert (held.role, held.valid_from, held.valid_to) == ("handler", SINCE, None)
    assert "示例新人" in admin.get("/admin?q=示例新").text


def test_a_clerk_is_appointed_by_the_institutions_code(world, admin):
    with world.database.read() as session:
        code, institution = session.execute(select(Institution.credit_code, Institution.id)).first()
    assert post(admin, "/admin/persons", **_new(world, role="clerk", credit_code=code)).status_code == 303
    with world.database.read() as session:
        clerk = session.scalars(select(Appointment).order_by(Appointment.id.desc())).first()
    assert (clerk.institution_id, clerk.office_id) == (institution, None)


def test_what_is_wrong_with_a_form_stands_beside_its_box_and_nothing_is_kept(world, admin):
    for wrong in (
        {"name": ""},
        {"role": "emperor"},
        {"office": ""},
        {"since": "soon"},
        {"office": _office(world, "410000")},
    ):
        answer = post(admin, "/admin/persons", **_new(world, **wrong))
        assert answer.status_code == 422, wrong
        assert "xj-error" in answer.text
    with world.database.read() as session:
        assert not session.scalars(select(Person).where(Person.name == "示例新人")).all()


def test_a_new_account_opens_with_a_password_shown_once_and_only_to_change_it(world, app, admin):
    post(admin, "/admin/persons", **_new(world))
    with world.database.read() as session:
        person_id = session.scalars(select(Person.id).where(Person.name == "示例新人")).one()
    shown = post(admin, f"/admin/persons/{person_id}/accounts", login="new.hand")
    password = shown.text.split('fs-4">')[1].split("<")[0]
    assert password not in admin.get(f"/admin/persons/{person_id}").text
    client = app.test_client()
    assert post(client, "/login", login="new.hand", password=password).status_code == 303
    assert client.get("/inbox").location == "/account"
    new = "one good long password"
    post(client, "/account/password", old=password, new=new, again=new)
    assert client.get("/inbox").location != "/account"
    assert not passwords.handed_out(_account(world, "new.hand").password_hash)


def test_disabling_or_resetting_an_account_ends_its_sessions(world, app, admin):
    account = _account(world, "411002-handler")
    for act in ("disable", "reset"):
        client = client_for(world, account.login, app=app)
        post(admin, f"/admin/accounts/{account.id}/{act}")
        assert client.get("/account").status_code == 303
        post(admin, f"/admin/accounts/{account.id}/enable")
    assert _account(world, account.login).active


def test_a_post_ends_on_the_day_given(world, admin):
    held = world.actor("411002-handler").appointment_id
    assert post(admin, f"/admin/posts/{held}/end", last_day="2019-01-01").status_code == 422
    assert post(admin, f"/admin/posts/{held}/end", last_day="2026-03-31").status_code == 303
    with world.database.read() as session:
        assert session.get_one(Appointment, held).valid_to == date(2026, 3, 31)


def test_administrators_keep_only_their_own_authority_and_those_below(world, admin):
    above = _account(world, "410000-handler")
    for path in (f"/admin/accounts/{above.id}/reset", f"/admin/persons/{above.person_id}/accounts"):
        assert post(admin, path, login="x-1").status_code == 404
    assert admin.get(f"/admin/persons/{above.person_id}").status_code == 404
    assert "410000-handler" not in admin.get("/admin?q=410000").text


def test_the_account_of_a_person_who_also_serves_above_is_not_for_the_lower_administrator(world, admin):
    with world.write() as session:
        person = session.get_one(Person, _person(world, "411002-handler"))
        appoint(session, person, "handler", SINCE, office=office_of(session, "410000", "market"))
    account = _account(world, "411002-handler")
    answer = post(admin, f"/admin/accounts/{account.id}/reset")
    assert answer.status_code == 422
    assert _account(world, account.login).password_hash == account.password_hash


def test_administrators_do_not_appoint_themselves(world, admin):
    form = {"role": "leader", "office": _office(world), "since": SINCE}
    assert post(admin, f"/admin/persons/{_person(world, ADMIN)}/posts", **form).status_code == 422


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ("handler", "handler", "post_overlaps"),
        ("handler", "section_head", None),
        ("system_admin", "audit_admin", "roles_exclusive"),
        ("security_admin", "handler", "roles_exclusive"),
        ("handler", "system_admin", "roles_exclusive"),
    ],
)
def test_posts_that_may_not_be_held_together_may_follow_each_other(world, first, second, refused):
    with world.write() as session:
        office = office_of(session, COUNTY, "market")
        person = add_person(session, "示例新人", world.at)
        held = appoint(session, person, first, SINCE, office=office)
        if refused:
            with pytest.raises(Refused, match=refused):
                appoint(session, person, second, SINCE + timedelta(days=10), office=office)
            end_post(session, held, SINCE + timedelta(days=9), world.today)
        appoint(session, person, second, SINCE + timedelta(days=10), office=office)


def test_a_login_is_taken_once_and_written_plainly(world):
    with world.write() as session:
        person = add_person(session, "示例新人", world.at)
        for login, reason in (("411002-handler", "login_taken"), ("空 格", "login_format"), ("a", "login_format")):
            with pytest.raises(Refused, match=reason):
                open_account(session, person, login, "!", world.at)


def test_every_kind_of_incident_says_what_helps():
    kinds = {key.partition(".")[2] for key in list(texts.keys()) if key.startswith("incident.")}
    assert kinds == {key.partition(".")[2] for key in list(texts.keys()) if key.startswith("incident_help.")}
