"""The first tables of the sealed store: employees' answers, and the keys of the boxes on their way."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, Text

__all__ = ["down_revision", "revision", "upgrade"]

revision = "sealed_0001"
down_revision = None


def upgrade() -> None:
    """Make the tables in an empty database."""
    op.create_table(
        "answers",
        Column("key", LargeBinary, primary_key=True),
        Column("wave", Text, nullable=False),
        Column("audience", Text, nullable=False),
        Column("known", Text, nullable=False),
        Column("answers", Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "keys",
        Column("seal", Integer, primary_key=True, autoincrement=False),
        Column("wave", Text, primary_key=True),
        Column("private", LargeBinary, nullable=False),
    )
