"""The application: wiring, headers, errors. No rule and no state is known here."""

from datetime import date
from typing import Any

from flask import Flask, Response, g, render_template, request
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from config import Settings
from models.database import Database
from views import languages, layout, texts, web
from views.auth import login_manager
from views.clocks import host_clock
from views.doors import DOORS
from views.site import Site, Tokens
from views.texts import N_
from views.texts import gettext as _
from workflow.clock import Clock, legal_day
from workflow.engine.refusal import NotFound, Refused

UPLOAD_LIMIT = 110 * 1024 * 1024


class RowNumber(IntegerConverter):
    """A number that no row can have is an address that does not exist, rather than an overflow in the database."""

    def __init__(self, url_map: Map, max: int = 2**63 - 1, **limits: Any) -> None:
        super().__init__(url_map, max=max, **limits)


def create_app(settings: Settings, database: Database, clock: Clock) -> Flask:
    folders = {"template_folder": "templates", "static_folder": "views/static", "static_url_path": "/static"}
    app = Site(settings.secret(), **folders)
    app.config.update(
        SESSION_COOKIE_NAME=f"xinjie_{settings.port}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=UPLOAD_LIMIT,
        BOOTSTRAP_SERVE_LOCAL=True,
        BABEL_DEFAULT_LOCALE=settings.language,
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.url_map.converters["int"] = RowNumber
    app.extensions |= {"xinjie_settings": settings, "xinjie_database": database, "xinjie_clock": clock}
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    app.before_request(languages.speak)
    app.teardown_request(languages.fall_silent)
    app.before_request(_received)  # before anything reads the body: the instant of receipt decides what is in time
    Tokens(app).exempt(languages.choose)
    languages.init(app)
    Bootstrap5(app)
    login_manager.init_app(app)
    _doors(app)
    _errors(app)
    app.after_request(_not_kept)
    app.template_global("legal_today")(_legal_today)
    app.template_global("text")(texts.text)
    app.template_global("fresh_id")(web.fresh_id)
    app.template_global("url_for")(web.address)
    app.context_processor(languages.context)
    names: dict[str, Any] = app.jinja_env.globals
    names |= {"demo": settings.demo, "icons": f"{app.static_url_path}/icons.svg"}
    names["ui"] = app.jinja_env.get_template("macros/ui.html").module
    return app


def _doors(app: Flask) -> None:
    for door in DOORS:
        app.register_blueprint(door)


def _received() -> None:
    endpoint = request.endpoint or ""
    if endpoint.startswith("health.") or endpoint.endswith("static"):
        return
    try:
        web.at()
    except OperationalError:
        g.at = host_clock()  # for the page that says so; nothing is decided by it
        raise


def _legal_today() -> date:
    return legal_day(web.at())


def _not_kept(response: Response) -> Response:
    endpoint = request.endpoint or ""
    if endpoint != "static" and not endpoint.endswith(".static"):
        response.headers["Cache-Control"] = "no-store"
    return response


def _errors(app: Flask) -> None:
    @app.errorhandler(Refused)
    def refused(error: Refused) -> tuple[str, int]:
        return _page(409, texts.reason(error))

    @app.errorhandler(NotFound)
    def not_found(_error: NotFound) -> tuple[str, int]:
        return _page(404)

    @app.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> tuple[str, int]:
        return _page(400, _("页面已过期，返回重新打开后再提交。"))

    @app.errorhandler(OperationalError)
    def unavailable(_error: OperationalError) -> tuple[str, int]:
        """The database is full, locked or away; the unit of work is rolled back whole."""
        app.logger.exception("database unavailable")
        return _page(503)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Any:
        return error.get_response() if error.code in REDIRECTS else _page(error.code or 500)


REDIRECTS = (301, 302, 303, 307, 308)
TITLES = {
    400: (N_("请求有误"), N_("返回上一页，重新打开后再提交。")),
    404: (N_("没有这一页"), N_("地址有误，或者不由您查看。")),
    405: (N_("不能这样打开"), N_("请从页面上的链接或按钮进入。")),
    409: (N_("未能办理"), ""),
    413: (N_("提交内容过大"), N_("减少附件后再提交。")),
    429: (N_("操作过于频繁"), N_("稍后再试。")),
    503: (N_("暂时不能办理"), N_("本次操作没有生效，已填的内容请保留，稍后再试。")),
    500: (N_("系统出错"), N_("本次操作没有生效。管理员可在日志中查到。")),
}


def _page(status: int, text: str = "") -> tuple[str, int]:
    title, usual = TITLES.get(status, TITLES[400])
    page = render_template(
        "error.html",
        code=status,
        title=_(title),
        text=text or (_(usual) if usual else ""),
        here="/",
        **layout.outside(),
    )
    return page, status
