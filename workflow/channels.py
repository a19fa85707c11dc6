"""发送渠道: which addresses are allowed, what of them is shown, and sending one letter through one."""

import ipaddress
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from models import Channel
from workflow import robots
from workflow.engine import deeds
from workflow.engine.permissions import Actor
from workflow.engine.refusal import Refused

log = logging.getLogger(__name__)

KINDS = {
    "mailto": "mail",
    "mailtos": "mail",
    "dingtalk": "dingtalk",
    "wecombot": "wecom",
    "feishu": "feishu",
    "json": "webhook",
    "jsons": "webhook",
}
LONGEST = 2000
SECONDS = 10.0
"""How long a receiver may keep us waiting, for the connection and for each answer."""
HEADER = "X-Xinjie-Key"


@dataclass(frozen=True, slots=True)
class Letter:
    """`key` stays the same however often the letter has to be sent: the receiver knows a repetition by it."""

    url: str
    key: str
    title: str
    body: str


Send = Callable[[Letter], bool]


def add(
    session: Session, name: str, url: str, owner: dict[str, int], actor: Actor, at: datetime, *, internal: bool
) -> Channel:
    """`owner` names the authority, institution or person. `internal`: the site allows addresses inside the network."""
    check(url, internal=internal)
    kind = KINDS[urlsplit(url).scheme]
    found = Channel(name=name, kind=kind, url=url, created_at=at, created_by_id=actor.person_id, **owner)
    session.add(found)
    session.flush()
    deeds.record(session, actor, at, "channel_added", channel=found.id, kind=kind)
    return found


def switch(session: Session, channel: Channel, active: bool, actor: Actor, at: datetime) -> None:
    channel.active = active
    session.flush()
    deeds.record(session, actor, at, "channel_started" if active else "channel_stopped", channel=channel.id)


def check(url: str, *, internal: bool) -> None:
    """Raises Refused, naming the field and the rule."""
    scheme = urlsplit(url).scheme
    if scheme not in KINDS:
        raise _wrong("channel_scheme")
    if len(url) > LONGEST or _plugin(url) is None:
        raise _wrong("channel_unreadable")
    if KINDS[scheme] == "webhook" and not internal and is_internal(urlsplit(url).hostname or ""):
        raise _wrong("channel_internal")


def masked(url: str) -> str:
    """The kind of address and its host, and no more: everything else may be a secret."""
    parts = urlsplit(url)
    host = parts.hostname or "" if KINDS.get(parts.scheme) in ("mail", "webhook") else ""
    return f"{parts.scheme}://{host}…"


def is_internal(host: str) -> bool:
    """Whether any address of the host is not a public one (loopback, private, link-local); so is one without any."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return True
    return any(not ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in found)


def sender(*, internal: bool) -> Send:
    """How letters leave this process. A webhook's host is looked up again each time: a name may move inside."""

    def send(letter: Letter) -> bool:
        parts = urlsplit(letter.url)
        if KINDS[parts.scheme] == "webhook" and not internal and is_internal(parts.hostname or ""):
            log.warning("letter %s: the webhook's host is inside the network", letter.key)
            return False
        return _send(letter)

    return send


def _send(letter: Letter) -> bool:
    """One attempt. apprise raises nothing: what it answers says whether the receiver took the letter."""
    from apprise import Apprise, NotifyFormat

    plugin = _plugin(letter.url)
    if plugin is None:
        return False
    plugin.socket_connect_timeout = plugin.socket_read_timeout = SECONDS
    plugin.notify_format = NotifyFormat.TEXT
    if (kind := KINDS[urlsplit(letter.url).scheme]) in robots.KINDS:
        text = f"{letter.title}\n{letter.body}\n[{letter.key}]"  # they take no headers
        return robots.post(kind, plugin, text, SECONDS)
    plugin.headers[HEADER] = letter.key
    if hasattr(plugin, "payload_extras"):
        plugin.payload_extras["key"] = letter.key
        plugin.redirects = False  # it would lead around the look at the host
    box = Apprise()
    box.add(plugin)
    return bool(box.notify(title=letter.title, body=letter.body, body_format=NotifyFormat.TEXT))


def _plugin(url: str) -> Any:
    from apprise import Apprise  # late: it is slow to load, and only sending needs it

    return Apprise.instantiate(url, suppress_exceptions=True)


def _wrong(rule: str) -> Refused:
    return Refused("form_invalid", fields={"url": (rule, {})})
