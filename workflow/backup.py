"""备份与恢复 of a site on SQLite: one file with database, attachments and witness files, each with its hash.

The database is copied by SQLite's online backup while the site runs; attachments are immutable, so what the copy names
is on disk already. The key that signs sessions goes in only when asked for: without it everybody signs in anew.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

DATABASE, FILES, WITNESS, SECRET, MANIFEST = "xinjie.db", "files", "witness", "secret_key", "manifest.json"
FORMAT = 1
PIECE = 2**20


class BackupError(Exception):
    """`key` is stable; `detail` names the file or the place."""

    def __init__(self, key: str, detail: str) -> None:
        super().__init__(f"{key}: {detail}")
        self.key = key
        self.detail = detail


def backup(database: Path, data: Path, target: Path, at: datetime, *, secret: bool = False) -> dict[str, str]:
    """Write the backup whole or not at all; gives what is in it, name to SHA-256."""
    if target.exists():
        raise BackupError("target_exists", str(target))
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with TemporaryDirectory(dir=target.parent, prefix=".xinjie-backup-") as folder:
            copy = Path(folder) / DATABASE
            _snapshot(database, copy)
            inside = {DATABASE: copy, **dict(_beside(copy, data))}
            if secret:
                inside[SECRET] = data / SECRET
            listed = {name: _hash_of(path) for name, path in inside.items()}
            manifest = {"format": FORMAT, "made_at": at.isoformat(), "files": listed}
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                with ZipFile(out, "w", ZIP_DEFLATED) as archive:
                    for name, path in inside.items():
                        archive.write(path, name)
                    archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
                out.flush()
                os.fsync(out.fileno())
        os.link(draft, target)
    except FileExistsError:
        raise BackupError("target_exists", str(target)) from None
    finally:
        draft.unlink(missing_ok=True)
    return listed


def restore(archive: Path, data: Path) -> dict[str, str]:
    """Put a backup into an empty data folder. Every hash is checked before anything is in its place."""
    if any((data / name).exists() for name in (DATABASE, FILES, WITNESS)):
        raise BackupError("data_in_use", str(data))
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with ZipFile(archive) as packed, TemporaryDirectory(dir=data, prefix=".restore-") as folder:
            listed = _manifest(packed)
            for name, digest in listed.items():
                _unpack(packed, name, digest, Path(folder) / name)
            _sound(Path(folder) / DATABASE)
            for top in sorted({PurePosixPath(name).parts[0] for name in listed} - {DATABASE}):
                (Path(folder) / top).replace(data / top)
            (Path(folder) / DATABASE).replace(data / DATABASE)  # last: without it there is no site yet
    except (BadZipFile, KeyError, ValueError) as error:
        raise BackupError("not_a_backup", str(archive)) from error
    return listed


def _snapshot(database: Path, copy: Path) -> None:
    """What is committed at one instant, while others go on writing."""
    read_only = f"{database.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(read_only, uri=True)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
    _sound(copy)


def _sound(database: Path) -> None:
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise BackupError("database_damaged", found)


def _beside(copy: Path, data: Path) -> Iterator[tuple[str, Path]]:
    """The attachments that the copy names, each as its row says it is, and the witness files of the daily seals."""
    with closing(sqlite3.connect(copy)) as connection:
        rows = connection.execute("SELECT stored_as, sha256 FROM attachment ORDER BY stored_as").fetchall()
    for stored_as, sha256 in rows:
        path = data / FILES / stored_as
        if not path.exists():
            raise BackupError("attachment_missing", stored_as)
        if _hash_of(path) != sha256:
            raise BackupError("attachment_changed", stored_as)
        yield f"{FILES}/{stored_as}", path
    for path in sorted((data / WITNESS).glob("*")):
        yield f"{WITNESS}/{path.name}", path


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(packed: ZipFile) -> dict[str, str]:
    listed = json.loads(packed.read(MANIFEST))["files"]
    names = [name for name in packed.namelist() if name != MANIFEST]
    if sorted(names) != sorted(listed) or DATABASE not in listed or not all(map(_ours, names)):
        raise ValueError("its list and its content differ")
    return listed


def _ours(name: str) -> bool:
    """Only names that a backup has: nothing may be written outside its folders."""
    parts = PurePosixPath(name).parts
    plain = ".." not in parts and "\\" not in name and not name.startswith("/")
    return plain and (name in (DATABASE, SECRET) or (len(parts) == 2 and parts[0] in (FILES, WITNESS)))  # noqa: PLR2004


def _unpack(packed: ZipFile, name: str, digest: str, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with packed.open(name) as source, open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        if _copied(source, out) != digest:
            raise BackupError("hash_differs", name)
        out.flush()
        os.fsync(out.fileno())


def _copied(source: IO[bytes], out: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := source.read(PIECE):
        digest.update(piece)
        out.write(piece)
    return digest.hexdigest()
