"""What a close promises: closed only when it is done, nothing of it left, and a backup that tells no more than the store.

Truth: what the people of the test answered; on PostgreSQL the bytes of the server's files and its own numbers of transactions.
"""

from __future__ import annotations

import json
import random
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text, update

from symmetry.errors import DataError
from symmetry.fieldwork.store import cleaning, closing, opening
from symmetry.fieldwork.store.closing import close_wave, counted
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.failing import StoreAwayError
from symmetry.fieldwork.store.keeping import open_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import ANSWERS, INVITATIONS, WAVES
from tests.fieldwork import postgresql
from tests.fieldwork.store.waves import Field, field_on, sample_of, study_with

AFTER = datetime(2027, 3, 22, 8, tzinfo=UTC)


def finish(field: Field, *persons: str) -> None:
    """Have people answer to the end."""
    for person in persons:
        field.post(person, recommend="9")
        assert field.post(person, 2, listened="5").kind == "complete"


@pytest.fixture
def answered(store: Store, tmp_path: Path) -> Field:
    """A wave of anonymous employees, seven of whom answered."""
    field = field_on(store, study_with(tmp_path))
    finish(field, *(f"e-{number:03d}" for number in range(7)), "c-000")
    return field


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Field]:
    """The same on SQLite alone."""
    store = opening.create(tmp_path / "field")
    field = field_on(store, study_with(tmp_path))
    finish(field, *(f"e-{number:03d}" for number in range(7)), "c-000")
    yield field
    opening.close(store)


def state(field: Field) -> str:
    """Of the wave."""
    return next(str(row["state"]) for row in field.rows(WAVES) if row["wave"] == "cold")


def note(field: Field) -> dict[str, object]:
    """What was written down of the wave."""
    found: dict[str, object] = json.loads((field.store.folder / "closed-cold.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("step", ["release", "_write_down", "_make_forget", "_drop_links", "rewrite"])
@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(28, "No space left on device"), StoreAwayError("away")])
def test_a_wave_is_closed_when_all_is_done_and_says_so_when_it_is_cut_off(
    answered: Field, monkeypatch: pytest.MonkeyPatch, step: str, stop: BaseException
) -> None:
    """Until then it is "closing": no answer is taken, and whoever closed it hears that the same command completes it."""

    def fall(*_: object, **__: object) -> None:
        raise stop

    with monkeypatch.context() as patch:
        patch.setattr(closing, step, fall)
        told = KeyboardInterrupt if isinstance(stop, KeyboardInterrupt) else DataError
        with pytest.raises(
            told, match=r"`cold` takes no more answers(?s:.*)run it again: symmetry field close cold"
        ) as caught:
            close_wave(answered.store, "cold", now=AFTER)
    if isinstance(caught.value, DataError):
        assert [problem.code for problem in caught.value.problems] == ["OPN15"]
    assert state(answered) == "closing"
    assert answered.post("c-003", recommend="9").kind == "closed"
    close_wave(answered.store, "cold", now=AFTER)
    assert (state(answered), note(answered)["released"]) == ("closed", {"employees": 7})


