"""Engines that keep the store's promises: committed means on the disk, deleted means overwritten, dead means soon noticed.

SQLAlchemy's driver for SQLite begins transactions too late for tables and reads; here the engine begins them itself: `BEGIN` for
who reads, `BEGIN IMMEDIATE` for who asked to write, so that a writer waits for its turn at the start and never fails halfway.
"""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import URL, QueuePool, create_engine, event
from sqlalchemy.exc import DisconnectionError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

__all__ = ["embedded", "served", "to_write"]

_WAIT = 2.0  # seconds that a writer of SQLite waits for its turn
_POOL = 16  # connections kept for readers
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "temp_store = MEMORY",
    "trusted_schema = OFF",
)
# A server that no longer answers is noticed within seconds: libpq's words, which those in the URL overrule.
_SOON = {
    "connect_timeout": "3",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
    "tcp_user_timeout": "5000",
    "application_name": "symmetry field",
}
_SESSION = """SELECT set_config('synchronous_commit', 'on', false), set_config('statement_timeout', '30s', false),
    set_config('lock_timeout', '2s', false), set_config('idle_in_transaction_session_timeout', '10min', false)"""


def to_write(engine: Engine) -> AbstractContextManager[Connection]:
    """Begin a transaction that will write, and commit it if the block succeeds.

    Parameters
    ----------
    engine : `field` or `sealed` of a store.

    Notes
    -----
    On SQLite it takes the turn to write at once (`BEGIN IMMEDIATE`); `engine.connect()` is for those who read.
    """
    return engine.execution_options(symmetry_writes=True).begin()


def embedded(path: Path) -> Engine:
    """Speak to a SQLite file, which must be there."""

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            f"file:{quote(str(path))}?mode=rw", uri=True, timeout=_WAIT, isolation_level=None, check_same_thread=False
        )

    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        creator=connect,
        poolclass=QueuePool,
        pool_size=_POOL,
        pool_timeout=5,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "checkout", _same_file)
    event.listen(engine, "begin", _begin)
    return engine


def served(url: URL) -> Engine:
    """Speak to a PostgreSQL database through psycopg 3."""
    soon = {key: value for key, value in _SOON.items() if key not in url.query}
    engine = create_engine(
        url.set(drivername="postgresql+psycopg").update_query_dict(soon),
        pool_size=_POOL,
        pool_timeout=5,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _settle)
    return engine


def _prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """Set what SQLite forgets with every connection, and keep in mind which file it is."""
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    path = cursor.execute("PRAGMA database_list").fetchone()[2]
    cursor.close()
    entry.info["file"] = path, _file(path)


def _file(path: str) -> tuple[int, int] | None:
    """Which file stands at a path, if any."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _same_file(_: DBAPIConnection, entry: ConnectionPoolEntry, __: object) -> None:
    """Connect anew where the file was removed or replaced: SQLite would write on into the old one, and all that be lost."""
    path, found = entry.info["file"]
    if _file(path) != found:
        raise DisconnectionError


def _begin(connection: Connection) -> None:
    """Begin the transaction ourselves, with the turn to write where that was asked for."""
    writes = connection.get_execution_options().get("symmetry_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _settle(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Ask PostgreSQL to commit to the disk, whatever the server's default, and not to keep a page waiting for long."""
    cursor = connection.cursor()
    cursor.execute(_SESSION)
    cursor.close()
    connection.commit()
