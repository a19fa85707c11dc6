"""A site goes into one file while it runs, and comes back as it was; what is damaged is refused whole."""

import io
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from models import Attachment, HistoryEntry
from models.database import Database
from tests.cast import World, stage
from tests.stages import Stages
from views.cli import xinjie
from workflow import attachments
from workflow.engine import audit


@pytest.fixture
def site(stages: Stages, tmp_path: Path) -> Path:
    """A site with an evaluation under way, an attachment, a key, and a leftover file that no row names."""
    data = tmp_path / "site"
    data.mkdir()
    shutil.copy(stages.file("cast", stage), data / "xinjie.db")
    database = Database(f"sqlite:///{data / 'xinjie.db'}")
    world = World(database)
    world.round()
    file = attachments.checked(io.BytesIO(b"%PDF-1.4\n"), "年度报告.pdf")
    attachments.store(data / "files", file, "kept")
    (data / "files" / "leftover").write_bytes(b"nobody's")
    (data / "secret_key").write_text("k" * 48)
    with database.write() as session:
        attachments.enter(session, file, "kept", world.at)
    database.close()
    return data


def run(data: Path, *arguments: object) -> Result:
    return CliRunner().invoke(xinjie, ["--data", str(data), *map(str, arguments)])


def entries(data: Path) -> int:
    database = Database(f"sqlite:///{data / 'xinjie.db'}")
    with database.read() as session:
        assert audit.verify(session) == []
        assert session.scalars(select(Attachment.stored_as)).all() == ["kept"]
        found = session.scalar(select(func.count(HistoryEntry.case_id)))
    database.close()
    return found or 0


def test_a_site_comes_back_as_it_was(site: Path, tmp_path: Path) -> None:
    open_elsewhere = Database(f"sqlite:///{site / 'xinjie.db'}")
    with open_elsewhere.read() as session:
        session.scalar(select(HistoryEntry.case_id).limit(1))
        done = run(site, "backup", tmp_path / "one.zip")
    open_elsewhere.close()
    assert done.exit_code == 0 and "附件 1 件" in done.output
    back = tmp_path / "back"
    assert run(back, "restore", tmp_path / "one.zip").exit_code == 0
    assert entries(back) == entries(site) > 0
    assert {path.name for path in back.iterdir()} - {"xinjie.db-wal", "xinjie.db-shm"} == {"xinjie.db", "files"}
    assert (back / "files" / "kept").read_bytes() == b"%PDF-1.4\n"
    assert not (back / "files" / "leftover").exists()


def test_the_key_goes_along_only_when_asked_for(site: Path, tmp_path: Path) -> None:
    assert run(site, "backup", tmp_path / "two.zip", "--with-secret").exit_code == 0
    assert (tmp_path / "two.zip").stat().st_mode & 0o077 == 0
    run(tmp_path / "back", "restore", tmp_path / "two.zip")
    assert (tmp_path / "back" / "secret_key").read_text() == "k" * 48


def test_nothing_is_overwritten(site: Path, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_text("mine")
    assert run(site, "backup", tmp_path / "there.zip").exit_code == 1
    assert (tmp_path / "there.zip").read_text() == "mine"
    run(site, "backup", tmp_path / "good.zip")
    refused = run(site, "restore", tmp_path / "good.zip")
    assert refused.exit_code == 1 and "已有站点" in refused.output
    assert {path.name for path in tmp_path.iterdir()} == {"site", "there.zip", "good.zip"}


def test_an_attachment_that_is_not_what_its_row_says_stops_the_backup(site: Path, tmp_path: Path) -> None:
    (site / "files" / "kept").write_bytes(b"%PDF-1.5\n")
    refused = run(site, "backup", tmp_path / "bad.zip")
    assert refused.exit_code == 1 and "kept" in refused.output
    (site / "files" / "kept").unlink()
    assert run(site, "backup", tmp_path / "bad.zip").exit_code == 1
    assert not (tmp_path / "bad.zip").exists()


@pytest.mark.parametrize("name", ["files/kept", "xinjie.db", "../escaped", "files/added"])
def test_a_backup_that_was_changed_is_refused_whole(site: Path, tmp_path: Path, name: str) -> None:
    run(site, "backup", tmp_path / "good.zip")
    with ZipFile(tmp_path / "good.zip") as good, ZipFile(tmp_path / "changed.zip", "w") as changed:
        for one in good.namelist():
            changed.writestr(one, b"other" if one == name else good.read(one))
        if name not in good.namelist():
            changed.writestr(name, b"new")
    refused = run(tmp_path / "back", "restore", tmp_path / "changed.zip")
    assert refused.exit_code == 1, refused.output
    assert list((tmp_path / "back").iterdir()) == []
    assert not (tmp_path / "escaped").exists()


def test_what_is_no_backup_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "some.txt").write_text("no")
    refused = run(tmp_path / "back", "restore", tmp_path / "some.txt")
    assert (refused.exit_code, refused.output) == (1, f"错误：{tmp_path / 'some.txt'} 不是本系统的备份，或已损坏\n")
