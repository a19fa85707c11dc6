"""`case proof`: why a deadline is that day, on the screen, as data, or as a sheet to print."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from views.cli.acting import refusals
from views.cli.door import Door, as_json, echo_json

if TYPE_CHECKING:
    from datetime import date, datetime

as_pdf = click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="写成 PDF | Write it as a PDF")


@click.command()
@click.argument("reference", metavar="NUMBER|ID")
@click.option("--of", type=int, metavar="ID", help="时限编号，见 --list | A deadline's id, see --list")
@click.option("--list", "listed", is_flag=True, help="列出该件的各个时限 | List the case's deadlines")
@as_pdf
@as_json
@click.pass_obj
def proof(door: Door, reference: str, of: int | None, listed: bool, pdf: Path | None, as_json: bool) -> None:
    """逐日证明一件的时限 | The proof of a case's deadline, day by day"""
    from workflow.clock import legal_day
    from workflow.engine.queries import console
    from workflow.engine.queries import proof as query

    with door.reading() as session, refusals():
        at, case = door.instant(session), console.find(session, reference)
        if listed:
            echo_json([asdict(one) for one in query.deadlines(session, case.id)])
        elif as_json:
            echo_json(as_data(session, case, legal_day(at), of))
        else:
            out(_sheet(session, case, at, of), pdf)


def out(sheet: dict[str, Any], pdf: Path | None) -> None:
    """On the screen, or as a file."""
    from views.pdf import rendered

    if pdf is None:
        click.echo("\n".join(_lines(sheet)))
        return
    pdf.write_bytes(rendered("proof", sheet))
    click.echo(f"已写入 {pdf}")


def as_data(session: Any, case: Any, today: "date", of: int | None = None) -> dict[str, Any] | None:
    from workflow.engine.load import rules_of
    from workflow.engine.queries import proof as query

    proved = query.proof(session, case.id, today, of)
    if proved is None:
        return None
    id = proved.rule["clause"]
    known = rules_of(session, case.policy_id).content.clauses.get(id)
    clause = {"id": id, "text": known.text if known else "", "place": known.place if known else ""}
    return query.as_json(proved, clause)


def _sheet(session: Any, case: Any, at: "datetime", of: int | None) -> dict[str, Any]:
    from views.cli.acting import state_text
    from views.proof_sheet import of_case
    from workflow.clock import legal_day
    from workflow.engine.load import rules_of
    from workflow.engine.queries import proof as query
    from workflow.engine.refusal import NotFound

    proved = query.proof(session, case.id, legal_day(at), of)
    if proved is None:
        raise NotFound
    shown = {
        "number": case.number,
        "machine": case.machine,
        "name": case.institution.name if case.institution else "",
        "state": state_text(case.machine, case.state, case.step),
    }
    return of_case(proved, shown, rules_of(session, case.policy_id), at)


def _lines(sheet: dict[str, Any]) -> list[str]:
    pairs = [*sheet["facts"], *sheet["rule"], ("依据", sheet["clause"])]
    lines = [sheet["title"], sheet["answer"], *(f"  {name}  {value}" for name, value in pairs if value)]
    lines += [f"  {what}  {who}  {why}" for what, who, why in sheet["turns"]]
    lines += [f"  {day}  {count}  {nature}  {notice}".rstrip() for day, nature, count, notice in sheet["days"]]
    return [*lines, sheet["foot"]]
