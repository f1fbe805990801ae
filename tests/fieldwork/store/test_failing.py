from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from symmetry.fieldwork.asking.nouns import Outcome
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import StoreAwayError, plainly
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import close, create, open_store
from symmetry.fieldwork.store.tables import DRAFTS
from symmetry.fieldwork.store.writing import Writer
from tests.fieldwork.postgresql import Server
from tests.fieldwork.submissions import record_once, recorded, submission

BIG = 100_000


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Store]:
    """A store in files."""
    store = create(tmp_path / "local")
    yield store
    close(store)


@pytest.fixture
def served(postgres: Server, tmp_path: Path) -> Iterator[Store]:
    """A store on the server, which runs again afterwards."""
    name = f"field_{secrets.token_hex(4)}"
    postgres.execute(f"CREATE DATABASE {name}", f"CREATE DATABASE sealed_{name}")
    store = create(tmp_path / "served", database=postgres.url(name), sealed_database=postgres.url(f"sealed_{name}"))
    yield store
    close(store)
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)", f"DROP DATABASE sealed_{name} WITH (FORCE)")


@contextmanager
def writing(store: Store, **options: float) -> Iterator[Writer]:
    """A writer that is stopped at the end."""
    writer = Writer(store, record_once, **options)
    try:
        yield writer
    finally:
        writer.stop()


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own, of so many bytes."""
    folder.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=777", "tmpfs", folder]).returncode
    ):
        pytest.skip("MAY NOT MOUNT A SMALL DISK HERE: run as root to see what a full one does")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def until_refused(writer: Writer, most: int = 4000) -> tuple[set[bytes], str]:
    """Send pages of 100 kB until one is refused: tokens acknowledged, and the reason given."""
    told = set()
    for _ in range(most):
        posted = submission(secret=os.urandom(BIG))
        try:
            writer.submit_now(posted)
        except StoreAwayError as away:
            return told, away.reason
        told.add(posted.token)
    raise AssertionError("never refused")


def sound(store: Store) -> bool:
    """Whether SQLite finds no fault in its file."""
    with store.field.connect() as connection:
        return bool(connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok")


def test_a_full_disk_refuses_and_keeps_what_it_promised(tmp_path: Path) -> None:
    """SQLite on a disk of 2 MB: refused in words, all that was acknowledged is there whole, and room brings it back."""
    with small_disk(tmp_path / "disk", "2m") as disk:
        (disk / "ballast").write_bytes(bytes(300_000))
        store = create(disk / "f")
        with writing(store) as writer:
            told, reason = until_refused(writer)
            assert reason == "the disk is full"
            assert (recorded(store), sound(store)) == (told, True)
            (disk / "ballast").unlink()
            posted = submission(secret=b"after")
            assert writer.submit_now(posted).kind == "saved"
        with store.field.connect() as connection:
            lengths = {len(box) for box in connection.execute(select(DRAFTS.c.box)).scalars()}
        assert (lengths, recorded(store), sound(store)) == ({BIG, 5}, told | {posted.token}, True)
        close(store)


def test_a_full_disk_of_the_server_refuses_too(postgres: Server, tmp_path: Path) -> None:
    """PostgreSQL with its tables on a disk of 18 MB: the same, and dropping what fills the disk brings it back."""
    with small_disk(Path(tempfile.gettempdir(), f"symmetry-{secrets.token_hex(4)}"), "18m") as disk:
        shutil.chown(disk, "postgres")
        postgres.execute(
            f"CREATE TABLESPACE small LOCATION '{disk}'",
            "CREATE DATABASE full_disk TABLESPACE small",
            "CREATE DATABASE sealed_full_disk",
            "CHECKPOINT",
        )
        postgres.execute(
            "CREATE TABLE ballast AS SELECT repeat('x', 1000) FROM generate_series(1, 3000)", database="full_disk"
        )
        store = create(
            tmp_path / "f", database=postgres.url("full_disk"), sealed_database=postgres.url("sealed_full_disk")
        )
        with writing(store) as writer:
            told, reason = until_refused(writer)
            assert (reason, recorded(store)) == ("the disk is full", told)
            postgres.execute("DROP TABLE ballast", database="full_disk")
            posted = submission(secret=os.urandom(BIG))
            assert writer.submit_now(posted).kind == "saved"
        assert recorded(store) == told | {posted.token}
        close(store)
        postgres.execute("DROP DATABASE full_disk", "DROP DATABASE sealed_full_disk", "DROP TABLESPACE small")


def test_a_disk_that_may_only_be_read_refuses(tmp_path: Path) -> None:
    """The file system turns read-only mid-wave, as Linux does after a fault: refused in words, and well again when it is."""
    with small_disk(tmp_path / "disk", "4m") as disk:
        store = create(disk / "f")
        with writing(store) as writer:
            first, after = submission(), submission()
            writer.submit_now(first)
            close(store)
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            with pytest.raises(StoreAwayError, match="may not be written to|cannot be opened"):
                writer.submit_now(submission())
            with pytest.raises(StoreAwayError):
                open_store(disk / "f")
            subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
            assert writer.submit_now(after).kind == "saved"
        assert recorded(store) == {first.token, after.token}
        close(store)


def test_a_lock_is_waited_for_and_then_refused(local: Store) -> None:
    """Another program locks the file: for a moment, and nobody notices; for long, and it is said; then all goes on."""
    posted = [submission() for _ in range(3)]
    path = local.folder / "field.sqlite"
    with (
        writing(local) as writer,
        closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, other.execute, ["ROLLBACK"]).start()
        assert writer.submit_now(posted[0]).kind == "saved"
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreAwayError, match="another program keeps the database locked"):
            writer.submit_now(posted[1])
        other.execute("ROLLBACK")
        assert writer.submit_now(posted[2]).kind == "saved"
    assert recorded(local) == {posted[0].token, posted[2].token}


def test_a_file_that_is_taken_away_is_noticed(local: Store, tmp_path: Path) -> None:
    """SQLite alone would write on into a removed file: nothing is acknowledged but what is in the file of that name."""
    path = local.folder / "field.sqlite"
    with writing(local) as writer:
        first, after = submission(), submission()
        writer.submit_now(first)
        kept = path.rename(tmp_path / "kept.sqlite")
        with pytest.raises(StoreAwayError, match="cannot be opened"):
            writer.submit_now(submission())
        kept.replace(path)
        assert writer.submit_now(after).kind == "saved"
    assert recorded(local) == {first.token, after.token}


def test_a_damaged_file_is_said_to_be_damaged(local: Store) -> None:
    """Nonsense in the place of the database."""
    close(local)
    (local.folder / "field.sqlite").write_bytes(b"nonsense" * 1000)
    with writing(local) as writer, pytest.raises(StoreAwayError, match="damaged"):
        writer.submit_now(submission())


def test_a_cut_connection_costs_nothing(served: Store, postgres: Server) -> None:
    """The server ends the writer's session, ten times, under a stream of submissions: nobody is refused, nothing is lost."""
    told: set[bytes] = set()
    cut = threading.Event()

    async def client(writer: Writer) -> None:
        while not cut.is_set():
            posted = submission()
            await writer.submit(posted)
            told.add(posted.token)

    async def clients(writer: Writer) -> None:
        running = [asyncio.create_task(client(writer)) for _ in range(8)]
        for _ in range(10):
            await asyncio.sleep(0.02)
            await asyncio.to_thread(
                postgres.execute,
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{served.field.url.database}'",
            )
        cut.set()
        await asyncio.gather(*running)

    with writing(served) as writer:
        asyncio.run(clients(writer))
    assert told == recorded(served)
    assert len(told) > 10


