"""群机器人: DingTalk, WeCom and Feishu. apprise reads their addresses; the letter is posted here.

They answer 200 to what they refuse (a wrong keyword or signature, too many messages) and say so in the answer's body
alone. apprise looks at the status only, so a refused letter would pass for sent.
"""

import logging
from typing import Any
from urllib.parse import unquote

log = logging.getLogger(__name__)

KINDS = ("dingtalk", "wecom", "feishu")
CODE = {"dingtalk": "errcode", "wecom": "errcode", "feishu": "code"}


def post(kind: str, plugin: Any, text: str, seconds: float) -> bool:
    """Whether the robot took it. `plugin` is apprise's, for the address and its secrets."""
    import requests  # late, like apprise: only sending needs it

    url, sent, params = _message(kind, plugin, text)
    try:
        answer = requests.post(url, json=sent, params=params, timeout=seconds, allow_redirects=False)
        code = answer.json().get(CODE[kind]) if answer.ok else answer.status_code
    except (requests.RequestException, ValueError) as error:
        log.warning("%s robot: %s", kind, type(error).__name__)  # no address: it holds the secret
        return False
    if code != 0:
        log.warning("%s robot refused with %s", kind, code)
    return code == 0


def _message(kind: str, plugin: Any, text: str) -> tuple[str, dict[str, Any], dict[str, str]]:
    """Address, body and query."""
    if kind == "dingtalk":
        params = {}
        if plugin.secret:
            at, signature = plugin.get_signature()
            params = {"timestamp": at, "sign": unquote(signature)}  # apprise quotes it, and requests would once more
        return plugin.notify_url.format(token=plugin.token), {"msgtype": "text", "text": {"content": text}}, params
    if kind == "wecom":
        return plugin.api_url, {"msgtype": "text", "text": {"content": text}}, {}
    return plugin.notify_url.format(token=plugin.token), {"msg_type": "text", "content": {"text": text}}, {}