def test_a_full_disk_is_told_when_sqlite_itself_meets_it(files: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    """What SQLite raises while its file is rewritten is no fault of symmetry: OPN15, with the reason."""

    def full(*_: object) -> bool:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = "SQLITE_FULL"
        raise error

    monkeypatch.setattr(cleaning, "_rewrite_file", full)
    with pytest.raises(DataError, match=r"OPN15.*cut off: the disk is full"):
        close_wave(files.store, "cold", now=AFTER)


@pytest.mark.parametrize("promise", ["anonymous", "confidential"])
def test_how_many_answers_are_sealed_is_written_down_once(store: Store, tmp_path: Path, promise: str) -> None:
    """The number stays what it was at the close, even where the sealed database loses answers and the wave is closed again."""
    field = field_on(store, study_with(tmp_path, promise=promise))
    finish(field, *(f"e-{number:03d}" for number in range(7)))
    close_wave(store, "cold", now=AFTER)
    assert note(field)["released"] == {"employees": 7}
    assert ("groups" in note(field)) is (promise == "anonymous")
    assert stat.S_IMODE((store.folder / "closed-cold.json").stat().st_mode) == 0o600
    with to_write(store.sealed) as sealed:
        sealed.execute(ANSWERS.delete())
    close_wave(store, "cold", now=AFTER)
    assert note(field)["released"] == {"employees": 7}


def test_counts_are_on_the_disk_before_the_roster_forgets(answered: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is whole, and its wave's roster still says who answered, when the forgetting begins."""
    found: list[object] = []
    forget = closing._make_forget

    def forgetting(field: Connection, wave: str) -> None:
        states = {row["state"] for row in answered.rows(INVITATIONS)}
        found.extend([note(answered)["released"], "complete" in states])
        forget(field, wave)

    monkeypatch.setattr(closing, "_make_forget", forgetting)
    close_wave(answered.store, "cold", now=AFTER)
    assert found == [{"employees": 7}, True]


def test_a_note_of_a_store_that_was_brought_back_is_written_anew(files: Field) -> None:
    """A file left over from a close that a restored copy knows nothing of says nothing of the next close."""
    (files.store.folder / "closed-cold.json").write_text('{"released": {"employees": 99}}')
    close_wave(files.store, "cold", now=AFTER)
    assert note(files)["released"] == {"employees": 7}


@pytest.mark.parametrize(
    ("strata", "groups"),
    [
        ({"a": {"complete": 5, "invited": 1}, "b": {"complete": 6}}, [["a", "b"]]),
        ({"a": {"complete": 5, "invited": 1}, "b": {"invited": 4, "refused": 3}}, [["a", "b"]]),
        ({"a": {"complete": 6}, "b": {"invited": 7}, "c": {"complete": 8, "invited": 9}}, [["c"], ["a", "b"]]),
        ({"a": {"complete": 6}, "b": {"complete": 7}}, []),
        ({"a": {"invited": 6}, "b": {"started": 7}}, []),
        ({"a": {"complete": 2, "invited": 2}, "b": {"complete": 2, "invited": 8}}, [["a", "b"]]),
        ({"a": {"complete": 2, "invited": 2}}, []),
        ({}, []),
    ],
)
def test_no_group_is_told_of_whose_count_names_its_people(
    strata: Mapping[str, Mapping[str, int]], groups: list[list[str]]
) -> None:
    """Where all finished, or none did, or fewer than five are together, the group is pooled, or nothing is told."""
    rows = counted(strata)
    assert [row["strata"] for row in rows] == groups
    if groups:
        assert sum(row["complete"] for row in rows) == sum(states.get("complete", 0) for states in strata.values())


def test_a_backup_takes_a_new_or_an_empty_folder_of_its_owners_alone(files: Field, tmp_path: Path) -> None:
    """Whatever stands in a folder stays as it is, with its permissions, and the wave stays open."""
    other = opening.create(tmp_path / "other")
    opening.close(other)
    before = {path.name: path.read_bytes() for path in other.folder.iterdir()}
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "file").write_text("mine")
    for folder in (other.folder, tmp_path / "open", tmp_path / "file", files.store.folder):
        with pytest.raises(DataError, match="OPN14"):
            close_wave(files.store, "cold", now=AFTER, backup=folder)
    assert {path.name: path.read_bytes() for path in other.folder.iterdir()} == before
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o755
    assert state(files) == "open"
    (tmp_path / "empty").mkdir(mode=0o700)
    close_wave(files.store, "cold", now=AFTER, backup=tmp_path / "empty")
    names = ["closed-cold.json", "field.sqlite", "sealed.sqlite", "store.json"]
    assert sorted(path.name for path in (tmp_path / "empty").iterdir()) == names
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "empty").iterdir()} == {0o600}
    with sqlite3.connect(tmp_path / "empty" / "field.sqlite") as copy:
        assert copy.execute("SELECT state FROM waves").fetchall() == [("closed",)]
    copy.close()


