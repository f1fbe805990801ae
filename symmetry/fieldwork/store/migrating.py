"""Bring a store's databases to the tables this version speaks to, one step after the other, whole or not at all.

Steps are alembic revisions: `migrations/field` and `migrations/sealed`, each with a version table of its own.  All steps of a
database run in one transaction, on SQLite too, where the engine begins it itself (see `connecting`).
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from symmetry.errors import DataError
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import plainly

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from symmetry.fieldwork.store.nouns import Store

__all__ = ["steps_of", "upgrade", "upgrade_database", "version_table"]

_HOME = Path(__file__).parent / "migrations"
_ALEMBIC = Lock()  # alembic's `op` is one for the whole process
_ONE_AT_A_TIME = 0x73796D6D  # any number, the same for everyone: key of PostgreSQL's lock on upgrades


def upgrade(store: Store) -> None:
    """Make or complete the tables of both databases; what is current is left alone.

    Raises
    ------
    DataError : a database was last used by a newer version of symmetry.
    StoreAwayError : a database cannot be reached or written to.
    """
    upgrade_database(store.field, "field")
    upgrade_database(store.sealed, "sealed")


def upgrade_database(engine: Engine, name: str, *, versions: Path | None = None) -> None:
    """Upgrade one database by the steps in a folder: those of `name`, "field" or "sealed", unless others are given."""
    steps = steps_of(name, versions=versions)
    with plainly():
        with engine.connect() as connection:
            if _standing(connection, name, steps) == steps.get_heads():
                return
        with _ALEMBIC, to_write(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
            _standing(connection, name, steps)
            _run(connection, name, steps)


def steps_of(name: str, *, versions: Path | None = None) -> ScriptDirectory:
    """Read the steps of one database, without running any."""
    return ScriptDirectory(_HOME, version_locations=[versions or _HOME / name])


def version_table(name: str) -> str:
    """Name of the table that says at which step a database stands; the two databases never share it."""
    return f"{name}_version"


def _standing(connection: Connection, name: str, steps: ScriptDirectory) -> list[str]:
    """At which step a database stands (none: it is empty); one that we do not know is of a newer version."""
    context = MigrationContext.configure(connection, opts={"version_table": version_table(name)})
    at = list(context.get_current_heads())
    if set(at) - {step.revision for step in steps.walk_revisions()}:
        raise DataError(
            f"the {name} database was last used by a newer version of symmetry (its tables stand at {', '.join(at)})",
            mend="open the store with that version of symmetry, or a later one",
            code="STO10",
        )
    return at


def _run(connection: Connection, name: str, steps: ScriptDirectory) -> None:
    """Run what is missing, in the transaction that the caller has begun."""
    environment = EnvironmentContext(
        Config(), steps, fn=lambda at, context: steps._upgrade_revs("head", at), destination_rev="head"
    )
    with environment:
        environment.configure(connection=connection, version_table=version_table(name))
        environment.run_migrations()
