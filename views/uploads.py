"""Forms that carry files.

A file is kept in a transaction of its own, just before the act: a form that is then refused carries the file on, so
nobody has to choose it again. The row alone shows nothing to anybody; only the act ties it to a case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path
from typing import Any

from flask import request
from sqlalchemy import select

from models import Attachment
from views import web
from views.texts import gettext as _
from workflow.attachments import MAX_BYTES, MAX_FILES, MEGABYTE, Checked, checked, enter, store
from workflow.engine.forms import Field
from workflow.engine.forms import checked as checked_form
from workflow.engine.refusal import Refused
from workflow.machines import MACHINES

LONGEST_ID = 16


@dataclass
class Received:
    """The files that this form has so far, by id; `fault` is what was wrong with one that was not taken."""

    names: dict[int, str] = field(default_factory=dict)
    fault: tuple[str, dict[str, Any]] | None = None

    @classmethod
    def carried_on(cls) -> "Received":
        """What earlier sendings of this form left, and nothing new."""
        return cls(_carried())

    @property
    def ids(self) -> list[int]:
        return sorted(self.names)

    @property
    def carried(self) -> list[tuple[str, str]]:
        """For the form shown again: a token that only this form can use, and the name."""
        return [(_token(id), name) for id, name in self.names.items()]


def folder() -> Path:
    return web.settings().data_folder() / "files"


def received(box: str = "files") -> Received:
    """Check and keep the files of this request."""
    found = Received.carried_on()
    chosen = [file for file in request.files.getlist(box) if file.filename]
    if len(found.names) + len(chosen) > MAX_FILES:
        found.fault = ("too_many_files", {"most": MAX_FILES})
        return found
    for file in chosen:
        try:
            one = checked(file.stream, file.filename or "")
            found.names[_keep(one)] = one.name
        except Refused as refused:
            found.fault = (refused.reason, refused.details)
    return found


def _keep(file: Checked) -> int:
    # The name is a secret of this form and file: nobody can guess it, and a form sent twice keeps the file once.
    stored_as = web.secret_for("file", f"{web.request_id()}:{file.name}:{file.sha256}")
    store(folder(), file, stored_as)
    with web.writing() as session:
        return enter(session, file, stored_as, web.at())


def _token(attachment_id: int) -> str:
    return f"{attachment_id}-{web.secret_for('carried', f'{web.request_id()}:{attachment_id}')}"


def _carried() -> dict[int, str]:
    """Files that an earlier sending of this form left: only those whose token this site gave to it."""
    sent = {token.partition("-")[0]: token for token in request.form.getlist("kept")}
    ids = [int(id) for id, token in sent.items() if _ours(id, token)]
    if not ids:
        return {}
    with web.reading() as session:
        rows = session.execute(select(Attachment.id, Attachment.name).where(Attachment.id.in_(ids)))
        return {row.id: row.name for row in rows}


def _ours(id: str, token: str) -> bool:
    number = id.isascii() and id.isdecimal() and len(id) < LONGEST_ID
    return number and compare_digest(token.encode(), _token(int(id)).encode())


def fields_of(machine: str, move: str) -> tuple[Field, ...]:
    """What the machine file asks for with a move, but for the sheet that a policy may add."""
    form = next(row.form for row in MACHINES[machine].moves if row.name == move)
    return tuple(field for field in form if field.kind != "sheet")


def check_whole(
    fields: tuple[Field, ...],
    form: Mapping[str, Any],
    files: Received,
    wrong: Mapping[str, tuple[str, dict[str, Any]]] | None = None,
) -> None:
    """Every fault of a form at once, those of its files among them. Raises Refused("form_invalid")."""
    faults = dict(wrong or {})
    try:
        checked_form(fields, form)
    except Refused as refused:
        faults |= refused.fields
    if files.fault:
        faults["files"] = files.fault
    if faults:
        raise Refused("form_invalid", fields=faults)


def seen_version() -> int:
    """The version of the case that the form showed; -1, which no case has, where it says none."""
    sent = request.form.get("seen_version", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < LONGEST_ID else -1


def status(refused: Refused) -> int:
    return 422 if refused.fields else 409


def hint() -> str:
    limits = {"size": MAX_BYTES // MEGABYTE, "most": MAX_FILES}
    return _("PDF、图片（PNG、JPG）、Word（docx）、Excel（xlsx），每份不超过 %(size)s MB，最多 %(most)s 份。", **limits)
