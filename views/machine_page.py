"""A machine's page and drawing, made from its table and the policies: docs/machines/. Nothing is said twice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from models.people import LEVELS
from views.drawing import Arrow, Box, svg
from views.terms import term
from views.texts import keys, text
from workflow.engine import sources
from workflow.engine.check import reachable
from workflow.engine.facts import Facts
from workflow.engine.ladder import level_of
from workflow.engine.machine import NEW, Compiled, MachineTable, Move, State, compiled
from workflow.rules.policy import PolicyRules
from workflow.rules.policy_deadlines import Period

PLACES = {"level": "本级", "home": "承办部门", "publisher": "公示部门", "round": "批次组织部门", "above": "上一级"}
ACTORS = {
    "system": "系统", "public": "任何人", "institution": "机构", "objector": "异议人或申请人", "owner": "本环节责任人",
    "task": "待办人", "keeper": "管理机关或上级的经办、科室负责人",
    "panel_member": "评价小组成员", "panel_leader": "评价小组组长",
}  # fmt: skip
SOURCES = {
    NEW: "（新办）", "review": "各级审查", "review:start": "首级第一步", "review:later": "其后各步",
    "review:panel": "评价小组",
}  # fmt: skip
TARGETS = {
    "above": "公示机关上一级第一步",
    "stay": "不变",
    "restart": "本级第一步",
    "down": "下一级第一步",
    "review": "首级第一步",
}
KINDS = {"active": "在办", "standing": "有效", "final": "办结"}
WAITS = {
    "publicity": "等公示期满",
    "objection": "等异议办结",
    "objector": "等申请人",
    "opening": "等公示开始",
    "seat": "等名额空出",
}
START_DAY = {"counted": "首日计入", "next": "次日起算"}
ROLL = {"none": "末日不顺延", "next": "末日逢休息日顺延"}
NOTICE = "本页由 `./xinjie machine pages` 按状态表和政策生成，改动写在状态表或政策里，再运行这一命令。"


def pages(tables: Mapping[str, MachineTable], policies: Sequence[PolicyRules]) -> dict[str, str]:
    """File name to content: a page and a drawing for each machine, and the list of them."""
    found = {}
    for key, table in tables.items():
        machines = [compiled(table, rules) for rules in policies if key in rules.machines]
        fullest = max(machines, key=lambda one: len(reachable(one)))
        found[f"{key}.svg"] = svg(text(f"machine.{key}"), list(_boxes(fullest)), _arrows(fullest))
        found[f"{key}.md"] = "\n".join(_page(fullest, machines))
    rows = [f"| [{text(f'machine.{key}')}]({key}.md) | `{key}` | {table.prefix} |" for key, table in tables.items()]
    found["README.md"] = "\n".join(["# 事项", "", NOTICE, "", "| 事项 | 键 | 编号前缀 |", "|---|---|---|", *rows, ""])
    return found


# --- the drawing: one box a state, the ladder climbed in full


class _FullLadder:
    """A case that climbs every level, of which no more is known: asks a row's `when` whether it is drawn."""

    def __init__(self, machine: Compiled, here: str) -> None:
        self.rules = machine.rules
        self.levels = tuple(machine.steps)
        at = self.levels.index(here) if here in self.levels else -1
        self.level_above = self.levels[at + 1] if 0 <= at < len(self.levels) - 1 else ""
        self.level_below = self.levels[at - 1] if at > 0 else ""
        self.publishes_here = at == max(0, len(self.levels) - 2)
        self.level_after_publicity = self.levels[-1] if len(self.levels) > 1 else ""


def _applies(machine: Compiled, row: Move) -> bool:
    if row.when is None:
        return True
    try:
        return row.when(cast(Facts, _FullLadder(machine, level_of(row.source))))
    except AttributeError:
        return True  # it asks for more, so it depends on the case


def _boxes(machine: Compiled) -> Iterator[Box]:
    kept = {machine.states[full].key for full in reachable(machine)}
    for key, state in {one.key: one for one in machine.states.values()}.items():
        if key in kept:
            yield Box(key, _name(machine, key), tuple(_about(machine, state)), state.kind)


def _about(machine: Compiled, state: State) -> Iterator[str]:
    if level := level_of(state.key):
        yield "、".join(text(f"role.{step}") for step in machine.steps[level])
    elif owes := _owes(state):
        yield owes
    if state.due in machine.rules.content.deadlines:
        yield f"{text(f'due.{state.due}')} {term(machine.rules, state.due)}"


def _arrows(machine: Compiled) -> list[Arrow]:
    """Moves between the same two boxes share an arrow, people's and the system's apart."""
    known = reachable(machine)
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    for row in machine.moves:
        source, to = row.source.partition(".")[0], row.to.partition(".")[0]
        if row.source in known and source != to and _applies(machine, row):
            look = "system" if row.by == "system" else ""
            found.setdefault((source, to, look), {})[text(f"move.{machine.table.key}.{row.name}")] = None
    return [Arrow(source, to, "、".join(names), look) for (source, to, look), names in found.items()]


# --- the page


