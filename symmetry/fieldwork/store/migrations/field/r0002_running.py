"""Waves that run themselves: addresses, opt-outs, events, outbox, links, callers, cases; until when an invitation stands."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Float, Integer, LargeBinary, Text, text

__all__ = ["down_revision", "revision", "upgrade"]

revision = "field_0002"
down_revision = "field_0001"


def upgrade() -> None:
    """Add to the tables of the first step, which keep what they hold."""
    op.add_column("invitations", Column("expires", Text))
    op.add_column("responses", Column("seconds", Integer))
    _whom_to_write_to()
    _what_happened_and_what_is_sent()
    op.create_table(
        "cases",
        Column("case", Text, primary_key=True),
        Column("wave", Text, nullable=False),
        Column("alert", Text, nullable=False),
        Column("token", LargeBinary, nullable=False),
        Column("owner", Text, nullable=False),
        Column("unit", Text, nullable=False),
        Column("opened", Text, nullable=False),
        Column("call_back_by", Text, nullable=False),
        Column("close_by", Text, nullable=False),
        Column("called_back", Text),
        Column("closed", Text),
        Column("escalated", Text),
        Column("told", Text),
        Column("by", Text),
        sqlite_with_rowid=False,
    )


def _whom_to_write_to() -> None:
    """Addresses, those who want no more, contacts made elsewhere, and who may post events."""
    op.create_table(
        "addresses",
        Column("contact", Text, primary_key=True),
        Column("email", Text),
        Column("phone", Text),
        Column("language", Text),
        Column("bad", Text, nullable=False),
        Column("day", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "opt_outs",
        Column("mark", LargeBinary, primary_key=True),
        Column("day", Text, nullable=False),
        Column("how", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contacted",
        Column("contact", Text, primary_key=True),
        Column("day", Text, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "callers",
        Column("name", Text, primary_key=True),
        Column("mark", LargeBinary, nullable=False),
        Column("day", Text, nullable=False),
    )


def _what_happened_and_what_is_sent() -> None:
    """Events, the outbox, and links that are shorter or lead out."""
    op.create_table(
        "events",
        Column("event", Text, primary_key=True),
        Column("touchpoint", Text, nullable=False),
        Column("contact", Text, nullable=False),
        Column("audience", Text, nullable=False),
        Column("at", Text, nullable=False),
        Column("received", Text, nullable=False),
        Column("channel", Text, nullable=False),
        Column("known", Text, nullable=False),
        Column("sha256", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("wave", Text),
        Column("delay", Float),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        Column("id", LargeBinary, primary_key=True),
        Column("wave", Text, nullable=False),
        Column("audience", Text, nullable=False),
        Column("token", LargeBinary, nullable=False),
        Column("contact", Text, nullable=False),
        Column("step", Integer, nullable=False),
        Column("channel", Text, nullable=False),
        Column("due", Text, nullable=False),
        Column("expires", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("sender", Text),
        Column("claimed", Text),
        Column("tries", Integer, nullable=False),
        Column("sent", Text),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "links",
        Column("mark", LargeBinary, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("token", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    for table, name in (("events", "contact"), ("events", "state"), ("links", "token")):
        op.create_index(f"ix_{table}_{name}", table, [name])
    some = {"token": "step = 0", "contact": "step = 0", "due": "state = 'planned'"}
    for name, which in some.items():
        only = text(which)
        op.create_index(f"ix_outbox_{name}", "outbox", [name], sqlite_where=only, postgresql_where=only)
