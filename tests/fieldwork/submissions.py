"""A stand-in for what the writer records: every submission becomes one draft, as it is; and the means to make submissions."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, text

from symmetry.fieldwork.asking.nouns import Outcome, Submission
from symmetry.fieldwork.store.nouns import Store
from symmetry.fieldwork.store.tables import DRAFTS

NOW = datetime(2027, 3, 4, 12, tzinfo=UTC)


def submission(token: bytes | None = None, *, secret: bytes = b"") -> Submission:
    """One posted page."""
    return Submission(token or secrets.token_bytes(16), secret, 1, "fr", {}, "next", NOW)


def record(connection: Connection, store: Store, submissions: Sequence[Submission]) -> list[Outcome]:
    """Put every submission into `drafts`; the outcome's page is its place in the batch."""
    rows = [{"token": each.token, "box": each.secret} for each in submissions]
    connection.execute(insert(DRAFTS), rows)
    return [Outcome("saved", place) for place, _ in enumerate(submissions, 1)]


def record_once(connection: Connection, store: Store, submissions: Sequence[Submission]) -> list[Outcome]:
    """As `record`, but a token that is there already stays as it is: what was sent before may be sent again."""
    there = text("INSERT INTO drafts (token, box) VALUES (:token, :box) ON CONFLICT DO NOTHING")
    connection.execute(there, [{"token": each.token, "box": each.secret} for each in submissions])
    return [Outcome("saved") for _ in submissions]


def recorded(store: Store) -> set[bytes]:
    """Tokens in the database."""
    with store.field.connect() as connection:
        return set(connection.execute(select(DRAFTS.c.token)).scalars())
