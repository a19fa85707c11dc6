"""Administration: persons, posts and accounts of one's authority and those below. No case can be reached from here."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from models import Institution, Office, Person
from models.people import ROLES
from views import layout, passwords, web
from views.admin_forms import Form, post_fields
from views.rows import pages
from views.texts import gettext as _
from views.web import actor, at, reading, writing
from workflow import administration
from workflow.clock import legal_day
from workflow.engine.forms import Field, checked
from workflow.engine.queries import admin as query
from workflow.engine.refusal import Refused

door = Blueprint("admin", __name__, url_prefix="/admin")
administrator = web.roles("system_admin")

NAME = Field("name", "text", longest=100)
POST = (
    Field("role", "choice", choices=ROLES),
    Field("office", "whole", required=False, least=1, most=2**63 - 1),
    Field("credit_code", "text", required=False, longest=18),
    Field("title", "text", required=False, longest=100),
    Field("since", "date"),
)
LAST_DAY = (Field("last_day", "date"),)
LOGIN = (Field("login", "text", longest=60),)
MOST_PAGES = 100_000
Answer = Response | tuple[str, int]


@door.get("")
@administrator
def persons() -> str:
    return _persons_page()


@door.post("/persons")
@administrator
def add() -> Answer:
    """A person enters the register with the first post: what nobody appointed, nobody keeps."""
    try:
        sent = checked((NAME, *POST), _sent())
        with writing() as session:
            web.once(session, lambda: _enter(session, sent))
    except Refused as refused:
        return _persons_page(refused), 422
    flash(_("已登记%(name)s。", name=sent["name"]))
    return redirect(url_for("admin.persons", q=sent["name"]), 303)


@door.get("/persons/<int:person_id>")
@administrator
def person(person_id: int) -> str:
    return _person_page(person_id)


@door.post("/persons/<int:person_id>/posts")
@administrator
def appoint(person_id: int) -> Answer:
    def change(session: Session) -> None:
        _appoint(session, session.get_one(Person, person_id), checked(POST, _sent()))

    return _changed(person_id, change, _("任职已登记。"))


@door.post("/posts/<int:post_id>/end")
@administrator
def end(post_id: int) -> Answer:
    def change(session: Session) -> None:
        last_day = checked(LAST_DAY, _sent())["last_day"]
        administration.end_post(session, query.post(session, actor(), post_id), last_day, actor(), at())

    with reading() as session:
        person_id = query.post(session, actor(), post_id).person_id
    return _changed(person_id, change, _("任职止期已登记。"))


@door.post("/persons/<int:person_id>/accounts")
@administrator
def open_account(person_id: int) -> Answer:
    password, stored = passwords.one_time(_secret())

    def change(session: Session) -> None:
        login = checked(LOGIN, _sent())["login"]
        administration.open_account(session, session.get_one(Person, person_id), login, stored, actor(), at())

    return _changed(person_id, change, password=password, anywhere=False)


@door.post("/accounts/<int:account_id>/reset")
@administrator
def reset(account_id: int) -> Answer:
    password, stored = passwords.one_time(_secret())

    def change(session: Session) -> None:
        administration.reset_password(session, query.account(session, actor(), account_id), stored, actor(), at())

    return _changed(_owner(account_id), change, password=password, anywhere=False)


@door.post("/accounts/<int:account_id>/<any(disable,enable):word>")
@administrator
def switch(account_id: int, word: str) -> Answer:
    def change(session: Session) -> None:
        administration.set_active(session, query.account(session, actor(), account_id), word == "enable", actor(), at())

    done = _("账号已启用。") if word == "enable" else _("账号已停用，各处登录已退出。")
    return _changed(_owner(account_id), change, done, anywhere=False)


@door.get("/authorities")
@administrator
def authorities() -> str:
    with reading() as session:
        places = query.places(session, actor())
    return render_template("admin/authorities.html", places=places, **layout.work())


def _sent() -> dict[str, str]:
    return {name: value for name, value in request.form.items() if name not in ("csrf_token", "request_id")}


def _secret() -> str:
    """The same for the same form: sent twice, it shows the password that was stored."""
    return web.secret_for("password", f"{request.path}:{web.request_id()}")


def _number() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES)


def _owner(account_id: int) -> int:
    with reading() as session:
        return query.account(session, actor(), account_id).person_id


def _changed(
    person_id: int, change: Callable[[Session], None], done: str = "", *, password: str = "", anywhere: bool = True
) -> Answer:
    """One change of a person whom this administrator keeps. A password is shown on this answer only, never again."""
    try:
        with writing() as session:
            _keeps(session, person_id, anywhere)
            web.once(session, lambda: change(session))
    except Refused as refused:
        return _person_page(person_id, refused), 422
    if password:
        return _person_page(person_id, password=password), 200
    flash(done)
    return redirect(url_for("admin.person", person_id=person_id), 303)


def _keeps(session: Session, person_id: int, anywhere: bool) -> None:
    """Nobody keeps himself; an account that also opens posts elsewhere is kept by who keeps them all."""
    query.person(session, actor(), person_id)
    if person_id == actor().person_id:
        raise Refused("own_account")
    if not anywhere and query.holds_elsewhere(session, actor(), person_id, legal_day(at())):
        raise Refused("person_elsewhere")


def _enter(session: Session, sent: dict[str, Any]) -> None:
    _appoint(session, administration.add_person(session, sent["name"], actor(), at()), sent)


def _appoint(session: Session, person: Person, sent: dict[str, Any]) -> None:
    office, institution = _place(session, sent)
    administration.appoint(
        session,
        person,
        sent["role"],
        sent["since"],
        actor(),
        at(),
        office=office,
        institution_id=institution.id if institution else None,
        title=sent["title"] or "",
    )


def _place(session: Session, sent: dict[str, Any]) -> tuple[Office | None, Institution | None]:
    """A clerk's institution, or everybody else's office, among those that this administrator keeps."""
    name = "credit_code" if sent["role"] == "clerk" else "office"
    if not sent[name]:
        raise Refused("form_invalid", fields={name: ("field_required", {})})
    if name == "office":
        office = query.office(session, actor(), sent["office"])
        found: tuple[Office | None, Institution | None] = office, None
    else:
        found = None, query.institution(session, actor(), sent["credit_code"])
    if found == (None, None):
        raise Refused("form_invalid", fields={name: ("place_unknown", {})})
    return found


def _persons_page(refused: Refused | None = None) -> str:
    words, page, today = request.args.get("q", "").replace("\0", "").strip()[:100], _number(), legal_day(at())
    form = Form(request.form, refused)
    with reading() as session:
        rows, total = query.persons(session, actor(), words, page)
        places = query.places(session, actor())
    return render_template(
        "admin/persons.html",
        rows=rows,
        words=words,
        today=today,
        form=form,
        fields=[form.field("name", _("姓名")), *post_fields(form, places, today)],
        page=pages(page, total, query.PAGE, lambda number: url_for("admin.persons", q=words or None, page=number)),
        **layout.work(),
    )


def _person_page(person_id: int, refused: Refused | None = None, password: str = "") -> str:
    today, form = legal_day(at()), Form(request.form, refused)
    with reading() as session:
        staff = query.person(session, actor(), person_id)
        places = query.places(session, actor())
        elsewhere = query.holds_elsewhere(session, actor(), person_id, today)
    return render_template(
        "admin/person.html",
        staff=staff,
        own=person_id == actor().person_id,
        elsewhere=elsewhere,
        today=today,
        form=form,
        password=password,
        post_fields=post_fields(form, places, today),
        login_field=form.field("login", _("账号"), hint=_("字母、数字、点、横线，开后不能改")),
        **layout.work(),
    )
