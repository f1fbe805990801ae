"""Erasing a person leaves nothing that names them, in any table or file, and breaks nothing that is counted.

Truth: the bytes of the files, and the other people of a real wave, who stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from symmetry import cli
from symmetry.errors import DataError
from symmetry.fieldwork.collecting import collect
from symmetry.fieldwork.contacts.erasing import Erased, erase, would_erase
from symmetry.fieldwork.contacts.explaining import explain
from symmetry.fieldwork.contacts.ledger import ledger_key, verdicts
from symmetry.fieldwork.store import keeping
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.links import write_links
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import close, create
from symmetry.fieldwork.store.tables import (
    ADDRESSES,
    CASES,
    CONTACTED,
    DRAFTS,
    FIELD,
    INVITATIONS,
    LINKS,
    OUTBOX,
    RESPONSES,
)
from symmetry.fieldwork.store.tokens import hash_of
from tests.fieldwork.contacts.past import address, elsewhere, event, message, put, rows_of, utc
from tests.fieldwork.store.waves import OPENED, Field, field_on, sample_of, study_with

AT = utc("2027-03-10 12:00")
CLOSED = utc("2027-03-22 12:00")
WHO = "c-001@example.org"  # the contact of c-001
STAFF = "e-003@example.org"


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Store]:
    """A new store in files."""
    store = create(tmp_path / "field")
    yield store
    close(store)


def lived(store: Store, folder: Path) -> Field:
    """A wave in which c-001 answered, opened a case, had a visit, was written to, and is written to by others; e-003 answered."""
    field = field_on(store, study_with(folder))
    for person in ("c-000", "c-001", "e-003"):
        field.post(person, recommend="3")
        assert field.post(person, 2, why="Trop d'attente", listened="4").kind == "complete"
    field.post("e-004", recommend="3")
    for person in ("c-001", "c-000", "e-003", "e-004"):
        contact, token = f"{person}@example.org", hash_of(field.token(person))
        audience = "customers" if person[0] == "c" else "employees"
        address(store, contact, f"zoe.{person}@example.org", f"+336000{person[2:]}")
        message(store, contact, "cold", "2027-03-02T08:00:00Z", token=token, audience=audience)
        message(store, contact, "cold", "2027-03-12T08:00:00Z", token=token, audience=audience, step=1, state="planned")
        put(store, LINKS, mark=token[::-1], kind="short", token=token)
        event(store, contact, "2027-03-01T10:00:00Z")
        elsewhere(store, contact, "2026-11-05")
    times = dict.fromkeys(("opened", "call_back_by", "close_by"), "2027-03-04T12:00:00Z")
    case = {"case": "AAAA2222", "wave": "cold", "alert": "low", "owner": "care", "unit": ""}
    put(store, CASES, token=hash_of(field.token("c-001")), **case, **times)
    write_links(store, "cold", "customers")
    write_links(store, "cold", "employees")
    return field


def others(store: Store, contact: str, token: bytes) -> dict[str, list[str]]:
    """Everything in the field database that is not the person's: by the name, by the link, and by a pseudonym."""

    def is_theirs(cell: object) -> bool:
        return cell in (contact, token, b"") or (isinstance(cell, str) and cell.startswith("~"))

    tables = [table for table in FIELD.sorted_tables if table.name != "opt_outs"]
    return {
        table.name: sorted(str(row) for row in rows_of(store, table) if not any(map(is_theirs, row.values())))
        for table in tables
    }


def names_in(store: Store, *words: str) -> list[str]:
    """Where words still stand, in any table of the field database."""
    return [
        table.name
        for table in FIELD.sorted_tables
        for row in rows_of(store, table)
        if any(word in str(row) for word in words)
    ]


def test_nothing_in_the_field_names_an_erased_customer(store: Store, tmp_path: Path) -> None:
    """Identifier, person, address, event, link, answer and case are gone; the same for everybody else stays."""
    field = lived(store, tmp_path)
    found = erase(store, WHO, AT)
    assert found == Erased(True, 1, 1, 2, 1, 1, 1, 1, (), (), (), overwritten=store.embedded)
    assert names_in(store, "c-001", "+336000001") == []
    token = hash_of(field.token("c-001"))
    mine = next(row for row in rows_of(store, INVITATIONS) if bytes(row["token"]) == token)
    assert (mine["state"], mine["known"], mine["expires"]) == ("refused", "{}", "2000-01-01T00:00:00Z")
    assert len({mine["contact"], mine["person"]}) == 2
    assert [bytes(row["token"]) for table in (RESPONSES, LINKS) for row in rows_of(store, table)].count(token) == 0
    assert {(row["closed"], bytes(row["token"])) for row in rows_of(store, CASES)} == {("2027-03-10T12:00:00Z", b"")}
    states = sorted(
        (row["step"], row["state"], row["reason"]) for row in rows_of(store, OUTBOX) if row["contact"][0] == "~"
    )
    assert states == [(0, "sent", ""), (1, "dropped", "erased")]
    assert len(rows_of(store, RESPONSES)) == 1
    assert "c-001" not in (store.folder / "links-cold-customers.csv").read_text()
    assert "c-000" in (store.folder / "links-cold-customers.csv").read_text()
    assert {row["contact"] for row in rows_of(store, ADDRESSES)} == {
        f"{person}@example.org" for person in ("c-000", "e-003", "e-004")
    }


