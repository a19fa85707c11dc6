"""Every door of the site, tried by everybody of the cast: the table below says for whom each one opens.

A new endpoint needs a line in ACCESS, and in PLACES when its address has a part that is not there yet.
"""

import io
import re
import shutil
from collections.abc import Iterator
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import HEADERS
from models import Appointment, Delivery, Document, Institution, SavedFilter, Task, User
from models.database import Database
from tests.cast import CITY, COUNTY, INSTITUTIONS, PROVINCE, SIBLING, World
from tests.web import app_for, client_for, csrf
from views.web import fresh_id
from workflow import attachments, calendar_notice, saved_filters
from workflow.archive import record

CAST = {
    "outsider": ("", ""),
    "clerk": ("clerk-0", ""),
    "handler": (f"{COUNTY}-handler", ""),
    "section_head": (f"{COUNTY}-head", "section_head"),
    "leader": (f"{COUNTY}-leader", ""),
    "panel_member": (f"{COUNTY}-panel1", ""),
    "sibling": (f"{SIBLING}-handler", ""),
    "city": (f"{CITY}-handler", ""),
    "province": (f"{PROVINCE}-handler", ""),
    "system_admin": (f"{CITY}-admin", ""),
}
ALL = frozenset(CAST)
INSIDE = ALL - {"outsider"}
OFFICIALS = INSIDE - {"clerk", "system_admin"}
IN_LINE = OFFICIALS - {"sibling"}  # the county that manages the institution, and the authorities above it
CLERK, ADMIN, HANDLER, NOBODY = (frozenset(one) for one in (["clerk"], ["system_admin"], ["handler"], []))

ACCESS = {
    "static": ALL,
    "bootstrap.static": ALL,
    "health.healthz": ALL,
    "health.readyz": ALL,
    "health.metrics": ALL,  # the tests ask from this host
    "auth.home": ALL,
    "auth.login": ALL,
    "auth.enter_by_password": ALL,
    "auth.enter_demo": NOBODY,  # this site is no demo
    "auth.leave": INSIDE,
    "account.show": INSIDE,
    "account.switch_post": HANDLER,  # the form names the handler's post
    "account.end": INSIDE,
    "account.change_password": INSIDE,
    "preferences.show": INSIDE,
    "preferences.save": INSIDE,
    "public.notices": ALL,
    "public.notice": ALL,
    "public.listed": ALL,
    "public.document": ALL,
    "public.lookup": ALL,
    "public.institution": ALL,
    "public.object_form": ALL,
    "public.object_to": ALL,
    "public.track": ALL,
    "public.tracked": ALL,
    "public.supply": ALL,
    "institution.desk": CLERK,
    "institution.cases": CLERK,
    "institution.case": CLERK,
    "institution.form": CLERK,
    "institution.file": CLERK,
    "institution.papers": CLERK,
    "institution.paper": CLERK,
    "institution.sign_for": CLERK,
    "files.download": IN_LINE | CLERK,
    "inbox.todo": OFFICIALS,
    "inbox.office": OFFICIALS,
    "inbox.done": OFFICIALS,
    "inbox.started": OFFICIALS,
    "inbox.messages": OFFICIALS,
    "inbox.save_filter": OFFICIALS,
    "inbox.forget_filter": HANDLER,  # the filter is the handler's own
    "inbox.claim": HANDLER,
    "inbox.release": HANDLER,
    "cases.index": OFFICIALS,
    "cases.show": IN_LINE,
    "cases.do": IN_LINE,
    "cases.proof": IN_LINE,
    "cases.document": IN_LINE,
    "rounds.index": OFFICIALS,
    "rounds.begin": OFFICIALS,
    "rounds.show": OFFICIALS,
    "rounds.resume": OFFICIALS,
    "rounds.annex": OFFICIALS,
    "rounds.notice": OFFICIALS,
    "rounds.draft": OFFICIALS,
    "archive.index": OFFICIALS,
    "archive.show": IN_LINE,
    "archive.record": IN_LINE,
    "archive.judge": IN_LINE,
    "archive.void": IN_LINE,
    "deeds.index": NOBODY,  # the cast has no auditor
    "admin.persons": ADMIN,
    "admin.add": ADMIN,
    "admin.person": ADMIN,
    "admin.appoint": ADMIN,
    "admin.end": ADMIN,
    "admin.open_account": ADMIN,
    "admin.reset": ADMIN,
    "admin.switch": ADMIN,
    "admin.authorities": ADMIN,
    "nudges.nudge": IN_LINE,  # the case is not the clerk's own
    "incidents.index": ADMIN,
    "incidents.retry": NOBODY,  # no incident is open
    "incidents.close": NOBODY,
    "channels.index": ADMIN,
    "channels.add": ADMIN,
    "channels.switch": NOBODY,  # no channel is registered
    "calendar.show": ADMIN,  # and section heads and leaders from city level up
    "calendar.propose": ADMIN,
    "calendar.notice": ADMIN,
    "calendar.release": ADMIN,
    "calendar.recompute": ADMIN,
}
FILES = {"static": "theme.css", "bootstrap.static": "css/bootstrap.min.css"}
NO_SESSION = 10**9
OWN_POLICY = frozenset({"files.download"})  # what others handed in is locked up tighter than a page
CONFIRMED, WAITING, SHOWN, _ = (f"{name}人力资源有限公司" for name in INSTITUTIONS)


