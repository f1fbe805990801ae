"""The attack: somebody holds both databases and wants to know who said what.

Hundreds of employees answer in random order over five days through the real code: record, release every night, close.  The
attacker knows who works where, who answered and on which day (the roster of a confidential wave tells), and joins people and
answers by whatever order he finds.  Truth: the mark that each person left in the answers.  Chance: within a group of people and
answers that nothing tells apart, one of a random pairing is right on average, so chance is the number of such groups over the
number of answers.  The same attacks on a store that numbers its rows re-link everybody, so that a failure here would be seen.
"""

from __future__ import annotations

import random
import secrets
import shutil
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from math import sqrt
from pathlib import Path

import pytest
from sqlalchemy import text

from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import close, create
from symmetry.fieldwork.store.tables import ANSWERS, FIELD, HOLDING, INVITATIONS, SEALED
from tests.fieldwork.store.attacking import SITES, Field, Tally, as_stored, attack, by_place, fielded
from tests.fieldwork.store.employees import staff_of


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory, where a thousand commits cost nothing."""
    room = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="symmetry-relinking-", dir=room if room.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def trials(databases: Callable[[], dict[str, str]], memory: Path) -> Iterator[Callable[..., Field]]:
    """Run a wave to its close, on SQLite or PostgreSQL; as often as wanted."""
    made: list[Store] = []

    def run(number: int, promise: str = "confidential", share: float = 0.8) -> Field:
        made.append(create(memory / f"store-{len(made)}", **databases()))
        staff = staff_of(made[-1], memory / f"study-{len(made)}", SITES, promise=promise)
        return fielded(staff, random.Random(number), share)

    yield run
    for store in made:
        close(store)


def printed(store: Store, tallies: Mapping[str, Tally], trials: int) -> None:
    """What the attacks achieved (`pytest -s`)."""
    print(f"\n{store.field.dialect.name}, {trials} x {sum(SITES.values())} employees")
    for name, tally in tallies.items():
        print(f"  {name:32} re-linked {tally.rate:6.2%}  chance {tally.chance:6.2%}  of {tally.guesses}")


def relink(trials: Callable[..., Field], number: int) -> dict[str, Tally]:
    """Attack so many waves."""
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for trial in range(number):
        run = trials(trial)
        attack(run, tallies)
        assert sum(tally.guesses for tally in tallies.values()) == (trial + 1) * len(run.day) * len(tallies)
    printed(run.staff.store, tallies, number)
    return dict(tallies)


def test_nobody_is_relinked_better_than_by_chance(trials: Callable[..., Field]) -> None:
    """A few waves: no attack beats chance by more than a point and four standard errors."""
    for name, tally in relink(trials, 3).items():
        assert tally.rate <= tally.chance + 0.01 + 4 * tally.error, name


@pytest.mark.slow
def test_nobody_is_relinked_better_than_by_chance_in_many_waves(trials: Callable[..., Field]) -> None:
    """Twenty-five waves of 400 employees: no attack beats chance by more than one point."""
    for name, tally in relink(trials, 25).items():
        assert tally.rate <= tally.chance + 0.01, name


@pytest.mark.parametrize("answers_by", ["rowid", "at"])
def test_the_same_attack_relinks_everybody_on_a_store_that_numbers_its_rows(tmp_path: Path, answers_by: str) -> None:
    """The control: answers without a name, but with a row number or a time, beside a roster with the time of completion."""
    staff = {f"{site}-{number:03d}": site for site, people in SITES.items() for number in range(people)}
    order = random.Random(1).sample(list(staff), int(0.8 * len(staff)))
    marks = {person: secrets.token_hex(12) for person in order}
    with closing(sqlite3.connect(tmp_path / "naive.sqlite")) as naive:
        naive.execute("CREATE TABLE roster (person TEXT PRIMARY KEY, at INTEGER)")
        naive.execute("CREATE TABLE answers (key TEXT, at INTEGER, mark TEXT)")
        for moment, person in enumerate(order):
            naive.execute("INSERT INTO roster VALUES (?, ?)", (person, moment))
            naive.execute("INSERT INTO answers VALUES (?, ?, ?)", (secrets.token_hex(8), moment + 1, marks[person]))
        people = [person for (person,) in naive.execute("SELECT person FROM roster ORDER BY at")]
        found = {
            "rowid": "SELECT mark FROM answers ORDER BY rowid",
            "at": "SELECT mark FROM answers ORDER BY at",
        }[answers_by]
        guessed = dict(zip(people, (mark for (mark,) in naive.execute(found)), strict=True))
    assert guessed == marks


def raw(store: Store, name: str) -> bytes:
    """Every byte of one database: the file with its log, or the files of its tables on PostgreSQL."""
    if store.embedded:
        return b"".join(path.read_bytes() for path in sorted(store.folder.glob(f"{name}.sqlite*")))
    engine, tables = (store.field, FIELD) if name == "field" else (store.sealed, SEALED)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
        files = (
            "SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class WHERE relname = :name OR oid = (SELECT \
            reltoastrelid FROM pg_class WHERE relname = :name AND relkind = 'r' LIMIT 1)"
        )
        found = [connection.scalars(text(files), {"name": table}).all() for table in tables.tables]
    return b"".join(bytes(each) for some in found for each in some)


@pytest.mark.parametrize("promise", ["confidential", "anonymous"])
def test_no_byte_of_either_database_names_the_other(trials: Callable[..., Field], promise: str) -> None:
    """After the close: no person, contact or token in the sealed bytes; no word and no key of an answer in the field's."""
    run = trials(7, promise)
    field_bytes, sealed_bytes = (raw(run.staff.store, name) for name in ("field", "sealed"))
    roster = run.staff.field.rows(INVITATIONS)
    names = [name for row in roster for name in (row["person"].encode(), row["contact"].encode(), row["token"])]
    names += [run.staff.field.token(row["person"]).encode() for row in roster]
    names += [row["key"] for evening in run.evenings for row in evening.holding]
    assert [name for name in names if name in sealed_bytes] == []
    assert all(row["token"] in field_bytes and row["contact"].encode() in field_bytes for row in roster)
    answers = run.staff.field.rows(ANSWERS)
    words = [mark.encode() for mark in run.staff.marks.values()] + [row["key"] for row in answers]
    assert [word for word in words if word in field_bytes] == []
    assert all(mark.encode() in sealed_bytes for mark in run.staff.marks.values())


