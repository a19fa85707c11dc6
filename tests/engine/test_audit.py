"""The chain proves itself: inside the database, in an exported file, and against yesterday's witness."""

import copy
import importlib.util
import json
import types
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models import Case, HistoryEntry, Seal
from models.core import table_of
from tests.cast import World
from tests.fire.crowd import together
from workflow.engine import audit, seal
from workflow.engine.export import export_case
from workflow.engine.history import link
from workflow.engine.invariants import broken
from workflow.scheduler import seal_day

VERIFIER = Path(__file__).parents[2] / "docs/verifier/verify.py"


@pytest.fixture(scope="module")
def verifier() -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("verifier", VERIFIER)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def exported(world: World, case_id: int) -> dict:
    with world.database.read() as session:
        return json.loads(json.dumps(export_case(session, session.get_one(Case, case_id), world.at)))


@pytest.fixture
def climbed(world: World) -> int:
    case = next(iter(world.round()[1].values()))
    world.do(case, "report", "clerk-0", statement="本年度依法经营，按时报送年度报告和统计。" * 2, files=[])
    world.climb(case, "county")
    return case


def flip(export: dict) -> None:
    export["entries"][2]["details"]["basis"] = "XC-99"


def drop(export: dict) -> None:
    del export["entries"][2]


def insert(export: dict) -> None:
    export["entries"].insert(2, copy.deepcopy(export["entries"][2]))


def swap(export: dict) -> None:
    entries = export["entries"]
    entries[2], entries[3] = entries[3], entries[2]


def reword(export: dict) -> None:
    next(one for one in export["entries"] if "remark" in one)["remark"]["text"] += "。"


def replace_material(export: dict) -> None:
    export["materials"][0]["content"]["statement"] += "。"


CHANGED, BROKEN, COUNTED = "was changed after", "does not follow", "missing, doubled or out of order"
NAMED = [
    (flip, {(3, CHANGED)}),
    (drop, {(4, BROKEN), (4, COUNTED)}),
    (insert, {(3, BROKEN), (3, COUNTED)}),
    (swap, {(3, BROKEN), (4, BROKEN), (5, BROKEN), (3, COUNTED), (4, COUNTED)}),
    (reword, {(3, "its opinion was changed")}),
    (replace_material, {(2, "the self_report handed in was changed")}),
]


@pytest.mark.parametrize(("tamper", "named"), NAMED, ids=lambda one: getattr(one, "__name__", ""))
def test_the_stand_alone_verifier_names_what_was_tampered_with(world, climbed, verifier, tamper, named):
    export = exported(world, climbed)
    assert list(verifier.findings(export)) == []
    tamper(export)
    found = list(verifier.findings(export))
    for seq, words in named:
        assert any(seq == place and words in told for place, told in found), (seq, words, found)
    assert {place for place, _ in found} >= {seq for seq, _ in named}


ONE = "case_id = (SELECT min(case_id) FROM history_entry)"
COPIED = (
    "version, at, move, from_state, from_step, to_state, to_step, turn, actor, person_id, appointment_id, authority_id,"
    " details, commitment, algorithm, prev_hash, hash"
)
TAMPERED = {
    "one bit flipped": (
        (f"UPDATE history_entry SET turn = turn + 1 WHERE {ONE} AND seq = 3",),
        {("chain_hash", "#3")},
    ),
    "dropped": (
        (f"DELETE FROM history_entry WHERE {ONE} AND seq = 3",),
        {("chain_gap", "#4"), ("chain_link", "#4"), ("chain_fold", "#4")},
    ),
    "inserted": (
        (
            f"UPDATE history_entry SET seq = seq + 100 WHERE {ONE} AND seq > 3",
            f"UPDATE history_entry SET seq = seq - 99 WHERE {ONE} AND seq > 100",
            f"INSERT INTO history_entry (id, case_id, seq, {COPIED}) SELECT 9999, case_id, 4, {COPIED}"
            f" FROM history_entry WHERE {ONE} AND seq = 3",
        ),
        {("chain_gap", "#4"), ("chain_link", "#4"), ("chain_fold", "#4"), ("chain_gap", "#5")},
    ),
    "reordered": (
        (
            f"UPDATE history_entry SET seq = 99 WHERE {ONE} AND seq = 3",
            f"UPDATE history_entry SET seq = 3 WHERE {ONE} AND seq = 4",
            f"UPDATE history_entry SET seq = 4 WHERE {ONE} AND seq = 99",
        ),
        {("chain_link", "#3"), ("chain_link", "#4"), ("chain_hash", "#3"), ("chain_hash", "#4")},
    ),
    "cut at the end": (
        (f"DELETE FROM history_entry WHERE {ONE} AND seq = (SELECT max(seq) FROM history_entry WHERE {ONE})",),
        {("chain_head", "")},
    ),
    "cut whole": ((f"DELETE FROM history_entry WHERE {ONE}",), {("chain_missing", "")}),
    "state assigned": (
        ("UPDATE \"case\" SET state = 'effective' WHERE id = (SELECT min(case_id) FROM history_entry)",),
        {("chain_head", "")},
    ),
}


