"""Agreement: what people of one unit have in common, as a table; the noun that every verb of this room returns."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["Agreement"]


@dataclass(frozen=True, eq=False)
class Agreement:
    """Numbers on how alike the answers of one unit are.

    rows : what `table` gives: a row an item (`icc`), an item and level (`partition`), or an item and unit (`rwg`, `rwg_j`, `ad`).
    items : what `summary` gives: one row an item.
    """

    rows: pd.DataFrame
    items: pd.DataFrame

    def __len__(self) -> int:
        return len(self.rows)

    def table(self) -> pd.DataFrame:
        """Every number found, with its note; a NaN always has one."""
        return self.rows.copy()

    def summary(self) -> pd.DataFrame:
        """One row an item, over its units."""
        return self.items.copy()
