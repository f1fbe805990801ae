"""Systems that may post events: each has a key of its own, told once, of which the store keeps a hash alone."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from symmetry.errors import DataError
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.tables import CALLERS
from symmetry.fieldwork.timing import now_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["caller_of", "new_caller", "revoke_caller"]

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
_LONGEST = 200


def new_caller(store: Store, name: str, *, at: datetime | None = None) -> str:
    """Give a system a key with which it may post events; one that it had before opens nothing any more.

    Parameters
    ----------
    store : the field.
    name : of the system.
    at : now.

    Returns
    -------
    The key, which nobody can be told again.

    Raises
    ------
    DataError : TAK10, that is no name.
    StoreAwayError : the database cannot be written to.
    """
    if not _NAME.fullmatch(name):
        what = "the name of a caller is up to 40 small letters, digits, `_`, `.` and `-`"
        raise DataError(what, mend="name it as in `crm`", code="TAK10")
    key = secrets.token_urlsafe(32)
    day = (at or now_of(store)).date().isoformat()
    with plainly(), to_write(store.field) as connection:
        connection.execute(delete(CALLERS).where(CALLERS.c.name == name))
        connection.execute(insert(CALLERS).values(name=name, mark=_mark(key), day=day))
    return key


def revoke_caller(store: Store, name: str) -> bool:
    """Take a system's key away; whether it had one."""
    with plainly(), to_write(store.field) as connection:
        return bool(connection.execute(delete(CALLERS).where(CALLERS.c.name == name)).rowcount)


def caller_of(connection: Connection, key: str) -> str | None:
    """The name of the system whose key this is; None for no key.  Every key is compared, in a time that tells nothing.

    Parameters
    ----------
    connection : to the field database.
    key : as it was sent.
    """
    sent = _mark(key[:_LONGEST])
    found = None
    for row in connection.execute(select(CALLERS.c.name, CALLERS.c.mark)):
        if hmac.compare_digest(sent, bytes(row.mark)):
            found = row.name
    return found


def _mark(key: str) -> bytes:
    return hashlib.blake2b(key.encode(errors="replace"), digest_size=32, person=b"symmetry caller").digest()
