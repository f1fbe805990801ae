"""The nouns of taking: what came of a file, or of a list of events, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["KINDS", "Kind", "Said", "State", "Taken"]

Kind = Literal["addresses", "interactions", "bounced", "opted-out", "contacted"]
State = Literal["taken", "known", "set aside"]
KINDS: tuple[Kind, ...] = ("addresses", "interactions", "bounced", "opted-out", "contacted")


@dataclass(frozen=True)
class Said:
    """What is told of one row; reasons repeat no cell, for cells may be people.

    Attributes
    ----------
    row : line of the file, or place in the list, from 1.
    state : "taken", "known" (the same was taken before) or "set aside".
    reason : why it was set aside; of a row that was taken, what is odd about it ("" where nothing is).
    id : of the interaction, "" in files of another kind.
    """

    row: int
    state: State
    reason: str = ""
    id: str = ""


@dataclass(frozen=True)
class Taken:
    """What came of a file or a list, once it is committed.

    Attributes
    ----------
    kind : what its rows are.
    name : of the file, or of who posted the list.
    rows : one for each row, in order.
    ignored : columns that no study of the store knows.
    aside : the file with the rows that were set aside; None without any.
    """

    kind: Kind
    name: str
    rows: tuple[Said, ...]
    ignored: tuple[str, ...] = ()
    aside: Path | None = None

    def __str__(self) -> str:
        """The whole in a line: counts, and where the rows are that were set aside."""
        told = f"{self.name}: {self.taken:,} {self.kind} taken, {self.known:,} known already, {len(self.set_aside):,} set aside"
        told += f" (see {self.aside})" if self.aside else ""
        return told + (f"; columns left alone: {', '.join(self.ignored)}" if self.ignored else "")

    @property
    def taken(self) -> int:
        """Rows that are new."""
        return sum(each.state == "taken" for each in self.rows)

    @property
    def known(self) -> int:
        """Rows that were taken before."""
        return sum(each.state == "known" for each in self.rows)

    @property
    def set_aside(self) -> tuple[Said, ...]:
        """Rows that were not taken, each with its reason."""
        return tuple(each for each in self.rows if each.state == "set aside")

    @property
    def told(self) -> tuple[Said, ...]:
        """Rows that were taken, and about which something is odd."""
        return tuple(each for each in self.rows if each.state != "set aside" and each.reason)
