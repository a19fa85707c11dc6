"""What is compiled once in a process serves all its sites, of which a run makes thousands; a server has one."""

from typing import Any

from jinja2.bccache import Bucket, BytecodeCache

from views.site import Site


class Pages(BytecodeCache):
    """A template is known by its name and its text."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key, bucket.checksum] = bucket.code


def share() -> None:
    Site.jinja_options = Site.jinja_options | {"bytecode_cache": Pages()}
