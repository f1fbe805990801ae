"""The keys in a store's folder, drawn once: that of the links, and that under which the ledger keeps who opted out."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from symmetry.errors import DataError, Place
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.tables import EVENTS, OPT_OUTS, OUTBOX

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

__all__ = ["KEY", "check_ledger", "draw_key"]

KEY = 32
"""Bytes of a key."""


def draw_key(path: Path) -> None:
    """Write a key aside, then give it its name: whoever looks meanwhile finds no key or a whole one."""
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # readable by its owner alone
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was quicker: its key counts
            path.hardlink_to(aside)
    finally:
        Path(aside).unlink()
    _keep(path.parent)


def check_ledger(store: Store) -> None:
    """Draw the key of the ledger for a store of an earlier version, and never where something is kept under another one."""
    path = store.folder / "ledger.key"
    if path.exists():
        return
    with plainly(), store.field.connect() as connection:
        held = any(connection.execute(select(table).limit(1)).first() for table in (OPT_OUTS, EVENTS, OUTBOX))
    if held:
        raise DataError(
            "the key of the ledger is missing: nobody knows any more who opted out",
            where=Place(path),
            mend="bring ledger.key back from a copy of the folder",
            code="LED02",
        )
    draw_key(path)


def _keep(folder: Path) -> None:
    """Have the disk keep the names of new files."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
