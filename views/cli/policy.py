"""`policy`: the localities' rules as an official would read them, check them, compare them and try them on facts."""

from typing import TYPE_CHECKING, Any

import click

from views.cli.door import BadInput, Refused, as_json, echo_json

if TYPE_CHECKING:
    from pathlib import Path

    from workflow.rules.policy import PolicyError, PolicyRules
    from workflow.rules.policy_reading import Block


@click.group()
def policy() -> None:
    """查看、核对、比较、试算政策 | Policies: the rules of a locality"""


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
    """查看一份政策：每项规定及依据，以及尚未设定的事项 | One policy: every rule with its clause, and what is not set"""
    from workflow.rules.policy_reading import blocks, not_set

    rules = _load(key)
    if as_json:
        content = rules.content.model_dump(mode="json")
        echo_json({**_summary(rules), "content": content, "not_set": not_set(rules)})
    else:
        click.echo("\n".join(_lines(rules, blocks(rules), not_set(rules))))


@policy.command()
@click.argument("policies", nargs=-1, metavar="[ID|FILE]...")
@as_json
def check(policies: tuple[str, ...], as_json: bool) -> None:
    """核对政策文件：逐处指明行号、事项和问题 | Check policy files: line, place and rule of each fault

    不指明时核对全部政策及其校验和；有不符之处时退出状态为 1。
    Without names all policies and their checksums. Status 1 when something is wrong.
    """
    from workflow.rules.policy import available, verify_lock

    rows = [row for name in policies or available() for row in _faults(name)]
    if not policies:
        rows += [{"file": file, "line": "", "place": "", "fault": problem} for file, problem in verify_lock()]
    if as_json:
        echo_json(rows)
    else:
        from views.policy_words import fault

        click.echo("\n".join(f"{row['file']}:{row['line']} {row['place']}：{fault(row['fault'])}" for row in rows)
                   or f"{len(policies or available())} 份政策符合要求")  # fmt: skip
    if rows:
        raise Refused(f"{len(rows)} 处不符")


@policy.command()
@click.argument("before")
@click.argument("after")
@as_json
def diff(before: str, after: str, as_json: bool) -> None:
    """比较两份政策 | What differs between two policies

    有差异时退出状态为 1，与 diff 相同。
    Status 1 when they differ, as diff does.
    """
    from workflow.rules.policy_reading import differences

    found = differences(_load(before), _load(after))
    if as_json:
        echo_json([{"place": one.place, "before": one.before, "after": one.after} for one in found])
    for one in [] if as_json else found:
        click.echo(one.place)
        click.echo("\n".join(f"  {sign} {value}" for sign, value in (("-", one.before), ("+", one.after))
                             if value is not None))  # fmt: skip
    if found:
        click.get_current_context().exit(1)


@policy.command()
@click.option("--policy", "key", required=True, metavar="ID", help="政策 | Policy")
@click.option(
    "--facts", type=click.Path(exists=True, dir_okay=False, path_type=str), required=True, help="事实（JSON）| Facts"
)
@as_json
def grade(key: str, facts: str, as_json: bool) -> None:
    """按一份政策对所给事实试评 | Facts in; the grade and every condition met with its clause out

    事实文件：{"on": "评级日", "records": [{"kind": ..., "acted_on": ...}], "scores": {"official": {"01": "3"}},
    "survey": {"answers": 12, "marks": 110}}；后两项只用于计分的政策。
    The file holds the day, the archive's records and, for a policy that scores, the sheets and the survey.
    """
    from pathlib import Path

    from views.policy_words import words
    from workflow.trial import BadFacts, read, verdict

    rules = _load(key)
    try:
        found = verdict(rules, read(rules, Path(facts).read_text(encoding="utf-8")))
    except BadFacts as bad:
        raise BadInput("\n".join(f"{facts}{place}：{_said(key, told)}" for place, key, told in bad.faults)) from bad
    if as_json:
        echo_json(found)
        return
    click.echo(f"{rules.title}：{found['grade'] + '级' if found['grade'] else '不能评级'}")
    if found["score"]:
        click.echo(f"得分 {found['score']['total'] or '不出结果'}")
    for one in found["met"]:
        said = f"{one['condition']}  {one['grade']}级  {one['text']}（{one['place']}）"
        click.echo(f"  {said}  记录 {words(rules, one['records'])}")
    if found["unjudged"]:
        click.echo(f"  待认定情节的记录：{words(rules, found['unjudged'])}")


def _said(problem: str, details: dict[str, Any]) -> str:
    """As a page would say it of a score; what only the schema can say stays as it says it."""
    from views.texts import keys

    said = keys().get(f"facts.{problem}") or keys().get(f"reason.{problem}")
    return said.format(**details) if said else problem


def _load(key: str) -> "PolicyRules":
    from workflow.rules.policy import PolicyError, load

    try:
        return load(key)
    except PolicyError as error:
        raise BadInput(f"政策 {key} 不存在或有误：{error}") from error


def _faults(name: str) -> list[dict[str, Any]]:
    """Of a policy by its key, or of a file on its way to becoming one."""
    from pathlib import Path

    from workflow.rules.policy import PolicyError, available, load, load_text

    file = Path(name)
    try:
        load(name) if name in available() else load_text(_text(file), file.name)
    except PolicyError as error:
        return _rows(error)
    return []


def _rows(error: "PolicyError") -> list[dict[str, Any]]:
    found = zip(error.faults, error.lines, strict=True)
    return [{"file": error.file, "line": line, "place": place, "fault": fault} for (place, fault), line in found]


def _text(file: "Path") -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"没有政策或文件 {file}：{error}") from error


def _summary(rules: "PolicyRules") -> dict[str, Any]:
    heading = rules.content.policy
    return {
        "key": rules.key,
        "title": rules.title,
        "status": heading.status,
        "extends": heading.extends,
        "authorities": rules.content.scope.authorities,
        "years": rules.content.scope.years,
        "machines": rules.machines,
        "checksum": rules.checksum,
    }


def _lines(rules: "PolicyRules", found: "list[Block]", open_: list[str]) -> list[str]:
    from views import policy_words as say

    status = "已发布" if rules.content.policy.status == "released" else "草案，尚不生效"
    out, section = [rules.title, f"{status}，校验和 {rules.checksum}"], ""
    for block in found:
        if block.section != section:
            section = block.section
            out += ["", say.section(section)]
        heading = say.heading(block)
        said = "；".join(f"{caption}：{words}" if caption else words for caption, words in say.lines(rules, block))
        cited = " ".join(f"[{id}]" for id in block.clauses)
        out.append("  " + "  ".join(part for part in (heading, said, cited, "本地设定" * block.local) if part))
    return [*out, "", "未设定", *(f"  {one}" for one in say.open_places(open_))] if open_ else out
