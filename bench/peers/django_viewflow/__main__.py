"""An approval does what viewflow's own wrapper of a task's page does when its form is sent (`wrap_view`)."""

from types import SimpleNamespace
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from bench.peers.work import LIMIT, NEXT, Peer, Task, message, now, reviewer, reviewers, serve

PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
APPS = ("django.contrib.contenttypes", "django.contrib.auth", "viewflow", "viewflow.workflow")


def start(where: dict[str, Any]) -> Peer:
    settings.configure(
        DATABASES={"default": {"CONN_MAX_AGE": None, **_database(where)}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[*APPS, "bench.peers.django_viewflow"],
        LOGGING_CONFIG=None,
        MIGRATION_MODULES=dict.fromkeys(("contenttypes", "auth", "viewflow")),  # tables from the models, as ours here
        SECRET_KEY="k" * 50,
        USE_TZ=False,
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    from django.contrib.auth.models import User  # after set-up, as all models

    from bench.peers.django_viewflow.models import Grant

    User.objects.bulk_create([User(id=number, username=f"user{number}", password="!") for number, _ in reviewers()])
    Grant.objects.bulk_create([Grant(user_id=number, step=step) for number, step in reviewers()])
    return Viewflow()


def _database(where: dict[str, Any]) -> dict[str, Any]:
    if "file" in where:
        options = {"timeout": 30, "transaction_mode": "IMMEDIATE", "init_command": PRAGMAS}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": where["file"], "OPTIONS": options}
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    told = {django_name: where.get(name, "") for django_name, name in names.items()}
    return {"ENGINE": "django.db.backends.postgresql", **told, "OPTIONS": {"options": where["options"]}}


class Viewflow:
    def __init__(self) -> None:
        from viewflow.workflow.models import Task as FlowTask

        from bench.peers.django_viewflow import flow, models

        self.flow, self.models, self.tasks, self.person = flow.Approval, models, FlowTask.objects, flow.person
        self.process_of: dict[int, int] = {}

    def open(self, count: int) -> None:
        for number in range(count):
            self.flow.start.run(number=number)

    def waiting(self) -> list[Task]:
        open_tasks = self.tasks.filter(status="ASSIGNED").order_by("pk").values_list("pk", "owner_id", "process_id")
        self.process_of = {task: process for task, _, process in open_tasks}  # the page's address has both
        return [(task, owner) for task, owner, _ in open_tasks]

    def approve(self, task: int, person: int) -> None:
        with self.flow.lock(self.process_of[task]), transaction.atomic():
            self._approved(self.tasks.get(pk=task), self.person(person))

    def _approved(self, task: Any, user: Any) -> None:
        activation = task.flow_task.activation_class(task)
        if task.process.flow_class != self.flow or not task.flow_task.can_execute(user, task=task):
            raise PermissionError(task)
        activation.start(SimpleNamespace(user=user))
        case = activation.process
        source = case.state
        granted = self.models.Grant.objects.filter(user_id=user.pk, step=source).exists()
        if not granted or case.amount > LIMIT:
            raise PermissionError(task)
        case.state = to = NEXT[source]
        case.save()
        at, told = now(), user.pk if to == "closed" else reviewer(to, case.pk)
        self.models.Audit.objects.create(
            process_id=case.pk, user_id=user.pk, move="approve", source=source, to=to, opinion="agreed", at=at
        )
        activation.execute()
        self.models.Message.objects.create(
            process_id=case.pk, user_id=told, topic="approve", payload=message(case.pk, to), created_at=at
        )


serve(start)
