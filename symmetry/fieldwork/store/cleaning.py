"""What a close leaves on the disk: databases rewritten from their rows, in the order of random keys, without a trace of others.

Deleting a row is not enough: free pages, the write-ahead log and dead rows keep what was there, in the order in which it came.
SQLite rewrites its file (VACUUM) and empties its log; PostgreSQL rewrites its tables (CLUSTER), while its log and the copies of
it are its keeper's business.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from symmetry.errors import DataError, Place
from symmetry.fieldwork.store.tables import FIELD, SEALED

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["back_up", "check_backup", "rewrite"]

_PAUSE = 0.2


def rewrite(store: Store, *, patience: float) -> None:
    """Rewrite both databases, so that nothing deleted is left in their files.

    Parameters
    ----------
    store : the field; a server may go on writing.
    patience : seconds to wait until nobody stands in the way.

    Raises
    ------
    DataError : OPN15, somebody did until the end.
    """
    for engine, tables in ((store.field, FIELD), (store.sealed, SEALED)):
        if engine.dialect.name == "sqlite":
            _patiently(store, partial(_rewrite_file, engine), patience)
        else:
            for table in tables.sorted_tables:
                _patiently(store, partial(_rewrite_table, engine, table.name), patience)


def check_backup(store: Store, folder: Path) -> None:
    """Refuse a backup that cannot be made, before anything is closed.

    Raises
    ------
    DataError : OPN14, the databases are on a PostgreSQL server; the folder is the store's own, or a file.
    """
    if not store.embedded:
        raise DataError(
            "databases on a PostgreSQL server are not copied by symmetry",
            mend="close without --backup, then run pg_dump --format=custom on each of the two databases",
            code="OPN14",
        )
    if folder.absolute().resolve() == store.folder.resolve() or (folder.exists() and not folder.is_dir()):
        raise DataError(
            "this is no place for a backup",
            where=Place(folder),
            mend="name a new folder, best on another disk",
            code="OPN14",
        )


def back_up(store: Store, folder: Path) -> None:
    """Copy both databases and `store.json` into a folder that can be opened as a store; the key of the links stays behind.

    Parameters
    ----------
    store : the field, on SQLite.
    folder : for its owner alone; copies that are there are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    for engine, name in ((store.field, "field.sqlite"), (store.sealed, "sealed.sqlite")):
        aside = folder / f".{name}.part"
        aside.unlink(missing_ok=True)
        os.close(os.open(aside, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))  # SQLite fills an empty file
        with closing(engine.raw_connection()) as raw:
            raw.cursor().execute("VACUUM INTO ?", (str(aside),))
        with closing(sqlite3.connect(aside)) as copy:
            copy.execute("PRAGMA journal_mode = WAL")
        for rest in ("-wal", "-shm"):
            Path(f"{folder / name}{rest}").unlink(missing_ok=True)
        aside.replace(folder / name)
    shutil.copyfile(store.folder / "store.json", folder / "store.json")
    (folder / "store.json").chmod(0o600)


def _rewrite_file(engine: Engine) -> bool:
    """Rewrite a SQLite file and empty its log; whether nobody stood in the way."""
    try:
        with closing(engine.raw_connection()) as raw:
            cursor = raw.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            told = cursor.fetchone()  # whether readers stood in the way, and how far it came
            cursor.close()
            return told is not None and not told[0]
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return False
        raise


def _rewrite_table(engine: Engine, table: str) -> bool:
    """Rewrite a table of PostgreSQL, waiting a moment for those who use it; whether they let go.

    In the order of its key: VACUUM FULL keeps the order of the heap, where whoever answered lies behind those who did not.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql(f"CLUSTER {table} USING {table}_pkey")
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == "55P03":
                return False
            raise
        finally:
            connection.invalidate()  # its settings were for this alone
    return True


def _patiently(store: Store, do: Callable[[], bool], patience: float) -> None:
    """Try until it works or patience ends."""
    until = time.monotonic() + patience
    while not do():
        if time.monotonic() > until:
            raise DataError(
                "the wave is closed, and its databases could not be rewritten: another program keeps them busy",
                where=Place(store.folder),
                mend="stop the other program (a long read, a backup), then close the wave again",
                code="OPN15",
            )
        time.sleep(_PAUSE)
