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

from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from symmetry.aside import replace_file
from symmetry.errors import DataError, Place
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.tables import ANSWERS, FIELD, INVITATIONS, RESPONSES, SEALED, WAVES

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["back_up", "check_backup", "empty_log", "rewrite"]

_MARK = ".symmetry"
_PAUSE = 0.2
# Whoever may still see rows deleted before a transaction: other sessions (a standby with feedback is one), slots of standbys that
# are away, prepared transactions.
_SEEING = text("""
    SELECT count(*) FROM (
        SELECT backend_xmin AS oldest FROM pg_stat_activity WHERE pid <> pg_backend_pid()
        UNION ALL SELECT backend_xid FROM pg_stat_activity WHERE pid <> pg_backend_pid()
        UNION ALL SELECT xmin FROM pg_replication_slots
        UNION ALL SELECT transaction FROM pg_prepared_xacts
    ) AS seeing WHERE oldest IS NOT NULL AND age(oldest) > age(CAST(CAST(:transaction AS text) AS xid))
""")


def rewrite(store: Store, wave: str, *, patience: float) -> None:
    """Rewrite both databases, so that nothing deleted is left in their files, nor the order in which a wave was answered.

    Parameters
    ----------
    store : the field; a server may go on writing.
    wave : that is closed.
    patience : seconds to wait until nobody stands in the way.

    Raises
    ------
    DataError : OPN15, somebody did until the end.
    """
    for engine, tables in ((store.field, FIELD), (store.sealed, SEALED)):
        if engine.dialect.name == "sqlite":
            _patiently(store, wave, partial(_rewrite_file, engine), patience)
        else:
            transaction = _write_anew(engine, wave, sealed=tables is SEALED)
            for table in tables.sorted_tables:
                _patiently(store, wave, partial(_rewrite_table, engine, table.name, transaction), patience)


def empty_log(engine: Engine) -> bool:
    """Empty the log of a SQLite file; whether no reader stood in the way."""
    with closing(engine.raw_connection()) as raw:
        told = (
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        )  # whether one did, and how far it came
        return told is not None and not told[0]


def check_backup(store: Store, wave: str, folder: Path) -> None:
    """Make the folder of a backup; refuse one that cannot be made, or would hold too much, before anything is closed.

    Raises
    ------
    DataError : OPN14, the databases are on a PostgreSQL server; the folder is not empty, cannot be used or others may enter it;
        the disk is too full; another wave of employees is open, whose boxes would lie beside their keys.
    """
    if not store.embedded:
        raise _no_backup(
            None,
            "databases on a PostgreSQL server are not copied by symmetry",
            "close without --backup, then run pg_dump --format=custom on each of the two databases",
        )
    _refuse_open(store, wave)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        taken = any(folder.iterdir())
        files = (store.folder / f"{name}.sqlite" for name in ("field", "sealed"))
        small = shutil.disk_usage(folder).free < sum(file.stat().st_size for file in files)
        (folder / _MARK).touch(0o600)
        (folder / _MARK).unlink()
    except OSError as error:
        why = f"this is no place for a backup: {(error.strerror or 'it cannot be used').lower()}"
        raise _no_backup(folder, why, "name a new folder, best on another disk") from error
    if taken:
        what = "this folder is not empty, and a backup replaces nothing"
        raise _no_backup(folder, what, "name a new folder, best on another disk")
    if folder.stat().st_mode & 0o077:
        what = "others than its owner may enter this folder, and a backup holds all answers"
        raise _no_backup(folder, what, f"chmod go= {folder}, or name a new folder")
    if small:
        raise _no_backup(folder, "its disk has no room for both databases", "name a folder on another disk")


