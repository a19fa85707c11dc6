"""附件的下载: for those who may see the case that a file was handed in to."""

import hashlib
import io

from flask import Blueprint, Response, send_file
from flask_login import login_required

from views import uploads, web
from workflow.engine.queries.desk import file_for

door = Blueprint("files", __name__)


@door.get("/files/<int:attachment_id>")
@login_required
def download(attachment_id: int) -> Response:
    """Saved, never shown: what came from outside runs nowhere under this site's name."""
    with web.reading() as session:
        file = file_for(session, attachment_id, web.actor())
    content = (uploads.folder() / file.stored_as).read_bytes()
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise RuntimeError(f"attachment {attachment_id} is not what was handed in")
    answer = send_file(
        io.BytesIO(content), mimetype=file.media_type, as_attachment=True, download_name=file.name, conditional=False
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
