"""The languages of the pages: which one a browser has chosen, and the catalogues, read from their .po files.

Chinese is the language of the sources. Documents, papers and what people wrote stay as they are in every language.
"""

from io import BytesIO
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Blueprint, Flask, redirect, request
from flask_babel import Babel
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
    """Kept in a cookie of its own: it says nothing about who somebody is, and outlives a login."""
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
    babel = Babel(app, locale_selector=chosen)
    with app.app_context():
        cache = babel.domain_instance.cache
    for language in LANGUAGES:
        if language != texts.SOURCE:
            cache[language, "messages"] = catalogue(language)
    others = {language: found for (language, _domain), found in cache.items()}

    def said(message: str, **values: object) -> Markup:
        """A template's `_`: a page says five hundred messages, and flask_babel's way to each took a fifth of it."""
        catalogue = others.get(texts.spoken.get())
        text = Markup(catalogue.gettext(message) if catalogue else message)
        return text % values if values else text

    words: dict[str, Any] = {"_": said, "gettext": said}
    app.jinja_env.globals |= words


def catalogue(language: str) -> Translations:
    with (texts.CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        messages = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled, domain="messages")


def context() -> dict[str, object]:
    """What every page's foot reads."""
    offered = [(code, name, code == chosen()) for code, name in LANGUAGES.items()]
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return {"languages": offered, "here": here}


def speak() -> None:
    """Before each request: the keys' texts follow the pages' language."""
    texts.spoken.set(chosen())
