"""A small wave to record answers in: a routed question, two audiences at two sites, quotas where a test wants some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Table, select

from symmetry import spec
from symmetry.fieldwork.asking.nouns import Outcome, Standing, Submission
from symmetry.fieldwork.nouns import Sample
from symmetry.fieldwork.store import keeping
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import links_key
from symmetry.fieldwork.store.recording import record
from symmetry.fieldwork.store.standing import standing_of
from symmetry.fieldwork.store.tables import SEALED
from symmetry.fieldwork.store.tokens import hash_of, secret_of, token_of
from symmetry.spec import Study

NOON = datetime(2027, 3, 4, 12, tzinfo=UTC)
OPENED = date(2027, 3, 1)
STUDY = """\
symmetry: 1
study: small
title: {fr: Petite, en: Small}
languages: [fr, en]
audiences:
  customers: {fr: Clients, en: Customers}
  employees: {fr: Salariés, en: Employees}
promise:
  near: {fr: Proches, en: Near}
scales:
  agree5:
    type: likert
    points: 5
    boxes: 2
    missing: {na: 0}
    ends: {fr: [Pas d'accord, D'accord], en: [Disagree, Agree]}
  nps:
    type: nps
    ends: {fr: [Certainement pas, Certainement], en: [Not at all likely, Extremely likely]}
items:
  recommend:
    role: outcome
    scale: nps
    label: {fr: Recommandation, en: Recommendation}
    customer: {fr: Recommanderiez-vous notre entreprise à un proche ?, en: Would you recommend our company to a friend?}
    employee: {fr: Recommanderiez-vous notre entreprise à un proche ?, en: Would you recommend our company to a friend?}
    mirror: {employee: literal}
  why:
    role: verbatim
    ask_if: recommend <= 6
    label: {fr: Pourquoi, en: Why}
    customer: {fr: Qu'est-ce qui explique votre note ?, en: What explains your score?}
    employee: {fr: Qu'est-ce qui explique votre note ?, en: What explains your score?}
  listened:
    role: driver
    promise: near
    scale: agree5
    label: {fr: Écoute, en: Listening}
    customer: {fr: "L'entreprise m'écoute.", en: The company listens to me.}
    employee: {fr: "L'entreprise m'écoute.", en: The company listens to me.}
    mirror: {employee: parallel}
  site:
    role: frame
    label: {fr: Site, en: Site}
    values: {north: {fr: Nord, en: North}, south: {fr: Sud, en: South}}
waves:
  cold:
    kind: cold
    window: 2027-03-01..2027-03-21
    audiences: [customers, employees]
    items: all
    sample: {customers: CUSTOMERS, employees: EMPLOYEES}
  next:
    kind: cold
    window: 2027-06-01..2027-06-21
    audiences: [customers]
    items: all
    sample: {customers: census}
contact: {tz: Europe/Paris}
privacy: {min_cell: 10, employees: PROMISE}
plan:
  outcome: recommend
  drivers: [listened]
"""


def study_with(
    folder: Path, *, customers: str = "census", employees: str = "census", promise: str = "anonymous"
) -> Study:
    """The study, with the samples and the promise to employees that a test wants."""
    home = folder / "small"
    home.mkdir(parents=True, exist_ok=True)
    text = STUDY.replace("CUSTOMERS", customers).replace("EMPLOYEES", employees).replace("PROMISE", promise)
    (home / "study.yaml").write_text(text, encoding="utf-8")
    return spec.load(home)


def sample_of(audience: str, people: int = 12, *, wave: str = "cold", drawn: int | None = None) -> Sample:
    """Some people, at the north and the south site in turn; the last ones are not drawn where fewer are wanted."""
    persons = [f"{audience[0]}-{number:03d}" for number in range(people)]
    sites = [("north", "south")[number % 2] for number in range(people)]
    taken = [number < (people if drawn is None else drawn) for number in range(people)]
    units = pd.DataFrame(
        {
            "person": persons,
            "contact": [f"{person}@example.org" for person in persons],
            "stratum": sites,
            "psu": "",
            "probability": 0.25,
            "given": 0.25,
            "drawn": taken,
            "reason": ["" if each else "resting" for each in taken],
            "site": sites,
        }
    )
    return Sample("small", wave, audience, units, {})


@dataclass(frozen=True)
class Field:
    """An open wave, and what the test does to it."""

    store: Store
    study: Study
    key: bytes

    def token(self, person: str) -> str:
        """The token of somebody: c-… is a customer, e-… an employee."""
        return token_of(self.key, "cold", {"c": "customers", "e": "employees"}[person[0]], person)

    def submission(self, person: str, page: int = 1, at: datetime = NOON, **fields: str | Sequence[str]) -> Submission:
        """A posted page; `action` and `language` are no fields."""
        token = self.token(person)
        action, language = fields.pop("action", "next"), fields.pop("language", "fr")
        posted = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in fields.items()}
        made: Mapping[str, Any] = {"action": action, "language": language}
        return Submission(hash_of(token), secret_of(token), page, fields=posted, at=at, **made)

    def send(self, *submissions: Submission) -> list[Outcome]:
        """Record a batch and commit it."""
        with to_write(self.store.field) as connection:
            return record(connection, self.store, submissions)

    def post(self, person: str, page: int = 1, at: datetime = NOON, **fields: str | Sequence[str]) -> Outcome:
        """Record one posted page."""
        return self.send(self.submission(person, page, at, **fields))[0]

    def standing(self, person: str, at: datetime = NOON) -> Standing:
        """Where somebody stands."""
        token = self.token(person)
        with self.store.field.connect() as connection:
            return standing_of(connection, self.store, hash_of(token), secret_of(token), at)

    def rows(self, table: Table) -> list[Mapping[str, Any]]:
        """Everything in a table."""
        engine = self.store.sealed if table.metadata is SEALED else self.store.field
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(select(table)).mappings()]


def field_on(store: Store, study: Study, *, people: int = 12) -> Field:
    """Open the cold wave for so many customers and as many employees."""
    keeping.open_wave(store, study, "cold", [sample_of("customers", people), sample_of("employees", people)], on=OPENED)
    return Field(store, study, links_key(store.folder))
