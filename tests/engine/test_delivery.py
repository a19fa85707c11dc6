"""Delivery against a real mail server and a real HTTP receiver: once, in order, whatever is down meanwhile."""

import hmac
import json
import socket
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import func, select

from models import Channel, Dispatch, Incident, Nudge, OutboxMessage, Preference, Task, User
from tests.cast import CITY, COUNTY, World
from views.texts import text
from workflow import channels, delivery, incidents, nudges
from workflow.channels import Letter
from workflow.delivery import Postman
from workflow.engine.refusal import Refused

HANDLER, HEAD = f"{COUNTY}-handler", f"{COUNTY}-head"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Mailbox:
    """A mail server that can be down. Keeps what it took, in order."""

    def __init__(self) -> None:
        self.port, self.letters = free_port(), []
        self.server: Controller | None = None

    async def handle_DATA(self, _server, _session, envelope) -> str:
        self.letters.append(message_from_bytes(envelope.content))
        return "250 OK"

    def up(self) -> None:
        self.server = Controller(self, hostname="127.0.0.1", port=self.port)
        self.server.start()

    def down(self) -> None:
        if self.server:
            self.server.stop()
            self.server = None

    @property
    def subjects(self) -> list[str]:
        return [str(make_header(decode_header(letter["Subject"]))) for letter in self.letters]

    @property
    def keys(self) -> list[str]:
        return [letter[channels.HEADER] for letter in self.letters]

    def address(self, to: str) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=xinjie@example.com&to={to}@example.com"


@pytest.fixture
def mail() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    mailbox.up()
    yield mailbox
    mailbox.down()


@contextmanager
def receiver(wait: Event | None = None, answer: Any = None):
    """A webhook's receiver; with `wait`, one that answers only when told to. `answer` is what a robot says."""
    taken: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if wait:
                wait.wait(20)
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            taken.append({**sent, "path": self.path})
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer or {}).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"json://127.0.0.1:{server.server_port}/hook", taken
    server.shutdown()
    server.server_close()


@pytest.fixture
def post(world: World) -> Iterator[Postman]:
    postman = Postman(world.database, world.clock, text, channels.sender(internal=True))
    yield postman
    postman.settle()
    postman.close()


def person(world: World, login: str) -> int:
    with world.database.read() as session:
        return session.scalars(select(User.person_id).where(User.login == login)).one()


def channel(world: World, url: str, **owner: int) -> int:
    with world.write() as session:
        admin = world.actor(f"{CITY}-admin")
        return channels.add(session, "示例渠道", url, owner, admin, world.at, internal=True).id


def prefer(world: World, login: str, about: str, how: str) -> None:
    with world.write() as session:
        session.add(Preference(person_id=person(world, login), about=about, how=how))


def statuses(world: World, channel_id: int) -> list[str]:
    with world.database.read() as session:
        query = select(Dispatch.status).where(Dispatch.channel_id == channel_id).order_by(Dispatch.message_id)
        return list(session.scalars(query))


def hours(world: World, post: Postman, count: int) -> None:
    for _ in range(count):
        world.clock.forward(hours=1)
        post.settle()


@pytest.fixture
def cases(world: World) -> list[int]:
    """Three cases at their county's handler, before anybody has a channel."""
    opened = world.round()[1]
    world.to(date(2026, 3, 17), 8)
    return [opened[f"魏都示例{one}人力资源有限公司"] for one in "甲乙丙"]


def test_after_a_day_without_mail_server_everything_arrives_once_and_in_order(world, post, mail, cases):
    head = channel(world, mail.address("head"), person_id=person(world, HEAD))
    mail.down()
    world.to(date(2026, 3, 17), 10)
    for case_id in cases:
        world.do(case_id, "propose", HANDLER, opinion="事实清楚，拟评。")
        hours(world, post, 1)
    assert statuses(world, head) == ["pending"] * 3
    hours(world, post, 20)
    mail.up()
    hours(world, post, 12)
    assert statuses(world, head) == ["sent"] * 3
    with world.database.read() as session:
        sent = select(OutboxMessage.key).join(Dispatch, Dispatch.message_id == OutboxMessage.id)
        keys = list(session.scalars(sent.order_by(OutboxMessage.id)))
    assert mail.keys == [f"{key}@{head}" for key in keys]
    assert all("拟评等级待审核" in subject for subject in mail.subjects)


