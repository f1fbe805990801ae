"""Make a field store, and open one: a folder of its owner's alone, with the key of the links and two databases.

`store.json` says where the databases are, and no password: that of a PostgreSQL server comes from the environment, or from
where PostgreSQL's own tools look for it (`PGPASSWORD`, `~/.pgpass`).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, inspect, select, text

from symmetry.aside import replace_file
from symmetry.errors import DataError, Place
from symmetry.fieldwork.store.addressing import Address, address_of, addressed, remembered, same_database
from symmetry.fieldwork.store.connecting import embedded, served
from symmetry.fieldwork.store.failing import plainly
from symmetry.fieldwork.store.keys import KEY, check_ledger, draw_key
from symmetry.fieldwork.store.migrating import upgrade_database, version_table
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import WAVES

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["check_databases", "close", "create", "is_store", "links_key", "open_store"]

_OWN = ("links.key", ".links.key.", "ledger.key", ".ledger.key.", "field.sqlite", "sealed.sqlite", ".store.json.")


def create(folder: Path, *, database: str | None = None, sealed_database: str | None = None) -> Store:
    """Make a field store.

    Parameters
    ----------
    folder : new, or empty and its owner's alone; a store that was not finished there is completed.
    database, sealed_database : URLs of two different PostgreSQL databases (or schemas, with `?options=-csearch_path=…`);
        without them, what SYMMETRY_DATABASE and SYMMETRY_SEALED_DATABASE name; without those, SQLite files in the folder.

    Raises
    ------
    DataError : the folder holds a store or something else, may be entered by others or cannot be used, a URL cannot be used, both
        databases are one, or one would not keep what is committed, or holds another store's waves.
    StoreAwayError : a database cannot be reached or written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = create(Path(folder) / "field")
    ...     close(store)
    ...     sorted(file.name for file in store.folder.iterdir())
    ['field.sqlite', 'ledger.key', 'links.key', 'sealed.sqlite', 'store.json']
    """
    folder = folder.absolute()
    if is_store(folder):
        raise DataError("there is a field store already", where=Place(folder), mend="open it", code="STO01")
    addresses = addressed(database, sealed_database)
    try:
        _take(folder)
        links_key(folder)
        if not (folder / "ledger.key").exists():
            draw_key(folder / "ledger.key")
        if addresses is None:
            for name in ("field", "sealed"):
                os.close(os.open(folder / f"{name}.sqlite", os.O_CREAT | os.O_RDWR, 0o600))
        store = _engines(folder, addresses)
        try:
            _make(store)
            _refuse_waves(store)
        except BaseException:
            close(store)
            raise
        replace_file(folder / "store.json", json.dumps(remembered(addresses), indent=2) + "\n", mode=0o600)
    except OSError as error:
        raise _unusable(folder, error) from error
    return store


def open_store(folder: Path) -> Store:
    """Open a field store, and bring its tables up to this version first.

    Parameters
    ----------
    folder : made by `create`.

    Raises
    ------
    DataError : there is no store, others may read its folder, its databases are not where they were, or a newer version of
        symmetry was used on it.
    StoreAwayError : a database cannot be reached or written to.
    """
    folder = folder.absolute()
    if not is_store(folder):
        raise DataError(
            "there is no field store here",
            where=Place(folder),
            mend="make one with `symmetry field open`",
            code="STO02",
        )
    try:
        _refuse_shared(folder)
        store = _engines(folder, _remembered(folder))
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        _make(store)
        check_ledger(store)
    except BaseException:
        close(store)
        raise
    return store


def close(store: Store) -> None:
    """Close the connections that are kept; a store is closed by whoever opened it."""
    store.field.dispose()
    store.sealed.dispose()


def check_databases(folder: Path, database: str | None, sealed_database: str | None) -> None:
    """Hold URLs given for a store that is there against those it remembers.

    Raises
    ------
    DataError : OPN16, they are others; STO05 to STO09, they cannot be used; STO06, STO07 or STO13, those it remembers cannot be
        found.
    """
    wanted, there = addressed(database, sealed_database), _remembered(folder)
    if [each.place for each in wanted or ()] != [each.place for each in there or ()]:
        raise DataError(
            "this store has other databases than those named",
            where=Place(folder),
            mend="leave --database and --sealed-database out, or name another --store",
            code="OPN16",
        )


def is_store(folder: Path) -> bool:
    """Whether a folder holds a field store."""
    return (folder / "store.json").is_file()


def links_key(folder: Path, *, draw: bool = True) -> bytes:
    """Key of the links: 32 random bytes, drawn the first time it is asked for, and never again.

    Parameters
    ----------
    folder : of the store.
    draw : whether one is drawn where there is none; not where links of open waves were made with it.

    Raises
    ------
    DataError : OPN09, there is none and none may be drawn; STO04, the file does not hold a key; STO13, it cannot be read or made.
    """
    path = folder / "links.key"
    try:
        if not path.exists():
            if not draw:
                raise DataError(
                    "the key of the links is missing, and waves are open whose links were made with it",
                    where=Place(path),
                    mend="open waves and write their links on the machine that has it, or bring it back from a copy",
                    code="OPN09",
                )
            draw_key(path)
        key = path.read_bytes()
    except OSError as error:
        raise _unusable(folder, error) from error
    if len(key) != KEY:
        raise DataError(
            f"is no key of links: it has {len(key)} bytes instead of {KEY}",
            where=Place(path),
            mend="bring the file back from a copy; without it, the links of open waves cannot be made again",
            code="STO04",
        )
    return key


def _take(folder: Path) -> None:
    """Make a folder, or take one that is its owner's alone and holds nothing but what an unfinished store does."""
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise
        foreign = next((path.name for path in folder.iterdir() if not path.name.startswith(_OWN)), None)
        if foreign is not None:
            raise DataError(
                f"this folder holds something else than a field store: `{foreign}`",
                where=Place(folder),
                mend="name a new folder: a store stands alone in its own",
                code="STO14",
            ) from None
        _refuse_shared(folder)


