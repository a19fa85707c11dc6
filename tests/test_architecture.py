"""The architecture's drawing is the imports', and every import against the order has its reason on the page."""

import re

from tests.architecture import DRAWING, drawing, shown


def test_the_drawing_shows_the_imports_of_today() -> None:
    assert DRAWING.read_text(encoding="utf-8") == drawing(), "run: python -m tests.architecture"


def test_every_import_against_the_order_has_its_reason() -> None:
    page = DRAWING.with_suffix(".md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([\w.]+)` \| `([\w.]+)` \|", page, re.MULTILINE))
    assert told == {(arrow.source, arrow.to) for arrow in shown() if arrow.look}