def test_an_erased_person_is_never_asked_again(embedded: Store, tmp_path: Path) -> None:
    """Not under another identifier with an old address either, and it is said why."""
    field = lived(embedded, tmp_path)
    erase(embedded, WHO, AT)
    address(embedded, "new", "ZOE.c-001@example.org")
    with embedded.field.connect() as connection:
        asked = (WHO, "new", "c-000@example.org")
        key = ledger_key(embedded.folder)
        assert verdicts(connection, key, field.study, "cold", "customers", asked, AT)[:2] == ["opted out"] * 2
    told = explain(embedded, WHO, AT)
    assert told.reached == ("erased on 2027-03-10: names, addresses and answers that could be found are gone",)
    assert told.next == ("nothing: erased on 2027-03-10",)


def test_erasing_twice_changes_nothing_more(embedded: Store, tmp_path: Path) -> None:
    """What is told the second time is nothing, and no row differs."""
    lived(embedded, tmp_path)
    erase(embedded, WHO, AT)
    before = {table.name: sorted(map(str, rows_of(embedded, table))) for table in FIELD.sorted_tables}
    again = erase(embedded, WHO, utc("2027-03-11 12:00"))
    assert again == Erased(False, 0, 0, 0, 0, 0, 0, 0, (), (), (), overwritten=embedded.embedded)
    assert {table.name: sorted(map(str, rows_of(embedded, table))) for table in FIELD.sorted_tables} == before


def test_erasing_one_person_leaves_the_others_as_they_were(embedded: Store, tmp_path: Path) -> None:
    """Every row that is not the person's is the same before and after."""
    field = lived(embedded, tmp_path)
    token = hash_of(field.token("c-001"))
    before = others(embedded, WHO, token)
    erase(embedded, WHO, AT)
    assert others(embedded, WHO, token) == before


def test_an_erased_employee_is_told_nothing_of_an_answer(store: Store, tmp_path: Path) -> None:
    """Who answered and who did not are erased alike; a draft is deleted; the sealed answer stays, since nobody can find it."""
    field = lived(store, tmp_path)
    assert would_erase(store, STAFF) == would_erase(store, "e-004@example.org")
    assert (erase(store, STAFF, AT), len(field.rows(DRAFTS))) == (erase(store, "e-004@example.org", AT), 1)
    assert would_erase(store, STAFF).sealed == ()
    assert field.rows(DRAFTS) == []
    keeping.close_wave(store, "cold", now=CLOSED)
    assert len(collect(store, field.study, "cold", "employees").answers) == 1


def test_a_wave_with_an_erased_person_is_opened_again_closed_and_collected(store: Store, tmp_path: Path) -> None:
    """The person counts as refused, the other answer is collected, and the links of all others are still made."""
    field = lived(store, tmp_path)
    erase(store, WHO, AT)
    samples = [sample_of("customers"), sample_of("employees")]
    assert keeping.open_wave(store, field.study, "cold", samples, on=OPENED).added == ()
    assert len(keeping.links(store, "cold", "customers")) == 11
    assert field.post("c-001", recommend="9").kind == "closed"
    keeping.close_wave(store, "cold", now=CLOSED)
    intake = collect(store, field.study, "cold", "customers")
    log = {(row.measure, row.note): row.n for row in intake.log.itertuples() if row.item == ""}
    assert (len(intake.answers), log["set aside", "refused"], log["invited", ""]) == (1, 1, 12)


def test_answers_of_a_closed_wave_stay_without_a_name(store: Store, tmp_path: Path) -> None:
    """They are frozen already: the row says nobody's name, and what was kept is said."""
    field = lived(store, tmp_path)
    keeping.close_wave(store, "cold", now=CLOSED)
    before = collect(store, field.study, "cold", "customers").answers
    found = erase(store, WHO, CLOSED)
    assert (found.closed, found.answers, names_in(store, "c-001")) == (("cold",), 0, [])
    assert collect(store, field.study, "cold", "customers").answers.equals(before)