class Site:
    """The world played to where every kind of page has something to show, and what its addresses are."""

    def __init__(self, world: World) -> None:
        self.world, self.app = world, app_for(world)
        round_id, cases = world.round()
        self._report(cases[CONFIRMED])
        world.to(date(2026, 3, 17))
        self._publish(round_id, cases[CONFIRMED])
        world.to(date(2026, 3, 30))
        world.do(self.notice, "confirm_cleared", f"{CITY}-leader")
        self._publish(round_id, cases[SHOWN])
        self.case, self.own_case = world.case(cases[WAITING]), world.case(cases[CONFIRMED])
        self.places: dict[str, Any] = {
            "round_id": round_id,
            "entry": 1,
            "kind": "csv",
            "word": "enable",
            "move": "object",
        }
        self.places |= self._rows(world)

    def _report(self, case_id: int) -> None:
        paper = attachments.checked(io.BytesIO(b"%PDF-1.7 example"), "自评报告.pdf")
        attachments.store(Path(self.world.database.url.database or "").parent / "files", paper, "paper")
        with self.world.write() as session:
            self.attachment = attachments.enter(session, paper, "paper", self.world.at)
        statement = "本年度依法经营，按时报送年度报告和统计，无违法违规。"
        self.world.do(case_id, "report", "clerk-0", statement=statement, files=[self.attachment])

    def _publish(self, round_id: int, case_id: int) -> None:
        self.world.climb(case_id)
        self.notice = self.world.notice(round_id, [case_id])
        self.world.do(self.notice, "publish", f"{CITY}-leader")

    def _rows(self, world: World) -> dict[str, Any]:
        handler = world.actor(f"{COUNTY}-handler")
        facts = {
            "kind": "x",
            "summary": "未按规定报送年度报告",
            "acted_on": "2026-01-05",
            "finding_authority": "示例机关",
            "evidence": "示例证据",
        }
        with world.write() as session:
            saved_filters.save(session, handler.person_id or 0, "逾期的", {"due": "over"}, world.at)
            one = session.get_one(Institution, self.case.institution_id)
            fact = record(session, one.id, {"x": ""}, facts, handler, world.at)
            mine = select(Task.id).where(Task.case_id == self.case.id, Task.closed_at.is_(None))
            other = session.scalars(select(User).where(User.login == f"{COUNTY}-handler2")).one()
            held = session.scalars(select(Appointment).where(Appointment.person_id == other.person_id)).one()
            return {
                "task_id": session.scalars(mine).one(),
                "document_id": session.scalars(select(Delivery.document_id)).first(),
                "code": one.credit_code,
                "record_id": fact,
                "person_id": other.person_id,
                "account_id": other.id,
                "post_id": held.id,
                "attachment_id": self.attachment,
                "post": handler.appointment_id,
                "filter_id": session.scalars(select(SavedFilter.id)).one(),
                "release_id": self._storm(session),
            }

    def _storm(self, session: Session) -> int:
        """A notice that waits for its release."""
        text = 'document = "示例〔2026〕1号"\n[[off]]\nname = "极端天气停工"\nday = 2026-11-19\n'
        author = self.world.actor(f"{PROVINCE}-leader")
        return calendar_notice.propose(session, calendar_notice.read(text, "n.toml"), author, self.world.at)

    def address(self, rule: Rule) -> str:
        numbers = {"public": self.world.case(self.notice).number, "institution": self.own_case.number}
        number = numbers.get(rule.endpoint.partition(".")[0], self.case.number)
        values: dict[str, Any] = self.places | {"number": NO_SESSION if rule.endpoint == "account.end" else number}
        values |= {"incident_id": 1, "channel_id": 1, "turn": "stop"}
        values |= {"filename": FILES.get(rule.endpoint), "document_id": self._document(rule.endpoint)}
        with self.app.test_request_context():
            return url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})

    def _document(self, endpoint: str) -> object:
        """A clerk reads what was sent to the institution, the public what the authority published."""
        if endpoint != "public.document":
            return self.places["document_id"]
        with self.world.database.read() as session:
            return session.scalars(select(Document.id).where(Document.kind == "confirmation")).first()

    def ask(self, who: str, method: str, address: str) -> TestResponse:
        """A form is sent in a session of its own: it may end it."""
        client = client_for(self.world, *CAST[who], app=self.app) if method == "POST" else self._reader(who)
        form = csrf(client) | {"request_id": fresh_id(), "post": self.places["post"]} if method == "POST" else None
        return client.open(address, method=method, data=form, buffered=True)

    @cache  # noqa: B019 - one site lives as long as its tests
    def _reader(self, who: str) -> FlaskClient:
        return client_for(self.world, *CAST[who], app=self.app)

    @cache  # noqa: B019
    def missing(self, who: str, method: str) -> str:
        return _same(self.ask(who, method, "/no-such-page").text)


