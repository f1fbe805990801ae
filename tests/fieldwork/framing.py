"""A small frame and a study that draws from it, for tests of draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from symmetry.fieldwork.frames import Frame
from symmetry.spec import Item, Study
from symmetry.spec.running import Contact, Sampling
from tests.studies import tiny_study

__all__ = ["DAY", "days_on", "frame_of", "people", "study_of"]

DAY = date(2027, 1, 4)


def days_on(count: int) -> date:
    """A day so many days after the first."""
    return DAY + timedelta(days=count)


def study_of(
    sampling: Sampling | Mapping[str, Sampling],
    *,
    quarantine: float | None = None,
    most: int | None = None,
    items: Sequence[Item] = (),
) -> Study:
    """The tiny study with cold waves that draw customers so; rests in days."""
    given = sampling if isinstance(sampling, Mapping) else {"cold": sampling}
    study = tiny_study()
    waves = {
        key: replace(study.waves["cold"], key=key, sampling={"customers": each, "employees": each})
        for key, each in given.items()
    }
    hours = None if quarantine is None else 24.0 * quarantine
    visits = Item("visits", "frame", {"en": "Visits"}, numeric=True, audiences=("customers",))
    more = {item.key: item for item in (visits, *items)}
    return replace(study, items={**study.items, **more}, waves=waves, contact=Contact(hours, most))


def people(count: int = 48) -> pd.DataFrame:
    """Customers in branches of unequal size, regions, channels, and how often they came."""
    branch = [f"b{int((number / 7) ** 1.4)}" for number in range(count)]
    numbers = {name: order for order, name in enumerate(dict.fromkeys(branch))}
    return pd.DataFrame({
        "person": [f"c{number:04d}" for number in range(count)],
        "region": ["north" if numbers[name] % 3 else "south" for name in branch],
        "channel": ["app" if number % 5 < 2 else "branch" for number in range(count)],
        "branch": branch,
        "visits": [1.0 + (number * 7) % 11 for number in range(count)],
    })  # fmt: skip


def frame_of(rows: pd.DataFrame, *, kind: Any = "people", **changed: Any) -> Frame:
    """A frame as it would be read from a file of these rows."""
    rows = rows.sort_values("person", kind="stable").reset_index(drop=True)
    for name, cells in (("contact", rows["person"]), ("event", "")):
        if name not in rows:
            rows.insert(1, name, cells)
    return Frame(Path("frame.csv"), "0" * 64, kind, "customers", rows, **changed)
