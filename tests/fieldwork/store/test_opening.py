from __future__ import annotations

import json
import multiprocessing
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from symmetry.errors import DataError
from symmetry.fieldwork.store.addressing import VARIABLES
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import StoreAwayError
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import check_databases, close, create, is_store, links_key, open_store
from symmetry.fieldwork.store.tables import DRAFTS, KEYS, OPT_OUTS, WAVES
from tests.fieldwork.postgresql import PASSWORD, Server

WAVE = {"wave": "cold", "study": "s", "compiled": "{}", "sha256": "0", "state": "open", "opened": "x", "first": "x"}


def refused(code: str, do: Callable[[], object]) -> str:
    """Do what must be refused, and give the message."""
    with pytest.raises(DataError) as caught:
        do()
    assert caught.value.problems[0].code == code
    assert caught.value.problems[0].mend
    return str(caught.value)


def modes(folder: Path) -> dict[str, int]:
    """Permissions of a folder and of what is in it."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.iterdir()]}


def test_what_was_written_is_there_when_a_store_is_opened_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both databases keep what was committed, and the key of the links stays the same."""
    key = links_key(store.folder)
    with to_write(store.field) as connection:
        connection.execute(insert(DRAFTS), {"token": b"t", "box": b"\0b"})
    with to_write(store.sealed) as connection:
        connection.execute(insert(KEYS), {"seal": 1, "wave": "w", "private": b"p"})
    close(store)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    again = open_store(store.folder)
    with again.field.connect() as field, again.sealed.connect() as sealed:
        assert field.execute(select(DRAFTS)).all() == [(b"t", b"\0b")]
        assert sealed.execute(select(KEYS)).all() == [(1, "w", b"p")]
    close(again)
    assert links_key(again.folder) == key
    assert len(key) == 32
    assert again.embedded == (store.field.dialect.name == "sqlite")


@pytest.mark.parametrize("umask", [0, 0o022])
def test_only_the_owner_reads_a_store(tmp_path: Path, umask: int) -> None:
    """Folder 0700, every file 0600, those that SQLite makes beside its own included, whatever the umask."""
    before = os.umask(umask)
    try:
        store = create(tmp_path / "f")
        with to_write(store.field) as connection:
            connection.execute(insert(DRAFTS), {"token": b"t", "box": b"b"})
        found = modes(store.folder)
        close(store)
    finally:
        os.umask(before)
    sqlite = ["field.sqlite", "field.sqlite-shm", "field.sqlite-wal", "sealed.sqlite"]
    files = ["ledger.key", "links.key", "store.json", *sqlite]
    assert {"f": 0o700} | dict.fromkeys(files, 0o600) == {
        name: mode for name, mode in found.items() if name not in ("sealed.sqlite-shm", "sealed.sqlite-wal")
    }
    assert {found[name] for name in found if name.startswith("sealed.sqlite")} == {0o600}


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    """A store whose folder was opened to others is not served."""
    close(create(tmp_path / "f"))
    (tmp_path / "f").chmod(0o750)
    assert "chmod" in refused("STO03", lambda: open_store(tmp_path / "f"))


def test_sqlite_waits_for_the_disk_and_overwrites_what_is_deleted(tmp_path: Path) -> None:
    """WAL with synchronous FULL (2), secure_delete, and temporary tables kept off the disk, on every connection."""
    store = create(tmp_path / "f")
    for engine in (store.field, store.sealed):
        with engine.connect() as one, engine.connect() as other:
            for connection in (one, other):
                asked = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "temp_store")
                said = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked]
                assert said == ["wal", 2, 1, 1, 2]
    close(store)


def test_a_writer_of_sqlite_takes_its_turn_at_once(tmp_path: Path) -> None:
    """While one transaction is about to write, a second one waits and then hears so; who reads is not disturbed."""
    store = create(tmp_path / "f")
    with to_write(store.field), store.field.connect() as reader:
        assert reader.execute(select(DRAFTS)).all() == []
        with pytest.raises(Exception, match="database is locked"), to_write(store.field):
            raise AssertionError("two writers at once")
    close(store)


def test_postgresql_commits_to_the_disk_whatever_the_database_says(postgres: Server, tmp_path: Path) -> None:
    """`synchronous_commit = off` for a whole database does not hold for a store, nor does a wait without end."""
    postgres.execute(
        "CREATE DATABASE lazy", "CREATE DATABASE sealed_lazy", "ALTER DATABASE lazy SET synchronous_commit = off"
    )
    store = create(tmp_path / "f", database=postgres.url("lazy"), sealed_database=postgres.url("sealed_lazy"))
    with store.field.connect() as connection:
        said = [
            connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("synchronous_commit", "statement_timeout")
        ]
    close(store)
    postgres.execute("DROP DATABASE lazy", "DROP DATABASE sealed_lazy")
    assert said == ["on", "30s"]


