"""The languages of the pages: which one a browser has chosen, and how templates and dates come to speak it.

Chinese is the language of the sources. Documents, papers and what people wrote stay as they are in every language.
"""

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, abort, redirect, request
from flask_babel import Babel, force_locale
from markupsafe import Markup
from werkzeug.wrappers import Response

from views import texts, web
from views.auth import local_path

door = Blueprint("languages", __name__)
LANGUAGES = {"zh_Hans_CN": "中文", "en": "English"}
COOKIE = "xinjie_language"
A_YEAR = 366 * 24 * 3600


@door.post("/language")
def choose() -> Response:
    """Kept in a cookie of its own: it says nothing about who somebody is, and outlives a login.

    Its form stands on every page and has no token, so that a visitor who only reads gets no cookie; that it was sent
    from a page of this site, every browser says itself.
    """
    if urlsplit(request.headers.get("Origin", "")).netloc != request.host:
        abort(400)
    answer = redirect(local_path(request.form.get("next", "")) or "/", 303)
    language = request.form.get("language", "")
    if language in LANGUAGES:
        secure = web.settings().secure_cookies
        answer.set_cookie(COOKIE, language, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return answer


def chosen() -> str:
    asked = request.cookies.get(COOKIE, "")
    return asked if asked in LANGUAGES else web.settings().language


def init(app: Flask) -> None:
    Babel(app, locale_selector=chosen)
    for language in LANGUAGES:
        texts.catalogue(language)
    for name in ("_", "gettext"):
        app.template_global(name)(message)
    app.template_global("ngettext")(texts.ngettext)


def message(words: str, **details: Any) -> str:
    """`_(…)` in a template: the message is ours and safe, what is put into it is escaped."""
    said = _safe(texts.spoken.get(), words)
    return said % details if details else said


@cache
def _safe(language: str, words: str) -> Markup:
    return Markup(texts.catalogue(language).ugettext(words))


def context() -> dict[str, object]:
    """What every page's foot reads."""
    offered = [(code, name, code == texts.spoken.get()) for code, name in LANGUAGES.items()]
    return {"languages": offered, "here": here(), "lang": texts.spoken.get().replace("_", "-")}


def here() -> str:
    """Where the switch of languages comes back to."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def speak() -> None:
    """Before each request: the keys' texts follow the pages' language."""
    texts.spoken.set(chosen())


@contextmanager
def in_chinese() -> Generator[None]:
    """Official papers are Chinese, whoever asks for them."""
    before = texts.spoken.set(texts.SOURCE)
    try:
        with force_locale(texts.SOURCE):
            yield
    finally:
        texts.spoken.reset(before)


def fall_silent(_error: BaseException | None) -> None:
    """After it: what this thread says to nobody's browser is Chinese."""
    texts.spoken.set(texts.SOURCE)
