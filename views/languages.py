"""The languages of the pages: which one a browser has chosen, and the catalogues, read from their .po files.

Chinese is the language of the sources. Documents, papers and what people wrote stay as they are in every language.
"""

from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, abort, redirect, request
from flask_babel import Babel, Domain
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


class Pages(Domain):
    """The catalogue of the language that `speak` has chosen, with nothing asked anew for each message."""

    def get_translations(self) -> NullTranslations:
        return catalogue(texts.spoken.get())


def init(app: Flask) -> None:
    babel: Any = Babel(app, locale_selector=chosen)
    babel.domain_instance = Pages()
    for language in LANGUAGES:
        catalogue(language)
    for name in ("_", "gettext"):
        app.template_global(name)(message)


def message(words: str, **variables: Any) -> str:
    """`_(…)` in a template: the message is ours and safe, what is put into it is escaped. A page says five hundred, and
    flask_babel's way to each took a fifth of it."""
    said = _message(texts.spoken.get(), words)
    return said % variables if variables else said


@cache
def _message(language: str, words: str) -> Markup:
    return Markup(catalogue(language).ugettext(words))


@cache
def catalogue(language: str) -> NullTranslations:
    if language == texts.SOURCE:
        return NullTranslations()
    with (texts.CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        messages = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled, domain="messages")


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


def fall_silent(_error: BaseException | None) -> None:
    """After it: what this thread says to nobody's browser is Chinese."""
    texts.spoken.set(texts.SOURCE)
