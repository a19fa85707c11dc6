"""放假安排 as a file: read and checked, every fault with its place and the rule it breaks.

TOML: document, year (when it announces one), [[off]] name/from/to (or day), [[work]] day/name. CSV: the columns
文号,年度,日期,类型,名称 with 类型 放假 or 补班, one row a day.
"""

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeGuard

from workflow.rules.calendar import Override

SATURDAY = 5
LONGEST_TEXT = 100
LONGEST_BREAK = 60
YEARS = range(2000, 2101)
KINDS = {"放假": False, "补班": True}
COLUMNS = ("文号", "年度", "日期", "类型", "名称")
Fault = tuple[str, str]
"""Where in the file, and the key of the rule it breaks."""
Row = tuple[str, date, Override]


@dataclass(frozen=True)
class Notice:
    document: str
    year: int | None
    days: dict[date, Override]


class BadNotice(ValueError):
    """A file that cannot be a holiday notice: every fault with its place."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{where}: {key}" for where, key in faults))
        self.faults = faults


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8, or what Chinese spreadsheet programs write. Raises BadNotice."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadNotice([("", "not_text")])


def read(text: str, name: str) -> Notice:
    """A notice from the text of its file. Raises BadNotice."""
    faults: list[Fault] = []
    document, year, rows = _csv(text, faults) if name.lower().endswith(".csv") else _toml(text, faults)
    faults += _about_document(document)
    if not rows and not faults:
        faults.append(("", "no_days"))
    days: dict[date, Override] = {}
    for where, day, override in rows:
        faults += [(where, key) for key in _about_day(day, override, year, days)]
        days[day] = override
    if year and not faults:
        faults += [(day.isoformat(), "statutory_day_missing") for day in _missing(year, days)]
    if year and not faults:
        faults += unbalanced(year, days)
    if faults:
        raise BadNotice(faults)
    return Notice(document.strip(), year, days)


def _about_document(document: str) -> Iterator[Fault]:
    if not document.strip():
        yield "", "document_missing"
    if len(document) > LONGEST_TEXT:
        yield "", "text_too_long"


def _about_day(day: date, override: Override, year: int | None, seen: dict[date, Override]) -> Iterator[str]:
    if day in seen:
        yield "day_twice"
    if override.working and day.weekday() < SATURDAY:
        yield "makeup_not_weekend"
    if day.year not in YEARS or (year and day.year not in (year - 1, year, year + 1)):
        yield "other_year"
    if len(override.name) > LONGEST_TEXT:
        yield "text_too_long"


# --- TOML


def _toml(text: str, faults: list[Fault]) -> tuple[str, int | None, list[Row]]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise BadNotice([(f"第 {line[1]} 行" if line else "", "unreadable")]) from error
    document = tables.get("document", "")
    rows: list[Row] = []
    for number, table in _tables(tables, "off", faults):
        rows += _break(f"第 {number} 段放假", table, str(document), faults)
    for number, table in _tables(tables, "work", faults):
        place, day = f"第 {number} 段补班", table.get("day")
        if _is_day(day):
            rows.append((f"{place} {day}", day, Override(True, str(table.get("name", "")), str(document), "makeup")))
        else:
            faults.append((place, "day_unreadable"))
    return (document if isinstance(document, str) else ""), _year(tables.get("year"), "", faults), rows


def _tables(tables: dict[str, Any], name: str, faults: list[Fault]) -> Iterator[tuple[int, dict[str, Any]]]:
    found = tables.get(name, [])
    for number, table in enumerate(found if isinstance(found, list) else [found], 1):
        if isinstance(table, dict):
            yield number, table
        else:
            faults.append((f"[[{name}]]", "unreadable"))


def _break(place: str, table: dict[str, Any], document: str, faults: list[Fault]) -> list[Row]:
    first = table.get("from", table.get("day"))
    last = table.get("to", first)
    if not _is_day(first) or not _is_day(last):
        faults.append((place, "day_unreadable"))
        return []
    if not 0 <= (last - first).days < LONGEST_BREAK:
        faults.append((f"{place} {first}", "break_impossible"))
        return []
    days = (first + timedelta(days=step) for step in range((last - first).days + 1))
    return [(f"{place} {day}", day, Override(False, str(table.get("name", "")), document, "holiday")) for day in days]


def _is_day(value: object) -> TypeGuard[date]:
    return isinstance(value, date) and not isinstance(value, datetime) and value.year in YEARS


def _year(value: Any, place: str, faults: list[Fault]) -> int | None:
    if value is None or value == "":
        return None
    if type(value) is int and value in YEARS:
        return value
    faults.append((place, "year_unreadable"))
    return None


# --- CSV


def _csv(text: str, faults: list[Fault]) -> tuple[str, int | None, list[Row]]:
    lines = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    absent = [name for name in COLUMNS if not lines or name not in lines[0]]
    if absent:
        raise BadNotice([("、".join(absent), "column_missing")])
    document, announced = _cell(lines[0], "文号"), _cell(lines[0], "年度")
    rows: list[Row] = []
    for number, line in enumerate(lines, 2):
        place = f"第 {number} 行"
        if (_cell(line, "文号"), _cell(line, "年度")) != (document, announced):
            faults.append((place, "two_documents"))
        working, day = KINDS.get(_cell(line, "类型")), _day(_cell(line, "日期"))
        if working is None:
            faults.append((place, "kind_unknown"))
        if day is None:
            faults.append((place, "day_unreadable"))
        if working is not None and day:
            why = "makeup" if working else "holiday"
            rows.append((place, day, Override(working, _cell(line, "名称"), document, why)))
    year = int(announced) if announced.isascii() and announced.isdecimal() else announced
    return document, _year(year, "第 2 行", faults), rows


def _cell(line: dict[str, Any], name: str) -> str:
    return str(line.get(name) or "").strip()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _missing(year: int, days: dict[date, Override]) -> list[date]:
    """Statutory days (全国年节及纪念日放假办法) that the notice leaves out: then it cannot be a whole year's notice."""
    import holidays

    # Where the law only says that a day off at a weekend is made up for, the notice says when.
    statutory = holidays.country_holidays("CN", years=year, observed=False)
    return [day for day in sorted(statutory) if day.year == year and (day not in days or days[day].working)]


def unbalanced(year: int, days: dict[date, Override]) -> Iterator[Fault]:
    """However days are exchanged, a year takes as many working days as the law gives holidays: what a notice takes from
    Monday to Friday, less what it gives back at weekends."""
    since = tomllib.loads(Path(__file__).with_name("rules").joinpath("statutory_days.toml").read_text(encoding="utf-8"))
    statutory = since[max(first for first in since if int(first) <= year)]
    off = sum(not one.working and day.weekday() < SATURDAY for day, one in days.items())
    work = sum(one.working for one in days.values())
    if off - work != statutory:
        yield f"放假占周一至周五 {off} 天 − 补班 {work} 天 ≠ 法定 {statutory} 天", "days_not_exchanged"
