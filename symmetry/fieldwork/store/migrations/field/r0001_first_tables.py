"""The first tables of the field: waves, invitations, responses, drafts, holding, quotas."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, Text, UniqueConstraint

__all__ = ["down_revision", "revision", "upgrade"]

revision = "field_0001"
down_revision = None


def upgrade() -> None:
    """Make the tables in an empty database."""
    op.create_table(
        "waves",
        Column("wave", Text, primary_key=True),
        Column("study", Text, nullable=False),
        Column("compiled", Text, nullable=False),
        Column("sha256", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("opened", Text, nullable=False),
        Column("first", Text, nullable=False),
        Column("last", Text),
        Column("closed", Text),
        Column("rehearsal", Text),
        Column("seal", Integer),
        Column("public", LargeBinary),
    )
    op.create_table(
        "invitations",
        Column("token", LargeBinary, primary_key=True),
        Column("wave", Text, nullable=False),
        Column("audience", Text, nullable=False),
        Column("person", Text, nullable=False),
        Column("contact", Text, nullable=False),
        Column("stratum", Text, nullable=False),
        Column("psu", Text, nullable=False),
        Column("probability", Float, nullable=False),
        Column("known", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("day", Text),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_invitations_wave", "invitations", ["wave"])
    _answers_on_their_way()
    op.create_table(
        "quotas",
        Column("wave", Text, primary_key=True),
        Column("audience", Text, primary_key=True),
        Column("quota", Text, primary_key=True),
        Column("cell", Text, primary_key=True),
        Column("period", Text, primary_key=True),
        Column("taken", Integer, nullable=False),
        Column("most", Integer, nullable=False),
    )


def _answers_on_their_way() -> None:
    """Answers that are open to the field, drafts that are locked, and boxes that wait for the sealed store."""
    op.create_table(
        "responses",
        Column("token", LargeBinary, primary_key=True),
        Column("key", LargeBinary, nullable=False),
        Column("language", Text, nullable=False),
        Column("answers", Text, nullable=False),
        Column("page", Integer, nullable=False),
        Column("complete", Boolean, nullable=False),
        UniqueConstraint("key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "drafts",
        Column("token", LargeBinary, primary_key=True),
        Column("box", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "holding",
        Column("key", LargeBinary, primary_key=True),
        Column("wave", Text, nullable=False),
        Column("cell", Text, nullable=False),
        Column("seal", Integer, nullable=False),
        Column("box", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
