"""Every door of the site, tried by everybody of the cast: the table below says for whom each one opens.

A new endpoint needs a line in ACCESS, in ELSEWHERE when its address names something that belongs to somebody, and in
`places` when its address has a part that is not there yet.
"""

import io
import re
import shutil
import sqlite3
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

from models import Appointment, Case, Channel, Delivery, Document, Incident, Institution, SavedFilter, Task, User
from models.database import Database
from tests.cast import CITY, COUNTY, INSTITUTIONS, PROVINCE, SIBLING, World
from tests.fire.acts import appointed
from tests.web import app_for, client_for, csrf, without_token
from views.site import HEADERS
from views.web import fresh_id
from workflow import attachments, calendar_notice, recommendations, saved_filters
from workflow.archive import record
from workflow.engine.permissions import Actor
from workflow.rules.credit_code import mint

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
    "expert": (f"{COUNTY}-expert", ""),
    "system_admin": (f"{CITY}-admin", ""),
    "auditor": (f"{CITY}-auditor", ""),
}
ALL = frozenset(CAST)
INSIDE = ALL - {"outsider"}
OFFICIALS = INSIDE - {"clerk", "expert", "system_admin", "auditor"}
WORKERS = OFFICIALS | {"expert"}  # an expert finds the pages of work, and in them what he is asked to score
IN_LINE = OFFICIALS - {"sibling"}  # the county that manages the institution, and the authorities above it
CLERK, ADMIN, HANDLER, NOBODY = (frozenset(one) for one in (["clerk"], ["system_admin"], ["handler"], []))
AUDITOR = frozenset({"auditor"})
LEADING, LEADER = frozenset({"section_head", "leader"}), frozenset({"leader"})


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
    "survey.form": NOBODY,  # Xuchang's evaluation does not ask the public
    "survey.give": NOBODY,
    "survey.qr": NOBODY,
    "languages.choose": ALL,
    "tour.show": NOBODY,  # this site is no demo
    "institution.desk": CLERK,
    "institution.cases": CLERK,
    "institution.case": CLERK,
    "institution.result": CLERK,
    "institution.form": CLERK,
    "institution.file": CLERK,
    "institution.papers": CLERK,
    "institution.paper": CLERK,
    "institution.sign_for": CLERK,
    "repairs.index": CLERK,
    "repairs.form": CLERK,
    "repairs.file": CLERK,
    "repairs.notice": OFFICIALS,
    "repairs.draft": OFFICIALS,
    "files.download": IN_LINE | CLERK,
    "inbox.todo": WORKERS,
    "inbox.office": OFFICIALS,
    "inbox.done": WORKERS,
    "inbox.started": OFFICIALS,
    "inbox.messages": WORKERS,
    "inbox.save_filter": WORKERS,
    "inbox.forget_filter": HANDLER,  # the filter is the handler's own
    "inbox.claim": HANDLER,
    "inbox.release": HANDLER,
    "cases.index": WORKERS,
    "cases.show": IN_LINE,
    "cases.do": IN_LINE,
    "drafts.keep": IN_LINE,
    "drafts.discard": IN_LINE,
    "drafts.keep_filing": CLERK,
    "drafts.discard_filing": CLERK,
    "cases.proof": IN_LINE,
    "cases.file": IN_LINE,
    "why.show": IN_LINE,
    "repolicy.show": LEADER,
    "repolicy.change": LEADER,
    "cases.document": IN_LINE,
    "policies.index": OFFICIALS,
    "policies.show": OFFICIALS,
    "rounds.index": OFFICIALS,
    "rounds.begin": OFFICIALS,
    "rounds.show": OFFICIALS,
    "rounds.resume": OFFICIALS,
    "rounds.annex": OFFICIALS,
    "rounds.notice": OFFICIALS,
    "rounds.draft": OFFICIALS,
    "rounds.hand_in": OFFICIALS,
    "workload.show": LEADING,
    "workload.below": LEADING,  # the county itself
    "honours.index": OFFICIALS,
    "honours.begin": OFFICIALS,
    "honours.show": OFFICIALS,
    "honours.ranked": OFFICIALS,
    "honours.seats": OFFICIALS,  # an empty form; whose quota it names is asked of the round's own section head
    "honours.nominate": OFFICIALS,
    "honours.summary": OFFICIALS,
    "applications.form": NOBODY,  # Xuchang's authorities nominate, nobody applies
    "applications.file": NOBODY,
    "archive.index": OFFICIALS,
    "archive.show": IN_LINE,
    "archive.record": IN_LINE,
    "archive.judge": IN_LINE,
    "archive.void": IN_LINE,
    "archive.publish": IN_LINE,
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
    "incidents.retry": ADMIN,
    "incidents.close": ADMIN,
    "channels.index": ADMIN,
    "channels.add": ADMIN,
    "channels.switch": ADMIN,
    "deeds.index": AUDITOR,
    "deeds.logins": AUDITOR,
    "calendar.show": ADMIN,  # and section heads and leaders from city level up
    "calendar.propose": ADMIN,
    "calendar.notice": ADMIN,
    "calendar.release": ADMIN,
    "calendar.recompute": ADMIN,
}
SIBLINGS, ABOVE = frozenset({"sibling", "city", "province"}), frozenset({"city", "province"})
ELSEWHERE = {
    "cases": (SIBLINGS, ABOVE),
    "drafts": (SIBLINGS, ABOVE),
    "drafts.keep_filing": (NOBODY, NOBODY),
    "drafts.discard_filing": (NOBODY, NOBODY),
    "why": (SIBLINGS, NOBODY),  # above, the case of the table is an objection, which has no grade
    "nudges": (SIBLINGS, ABOVE),
    "archive": (SIBLINGS, frozenset({"province"})),
    "files": (SIBLINGS, ABOVE),
    "repolicy": (NOBODY, NOBODY),  # the cast has leaders in the county alone
    "workload": (NOBODY, NOBODY),  # the cast has leaders in the county alone
    "inbox": (frozenset({"sibling"}), NOBODY),  # what waits above waits for a section head
    "inbox.forget_filter": (frozenset({"sibling"}), frozenset({"province"})),
    "institution": (NOBODY, NOBODY),
    "admin": (ADMIN, NOBODY),
    "incidents": (ADMIN, NOBODY),
    "channels": (ADMIN, NOBODY),
}
"""For the doors of a blueprint, or one of them: who finds them open when the address names what the sibling county
has, and what the authorities above have for themselves. What nobody has opens to nobody."""
WHOLE = frozenset(
    {"public", "survey", "policies", "rounds", "honours", "applications", "calendar", "account", "static", "bootstrap"}
)
"""Blueprints whose addresses name what belongs to no single county; for them only what is missing is tried."""
FILES = {"static": "theme.css", "bootstrap.static": "css/bootstrap.min.css"}
NO_ROW = 10**9
OWN_POLICY = frozenset({"files.download"})  # what others handed in is locked up tighter than a page
CONFIRMED, WAITING, SHOWN, BESIDE = (f"{name}人力资源有限公司" for name in INSTITUTIONS)


