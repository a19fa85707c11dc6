"""What is said, for every door: messages in the language of whoever reads, and the texts of the stable keys."""

from contextvars import ContextVar
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from workflow.clock import SHANGHAI
from workflow.engine.refusal import Refused

CATALOGUES = Path(__file__).resolve().parent.parent / "translations"
SOURCE = "zh_Hans_CN"
spoken: ContextVar[str] = ContextVar("spoken", default=SOURCE)
"""The language of whoever reads next; a web request sets it, everything else speaks Chinese."""


def N_(message: str) -> str:
    """Marks a message that is translated where it is shown."""
    return message


def gettext(words: str, **details: Any) -> str:
    """A message with its placeholders filled. Each is looked up once for all requests: a page says up to five hundred,
    and flask_babel's way to each, by the request's own catalogue, took a fifth of the page."""
    said = _message(spoken.get(), words)
    return said % details if details else said


def ngettext(one: str, many: str, num: int, **details: Any) -> str:
    """The form that agrees with the number, which is a placeholder itself."""
    return catalogue(spoken.get()).ungettext(one, many, num) % {"num": num, **details}


@cache
def _message(language: str, words: str) -> str:
    return catalogue(language).ugettext(words)


@cache
def catalogue(language: str) -> NullTranslations:
    if language == SOURCE:
        return NullTranslations()
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        messages = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled, domain="messages")


@cache
def keys(language: str = SOURCE) -> dict[str, str]:
    """Every key with its text; a language that lacks one falls back to Chinese."""
    path = CATALOGUES / language / "LC_MESSAGES" / "keys.po"
    with path.open("rb") as file:
        texts = {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}
    return texts if language == SOURCE else keys() | texts


def text(key: str, language: str = "", **details: Any) -> str:
    """The text of a key with its placeholders filled. A key without a text is a defect that `machine check` finds."""
    return keys(language or spoken.get())[key].format(**details)


def known(key: str) -> str:
    """The text of a key that need not have one; empty where it has none."""
    return keys(spoken.get()).get(key, "")


@cache
def _policy_texts(language: str) -> dict[str, str]:
    with (CATALOGUES / language / "LC_MESSAGES" / "policies.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale=language) if message.id}


def policy_text(words: str) -> str:
    """A policy's own words, which are official in Chinese, in the language of whoever reads; what a revised policy says
    anew stays as it is."""
    language = spoken.get()
    return words if language == SOURCE else _policy_texts(language).get(words, words)


def reason(refused: Refused, machine: str = "", language: str = "") -> str:
    """Why something was refused, in words."""
    details = dict(refused.details)
    if "move" in details and f"move.{machine}.{details['move']}" in keys():
        details["move"] = text(f"move.{machine}.{details['move']}", language)
    if isinstance(details.get("at"), str):
        details["at"] = datetime.fromisoformat(details["at"]).astimezone(SHANGHAI).strftime("%m-%d %H:%M")
    if not details.get("who", "-"):
        details["who"] = text("actor.system", language)
    return text(f"reason.{refused.reason}", language, **details)


def field_label(name: str) -> str:
    """`scores-07` is the seventh of the fields called scores."""
    field, _dash, item = name.partition("-")
    return f"{text(f'field.{field}')} {item}".strip()


def field_reasons(refused: Refused, language: str = "") -> dict[str, str]:
    """The same per form field."""
    return {name: text(f"reason.{key}", language, **details) for name, (key, details) in refused.fields.items()}
