"""The verbs take, key and case, as somebody types them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from symmetry.cli import main
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import close, create
from symmetry.fieldwork.store.tables import CALLERS, CASES, EVENTS
from tests.fieldwork.cases.calling import OPENED, field_on, finish
from tests.fieldwork.store.waves import Field
from tests.fieldwork.taking.hot import GOOD, opened, rows, written


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store on files; the verbs open it by themselves."""
    made = create(tmp_path / "field")
    yield made
    close(made)


def run(*words: object) -> int:
    """A verb of the field."""
    return main(["field", *(str(word) for word in words)])


def test_take_tells_counts_reasons_and_the_file_of_what_is_left(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0 with rows set aside, their file on stdout; 1 where a file is refused, and the other files are taken."""
    opened(store, tmp_path)
    text = GOOD.replace("2027-04-0", "2026-04-0") + "i-9,c-9,shoe,2026-04-06T10:00,,,,\n" * 2
    bad = written(tmp_path, "interactions-2.csv", "who\nc-1\n")
    good = written(tmp_path, "interactions-1.csv", text)
    assert run("take", "interactions", bad, good, "--store", store.folder) == 1
    out = capsys.readouterr()
    assert "TAK01" in out.err
    assert "interactions-1.csv: 3 interactions taken, 0 known already, 2 set aside" in out.err
    assert "row 5 and 1 more: set aside: unknown touchpoint: one of: visit.closed, visit.welcome" in out.err
    assert Path(out.out.strip()).read_text("utf-8").count("\n") == 3
    assert run("take", "interactions", good, "--store", store.folder) == 0
    assert len(rows(store, EVENTS)) == 3


def test_key_is_shown_once_and_revoked(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """The key alone on stdout; a name that is none is refused."""
    assert run("key", "crm", "--store", store.folder) == 0
    assert len(capsys.readouterr().out.strip()) == 43
    assert run("key", "CRM 2", "--store", store.folder) == 1
    assert [row["name"] for row in rows(store, CALLERS)] == ["crm"]
    assert run("key", "crm", "--revoke", "--store", store.folder) == 0
    assert rows(store, CALLERS) == []


@pytest.fixture
def field(store: Store, tmp_path: Path) -> Field:
    """A rehearsal with one case of a detractor."""
    made = field_on(store, tmp_path, rehearse_on=OPENED)
    finish(made, "c-000", 0, 5)
    return made


def test_case_list_show_called_and_close(field: Field, capsys: pytest.CaptureFixture[str]) -> None:
    """From the list to the closed case, in words and as JSON."""
    folder, name = field.store.folder, field.rows(CASES)[0]["case"]
    assert run("case", "list", "--store", folder) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split("\t")[:3] == ["case", "wave", "alert"]
    expected = [
        name,
        "cold",
        "detractor",
        "manager",
        "north",
        "call back",
        "2027-03-02 11:00 UTC",
        "24 h 00 min left",
        "",
    ]
    assert line.split("\t") == expected
    assert run("case", "show", name, "--store", folder) == 0
    shown = capsys.readouterr().out.splitlines()
    assert {"contact: c-000@example.org", "Recommanderiez-vous notre entreprise à un proche ?: 0"} <= set(shown)
    assert not any("slow" in each for each in shown)
    assert run("case", "called", name, "--by", "Zoé", "--store", folder, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["called_back"] == "2027-03-01T11:00:00Z"
    assert run("case", "close", name, "--store", folder) == 0
    assert run("case", "close", name, "--store", folder) == 0
    assert f"case {name} was closed before, on 2027-03-01 11:00 UTC" in capsys.readouterr().err
    assert run("case", "list", "--store", folder, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run("case", "list", "--all", "--store", folder, "--format", "json") == 0
    assert [(each["case"], each["by"], each["late_hours"]) for each in json.loads(capsys.readouterr().out)] == [
        (name, "Zoé", 0.0)
    ]
    assert run("case", "show", "nothing2", "--store", folder) == 1


def test_late_cases_say_so_in_words(field: Field, capsys: pytest.CaptureFixture[str]) -> None:
    """The rehearsal goes on to a day when both clocks have run out."""
    with field.store.field.begin() as connection:
        connection.exec_driver_sql("UPDATE waves SET rehearsal = '2027-03-04'")
    assert run("case", "list", "--late", "--owner", "manager", "--store", field.store.folder) == 0
    assert "LATE by 2 d 0 h" in capsys.readouterr().out
    assert run("case", "list", "--late", "--owner", "quality", "--store", field.store.folder) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
