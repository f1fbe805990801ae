"""The noun of the store: where a field lives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["Store"]


@dataclass(frozen=True)
class Store:
    """A field: its folder, with the keys and `store.json`, and its two databases.

    Attributes
    ----------
    folder : holds `links.key` and, where no other place was named, `field.sqlite` and `sealed.sqlite`; for its owner alone.
    field, sealed : the databases of `tables.FIELD` and `tables.SEALED`.
    """

    folder: Path
    field: Engine
    sealed: Engine

    @property
    def embedded(self) -> bool:
        """Whether the databases are files here (SQLite)."""
        return self.field.dialect.name == "sqlite"