def test_store_json_holds_no_password(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given by URL, the database is remembered without its password; it is found again with that of the environment."""
    postgres.execute("CREATE SCHEMA one", "CREATE SCHEMA two")
    urls = [postgres.url() + f"?options=-csearch_path%3D{name}&sslpassword=hush" for name in ("one", "two")]
    close(create(tmp_path / "f", database=urls[0], sealed_database=urls[1]))
    said = (tmp_path / "f" / "store.json").read_text()
    assert [word in said for word in (PASSWORD, "hush", "tester", "search_path", str(postgres.port))] == [
        False,
        False,
        *[True] * 3,
    ]
    with pytest.raises(StoreAwayError, match="does not let us in"):
        open_store(tmp_path / "f")
    monkeypatch.setenv("SYMMETRY_DATABASE", urls[0])
    monkeypatch.setenv("SYMMETRY_SEALED_DATABASE", urls[1])
    close(open_store(tmp_path / "f"))
    monkeypatch.setenv("SYMMETRY_SEALED_DATABASE", urls[0])
    refused("STO07", lambda: open_store(tmp_path / "f"))
    postgres.execute("DROP SCHEMA one CASCADE", "DROP SCHEMA two CASCADE")


def test_a_variable_that_named_the_database_must_name_it_again(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store made from the environment says by which variable; without it, the message names it and shows no password."""
    postgres.execute("CREATE DATABASE one", "CREATE DATABASE two")
    monkeypatch.setenv("SYMMETRY_DATABASE", postgres.url("one"))
    monkeypatch.setenv("SYMMETRY_SEALED_DATABASE", postgres.url("two"))
    close(create(tmp_path / "f"))
    said = json.loads((tmp_path / "f" / "store.json").read_text())
    assert [said[name]["variable"] for name in ("field", "sealed")] == ["SYMMETRY_DATABASE", "SYMMETRY_SEALED_DATABASE"]
    monkeypatch.delenv("SYMMETRY_SEALED_DATABASE")
    message = refused("STO07", lambda: open_store(tmp_path / "f"))
    assert ("SYMMETRY_SEALED_DATABASE" in message, PASSWORD in message) == (True, False)
    postgres.execute("DROP DATABASE one", "DROP DATABASE two")


def test_the_two_databases_must_differ(postgres: Server, tmp_path: Path) -> None:
    """The same database twice is refused, also when one URL writes the server otherwise."""
    postgres.execute("CREATE DATABASE shared")
    url = postgres.url("shared")
    refused("STO09", lambda: create(tmp_path / "f", database=url, sealed_database=url + "?application_name=x"))
    refused(
        "STO09", lambda: create(tmp_path / "g", database=url, sealed_database=url.replace("127.0.0.1", "localhost"))
    )
    assert not is_store(tmp_path / "f")
    assert not is_store(tmp_path / "g")
    postgres.execute("DROP DATABASE shared")


@pytest.mark.parametrize(
    ("urls", "code"),
    [
        ({"database": "postgresql://h/d"}, "STO05"),
        ({"sealed_database": "postgresql://h/d"}, "STO05"),
        ({"database": "mysql://u:hush@h/d", "sealed_database": "postgresql://h/d"}, "STO08"),
        ({"database": "postgresql://u:hush@h:x/d", "sealed_database": "postgresql://h/d"}, "STO08"),
        ({"database": "u:hush@h", "sealed_database": "postgresql://h/d"}, "STO08"),
        ({"database": "postgresql://u:hush@h/d?port=abc", "sealed_database": "postgresql://h/d"}, "STO08"),
    ],
)
def test_urls_that_cannot_be_used_are_refused(tmp_path: Path, urls: dict[str, str], code: str) -> None:
    """One database without the other, another kind, no URL: refused, the password not repeated, nothing made."""
    assert "hush" not in refused(code, lambda: create(tmp_path / "f", **urls))
    assert list(tmp_path.iterdir()) == []


def test_a_store_is_not_made_twice(tmp_path: Path) -> None:
    """Where a store is, `create` touches nothing; where none is, `open_store` says how to make one."""
    close(create(tmp_path / "f"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "f").iterdir()}
    refused("STO01", lambda: create(tmp_path / "f"))
    assert {path.name: path.read_bytes() for path in (tmp_path / "f").iterdir()} == before
    assert "symmetry field open" in refused("STO02", lambda: open_store(tmp_path / "nowhere"))


def test_making_a_store_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    """Without `store.json` a store was never finished: what is there is completed, the key kept."""
    close(create(tmp_path / "f"))
    key = links_key(tmp_path / "f")
    (tmp_path / "f" / "store.json").unlink()
    (tmp_path / "f" / "sealed.sqlite").unlink()
    close(create(tmp_path / "f"))
    assert (is_store(tmp_path / "f"), links_key(tmp_path / "f")) == (True, key)


def test_the_waves_of_another_store_are_not_taken_over(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Databases that hold waves belong to the store whose key made their links."""
    with to_write(store.field) as connection:
        connection.execute(insert(WAVES), WAVE)
    if store.embedded:
        (store.folder / "store.json").unlink()
        refused("STO11", lambda: create(store.folder))
    else:
        monkeypatch.setenv("PGPASSWORD", PASSWORD)
        urls = [engine.url.set(drivername="postgresql").render_as_string() for engine in (store.field, store.sealed)]
        urls = [url.replace(":***", "") for url in urls]
        refused("STO11", lambda: create(tmp_path / "other", database=urls[0], sealed_database=urls[1]))


def _ask(folder: Path, said: multiprocessing.Queue[bytes]) -> None:
    said.put(links_key(folder))


def test_processes_that_ask_at_once_get_the_same_key(tmp_path: Path) -> None:
    """Eight processes want a key that is not there yet: one key is made, and nothing is left beside it."""
    context = multiprocessing.get_context("fork" if os.name == "posix" else "spawn")
    said = context.Queue()
    processes = [context.Process(target=_ask, args=(tmp_path, said)) for _ in range(8)]
    for process in processes:
        process.start()
    keys = {said.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()
    said.close()
    said.join_thread()
    assert keys == {links_key(tmp_path)}
    assert modes(tmp_path).keys() == {tmp_path.name, "links.key"}


def test_half_a_key_is_refused(tmp_path: Path) -> None:
    """A key file of another length is no key, and is not replaced."""
    (tmp_path / "links.key").write_bytes(b"short")
    refused("STO04", lambda: links_key(tmp_path))
    assert (tmp_path / "links.key").read_bytes() == b"short"


def test_a_lost_key_of_the_ledger_is_not_drawn_again(tmp_path: Path) -> None:
    """Under another key nobody would be known to have opted out; a store that keeps nothing under it gets one."""
    store = create(tmp_path / "field")
    close(store)
    (store.folder / "ledger.key").unlink()
    store = open_store(tmp_path / "field")
    with to_write(store.field) as connection:
        connection.execute(insert(OPT_OUTS), {"mark": b"m", "day": "2027-03-01", "how": "page"})
    close(store)
    assert len((store.folder / "ledger.key").read_bytes()) == 32
    (store.folder / "ledger.key").unlink()
    refused("LED02", lambda: open_store(tmp_path / "field"))
    assert not (store.folder / "ledger.key").exists()


@pytest.mark.parametrize("content", ["{", "[]", '{"holds": "field store", "format": 2}', "\udce9"])
def test_a_damaged_store_json_is_refused(tmp_path: Path, content: str) -> None:
    """Text that is no JSON, or says something else, or comes from a later format."""
    close(create(tmp_path / "f"))
    (tmp_path / "f" / "store.json").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(DataError, match="STO06|STO13"):
        open_store(tmp_path / "f")


def test_a_folder_is_taken_as_it_is_or_not_at_all(tmp_path: Path) -> None:
    """An empty one of its owner's is taken; one that others may enter, or that holds something, stays as it was."""
    shared, full, mine = (tmp_path / name for name in ("shared", "full", "mine"))
    for folder, mode in ((shared, 0o755), (full, 0o700), (mine, 0o700)):
        folder.mkdir()
        folder.chmod(mode)
    (full / "thesis.odt").write_text("mine")
    assert f"chmod -R go= {shared}" in refused("STO03", lambda: create(shared))
    assert "thesis.odt" in refused("STO14", lambda: create(full))
    assert (modes(shared), sorted(modes(full))) == ({"shared": 0o755}, ["full", "thesis.odt"])
    close(create(mine))
    assert is_store(mine)


def test_the_same_databases_may_be_named_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By URL instead of by variable, with another password: the same; another server, or files: not; damaged: said."""
    urls = ["postgresql://u:one@h/a", "postgresql://u@h/b"]
    said: dict[str, object] = {"holds": "field store", "format": 1}
    for name, variable, url in zip(("field", "sealed"), VARIABLES, urls, strict=True):
        said[name] = {"url": url.replace(":one", ""), "variable": variable}
        monkeypatch.setenv(variable, url)
    (tmp_path / "store.json").write_text(json.dumps(said))
    check_databases(tmp_path, "postgresql://other:two@h:5432/a", "postgres://u@h/b")
    refused("OPN16", lambda: check_databases(tmp_path, "postgresql://u@g/a", urls[1]))
    (tmp_path / "store.json").write_text("{")
    refused("STO13", lambda: check_databases(tmp_path, *urls))
    (tmp_path / "store.json").write_text(json.dumps({"holds": "field store", "format": 1}))
    refused("OPN16", lambda: check_databases(tmp_path, *urls))


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "f").write_text("mine")
    refused("STO13", lambda: create(tmp_path / "f"))
    refused("STO13", lambda: create(tmp_path / "f" / "g"))
    assert (tmp_path / "f").read_text() == "mine"


def test_no_server_is_said_within_seconds(tmp_path: Path) -> None:
    """Nothing listens: the store is away, in words, and no half store is left."""
    url = "postgresql://u:hush@127.0.0.1:1/"
    with pytest.raises(StoreAwayError) as caught:
        create(tmp_path / "f", database=url + "a", sealed_database=url + "b")
    assert "cannot be reached" in caught.value.reason
    assert "hush" not in str(caught.value)
    assert not is_store(tmp_path / "f")
