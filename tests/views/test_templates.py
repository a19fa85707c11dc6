"""The templates' own compiler says what Jinja's says."""

from datetime import date
from typing import Any

from flask import Flask
from jinja2 import Environment
from markupsafe import Markup

from config import ROOT

PAGE = """
{%- macro sign(name, wide=false, text='') -%}
<b class="{{ name }}{% if wide %} is-wide{% endif %}">{{ text }}</b>
{%- endmacro -%}
{%- macro box(title) %}<div>{{ title }}{{ caller() }}</div>{% endmacro -%}
{{ sign('a') }}{{ sign('a', true) }}{{ sign(name='<a>', text=word) }}{{ sign('x', text=safe) }}{{ sign(*['a', true]) }}
{% call box(word) %}{{ safe }}{% endcall %}
{% for key, value in row.items() %}{{ loop.index }}{{ key }}={{ value }}{{ loop.cycle('odd', 'even') }}{% endfor %}
{{ row.name }}{{ row.values }}{{ row.nothing }}{{ row['name']|upper }}{{ day.strftime('%Y') }}{{ ', '.join(list) }}
{% set kept %}<i>{{ word }}</i>{% endset %}{{ kept }}{{ none }}{{ 1.5 }}
"""


def test_a_page_says_what_jinja_would_make_of_it(app: Flask) -> None:
    row = {"name": "<名>", "values": "值"}
    given = {"word": '<&">', "safe": Markup("<br>"), "row": row, "day": date(2026, 3, 2), "list": ["甲", "<乙>"]}
    with app.test_request_context("/"):
        ours = app.jinja_env.from_string(PAGE).render(**given)
    usual = Environment(autoescape=True).from_string(PAGE).render(**given)
    assert ours == usual


def test_nothing_that_templates_call_asks_to_be_handed_their_context(app: Flask) -> None:
    names: dict[str, Any] = {}
    with app.test_request_context("/"):
        app.update_template_context(names)
        known = (names | app.jinja_env.globals).items()
        asking = [name for name, value in known if hasattr(value, "jinja_pass_arg")]
    templates = "".join(file.read_text() for file in (ROOT / "templates").rglob("*.html"))
    assert asking and not [name for name in asking if f"{name}(" in templates]
