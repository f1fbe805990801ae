"""A wave of employees at some sites, who answer one after the other and leave a mark by which a test knows them.

The mark is the truth that an attacker looks for: nobody but the test knows whose it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from symmetry import spec
from symmetry.fieldwork.nouns import Sample
from symmetry.fieldwork.store import keeping
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import links_key
from tests.fieldwork.store.waves import OPENED, STUDY, Field

LAST = date(2027, 4, 30)
"""The last day of the wave."""


@dataclass(frozen=True)
class Staff:
    """The wave, who works where, and whose mark is whose."""

    field: Field
    site: Mapping[str, str]
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """Where it is."""
        return self.field.store

    def begin(self, *persons: str, day: int = 0) -> None:
        """Have people fill in the first page, in one batch."""
        self.field.send(*(self.field.submission(person, 1, _noon(day), recommend="3") for person in persons))

    def finish(self, *persons: str, day: int = 0) -> None:
        """Have people who began send the last page, in one batch, so many days after the opening."""
        for person in persons:
            self.marks[person] = secrets.token_hex(12)
        last = [self.field.submission(person, 2, _noon(day), why=self.marks[person]) for person in persons]
        assert [outcome.kind for outcome in self.field.send(*last)] == ["complete"] * len(persons)

    def of(self, site: str) -> list[str]:
        """The people of a site."""
        return [person for person, where in self.site.items() if where == site]


def night(day: int) -> datetime:
    """Half an hour after the end of a day, counted from the opening, in the time zone of the wave."""
    return datetime(2027, 3, 1, 23, 30, tzinfo=UTC) + timedelta(days=day)


def _noon(day: int) -> datetime:
    return night(day) - timedelta(hours=12)


def staff_of(store: Store, folder: Path, sites: Mapping[str, int], *, promise: str = "confidential") -> Staff:
    """Open the wave for so many employees of each site."""
    text = STUDY.replace("values: {north: {fr: Nord, en: North}, south: {fr: Sud, en: South}}", "type: text")
    text = text.replace("2027-03-21", LAST.isoformat())
    text = text.replace("{customers: CUSTOMERS, employees: EMPLOYEES}", "{employees: census}").replace(
        "PROMISE", promise
    )
    home = folder / "small"
    home.mkdir(parents=True)
    (home / "study.yaml").write_text(text, encoding="utf-8")
    study = spec.load(home)
    at = [name for name, people in sites.items() for _ in range(people)]
    persons = [f"e-{number:03d}" for number in range(len(at))]
    units = pd.DataFrame(
        {
            "person": persons,
            "contact": [f"{person}@example.org" for person in persons],
            "stratum": "",
            "psu": "",
            "probability": 1.0,
            "given": 1.0,
            "drawn": True,
            "reason": "",
            "site": at,
        }
    )
    keeping.open_wave(store, study, "cold", [Sample("small", "cold", "employees", units, {})], on=OPENED)
    return Staff(Field(store, study, links_key(store.folder)), dict(zip(persons, at, strict=True)))
