"""Flask, without what it finds out anew for every request although it stays the same while the server runs."""

import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import Any

from flask import Flask, Request, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_wtf import CSRFProtect
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from werkzeug.datastructures import ImmutableMultiDict

from views.templates import Templates

HEADERS = {
    # Bootstrap's sheet draws with data: images, which run and fetch nothing. A browser may come upon one before
    # theme.css, which has drawings of its own, is there.
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


NO_COOKIES: ImmutableMultiDict[str, str] = ImmutableMultiDict()


class Asked(Request):
    """A request; one without cookies is not searched for them."""

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        return super().cookies if "HTTP_COOKIE" in self.environ else NO_COOKIES


class Site(Flask):
    """Every answer carries the headers above, unless it has one of its own."""

    jinja_environment = Templates
    jinja_options = {"cache_size": -1}  # all of them, each found by its name alone
    request_class = Asked

    def __init__(self, secret: str, **folders: Any) -> None:
        super().__init__("app", **folders)
        self.secret_key = secret
        self.session_interface = Cookies(secret)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No door and no hook of this site is a coroutine."""
        return func

    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        def begin(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            own = {name for name, _value in headers}
            more = [header for header in HEADERS.items() if header[0] not in own]
            return start_response(status, headers + more, error)

        return super().wsgi_app(environ, begin)


class Signer(TimestampSigner):
    """Derives its key from the site's secret once."""

    @cached_property
    def _derived(self) -> bytes:
        return super().derive_key()

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        return self._derived


class Seal(URLSafeTimedSerializer):
    """Of one secret and one purpose, with one signer for good."""

    @cached_property
    def _signer(self) -> Signer:
        return Signer(self.secret_keys, salt=self.salt, **self.signer_kwargs)

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        return self._signer


class Cookies(SecureCookieSessionInterface):
    """The session's cookie. Read only, it says nothing: pages are never kept (`no-store`)."""

    digest_method = staticmethod(hashlib.sha256)

    def __init__(self, secret: str) -> None:
        how = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
        self._seal = Seal(secret, salt=self.salt, serializer=self.serializer, signer_kwargs=how)

    def get_signing_serializer(self, app: Flask) -> Seal:
        return self._seal

    def save_session(self, app: Flask, session: SessionMixin, response: Any) -> None:
        if session.modified:
            super().save_session(app, session, response)
            response.vary.discard("Cookie")  # or the first page would answer otherwise than those after it


class Tokens(CSRFProtect):
    """The forms' tokens. Whether a door is exempt is asked only of requests that would need one."""

    def protect(self, apply_exemptions: bool = False) -> None:
        if request.method in self._methods:
            super().protect(apply_exemptions)

    def init_app(self, app: Flask) -> None:
        super().init_app(app)
        self._methods = app.config["WTF_CSRF_METHODS"]
