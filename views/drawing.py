"""Boxes in one column, arrows as lanes beside it: forward on the right, backward on the left. No layout engine.

The order of the boxes is the caller's; lanes and ports are placed so that arrows of one side hardly ever cross.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, GAP, PORT, LANE, MARGIN = 230, 30, 22, 14, 16
LINE, HEAD = 17, 26
STYLE = (
    "text{font:12px 'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;fill:#3b4654}"
    ".name{font-size:15px;font-weight:600;fill:#16202c}"
    "rect{fill:#fff;stroke:#8794a5;stroke-width:1.2}.standing{fill:#e8f3ec;stroke:#2f7d4f}.final{fill:#eef0f3}"
    "path{fill:none;stroke:#30547f;stroke-width:1.2}.system{stroke-dasharray:5 3;stroke:#7a6a3a}"
    "marker path{fill:#30547f;stroke:none}"
    "@media(prefers-color-scheme:dark){text{fill:#b9c3cf}.name{fill:#eef2f6}rect{fill:#1c242e;stroke:#76859a}"
    ".standing{fill:#173324}.final{fill:#262e38}path{stroke:#8fb4e3}.system{stroke:#cbb56f}marker path{fill:#8fb4e3}}"
)


@dataclass(frozen=True)
class Box:
    key: str
    name: str
    lines: tuple[str, ...] = ()
    look: str = ""


@dataclass(frozen=True)
class Arrow:
    source: str
    to: str
    label: str = ""
    look: str = ""


@dataclass
class _Side:
    """One side of the column: its arrows, the ports they use at each box, and the lanes they run in."""

    arrows: list[Arrow]
    place: dict[str, int]
    ports: dict[str, list[tuple[Arrow, bool]]] = field(default_factory=dict)
    lanes: dict[Arrow, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for arrow in sorted(self.arrows, key=self.length):
            self.ports.setdefault(arrow.to, []).append((arrow, False))
        for arrow in sorted(self.arrows, key=self.length, reverse=True):
            self.ports.setdefault(arrow.source, []).append((arrow, True))

    def length(self, arrow: Arrow) -> int:
        return abs(self.place[arrow.to] - self.place[arrow.source])

    def run(self, spans: dict[Arrow, tuple[int, int]]) -> None:
        """The shortest arrows in the inner lanes; no two that meet share one."""
        taken: list[list[tuple[int, int]]] = []
        for arrow in sorted(self.arrows, key=lambda one: (spans[one][1] - spans[one][0], spans[one])):
            low, high = spans[arrow]
            free = (n for n, used in enumerate(taken) if all(high < a or b < low for a, b in used))
            lane = next(free, len(taken))
            if lane == len(taken):
                taken.append([])
            taken[lane].append(spans[arrow])
            self.lanes[arrow] = lane


def svg(title: str, boxes: Sequence[Box], arrows: Iterable[Arrow]) -> str:
    place = {box.key: number for number, box in enumerate(boxes)}
    every = [arrow for arrow in arrows if arrow.source != arrow.to]
    right = _Side([one for one in every if place[one.to] > place[one.source]], place)
    left = _Side([one for one in every if place[one.to] < place[one.source]], place)
    for ports in left.ports.values():
        ports.reverse()  # what leaves goes up there, and what comes in comes from below
    tops, heights, bottom = {}, {}, MARGIN
    for box in boxes:
        used = max(len(right.ports.get(box.key, ())), len(left.ports.get(box.key, ())))
        tops[box.key], heights[box.key] = bottom, max(HEAD + LINE * len(box.lines) + 10, PORT * used + 12)
        bottom += heights[box.key] + GAP
    gutters = [_gutter(side) for side in (left, right)]
    for side in (left, right):
        side.run({arrow: _span(side, arrow, tops) for arrow in side.arrows})
    x = MARGIN + gutters[0] + LANE * len(set(left.lanes.values()))
    width = x + WIDTH + gutters[1] + LANE * len(set(right.lanes.values())) + MARGIN
    parts = [_box(box, x, tops[box.key], heights[box.key]) for box in boxes]
    for side, edge, way, gutter in ((left, x, -1, gutters[0]), (right, x + WIDTH, 1, gutters[1])):
        parts += [_arrow(side, arrow, tops, edge, way, gutter) for arrow in side.arrows]
    return _page(title, width, bottom - GAP + MARGIN, parts)


def _page(title: str, width: int, height: int, parts: list[str]) -> str:
    marker = '<marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<defs>{marker}<path d="M0 0 8 4 0 8z"/></marker></defs>',
        *parts,
        "</svg>",
        "",
    ])  # fmt: skip


def _box(box: Box, x: int, y: int, height: int) -> str:
    rounded = height // 2 if box.look == "final" else 4
    rows = [f'<rect class="{box.look}" x="{x}" y="{y}" width="{WIDTH}" height="{height}" rx="{rounded}"/>']
    top = y + (height - HEAD - LINE * len(box.lines)) // 2 + 18
    middle = x + WIDTH // 2
    rows.append(f'<text class="name" x="{middle}" y="{top}" text-anchor="middle">{escape(box.name)}</text>')
    for number, line in enumerate(box.lines, 1):
        rows.append(f'<text x="{middle}" y="{top + 2 + LINE * number}" text-anchor="middle">{escape(line)}</text>')
    return "".join(rows)


def _port(side: _Side, key: str, arrow: Arrow, leaves: bool, tops: dict[str, int]) -> int:
    return tops[key] + 6 + PORT * side.ports[key].index((arrow, leaves)) + PORT - 6


def _span(side: _Side, arrow: Arrow, tops: dict[str, int]) -> tuple[int, int]:
    ends = _port(side, arrow.source, arrow, True, tops), _port(side, arrow.to, arrow, False, tops)
    return min(ends), max(ends)


def _arrow(side: _Side, arrow: Arrow, tops: dict[str, int], edge: int, way: int, gutter: int) -> str:
    start, end = (
        _port(side, arrow.source, arrow, True, tops),
        _port(side, arrow.to, arrow, False, tops),
    )
    lane = edge + way * (gutter + LANE * side.lanes[arrow])
    path = f'<path class="{arrow.look}" marker-end="url(#end)" d="M{edge} {start}H{lane}V{end}H{edge}"/>'
    anchor = "start" if way > 0 else "end"
    label = f'<text x="{edge + way * 8}" y="{start - 5}" text-anchor="{anchor}">{escape(arrow.label)}</text>'
    return path + (label if arrow.label else "")


def _gutter(side: _Side) -> int:
    return max((_width(arrow.label) for arrow in side.arrows), default=0) + 24


def _width(text: str) -> int:
    return sum(7 if character.isascii() else 12 for character in text)
