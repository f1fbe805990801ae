"""Letters are written into files to print, each into one of them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from symmetry.fieldwork.sending import printing
from symmetry.fieldwork.sending.outbox import send_due
from symmetry.fieldwork.timing import moment
from tests.fieldwork.sending.outboxes import NOON, opened, plan, settings_for, stands
from tests.spec.pages import read_page

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
NIGHT = moment("2027-03-04T22:00:00Z")  # paper disturbs nobody


def _files(store: Store) -> dict[str, list[str]]:
    """File → whom its letters are for."""
    files = sorted((store.folder / "print").iterdir())
    return {each.name: re.findall(r"Pour ([ce]-\d+)", each.read_text(encoding="utf-8")) for each in files}


def test_letters_that_are_due_are_written_once(store: Store, tmp_path: Path) -> None:
    """In the order in which they are due, at any hour, for their owner alone; later ones go into a file of their own."""
    opened(store, tmp_path)
    plan(store, "c-001", channel="qr", due="2027-03-02T08:00:00Z")
    plan(store, "c-000", channel="qr")
    plan(store, "e-000", channel="qr", due="2027-03-04T23:00:00Z")
    said: list[str] = []
    assert Counter(sent=2) == send_due(store, settings_for(None), at=lambda: NIGHT, sender="a", tell=said.append)
    assert Counter() == send_due(store, settings_for(None), at=lambda: NIGHT, sender="a")
    assert {"cold-2027-03-04-1.html": ["c-001", "c-000"]} == _files(store)
    assert [f"2 letters to print: {store.folder / 'print' / 'cold-2027-03-04-1.html'}"] == said
    assert Counter(sent=1) == send_due(store, settings_for(None), at=lambda: moment("2027-03-04T23:00:00Z"), sender="a")
    assert ["e-000"] == _files(store)["cold-2027-03-04-2.html"]
    assert {("sent", "")} == set(stands(store).values())
    assert {0o600} == {each.stat().st_mode & 0o777 for each in (store.folder / "print").iterdir()}
    page = read_page((store.folder / "print" / "cold-2027-03-04-1.html").read_text(encoding="utf-8"))
    assert 2 == len(page.find("article")) == len(page.find("svg"))


def test_a_disk_that_fails_leaves_no_letter_in_two_files(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was claimed when the writing failed is uncertain a quarter of an hour later, and written by nobody again."""
    opened(store, tmp_path)
    plan(store, "c-000", channel="qr", due="2027-03-02T08:00:00Z")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(printing, "replace_file", fail)
        with pytest.raises(OSError, match="No space"):
            send_due(store, settings_for(None), at=lambda: NOON, sender="a")
    assert Counter(uncertain=1) == send_due(store, settings_for(None), at=lambda: NIGHT, sender="a")
    assert {"c-000/0": ("uncertain", "the sender stopped")} == stands(store)


def test_files_hold_so_many_letters(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A printer is not given thousands of sheets at once."""
    monkeypatch.setattr(printing, "_MOST", 2)
    opened(store, tmp_path)
    for number in range(5):
        plan(store, f"c-{number:03d}", channel="qr")
    assert Counter(sent=5) == send_due(store, settings_for(None), at=lambda: NOON, sender="a")
    assert [2, 2, 1] == [len(each) for each in _files(store).values()]
