"""机构名录: the import of 附件 2 tables (XC-33) and the look-up of institutions.

An import registers institutions: code, name, managing authority. The table's columns about past grades are read and
shown in the report, but never become grades: a grade enters only by a case's `import` move, with its source document.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models import Authority, Institution, InstitutionManagement, InstitutionName
from workflow.clock import legal_day
from workflow.pinyin import search_text
from workflow.reasons import TEXTS
from workflow.rules import credit_code
from workflow.sheets import Row, SheetRefused

NAME, CODE, UNIT = "机构名称", "统一社会信用代码", "评价单位"
HISTORY = ("信用等级", "失信情况", "查处情况", "是否选树为诚信机构典型", "选树原因", "备注")
HEADER_WITHIN = 10
FOOTERS = ("单位负责人", "填表人", "联系电话", "填报")
LONGEST_NAME = 200

_PLACEHOLDER = re.compile(r"X{4,}|[*＊×?？…]|\.{3}")
_AS_NUMBER = re.compile(r"\d(\.\d+)?E\+?\d+")
# Spaces beside Chinese characters are layout; between Latin words they are part of the name.
_SPACES = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
_BRACKETS = str.maketrans("()", "（）")
# Who registered it (first two characters of the code) tells its legal nature.
_NATURES = (("12", "public_institution"), ("5", "social_organisation"), ("9", "enterprise"))

Outcome = Literal["added", "renamed", "unchanged", "refused"]


@dataclass(frozen=True)
class Finding:
    """`field` is the column's heading, `reason` a key of `reasons.TEXTS`."""

    field: str
    reason: str

    @property
    def text(self) -> str:
        return TEXTS[self.reason]


@dataclass
class Line:
    """One institution of the table. `history` is what the table says about past grades, as it stands there."""

    line: int
    name: str
    code: str
    history: dict[str, str]
    outcome: Outcome = "refused"
    refusals: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    authority: Authority | None = None
    institution: Institution | None = None


@dataclass
class Report:
    """`written` is False for a dry run, and for a table with refused lines that was not to be imported in part."""

    lines: list[Line]
    ignored_columns: list[str]
    written: bool = False

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(line.outcome for line in self.lines)
        return {outcome: found[outcome] for outcome in ("added", "renamed", "unchanged", "refused")}


def import_table(
    session: Session,
    rows: Sequence[Row],
    at: datetime,
    *,
    partial: bool = False,
    dry_run: bool = False,
    authority: Authority | None = None,
) -> Report:
    """All lines or none, unless `partial`. `authority` manages the institutions whose line names no 评价单位.

    Raises SheetRefused when the table has no such header.
    """
    header, body = _find_header(rows)
    lines = [_read_line(row, header) for row in body]
    _look_up(session, lines, [_cell(row, header, UNIT) for row in body], at, authority)
    known = {NAME, CODE, UNIT, *HISTORY}
    report = Report(lines, [column for column in header if column and column not in known])
    if not dry_run and (partial or not report.counts["refused"]):
        _write(session, lines, at)
        report.written = True
    return report


def _find_header(rows: Sequence[Row]) -> tuple[dict[str, int], list[Row]]:
    for index, row in enumerate(rows):
        columns = ["".join(cell.split()) for cell in row.cells]
        if row.line <= HEADER_WITHIN and {NAME, CODE, UNIT} <= set(columns):
            titled = [column for column in columns if column]
            if len(titled) != len(set(titled)):
                raise SheetRefused("header_repeated")
            header = {column: place for place, column in enumerate(columns) if column}
            return header, [row for row in rows[index + 1 :] if not _is_footer(row)]
    raise SheetRefused("header_missing")


def _is_footer(row: Row) -> bool:
    return next(cell for cell in row.cells if cell).startswith(FOOTERS)


def _cell(row: Row, header: dict[str, int], column: str) -> str:
    place = header.get(column, len(row.cells))
    return row.cells[place] if place < len(row.cells) else ""


def _read_line(row: Row, header: dict[str, int]) -> Line:
    name = _SPACES.sub("", _cell(row, header, NAME).translate(_BRACKETS))
    checked = credit_code.check(_cell(row, header, CODE))
    history = {column: text for column in HISTORY if (text := _cell(row, header, column))}
    line = Line(row.line, name, checked.code, history)
    if not name:
        line.refusals.append(Finding(NAME, "name_missing"))
    if len(name) > LONGEST_NAME:
        line.refusals.append(Finding(NAME, "name_too_long"))
    line.refusals += [Finding(CODE, reason) for reason in _code_refusals(checked)]
    line.warnings += [Finding(CODE, reason) for reason in checked.warnings if checked.ok]
    return line


