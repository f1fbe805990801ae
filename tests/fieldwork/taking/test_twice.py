"""What comes again, otherwise written, or about somebody who opted out: nothing is lost, overwritten or asked without a word."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from symmetry.errors import DataError
from symmetry.fieldwork.contacts.erasing import erase
from symmetry.fieldwork.contacts.ledger import ledger_key
from symmetry.fieldwork.contacts.opting import opted_out
from symmetry.fieldwork.inviting.triggering import decide_events
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import ADDRESSES, EVENTS
from symmetry.fieldwork.taking import files
from symmetry.fieldwork.taking.files import take_file
from symmetry.fieldwork.taking.interactions import take_events
from symmetry.fieldwork.taking.nouns import Taken
from tests.fieldwork.taking.hot import GOOD, HEADER, NOW, event, opened, rows, written

ZOE = "contact,email\nc-1,Zoe@example.org\n"
OUT = "email\nzoe@example.org\n"


def taken(store: Store, folder: Path, kind: str, text: str | bytes, name: str = "") -> Taken:
    """A text, taken as a file."""
    return take_file(store, kind, written(folder, name or f"{kind}.csv", text), at=NOW)


def out(store: Store, *contacts: str) -> set[str]:
    """Those who opted out."""
    with store.field.connect() as connection:
        return opted_out(connection, ledger_key(store.folder), contacts)


@pytest.mark.parametrize("order", [(ZOE, OUT), (OUT, ZOE)])
def test_an_opt_out_by_address_is_the_persons(store: Store, tmp_path: Path, order: tuple[str, str]) -> None:
    """Whichever comes first, and whatever address an event brings afterwards: the person is told of, and not asked."""
    opened(store, tmp_path)
    for text in order:
        taken(store, tmp_path, "opted-out" if text is OUT else "addresses", text)
    said = take_events(store, [event(1, email="new@example.org"), event(2)], at=NOW, by="crm")
    assert [each.reason for each in said.rows] == ["has opted out, and will not be asked", ""]
    assert (out(store, "c-1", "c-2"), decide_events(store, NOW)) == ({"c-1"}, Counter({"opted out": 1, "invited": 1}))


def test_an_opt_out_by_address_outlives_the_address(store: Store, tmp_path: Path) -> None:
    """The address is deleted when its time is over; the contact comes again with another one, and stays out."""
    taken(store, tmp_path, "addresses", ZOE)
    taken(store, tmp_path, "opted-out", OUT)
    with to_write(store.field) as connection:
        connection.execute(ADDRESSES.delete())
    assert out(store, "c-1") == {"c-1"}


def test_packed_files_are_taken_as_they_are_unpacked(reader: Store, tmp_path: Path) -> None:
    """Whatever separates the cells; refused with their line, where they are damaged or of another kind."""
    opened(reader, tmp_path)
    for number, text in enumerate([GOOD, GOOD.replace("i-", "k-").replace(",", ";")]):
        told = taken(reader, tmp_path, "interactions", gzip.compress(text.encode()), f"interactions-{number}.csv.gz")
        assert [(each.row, each.state) for each in told.rows] == [(2, "taken"), (3, "taken"), (4, "taken")]
    for content, code in ((gzip.compress(GOOD.encode())[:-9], "DATA12"), (gzip.compress(b"who\n1\n"), "TAK01")):
        with pytest.raises(DataError, match=code):
            taken(reader, tmp_path, "interactions", content, "interactions-3.csv.gz")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_the_mark_of_utf_16_says_the_encoding(reader: Store, tmp_path: Path, encoding: str) -> None:
    """As spreadsheets save "Unicode text"."""
    text = ZOE.replace(",", "\t").replace("c-1", "zoé")
    mark = "\ufeff" if encoding.endswith("be") else ""
    taken(reader, tmp_path, "addresses", (mark + text).encode(encoding))
    assert [row["contact"] for row in rows(reader, ADDRESSES)] == ["zoé"]


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize(("text", "line"), [(GOOD + 'i-4,"{x}",visit.closed,,,,,\n', 5), ("contact{x}\n1\n", 1)])
def test_a_cell_without_end_is_refused_with_its_line(
    reader: Store, tmp_path: Path, text: str, line: int, separator: str
) -> None:
    """As where a quote is never closed; in the header too."""
    text = text.replace(",", separator).replace("{x}", "x" * 140_000)
    with pytest.raises(DataError) as refused:
        taken(reader, tmp_path, "interactions", text)
    problem = refused.value.problems[0]
    assert (problem.code, problem.where.line if problem.where else None) == ("DATA14", line)


@pytest.mark.parametrize("cell", ["06/04/2027 10:00", "46483.4"])
def test_days_of_another_form_are_no_shifted_columns(reader: Store, tmp_path: Path, cell: str) -> None:
    """French days, or the numbers that spreadsheets hold: the refusal says which form is wanted."""
    opened(reader, tmp_path)
    with pytest.raises(DataError) as refused:
        taken(
            reader,
            tmp_path,
            "interactions",
            GOOD.replace("2027-04-06T10:00", cell) + f"i,c,visit.closed,{cell},,,,\n" * 4,
        )
    assert "cells of `at` are no moment, such as 2027-03-04T09:00" in refused.value.problems[0].what


def test_contacts_that_nobody_knows_are_told(store: Store, tmp_path: Path) -> None:
    """The opt-out is kept; a spreadsheet that ate the zeros is asked about, and so are capitals; the same of other contacts."""
    taken(store, tmp_path, "addresses", "contact,email\n00123,a@example.org\nc-3,b@example.org\n")
    unknown = "nobody of that name is known here"
    alike = f"{unknown}, but one who differs in capitals or leading zeros alone: is that one meant?"
    reasons = [alike, alike, f"{unknown}: kept for when they come", ""]
    told = taken(store, tmp_path, "opted-out", "contact\n123\nC-3\nx-9\n00123\n")
    assert [(each.state, each.reason) for each in told.rows] == [("taken", reason) for reason in reasons]
    assert out(store, "00123", "123", "c-3") == {"00123", "123"}
    told = taken(
        store, tmp_path, "contacted", "contact,day\n123,2027-04-01\nC-3,2027-04-01\nx-9,2027-04-01\n00123,2027-04-01\n"
    )
    assert [each.reason for each in told.rows] == reasons


def test_two_addresses_of_one_contact_are_told(reader: Store, tmp_path: Path) -> None:
    """The last row counts, and says which it overrules; a telephone number beside an e-mail address overrules nothing."""
    text = "contact,email,phone\nc-1,a@example.org,\nc-1,,+33612345678\nc-1,b@example.org,\n"
    told = taken(reader, tmp_path, "addresses", text)
    assert [each.reason for each in told.rows] == [
        "",
        "",
        "another one than in row 3 of the same contact: this one counts",
    ]
    assert [(row["email"], row["phone"]) for row in rows(reader, ADDRESSES)] == [("b@example.org", "+33612345678")]


def test_an_interaction_that_is_known_brings_no_other_address(store: Store, tmp_path: Path) -> None:
    """An old file taken again would bring old addresses back: they stay as they are, and that is told."""
    opened(store, tmp_path)
    taken(store, tmp_path, "interactions", GOOD)
    told = taken(store, tmp_path, "interactions", GOOD.replace("c2@", "zoe@"))
    word = "the address is another one than ours, which stays: bring new ones in a file of addresses"
    assert [(each.state, each.reason) for each in told.rows] == [("known", ""), ("known", word), ("known", "")]
    assert rows(store, ADDRESSES)[1]["email"] == "c2@example.org"


def test_what_happened_to_people_who_were_erased_is_known(store: Store, tmp_path: Path) -> None:
    """Their events come in again: they are not written down a second time, neither in the store nor beside it."""
    opened(store, tmp_path)
    taken(store, tmp_path, "interactions", GOOD)
    erase(store, "c-2", NOW)
    told = taken(store, tmp_path, "interactions", GOOD)
    assert ([(each.state, each.reason) for each in told.rows], told.aside) == ([("known", "")] * 3, None)
    assert "c-2" not in str([rows(store, EVENTS), rows(store, ADDRESSES)])


def test_rows_set_aside_are_told_of_or_nothing_is_taken(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of what is left is written before anything is taken for good, and goes once its rows are taken."""
    opened(store, tmp_path)
    text = HEADER + "a,c-1,visit.closed,2027-04-06T10:00,,,,c1@example.org\nb,c-9,visit.closed,2027-04-06T10:00,,,,\n"

    def full(*_: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(files, "set_aside", full)
        with pytest.raises(OSError, match="full"):
            taken(store, tmp_path, "interactions", text)
    assert rows(store, EVENTS) == []
    left = taken(store, tmp_path, "interactions", text).aside
    assert left is not None
    taken(store, tmp_path, "addresses", "contact,email\nc-9,c9@example.org\n")
    assert (taken(store, tmp_path, "interactions", text).aside, left.exists()) == (None, False)
