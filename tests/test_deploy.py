"""The files in deploy/ name only what exists, and agree with the programme and with one another."""

import re
from pathlib import Path

import click
import pytest

from app import TITLES, UPLOAD_LIMIT
from config import PREFIX, ROOT, Settings
from views.cli import xinjie
from views.health import door as health
from views.serve import PATIENCE

DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
UNITS = [path for path in FILES if path.suffix in (".service", ".timer", ".conf") and path.parent != DEPLOY]
NGINX = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
ENV = (DEPLOY / "xinjie.env").read_text(encoding="utf-8")
COMMON = (DEPLOY / "systemd/xinjie-.service.d/common.conf").read_text(encoding="utf-8")
MEGABYTE = 2**20


def value(text: str, name: str) -> str:
    found = re.findall(rf"^#?{name}=(.*)$", text, re.MULTILINE)
    assert len(found) == 1, (name, found)
    return found[0]


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_calls_commands_that_exist_from_where_the_guide_puts_them(unit: Path) -> None:
    for words in re.findall(r"/opt/xinjie/xinjie ([a-z][^'\n]*)", unit.read_text(encoding="utf-8")):
        command: click.Command = xinjie
        for word in words.split():
            if isinstance(command, click.Group):
                command = command.get_command(click.Context(command), word) or pytest.fail(f"{unit.name}: {words}")


def test_a_process_is_given_the_time_it_takes_to_answer_whom_it_owes() -> None:
    web = (DEPLOY / "systemd/xinjie-web.service").read_text(encoding="utf-8")
    assert int(value(web, "TimeoutStopSec")) > PATIENCE


def test_the_settings_exist_are_valid_and_agree_with_the_units() -> None:
    given = dict(re.findall(rf"^#?{PREFIX}([A-Z_]+)=(.*)$", ENV, re.MULTILINE))
    assert {name.lower() for name in given} <= set(Settings.model_fields)
    settings = Settings.model_validate({name.lower(): text for name, text in given.items() if text})
    assert settings.secure_cookies and not settings.demo
    assert settings.data == Path("/var/lib") / value(COMMON, "StateDirectory")
    assert settings.trusted_proxies == 1


def test_nginx_hands_on_what_the_application_reads_and_no_claim_of_a_client() -> None:
    handed = dict(re.findall(r"proxy_set_header (\S+) (\S+);", NGINX))
    assert handed["X-Forwarded-For"] == "$remote_addr"
    assert {"X-Forwarded-Proto", "X-Forwarded-Host", "Host"} <= handed.keys()
    fields = Settings.model_fields
    assert f"proxy_pass http://{fields['host'].default}:{fields['port'].default};" in NGINX
    most = int(re.findall(r"client_max_body_size (\d+)m;", NGINX)[0])
    assert most * MEGABYTE > UPLOAD_LIMIT
    assert f"{UPLOAD_LIMIT // MEGABYTE} MB" in NGINX
    assert "location = /metrics {" in NGINX and health.name == "health"


def test_nginxs_own_pages_say_what_the_applications_say() -> None:
    title, text = TITLES[413]
    assert f"<h1>{title}</h1><p>{text}</p>" in NGINX
    assert f"<h1>{TITLES[503][0]}</h1>" in NGINX


def test_the_guide_names_every_file() -> None:
    guide = (ROOT / "docs/guides/administrator.md").read_text(encoding="utf-8")
    for path in FILES:
        assert path.stem in guide, path
