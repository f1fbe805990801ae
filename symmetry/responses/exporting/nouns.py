"""What an export hands over: the files of one table, what was lost on the way, and where it all lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from symmetry.responses.exporting.describing import Described
from symmetry.spec import Study

__all__ = ["Table", "Written"]


@dataclass(frozen=True)
class Table:
    """One frozen table with its words: what every format is written from.

    `content` is its content hash, `labels` whether cells shall hold words instead of codes, `simulated` whether nobody gave
    these answers.
    """

    study: Study
    wave: str
    audience: str
    language: str
    answers: pd.DataFrame
    columns: tuple[Described, ...]
    content: str
    labels: bool = False
    simulated: bool = False

    @property
    def key(self) -> str:
        """`wave/audience`."""
        return f"{self.wave}/{self.audience}"


@dataclass(frozen=True)
class Written:
    """Exported answers.

    Attributes
    ----------
    folder : where they lie.
    files : their paths, the manifest last.
    losses : `wave/audience` → one sentence for each thing that the format does not carry, or carries otherwise.
    """

    folder: Path
    files: tuple[Path, ...]
    losses: Mapping[str, tuple[str, ...]]
