"""A store with a past made by hand: waves, messages, events and addresses, each in one line."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, select

from symmetry.fieldwork.store.connecting import to_write
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import ADDRESSES, CONTACTED, EVENTS, INVITATIONS, OUTBOX, SEALED, WAVES
from symmetry.fieldwork.store.tokens import hash_of
from symmetry.spec import Contact, Study, compile_wave
from tests.fieldwork.store.waves import study_with

RULES = Contact(
    quarantine=90 * 24.0, max_per_year=4, tz="Europe/Paris", channels=("email", "sms"), cold_first=14 * 24.0
)


def study_for(folder: Path, rules: Contact = RULES, **privacy: Any) -> Study:
    """The small study with a hot wave, these rules of contact, and these times to keep things."""
    study = study_with(folder)
    hot = replace(study.waves["next"], key="hot", kind="hot", window=None, after="visit.closed")
    waves = {**study.waves, "hot": hot}
    return replace(study, waves=waves, contact=rules, privacy=replace(study.privacy, **privacy))


def put(store: Store, table: Table, **row: Any) -> None:
    """Write one row."""
    with to_write(store.sealed if table.metadata is SEALED else store.field) as connection:
        connection.execute(insert(table).values(**row))


def rows_of(store: Store, table: Table) -> list[Mapping[str, Any]]:
    """Everything in a table."""
    with store.field.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def wave(store: Store, study: Study, key: str, **changed: Any) -> None:
    """A wave that is open."""
    compiled = json.dumps(compile_wave(study, key))
    window = study.waves[key].window or ("2027-01-01", None)
    row = {
        "wave": key,
        "study": study.key,
        "compiled": compiled,
        "sha256": hashlib.sha256(compiled.encode()).hexdigest(),
        "state": "open",
        "opened": window[0],
        "first": window[0],
        "last": window[1],
    }
    put(store, WAVES, **(row | changed))


def token(contact: str, key: str) -> bytes:
    """What the store knows of the link of somebody in a wave."""
    return hash_of(f"{contact} {key}")


def invitation(store: Store, contact: str, key: str, /, audience: str = "customers", **changed: Any) -> bytes:
    """Somebody on the roster of a wave; the token's hash."""
    row = {
        "token": token(contact, key),
        "wave": key,
        "audience": audience,
        "person": f"p-{contact}",
        "contact": contact,
        "stratum": "",
        "psu": "",
        "probability": 1.0,
        "known": '{"site": "north"}',
        "state": "invited",
    }
    put(store, INVITATIONS, **(row | changed))
    return token(contact, key)


def message(
    store: Store, contact: str, key: str, at: str, /, *, step: int = 0, state: str = "sent", **changed: Any
) -> bytes:
    """A message of a wave; its id."""
    number = secrets.token_bytes(16)
    row = {
        "id": number,
        "wave": key,
        "audience": "customers",
        "token": token(contact, key),
        "contact": contact,
        "step": step,
        "channel": "email",
        "due": at,
        "expires": "2027-12-31T00:00:00Z",
        "state": state,
        "reason": "",
        "tries": 1,
        "claimed": at if state in ("sent", "sending", "uncertain") else None,
        "sent": at if state == "sent" else None,
    }
    put(store, OUTBOX, **(row | changed))
    return number


def address(store: Store, contact: str, email: str | None = None, phone: str | None = None, bad: str = "") -> None:
    """An address of somebody; an e-mail address where none is named."""
    email = email if email or phone else f"{contact}@example.org"
    put(store, ADDRESSES, contact=contact, email=email, phone=phone, bad=bad, day="2027-01-01")


def elsewhere(store: Store, contact: str, day: str) -> None:
    """A message that others sent."""
    put(store, CONTACTED, contact=contact, day=day)


def event(store: Store, contact: str, at: str, /, **changed: Any) -> None:
    """Something that happened to somebody."""
    row = {
        "event": f"v-{contact}-{at}",
        "touchpoint": "visit.closed",
        "contact": contact,
        "audience": "customers",
        "at": at,
        "received": at,
        "channel": "",
        "known": '{"site": "north"}',
        "sha256": "0" * 64,
        "state": "waiting",
        "reason": "",
    }
    put(store, EVENTS, **(row | changed))


def utc(text: str) -> datetime:
    """A moment, as `2027-03-04 09:00` UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