FROM_HERE = {"Origin": "http://localhost"}
"""What a browser says of a form that stands on a page of this site."""


class Site:
    """The world played to where every kind of page has something to show, and what its addresses are."""

    def __init__(self, world: World) -> None:
        self.world, self.app = world, app_for(world)
        appointed(world, COUNTY, "expert", f"{COUNTY}-expert")
        round_id, cases = world.round()
        attachment, beside = self._report(cases[CONFIRMED], "clerk-0"), self._report(cases[BESIDE], "clerk-3")
        world.to(date(2026, 3, 17))
        self._publish(round_id, cases[CONFIRMED])
        world.to(date(2026, 3, 30))
        world.do(self.notice, "confirm_cleared", f"{CITY}-leader")
        self._publish(round_id, cases[SHOWN])
        self.models = self._models()
        complaint = self._file()
        self.objection = world.object(cases[SHOWN], files=[complaint])
        self.own_case = world.case(cases[CONFIRMED])
        common: dict[str, Any] = {
            "round_id": round_id,
            "entry": 1,
            "kind": "csv",
            "word": "enable",
            "move": "object",
            "turn": "stop",
            "key": "xuchang-demo",
            "survey": "0" * 24,
        }
        common |= {"post": world.actor(f"{COUNTY}-handler").appointment_id, "release_id": self._storm()}
        own = self._rows(COUNTY, cases[WAITING], attachment)
        self.places: dict[str, dict[str, Any]] = {
            "own": common | own,
            "sibling": common | self._rows(SIBLING, cases[BESIDE], beside),
            "above": common | self._rows(PROVINCE, self.objection, complaint),
            "missing": dict.fromkeys(common | own, NO_ROW)
            | {"number": "PJ-2026-99999", "code": "914110020000000000", "kind": "csv", "move": "object"}
            | {"entry": 1, "turn": "stop", "word": "enable", "post": NO_ROW},
        }
        self.watch = sqlite3.connect(world.database.url.database or "")

    def _models(self) -> int:
        head = self.world.actor(f"{CITY}-head", "section_head")
        with self.world.write() as session:
            key = ("xuchang-demo", "integrity_model", 2026, "选树诚信机构典型")
            return recommendations.open_round(session, *key, head, self.world.at)

    def _file(self) -> int:
        paper = attachments.checked(io.BytesIO(b"%PDF-1.7 example"), "自评报告.pdf")
        stored_as = fresh_id()
        attachments.store(Path(self.world.database.url.database or "").parent / "files", paper, stored_as)
        with self.world.write() as session:
            return attachments.enter(session, paper, stored_as, self.world.at)

    def _report(self, case_id: int, clerk: str) -> int:
        attachment = self._file()
        statement = "本年度依法经营，按时报送年度报告和统计，无违法违规。"
        self.world.do(case_id, "report", clerk, statement=statement, files=[attachment])
        return attachment

    def _publish(self, round_id: int, case_id: int) -> None:
        self.world.climb(case_id)
        self.notice = self.world.notice(round_id, [case_id])
        self.world.do(self.notice, "publish", f"{CITY}-leader")

    def _rows(self, place: str, case_id: int, attachment: int) -> dict[str, Any]:
        """What there is of each kind at one authority: a case, its institution, a colleague, an incident ..."""
        world, handler = self.world, self.world.actor(f"{place}-handler")
        facts = {
            "kind": "x",
            "summary": "未按规定报送年度报告",
            "acted_on": "2026-01-05",
            "finding_authority": "示例机关",
            "evidence": "示例证据",
        }
        with world.write() as session:
            saved_filters.save(session, handler.person_id or 0, "逾期的", {"due": "over"}, world.at)
            case = session.get_one(Case, case_id)
            one = session.get_one(Institution, case.institution_id)
            if place == PROVINCE:
                one = self._provincial(session, handler)
            fact = record(session, one.id, {"x": ""}, facts, handler, world.at)
            open_task = select(Task.id).where(Task.case_id == case_id, Task.closed_at.is_(None))
            other = session.scalars(select(User).where(User.login == f"{place}-handler2")).one()
            held = session.scalars(select(Appointment).where(Appointment.person_id == other.person_id)).one()
            incident = Incident(
                kind="timer_failed", subject=place, opened_at=world.at, authority_id=handler.authority_id
            )
            channel = Channel(name="x", kind="mail", url="mailto://x", authority_id=handler.authority_id)
            channel.created_at = world.at
            session.add_all((incident, channel))
            session.flush()
            return {
                "number": case.number,
                "task_id": session.scalars(open_task).first(),
                "document_id": session.scalars(select(Delivery.document_id)).first(),
                "code": one.credit_code,
                "record_id": fact,
                "person_id": other.person_id,
                "account_id": other.id,
                "post_id": held.id,
                "filter_id": session.scalars(select(SavedFilter.id).order_by(SavedFilter.id.desc())).first(),
                "attachment_id": attachment,
                "incident_id": incident.id,
                "channel_id": channel.id,
                "authority_id": handler.authority_id,
            }

    def _provincial(self, session: Session, handler: Actor) -> Institution:
        """An institution that the province manages itself."""
        code = mint(f"91{PROVINCE}", "MA000099")
        one = Institution(credit_code=code, name="示例省管人力资源有限公司", created_at=self.world.at)
        one.managing_authority_id = handler.authority_id or 0
        session.add(one)
        session.flush()
        return one

    def _storm(self) -> int:
        """A notice that waits for its release."""
        text = 'document = "示例〔2026〕1号"\n[[off]]\nname = "极端天气停工"\nday = 2026-11-19\n'
        author = self.world.actor(f"{PROVINCE}-leader")
        with self.world.write() as session:
            return calendar_notice.propose(session, calendar_notice.read(text, "n.toml"), author, self.world.at)

    def address(self, rule: Rule, whose: str = "own") -> str:
        values = dict(self.places[whose])
        group = rule.endpoint.partition(".")[0]
        if whose == "own":
            desk = dict.fromkeys(("institution", "drafts.keep_filing", "drafts.discard_filing"), self.own_case.number)
            numbers = {"public": self.world.case(self.notice).number, **desk}
            values["number"] = numbers.get(rule.endpoint) or numbers.get(group) or values["number"]
            values["document_id"] = self._document(rule.endpoint)
        if rule.endpoint == "account.end":
            values["number"] = NO_ROW
        if group in ("honours", "applications") and whose == "own":
            values["round_id"] = self.models
        values |= {"filename": FILES.get(rule.endpoint) if whose == "own" else "missing.css"}
        with self.app.test_request_context():
            return url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})

    def _document(self, endpoint: str) -> object:
        """A clerk reads what was sent to the institution, the public what the authority published."""
        if endpoint != "public.document":
            return self.places["own"]["document_id"]
        with self.world.database.read() as session:
            return session.scalars(select(Document.id).where(Document.kind == "confirmation")).first()

    def ask(self, who: str, method: str, address: str) -> TestResponse:
        """A form is sent in a session of its own: it may end it."""
        client = client_for(self.world, *CAST[who], app=self.app) if method == "POST" else self._reader(who)
        post = self.places["own"]["post"]
        form = csrf(client) | {"request_id": fresh_id(), "post": post} if method == "POST" else None
        answer = client.open(address, method=method, data=form, headers=FROM_HERE, buffered=True)
        str(answer.headers).encode("latin-1")  # a server sends nothing else
        return answer

    def refused(self, who: str, method: str, address: str) -> None:
        """What may not be seen answers exactly as what does not exist, and nothing at all was written."""
        client = client_for(self.world, *CAST[who], app=self.app) if method == "POST" else self._reader(who)
        form = csrf(client) | {"request_id": fresh_id()} if method == "POST" else None
        nothing, before = self.missing(who, method), self.written()
        answer = client.open(address, method=method, data=form, headers=FROM_HERE, buffered=True)
        if who == "outsider" and _asked_in(answer):
            return
        assert answer.status_code == 404, f"{who} finds {address} open"
        assert _same(answer) == nothing, f"{who} learns something at {address}"
        assert self.written() == before, f"{who} was refused at {address}, and still something was written"

    def written(self) -> int:
        """Changes with every commit of anybody that changed anything."""
        return self.watch.execute("PRAGMA data_version").fetchone()[0]

    @cache  # noqa: B019 - one site lives as long as its tests
    def _reader(self, who: str) -> FlaskClient:
        return client_for(self.world, *CAST[who], app=self.app)

    @cache  # noqa: B019
    def missing(self, who: str, method: str) -> tuple[object, ...]:
        return _same(self.ask(who, method, "/no-such-page"))


