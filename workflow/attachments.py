"""附件: files that people hand in, judged by their content before anything reads them, kept under names of ours.

A name or a declared type proves nothing: what counts is how the content begins and, for an office file, what its zip
directory says. Nothing is unpacked but the list of parts, and that within a limit.
"""

import errno
import hashlib
import io
import os
import struct
import unicodedata
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import Attachment
from models.core import table_of
from workflow.engine.refusal import Refused
from workflow.sheets import ENCRYPTED, MAX_ENTRIES, MAX_RATIO, MAX_UNPACKED, OLE

MEGABYTE = 2**20
MAX_BYTES = 10 * MEGABYTE
MAX_FILES = 10
LONGEST_NAME = 120
PARTS = "[Content_Types].xml"

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
OFFICE = "application/vnd.openxmlformats-officedocument"
WORD, EXCEL = f"{OFFICE}.wordprocessingml.document", f"{OFFICE}.spreadsheetml.sheet"
TYPES = {".pdf": PDF, ".png": PNG, ".jpg": JPEG, ".jpeg": JPEG, ".docx": WORD, ".xlsx": EXCEL}
_BEGINS = {PDF: b"%PDF-", PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff", WORD: b"PK\x03\x04", EXCEL: b"PK\x03\x04"}
_MAIN_PART = {WORD: "word/document.xml", EXCEL: "xl/workbook.xml"}
# What zipfile lets through of a damaged file depends on where it is damaged.
_DAMAGE = (BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError, struct.error, zlib.error)


@dataclass(frozen=True)
class Checked:
    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def checked(file: IO[bytes], name: str) -> Checked:
    """The file, if it is what it says it is. Raises Refused with the rule it breaks and its name."""
    name = clean_name(name)
    media_type = TYPES.get(PurePosixPath(name).suffix.lower())
    if media_type is None:
        raise Refused("file_type", name=name)
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Refused("file_too_large", name=name, most=MAX_BYTES // MEGABYTE)
    if reason := _fault(content, media_type):
        raise Refused(reason, name=name)
    return Checked(name, media_type, content)


def clean_name(name: str) -> str:
    """The name as data: no folder, no control or direction characters, not too long."""
    last = PureWindowsPath(name).name
    shown = "".join(letter for letter in last if not unicodedata.category(letter).startswith("C")).strip()
    path = PurePosixPath(shown)
    return path.stem[: LONGEST_NAME - len(path.suffix)] + path.suffix if len(shown) > LONGEST_NAME else shown


def _fault(content: bytes, media_type: str) -> str:
    if not content:
        return "file_empty"
    if media_type in _MAIN_PART and content.startswith(OLE):
        return "file_encrypted" if "EncryptedPackage".encode("utf-16-le") in content else "file_lies"
    if not content.startswith(_BEGINS[media_type]):
        return "file_lies"
    return _office_fault(content, media_type) if media_type in _MAIN_PART else ""


def _office_fault(content: bytes, media_type: str) -> str:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if reason := _directory_fault(entries, len(content), _MAIN_PART[media_type]):
                return reason
            with archive.open(PARTS) as parts:
                listed = parts.read(MEGABYTE)
    except _DAMAGE:
        return "file_damaged"
    if b"macroEnabled" in listed:
        return "file_macros"
    return "" if media_type.encode() in listed else "file_lies"


def _directory_fault(entries: list[ZipInfo], size: int, main_part: str) -> str:
    names = [entry.filename for entry in entries]
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        return "file_encrypted"
    # zipfile never reads past the declared size, so the declared sizes can be believed as a limit.
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * size:
        return "file_unpacks"
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return "file_macros"
    sound = {PARTS, main_part} <= set(names) and len(set(names)) == len(names) and not any(map(_escapes, names))
    return "" if sound else "file_lies"


def _escapes(name: str) -> bool:
    return name.startswith("/") or ".." in PurePosixPath(name).parts or "\\" in name or ":" in name


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def store(folder: Path, file: Checked, stored_as: str) -> None:
    """Write the content whole or not at all; a full disk refuses. Without a row nobody can reach it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{stored_as}.{os.getpid()}"
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(file.content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(folder / stored_as)
    except OSError as error:
        draft.unlink(missing_ok=True)
        if error.errno not in NO_ROOM:
            raise
        raise Refused("file_not_kept", name=file.name) from error


def enter(session: Session, file: Checked, stored_as: str, at: datetime) -> int:
    """The attachment's id. The same stored name entered twice is one attachment."""
    table = table_of(Attachment)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {
        "stored_as": stored_as,
        "name": file.name,
        "media_type": file.media_type,
        "size": len(file.content),
        "sha256": file.sha256,
        "created_at": at,
    }
    session.execute(dialect.insert(table).values(**row).on_conflict_do_nothing())
    return session.execute(select(table.c.id).where(table.c.stored_as == stored_as)).scalar_one()
