"""`audit` and `db init` as their users meet them: a real site is set up, sealed, exported, and held to its witness."""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, text

from models import User
from models.database import Database
from tests.cast import World, stage
from tests.stages import Stages
from views import passwords
from views.cli import xinjie

VERIFIER = Path(__file__).parents[2] / "docs/verifier/verify.py"


@pytest.fixture(autouse=True)
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    monkeypatch.setenv("XINJIE_DATA", str(folder))
    monkeypatch.delenv("XINJIE_DATABASE_URL", raising=False)
    return folder


@pytest.fixture
def world(site: Path, stages: Stages) -> World:
    """A site with one county's cases, as `--at` may look at it."""
    site.mkdir()
    shutil.copy(stages.file("cast", stage), site / "xinjie.db")
    database = Database(f"sqlite:///{site / 'xinjie.db'}")
    world = World(database)
    world.round()
    database.close()
    return world


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(xinjie, [str(one) for one in arguments], prog_name="xinjie")


def verifies(*arguments: Path | str) -> int:
    spec = importlib.util.spec_from_file_location("verifier", VERIFIER)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main([str(one) for one in arguments])


def tampered(world: World, statement: str) -> None:
    """As whoever controls the whole database could: without its triggers."""
    with world.write() as session:
        for (name,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text("PRAGMA defer_foreign_keys = 1"))
        session.execute(text(statement))
    world.database.close()


def test_an_exported_case_verifies_without_the_system(world: World, tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    done = run("audit", "export", "PJ-2026-00002", "--out", file)
    assert (done.exit_code, "PJ-2026-00002" in done.stdout) == (0, True)
    assert verifies(file) == 0
    assert json.loads(run("audit", "export", "2").stdout)["entries"] == json.loads(file.read_text())["entries"]
    assert run("audit", "export", "PJ-2026-99999").exit_code == 1
    assert run("audit", "export", "2", "--out", tmp_path / "nowhere" / "case.json").exit_code == 2


def test_the_day_is_sealed_once_and_the_site_is_held_to_it(world: World, site: Path, tmp_path: Path) -> None:
    sealed = run("audit", "seal")
    assert (sealed.exit_code, run("audit", "seal").stdout) == (0, sealed.stdout)
    [witness] = (site / "witness").iterdir()
    assert run("audit", "seal", "--out", tmp_path / "elsewhere").exit_code == 0
    assert [one.read_bytes() for one in (tmp_path / "elsewhere").iterdir()] == [witness.read_bytes()]
    kept = run("audit", "verify", "--witness", witness)
    assert (kept.exit_code, "与见证相符" in kept.stdout) == (0, True)
    file = tmp_path / "case.json"
    run("audit", "export", "2", "--out", file)
    assert verifies(file, "--witness", witness) == 0
    witness.write_text(witness.read_text().replace('"seq": 1', '"seq": 2', 1))
    assert run("audit", "seal").exit_code == 1


@pytest.mark.parametrize(
    ("statement", "key", "words"),
    [
        ("UPDATE \"case\" SET number = 'PJ-2026-90002' WHERE id = 2", "gone", "现已不存在"),
        ("DELETE FROM history_entry WHERE case_id = 2", "cut", "已被截去"),
        ("UPDATE history_entry SET hash = 'x' WHERE case_id = 2", "replaced", "已被替换"),
    ],
)
def test_what_a_witness_finds_is_named(world: World, site: Path, statement: str, key: str, words: str) -> None:
    run("audit", "seal")
    [witness] = (site / "witness").iterdir()
    tampered(world, statement)
    found = run("audit", "verify", "--witness", witness)
    assert found.exit_code == 1
    assert f"{witness.name} PJ-2026-00002 #1：" in found.stdout and words in found.stdout
    [one] = json.loads(run("audit", "verify", "--witness", witness, "--json").stdout)["witness"]
    assert (one["key"], one["case"], one["seq"]) == (key, "PJ-2026-00002", 1)


def test_a_witness_that_was_changed_or_is_none_is_named(world: World, site: Path, tmp_path: Path) -> None:
    run("audit", "seal")
    [witness] = (site / "witness").iterdir()
    changed = json.loads(witness.read_text()) | {"day": "2026-01-01"}
    witness.write_text(json.dumps(changed))
    found = run("audit", "verify", "--witness", witness)
    assert (found.exit_code, "见证文件自身被改动" in found.stdout) == (1, True)
    for other in ("{}", "[]", "x", json.dumps(changed | {"heads": [{}]}), json.dumps(changed | {"algorithm": "md5"})):
        witness.write_text(other)
        assert run("audit", "verify", "--witness", witness).exit_code == 2, other


def test_a_new_site_gets_its_authorities_and_one_administrator(site: Path) -> None:
    init = ("db", "init", "--locality", "henan", "--admin", "first.admin")
    assert run(*init).exit_code == 2
    assert run("db", "upgrade").exit_code == 0
    assert run("db", "init", "--locality", "nowhere", "--admin", "first.admin").exit_code == 2
    assert run(*init, "--authority", "999999").exit_code == 2
    assert run("db", "init", "--locality", "henan", "--admin", "!").exit_code == 1
    done = run(*init, "--authority", "411000")
    assert (done.exit_code, "许昌市人社局" in done.stdout) == (0, True)
    password = done.stdout.partition("一次性密码 ")[2].split()[0]
    database = Database(f"sqlite:///{site / 'xinjie.db'}")
    with database.read() as session:
        user = session.scalars(select(User)).one()
        assert (user.login, user.is_demo) == ("first.admin", False)
        assert passwords.handed_out(user.password_hash)
        assert passwords.matches(user.password_hash, password)
    database.close()
    again = run(*init)
    assert (again.exit_code, "不再初始化" in again.stderr) == (1, True)