@pytest.mark.parametrize("tampered", TAMPERED)
def test_what_the_owner_of_the_database_changed_is_found_and_named(world, climbed, tampered):
    statements, named = TAMPERED[tampered]
    unguarded(world, *statements)
    with world.database.read() as session:
        found = audit.verify(session)
    for key, place in named:
        assert any(one.key == key and one.detail.startswith(place) for one in found), (key, place, found)


FORGED = {
    "policy_changed": "UPDATE policy SET body = replace(body, '3', '4')",
    "material_changed": "UPDATE material SET content = replace(content, '依法', '违法')",
    "document_changed": "UPDATE document SET body = body || '。'",
}


@pytest.mark.parametrize("key", FORGED)
def test_what_a_case_rests_on_and_what_it_issued_cannot_be_changed_unseen(world, climbed, verifier, key):
    """Material is held to the hash in the chain, so that a new hash beside it does not help."""
    for login, role in (("handler", None), ("head", "section_head"), ("leader", None)):
        world.do(climbed, "agree", f"411000-{login}", role)
    for login in ("410000-handler", "410000-leader"):
        world.do(climbed, "agree", login)
    notice = world.notice(world.case(climbed).round_id, [climbed])
    world.do(notice, "publish", "411000-leader")
    world.to(date(2026, 3, 20))
    world.do(notice, "confirm_cleared", "411000-leader")
    export = exported(world, climbed)
    assert export["documents"] and list(verifier.findings(export)) == []
    export["documents"][0]["hash"] = "0" * 64
    assert list(verifier.findings(export))
    unguarded(world, FORGED[key])
    with world.database.read() as session:
        assert key in {one.key for one in broken(session)}


def test_nothing_is_decided_under_a_policy_that_was_changed_in_the_database(world, climbed, monkeypatch):
    unguarded(world, FORGED["policy_changed"])
    monkeypatch.setattr("workflow.engine.load._rules", {})
    with pytest.raises(RuntimeError, match="was changed in the database"):
        world.do(climbed, "agree", "411000-handler")


def unguarded(world: World, *statements: str) -> None:
    """As whoever owns the database could: its guards dropped first."""
    with world.write() as session:
        if world.database.is_sqlite:
            for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in ("history_entry", "case", "material", "document"):
                session.execute(text(f'ALTER TABLE "{table}" DISABLE TRIGGER USER'))
        for statement in statements:
            session.execute(text(statement))


def test_a_case_rewritten_as_a_whole_is_sound_in_itself_and_found_by_the_witness(world, climbed, verifier):
    with world.write() as session:
        witness = json.loads(json.dumps(seal.make(session, world.at)))
    number = world.case(climbed).number
    rows = rewritten(world, climbed)
    head = f"UPDATE \"case\" SET head_hash = '{rows[-1]['hash']}' WHERE id = {climbed}"
    unguarded(world, f"DELETE FROM history_entry WHERE case_id = {climbed}", head)
    with world.write() as session:
        session.execute(table_of(HistoryEntry).insert(), rows)
        assert audit.verify(session, [climbed]) == []
        assert list(seal.against(session, witness)) == [(number, "replaced", len(rows))]
    found = list(verifier.findings(exported(world, climbed), witness))
    assert [(place, "replaced" in words) for place, words in found if "witness" in words] == [(len(rows), True)]


