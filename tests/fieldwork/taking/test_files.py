"""Files taken: each row new, known or set aside with its reason, and a file that is not what it says refused whole."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import insert

from symmetry.errors import DataError
from symmetry.fieldwork.contacts.ledger import ledger_key
from symmetry.fieldwork.contacts.opting import opt_out, opted_out
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import ADDRESSES, CONTACTED, EVENTS, OUTBOX
from symmetry.fieldwork.taking.files import take_file
from symmetry.fieldwork.taking.nouns import Taken
from tests.fieldwork.taking.hot import GOOD, HEADER, NOW, opened, rows, written


def taken(
    store: Store, folder: Path, text: str | bytes, kind: str = "interactions", name: str = "", **more: str
) -> Taken:
    """A text, taken as a file."""
    return take_file(store, kind, written(folder, name or f"{kind}.csv", text), at=NOW, **more)


def reasons(told: Taken) -> dict[int, str]:
    """Line → why it was set aside."""
    return {each.row: each.reason for each in told.set_aside}


def test_good_rows_wait_to_be_decided(store: Store, tmp_path: Path) -> None:
    """A moment by the clock of Paris, or with its offset, is one moment; what the frame items say stays, blanks do not."""
    opened(store, tmp_path)
    assert [each.state for each in taken(store, tmp_path, GOOD).rows] == ["taken"] * 3
    kept = [
        (row["event"], row["at"], row["audience"], row["state"], json.loads(row["known"]))
        for row in rows(store, EVENTS)
    ]
    assert kept == [
        ("i-1", "2027-04-06T08:00:00Z", "customers", "waiting", {"site": "north", "wait": "5"}),
        ("i-2", "2027-04-06T09:00:00Z", "customers", "waiting", {"site": "south"}),
        ("i-3", "2027-04-05T16:00:00Z", "customers", "waiting", {}),
    ]
    assert {row["received"] for row in rows(store, EVENTS)} == {"2027-04-06T12:00:00Z"}
    assert [row["email"] for row in rows(store, ADDRESSES)] == [f"c{number}@example.org" for number in (1, 2, 3)]


def test_the_same_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    """Taken twice, and with its rows in another order, a file adds nothing the second time."""
    opened(store, tmp_path)
    taken(store, tmp_path, GOOD)
    before = rows(store, EVENTS), rows(store, ADDRESSES)
    header, *lines = GOOD.splitlines(keepends=True)
    again = taken(store, tmp_path, header + "".join(reversed(lines)))
    assert ([each.state for each in again.rows], again.aside) == (["known"] * 3, None)
    assert (rows(store, EVENTS), rows(store, ADDRESSES)) == before


BAD = {
    ",c-1,visit.closed,2027-04-06T10:00,,,,": "blank `interaction`",
    "j,,visit.closed,2027-04-06T10:00,,,,": "blank `contact`",
    "j,c-1,visit.close,2027-04-06T10:00,,,,": "unknown touchpoint: did you mean `visit.closed`?",
    "j,c-9,visit.closed,2027-04-06T10:00,,,,": "unknown contact: no address is known and none is given",
    "j,c-9,visit.closed,2027-04-06T10:00,,,,c9@": (
        "unknown contact: no address is known and none is given; malformed e-mail address"
    ),
    "j,c-1,visit.closed,2027-03-28T02:30,,,,": "`at`: no such time in Europe/Paris: the clock was put forward over it",
    "j,c-1,visit.closed,2026-10-25T02:30,,,,": (
        "`at`: came twice in Europe/Paris, when the clock was put back: write it with its offset"
    ),
    "j,c-1,visit.closed,2027-04-06T14:06,,,,": "`at` is in the future",
    "j,c-1,visit.closed,yesterday,,,,": "`at`: no moment, such as 2027-03-04T09:00:00+01:00",
    "i-1,c-1,visit.closed,2027-04-06T13:00,,,,": "same id with another content: nothing of it was taken",
    "j,c-1,visit.closed,2027-04-06T10:00,,east,,": "`site` has no such category",
    "j,c-1,visit.closed,2027-04-06T10:00,,,five,": "`wait` is no number",
    "j,~c-1,visit.closed,2027-04-06T10:00,,,,": "`contact` begins with ~, as names do that the store gives itself",
}


def test_each_bad_row_is_set_aside_with_its_reason(store: Store, tmp_path: Path) -> None:
    """Every other row is taken, and the file of those set aside holds them as they came, for its owner alone."""
    opened(store, tmp_path)
    taken(store, tmp_path, GOOD)
    good = "k-{n},c-1,visit.closed,2027-04-06T10:00,,,,\n"
    body = "".join(f"{line}\n{good.format(n=number)}" for number, line in enumerate(BAD))
    told = taken(store, tmp_path, HEADER + body, name="interactions-bad.csv")
    assert reasons(told) == {2 + 2 * number: reason for number, reason in enumerate(BAD.values())}
    assert len(rows(store, EVENTS)) == 3 + len(BAD)
    assert told.aside is not None
    assert told.aside.stat().st_mode & 0o777 == 0o600
    with told.aside.open(encoding="utf-8", newline="") as file:
        left = list(csv.reader(file))
    assert left[0] == ["row", "reason", *HEADER.strip().split(",")]
    assert [",".join(row[2:]) for row in left[1:]] == list(BAD)


def test_a_time_that_came_twice_is_taken_with_its_offset(reader: Store, tmp_path: Path) -> None:
    """Half past two of the night when clocks are put back: both of them, an hour apart."""
    opened(reader, tmp_path)
    lines = (
        "a,c-1,visit.closed,2026-10-25T02:30+02:00,,,,x@example.org\nb,c-1,visit.closed,2026-10-25T02:30+01:00,,,,\n"
    )
    taken(reader, tmp_path, HEADER + lines)
    assert [row["at"] for row in rows(reader, EVENTS)] == ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]


def test_whoever_needs_no_address_needs_none(store: Store, tmp_path: Path) -> None:
    """A study that also prints letters takes events of people without an address."""
    opened(store, tmp_path, channels="[email, qr]")
    told = taken(store, tmp_path, HEADER + "i,c-1,visit.closed,2027-04-06T10:00,,,,\n")
    assert [each.state for each in told.rows] == ["taken"]


def test_people_who_opted_out_are_taken_and_told(store: Store, tmp_path: Path) -> None:
    """Their events are kept, so that nobody wonders where they are; that they are not asked is decided later."""
    opened(store, tmp_path)
    with to_write(store.field) as connection:
        opt_out(connection, ledger_key(store.folder), ["c-2"], NOW, "file")
    told = taken(store, tmp_path, GOOD)
    assert [(each.row, each.reason) for each in told.told] == [(3, "has opted out, and will not be asked")]
    assert told.taken == 3


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(("encoding", "said"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "cp1252")])
def test_separators_and_encodings(reader: Store, tmp_path: Path, separator: str, encoding: str, said: str) -> None:
    """Whatever separates the cells, and with or without a mark of the encoding, the same comes in, line by line."""
    opened(reader, tmp_path)
    text = GOOD.replace("c-3", "zoé").replace(",", separator) + f"{separator}c-9{separator * 6}\n"
    told = taken(reader, tmp_path, text.encode(encoding), encoding=said)
    assert ([row["contact"] for row in rows(reader, EVENTS)], reasons(told)) == (
        ["c-1", "c-2", "zoé"],
        {5: "blank `interaction`"},
    )


def test_parquet_is_taken_as_well(store: Store, tmp_path: Path) -> None:
    """Numbers and moments in their own types mean what their texts do."""
    opened(store, tmp_path)
    made = {
        "interaction": [7.0, 8.0],
        "contact": ["c-1", "c-2"],
        "event": "visit.closed",
        "email": ["a@b.example", "c@d.example"],
    }
    table = pd.DataFrame({**made, "at": pd.to_datetime(["2027-04-06T08:00Z", "2027-04-06T09:30Z"])})
    table.to_parquet(tmp_path / "interactions.parquet")
    told = take_file(store, "interactions", tmp_path / "interactions.parquet", at=NOW)
    kept = [(row["event"], row["at"]) for row in rows(store, EVENTS)]
    assert (told.taken, kept) == (2, [("7", "2027-04-06T08:00:00Z"), ("8", "2027-04-06T09:30:00Z")])


SHIFTED = "i-{n},visit.closed,2027-04-06T10:00,c{n}@example.org,north,5,,c-{n}\n"
REFUSED = {
    "another header": ("person,region\nc-1,north\n", "TAK01", 1),
    "bounces": ("interaction,contact,touchpoint,at,message_id\ni,c,visit.closed,2027-04-06T10:00,x\n", "TAK01", 1),
    "shifted": (GOOD + "".join(SHIFTED.format(n=number) for number in range(9, 14)), "TAK03", 5),
    "ragged": (GOOD + "i-4,c-4,visit.closed\n", "DATA14", 5),
    "mixed encodings": (GOOD.encode() + "i-4,zoé,visit.closed,2027-04-06T10:00,,,,\n".encode("cp1252"), "DATA13", 5),
    "no table": (b"\x89PNG\r\n\x1a\n\x00\x00", "DATA13", 1),
    "empty": ("", "DATA11", 0),
    "a header alone": (HEADER, "DATA11", 1),
    "a column twice": (HEADER.replace("wait", "site") + "a,b,c,d,e,f,g,h\n", "DATA16", 1),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_not_what_it_says_is_refused_whole(reader: Store, tmp_path: Path, what: str) -> None:
    """It is said where and why, and not one row of it is taken, nor set aside."""
    opened(reader, tmp_path)
    text, code, line = REFUSED[what]
    with pytest.raises(DataError) as refused:
        taken(reader, tmp_path, text)
    problem = refused.value.problems[0]
    assert (problem.code, problem.where.line if problem.where else None) == (code, line)
    assert (rows(reader, EVENTS), rows(reader, ADDRESSES), (reader.folder / "aside").exists()) == ([], [], False)


def test_a_file_of_one_encoding_that_holds_another_is_refused(reader: Store, tmp_path: Path) -> None:
    """Said to be cp1252, with letters as UTF-8 writes them: every byte can be read, and the names would be wrong."""
    opened(reader, tmp_path)
    with pytest.raises(DataError, match="line 3|:3: error TAK02"):
        taken(reader, tmp_path, GOOD.replace("c-2", "zoé"), encoding="cp1252")


@pytest.mark.parametrize(("kind", "name"), [("addresses", "interactions-1.csv"), ("contacted", "opted-out.csv")])
def test_a_file_named_otherwise_is_refused(reader: Store, tmp_path: Path, kind: str, name: str) -> None:
    """What a name says counts, where columns would fit."""
    with pytest.raises(DataError, match="TAK04"):
        taken(reader, tmp_path, "contact,email,day\nc-1,c@example.org,2027-04-01\n", kind, name)


def test_columns_that_no_study_knows_are_named_once(store: Store, tmp_path: Path) -> None:
    """They are left alone, and said to be."""
    opened(store, tmp_path)
    text = "".join(f"{line},{'shoe' if number == 0 else 43}\n" for number, line in enumerate(GOOD.splitlines()))
    assert taken(store, tmp_path, text).ignored == ("shoe",)


def test_addresses_take_the_place_of_old_ones(store: Store, tmp_path: Path) -> None:
    """What is said replaces what was known, what is not said stays, and a new address is good again."""
    taken(
        store,
        tmp_path,
        "contact,email,phone\nc-1,Old@Example.org,+33 6 12 34 56 78\nc-2,c2@example.org,\n",
        "addresses",
    )
    with to_write(store.field) as connection:
        connection.execute(ADDRESSES.update().values(bad="email sms"))
    text = (
        "contact,email,phone,language\nc-1,new@example.org,,fr\nc-2,c2@example.org,,\nc-3,c3@example.org,12,\nc-4,,,\n"
    )
    told = taken(store, tmp_path, text, "addresses")
    assert [each.state for each in told.rows] == ["taken", "known", "taken", "set aside"]
    assert (told.rows[2].reason, told.rows[3].reason) == ("malformed telephone number", "no address")
    kept = [(row["contact"], row["email"], row["phone"], row["language"], row["bad"]) for row in rows(store, ADDRESSES)]
    assert kept == [
        ("c-1", "new@example.org", "+33612345678", "fr", "sms"),
        ("c-2", "c2@example.org", None, None, "email sms"),
        ("c-3", "c3@example.org", None, None, ""),
    ]


def test_national_numbers_need_their_country(reader: Store, tmp_path: Path) -> None:
    """06… is set aside, and of France where that is said."""
    text = "contact,phone\nc-1,06 12 34 56 78\n"
    first = taken(reader, tmp_path, text, "addresses")
    assert reasons(first) == {
        2: "telephone number without its country: write it with + or 00, or name the country (--country)"
    }
    taken(reader, tmp_path, text, "addresses", country="FR")
    assert [row["phone"] for row in rows(reader, ADDRESSES)] == ["+33612345678"]
    with pytest.raises(DataError, match="TAK00"):
        taken(reader, tmp_path, text, "addresses", country="ES")


def _sent(store: Store, number: int, state: str = "sent") -> str:
    """A message in the outbox; its id in a Message-ID."""
    row = {"wave": "hot", "audience": "customers", "token": b"t", "contact": "c-1", "step": 0, "channel": "email"}
    row |= {"due": "2027-04-01T08:00:00Z", "expires": "2027-04-09T08:00:00Z", "state": state, "reason": "", "tries": 1}
    with to_write(store.field) as connection:
        connection.execute(insert(OUTBOX).values(id=bytes([number]) * 16, **row))
    return f"<{(bytes([number]) * 16).hex()}@survey.example.org>"


def test_bounces_mark_addresses_by_contact_and_by_message(store: Store, tmp_path: Path) -> None:
    """The channel is bad from then on, the message is known not to have arrived, and old bounces of old addresses do nothing."""
    taken(store, tmp_path, "contact,email,phone\nc-1,a@example.org,\nc-2,b@example.org,+33612345678\n", "addresses")
    message = _sent(store, 1)
    text = (
        f"contact,message_id,channel,day,reason\n,{message},email,2027-04-06,550\nc-2,,sms,2027-04-06,\n"
        f"c-2,,email,2027-04-05,old\nc-9,,email,2027-04-06,\n,<ab@x>,email,2027-04-06,\nc-2,,fax,2027-04-06,\n"
        "c-2,,email,2027-04-09,\nc-2,,email,today,\n"
    )
    told = taken(store, tmp_path, text, "bounced")
    assert reasons(told) == {
        4: "the address was changed after that day",
        5: "unknown contact: no address of theirs is known",
        6: "unknown message",
        7: "`channel` is neither email nor sms",
        8: "`day` is in the future",
        9: "`day` is no day, such as 2027-03-04",
    }
    assert [(row["contact"], row["bad"]) for row in rows(store, ADDRESSES)] == [("c-1", "email"), ("c-2", "sms")]
    assert [(row["state"], row["reason"]) for row in rows(store, OUTBOX)] == [("bounced", "bounced")]
    again = taken(store, tmp_path, text, "bounced")
    assert [each.state for each in again.rows[:2]] == ["known", "known"]


def test_opt_outs_by_contact_and_by_address(store: Store, tmp_path: Path) -> None:
    """An address that nobody is known by is kept out as well: whoever comes with it has opted out."""
    text = "contact,email\nc-1,\n,Zoe@Example.org\n,zoe@\nc-1,\n,\n"
    told = taken(store, tmp_path, text, "opted-out")
    assert [each.state for each in told.rows] == ["taken", "taken", "set aside", "taken", "set aside"]
    assert reasons(told) == {4: "malformed e-mail address", 6: "blank: neither `contact` nor `email`"}
    taken(store, tmp_path, "contact,email\nc-7,zoe@example.org\nc-8,b@example.org\n", "addresses")
    with store.field.connect() as connection:
        assert opted_out(connection, ledger_key(store.folder), ["c-1", "c-7", "c-8"]) == {"c-1", "c-7"}
    again = taken(store, tmp_path, text, "opted-out")
    assert [each.state for each in again.rows] == ["known", "known", "set aside", "known", "set aside"]


def test_contacts_made_elsewhere(store: Store, tmp_path: Path) -> None:
    """A day counts once; a moment is its day."""
    text = "contact,day\nc-1,2027-03-01\nc-1,2027-03-01T09:30\nc-2,1 mars\n"
    told = taken(store, tmp_path, text, "contacted")
    assert [(row["contact"], row["day"]) for row in rows(store, CONTACTED)] == [("c-1", "2027-03-01")]
    assert reasons(told) == {4: "`day` is no day, such as 2027-03-04"}
