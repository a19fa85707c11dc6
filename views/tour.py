"""The demo's home page: the guided tour. Outside a demo it does not exist."""

from flask import Blueprint, abort, render_template, url_for

from views import layout, web
from workflow.demo import tour

door = Blueprint("tour", __name__)
DOORS = {"case": "cases.show", "objection": "cases.show", "object": "public.object_form"}


@door.get("/tour")
def show() -> str:
    if not web.settings().demo:
        abort(404)
    with web.reading() as session:
        numbers = [tour.found(session, step.place) for step in tour.STEPS]
    steps = [(step, _path(step, number)) for step, number in zip(tour.STEPS, numbers, strict=True)]
    return render_template("public/tour.html", steps=steps, enter=url_for("auth.enter_demo"), **layout.outside())


def _path(step: tour.Step, number: str) -> str:
    """A notice has a page for the public, and one for those who handle it."""
    kind = step.place[0]
    if kind == "desk":
        return url_for("institution.desk")
    usual = "cases.show" if step.login else "public.notice"
    return url_for(DOORS.get(kind, usual), number=number) if number else url_for("public.notices")
