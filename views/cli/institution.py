"""`institution`: bring a table of institutions in, and look them up."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from views.cli.door import BadInput, Door, Refused, as_json, echo_json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models import Institution
    from workflow.institutions import Finding, Line, Report

OUTCOMES = {"added": "新增", "renamed": "更名", "unchanged": "无变化", "refused": "不合规则"}


@click.group()
def institution() -> None:
    """导入、查看机构 | Institutions: import and look up"""


@institution.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只核对，不写入 | Check only, write nothing")
@click.option("--partial", is_flag=True, help="略过不合规则的行，写入其余 | Import the lines that pass")
@click.option(
    "--authority", "code", metavar="CODE", help="未填评价单位的行归此部门 | Authority of lines that name none"
)
@as_json
@click.pass_obj
def import_(door: Door, file: Path, dry_run: bool, partial: bool, code: str | None, as_json: bool) -> None:
    """导入汇总表（xlsx、csv）| Import a summary table

    全部合规才写入，除非用 --partial；有不合规则的行时退出状态为 1。信用等级等历史栏只列出，不生成等级。
    All lines or none, unless --partial; status 1 when a line is refused. Past grades are shown, never taken over.
    """
    if dry_run and partial:
        raise click.UsageError("--dry-run 与 --partial 不能同用 | are exclusive")
    with door.reading() if dry_run else door.writing() as session:
        report = _import(session, file, code, partial, dry_run)
    if as_json:
        echo_json(_as_data(report))
    else:
        click.echo("\n".join(_as_text(report)))
    if report.counts["refused"]:
        written = "其余行已写入" if report.written else "未写入"
        raise Refused(f"{report.counts['refused']} 行不合规则，{written}")


def _import(session: "Session", file: Path, code: str | None, partial: bool, dry_run: bool) -> "Report":
    from sqlalchemy import select

    from models import Authority
    from views.clocks import session_clock
    from workflow import institutions, sheets
    from workflow.reasons import TEXTS

    authority = session.scalar(select(Authority).where(Authority.code == code)) if code else None
    if code and authority is None:
        raise BadInput(f"没有代码为 {code} 的人社部门")
    try:
        with file.open("rb") as content:
            rows = sheets.read(content, file.name)
        return institutions.import_table(
            session, rows, session_clock(session), partial=partial, dry_run=dry_run, authority=authority
        )
    except sheets.SheetRefused as error:
        raise BadInput(f"{file.name}：{TEXTS[error.key]}") from error


def _as_text(report: "Report") -> list[str]:
    counts = "，".join(f"{OUTCOMES[outcome]} {count}" for outcome, count in report.counts.items())
    ignored = [f"未用的列：{'、'.join(report.ignored_columns)}"] if report.ignored_columns else []
    history = [f"历史栏 {sum(bool(line.history) for line in report.lines)} 行，只列出，不生成等级"]
    return [*(text for line in report.lines for text in _line(line)), *ignored, *history, counts]


def _line(line: "Line") -> list[str]:
    head = f"第 {line.line} 行  {OUTCOMES[line.outcome]}  {line.code or '—'}  {line.name or '—'}"
    history = ["    " + "，".join(f"{column} {text}" for column, text in line.history.items())] if line.history else []
    refusals = [f"    {finding.field}：{finding.text}（{finding.reason}）" for finding in line.refusals]
    warnings = [f"    注意，{finding.field}：{finding.text}（{finding.reason}）" for finding in line.warnings]
    return [head, *history, *refusals, *warnings]


def _as_data(report: "Report") -> dict[str, object]:
    lines = [
        {
            "line": line.line,
            "code": line.code,
            "name": line.name,
            "outcome": line.outcome,
            "refusals": _findings(line.refusals),
            "warnings": _findings(line.warnings),
            "history": line.history,
        }
        for line in report.lines
    ]
    return {
        "written": report.written,
        "counts": report.counts,
        "ignored_columns": report.ignored_columns,
        "lines": lines,
    }


def _findings(found: "list[Finding]") -> list[dict[str, str]]:
    return [{"field": finding.field, "reason": finding.reason, "text": finding.text} for finding in found]


def _summary(entry: "Institution") -> dict[str, object]:
    return {
        "code": entry.credit_code,
        "name": entry.name,
        "nature": entry.nature,
        "authority": entry.managing_authority.name,
        "authority_code": entry.managing_authority.code,
        "closed_on": entry.closed_on,
    }


@institution.command("list")
@as_json
@click.pass_obj
def list_(door: Door, as_json: bool) -> None:
    """列出机构 | List institutions"""
    from workflow import institutions

    with door.reading() as session:
        found = [_summary(entry) for entry in institutions.listing(session)]
    if as_json:
        echo_json(found)
    else:
        for entry in found:
            click.echo(f"{entry['code']}  {entry['name']}  {entry['authority']}")


@institution.command()
@click.argument("code")
@as_json
@click.pass_obj
def show(door: Door, code: str, as_json: bool) -> None:
    """查看一个机构 | Show one institution

    没有该机构时退出状态为 1。
    Status 1 when there is none.
    """
    from workflow import institutions

    with door.reading() as session:
        entry = institutions.find(session, code)
        if entry is None:
            raise Refused(f"没有统一社会信用代码为 {code} 的机构")
        names = [
            {"name": dated.name, "from": dated.valid_from, "to": dated.valid_to}
            for dated in institutions.names(session, entry)
        ]
        found = {**_summary(entry), "names": names}
    if as_json:
        echo_json(found)
        return
    click.echo(f"{found['name']}\n统一社会信用代码 {found['code']}\n管理机关 {found['authority']}")
    for dated in names:
        click.echo(f"  {dated['from']} 至 {dated['to'] or '今'}  {dated['name']}")