def test_who_reads_after_a_cut_notices_nothing(served: Store, postgres: Server) -> None:
    """A connection that was kept and is dead is found out before it is used."""
    assert recorded(served) == set()
    for pid in postgres.backends(str(served.field.url.database)):
        postgres.execute(f"SELECT pg_terminate_backend({pid}, 5000)")
    assert recorded(served) == set()


def test_a_server_that_restarts_is_waited_for(served: Store, postgres: Server) -> None:
    """Stopped and started while a submission is on its way: it waits, and is recorded once."""
    posted = submission()
    with writing(served) as writer:
        writer.submit_now(submission())
        postgres.stop()
        threading.Thread(target=postgres.start).start()
        assert writer.submit_now(posted).kind == "saved"
    assert len(recorded(served)) == 2


@pytest.mark.parametrize("end", [Server.stop, Server.kill], ids=["stopped", "killed"])
def test_a_server_that_stays_away_is_no_secret(served: Store, postgres: Server, end: Callable[[Server], None]) -> None:
    """Away under load: everyone hears either that it is recorded, and it is, or that it is not; then service resumes."""
    told: list[tuple[bytes, Outcome | BaseException]] = []

    async def client(writer: Writer) -> None:
        while not any(isinstance(what, StoreAwayError) for _, what in told):
            posted = submission()
            told.append((posted.token, (await asyncio.gather(writer.submit(posted), return_exceptions=True))[0]))

    async def clients(writer: Writer) -> None:
        running = [asyncio.create_task(client(writer)) for _ in range(16)]
        await asyncio.sleep(0.2)
        await asyncio.to_thread(end, postgres)
        await asyncio.gather(*running)

    with writing(served) as writer:
        asyncio.run(clients(writer))
        postgres.start()
        back = submission()
        assert writer.submit_now(back).kind == "saved"
    refused = [what for _, what in told if not isinstance(what, Outcome)]
    acknowledged = {token for token, what in told if isinstance(what, Outcome)} | {back.token}
    assert {type(what) for what in refused} == {StoreAwayError}
    assert {what.reason for what in refused if isinstance(what, StoreAwayError)} == {
        "the database server cannot be reached, or does not let us in"
    }
    assert len(acknowledged) > 16
    assert acknowledged <= recorded(served)


