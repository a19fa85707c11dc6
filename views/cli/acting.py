"""What the commands that act share: who acts, how refusals are told, how a form and an answer are written."""

import uuid
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from views.cli.door import BadInput, Refused, echo_json

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workflow.engine.act import Outcome
    from workflow.engine.permissions import Actor

as_login = click.option("--as", "login", metavar="LOGIN", required=True, help="以此账号办理 | The login that acts")
in_role = click.option("--role", default="", help="账号有多个任职时选定角色 | Which of the login's roles")
request = click.option("--request-id", default=lambda: uuid.uuid4().hex, help="同一编号只办一次 | Done once per id")
form = click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help="表单项，可重复 | A form field")


@contextmanager
def refusals(machine: str = "") -> Generator[None]:
    """A refusal in the words of the pages, each field on a line of its own."""
    from views import texts
    from workflow.engine import refusal

    try:
        yield
    except refusal.Refused as refused:
        fields = texts.field_reasons(refused).items()
        lines = [texts.reason(refused, machine), *(f"  {name}：{why}" for name, why in fields)]
        raise Refused("\n".join(lines)) from refused
    except refusal.NotFound as error:
        raise Refused("没有这一项，或不由该账号办理") from error


def actor_of(session: "Session", login: str, role: str, at: "datetime") -> "Actor":
    from workflow.actors import acting
    from workflow.clock import legal_day
    from workflow.engine.refusal import NotFound

    try:
        return acting(session, login, legal_day(at), role)
    except NotFound as error:
        raise BadInput(f"账号 {login} 不存在，或当日没有{'该角色的' if role else ''}任职") from error


def read_form(fields: tuple[str, ...]) -> dict[str, Any]:
    """`name=value` pairs; a name given more than once makes a list."""
    found: dict[str, Any] = {}
    for pair in fields:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"表单项 {pair} 应写成 名称=值")
        if name in found:
            earlier = found[name] if isinstance(found[name], list) else [found[name]]
            found[name] = [*earlier, value]
        else:
            found[name] = value
    return found


def named_person(session: "Session", form: dict[str, Any]) -> dict[str, Any]:
    """A person may be given by login instead of number."""
    from sqlalchemy import select

    from models import User

    login = form.get("person")
    if not isinstance(login, str) or login.isdigit():
        return form
    found = session.scalar(select(User.person_id).where(User.login == login))
    if found is None:
        raise BadInput(f"账号 {login} 不存在")
    return {**form, "person": found}


def state_text(machine: str, state: str, step: str) -> str:
    from views.texts import text

    name = text(f"state.{machine}.{state}")
    return f"{name}·{text(f'step.{step}')}" if step else name


def answer(outcome: "Outcome", machine: str, as_json: bool, **more: object) -> None:
    from dataclasses import asdict

    if as_json:
        echo_json({**asdict(outcome), **more})
    else:
        state = state_text(machine, outcome.state, outcome.step)
        extra = "".join(f"，{name} {value}" for name, value in more.items())
        click.echo(f"{outcome.number} 第 {outcome.seq} 步，{state}{extra}")
