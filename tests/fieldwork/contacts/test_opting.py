"""Opting out holds for a person, whatever the name under which they come in again.

Truth: made by hand, one person at a time.
"""

from __future__ import annotations

from pathlib import Path

from symmetry.fieldwork.contacts.ledger import ledger_key, mark, pseudonym
from symmetry.fieldwork.contacts.opting import bounced, keep_out, opt_out, opted_out, stay_out
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import ADDRESSES, OPT_OUTS
from tests.fieldwork.contacts.past import address, rows_of, utc
from tests.fieldwork.taking import hot

AT = utc("2027-03-04 12:00")


def out(store: Store, *contacts: str, how: str = "one click") -> int:
    """Opt some people out."""
    with to_write(store.field) as connection:
        return opt_out(connection, ledger_key(store.folder), contacts, AT, how)


def seen(store: Store, *contacts: str) -> set[str]:
    """Those who opted out."""
    with store.field.connect() as connection:
        return opted_out(connection, ledger_key(store.folder), contacts)


def test_an_opt_out_is_kept_once_with_its_first_day_and_way(store: Store) -> None:
    """A second click says nothing new, and no name or address is written down by it."""
    address(store, "c-1", "zoe@example.org", "+33612345678")
    assert (out(store, "c-1"), out(store, "c-1", how="page")) == (1, 0)
    kept = rows_of(store, OPT_OUTS)
    assert {(row["day"], row["how"]) for row in kept} == {("2027-03-04", "one click")}
    key = ledger_key(store.folder)
    wanted = {mark(key, "contact", "c-1"), mark(key, "email", "zoe@example.org"), mark(key, "phone", "+33612345678")}
    assert {bytes(row["mark"]) for row in kept} == wanted
    assert seen(store, "c-1", "c-2") == {"c-1"}


def test_who_comes_in_again_under_another_identifier_has_still_opted_out(store: Store) -> None:
    """By an address that was known when they opted out, however it is written; another person is not touched."""
    address(store, "c-1", "zoe@example.org", "+33612345678")
    out(store, "c-1")
    address(store, "n-1", "Zoe@Example.ORG")
    address(store, "n-2", phone="+33612345678")
    address(store, "n-3", "yan@example.org", "+33687654321")
    assert seen(store, "n-1", "n-2", "n-3") == {"n-1", "n-2"}


def test_a_pseudonym_opts_out_whom_it_stands_for(store: Store) -> None:
    """A link of somebody whose name is forgotten still works, and is found again by the name."""
    name = pseudonym(ledger_key(store.folder), "c-1")
    assert (out(store, name), seen(store, "c-1", name, "c-2")) == (1, {"c-1", name})
    assert out(store, "c-1") == 0


def test_an_address_without_a_contact_can_be_kept_out(store: Store) -> None:
    """As a list of another sender brings it; whoever has it later is not written to."""
    key = ledger_key(store.folder)
    with to_write(store.field) as connection:
        assert keep_out(connection, [mark(key, "email", "zoe@example.org")] * 2, AT, "file")
        assert not keep_out(connection, [mark(key, "email", "ZOE@example.org ")], AT, "file")
    address(store, "c-9", "zoe@example.org")
    assert seen(store, "c-9") == {"c-9"}


def test_who_opted_out_by_an_address_stays_out_with_the_next_one(store: Store) -> None:
    """By the one that goes or the one that comes; by name, and every address, with the first day and way; nobody else."""
    key = ledger_key(store.folder)
    with to_write(store.field) as connection:
        keep_out(connection, [mark(key, "email", "zoe@example.org")], AT, "file")
        keep_out(connection, [mark(key, "phone", "+33612345678")], utc("2027-03-09 12:00"), "page")
        had = {"c-1": {"email": "Zoe@example.org", "phone": ""}}
        new = {"c-1": {"email": "new@example.org"}, "c-2": {"phone": "+33612345678"}, "c-3": {"email": "y@example.org"}}
        assert stay_out(connection, key, had, new) == {"c-1", "c-2"}
    kept = {bytes(row["mark"]): (row["day"], row["how"]) for row in rows_of(store, OPT_OUTS)}
    first, second = ("2027-03-04", "file"), ("2027-03-09", "page")
    marks = {mark(key, "email", name): first for name in ("zoe@example.org", "new@example.org")}
    marks |= {mark(key, "contact", "c-1"): first, mark(key, "contact", "c-2"): second}
    assert kept == marks | {mark(key, "phone", "+33612345678"): second}


def test_the_day_is_that_of_the_study(store: Store, tmp_path: Path) -> None:
    """Half past midnight in Paris is a day on which it is still yesterday in UTC."""
    hot.opened(store, tmp_path)
    with to_write(store.field) as connection:
        opt_out(connection, ledger_key(store.folder), ["c-1"], utc("2027-03-03 23:30"), "page")
    assert [row["day"] for row in rows_of(store, OPT_OUTS)] == ["2027-03-04"]


def test_a_bounce_marks_one_channel_of_whom_it_names(store: Store) -> None:
    """Twice is once; the other channel goes on, and the day is that of the first."""
    address(store, "c-1", "zoe@example.org", "+33612345678")
    address(store, "c-2")
    with to_write(store.field) as connection:
        assert bounced(connection, ["c-1", "unknown"], "sms", AT) == 1
        assert bounced(connection, ["c-1"], "sms", utc("2027-03-09 12:00")) == 0
        assert bounced(connection, ["c-1"], "email", AT) == 1
    assert {row["contact"]: (row["bad"], row["day"]) for row in rows_of(store, ADDRESSES)} == {
        "c-1": ("email sms", "2027-03-04"),
        "c-2": ("", "2027-01-01"),
    }


def test_the_key_of_the_ledger_is_drawn_once_and_its_owners_alone(store: Store) -> None:
    """Without it nobody could tell who opted out, so it never changes, and nobody else may read it."""
    first = ledger_key(store.folder)
    assert (len(first), ledger_key(store.folder)) == (32, first)
    assert (store.folder / "ledger.key").stat().st_mode & 0o777 == 0o600
