"""Two fields, equal but for which employees answered, tell the same.

Truth: the same people, keys, addresses and days, once with some answering and once with others; whatever can be read of
the two fields, by a verb, in a file or in a table, is compared whole.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from symmetry import cli
from symmetry.fieldwork.contacts.ledger import ledger_key
from symmetry.fieldwork.contacts.opting import opt_out
from symmetry.fieldwork.sending.links import invitation_out, links_of
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.keeping import open_wave, write_links
from symmetry.fieldwork.store.opening import close, create, links_key, open_store
from symmetry.fieldwork.store.tables import CONTACTED, FIELD
from tests.fieldwork.contacts.past import put, rows_of, utc
from tests.fieldwork.inviting.happenings import study_of
from tests.fieldwork.store.waves import Field, sample_of

PEOPLE = 12
OUT, RESTING = 0, 2  # employees who opted out, and were written to by others; so neither is written to
# Who answers before anybody is written to, after the invitation, and after the first reminder; of each site as many, and by
# each reminder as many of those who can be reached.
ANSWERING = {"one": ((OUT, 1), (4,), (6,)), "other": ((RESTING, 3, 8), (), (10,))}
DAYS = ("2027-03-01", "2027-03-05", "2027-03-10")


def person(number: int) -> str:
    """An employee."""
    return f"e-{number:03d}"


@pytest.fixture
def fields(tmp_path: Path) -> Iterator[dict[str, Field]]:
    """Two rehearsals of a cold wave, one the copy of the other; nobody has answered."""
    study = study_of(tmp_path, channels="qr")
    first = create(tmp_path / "one" / "field")
    samples = [sample_of(audience, PEOPLE) for audience in ("customers", "employees")]
    day = date(2027, 3, 1)
    open_wave(first, study, "cold", samples, on=day, rehearse_on=day)
    write_links(first, "cold", "employees")
    put(first, CONTACTED, contact=f"{person(RESTING)}@example.org", day="2027-02-20")
    with to_write(first.field) as connection:
        opt_out(connection, ledger_key(first.folder), [f"{person(OUT)}@example.org"], utc("2027-03-01 09:00"), "page")
    settings = first.folder / "sending.yaml"
    settings.write_text("address: https://survey.example.org\n")
    settings.chmod(0o600)
    close(first)
    shutil.copytree(tmp_path / "one", tmp_path / "other")
    stores = {name: open_store(tmp_path / name / "field") for name in ANSWERING}
    yield {name: Field(store, study, links_key(store.folder)) for name, store in stores.items()}
    for store in stores.values():
        close(store)


def answer(field: Field, numbers: tuple[int, ...], day: str) -> None:
    """Some employees answer everything on a day."""
    for number in numbers:
        field.post(person(number), 1, datetime.fromisoformat(f"{day}T12:00+01:00"), recommend="9")
        sent = field.post(person(number), 2, datetime.fromisoformat(f"{day}T12:00+01:00"), listened="4")
        assert sent.kind == "complete"


def told(field: Field, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """What verbs print, with the place of the store left out."""
    store = str(field.store.folder)
    verbs = [["explain", f"{person(number)}@example.org"] for number in range(PEOPLE)] if not words else []
    verbs += [["status"], ["status", "--format", "json"], ["contacted", "--out", f"{store}/contacted.csv"]]
    found = []
    for verb in [list(words)] if words else verbs:
        code = cli.main(["field", *verb, "--store", store])
        out, err = capsys.readouterr()
        found.append(f"{verb[0]} {code} {out} {err}".replace(store, "FIELD"))
    if not words:
        found.append((field.store.folder / "contacted.csv").read_text())
    return found


def way_out(field: Field) -> str:
    """The letters by which one employee opts out."""
    with to_write(field.store.field) as connection:
        links = links_of(connection, field.key, "cold", "employees", person(1), "https://survey.example.org")
    return links.out.rpartition("/")[2]


def kept(field: Field) -> dict[str, Any]:
    """Every file and every row of the field; but the databases as files, and the key of a box that is locked no more."""
    store = field.store
    files = {path for path in store.folder.rglob("*") if path.is_file() and ".sqlite" not in path.name}
    found: dict[str, Any] = {str(path.relative_to(store.folder)): path.read_bytes() for path in files}
    for table in FIELD.sorted_tables:
        rows = [{name: cell for name, cell in row.items() if name != "public"} for row in rows_of(store, table)]
        found[f"table {table.name}"] = sorted(map(str, rows))
    return found


def test_nothing_tells_which_employees_answered(fields: dict[str, Field], capsys: pytest.CaptureFixture[str]) -> None:
    """While the wave runs no verb does; once it is closed, no file and no table either, and the way out still leads out."""
    for day, halves in zip(DAYS, zip(*ANSWERING.values(), strict=True), strict=True):
        for field, numbers in zip(fields.values(), halves, strict=True):
            answer(field, numbers, day)
        runs = [told(field, capsys, "run", "--at", day) for field in fields.values()]
        assert runs[0] == runs[1], day
        one, other = (told(field, capsys) for field in fields.values())
        assert one == other, day
    ways = [way_out(field) for field in fields.values()]
    closes = [told(field, capsys, "close", "cold") for field in fields.values()]
    assert closes[0] == closes[1]
    one, other = (told(field, capsys) for field in fields.values())
    assert one == other
    left, there = (kept(field) for field in fields.values())
    assert left == there
    assert {"contacted.csv", "closed-cold.json", "table outbox"} <= left.keys()
    with fields["one"].store.field.connect() as connection:
        assert invitation_out(connection, ways[0]) == (f"{person(1)}@example.org", True)
