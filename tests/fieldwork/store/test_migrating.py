from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, MetaData, inspect, text

from symmetry.errors import DataError
from symmetry.fieldwork.store import migrating
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.migrating import steps_of, upgrade, upgrade_database, version_table
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import close, create, open_store
from symmetry.fieldwork.store.tables import FIELD, SEALED
from tests.fieldwork.postgresql import PASSWORD

NEXT = '''
"""A later step."""
import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "field_0002"


def upgrade():
    with op.batch_alter_table("responses") as table:
        table.add_column(sa.Column("device", sa.Text, nullable=False, server_default="unknown"))
        table.alter_column("page", existing_type=sa.Integer, type_=sa.BigInteger, existing_nullable=False)
        table.alter_column("language", existing_type=sa.Text, nullable=True)
'''
BROKEN = (
    NEXT
    + '    op.create_table("fresh", sa.Column("a", sa.Integer))\n    op.execute("INSERT INTO nowhere VALUES (1)")\n'
)
ROW = {"t": b"\x01", "k": b"\x02", "a": '{"word": "é"}'}
INSERT = text(
    "INSERT INTO responses (token, key, language, answers, page, complete) VALUES (:t, :k, 'fr', :a, 3, true)"
)


def halves(store: Store) -> list[tuple[Engine, MetaData, str]]:
    """Both databases, what they should hold, and their names."""
    return [(store.field, FIELD, "field"), (store.sealed, SEALED, "sealed")]


def with_step(folder: Path, content: str) -> Path:
    """The field's steps, and one more."""
    folder.mkdir()
    for step in (Path(migrating.__file__).parent / "migrations" / "field").glob("r*.py"):
        (folder / step.name).write_text(step.read_text())
    (folder / "r9999_later.py").write_text(content)
    return folder


def tables_of(engine: Engine) -> dict[str, list[str]]:
    """Tables and their columns, as the database says."""
    found = inspect(engine)
    return {name: [column["name"] for column in found.get_columns(name)] for name in found.get_table_names()}


def versions(engine: Engine, name: str) -> list[str]:
    """What the version table says."""
    with engine.connect() as connection:
        return list(connection.execute(text(f"SELECT version_num FROM {version_table(name)}")).scalars())


def test_the_steps_make_exactly_the_tables_of_the_code(store: Store) -> None:
    """Alembic's own comparison finds no difference of table, column, type, index or unique column; primary keys agree too."""
    for engine, metadata, name in halves(store):
        with engine.connect() as connection:
            options = {"compare_type": True, "compare_server_default": True, "version_table": version_table(name)}
            assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
            found = inspect(connection)
            keys = {table: found.get_pk_constraint(table)["constrained_columns"] for table in metadata.tables}
        assert keys == {table.name: [column.name for column in table.primary_key] for table in metadata.tables.values()}


def test_the_comparison_sees_a_difference(store: Store) -> None:
    """The oracle of the test above is awake: it names a column that is gone, and a table too many."""
    with to_write(store.sealed) as connection:
        connection.execute(text("ALTER TABLE answers DROP COLUMN audience"))
        connection.execute(text("CREATE TABLE more (a INTEGER)"))
    with store.sealed.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": version_table("sealed")})
        assert sorted(difference[0] for difference in compare_metadata(context, SEALED)) == [
            "add_column",
            "remove_table",
        ]


def test_rows_stand_by_their_random_keys(tmp_path: Path) -> None:
    """On SQLite the tables that the code declares so have no rowid, which would tell the order of arrival."""
    store = create(tmp_path / "f")
    for engine, metadata, _ in halves(store):
        with engine.connect() as connection:
            said = connection.exec_driver_sql("SELECT name, wr FROM pragma_table_list WHERE type = 'table'").all()
        found = {name for name, without_rowid in said if without_rowid}
        tables = metadata.tables.values()
        wanted = {table.name for table in tables if table.dialect_options["sqlite"]["with_rowid"] is False}
        assert (found, len(wanted) > 0) == (wanted, True)
    close(store)


def test_a_later_step_keeps_every_row(store: Store, tmp_path: Path) -> None:
    """Add a column, widen one, loosen another: the same script on both, rows kept, still without rowid on SQLite."""
    with to_write(store.field) as connection:
        connection.execute(INSERT, ROW)
    steps = with_step(tmp_path / "steps", NEXT)
    upgrade_database(store.field, "field", versions=steps)
    upgrade_database(store.field, "field", versions=steps)
    with store.field.connect() as connection:
        rows = connection.execute(
            text("SELECT token, key, language, answers, page, complete, device FROM responses")
        ).all()
        if store.embedded:
            assert (
                "WITHOUT ROWID"
                in connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'responses'").scalar_one()
            )
    assert [tuple(row) for row in rows] == [(b"\x01", b"\x02", "fr", '{"word": "é"}', 3, True, "unknown")]
    assert versions(store.field, "field") == ["later"]
    assert inspect(store.field).get_unique_constraints("responses")[0]["column_names"] == ["key"]


def test_a_step_that_fails_leaves_nothing_behind(store: Store, tmp_path: Path) -> None:
    """Its tables, its columns and its version are all as before, and the rows are there."""
    with to_write(store.field) as connection:
        connection.execute(INSERT, ROW)
    before = tables_of(store.field)
    with pytest.raises(DataError, match="no tables of a field store"):
        upgrade_database(store.field, "field", versions=with_step(tmp_path / "steps", BROKEN))
    assert tables_of(store.field) == before
    assert versions(store.field, "field") == ["field_0002"]
    with store.field.connect() as connection:
        assert connection.execute(text("SELECT answers FROM responses")).scalars().all() == ['{"word": "é"}']


def test_an_older_store_is_upgraded_when_it_is_opened(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty sealed database, as after an upgrade that was interrupted between the two, is completed."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with to_write(store.sealed) as connection:
        for table in ("answers", "keys", version_table("sealed")):
            connection.execute(text(f"DROP TABLE {table}"))
    again = open_store(store.folder)
    assert set(tables_of(again.sealed)) == {"answers", "keys", "sealed_version"}
    close(again)


def test_a_newer_store_is_refused(store: Store) -> None:
    """Tables at a step we do not know are left alone, and the message says what to do."""
    with to_write(store.sealed) as connection:
        connection.execute(text("UPDATE sealed_version SET version_num = 'sealed_0099'"))
    with pytest.raises(DataError, match="newer version of symmetry") as caught:
        upgrade(store)
    assert caught.value.problems[0].code == "STO10"
    assert versions(store.sealed, "sealed") == ["sealed_0099"]


def test_upgrades_at_once_take_turns(new_store: Callable[[], Store], tmp_path: Path) -> None:
    """Four threads upgrade one database by the same step: it runs once, and nobody fails."""
    store = new_store()
    steps = with_step(tmp_path / "steps", NEXT)
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(upgrade_database, store.field, "field", versions=steps) for _ in range(4)]
        assert [future.exception() for future in done] == [None] * 4
    assert versions(store.field, "field") == ["later"]


def test_the_steps_form_one_line() -> None:
    """One beginning and one end for each database: no fork, no step that nothing leads to."""
    for name in ("field", "sealed"):
        steps = steps_of(name)
        assert (len(steps.get_heads()), len(steps.get_bases())) == (1, 1)