def test_a_backup_that_fails_leaves_nothing_and_is_made_by_the_next(
    files: Field, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No half copy is left to be taken for a whole one, and the same command works."""
    with monkeypatch.context() as patch:
        patch.setattr(cleaning, "replace_file", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left")))
        with pytest.raises(DataError, match="OPN15"):
            close_wave(files.store, "cold", now=AFTER, backup=tmp_path / "copy")
    assert list((tmp_path / "copy").iterdir()) == []
    close_wave(files.store, "cold", now=AFTER, backup=tmp_path / "copy")
    assert (tmp_path / "copy" / "store.json").exists()


def test_no_backup_holds_boxes_of_an_open_wave_beside_their_keys(files: Field, tmp_path: Path) -> None:
    """While employees answer another wave, a close makes no copies; after that wave's close it does."""
    open_wave(files.store, files.study, "next", [sample_of("customers", wave="next")], on=date(2027, 6, 1))
    with to_write(files.store.field) as field:  # as a wave of employees is
        field.execute(update(WAVES).where(WAVES.c.wave == "next").values(seal=1, public=bytes(32)))
    with pytest.raises(DataError, match=r"OPN14.*`next`"):
        close_wave(files.store, "cold", now=AFTER, backup=tmp_path / "copy")
    assert state(files) == "open"
    with to_write(files.store.field) as field:
        field.execute(update(WAVES).where(WAVES.c.wave == "next").values(state="closed"))
    close_wave(files.store, "cold", now=AFTER, backup=tmp_path / "copy")
    assert (tmp_path / "copy" / "field.sqlite").exists()


@pytest.fixture
def served(postgres: postgresql.Server, tmp_path: Path) -> Iterator[Field]:
    """Sixty employees, promised confidentiality, on PostgreSQL."""
    names = [f"{kind}_closing" for kind in ("field", "sealed")]
    postgres.execute(*(f"CREATE DATABASE {name}" for name in names))
    urls = [postgres.url(name) for name in names]
    store = opening.create(tmp_path / "field", database=urls[0], sealed_database=urls[1])
    yield field_on(store, study_with(tmp_path, promise="confidential"), people=60)
    opening.close(store)
    postgres.execute(*(f"DROP DATABASE {name} WITH (FORCE)" for name in names))


def test_no_close_succeeds_while_somebody_may_still_see_what_it_deleted(
    served: Field, postgres: postgresql.Server
) -> None:
    """A transaction left open keeps deleted boxes on the disk: the close waits, tells, and a second one removes every byte."""
    finish(served, *(f"e-{number:03d}" for number in range(8)))
    with served.store.field.connect() as asked:
        box = asked.execute(text("SELECT box FROM holding LIMIT 1")).scalar_one()

    def found() -> bool:
        postgres.execute("CHECKPOINT")
        return any(box[:24] in path.read_bytes() for path in postgres.folder.glob("data/base/*/*") if path.is_file())

    assert found()
    with served.store.field.connect().execution_options(isolation_level="REPEATABLE READ") as reader:
        reader.execute(text("SELECT 1"))
        with pytest.raises(DataError, match=r"OPN15(?s:.*)a transaction left open"):
            close_wave(served.store, "cold", now=AFTER, patience=0)
        assert (state(served), found()) == ("closing", True)
    close_wave(served.store, "cold", now=AFTER)
    assert (state(served), found()) == ("closed", False)


def test_numbers_of_transactions_do_not_tell_who_answered_when(served: Field) -> None:
    """After the close all rows of a wave, in the roster, of customers and sealed, were written by one transaction each."""
    persons = random.Random(1).sample([f"e-{number:03d}" for number in range(60)], 20)
    finish(served, *persons, "c-001", "c-000")
    close_wave(served.store, "cold", now=AFTER)
    for engine, table in (
        (served.store.field, "invitations"),
        (served.store.field, "responses"),
        (served.store.sealed, "answers"),
    ):
        with engine.connect() as connection:
            assert (
                connection.execute(select(text("count(DISTINCT xmin::text)")).select_from(text(table))).scalar_one()
                == 1
            )