def _refuse_shared(folder: Path) -> None:
    """A folder that others than its owner may enter is not used, and not changed either."""
    if folder.stat().st_mode & 0o077:
        raise DataError(
            "others than its owner may enter this folder of a field store",
            where=Place(folder),
            mend=f"chmod -R go= {folder}",
            code="STO03",
        )


def _remembered(folder: Path) -> tuple[Address, Address] | None:
    """The databases that `store.json` names."""
    path = folder / "store.json"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise _unusable(folder, error) from error
    return address_of(said, path)


def _engines(folder: Path, addresses: tuple[Address, Address] | None) -> Store:
    """Engines of both databases; no connection is made yet."""
    if addresses is None:
        return Store(folder, embedded(folder / "field.sqlite"), embedded(folder / "sealed.sqlite"))
    return Store(folder, served(addresses[0].url), served(addresses[1].url))


def _make(store: Store) -> None:
    """Check both databases, and make or complete their tables."""
    with plainly():
        for engine, name, other in ((store.field, "field", "sealed"), (store.sealed, "sealed", "field")):
            _fit(engine, other)
            upgrade_database(engine, name)


def _fit(engine: Engine, other: str) -> None:
    """Refuse a database that would not keep what is committed, or that holds the other half of a store."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            keeps = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        else:
            keeps = connection.execute(text("SHOW fsync")).scalar_one() == "on"
        if not keeps:
            raise DataError(
                "this database would lose answers that were acknowledged: it does not wait for the disk",
                mend="on PostgreSQL set fsync = on; for SQLite files take a local disk",
                code="STO12",
            )
        if inspect(connection).has_table(version_table(other)):
            raise same_database()


def _refuse_waves(store: Store) -> None:
    """A new store does not take over the waves of another, whose links it could not make."""
    with plainly(), store.field.connect() as connection:
        if connection.execute(select(func.count()).select_from(WAVES)).scalar_one():
            raise DataError(
                "the field database holds waves of another store",
                where=Place(store.folder),
                mend="open that store (on another machine: copy its folder), or name new databases",
                code="STO11",
            )


def _unusable(folder: Path, error: Exception) -> DataError:
    """A folder or a file in it that the system, or its content, does not let us use."""
    why = error.strerror if isinstance(error, OSError) and error.strerror else "store.json cannot be read"
    return DataError(
        f"this folder cannot be used for a field store: {why.lower()}",
        where=Place(folder),
        mend="name a folder that you may write to, on a disk with room",
        code="STO13",
    )
