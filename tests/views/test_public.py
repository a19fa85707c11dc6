"""The citizens' doors over HTTP: what the public reads, and an objection from its form to its answer."""

import io
import json
import re
import resource
import shutil
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from models import ArchiveRecord, Attachment, Case, Institution, Material, MaterialFile, Objection, PublicityEntry
from models.base import canonical
from models.database import Database
from tests.cast import CITY, World
from tests.files import PDF, docx
from tests.web import app_for, client_for, csrf, post
from workflow import attachments, receipts

STATEMENT = "该机构去年十月公开承诺不向求职者收取押金，实际向示例求职者收取了押金。"
OBJECTION = {
    "ground": "facts",
    "statement": STATEMENT,
    "name": "示例公民甲",
    "contact": "示例联系方式九",
    "pledge": "1",
    "request_id": "a" * 32,
}
OPENED = date(2026, 3, 17)
CLOSES = datetime.fromisoformat("2026-03-24T00:00:00+08:00")


class Scene:
    """A notice of three evaluations, opened on Tuesday 17 March 2026 for five working days."""

    def __init__(self, world: World, data: Path) -> None:
        self.world = world
        self.app = app_for(world, data=data)
        self.files = data / "files"
        world.clock.to_local(OPENED)
        with world.database.read() as session:
            self.notice = session.scalars(select(Case.id).where(Case.machine == "publicity")).one()
            entries = select(PublicityEntry.subject_id).order_by(PublicityEntry.number)
            self.cases = list(session.scalars(entries))
        self.path = f"/notices/{world.case(self.notice).number}"

    def client(self) -> FlaskClient:
        return client_for(self.world, app=self.app)

    def object(self, client: FlaskClient | None = None, entry: int = 2, **changes):
        return post(client or self.client(), f"{self.path}/object/{entry}", **OBJECTION | changes)

    def objections(self) -> list[Objection]:
        with self.world.database.read() as session:
            return list(session.scalars(select(Objection)))


