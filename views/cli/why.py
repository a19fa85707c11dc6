"""`case why`: each condition with its facts, the distance to better grades, and a question of what if."""

from typing import TYPE_CHECKING, Any

import click

from views.cli.acting import refusals
from views.cli.door import BadInput, Door, as_json, echo_json

if TYPE_CHECKING:
    from datetime import datetime

    from workflow.explainer import Explained
    from workflow.rules.findings import Findings
    from workflow.rules.policy import PolicyRules

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("reference", metavar="NUMBER|ID")
@click.option("--without", type=int, multiple=True, metavar="RECORD", help="假设不计该记录 | Leave a record out")
@click.option("--add", "added", nargs=2, multiple=True, metavar="KIND DATE", help="假设增加一项记录 | Suppose a record")
@click.option("--on", type=DAY, help="假设评级日 | On another day")
@as_json
@click.pass_obj
def why(
    door: Door,
    reference: str,
    without: tuple[int, ...],
    added: tuple[tuple[str, str], ...],
    on: "datetime | None",
    as_json: bool,
) -> None:
    """说明一件的等级：逐项条件、距更高等级、假设试算 | Why this grade, how far the next one is, and what if"""
    from workflow import explainer
    from workflow.engine.load import facts_of
    from workflow.engine.permissions import SYSTEM
    from workflow.engine.queries import case_page, console

    with door.reading() as session, refusals():
        facts = facts_of(session, console.find(session, reference).id, SYSTEM, door.instant(session))
        found = case_page.found(facts) if facts.machine.table.key == "evaluation" else None
        if found is None:
            raise BadInput(f"{reference} 没有评级结果")
        explained = explainer.explain(session, facts.rules, found.findings)
        what = explainer.What(frozenset(without), {}, tuple((kind, _day(day)) for kind, day in added),
                              on.date() if on else None)  # fmt: skip
        asked = explainer.what_if(facts.rules, found.findings, what) if without or added or on else None
    answer = _answer(facts.rules, explained, asked)
    if as_json:
        echo_json(answer)
        return
    click.echo(f"等级 {answer['grade'] or '不能评级'}，重算{'相同' if answer['same'] else '不同'}")
    for one in answer["conditions"]:
        sign = "✓" if one["met"] else " "
        said = f"{one['condition']}  {one['grade']}级  {one['text']}（{one['clause']}）"
        click.echo(f" {sign} {said}  记录 {one['records']}")
    for one in answer["distance"]:
        points = f"，增加 {one['points']} 分" if one["points"] else ""
        click.echo(f"距 {one['grade']} 级：不计记录 {one['without']}{points}")
    if asked:
        click.echo(f"假设成立时：{asked.grade or '不能评级'}")


def _day(text: str) -> Any:
    from workflow.rules.written_day import written_day

    try:
        return written_day(text)
    except ValueError as error:
        raise BadInput(f"{text} 不是日期，应如 2026-03-02") from error


def _answer(rules: "PolicyRules", explained: "Explained", asked: "Findings | None") -> dict[str, Any]:
    conditions = [
        {
            "condition": one.condition.id,
            "grade": one.condition.grade,
            "met": one.met,
            "text": one.condition.text,
            "clause": one.condition.clause,
            "records": [fact.id for fact in one.facts],
        }
        for one in explained.lines
    ]
    return {
        "policy": rules.key,
        "grade": explained.findings.grade,
        "same": explained.same,
        "conditions": conditions,
        "distance": [
            {"grade": one.grade, "without": list(one.without), "points": str(one.points or "")}
            for one in explained.distance
        ],
        "what_if": {"grade": asked.grade, "met": [one.condition for one in asked.met]} if asked else None,
    }