def test_a_dead_webhook_becomes_an_incident_delays_nobody_and_can_be_retried(world, post, mail, cases):
    dead = channel(world, f"json://127.0.0.1:{free_port()}/gone", person_id=person(world, HEAD))
    channel(world, mail.address("head"), person_id=person(world, HEAD))
    world.to(date(2026, 3, 17), 10)
    world.do(cases[0], "propose", HANDLER, opinion="事实清楚，拟评。")
    post.settle()
    assert len(mail.letters) == 1
    hours(world, post, 24 * 14)
    assert statuses(world, dead) == ["dead"] and len(mail.letters) == 1
    with world.database.read() as session:
        incident = session.scalars(select(Incident).where(Incident.kind == "channel_dead")).one()
    admin = world.actor(f"{CITY}-admin")
    with world.write() as session, pytest.raises(Refused, match="messages_waiting"):
        incidents.close(session, incident.id, "已知", admin, world.at)
    with receiver() as (url, taken):
        with world.write() as session:
            session.get_one(Channel, dead).url = url
            session.flush()
            incidents.retry(session, incident.id, "接收方已恢复", admin, world.at)
        hours(world, post, 24)
        assert statuses(world, dead) == ["sent"]
        assert len(taken) == 1 and taken[0]["key"].endswith(f"@{dead}")


ROBOTS = [
    ("dingtalk://SECRET@TOKEN/", "dingtalk", "NotifyDingTalk", "?access_token={token}", "errcode"),
    ("wecombot://BOTKEY/", "wecombot", "NotifyWeComBot", "?key={key}", "errcode"),
    ("feishu://TOKEN/", "feishu", "NotifyFeishu", "/{token}/", "code"),
]


@pytest.mark.parametrize(("url", "module", "plugin", "query", "code"), ROBOTS, ids=lambda one: one.partition(":")[0])
def test_a_robot_gets_the_letter_and_its_refusal_is_no_delivery(monkeypatch, url, module, plugin, query, code):
    """The robots say in the body of a 200 that they refuse; 0 means taken."""
    channels.check(url, internal=False)
    letter = Letter(url, "case:7@3", "拟评等级待审核", "PJ-2026-00001")
    for answer, taken_ in (({code: 0}, True), ({code: 310000}, False), ({}, False)):
        with receiver(answer=answer) as (hook, taken):
            where = "http" + hook.removeprefix("json").removesuffix("/hook")
            monkeypatch.setattr(f"apprise.plugins.{module}.{plugin}.notify_url", f"{where}/send{query}")
            assert channels.sender(internal=False)(letter) is taken_
        (sent,) = taken
        text = sent.get("text", sent.get("content", {}))
        assert next(iter(text.values())) == "拟评等级待审核\nPJ-2026-00001\n[case:7@3]"
        assert "TOKEN" in sent["path"] or "BOTKEY" in sent["path"]
        if module == "dingtalk":
            said = parse_qs(urlsplit(sent["path"]).query)
            signed = f"{said['timestamp'][0]}\nSECRET".encode()
            assert b64decode(said["sign"][0]) == hmac.digest(b"SECRET", signed, "sha256")


def test_a_robot_that_cannot_be_reached_is_no_delivery(monkeypatch):
    monkeypatch.setattr("apprise.plugins.feishu.NotifyFeishu.notify_url", f"http://127.0.0.1:{free_port()}/")
    assert not channels.sender(internal=False)(Letter("feishu://TOKEN/", "k", "t", "b"))


def test_a_name_that_has_moved_inside_the_network_is_refused_when_it_comes_to_sending(monkeypatch):
    """Public when the channel was registered; the names are looked up again for every letter."""
    answers = iter(["93.184.216.34", "10.0.0.8"])
    monkeypatch.setattr(channels.socket, "getaddrinfo", lambda *_: [(0, 0, 0, "", (next(answers), 0))])
    channels.check("json://hooks.example.com/x", internal=False)
    assert not channels.sender(internal=False)(Letter("json://hooks.example.com/x", "k", "t", "b"))