def test_no_byte_of_the_person_is_left_in_the_files(embedded: Store, tmp_path: Path) -> None:
    """Neither in the database of the field nor in its log, once it is said to be overwritten."""
    lived(embedded, tmp_path)
    assert erase(embedded, WHO, AT).overwritten
    content = b"".join(path.read_bytes() for path in embedded.folder.glob("*") if path.name != "store.json")
    assert [word for word in (b"c-001", b"+336000001", b"zoe.c-001") if word in content] == []
    assert b"c-002" in content


def test_files_as_they_came_in_are_named(embedded: Store, tmp_path: Path) -> None:
    """Those that hold the identifier or an address, as a whole word: they are another's to change."""
    lived(embedded, tmp_path)
    done = embedded.folder / "drop" / "done"
    done.mkdir(parents=True)
    (done / "addresses-1.csv").write_text("contact,email\nx,zoe.c-001@example.org\n")
    (done / "addresses-2.csv").write_text(f"contact,email\nx{WHO},azoe.c-001@example.org\n")
    (embedded.folder / "print").mkdir()
    (embedded.folder / "print" / "cold-2027-03-02-1.html").write_text(f"<p>Pour {WHO}</p>")
    assert would_erase(embedded, WHO).files == ("drop/done/addresses-1.csv", "print/cold-2027-03-02-1.html")


def test_who_is_erased_at_night_refused_on_the_day_of_the_study(embedded: Store, tmp_path: Path) -> None:
    """Half past midnight in Paris is of that day, though in UTC it is the day before."""
    lived(embedded, tmp_path)
    erase(embedded, WHO, utc("2027-03-09 23:30"))
    assert [row["day"] for row in rows_of(embedded, INVITATIONS) if row["state"] == "refused"] == ["2027-03-10"]


def test_an_unknown_contact_is_refused(embedded: Store, tmp_path: Path) -> None:
    """And nothing is written, not even a mark."""
    lived(embedded, tmp_path)
    with pytest.raises(DataError, match="LED01"):
        would_erase(embedded, "c-999")
    with pytest.raises(DataError, match="LED01"):
        erase(embedded, "c-999", AT)
    with embedded.field.connect() as connection:
        assert connection.execute(select(func.count()).select_from(FIELD.tables["opt_outs"])).scalar_one() == 0


def test_the_verb_only_tells_without_yes(
    embedded: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with 1 then, and nothing has changed; with --yes it erases, and says what it cannot."""
    lived(embedded, tmp_path)
    monkeypatch.setattr("symmetry.fieldwork.now_of", lambda _: AT)
    verb = ["field", "erase", WHO, "--store", str(embedded.folder)]
    assert cli.main(verb) == 1
    assert "nothing was changed" in capsys.readouterr().err
    assert names_in(embedded, WHO)
    assert cli.main([*verb, "--yes"]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("erased: 1 addresses, 1 invitations that name the person")
    assert "not here: frames, samples" in printed.err
    assert names_in(embedded, WHO) == []


def test_the_ledger_is_given_to_draws_without_who_has_no_name(
    embedded: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Contact and day in Paris of what was sent, or may have been, and of what others sent; each once."""
    field_on(embedded, study_with(tmp_path))
    message(embedded, "c-1", "cold", "2027-03-02T23:30:00Z")
    message(embedded, "c-2", "cold", "2027-03-02T08:00:00Z", state="uncertain")
    for state in ("planned", "bounced", "dropped"):
        message(embedded, "c-3", "cold", "2027-03-02T08:00:00Z", state=state)
    message(embedded, "c-1", "cold", "2027-03-09T08:00:00Z", step=1)
    for who, how in (("silent", "sent"), ("early", "dropped"), ("later", "planned")):
        theirs: dict[str, Any] = {
            "audience": "employees",
            "due": "2027-03-01T08:00:00Z",
            "reason": "answered" if who == "early" else "",
        }
        message(embedded, who, "cold", "2027-03-02T08:00:00Z", state=how, **theirs)
    message(embedded, "~" + "0" * 32, "cold", "2027-03-02T08:00:00Z")
    with to_write(embedded.field) as connection:
        connection.execute(
            insert(CONTACTED), [{"contact": "c-1", "day": "2027-03-03"}, {"contact": "c-4", "day": "2027-01-01"}]
        )
    out = tmp_path / "contacted.csv"
    assert cli.main(["field", "contacted", "--store", str(embedded.folder), "--out", str(out)]) == 0
    assert out.read_text() == "contact,day\nc-1,2027-03-03\nc-2,2027-03-02\nc-4,2027-01-01\n" + "".join(
        f"{who},2027-03-01\n" for who in ("early", "later", "silent")
    )
    assert "1 invitations left out" in capsys.readouterr().err