def test_no_word_of_an_answer_stands_in_the_field_s_database_at_any_time(store: Store, tmp_path: Path) -> None:
    """Neither drafts nor boxes nor the log show it, before any release."""
    staff = staff_of(store, tmp_path, {"north": 20})
    staff.begin(*staff.site)
    staff.finish(*list(staff.site)[:15])
    found = raw(store, "field")
    assert [mark for mark in staff.marks.values() if mark.encode() in found] == []
    assert staff.field.rows(HOLDING)[0]["box"][100:400] in found  # a box lies there in pieces


def test_the_roster_of_an_anonymous_wave_does_not_tell_who_answered(trials: Callable[..., Field]) -> None:
    """No state, day, transaction or place of a row tells: whoever lies first or last answered no more often than others."""
    run = trials(11, "anonymous", 0.5)
    rows = run.staff.field.rows(INVITATIONS)
    assert {(row["state"], row["day"]) for row in rows} == {("asked", None)}
    many = len(run.day)
    for order in (as_stored(run.staff.store)[0], by_place(run.staff.store)[0]):
        for guessed in (order[:many], order[-many:]):
            right = len(set(guessed) & set(run.day)) / many
            print(
                f"\n{run.staff.store.field.dialect.name}: who answered is guessed for {right:.1%}, chance {many / len(order):.1%}"
            )
            assert right <= many / len(order) + 0.01 + 4 * sqrt(0.125 / many)
