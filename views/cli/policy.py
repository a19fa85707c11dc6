"""`policy`: the localities' rules as an official would read them."""

from typing import TYPE_CHECKING, Any

import click

from views.cli.door import BadInput, as_json, echo_json

if TYPE_CHECKING:
    from workflow.rules.policy import PolicyRules


@click.group()
def policy() -> None:
    """查看政策 | Policies: the rules of a locality"""


@policy.command("list")
@as_json
def list_(as_json: bool) -> None:
    """列出政策 | List policies"""
    from workflow.rules.policy import available, load

    found = [_summary(load(key)) for key in available()]
    if as_json:
        echo_json(found)
        return
    for row in found:
        years = "、".join(str(year) for year in row["years"])
        click.echo(f"{row['key']}  {row['title']}  {years} 年度  {'已发布' if row['status'] == 'released' else '草案'}")


@policy.command()
@click.argument("key")
@as_json
def show(key: str, as_json: bool) -> None:
    """查看一份政策：期限、审签、评级条件及依据 | One policy, each number with its clause"""
    from workflow.rules.policy import PolicyError, load

    try:
        rules = load(key)
    except PolicyError as error:
        raise BadInput(f"政策 {key} 不存在或有误：{error}") from error
    if as_json:
        echo_json({**_summary(rules), "content": rules.content.model_dump(mode="json")})
    else:
        click.echo("\n".join(_lines(rules)))


def _summary(rules: "PolicyRules") -> dict[str, Any]:
    heading = rules.content.policy
    return {
        "key": rules.key,
        "title": rules.title,
        "status": heading.status,
        "extends": heading.extends,
        "authorities": rules.content.scope.authorities,
        "years": rules.content.scope.years,
        "checksum": rules.checksum,
    }


def _lines(rules: "PolicyRules") -> list[str]:
    from views.terms import term
    from views.texts import text

    lines = [rules.title, f"校验和 {rules.checksum}", "", "期限"]
    for key, rule in rules.content.deadlines.items():
        clause = rules.clause(rule.clause)
        lines.append(f"  {key}  {term(rules, key)}  {rule.clause}：{clause.text}")
    lines += ["", "审签次序"]
    for name, steps in rules.content.signing or ():
        if name != "clauses" and steps:
            lines.append(f"  {name}  {' → '.join(text('step.' + step) for step in steps)}")
    lines += ["", "评级条件"]
    lines += [f"  {one.id}  {one.grade}级  {one.text}（{one.place}）" for one in rules.conditions]
    return lines
