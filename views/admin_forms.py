"""The administration's forms as the templates draw them, with what was typed and what was wrong with it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from models.people import ROLES
from views import texts
from views.texts import gettext as _
from workflow.engine.queries.admin import Place
from workflow.engine.refusal import Refused

Shown = dict[str, Any]


class Form:
    """The typed values and the reasons of one sending; empty when the page is only opened."""

    def __init__(self, sent: Mapping[str, str], refused: Refused | None) -> None:
        self.sent = sent if refused else {}
        self.errors = texts.field_reasons(refused) if refused else {}
        self.trouble = texts.reason(refused) if refused and not self.errors else ""

    def field(self, name: str, label: str, kind: str = "text", value: str = "", **more: Any) -> Shown:
        typed, error = self.sent.get(name, value), self.errors.get(name)
        return {"name": name, "label": label, "kind": kind, "value": typed, "error": error, "required": True} | more


def post_fields(form: Form, places: list[Place], today: date) -> list[Shown]:
    roles = [(role, texts.text(f"role.{role}")) for role in ROLES]
    offices = [
        (str(office.id), f"{place.authority.short_name} {office.name}") for place in places for office in place.offices
    ]
    return [
        form.field("role", _("角色"), "select", options=roles),
        form.field("office", _("科室"), "select", options=offices, required=False, hint=_("机构经办人以外的角色须选")),
        form.field("credit_code", _("统一社会信用代码"), required=False, hint=_("只有机构经办人填")),
        form.field("title", _("职务"), required=False),
        form.field("since", _("任职开始日"), "date", today.isoformat()),
    ]