def _code_refusals(checked: credit_code.CodeCheck) -> tuple[str, ...]:
    """The reason that helps the sender most: a placeholder is no mere failure of the check character."""
    if checked.ok:
        return ()
    if not checked.code:
        return ("code_missing",)
    if _AS_NUMBER.fullmatch(checked.code):
        return ("code_as_number",)
    return ("code_placeholder",) if _PLACEHOLDER.search(checked.code) else checked.refusals


def _look_up(session: Session, lines: list[Line], units: list[str], at: datetime, default: Authority | None) -> None:
    """Match authorities and standing institutions, and say what an import would do with each line."""
    authorities = _authorities_by_name(session, at)
    codes = [line.code for line in lines]
    standing = select(Institution).where(Institution.credit_code.in_(codes))
    institutions = {institution.credit_code: institution for institution in session.scalars(standing)}
    seen: set[str] = set()
    for line, unit in zip(lines, units, strict=True):
        found = authorities.get("".join(unit.split()), []) if unit else [default] if default else []
        line.authority = found[0] if len(found) == 1 else None
        if not found:
            line.refusals.append(Finding(UNIT, "authority_unknown" if unit else "authority_missing"))
        elif len(found) > 1:
            line.refusals.append(Finding(UNIT, "authority_ambiguous"))
        if line.code and line.code in seen:
            line.refusals.append(Finding(CODE, "code_repeated"))
        seen.add(line.code)
        line.institution = institutions.get(line.code)
        line.outcome = _outcome(line)


def _outcome(line: Line) -> Outcome:
    institution = line.institution
    if institution and line.authority and institution.managing_authority_id != line.authority.id:
        line.refusals.append(Finding(UNIT, "managed_elsewhere"))
    if line.refusals:
        return "refused"
    if institution is None:
        return "added"
    return "unchanged" if institution.name == line.name else "renamed"


def _authorities_by_name(session: Session, at: datetime) -> dict[str, list[Authority]]:
    today = legal_day(at)
    in_force = select(Authority).where(
        Authority.valid_from <= today, or_(Authority.valid_to.is_(None), Authority.valid_to >= today)
    )
    found: dict[str, list[Authority]] = {}
    for authority in session.scalars(in_force):
        for name in {authority.name, authority.short_name}:
            found.setdefault(name, []).append(authority)
    return found


def _write(session: Session, lines: list[Line], at: datetime) -> None:
    for line in lines:
        if line.outcome == "added":
            line.institution = _register(line, at)
            session.add(line.institution)
    session.flush()
    today = legal_day(at)
    for line in lines:
        if line.institution is None or line.authority is None:
            continue
        known = line.institution.id
        if line.outcome == "added":
            managed = InstitutionManagement(institution_id=known, authority_id=line.authority.id, valid_from=today)
            session.add_all([managed, InstitutionName(institution_id=known, name=line.name, valid_from=today)])
        elif line.outcome == "renamed":
            _rename(session, line.institution, line.name, at)
    session.flush()


def _register(line: Line, at: datetime) -> Institution:
    return Institution(
        credit_code=line.code,
        name=line.name,
        pinyin=search_text(line.name),
        nature=next((nature for prefix, nature in _NATURES if line.code.startswith(prefix)), "other"),
        managing_authority=line.authority,
        created_at=at,
    )


def _rename(session: Session, institution: Institution, name: str, at: datetime) -> None:
    """The former name ends the day before; a second change on one day only corrects the first."""
    today = legal_day(at)
    names = select(InstitutionName).where(
        InstitutionName.institution_id == institution.id, InstitutionName.valid_to.is_(None)
    )
    present = session.scalars(names).one()
    if present.valid_from >= today:
        present.name = name
    else:
        present.valid_to = today - timedelta(days=1)
        session.add(InstitutionName(institution_id=institution.id, name=name, valid_from=today))
    institution.name = name
    institution.pinyin = search_text(name)


def listing(session: Session) -> list[Institution]:
    return list(session.scalars(select(Institution).order_by(Institution.credit_code)))


def find(session: Session, code: str) -> Institution | None:
    return session.scalar(select(Institution).where(Institution.credit_code == credit_code.normalise(code)))


def names(session: Session, institution: Institution) -> list[InstitutionName]:
    """Every name it has had, the oldest first."""
    dated = select(InstitutionName).where(InstitutionName.institution_id == institution.id)
    return list(session.scalars(dated.order_by(InstitutionName.valid_from)))
