"""The frame around the citizens' pages, which is one for all who are not signed in: put together once, filled often.

What differs from page to page stands in gaps; everything else follows from the language and the rule of the address,
which tells the section to mark.
"""

import re
from functools import lru_cache
from typing import Any

from flask import current_app, render_template, request, session

from views import languages, layout, texts, web
from views.templates import shown

PERSONAL = ("_user_id", "_flashes")
GAP = re.compile("\0(.*?)\0")


def framed(template: str, **page: Any) -> str:
    """A page of the citizens' site. Visitors who are signed in, or have a message waiting, get one of their own."""
    if not session.keys().isdisjoint(PERSONAL):
        return render_template(template, **layout.outside(**page))
    inner = current_app.jinja_env.get_template(template).render(page, frame="blocks.html", gap="\0")
    filled: dict[str, str] = {"clock_label": shown(layout.clock_label()), "here": shown(languages.here())}
    filled["title"], _gap, filled["content"] = inner.partition("\0")
    pieces = _pieces(texts.spoken.get(), str(request.url_rule), request.script_root, web.settings().demo)
    return "".join([filled[piece] if gap else piece for gap, piece in pieces])


@lru_cache(maxsize=200)
def _pieces(_language: str, _rule: str, _root: str, _demo: bool) -> tuple[tuple[bool, str], ...]:
    """The frame's text in order, and its gaps by name."""
    gaps = {name: f"\0{name}\0" for name in ("title", "content", "clock_label", "here")}
    frame = render_template("outside.html", **layout.outside(**gaps))
    return tuple((place % 2 == 1, piece) for place, piece in enumerate(GAP.split(frame)))