def back_up(store: Store, wave: str, folder: Path) -> None:
    """Copy both databases and the notes of the folder, so that a store can be opened there; the key of the links stays behind.

    Parameters
    ----------
    store : the field, on SQLite.
    wave : that is closed.
    folder : that `check_backup` found good.  A copy that fails leaves nothing there.
    """
    made: list[Path] = []
    try:
        for engine, name in ((store.field, "field.sqlite"), (store.sealed, "sealed.sqlite")):
            copy = folder / name
            made += [copy, folder / f"{name}-wal", folder / f"{name}-shm"]
            os.close(os.open(copy, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))  # SQLite fills an empty file
            with closing(engine.raw_connection()) as raw:
                raw.cursor().execute("VACUUM INTO ?", (str(copy),))
            with closing(sqlite3.connect(copy)) as copied:
                copied.execute("PRAGMA journal_mode = WAL")
        _refuse_open(store, wave)  # opened meanwhile
        for note in (*store.folder.glob("closed-*.json"), store.folder / "store.json"):
            made.append(folder / note.name)
            replace_file(made[-1], note.read_bytes(), mode=0o600)
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise


def _refuse_open(store: Store, wave: str) -> None:
    """Refuse to copy boxes that are held together with their keys."""
    others = select(WAVES.c.wave).where(WAVES.c.state != "closed", WAVES.c.wave != wave, WAVES.c.public.is_not(None))
    with store.field.connect() as field:
        still = field.scalars(others.order_by(WAVES.c.wave)).all()
    if still:
        raise _no_backup(
            store.folder,
            f"the wave `{still[0]}` of employees is not closed: a copy would hold their answers beside the keys to them",
            "close without --backup; make the backup with the close of the last open wave",
        )


def _no_backup(folder: Path | None, what: str, mend: str) -> DataError:
    return DataError(what, where=None if folder is None else Place(folder), mend=mend, code="OPN14")


def _rewrite_file(engine: Engine) -> bool:
    """Rewrite a SQLite file and empty its log; whether nobody stood in the way."""
    try:
        with closing(engine.raw_connection()) as raw:
            raw.cursor().execute("VACUUM")
        return empty_log(engine)
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return False
        raise


def _write_anew(engine: Engine, wave: str, *, sealed: bool) -> int:
    """Give all rows of a wave on PostgreSQL one transaction, whose number tells nothing; and that of the first one after it."""
    mine = INVITATIONS.c.wave == wave
    tokens = select(INVITATIONS.c.token).where(mine)
    field = (
        update(INVITATIONS).where(mine).values(state=INVITATIONS.c.state),
        update(RESPONSES).where(RESPONSES.c.token.in_(tokens)).values(page=RESPONSES.c.page),
    )
    kept = (update(ANSWERS).where(ANSWERS.c.wave == wave).values(wave=wave),)
    with to_write(engine) as connection:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        for rows in kept if sealed else field:
            connection.execute(rows)
    with engine.begin() as connection:
        return int(connection.exec_driver_sql("SELECT pg_current_xact_id()::xid::text").scalar_one())


def _rewrite_table(engine: Engine, table: str, transaction: int) -> bool:
    """Rewrite a table of PostgreSQL, waiting a moment for those who use it; whether they let go.

    In the order of its key: VACUUM FULL keeps the order of the heap, where whoever answered lies behind those who did not.
    Neither leaves out a deleted row that somebody may still see, so they have to be gone first.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.exec_driver_sql("SET statement_timeout = 0")
            if connection.execute(_SEEING, {"transaction": str(transaction)}).scalar_one():
                return False
            connection.exec_driver_sql(f"CLUSTER {table} USING {table}_pkey")
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == "55P03":
                return False
            raise
        finally:
            connection.invalidate()  # its settings were for this alone
    return True


def _patiently(store: Store, wave: str, do: Callable[[], bool], patience: float) -> None:
    """Try until it works or patience ends."""
    until = time.monotonic() + patience
    while not do():
        if time.monotonic() > until:
            raise DataError(
                f"wave `{wave}` takes no more answers, and its databases could not be rewritten: another program is at work",
                where=Place(store.folder),
                mend="stop the other program (a long read, a backup, a transaction left open, a standby with feedback), "
                f"then run it again: symmetry field close {wave} --store {store.folder}",
                code="OPN15",
            )
        time.sleep(_PAUSE)
