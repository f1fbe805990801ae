"""What to say when the database fails: which failures mean "the store is away, try again", and in what words.

Everything else (a broken statement, a value no column can hold) is a fault of ours or of one submission, and is not hidden here.
Words never repeat what the database said: its messages may hold answers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from symmetry.errors import DataError

__all__ = ["StoreAwayError", "plainly", "reason_of"]

_NO_TABLES = "the database holds no tables of a field store any more"
_SQLITE = {
    "BUSY": "another program keeps the database locked",
    "CANTOPEN": "the database's file cannot be opened",
    "CORRUPT": "the database's file is damaged",
    "FULL": "the disk is full",
    "IOERR": "the disk fails",
    "LOCKED": "another program keeps the database locked",
    "NOTADB": "the database's file is damaged",
    "READONLY": "the database may not be written to",
}
_POSTGRESQL = {
    "42P01": _NO_TABLES,
    "25006": "the database may not be written to",
    "40": "the transaction met another one",
    "53100": "the disk is full",
    "53": "the database server is short of resources",
    "55P03": "another program keeps the database locked",
    "57014": "the database took too long",
    "58": "the database server's disk fails",
    "XX001": "the database's file is damaged",
}


class StoreAwayError(DataError):
    """The store cannot be written to or read now; what was sent is not confirmed, and should be sent again.

    Parameters
    ----------
    reason : why, in words.

    Examples
    --------
    >>> StoreAwayError("the disk is full").reason
    'the disk is full'
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the store is away, and what was sent is not confirmed: {reason}",
            mend="make the database reachable and writable again, with room on its disk; then try again",
            code="STO20",
        )
        self.reason = reason


def reason_of(error: BaseException) -> str | None:
    """Say in words why the store is away; None where the error says nothing of the kind.

    Examples
    --------
    >>> reason_of(ValueError("a bad answer")) is None
    True
    """
    if isinstance(error, StoreAwayError):
        return error.reason
    if isinstance(error, TimeoutError):
        return "the database is overloaded"
    if not isinstance(error, DBAPIError) or error.orig is None:
        return None
    if isinstance(error.orig, sqlite3.Error):
        return _of_sqlite(error.orig)
    state = getattr(error.orig, "sqlstate", None) or ""
    said = next((words for code, words in _POSTGRESQL.items() if state.startswith(code)), None)
    if said is None and (error.connection_invalidated or isinstance(error, InterfaceError | OperationalError)):
        return "the database server cannot be reached, or does not let us in"
    return said


@contextmanager
def plainly() -> Iterator[None]:
    """Raise `StoreAwayError` for whatever in the block shows that the store is away; other errors pass as they are."""
    try:
        yield
    except (DBAPIError, TimeoutError) as error:
        reason = reason_of(error)
        if reason is None:
            raise
        raise StoreAwayError(reason) from error


def _of_sqlite(error: sqlite3.Error) -> str | None:
    """By SQLite's own name for the failure; a statement that it cannot run is no such failure."""
    name = getattr(error, "sqlite_errorname", "").removeprefix("SQLITE_").partition("_")[0]
    if name in _SQLITE:
        return _SQLITE[name]
    if name == "ERROR" and str(error).startswith("no such table"):
        return _NO_TABLES
    return "the database fails" if name not in ("", "ERROR") and isinstance(error, sqlite3.OperationalError) else None
