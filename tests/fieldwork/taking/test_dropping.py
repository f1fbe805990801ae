"""The drop folder: whole files of a known kind are taken in order and moved away; the others stay, and it is said why."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path

import pytest

from symmetry.fieldwork.store.failing import StoreAwayError
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import ADDRESSES, EVENTS
from symmetry.fieldwork.taking import dropping
from symmetry.fieldwork.taking.dropping import take_drop
from symmetry.fieldwork.taking.files import take_file
from symmetry.fieldwork.taking.nouns import Taken
from tests.fieldwork.taking.hot import GOOD, HEADER, NOW, opened, rows

ADDRESS = "contact,email\nc-9,c9@example.org\n"


def dropped(store: Store, name: str, text: str, *, seconds: float = 60) -> Path:
    """A file in the drop folder that was written some time ago."""
    drop = store.folder / "drop"
    drop.mkdir(mode=0o700, exist_ok=True)
    path = drop / name
    path.write_text(text, encoding="utf-8")
    os.utime(path, (time.time() - seconds,) * 2)
    return path


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_files_are_taken_in_the_order_of_their_names(store: Store, tmp_path: Path) -> None:
    """Addresses come before the interactions that need them, and both are out of the way afterwards."""
    opened(store, tmp_path)
    dropped(store, "interactions-1.csv", HEADER + "i-9,c-9,visit.closed,2027-04-06T10:00,,,,\n")
    dropped(store, "addresses.csv", ADDRESS)
    assert [(each.name, each.taken) for each in take_drop(store, NOW)] == [
        ("addresses.csv", 1),
        ("interactions-1.csv", 1),
    ]
    assert names(store.folder / "drop") == ["done"]
    assert names(store.folder / "drop" / "done") == ["addresses.csv", "interactions-1.csv"]


def test_a_name_that_was_taken_before_does_not_take_its_place(store: Store) -> None:
    """Two files of one name are both kept."""
    for _ in range(3):
        dropped(store, "addresses.csv", ADDRESS)
        take_drop(store, NOW)
    assert names(store.folder / "drop" / "done") == ["addresses-2.csv", "addresses-3.csv", "addresses.csv"]


def test_a_refused_file_stays_until_it_is_mended(store: Store, tmp_path: Path) -> None:
    """Beside it stands why; taken, both are gone; the other files are taken all the same."""
    opened(store, tmp_path)
    told: list[str] = []
    dropped(store, "interactions-1.csv", "who,what\n1,2\n")
    dropped(store, "interactions-2.csv", GOOD)
    dropped(store, "shoes.csv", GOOD)
    assert [each.name for each in take_drop(store, NOW, tell=told.append)] == ["interactions-2.csv"]
    drop = store.folder / "drop"
    assert "TAK01" in (drop / "interactions-1.csv.refused.txt").read_text("utf-8")
    assert "TAK04" in (drop / "shoes.csv.refused.txt").read_text("utf-8")
    assert told == [
        "interactions-1.csv was refused: see interactions-1.csv.refused.txt",
        "shoes.csv was refused: see shoes.csv.refused.txt",
    ]
    dropped(store, "interactions-1.csv", GOOD)
    (drop / "shoes.csv").unlink()
    assert [each.known for each in take_drop(store, NOW)] == [3]
    assert names(drop) == ["done", "shoes.csv.refused.txt"]


def test_what_is_being_written_waits(store: Store) -> None:
    """A part, a hidden file, a file of a moment ago and a text are left alone."""
    dropped(store, "addresses.csv.part", ADDRESS)
    dropped(store, ".addresses.csv", ADDRESS)
    dropped(store, "addresses-2.csv", ADDRESS, seconds=0)
    dropped(store, "addresses-read.me", ADDRESS)
    assert take_drop(store, NOW) == []
    assert rows(store, ADDRESSES) == []
    assert len(names(store.folder / "drop")) == 4


def test_a_run_that_is_killed_before_the_move_takes_nothing_twice(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is still there, and everything in it known."""
    opened(store, tmp_path)
    dropped(store, "interactions.csv", GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(dropping, "_done", _killed)
        with pytest.raises(KeyboardInterrupt):
            take_drop(store, NOW)
    before = rows(store, EVENTS)
    assert [(each.taken, each.known) for each in take_drop(store, NOW)] == [(0, 3)]
    assert rows(store, EVENTS) == before


def _killed(_: Path) -> None:
    raise KeyboardInterrupt


def test_a_file_that_nobody_thought_of_holds_up_no_other(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours with one file: it stays, with what happened, and the opt-outs behind it are taken."""
    dropped(store, "addresses.csv", ADDRESS)
    dropped(store, "opted-out.csv", "contact\nc-9\n")
    monkeypatch.setattr(dropping, "take_file", lambda *words, **more: _but_addresses(*words, **more))
    told: list[str] = []
    assert [each.name for each in take_drop(store, NOW, tell=told.append)] == ["opted-out.csv"]
    assert "KeyError: 'touchpoint'" in (store.folder / "drop" / "addresses.csv.refused.txt").read_text("utf-8")
    assert told == ["addresses.csv was refused: see addresses.csv.refused.txt"]
    assert caplog.messages == ["addresses.csv could not be taken"]


def _but_addresses(store: Store, kind: str, path: Path, *, at: datetime) -> Taken:
    if kind == "addresses":
        raise KeyError("touchpoint")
    return take_file(store, kind, path, at=at)


def test_a_store_that_is_away_leaves_files_where_they_are(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is no fault of the file's: it is not refused."""
    dropped(store, "addresses.csv", ADDRESS)
    monkeypatch.setattr(dropping, "take_file", _away)
    with pytest.raises(StoreAwayError):
        take_drop(store, NOW)
    assert names(store.folder / "drop") == ["addresses.csv"]


def _away(*_: object, **__: object) -> None:
    raise StoreAwayError("the disk is full")
