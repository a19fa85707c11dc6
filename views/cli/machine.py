"""`machine`: the processes as tables, and whether they are sound under every policy."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from views.cli.door import BadInput, Door, Refused, as_json, echo_json, now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workflow.engine.check import Fault
    from workflow.engine.machine import Compiled, Move, State
    from workflow.rules.policy import PolicyRules

FAULTS = {
    "machine_invalid": "状态表不成立",
    "unreachable": "状态无法到达",
    "dead_end": "不是终态，却到不了终态",
    "state_unknown": "去向不是本事项的状态",
    "final_left": "终态不得再流转",
    "clause_unknown": "依据不在政策条款中",
    "actor_unknown": "办理人无法识别",
    "no_owner": "在办状态无人负责，也不等待时限或子事项",
    "owner_unknown": "负责人无法识别",
    "due_unknown": "时限不在政策中",
    "timer_decides": "时限届满不得代主管部门作出决定",
    "lapse_without_due": "有届满动作而无时限",
    "lapse_unknown": "届满动作不存在",
    "deadline_unused": "政策所定期限无事项使用",
    "limit_unused": "政策设了总时限，却不办这一事项",
    "limit_exceeded": "各环节用满期限会超过政策设定的总时限，最不利的起始日",
    "text_missing": "缺少文字",
}

HEADINGS = {
    "state": "状态", "name": "名称", "kind": "类别", "owner": "负责或等待", "due": "时限", "clause": "依据",
    "on_lapse": "届满动作", "from": "自", "move": "流转", "to": "至", "by": "办理人",
}  # fmt: skip


@click.group()
def machine() -> None:
    """列出、查看、核对事项 | Processes: list, show, check"""


@machine.command("list")
@as_json
def list_(as_json: bool) -> None:
    """列出全部事项 | All processes"""
    from views.texts import text
    from workflow.machines import MACHINES

    rows = [{"key": key, "name": text(f"machine.{key}"), "prefix": table.prefix} for key, table in MACHINES.items()]
    if as_json:
        echo_json(rows)
    else:
        click.echo("\n".join(f"{row['key']:<12} {row['prefix']}  {row['name']}" for row in rows))


@machine.command()
@click.argument("key")
@click.option(
    "--policy",
    default="",
    metavar="ID",
    help="政策，默认第一个 | Policy, by default the first that runs it",
)
@as_json
def show(key: str, policy: str, as_json: bool) -> None:
    """查看一个事项的状态与流转 | States and moves of one process"""
    from views.texts import text
    from workflow.engine.machine import compiled
    from workflow.machines import MACHINES
    from workflow.rules.policy import available, load

    if key not in MACHINES:
        raise BadInput(f"没有事项 {key}，现有：{'、'.join(MACHINES)}")
    if policy and policy not in available():
        raise BadInput(f"没有政策 {policy}，现有：{'、'.join(available())}")
    running = [rules for rules in map(load, available()) if key in rules.machines and policy in ("", rules.key)]
    if not running:
        raise BadInput(f"政策 {policy} 不办理{text(f'machine.{key}')}" if policy else f"没有政策办理 {key}")
    found = compiled(MACHINES[key], running[0])
    states, moves = [_state(found, one) for one in found.states.values()], [_move(found, row) for row in found.moves]
    if as_json:
        echo_json({"machine": key, "policy": found.rules.key, "states": states, "moves": moves})
    else:
        _print(found, states, moves)


def _state(found: "Compiled", state: "State") -> dict[str, Any]:
    period = found.rules.content.deadlines.get(state.due)
    return {
        "state": state.full,
        "name": _name(found, state.full),
        "kind": state.kind,
        "owner": state.owner or state.waits,
        "due": state.due,
        "clause": period.clause if period else "",
        "on_lapse": state.on_lapse,
    }


def _move(found: "Compiled", row: "Move") -> dict[str, Any]:
    from views.texts import text

    return {
        "move": row.name,
        "name": text(f"move.{found.table.key}.{row.name}"),
        "from": row.source,
        "to": row.to,
        "by": row.by,
        "clause": row.basis,
    }


def _name(found: "Compiled", full: str) -> str:
    from views.texts import text

    state, _, step = full.partition(".")
    name = text(f"state.{found.table.key}.{state}")
    return f"{name}·{text(f'step.{step}')}" if step else name


def _print(found: "Compiled", states: list[dict[str, Any]], moves: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    from views.texts import text

    console = Console()
    title = f"{text(f'machine.{found.table.key}')}（{found.rules.title}）"
    for caption, columns, rows in (
        (f"{title}：状态", ("state", "name", "kind", "owner", "due", "clause", "on_lapse"), states),
        ("流转", ("from", "move", "name", "to", "by", "clause"), moves),
    ):
        table = Table(*(HEADINGS[column] for column in columns), title=caption, title_justify="left")
        for row in rows:
            table.add_row(*(str(row[column]) for column in columns))
        console.print(table)


@machine.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("docs/machines"))
def pages(folder: Path) -> None:
    """写出各事项的说明页和状态图 | Write the page and the drawing of every process

    默认写入 docs/machines。状态表或政策改动后运行。
    Run it after a change of a machine or a policy.
    """
    from views.machine_page import pages
    from workflow.machines import MACHINES
    from workflow.rules.policy import available, load

    folder.mkdir(parents=True, exist_ok=True)
    found = pages(MACHINES, [load(key) for key in available()])
    for name, content in found.items():
        (folder / name).write_text(content, encoding="utf-8")
    click.echo(f"{len(found)} 个文件写入 {folder}")


@machine.command()
@click.option(
    "--feasibility", is_flag=True, help="各环节用满期限时最长多久 | The longest path, and its worst start day"
)
@click.option(
    "--staffing", is_flag=True, help="本站任职是否够用：哪一步无人可办 | Steps that nobody on this site can decide"
)
@as_json
@click.pass_obj
def check(door: Door, feasibility: bool, staffing: bool, as_json: bool) -> None:
    """按每项政策核对每个事项 | Check every process under every policy

    有不符之处时退出状态为 1。
    Status 1 when something is wrong.
    """
    from views.texts import keys
    from workflow.engine.check import all_faults
    from workflow.machines import MACHINES
    from workflow.rules.policy import available, load

    policies = [load(key) for key in available()]
    if staffing:
        _staffed(door, policies, as_json)
        return
    if feasibility:
        rows = list(_feasible(policies))
        if as_json:
            echo_json(rows)
        else:
            click.echo("\n".join(_longest(row) for row in rows))
        return
    found = [*all_faults(MACHINES, policies, keys()), *_over_limit(policies)]
    if as_json:
        echo_json(
            [{"policy": p, "machine": m, "key": f.key, "where": f.where, "detail": f.detail} for p, m, f in found]
        )
    elif found:
        click.echo("\n".join(_line(policy, key, fault) for policy, key, fault in found))
    else:
        click.echo(f"{len(MACHINES)} 个事项在 {len(policies)} 项政策下均符合要求")
    if found:
        raise Refused(f"{len(found)} 处不符")


def _staffed(door: Door, policies: "list[PolicyRules]", as_json: bool) -> None:
    from dataclasses import asdict

    from views.texts import text
    from workflow.clock import legal_day
    from workflow.engine.staffing_check import staffing

    with door.reading() as session:
        on = legal_day(door.instant(session))
        released = [rules for rules in policies if rules.content.policy.status == "released"]
        found = [(rules.key, short) for rules in released for short in staffing(session, rules, on)]
    if as_json:
        echo_json([{"policy": policy, **asdict(short)} for policy, short in found])
    for policy, short in () if as_json else found:
        where = f"{short.authority} {text(f'machine.{short.machine}')}（{short.seat}）"
        above = f"，须由{short.above}指定办理" if short.above else ""
        click.echo(f"{policy}  {where}：缺{text(f'role.{short.role}')}{above}")
    if found:
        raise Refused(f"{len(found)} 处无人可办")
    if not as_json:
        click.echo("每一步都有人可办")


def _over_limit(policies: "list[PolicyRules]") -> "Iterator[tuple[str, str, Fault]]":
    from workflow.engine import feasibility
    from workflow.engine.machine import compiled
    from workflow.machines import MACHINES
    from workflow.rules.calendar import Calendar

    calendar = Calendar()
    last = feasibility.last_covered(calendar, now().year)
    for rules in policies:
        for key in sorted(set(rules.content.limits) & set(rules.machines)):
            if fault := feasibility.broken(compiled(MACHINES[key], rules), calendar, last):
                yield rules.key, key, fault


def _feasible(policies: "list[PolicyRules]") -> "Iterator[dict[str, Any]]":
    """From the published calendar alone: what a site has imported says nothing about a policy."""
    from workflow.engine import feasibility
    from workflow.engine.machine import compiled
    from workflow.machines import MACHINES
    from workflow.rules.calendar import Calendar

    calendar = Calendar()
    last = feasibility.last_covered(calendar, now().year)
    for rules in policies:
        for key in rules.machines:
            if found := feasibility.worst(compiled(MACHINES[key], rules), calendar, last):
                yield {"policy": rules.key, "machine": key, "start": found.start, "end": found.end, "days": found.days,
                       "allowed": found.allowed, "over": found.over,
                       "ladder": found.ladder, "steps": found.steps}  # fmt: skip


def _longest(row: dict[str, Any]) -> str:
    from views.texts import text

    worst = f"最长 {row['days']} 日（{row['start']} 起，至 {row['end']}）"
    if row["allowed"]:
        kept = f"超过 {row['over']} 日" if row["over"] > 0 else "未超过"
        worst += f"，总时限至 {row['allowed']}，{kept}"
    else:
        worst += "，政策未设总时限"
    return f"{row['policy']}  {text('machine.' + row['machine'])}  {len(row['steps'])} 个环节  {worst}"


def _line(policy: str, key: str, fault: "Fault") -> str:
    place = " ".join(word for word in (policy, key, fault.where) if word)
    return f"{place}：{FAULTS[fault.key]}{fault.detail and f'（{fault.detail}）'}"
