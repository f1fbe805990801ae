"""A wave of customers whose answers raise alerts: people, answers, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from symmetry.fieldwork.store import keeping
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.opening import links_key
from tests.fieldwork.store.waves import NOON, Field, sample_of
from tests.fieldwork.taking.hot import study_in

OPENED = date(2027, 3, 1)


def field_on(store: Store, folder: Path, *, people: int = 12, rehearse_on: date | None = None) -> Field:
    """Open the cold wave of the study with alerts, for so many customers and as many employees."""
    study = study_in(folder)
    samples = [sample_of(audience, people) for audience in ("customers", "employees")]
    samples = [replace(each, units=each.units.assign(wait=7.0)) for each in samples]
    keeping.open_wave(store, study, "cold", samples, on=OPENED, rehearse_on=rehearse_on)
    return Field(store, study, links_key(store.folder))


def finish(field: Field, person: str, recommend: int, listened: int | str, at: datetime = NOON) -> None:
    """Answer both pages."""
    assert field.post(person, recommend=str(recommend), at=at).kind == "saved"
    why = {"why": "Too slow"} if recommend <= 6 else {}
    assert field.post(person, 2, listened=str(listened), at=at, **why).kind == "complete"