def rewritten(world: World, case_id: int) -> list[dict]:
    """The history of a case made anew by one who knows the form: another person proposed."""
    with world.database.read() as session:
        query = table_of(HistoryEntry).select().where(HistoryEntry.case_id == case_id).order_by(HistoryEntry.seq)
        rows = [dict(row) for row in session.execute(query).mappings()]
    prev_hash = ""
    for row in rows:
        row |= {"person_id": 1, "prev_hash": prev_hash}
        prev_hash = row["hash"] = link(row, prev_hash)
    return rows


def test_a_witness_finds_a_history_that_was_cut_or_replaced_as_a_whole(world, climbed, verifier):
    with world.write() as session:
        witness = json.loads(json.dumps(seal.make(session, world.at)))
    export = exported(world, climbed)
    assert list(verifier.findings(export, witness)) == []
    cut = copy.deepcopy(export)
    cut["entries"].pop()
    assert list(verifier.findings(cut)) == []
    assert any("cut" in words for _, words in verifier.findings(cut, witness))
    world.do(climbed, "agree", "411000-handler")
    assert list(verifier.findings(exported(world, climbed), witness)) == []


def test_the_database_is_held_to_an_older_witness(world, climbed):
    with world.write() as session:
        witness = seal.make(session, world.at)
    world.clock.to_local(world.today + timedelta(days=3))
    world.do(climbed, "agree", "411000-handler")
    with world.write() as session:
        later = seal.make(session, world.at)
        assert later["prev_root"] == witness["root"]
        assert world.case(climbed).number in {head["case"] for head in later["heads"]}
        assert list(seal.against(session, witness)) == []
        forged = {**witness, "heads": [{**head, "hash": "0" * 64} for head in witness["heads"]]}
        keys = {key for _, key, _ in seal.against(session, {**forged, "root": seal.root(forged)})}
        assert keys == {"replaced"}
        assert next(seal.against(session, forged))[1] == "root"


def test_asking_for_the_same_day_again_gives_the_same_seal(world, climbed):
    with world.write() as session:
        first = seal.make(session, world.at)
    world.do(climbed, "agree", "411000-handler")
    with world.write() as session:
        assert seal.make(session, world.at) == first


def test_the_scheduler_seals_each_day_once_after_half_past_midnight(world, climbed, tmp_path):
    folder = tmp_path / "witness"
    world.clock.to_local(date(2026, 3, 3), 0, 29)
    assert not seal_day(world.database, world.clock, folder)
    for minute in (30, 31, 59):
        world.clock.to_local(date(2026, 3, 3), 0, minute)
        assert seal_day(world.database, world.clock, folder)
    world.clock.to_local(date(2026, 3, 4), 8)
    together([lambda: seal_day(world.database, world.clock, folder)] * 3)
    assert world.count(Seal) == 2
    first, second = (seal.read(path) for path in sorted(folder.iterdir()))
    assert (first["day"], second["day"], second["prev_root"]) == ("2026-03-03", "2026-03-04", first["root"])


def test_a_witness_file_is_never_written_over(world, climbed, tmp_path):
    with world.write() as session:
        witness = seal.make(session, world.at)
    path = seal.keep(witness, tmp_path)
    assert seal.keep(witness, tmp_path) == path
    before = path.read_bytes()
    with pytest.raises(seal.WitnessDiffers):
        seal.keep({**witness, "root": "0" * 64}, tmp_path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.glob(".*witness*")] == []


@pytest.mark.parametrize("statement", ["UPDATE history_entry SET move = 'x'", "DELETE FROM history_entry"])
def test_the_database_itself_refuses_to_change_history(world, climbed, statement):
    with pytest.raises(IntegrityError), world.write() as session:
        session.execute(text(statement))


def test_the_state_cannot_be_assigned(world, climbed):
    with pytest.raises(IntegrityError), world.write() as session:
        session.execute(table_of(Case).update().values(state="effective"))


def test_sm3_chains_by_setting_and_the_algorithm_stands_in_each_entry(new_world, verifier):
    world = new_world("sqlite")
    world.database.close()
    database = type(world.database)(str(world.database.url), algorithm="sm3")
    world = World(database)
    case = next(iter(world.round()[1].values()))
    export = exported(world, case)
    assert {one["algorithm"] for one in export["entries"]} == {"sm3"}
    assert list(verifier.findings(export)) == []
    assert world.today == date(2026, 3, 2)
    database.close()