def _page(machine: Compiled, machines: Sequence[Compiled]) -> Iterator[str]:
    table, name = machine.table, text(f"machine.{machine.table.key}")
    yield f"# {name}"
    yield f"\n{NOTICE}\n"
    yield f"键 `{table.key}`，编号前缀 `{table.prefix}`，写在 {'、'.join(_files(table))}。"
    yield f"\n![{name}：状态与流转]({table.key}.svg)\n"
    yield f"图按《{machine.rules.title}》绘制，办理层级最全；层级较少的，略去其间各级。虚线由系统按期限或关联事项流转。"
    yield "\n## 状态\n"
    yield from _rows(("状态", "键", "类别", "谁负责、等什么", "期限", "届满后"), map(_state(machine), table.states))
    yield "\n## 流转\n"
    yield "停止计时、恢复、延长、指定办理各环节通用，不在此列。\n"
    headings = ("流转", "键", "自", "至", "谁办理", "须填", "不予办理", "依据")
    yield from _rows(headings, map(_move(machine), table.moves))
    if machine.steps:
        yield "\n## 各级审签\n"
        yield from _signing(machines)
    yield "\n## 期限\n"
    yield from _periods(machines)
    yield "\n## 依据\n"
    yield from _clauses(machines)
    yield ""


def _files(table: MachineTable) -> list[str]:
    names = sorted(module.__name__.replace(".", "/") for module in sources.modules(table))
    return [f"`{name}.py`" for name in names]


def _rows(headings: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield "|" + "---|" * len(headings)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") or "—" for cell in row) + " |"


def _state(machine: Compiled) -> Callable[[State], Sequence[str]]:
    def row(state: State) -> Sequence[str]:
        lapse = text(f"move.{machine.table.key}.{state.on_lapse}") if state.on_lapse else ""
        due = text(f"due.{state.due}") if state.due else ""
        if state.key == "review":
            due = text(f"due.{machine.table.review_due}") if machine.table.review_due else "各级自定"
            return ("各级审查", "`review`", KINDS[state.kind], "各级审签人", due, lapse)
        return (_name(machine, state.key), f"`{state.key}`", KINDS[state.kind], _owes(state), due, lapse)

    return row


def _move(machine: Compiled) -> Callable[[Move], Sequence[str]]:
    def row(move: Move) -> Sequence[str]:
        key = machine.table.key
        refused = sorted({reason for guard in move.unless for reason in sources.reasons(guard)})
        fields = [text(one.word) + ("" if one.required else "（可不填）") for one in move.form]
        source = "、".join(SOURCES.get(one) or _name(machine, one) for one in move.source.split("|"))
        return (
            text(f"move.{key}.{move.name}"),
            f"`{move.name}`",
            source,
            _target(machine, move.to),
            _who(move.by),
            "、".join(fields),
            "；".join(_plain(f"reason.{reason}") for reason in refused),
            move.basis,
        )

    return row


def _target(machine: Compiled, to: str) -> str:
    if to.startswith("up:"):
        pause, _, top = to.removeprefix("up:").rpartition("/")
        paused = f"；公示机关一级审毕{_name(machine, pause)}" if pause not in ("", top) else ""
        return f"下一步，审毕{_name(machine, top)}{paused}"
    return TARGETS.get(to) or _name(machine, to)


def _plain(key: str) -> str:
    """A reason as it reads on a page, without whatever it fills in."""
    return keys()[key].removeprefix("不能办理：")


def _signing(machines: Sequence[Compiled]) -> Iterator[str]:
    levels = [level for level in LEVELS if any(level in one.steps for one in machines)]
    rows = ([f"{one.rules.title} `{one.rules.key}`", *(_steps(one, level) for level in levels)] for one in machines)
    yield from _rows(("政策", *(f"{text(f'level.{level}')}级" for level in levels)), iter(rows))


def _steps(machine: Compiled, level: str) -> str:
    return " → ".join(text(f"role.{step}") for step in machine.steps.get(level, ()))


def _periods(machines: Sequence[Compiled]) -> Iterator[str]:
    dues = dict.fromkeys(due for one in machines for due in _dues(one))
    rows = ([text(f"due.{due}"), *(_period(one.rules, due) for one in machines)] for due in dues)
    yield from _rows(("期限", *(one.rules.key for one in machines)), iter(rows))


def _dues(machine: Compiled) -> Iterator[str]:
    asked = sorted(key for module in sources.modules(machine.table) for key in sources.deadlines(module))
    for due in [*(state.due for state in machine.states.values()), *asked]:
        if due in machine.rules.content.deadlines:
            yield due


def _period(rules: PolicyRules, due: str) -> str:
    period = rules.content.deadlines.get(due)
    if period is None:
        return ""
    counted = f"，{START_DAY[period.start_day]}" if isinstance(period, Period) else ""
    local = "，本地设定" if period.local else ""
    return f"{term(rules, due)}{counted}，{ROLL[period.roll]}（{period.clause}{local}）"


def _clauses(machines: Sequence[Compiled]) -> Iterator[str]:
    cited = dict.fromkeys(row.basis for one in machines for row in one.moves if row.basis)
    for one in machines:
        cited |= dict.fromkeys(one.rules.content.deadlines[cast(Any, due)].clause for due in _dues(one))
    for id in sorted(cited):
        rules = next(one.rules for one in machines if id in one.rules.content.clauses)
        clause = rules.clause(id)
        source = rules.content.sources.get(clause.source)
        where = f"《{source.title}》{clause.place}：" if source else ""
        yield f"- **{id}** {where}{clause.text}"


def _name(machine: Compiled, key: str) -> str:
    return text(f"state.{machine.table.key}.{key}")


def _owes(state: State) -> str:
    return _who(state.owner) if state.owner else WAITS.get(state.waits, "")


def _who(by: str) -> str:
    role, _, place = by.partition("@")
    return f"{PLACES[place]}{text(f'role.{role}')}" if place else ACTORS[by]
