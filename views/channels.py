"""发送渠道: the administrator says where messages of an authority, an institution or a person go."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from views import layout, web
from views.admin_forms import Form
from views.texts import gettext as _
from views.web import actor, at, reading, writing
from workflow import channels
from workflow.engine.forms import Field, checked
from workflow.engine.queries import admin
from workflow.engine.queries import channels as query
from workflow.engine.refusal import Refused

door = Blueprint("channels", __name__, url_prefix="/admin/channels")
administrator = web.roles("system_admin")

OWNERS = ("authority", "credit_code", "login")
FIELDS = (
    Field("name", "text", longest=100),
    Field("url", "text", longest=channels.LONGEST),
    *(Field(name, "text", required=False, longest=60) for name in OWNERS),
)


@door.get("")
@administrator
def index() -> str:
    return _page()


@door.post("")
@administrator
def add() -> Response | tuple[str, int]:
    try:
        sent = checked(FIELDS, {field.name: request.form.get(field.name, "") for field in FIELDS})
        with writing() as session:
            owner = _owner(session, {name: sent[name] for name in OWNERS if sent[name]})
            internal = web.settings().allow_internal_webhooks
            new = (sent["name"], sent["url"], owner, actor(), at())
            web.once(session, lambda: channels.add(session, *new, internal=internal).id)
    except Refused as refused:
        return _page(refused), 422
    flash(_("渠道已登记，新消息起送。"))
    return redirect(url_for("channels.index"), 303)


@door.post(f"/<int(max={web.HIGHEST}):channel_id>/<any(stop,start):turn>")
@administrator
def switch(channel_id: int, turn: str) -> Response:
    with writing() as session:
        one = query.channel(session, actor(), channel_id)
        web.once(session, lambda: channels.switch(session, one, turn == "start", actor(), at()))
    flash(_("渠道已启用。") if turn == "start" else _("渠道已停用，未送出的留在系统内。"))
    return redirect(url_for("channels.index"), 303)


def _owner(session: Session, sent: dict[str, str]) -> dict[str, int]:
    """Exactly one, among those that this administrator keeps."""
    if len(sent) != 1:
        raise Refused("form_invalid", fields={"authority": ("channel_owner", {})})
    [(name, value)] = sent.items()
    found = query.owner(session, actor(), name, value)
    if found is None:
        raise Refused("form_invalid", fields={name: ("place_unknown", {})})
    return found


def _page(refused: Refused | None = None) -> str:
    form = Form(request.form, refused)
    with reading() as session:
        rows = query.channels(session, actor())
        places = admin.places(session, actor())
    authorities = [("", _("不选")), *((place.authority.code, place.authority.name) for place in places)]
    one = _("机关、机构、人员只填一项")
    fields = [
        form.field("name", _("名称")),
        form.field("url", _("地址"), hint=_("mailto、dingtalk、wecombot、feishu、json 地址，含密钥，登记后不再显示")),
        form.field("authority", _("机关"), "select", options=authorities, required=False, hint=one),
        form.field("credit_code", _("机构的统一社会信用代码"), required=False),
        form.field("login", _("人员的账号"), required=False),
    ]
    shown = {"rows": rows, "masked": channels.masked, "fields": fields, "form": form}
    return render_template("admin/channels.html", **shown, **layout.work())
