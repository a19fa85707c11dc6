"""The case as viewflow's quick start keeps it, a proxy with its fields in the JSON column; what viewflow lacks."""

from django.db import models
from viewflow import jsonstore
from viewflow.workflow.models import Process


class CaseProcess(Process):
    title = jsonstore.CharField(max_length=200)
    amount = jsonstore.IntegerField(default=0)
    state = jsonstore.CharField(max_length=20, default="county")

    class Meta:
        proxy = True


class Grant(models.Model):
    user_id = models.BigIntegerField()
    step = models.TextField()

    class Meta:
        unique_together = (("user_id", "step"),)


class Audit(models.Model):
    process = models.ForeignKey(Process, on_delete=models.CASCADE, related_name="+")
    user_id = models.BigIntegerField()
    move = models.TextField()
    source = models.TextField()
    to = models.TextField()
    opinion = models.TextField()
    at = models.DateTimeField()


class Message(models.Model):
    process = models.ForeignKey(Process, on_delete=models.CASCADE, related_name="+")
    user_id = models.BigIntegerField()
    topic = models.TextField()
    payload = models.TextField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["id"], name="message_unsent", condition=models.Q(sent_at__isnull=True)),)
