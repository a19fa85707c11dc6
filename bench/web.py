"""Through the web door: an approval with login session, token and form; the public look-up of an institution by code.

Both sides stand behind the server that a site has, and are asked by a browser over one connection that stays open.
Beside ours stands a bare Flask application with a login session that writes the same rows, or reads one.
"""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from app import create_app
from bench.approvals import approve
from bench.bare import Driver, Statement, taken_down
from bench.copies import copies
from bench.grading import archive
from bench.measure import Figure, Row, add_turn, grown, in_turn, milliseconds
from bench.served import Browser, Page, browser
from bench.site import APPROVALS, kind_of, reviewed
from config import Settings
from models import Case, Institution, User
from views.sessions import digest, open_session, posts_of
from views.web import fresh_id
from workflow.demo.play import Play

DO = Row("approval_web", "1/s", "bare Flask, the same rows", 0.50, 0.65, "higher")
LOOK = Row("look_up", "1/s", "bare Flask, one row", 0.40, 0.60, "higher")
OPINION = {"agree-opinion": "同意。"}
RECORDS = 7
"""Archive records of each institution."""
ME = 'SELECT u.id, s.appointment_id FROM login_session s JOIN "user" u ON u.id = s.user_id WHERE s.token_hash = {0}'
ONE = "SELECT id, name, credit_code FROM institution WHERE credit_code = {0}"


def measure(play: Play, rounds: int, size: int, institutions: int) -> Iterator[Figure]:
    like = reviewed(play)
    app = create_app(_settings(play), play.database, play.clock)
    token = _signed_in(play, APPROVALS[0])
    yield DO.figure(kind_of(play), *_approvals(play, app, token, like, rounds, size))
    copies(play.database, like, institutions)
    archive(play, play.today, RECORDS)
    yield LOOK.figure(kind_of(play), *_look_ups(play, app, rounds, size))


def growth(play: Play, rounds: int, size: int, more: int) -> Iterator[Figure]:
    """The same approvals and look-ups before and after `more` cases have been added, each of an institution with its
    records."""
    like, kind = reviewed(play), kind_of(play)
    app = create_app(_settings(play), play.database, play.clock)
    token = _signed_in(play, APPROVALS[0])
    copies(play.database, like, size)
    archive(play, play.today, RECORDS)
    few = _both(play, app, token, like, rounds, size)
    last = _institutions(play, 1)[0].id
    copies(play.database, like, more)
    archive(play, play.today, RECORDS, since=last)
    many = _both(play, app, token, like, rounds, size)
    for what, before, after in zip(("approval_web", "look_up"), few, many, strict=True):
        yield grown(what).figure(kind, milliseconds(after), milliseconds(before))


def _both(play: Play, app: Flask, token: str, like: int, rounds: int, size: int) -> tuple[list[float], list[float]]:
    return _approvals(play, app, token, like, rounds, size)[0], _look_ups(play, app, rounds, size)[0]


def _institutions(play: Play, count: int) -> list[Any]:
    """The newest."""
    query = select(Institution.id, Institution.credit_code).order_by(Institution.id.desc()).limit(count)
    with play.database.read() as database:
        return list(database.execute(query))


def _settings(play: Play) -> Settings:
    url = play.database.url.render_as_string(hide_password=False)
    return Settings(_env_file=None, secret_key="k" * 32, database_url=url, demo=True)


def _signed_in(play: Play, login: str) -> str:
    with play.database.write() as database:
        user = database.scalars(select(User).where(User.login == login)).one()
        return open_session(database, user, posts_of(database, user.person_id, play.clock())[0], play.clock())


def _approvals(play: Play, app: Flask, token: str, like: int, rounds: int, size: int) -> list[list[float]]:
    with app.test_request_context():
        csrf, secret = generate_csrf(), session["csrf_token"]
    found: list[list[float]] = [[], []]
    notes: list[list[Statement]] = []
    with (
        closing(Driver(play.database)) as driver,
        browser(app, _user_id=token, _fresh=True, csrf_token=secret) as ours,
        browser(_bare(play, driver, notes), user=token) as plain,
    ):
        for _ in range(rounds):
            mine, bare = copies(play.database, like, size), copies(play.database, like, size)
            with play.database.read() as database:
                seen = select(Case.number, Case.version, Case.material_hash).where(Case.id.in_(mine))
                forms = [_form(row, csrf) for row in database.execute(seen)]
            notes[:] = [taken_down(play.database, approve(play, case, APPROVALS[0])) for case in bare]
            bare_forms: list[Page] = [(f"/act/{number}", urlencode(OPINION)) for number in range(size)]
            add_turn(found, in_turn(1, partial(_sent, ours, forms), partial(_sent, plain, bare_forms)))
    return found


def _sent(person: Browser, forms: list[Page], _round: int) -> int:
    return person.asks(forms, HTTPStatus.SEE_OTHER, "/cases/")


def _form(row: Any, csrf: str) -> Page:
    seen = {"seen_version": row.version, "material_hash": row.material_hash, "request_id": fresh_id()}
    return f"/cases/{row.number}/act", urlencode({**seen, "move": "agree", **OPINION, "csrf_token": csrf})


def _bare(play: Play, driver: Driver, notes: list[list[Statement]]) -> Flask:
    """A page that knows its user by a session, writes the rows of the note of that number and sends the browser on."""
    app = Flask("bare")
    app.secret_key = "k" * 32
    me = ME.format("?" if play.database.is_sqlite else "%s")

    @app.post("/act/<int:number>")
    def do(number: int) -> Any:
        if not driver.rows(me, (digest(session["user"]),)):
            return "", HTTPStatus.FORBIDDEN
        driver.commit(notes[number])
        return "", HTTPStatus.SEE_OTHER, {"Location": f"/cases/{number}"}

    return app


def _look_ups(play: Play, app: Flask, rounds: int, size: int) -> list[list[float]]:
    pages: list[Page] = [(f"/institutions/{one.credit_code}", None) for one in _institutions(play, size)]
    with closing(Driver(play.database)) as driver, browser(app) as ours, browser(_plain(play, driver)) as plain:
        people = [partial(_looked, one, pages) for one in (ours, plain)]
        in_turn(1, *people)
        return in_turn(rounds, *people)


def _plain(play: Play, driver: Driver) -> Flask:
    """A page that reads one row."""
    app, one = Flask("bare"), ONE.format("?" if play.database.is_sqlite else "%s")

    @app.get("/institutions/<code>")
    def look(code: str) -> str:
        row = driver.rows(one, (code,))[0]
        return f"<!doctype html><title>{row[1]}</title><h1>{row[1]}</h1><p>{row[2]}</p>"

    return app


def _looked(person: Browser, pages: list[Page], _round: int) -> int:
    return person.asks(pages, HTTPStatus.OK)
