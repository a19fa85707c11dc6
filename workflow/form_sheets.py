"""A printable form of an annex as xlsx: heading, captions, rows, notes. What stands in it, each annex says."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import xlsxwriter

A4 = 9
AS_TEXT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""What an institution wrote stays text: no formula, no link."""


@dataclass(frozen=True, slots=True)
class FormSheet:
    """`under` stands below the title and `signs` below the rows, each text at its column."""

    name: str
    title: str
    under: Sequence[tuple[int, str]]
    columns: Sequence[tuple[str, int]]
    rows: Sequence[Sequence[str]]
    note: str
    signs: Sequence[tuple[int, str]] = ()


def workbook(sheets: Iterable[FormSheet]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, AS_TEXT)
    for one in sheets:
        _write(book, one)
    book.close()
    return out.getvalue()


def _write(book: xlsxwriter.Workbook, form: FormSheet) -> None:
    sheet, last = book.add_worksheet(form.name), len(form.columns) - 1
    heading = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "vcenter"})
    sheet.merge_range(0, 0, 0, last, form.title, heading)
    foot = 3 + len(form.rows)
    for line, words in ((1, form.under), (foot, form.signs)):
        for place, text in words:
            sheet.write_string(line, place, text)
    for place, (caption, width) in enumerate(form.columns):
        sheet.set_column(place, place, width)
        sheet.write_string(2, place, caption, head)
    for number, row in enumerate(form.rows, 3):
        for place, text in enumerate(row):
            sheet.write_string(number, place, text, cell)
    foot += bool(form.signs)
    sheet.merge_range(foot, 0, foot, last, form.note, book.add_format({"text_wrap": True, "valign": "top"}))
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