@pytest.fixture(scope="module")
def in_publicity(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Played once; every test has a copy."""
    file = tmp_path_factory.mktemp("public") / "notice.db"
    shutil.copy(staged, file)
    database = Database(f"sqlite:///{file}")
    world = World(database)
    round_id, cases = world.round()
    world.to(OPENED)
    shown = list(cases.values())[:3]
    for case in shown:
        world.climb(case)
    world.do(world.notice(round_id, shown), "publish", f"{CITY}-leader")
    database.close()
    return file


@pytest.fixture
def scene(in_publicity: Path, tmp_path: Path) -> Iterator[Scene]:
    file = tmp_path / "notice.db"
    shutil.copy(in_publicity, file)
    database = Database(f"sqlite:///{file}")
    yield Scene(World(database), tmp_path / "data")
    database.close()


def code_in(html: str) -> str:
    found = re.search(r'xj-receipt-code">([^<]+)<', html)
    assert found
    return found[1]


def code_of(scene: Scene, case: int) -> str:
    institution = scene.world.case(case).institution
    return institution.credit_code if institution else ""


def test_an_objection_goes_from_its_form_to_a_receipt_and_is_followed_by_its_code(scene: Scene) -> None:
    client = scene.client()
    form = client.get(f"{scene.path}/object/2")
    assert form.status_code == 200
    answer = scene.object(client, files=[(io.BytesIO(PDF), "证据.pdf")])
    assert answer.status_code == 201
    code = code_in(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    [objection] = scene.objections()
    assert objection.receipt_hash == receipts.kept(receipts.read(code) or "")
    assert code.replace(" ", "") not in str(vars(objection))
    typed = code.lower().replace(" ", "-")
    page = post(client, "/track", code=typed)
    assert page.status_code == 200
    assert scene.world.case(objection.case_id).number in page.text
    assert "受理审查" in page.text
    assert OBJECTION["name"] not in page.text
    assert OBJECTION["contact"] not in page.text


def test_the_code_holds_128_bits_and_a_slip_is_noticed() -> None:
    secret = "0123456789abcdef" * 2
    code = receipts.written(secret)
    assert len(code.replace(" ", "")) == 28
    assert receipts.read(code) == receipts.read(code.replace("0", "o").replace("1", "l").lower()) == secret
    assert receipts.read(code[:-1] + ("A" if code[-1] != "A" else "B")) is None
    assert receipts.read("'; DROP TABLE") is None


def test_an_unknown_code_says_so_and_guessing_is_stopped(scene: Scene) -> None:
    client = scene.client()
    wrong = receipts.written("f" * 32)
    answers = [post(client, "/track", code=wrong) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429]
    assert "没有查到，请核对回执码" in answers[0].text
    assert "分钟后再试" in answers[20].text


def test_a_hundred_thousand_guessed_codes_find_nothing(scene: Scene) -> None:
    """Through the same reading and look-up as the page, without its throttle: that alone would stop them at twenty."""
    scene.object()
    chance = Random(100_000)
    guesses = ["".join(chance.choices(receipts.ALPHABET, k=receipts.LENGTH)) for _ in range(50_000)]
    secrets = [secret for guess in guesses if (secret := receipts.read(guess))]
    assert len(secrets) < 50  # of 50,000 letters at random about one in 4,096 is a code at all
    secrets += [receipts.read(receipts.written(f"{chance.getrandbits(128):032x}")) or "" for _ in range(50_000)]
    kept = [receipts.kept(secret) for secret in secrets]
    with scene.world.database.read() as session:
        for start in range(0, len(kept), 500):
            hits = select(Objection.case_id).where(Objection.receipt_hash.in_(kept[start : start + 500]))
            assert session.scalars(hits).all() == []
    [objection] = scene.objections()
    assert objection.receipt_hash not in kept


def test_sent_twice_it_is_one_objection_with_one_code(scene: Scene) -> None:
    first, second = (scene.object(files=[(io.BytesIO(PDF), "证据.pdf")]) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert code_in(first.text) == code_in(second.text)
    assert len(scene.objections()) == 1
    assert scene.world.count(Attachment) == 1
    other = scene.object(statement=STATEMENT + "另有一事。")
    assert other.status_code == 409
    assert "同一提交编号用于不同内容" in other.text


@pytest.mark.parametrize(("before", "status"), [(timedelta(seconds=1), 201), (timedelta(0), 409)])
def test_what_counts_is_the_instant_of_receipt_against_24_00(scene: Scene, before: timedelta, status: int) -> None:
    scene.world.clock.to(CLOSES - before)
    answer = scene.object()
    assert answer.status_code == status
    assert len(scene.objections()) == (status == 201)
    if status == 409:
        assert "不能提出异议：公示期已满" in answer.text
        assert STATEMENT in answer.text
        assert scene.client().get(f"{scene.path}/object/2").status_code == 409


class Slow(io.BytesIO):
    """A body that is still coming in when the period has closed."""

    def __init__(self, body: bytes, scene: Scene) -> None:
        super().__init__(body)
        self.scene = scene

    def readinto(self, buffer) -> int:
        self.scene.world.clock.to(CLOSES + timedelta(minutes=2))
        return super().readinto(buffer)


def test_what_began_to_arrive_in_time_is_in_time_however_long_it_takes(scene: Scene) -> None:
    client = scene.client()
    body = urlencode(csrf(client) | OBJECTION).encode()
    scene.world.clock.to(CLOSES - timedelta(seconds=1))
    answer = client.post(
        f"{scene.path}/object/2",
        input_stream=Slow(body, scene),
        content_length=len(body),
        content_type="application/x-www-form-urlencoded",
    )
    assert (answer.status_code, scene.world.at > CLOSES) == (201, True)
    assert scene.objections()[0].received_at == CLOSES - timedelta(seconds=1)


def test_a_held_entry_says_one_thing_and_nothing_about_the_objection(scene: Scene) -> None:
    plain = scene.client().get(scene.path).text
    scene.object()
    scene.object(request_id="b" * 32, name="示例公民乙")
    pages = [scene.path, "/notices", f"{scene.path}/list.json", f"{scene.path}/list.csv", f"{scene.path}/object/2"]
    with scene.world.database.read() as session:
        held = code_of(scene, scene.cases[1])
        objections = session.scalars(select(Case.number).where(Case.machine == "objection")).all()
    pages += [f"/institutions/{held}", "/lookup?q=示例"]
    for path in pages:
        text = scene.client().get(path).text
        for secret in (OBJECTION["name"], "示例公民乙", OBJECTION["contact"], STATEMENT[:12], *objections):
            assert secret not in text, path
    shown = scene.client().get(scene.path).text
    assert shown.count("异议核查中，暂不生效") == 1
    assert shown.count('<tr class="is-held">') == 1
    assert plain.count("异议核查中") == 0


def test_every_fault_of_a_form_stands_beside_its_field_and_nothing_typed_is_lost(scene: Scene) -> None:
    long = "字" * 10_001
    answer = scene.object(statement=long, name="", pledge="", files=[(io.BytesIO(b"MZ"), "证据.pdf")])
    assert answer.status_code == 422
    assert "最多 10000 字，现在 10001 字" in answer.text
    assert "“证据.pdf”的内容与扩展名不符" in answer.text
    assert "须勾选后提交" in answer.text
    assert "有 4 处须改正" in answer.text
    assert long in answer.text
    assert OBJECTION["contact"] in answer.text
    assert scene.objections() == []
    assert scene.world.count(Attachment) == 0


def test_a_good_file_is_not_asked_for_again_and_only_its_own_form_may_use_it(scene: Scene) -> None:
    client = scene.client()
    refused = scene.object(client, statement="太短", files=[(io.BytesIO(docx()), "说明.docx")])
    [token] = re.findall(r'name="kept" value="([^"]+)"', refused.text)
    assert "说明.docx" in refused.text
    stolen = scene.object(request_id="c" * 32, kept=token)
    assert stolen.status_code == 201
    assert scene.world.count(Attachment) == 1
    kept = scene.object(client, kept=token)
    assert kept.status_code == 201
    with scene.world.database.read() as session:
        files = [_files(session, case) for case in session.scalars(select(Objection.case_id))]
    assert sorted(files) == [0, 1]
    assert len(list(scene.files.iterdir())) == 1


def _files(session: Session, case_id: int) -> int:
    of_case = select(MaterialFile).join(Material, Material.id == MaterialFile.material_id)
    return len(session.execute(of_case.where(Material.case_id == case_id)).all())


def test_more_than_ten_files_are_refused_as_a_whole(scene: Scene) -> None:
    answer = scene.object(files=[(io.BytesIO(PDF), f"{n}.pdf") for n in range(11)])
    assert answer.status_code == 422
    assert "最多 10 份" in answer.text
    assert scene.world.count(Attachment) == 0


def test_objections_are_slowed_down_without_losing_what_was_typed(scene: Scene) -> None:
    answers = [scene.object(request_id=f"{n:032x}", statement="太短") for n in range(21)]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429]
    assert "您填写的内容不会丢失" in answers[20].text
    assert OBJECTION["contact"] in answers[20].text


def test_nobody_is_sent_away_so_long_that_the_publicity_would_be_over(scene: Scene) -> None:
    """Whoever shares a line with a flood shortly before 24:00 still objects in time."""
    scene.world.clock.to(CLOSES - timedelta(minutes=30))
    for number in range(25):
        scene.object(request_id=f"{number:032x}", statement="太短")
    answer = scene.object(request_id="f" * 32)
    assert answer.status_code == 201
    assert len(scene.objections()) == 1


def test_a_full_disk_refuses_a_file_and_keeps_what_was_typed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*given: Any) -> None:
        """No file may grow beyond a kilobyte while the attachment is written."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
        try:
            attachments.store(*given)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    paper = [(io.BytesIO(PDF + b" " * 4096), "证据.pdf")]
    with monkeypatch.context() as full:
        full.setattr("views.uploads.store", no_room)
        answer = scene.object(files=paper)
    assert (answer.status_code, "服务器空间不足" in answer.text) == (422, True)
    assert OBJECTION["contact"] in answer.text
    assert scene.world.count(Attachment) == 0 and not list(scene.files.iterdir())
    assert scene.object(files=[(io.BytesIO(PDF + b" " * 4096), "证据.pdf")]).status_code == 201


def test_a_full_database_refuses_clearly_serves_readers_and_recovers(scene: Scene) -> None:
    with _full(scene.world.database):
        answer = scene.object(statement=STATEMENT * 60)
        assert (answer.status_code, "本次操作没有生效" in answer.text) == (503, True)
        assert scene.client().get("/lookup?q=魏都").status_code == 200
        assert scene.objections() == []
    assert scene.object(statement=STATEMENT * 60).status_code == 201


@contextmanager
def _full(database: Database) -> Generator[None]:
    """No connection may make the file larger than it is."""

    def narrow(connection: sqlite3.Connection, _record: object) -> None:
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {used}")

    database.close()
    event.listen(database.engine, "connect", narrow)
    yield
    event.remove(database.engine, "connect", narrow)
    database.close()


def test_the_entry_can_be_chosen_in_the_form(scene: Scene) -> None:
    client = scene.client()
    page = client.get(f"{scene.path}/object")
    assert page.text.count("<option") == 4
    missing = post(client, f"{scene.path}/object", **OBJECTION)
    assert missing.status_code == 422
    assert "有 1 处须改正" in missing.text
    answer = post(client, f"{scene.path}/object", **OBJECTION, entry="3")
    assert answer.status_code == 201
    assert scene.objections()[0].subject_id == scene.cases[2]


def test_what_was_asked_for_is_added_by_code_and_the_answer_can_be_read(scene: Scene) -> None:
    world = scene.world
    code = code_in(scene.object().text)
    case = scene.objections()[0].case_id
    world.do(case, "ask_more", f"{CITY}-head2", "section_head", opinion="缺收取押金的凭证，补充收据。")
    client = scene.client()
    page = post(client, "/track", code=code)
    assert "缺收取押金的凭证，补充收据。" in page.text
    version = re.search(r'name="seen_version" value="(\d+)"', page.text)
    assert version
    form = {"code": code, "request_id": "d" * 32, "seen_version": version[1]}
    short = post(client, "/track/supply", **form, statement="见附件")
    assert short.status_code == 422
    assert "见附件" in short.text
    added = "补充收取押金的收据照片，日期为去年十月十二日，金额五百元。"
    for _twice in range(2):
        done = post(client, "/track/supply", **form, statement=added, files=[(io.BytesIO(PDF), "收据.pdf")])
        assert done.status_code == 200
        assert "已收到补充材料" in done.text
    assert world.case(case).state == "acceptance"
    world.do(case, "refuse", f"{CITY}-head2", "section_head", opinion="补充的收据与本机构无关。")
    answered = post(client, "/track", code=code)
    assert "异议答复书" in answered.text
    assert "补充的收据与本机构无关。" in answered.text
    assert post(client, "/track/supply", **form | {"request_id": "e" * 32}, statement=added).status_code == 409


def test_the_frozen_list_can_be_checked_without_this_site(scene: Scene) -> None:
    listed = json.loads(scene.client().get(f"{scene.path}/list.json").text)
    hashes = []
    for entry in listed["entries"]:
        own = entry.pop("sha256")
        assert own == sha256(canonical(entry).encode()).hexdigest()
        hashes.append(own)
    assert listed["digest"] == sha256("\n".join(hashes).encode()).hexdigest()
    page = scene.client().get(scene.path).text
    assert "与发布时一致" in page
    with scene.world.write() as session:
        entry = session.get_one(PublicityEntry, 1)
        entry.snapshot = {**entry.snapshot, "grade": "D"}
    assert "与发布时不一致" in scene.client().get(scene.path).text


def test_a_name_cannot_become_a_formula(scene: Scene) -> None:
    with scene.world.write() as session:
        entry = session.get_one(PublicityEntry, 1)
        entry.snapshot = {**entry.snapshot, "name": "=HYPERLINK(1)"}
    text = scene.client().get(f"{scene.path}/list.csv").text
    assert text.startswith("\ufeff序号")
    assert "'=HYPERLINK(1)" in text


def test_after_confirmation_the_notice_the_document_and_the_register_say_the_same(scene: Scene) -> None:
    world = scene.world
    scene.object(entry=2)
    world.to(date(2026, 3, 30))
    assert scene.client().get("/documents/1").status_code == 404
    world.do(scene.notice, "confirm_cleared", f"{CITY}-leader")
    page = scene.client().get(scene.path).text
    [link] = re.findall(r'href="(/documents/\d+)"', page)
    paper = scene.client().get(link).text
    codes = [code_of(scene, case) for case in scene.cases]
    assert [code in paper for code in codes] == [True, False, True]
    assert page.count("已确定生效") == 2
    assert page.count("异议核查中，暂不生效") == 1
    graded = scene.client().get(f"/institutions/{codes[0]}").text
    assert "2026-03-30" in graded
    assert "2027-03-30" in graded
    assert "没有生效的等级" in scene.client().get(f"/institutions/{codes[1]}").text
    others = [f"/documents/{number}" for number in range(1, 12) if f"/documents/{number}" != link]
    assert {scene.client().get(path).status_code for path in others} == {404}


def test_records_are_public_only_within_their_window_and_never_about_a_person(scene: Scene) -> None:
    world = scene.world
    today = world.today
    windows = {
        "窗口内": {"public_from": today, "public_to": today},
        "已过期": {"public_from": date(2025, 1, 1), "public_to": today - timedelta(days=1)},
        "未开始": {"public_from": today + timedelta(days=1)},
        "不公开": {},
        "已作废": {"public_from": today, "voided_on": today},
        "关于个人": {"public_from": today, "person_id": 1},
    }
    with world.write() as session:
        one = session.get_one(Institution, 1)
        for summary, window in windows.items():
            record = {"kind": "pledge_breach", "acted_on": date(2025, 1, 1), "finding_authority": "某局"}
            more = {"evidence": "内部证据材料", "created_at": world.at, "institution_id": one.id}
            session.add(ArchiveRecord(summary=summary, **record, **more, **window))
    text = scene.client().get(f"/institutions/{one.credit_code}").text
    assert [summary for summary in windows if summary in text] == ["窗口内"]
    assert "内部证据材料" not in text


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("魏都示例", 3),
        ("示例甲", 1),
        ("%", 0),
        ("_", 0),
        ("不存在", 0),
        ("9141 1002-ma00", 3),
        ("９１４１１００２", 3),
        ("'", 0),
    ],
)
def test_an_institution_is_found_by_part_of_its_name_or_by_its_code(scene: Scene, query: str, hits: int) -> None:
    answer = scene.client().get("/lookup", query_string={"q": query})
    assert answer.status_code == 200
    assert answer.text.count('href="/institutions/') == hits


def test_what_is_not_public_answers_like_what_does_not_exist(scene: Scene) -> None:
    draft = scene.world.case(scene.cases[0]).number
    paths = [
        *(f"/notices/{draft}", f"/notices/{draft}/list.json", f"/notices/{draft}/object/1", "/notices/GS-2026-99999"),
        *(f"{scene.path}/object/9", f"{scene.path}/list.xml", "/institutions/91410000000000000X", "/documents/0"),
        f"/documents/{2**63}",
    ]
    for path in paths:
        answer = scene.client().get(path)
        assert answer.status_code == 404, path
        assert "没有这一页" in answer.text
    for page in ("0", "-1", "x", "²", "9" * 30):
        assert scene.client().get("/notices", query_string={"page": page}).status_code == 200


def test_a_forged_form_is_refused(scene: Scene) -> None:
    assert scene.client().post(f"{scene.path}/object/2", data=OBJECTION).status_code == 400
    client = scene.client()
    without_id = {name: value for name, value in OBJECTION.items() if name != "request_id"}
    assert client.post(f"{scene.path}/object/2", data=csrf(client) | without_id).status_code == 400
