"""A browser as a process, so that it takes nothing of the server's interpreter: `python -m bench.browser PORT`.

Each line it is given is a round: pages to ask for one after the other over one connection that stays open, and how each
must be answered. It tells how many were.
"""

import json
import sys
from http.client import HTTPConnection
from typing import Any

FORM = "application/x-www-form-urlencoded"


def asks(site: HTTPConnection, pages: list[tuple[str, str | None]], cookie: str, status: int, leads_to: str) -> int:
    """Each page with the form it is sent, or None."""
    for path, form in pages:
        headers = {"Cookie": cookie} if cookie else {}
        if form is None:
            site.request("GET", path, headers=headers)
        else:
            site.request("POST", path, form, headers | {"Content-Type": FORM})
        answer = site.getresponse()
        text, place = answer.read(), answer.getheader("Location", "")
        if answer.status != status or not place.startswith(leads_to):
            raise RuntimeError(f"{path} was answered {answer.status} {place}: {text[:500].decode()}")
    return len(pages)


if __name__ == "__main__":
    connection = HTTPConnection("127.0.0.1", int(sys.argv[1]))
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        sys.stdout.write(f"{asks(connection, **order)}\n")
        sys.stdout.flush()
