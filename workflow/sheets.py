"""Reading a table that somebody sent: xlsx or csv into plain text cells, refused before it can do harm.

An xlsx is a zip, and the zip's directory is looked at first: a few hundred kilobytes may unpack to gigabytes.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, is_zipfile

MAX_BYTES = 10 * 2**20
MAX_UNPACKED = 60 * 2**20
MAX_ENTRIES = 1000
MAX_RATIO = 100
MAX_ROWS = 20_000
MAX_COLUMNS = 100
ENCRYPTED = 0x1
OLE = b"\xd0\xcf\x11\xe0"  # how an old .xls begins, and also an xlsx under a password


class SheetRefused(ValueError):
    """`key` is one of `reasons.TEXTS`."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True)
class Row:
    """`line` is the row's number as the sender's program shows it."""

    line: int
    cells: tuple[str, ...]


def read(file: BinaryIO, name: str) -> list[Row]:
    """The rows of the first sheet that are not blank, each cell stripped. Raises SheetRefused."""
    kind = PurePath(name).suffix.lower()
    if kind not in (".xlsx", ".csv"):
        raise SheetRefused("file_type")
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise SheetRefused("file_too_big")
    lines = _xlsx(content) if kind == ".xlsx" else _csv(content)
    return [Row(line, cells) for line, cells in lines if cells]


def _xlsx(content: bytes) -> list[tuple[int, tuple[str, ...]]]:
    _look_inside(content)
    # Imported here: it takes longer to load than the checks that may make it needless.
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # Some programs declare too small a size; the rows themselves are believed, within the caps.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS + 1, values_only=True)
        return _capped(rows)
    except SheetRefused:
        raise
    # Which error a forged part raises depends on the part; to the sender they are all one.
    except Exception as error:
        raise SheetRefused("file_damaged") from error


def _look_inside(content: bytes) -> None:
    if content.startswith(OLE) and b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P" in content:
        raise SheetRefused("file_encrypted")
    if not is_zipfile(io.BytesIO(content)):
        raise SheetRefused("file_lies")
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except BadZipFile as error:
        raise SheetRefused("file_damaged") from error
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= {entry.filename for entry in entries}:
        raise SheetRefused("file_lies")
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise SheetRefused("file_encrypted")
    # zipfile never reads past the declared size, so the declared sizes can be believed as a limit.
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * len(content):
        raise SheetRefused("file_unpacks_too_big")


def _csv(content: bytes) -> list[tuple[int, tuple[str, ...]]]:
    if b"\0" in content or content.startswith((b"PK\x03\x04", OLE)):
        raise SheetRefused("file_lies")
    try:
        return _capped(csv.reader(io.StringIO(_decoded(content), newline=""), strict=True))
    except csv.Error as error:
        raise SheetRefused("file_damaged") from error


def _decoded(content: bytes) -> str:
    """GB18030 comes last: it takes most bytes for some text, UTF-8 only its own."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetRefused("file_encoding")


def _capped(rows: Iterable[Iterable[object]]) -> list[tuple[int, tuple[str, ...]]]:
    found = []
    for line, row in enumerate(rows, start=1):
        cells = tuple(_text(value) for value in row)
        if line > MAX_ROWS and any(cells):
            raise SheetRefused("too_many_rows")
        if any(cells[MAX_COLUMNS:]):
            raise SheetRefused("too_many_columns")
        found.append((line, cells[: _width(cells)]))
    return found


def _width(cells: tuple[str, ...]) -> int:
    return max((place for place, cell in enumerate(cells, start=1) if cell), default=0)


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - beyond, digits are lost
        value = int(value)
    return "" if value is None else str(value).strip()
