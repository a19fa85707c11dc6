"""附件: a file is what its content is, and what would do harm is refused before it is read."""

import io
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from models import Attachment, Base
from models.database import Database
from tests.files import PDF, PNG, docx, office, xlsx
from workflow import attachments
from workflow.attachments import MAX_BYTES, checked, clean_name, enter, store
from workflow.engine.refusal import Refused

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20
ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("证据.pdf", PDF, attachments.PDF),
        ("照片.PNG", PNG, attachments.PNG),
        ("照片.jpeg", JPEG, attachments.JPEG),
        ("说明.docx", docx(), attachments.WORD),
        ("名册.xlsx", xlsx(), attachments.EXCEL),
    ],
)
def test_a_file_that_is_what_it_says_is_taken(name: str, content: bytes, media_type: str) -> None:
    found = checked(io.BytesIO(content), name)
    assert (found.name, found.media_type, found.content) == (name, media_type, content)


def locked(content: bytes) -> bytes:
    """The same zip with its first directory entry marked as encrypted."""
    place = content.index(b"PK\x01\x02") + 8
    return content[:place] + struct.pack("<H", 1) + content[place + 2 :]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("程序.exe", b"MZ", "file_type"),
        ("网页.html", b"<script>", "file_type"),
        ("无扩展名", PDF, "file_type"),
        ("空.pdf", b"", "file_empty"),
        ("大.pdf", PDF + b"\0" * MAX_BYTES, "file_too_large"),
        ("假.pdf", PNG, "file_lies"),
        ("假.png", PDF, "file_lies"),
        ("假.docx", PDF, "file_lies"),
        ("表当文.docx", xlsx(), "file_lies"),
        ("文当表.xlsx", docx(), "file_lies"),
        ("压缩包.docx", office(main="readme.txt"), "file_lies"),
        ("越界.docx", docx(**{"../../etc/passwd": b"x"}), "file_lies"),
        ("越界.docx", docx(**{"/etc/passwd": b"x"}), "file_lies"),
        ("炸弹.docx", docx(bomb=b"\0" * 70_000_000), "file_unpacks"),
        ("高压缩.docx", docx(bomb=b"\0" * 5_000_000), "file_unpacks"),
        ("过多.docx", docx(**{f"part{n}": b"x" for n in range(1001)}), "file_unpacks"),
        ("宏.docx", docx(**{"word/vbaProject.bin": b"x"}), "file_macros"),
        ("宏.docx", office("application/vnd.ms-word.document.macroEnabled.main+xml"), "file_macros"),
        ("密码.xlsx", ENCRYPTED, "file_encrypted"),
        ("密码.docx", locked(docx()), "file_encrypted"),
        ("断.docx", docx()[:-30], "file_damaged"),
    ],
)
def test_a_file_that_lies_or_would_do_harm_is_refused_with_its_name(name: str, content: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        checked(io.BytesIO(content), name)
    assert (refused.value.reason, refused.value.details["name"]) == (reason, name)


@given(st.binary(max_size=60), st.integers(0, 400))
def test_a_damaged_office_file_is_refused_and_never_breaks_the_check(noise: bytes, place: int) -> None:
    whole = docx()
    damaged = whole[:place] + noise + whole[place + len(noise) :]
    try:
        checked(io.BytesIO(damaged), "损坏.docx")
    except Refused as refused:
        assert refused.reason.startswith("file_")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (r"C:\资料\证据.pdf", "证据.pdf"),
        ("../../证据.pdf", "证据.pdf"),
        ("证\u202efdp.据.pdf", "证fdp.据.pdf"),
        ("a\r\nX-Header: b.pdf", "aX-Header: b.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_a_name_is_only_data(sent: str, kept: str) -> None:
    assert clean_name(sent) == kept


def test_a_file_is_stored_under_our_name_closed_to_others_and_once(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    Base.metadata.create_all(database.engine)
    file = checked(io.BytesIO(PDF), "证据.pdf")
    ids = []
    for _ in range(2):
        store(tmp_path / "files", file, "0" * 32)
        with database.write() as session:
            ids.append(enter(session, file, "0" * 32, AT))
    kept = tmp_path / "files" / ("0" * 32)
    assert kept.read_bytes() == PDF
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "files").iterdir()] == ["0" * 32]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 1
        row = session.get_one(Attachment, ids[0])
    assert ids[0] == ids[1]
    assert (row.name, row.size, row.sha256) == ("证据.pdf", len(PDF), file.sha256)
    database.close()
