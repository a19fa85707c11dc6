"""County, city, province: each a human task that is assigned to one reviewer."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from viewflow import this
from viewflow.workflow import flow, lock
from viewflow.workflow.flow import views

from bench.peers.django_viewflow.models import CaseProcess
from bench.peers.work import deadline, now, reviewer


@cache
def person(number: int) -> Any:
    return User.objects.get(pk=number)


def owner(step: str) -> Callable[[Any], Any]:
    def chosen(activation: Any) -> Any:
        activation.task.scheduled = deadline(now())  # the one column for an instant that a human task has
        return person(reviewer(step, activation.process.pk))

    return chosen


def _task(step: str, then: Any) -> Any:
    return flow.View(views.UpdateProcessView.as_view(fields=[])).Assign(owner(step)).Next(then)


class Approval(flow.Flow):
    process_class = CaseProcess
    lock_impl = lock.no_lock if connection.vendor == "sqlite" else lock.select_for_update_lock

    start = flow.StartHandle(this.begin).Next(this.county)
    county = _task("county", this.city)
    city = _task("city", this.province)
    province = _task("province", this.end)
    end = flow.End()

    def begin(self, activation: Any, number: int) -> Any:
        activation.process.title, activation.process.amount = f"Case {number}", 1000 + number
        return activation.process