def test_a_slow_receiver_holds_up_nobody_else(world, post, mail, cases):
    wait = Event()
    with receiver(wait) as (url, taken):
        slow = channel(world, url, person_id=person(world, HEAD))
        channel(world, mail.address("head"), person_id=person(world, HEAD))
        world.to(date(2026, 3, 17), 10)
        world.do(cases[0], "propose", HANDLER, opinion="事实清楚，拟评。")
        post.tick()
        quick = [future for lane, future in post._busy.items() if lane[0] != slow]
        quick[0].result(20)
        assert len(mail.letters) == 1 and not taken
        wait.set()
        post.settle()
        assert len(taken) == 1


def test_what_is_sent_again_after_a_crash_carries_the_same_key(world, post, mail, cases, monkeypatch):
    head = channel(world, mail.address("head"), person_id=person(world, HEAD))
    world.to(date(2026, 3, 17), 10)
    world.do(cases[0], "propose", HANDLER, opinion="事实清楚，拟评。")
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "finish", lambda *_args: 1 / 0)
        post.settle()
    assert statuses(world, head) == ["pending"] and len(mail.letters) == 1
    post.settle()
    assert len(mail.letters) == 1, "the lease still holds"
    world.clock.forward(minutes=6)
    post.settle()
    assert statuses(world, head) == ["sent"]
    assert len(mail.keys) == 2 and len(set(mail.keys)) == 1


def test_who_lost_the_lease_writes_no_end(world, post, mail, cases):
    head = channel(world, mail.address("head"), person_id=person(world, HEAD))
    world.to(date(2026, 3, 17), 10)
    world.do(cases[0], "propose", HANDLER, opinion="事实清楚，拟评。")
    post._route()
    with world.write() as session:
        first = delivery.claim(session, (head, "now"), world.at, text)
    world.clock.forward(minutes=6)
    with world.write() as session:
        second = delivery.claim(session, (head, "now"), world.at, text)
    assert first and second
    with world.write() as session:
        assert not delivery.finish(session, first, True, world.at)
        assert delivery.finish(session, second, True, world.at)


def test_messages_leave_in_office_hours_of_working_days_only(world, post, mail, cases):
    head = channel(world, mail.address("head"), person_id=person(world, HEAD))
    world.to(date(2026, 3, 20), 20)  # a Friday evening
    world.do(cases[0], "propose", HANDLER, opinion="事实清楚，拟评。")
    hours(world, post, 24 * 2)
    assert not mail.letters and statuses(world, head) == ["pending"]
    world.to(date(2026, 3, 23), 9)
    post.settle()
    assert len(mail.letters) == 1


def test_a_digest_is_one_letter_the_next_working_morning_and_the_rest_stays_inside(world, post, mail, cases):
    prefer(world, HEAD, "work", "digest")
    head = channel(world, mail.address("head"), person_id=person(world, HEAD))
    world.to(date(2026, 3, 17), 10)
    for case_id in cases:
        world.do(case_id, "propose", HANDLER, opinion="事实清楚，拟评。")
    hours(world, post, 5)
    assert not mail.letters
    world.to(date(2026, 3, 18), 9)
    post.settle()
    assert mail.subjects == ["今日消息 3 条"] and statuses(world, head) == ["sent"] * 3
    prefer(world, HANDLER, "work", "inside")
    handler = channel(world, mail.address("handler"), person_id=person(world, HANDLER))
    world.do(cases[0], "rework", HEAD, "section_head", opinion="依据不足，补充核查。")
    post.settle()
    assert statuses(world, handler) == []


def test_nothing_is_sent_about_a_task_that_is_gone(world, post, mail, cases):
    head = channel(world, mail.address("head"), person_id=person(world, HEAD))
    world.to(date(2026, 3, 17), 20)
    world.do(cases[0], "propose", HANDLER, opinion="事实清楚，拟评。")
    post.settle()
    world.do(cases[0], "agree", HEAD, "section_head")
    world.to(date(2026, 3, 18), 10)
    post.settle()
    assert statuses(world, head) == ["gone"] and not mail.letters


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("json://127.0.0.1/x", "channel_internal"),
        ("jsons://10.0.0.8/x", "channel_internal"),
        ("json://[::1]/x", "channel_internal"),
        ("json://169.254.1.1/x", "channel_internal"),
        ("file:///etc/passwd", "channel_scheme"),
        ("dingtalk://", "channel_unreadable"),
    ],
)
def test_an_address_that_is_not_allowed_is_refused_by_field_and_rule(url, rule):
    with pytest.raises(Refused) as refused:
        channels.check(url, internal=False)
    assert refused.value.fields["url"][0] == rule


