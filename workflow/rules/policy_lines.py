"""Where a place such as `deadlines.publicity.count` stands in a policy file: what an official must look at."""

import re
from collections.abc import Iterator

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
_PAIR = re.compile(r"""\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*=\s*(.*)""")


def line_of(text: str, place: str) -> int | str:
    """The line of the place itself, of the first thing inside it, or of the nearest table around it; empty where the
    file does not name it."""
    lines = dict(_places(text))
    parts = place.split(".")
    inside = (name for name in lines if name.startswith(f"{place}."))
    around = (".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
    return next((lines[name] for name in (place, *inside, *around) if name in lines), "")


def _places(text: str) -> Iterator[tuple[str, int]]:
    """(place, line); a row of a list of tables goes by its `id`, or by its number where it has none. Of a table
    opened twice the later line counts, as for the reader who searches from the end."""
    table, rows, header, many = "", dict[str, int](), 0, False
    for number, line in enumerate(text.splitlines(), 1):
        if found := _HEADER.match(line):
            name, many, header = _plain(found[2]), found[1] == "[[", number
            table = name
            if many:
                table = f"{name}.{rows.get(name, 0)}"
                rows[name] = rows.get(name, 0) + 1
            yield table, number
        elif found := _PAIR.match(line):
            key, value = _plain(found[1]), found[2]
            if many and key == "id":
                table = f"{table.rpartition('.')[0]}.{_plain(value)}"
                yield table, header
            yield f"{table}.{key}" if table else key, number


def _plain(name: str) -> str:
    return name.strip().strip("\"'")
