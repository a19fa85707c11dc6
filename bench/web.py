"""Through the web door: an approval with login session, token and form; the public look-up of an institution by code.

Both sides stand behind the server that a site has, and are asked by a browser over one connection that stays open.
Beside ours stands a bare Flask application with a login session that writes the same rows, or reads one.
"""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
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
    with _handler(play) as (ours, csrf):
        yield DO.figure(kind_of(play), *_approvals(play, ours, csrf, like, rounds, size))
    copies(play.database, like, institutions)
    archive(play, play.today, RECORDS)
    with closing(Driver(play.database)) as driver, browser(_app(play)) as ours, browser(_plain(play, driver)) as plain:
        people = [partial(_looked, one, _look_ups(play, size)) for one in (ours, plain)]
        in_turn(1, *people)
        yield LOOK.figure(kind_of(play), *in_turn(rounds, *people))


def growth(few: Play, many: Play, rounds: int, size: int, more: int) -> Iterator[Figure]:
    """The same approvals and look-ups beside `more` other cases, each of an institution with its records, of the time
    that they take without."""
    likes = reviewed(many), reviewed(few)
    for play, like, others in ((many, likes[0], more), (few, likes[1], 0)):
        copies(play.database, like, size + others)
        archive(play, play.today, RECORDS)
    found: list[list[float]] = [[], []]
    with _handler(many) as among, _handler(few) as alone:
        people = [(many, likes[0], *among), (few, likes[1], *alone)]
        for _ in range(rounds):
            turn = [partial(_sent, one, _forms(play, csrf, like, size)) for play, like, one, csrf in people]
            add_turn(found, in_turn(1, *turn))
        pages = [partial(_looked, one, _look_ups(play, size)) for play, _, one, _ in people]
        in_turn(1, *pages)
        seen = in_turn(rounds, *pages)
    yield grown("approval_web").figure(kind_of(few), *map(milliseconds, found))
    yield grown("look_up").figure(kind_of(few), *map(milliseconds, seen))


@contextmanager
def _handler(play: Play) -> Generator[tuple[Browser, str]]:
    """The city's handler, logged in, and what their forms carry."""
    app, token = _app(play), _signed_in(play, APPROVALS[0])
    with app.test_request_context():
        csrf, secret = generate_csrf(), session["csrf_token"]
    with browser(app, _user_id=token, _fresh=True, csrf_token=secret) as person:
        yield person, csrf


def _app(play: Play) -> Flask:
    return create_app(_settings(play), play.database, play.clock)


def _settings(play: Play) -> Settings:
    url = play.database.url.render_as_string(hide_password=False)
    return Settings(_env_file=None, secret_key="k" * 32, database_url=url, demo=True)


def _signed_in(play: Play, login: str) -> str:
    with play.database.write() as database:
        user = database.scalars(select(User).where(User.login == login)).one()
        return open_session(database, user, posts_of(database, user.person_id, play.clock())[0], play.clock())


def _approvals(play: Play, ours: Browser, csrf: str, like: int, rounds: int, size: int) -> list[list[float]]:
    found: list[list[float]] = [[], []]
    notes: list[list[Statement]] = []
    token = _signed_in(play, APPROVALS[0])
    with closing(Driver(play.database)) as driver, browser(_bare(play, driver, notes), user=token) as plain:
        for _ in range(rounds):
            forms, bare = _forms(play, csrf, like, size), copies(play.database, like, size)
            notes[:] = [taken_down(play.database, approve(play, case, APPROVALS[0])) for case in bare]
            bare_forms: list[Page] = [(f"/act/{number}", urlencode(OPINION)) for number in range(size)]
            add_turn(found, in_turn(1, partial(_sent, ours, forms), partial(_sent, plain, bare_forms)))
    return found


def _sent(person: Browser, forms: list[Page], _round: int) -> int:
    return person.asks(forms, HTTPStatus.SEE_OTHER, "/cases/")


def _forms(play: Play, csrf: str, like: int, size: int) -> list[Page]:
    """The approvals of so many new cases."""
    cases = copies(play.database, like, size)
    seen = select(Case.number, Case.version, Case.material_hash).where(Case.id.in_(cases))
    with play.database.read() as database:
        return [_form(row, csrf) for row in database.execute(seen)]


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


def _look_ups(play: Play, size: int) -> list[Page]:
    """The pages of the newest institutions."""
    query = select(Institution.credit_code).order_by(Institution.id.desc()).limit(size)
    with play.database.read() as database:
        return [(f"/institutions/{code}", None) for code in database.scalars(query)]


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