def test_an_address_is_shown_without_its_secrets():
    assert (
        channels.masked("mailtos://user:secret@mail.example.com:465?to=a@example.com") == "mailtos://mail.example.com…"
    )
    assert channels.masked("dingtalk://topsecrettoken/") == "dingtalk://…"


def test_nobody_is_told_before_their_turn(world, post, mail, cases):
    """The panel and the city hear of the case when it is theirs, however soon they will be."""
    channels_of = {}
    for login in (HEAD, f"{COUNTY}-panel1", f"{CITY}-handler"):
        channels_of[login] = channel(world, mail.address(login), person_id=person(world, login))
    world.to(date(2026, 3, 17), 10)

    def told(step):
        post.settle()
        assert [login for login, one in channels_of.items() if statuses(world, one)] == step

    told([])
    world.do(cases[0], "propose", HANDLER, opinion="事实清楚，拟评。")
    told([HEAD])
    world.do(cases[0], "agree", HEAD, "section_head")
    told([HEAD, f"{COUNTY}-panel1"])


def test_a_nudge_is_told_once_a_working_day_and_changes_no_state(world, cases):
    world.to(date(2026, 3, 17), 10)
    world.do(cases[0], "propose", HANDLER, opinion="事实清楚，拟评。")
    before = world.case(cases[0])
    sent_up = world.actor(HANDLER)

    def nudge(actor):
        with world.write() as session:
            nudges.nudge(session, cases[0], actor, world.at)

    nudge(sent_up)
    with pytest.raises(Refused, match="nudged_today"):
        nudge(sent_up)
    with pytest.raises(Refused, match="not_waiting"):
        nudge(world.actor(HEAD, "section_head"))
    nudge(world.actor(f"{COUNTY}-leader"))
    world.clock.forward(days=1)
    nudge(sent_up)
    after = world.case(cases[0])
    assert (after.state, after.step, after.version) == (before.state, before.step, before.version)
    assert world.count(Nudge) == 3
    assert world.count(OutboxMessage, OutboxMessage.event == "case.nudge") == 3


def test_after_a_weeks_standstill_nobody_is_reminded_of_what_is_overdue_already(world, cases):
    """The reminder two days before, that of the last day, the overdue step and its escalation all fall due at once:
    the handler is told once, the leader and the leader above once each."""
    with world.database.read() as session:
        due = session.scalars(select(Task.due_at).where(Task.case_id == cases[0], Task.closed_at.is_(None))).one()
    before = world.count(OutboxMessage, OutboxMessage.case_id == cases[0], OutboxMessage.event.startswith("timer."))
    world.clock.to(due + timedelta(days=7))
    world.sweep()
    with world.database.read() as session:
        told = select(OutboxMessage.event, OutboxMessage.role).where(OutboxMessage.case_id == cases[0])
        found = session.execute(told.where(OutboxMessage.event.startswith("timer.")).order_by(OutboxMessage.id)).all()
    assert before == 0
    assert [tuple(row) for row in found] == [
        ("timer.overdue", "leader"), ("timer.escalate", "handler"), ("timer.escalate", "leader")
    ]  # fmt: skip


def test_an_overdue_step_climbs_to_the_leader_and_then_to_the_authority_above(world, cases):
    with world.database.read() as session:
        due = session.scalars(select(Task.due_at).where(Task.case_id == cases[0], Task.closed_at.is_(None))).one()
    world.clock.to(due + timedelta(hours=1))
    world.sweep()
    told = (OutboxMessage.case_id == cases[0], OutboxMessage.about == "overdue")
    assert world.count(OutboxMessage, *told) == 1
    world.clock.forward(days=7)
    world.sweep()
    with world.database.read() as session:
        told_to = select(OutboxMessage.event, func.count(OutboxMessage.authority_id.distinct())).where(*told)
        found = {row[0]: row[1] for row in session.execute(told_to.group_by(OutboxMessage.event))}
    assert found == {"timer.overdue": 1, "timer.escalate": 1}
