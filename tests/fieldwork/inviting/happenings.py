"""A study with a hot and a cold wave, people with addresses, and events that happen to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, select

from symmetry import spec
from symmetry.fieldwork.store import keeping
from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import ADDRESSES, EVENTS, FIELD, SEALED
from symmetry.fieldwork.timing import local_moment, stamp
from symmetry.spec import Study
from tests.fieldwork.store.waves import STUDY

OPENED = date(2027, 3, 1)
DAY = datetime(2027, 3, 4, 12, tzinfo=UTC)
_JOURNEYS = """\
journeys:
  visit:
    name: {fr: La visite, en: The visit}
"""
_HOT = """\
  hot:
    kind: hot
    after: visit.closed
    delay: 2h
    ARMS
    audiences: [customers]
    items: [recommend, why, listened]
    sample: {customers: HOT}
    open_for: 7d
    reminders: [2d]
"""
_CONTACT = "contact: {quarantine: 90d, max_per_year: 4, hours: 09:00-19:30, tz: Europe/Paris, channels: [CHANNELS]}"


def study_of(
    folder: Path,
    *,
    hot: str = "census",
    arms: str = "",
    channels: str = "email, sms",
    contact: str | None = None,
    items: str = "",
) -> Study:
    """The small study of the store's tests, with a hot wave, reminders in the cold one, and contact rules."""
    text = STUDY.replace("items:\n", f"{_JOURNEYS}items:\n{items}", 1)
    text = text.replace("waves:\n", "waves:\n" + _HOT.replace("HOT", hot).replace("ARMS", arms or "# no arms"))
    for word, value in (("CUSTOMERS", "census"), ("EMPLOYEES", "census"), ("PROMISE", "anonymous")):
        text = text.replace(word, value)
    text = text.replace("    items: all\n", "    items: all\n    reminders: [4d, 9d]\n")
    rules = _CONTACT.replace("CHANNELS", channels) if contact is None else contact
    text = text.replace("contact: {tz: Europe/Paris}", rules)
    home = folder / "small"
    home.mkdir(parents=True, exist_ok=True)
    (home / "study.yaml").write_text(text, encoding="utf-8")
    return spec.load(home)


def open_hot(store: Store, study: Study, *, on: date = OPENED) -> keeping.Opened:
    """Open the hot wave for events to come."""
    return keeping.open_wave(store, study, "hot", [], on=on)


def reach(store: Store, contacts: Iterable[str]) -> None:
    """Give people an e-mail address."""
    rows = [
        {
            "contact": contact,
            "email": f"{contact}@example.org".replace("@example.org@", "@"),
            "bad": "",
            "day": "2027-03-01",
        }
        for contact in contacts
    ]
    with to_write(store.field) as field:
        field.execute(insert(ADDRESSES), rows)


def happen(store: Store, events: Iterable[tuple[str, str, str]], **more: str) -> None:
    """Let things happen: name of the event, contact, moment by the clock of Paris."""
    fixed = {"touchpoint": "visit.closed", "audience": "customers", "channel": "", "known": "{}"} | more
    rows: list[dict[str, Any]] = []
    for event, contact, text in events:
        at = stamp(local_moment(text, "Europe/Paris"))
        row = {
            "event": event,
            "contact": contact,
            "at": at,
            "received": at,
            "sha256": event,
            "state": "waiting",
            "reason": "",
        }
        rows.append(fixed | row)
    with to_write(store.field) as field:
        field.execute(insert(EVENTS), rows)


def visits(number: int, at: datetime = DAY, *, every: timedelta = timedelta(seconds=1)) -> list[dict[str, Any]]:
    """Rows of events of as many contacts, one after another."""
    return [
        {
            "event": f"v-{n:06d}",
            "touchpoint": "visit.closed",
            "contact": f"c-{n:06d}",
            "audience": "customers",
            "at": stamp(at + n * every),
            "received": stamp(at + n * every),
            "channel": "",
            "known": json.dumps({"site": ("north", "south")[n % 2]}),
            "sha256": f"{n}",
            "state": "waiting",
            "reason": "",
        }
        for n in range(number)
    ]


def put(store: Store, table: Table, rows: list[dict[str, Any]]) -> None:
    """Put rows into a table."""
    with to_write(store.field) as field:
        field.execute(insert(table), rows)


def rows_of(store: Store, table: Table) -> list[Mapping[str, Any]]:
    """Everything in a table, in the order of its key."""
    with store.field.connect() as field:
        return [dict(row) for row in field.execute(select(table).order_by(*table.primary_key)).mappings()]


def decided(store: Store) -> dict[str, str]:
    """Event → "invited", or why not."""
    return {row["event"]: row["reason"] or row["state"] for row in rows_of(store, EVENTS)}


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All rows of both databases."""
    found = {}
    for engine, tables in ((store.field, FIELD), (store.sealed, SEALED)):
        with engine.connect() as connection:
            for table in tables.sorted_tables:
                found[table.name] = sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
    return found
