"""The one drawing of the architecture, made from the imports. `python -m tests.architecture` draws it anew.

An arrow is an import; one that a longer way down implies is left out. An arrow up the left, dashed, goes against the
order of the rooms, and docs/architecture.md gives its reason.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from views.drawing import Arrow, Box, svg

ROOT = Path(__file__).parent.parent
DRAWING = ROOT / "docs/architecture.svg"
ROOMS = (
    Box("app", "app.py", ("组装：应用、出错页、响应头",)),
    Box("views", "views/", ("网页与命令行：读入、调用、应答",)),
    Box("workflow.demo", "workflow/demo/", ("演示城市，逐件演出来",)),
    Box("workflow.scheduler", "workflow/scheduler.py", ("到点看一眼，时限在库里",)),
    Box("workflow", "workflow/*.py", ("动词：开办、归档、任职、送达",)),
    Box("workflow.engine.queries", "workflow/engine/queries/", ("列表与页面读什么",)),
    Box("workflow.machines", "workflow/machines/", ("事项：一个文件一张状态表",)),
    Box("workflow.engine", "workflow/engine/", ("判断、写入、逐级、回避、时限、记录",)),
    Box("workflow.rules", "workflow/rules/", ("日历、期限、评级、政策",)),
    Box("workflow.clock", "workflow/clock.py", ("时刻与法定日",)),
    Box("models", "models/", ("表与约束，不含规则",)),
    Box("config", "config.py", ("设置，唯一读环境变量处",)),
)
KEYS = sorted((room.key for room in ROOMS), key=len, reverse=True)


def room_of(module: str) -> str:
    """The innermost room that a module stands in; nothing for what is not ours."""
    return next((key for key in KEYS if module == key or module.startswith(f"{key}.")), "")


def imports() -> set[tuple[str, str]]:
    """Who imports whom, by room, late imports included."""
    found = set()
    inside = (path for top in ("views", "workflow", "models") for path in (ROOT / top).rglob("*.py"))
    for path in sorted([*ROOT.glob("*.py"), *inside]):
        here = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
        found |= {(here, room) for module in _imported(path) if (room := room_of(module)) and room != here}
    return found


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{one.name}" for one in node.names)


def shown() -> Iterator[Arrow]:
    order = [room.key for room in ROOMS]
    pairs = sorted(imports(), key=lambda pair: (order.index(pair[0]), order.index(pair[1])))
    down = {pair for pair in pairs if order.index(pair[0]) < order.index(pair[1])}
    for here, there in pairs:
        if (here, there) not in down:
            yield Arrow(here, there, look="system")
        elif not any((here, via) in down and _leads(via, there, down) for via in order if via != there):
            yield Arrow(here, there)


def _leads(here: str, there: str, down: set[tuple[str, str]]) -> bool:
    return (here, there) in down or any(_leads(via, there, down) for start, via in down if start == here)


def drawing() -> str:
    return svg("信阶的架构", ROOMS, shown())


if __name__ == "__main__":
    DRAWING.write_text(drawing(), encoding="utf-8")