@pytest.fixture(scope="module")
def site(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    file = tmp_path_factory.mktemp("doors") / "world.db"
    shutil.copy(staged, file)
    database = Database(f"sqlite:///{file}")
    site = Site(World(database))
    yield site
    site.watch.close()
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


def _same(answer: TestResponse) -> tuple[object, ...]:
    """Everything of an answer but the token of its forms (the first page sets it with a cookie, and varies by that) and
    the mark of the section that the asked address names."""
    page = without_token(answer.text).replace(' aria-current="page"', "")
    return (
        answer.status_code,
        sorted((k, v) for k, v in answer.headers if k not in ("Set-Cookie", "Vary", "Content-Length")),
        page,
    )


def _asked_in(answer: TestResponse) -> bool:
    return answer.status_code == 303 and (answer.location or "").startswith("/login")


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
            if who not in ACCESS[endpoint]:
                site.refused(who, method, address)
                continue
            answer = site.ask(who, method, address)
            _check_page(rule, answer)
            assert answer.status_code not in (400, 404, 405, 500), f"{who} finds {address} closed"
            assert not _asked_in(answer), f"{who} is asked to log in at {address}"


def _owned(rule: Rule) -> bool:
    """Whether the address names something that somebody has."""
    return bool(rule.arguments - {"kind", "entry", "move", "word", "turn", "filename"})


def test_every_door_to_what_somebody_has_stands_in_the_second_table(app):
    groups = {rule.endpoint.partition(".")[0] for rule in app.url_map.iter_rules() if rule.arguments}
    assert groups == {one.partition(".")[0] for one in ELSEWHERE} | WHOLE, (
        "these blueprints need a line in ELSEWHERE, or a place in WHOLE"
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("whose", ["sibling", "above", "missing"])
def test_the_same_doors_of_others_open_to_their_own_people_and_of_nobody_to_nobody(site, whose, method):
    for rule in filter(_owned, _doors(site.app, method)):
        group = rule.endpoint.partition(".")[0]
        if (whose != "missing" and (group in WHOLE or "document_id" in rule.arguments)) or group == "account":
            continue
        open_to = ELSEWHERE.get(rule.endpoint, ELSEWHERE[group])[whose == "above"] if whose != "missing" else NOBODY
        for who in CAST:
            if who not in open_to:
                site.refused(who, method, site.address(rule, whose))
                continue
            answer = site.ask(who, method, site.address(rule, whose))
            assert answer.status_code not in (400, 404, 405, 500), f"{who} finds {site.address(rule, whose)} closed"


def test_what_one_institution_has_is_not_reached_under_the_name_of_another(site):
    for rule in _doors(site.app, "POST"):
        if {"code", "record_id"} <= rule.arguments:
            mixed = {"code": site.places["own"]["code"], "record_id": site.places["sibling"]["record_id"]}
            with site.app.test_request_context():
                address = url_for(rule.endpoint, **mixed)
            for who in ("handler", "sibling", "city", "province"):
                site.refused(who, "POST", address)


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
