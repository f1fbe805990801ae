"""Letters are written into files to print, each into one of them."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from symmetry import spec
from symmetry.fieldwork.asking.paging import asked_of
from symmetry.fieldwork.inviting.running import alone
from symmetry.fieldwork.sending import printing
from symmetry.fieldwork.sending.letters import Message, letters_page, printed
from symmetry.fieldwork.sending.links import Links
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


@pytest.mark.parametrize("fails", ["before", "after"])
def test_a_sender_that_stops_leaves_each_letter_in_one_file_or_in_none(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    """Before the file is there its letters are planned again; after it they are written, whatever was marked."""
    opened(store, tmp_path)
    plan(store, "c-000", channel="qr", due="2027-03-02T08:00:00Z")
    write = printing.replace_file

    def stop(*words: Any, **options: Any) -> None:
        if fails == "after":
            write(*words, **options)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(printing, "replace_file", stop)
        with pytest.raises(OSError, match="No space"):
            send_due(store, settings_for(None), at=lambda: NOON, sender="a")
    assert {"c-000/0": ("planned" if fails == "before" else "sent", "")} == stands(store)
    send_due(store, settings_for(None), at=lambda: NIGHT, sender="a")
    assert {"cold-2027-03-04-1.html": ["c-000"]} == _files(store)


def test_a_sender_that_was_killed_is_tidied_up_after(store: Store, tmp_path: Path) -> None:
    """Its letters are in no file, and are written; what it left half-written is gone."""
    opened(store, tmp_path)
    claimed = {"state": "sending", "sender": "b", "claimed": "2027-03-04T10:59:59Z"}
    plan(store, "c-000", channel="qr", **claimed)
    plan(store, "c-001", channel="qr", reason="cold-2027-03-04-7.html", **claimed)
    (store.folder / "print").mkdir()
    (store.folder / "print" / ".cold-2027-03-04-7.html.abc").write_text("half", encoding="utf-8")
    assert Counter(sent=2) == send_due(store, settings_for(None), at=lambda: NOON, sender="a")
    assert {"cold-2027-03-04-1.html": ["c-000", "c-001"]} == {name: sorted(who) for name, who in _files(store).items()}


def test_one_sender_prints_at_a_time(store: Store, tmp_path: Path) -> None:
    """Another one leaves the letters to it."""
    opened(store, tmp_path)
    plan(store, "c-000", channel="qr")
    with alone(store, "print"):
        assert Counter() == send_due(store, settings_for(None), at=lambda: NOON, sender="b")
    assert {"c-000/0": ("planned", "")} == stands(store)


@pytest.mark.slow
@pytest.mark.parametrize("audience", ["customers", "employees"])
def test_a_letter_takes_one_sheet(databases: str, tmp_path: Path, audience: str) -> None:
    """As a browser prints three of them, in each language."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("Chromium is not installed (Debian: chromium), so no browser can print the letters")
    bank = spec.load(Path(__file__).resolve().parents[3] / "survey_specs" / "everyday_bank")
    asked = asked_of(bank, "cold-2027", audience, first=date(2027, 3, 1), last=date(2027, 3, 21))
    links = Links(*(f"https://enquete.banque-exemple.fr/{kind}/abcdefghij234567abcd" for kind in "sxo"))
    counts = []
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        for language in asked.languages:
            message = Message(asked, 0, links, NOON, language, "Banque du Quotidien", contact="c-007")
            page.set_content(letters_page([printed(message)] * 3, language))
            made = page.pdf(prefer_css_page_size=True, print_background=True)
            counts.append(len(re.findall(rb"/Type\s*/Page\b", made)))
        browser.close()
    assert [3] * len(asked.languages) == counts


def test_files_hold_so_many_letters(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A printer is not given thousands of sheets at once."""
    monkeypatch.setattr(printing, "_MOST", 2)
    opened(store, tmp_path)
    for number in range(5):
        plan(store, f"c-{number:03d}", channel="qr")
    assert Counter(sent=5) == send_due(store, settings_for(None), at=lambda: NOON, sender="a")
    assert [2, 2, 1] == [len(each) for each in _files(store).values()]