@pytest.fixture(scope="module")
def site(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    file = tmp_path_factory.mktemp("doors") / "world.db"
    shutil.copy(staged, file)
    database = Database(f"sqlite:///{file}")
    yield Site(World(database))
    database.close()


class Inline(HTMLParser):
    """What the content policy forbids in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(tag)
        self.found += [name for name in given if name == "style" or name.startswith("on")]
        self.found += [text for text in given.values() if text and text.lower().startswith(("javascript:", "http"))]


def _doors(app: Flask, method: str) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]


def _same(page: str) -> str:
    return re.sub(r'(csrf_token" value)="[^"]*"', r"\1", page)


def _check_page(rule: Rule, answer: TestResponse) -> None:
    wanted = dict(HEADERS)
    if rule.endpoint in OWN_POLICY and answer.status_code == 200:
        del wanted["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert {name: answer.headers.get(name) for name in wanted} == wanted
    if not rule.endpoint.endswith("static"):
        assert answer.headers["Cache-Control"] == "no-store"
    if answer.mimetype == "text/html":
        assert not Inline(answer.text).found


def test_every_door_stands_in_the_table(app):
    doors = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert not doors - set(ACCESS), "these endpoints need a line in ACCESS that says for whom they open"
    assert not set(ACCESS) - doors, "these lines of ACCESS name endpoints that are gone"


@pytest.mark.parametrize("endpoint", ACCESS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_door_opens_for_those_of_the_table_and_looks_missing_to_the_rest(site, endpoint, method):
    for rule in _doors(site.app, method):
        if rule.endpoint != endpoint:
            continue
        address = site.address(rule)
        for who in CAST:
            answer = site.ask(who, method, address)
            _check_page(rule, answer)
            asked_in = answer.status_code == 303 and (answer.location or "").startswith("/login")
            if who in ACCESS[endpoint]:
                assert answer.status_code not in (400, 404, 405, 500), f"{who} finds {address} closed"
                assert not asked_in, f"{who} is asked to log in at {address}"
            elif not (who == "outsider" and asked_in):
                assert answer.status_code == 404, f"{who} finds {address} open"
                assert _same(answer.text) == site.missing(who, method)


def test_no_form_is_taken_without_its_token(site):
    for rule in _doors(site.app, "POST"):
        who = next(iter(ACCESS[rule.endpoint]), "handler")
        answer = client_for(site.world, *CAST[who], app=site.app).post(
            site.address(rule), data={"request_id": fresh_id()}
        )
        assert answer.status_code == 400, rule.rule
        _check_page(rule, answer)


def test_numbers_that_no_row_can_have_are_missing_pages(site):
    for rule in _doors(site.app, "GET"):
        if "<int" in rule.rule:
            address = re.sub(r"<int[^>]*>", str(2**70), re.sub(r"<(?!int)[^>]*>", "x", rule.rule))
            assert site.ask("handler", "GET", address).status_code == 404, rule.rule
