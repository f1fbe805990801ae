"""Time spent: added page by page, never twice, and of employees not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import DRAFTS, FIELD, RESPONSES
from tests.fieldwork.store.waves import Field, field_on, study_with


@pytest.fixture
def field(store: Store, tmp_path: Path) -> Field:
    """The wave, open for twelve customers and twelve employees."""
    return field_on(store, study_with(tmp_path))


def spend(field: Field, seconds: int | None, page: int = 1, person: str = "c-000", **fields: str) -> int | None:
    """Post a page after some seconds; what the store knows then."""
    field.send(replace(field.submission(person, page, **fields), seconds=seconds))
    return kept(field)


def kept(field: Field) -> int | None:
    """The seconds in the store."""
    rows = field.rows(RESPONSES)
    return int(rows[0]["seconds"]) if rows and rows[0]["seconds"] is not None else None


def test_pages_add_up(field: Field) -> None:
    """Two pages are the sum of both; a browser that says nothing leaves what is there; a break counts as half an hour."""
    assert spend(field, None, recommend="3") is None
    assert spend(field, 20, recommend="4") == 20
    assert spend(field, None, recommend="5") == 20
    assert spend(field, 5000, 2, listened="4") == 1820


def test_a_page_sent_twice_counts_once(field: Field) -> None:
    """In one batch, later, and after the end; a correction counts, for it took its time."""
    first = replace(field.submission("c-000", recommend="3"), seconds=10)
    field.send(first, first)
    field.send(first)
    assert kept(field) == 10
    assert spend(field, 7, recommend="2") == 17
    last = replace(field.submission("c-000", 2, listened="4"), seconds=5)
    assert [each.kind for each in field.send(last, last)] == ["complete", "complete"]
    field.send(last)
    assert kept(field) == 22


def test_a_page_with_a_fault_counts_with_the_next_one(field: Field) -> None:
    """Nothing is recorded of it, so neither is its time."""
    assert spend(field, 10, recommend="3") == 10
    assert spend(field, 10, 2, listened="9") == 10
    assert spend(field, -5, 2, listened="4") == 10


def test_who_refuses_takes_their_time_along(field: Field) -> None:
    """It stands with the answers, and goes with them."""
    spend(field, 10, recommend="3")
    field.post("c-000", action="refuse")
    assert field.rows(RESPONSES) == []
    assert spend(field, 4, recommend="3") == 4


def test_of_employees_no_time_is_kept(field: Field) -> None:
    """Neither while they answer nor afterwards is there a number of seconds in any table."""
    spend(field, 1234, person="e-000", recommend="3")
    assert len(field.rows(DRAFTS)) == 1
    spend(field, 1234, 2, person="e-000", listened="3")
    assert [row for table in FIELD.sorted_tables for row in field.rows(table) if 1234 in row.values()] == []
    assert field.rows(RESPONSES) == []