def test_a_server_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    """A server that takes the connection and never answers, as behind a broken network, is given up within seconds."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"postgresql://u:p@127.0.0.1:{deaf.getsockname()[1]}/{{}}?connect_timeout=2"
        with pytest.raises(StoreAwayError, match="cannot be reached"):
            create(tmp_path / "f", database=url.format("a"), sealed_database=url.format("b"))


def test_a_server_that_freezes_keeps_nobody_waiting(served: Store, postgres: Server) -> None:
    """Its process is stopped, and neither answers nor fails: whoever waits is told after a while; awake, it goes on."""
    with writing(served, limit=0.5) as writer:
        writer.submit_now(submission())
        frozen = postgres.backends(str(served.field.url.database))
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(StoreAwayError, match="does not answer"):
                asyncio.run(writer.submit(submission()))
            with pytest.raises(StoreAwayError, match="does not answer"):
                writer.submit_now(submission())
        finally:
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)
        told = submission()
        assert writer.submit_now(told).kind == "saved"
    assert told.token in recorded(served)
    assert len(frozen) > 0


def test_a_statement_without_end_is_given_up(served: Store) -> None:
    """Whoever reads is told, too, in the same words as who writes."""
    with served.field.connect() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 50"))
        with pytest.raises(StoreAwayError, match="took too long"), plainly():
            connection.execute(text("SELECT pg_sleep(60)"))


def test_a_fault_of_ours_is_not_taken_for_an_absence(store: Store) -> None:
    """A statement that is wrong, and a value twice, pass as they are; their messages repeat no value."""
    with pytest.raises(Exception, match="nonsense") as wrong, plainly(), store.field.connect() as connection:
        connection.execute(text("SELECT nonsense FROM drafts WHERE box = :box"), {"box": b"secret words"})
    with pytest.raises(Exception, match="(?i)unique") as twice, plainly(), to_write(store.field) as connection:
        connection.execute(insert(DRAFTS), [{"token": b"t", "box": b"secret words"}] * 2)
    for caught in (wrong, twice):
        assert not isinstance(caught.value, StoreAwayError)
        assert "secret words" not in str(caught.value)
