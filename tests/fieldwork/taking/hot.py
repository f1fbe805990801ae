"""A study with a hot wave, a journey, an owner and an alert, and files that say what happened to its customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from symmetry import spec
from symmetry.fieldwork.store.keeping import open_wave
from symmetry.fieldwork.store.nouns import Store
from symmetry.spec import Study
from tests.fieldwork.store import waves

NOW = datetime(2027, 4, 6, 12, tzinfo=UTC)
HOT = """\
  hot:
    kind: hot
    after: visit.closed
    delay: 2h
    audiences: [customers]
    items: [recommend, why, listened]
    sample: {customers: {size: 500}}
contact: {tz: Europe/Paris, hours: 09:00-19:30, channels: CHANNELS}
journeys:
  visit:
    name: {fr: Venir, en: Visiting}
    moments:
      welcome:
        channel: branch
        name: {fr: L'accueil, en: The welcome}
        emotion: {fr: Se sentir attendu, en: To feel expected}
        rituals: [{fr: On se lève., en: We stand up.}]
        cues: [{fr: Un siège libre, en: A free seat}]
owners:
  manager:
    name: {fr: Directeur, en: Manager}
    sees: [alerts]
    of: [customers]
    within: site
  quality:
    name: {fr: Qualité, en: Quality}
    sees: [alerts, verbatims]
    of: [customers]
"""
ALERTS = """\
  alerts:
    detractor: {when: recommend <= 4, owner: manager, call_back: 24h, close: 48h, escalate: quality}
    unheard: {when: listened <= 2 and site == "north", owner: quality, call_back: 12h, close: 72h}
"""
ITEMS = """\
  wait:
    role: frame
    label: {fr: Attente, en: Wait}
    type: number
waves:
"""
HEADER = "interaction,contact,touchpoint,at,channel,site,wait,email\n"
GOOD = HEADER + (
    "i-1,c-1,visit.closed,2027-04-06T10:00,branch,north,5,c1@example.org\n"
    "i-2,c-2,visit.closed,2027-04-06T11:00+02:00,branch,south,,c2@example.org\n"
    "i-3,c-3,visit.welcome,2027-04-05 18:00,,,,c3@example.org\n"
)


def study_in(folder: Path, *, channels: str = "[email, sms]") -> Study:
    """The study, read from a folder."""
    home = folder / "hot"
    home.mkdir(parents=True, exist_ok=True)
    text = waves.STUDY.replace("CUSTOMERS", "census").replace("EMPLOYEES", "census").replace("PROMISE", "anonymous")
    text = text.replace("2027-03-21", "2027-04-11")
    text = text.replace("waves:\n", ITEMS).replace("contact: {tz: Europe/Paris}\n", HOT.replace("CHANNELS", channels))
    (home / "study.yaml").write_text(text + ALERTS, encoding="utf-8")
    return spec.load(home)


def opened(store: Store, folder: Path, *, channels: str = "[email, sms]") -> Study:
    """Open the hot wave, which follows events."""
    study = study_in(folder, channels=channels)
    open_wave(store, study, "hot", [], on=date(2027, 4, 1))
    return study


def written(folder: Path, name: str, text: str | bytes, encoding: str = "utf-8") -> Path:
    """A file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def rows(store: Store, table: Table) -> list[dict[str, Any]]:
    """Everything in a table, by its first column."""
    with store.field.connect() as connection:
        found = connection.execute(select(table)).mappings()
        return sorted((dict(row) for row in found), key=lambda row: str(next(iter(row.values()))))


def event(number: int, **other: Any) -> Mapping[str, Any]:
    """An event as a system posts it."""
    base = {
        "interaction": f"p-{number}",
        "contact": f"c-{number}",
        "touchpoint": "visit.closed",
        "at": "2027-04-06T08:00Z",
    }
    return base | {"channel": "branch", "site": "north", "email": f"c{number}@example.org"} | other
