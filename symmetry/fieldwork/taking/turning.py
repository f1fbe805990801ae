"""One taker at a time: whoever takes a file or a list looks first at what is there, and nobody may add to it meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["turn"]

_NUMBER = 0x53594D46  # of the turn, among those of other programs


def turn(connection: Connection, *, long: bool = False) -> None:
    """Wait for the turn to take; on SQLite whoever may write has it.

    Parameters
    ----------
    connection : in a transaction begun with the turn to write; its end ends the turn.
    long : whether a statement may take longer than a page may wait.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _NUMBER})
        if long:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
    elif long:
        connection.exec_driver_sql("PRAGMA cache_size = -131072")  # pages of tables and indices that many rows touch
