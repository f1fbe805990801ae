"""The noun of the room: frozen answers with the codebook that explains them and the manifest that vouches for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

__all__ = ["Responses"]


@dataclass(frozen=True)
class Responses:
    """Frozen answers; nothing in here is ever changed in place.

    Attributes
    ----------
    answers : (wave, audience) → one row a respondent, in the order of their ids, columns as in `fieldwork.Intake`.
    codebook : what each column of each table holds, as plain data (see `codebook.py`).
    manifest : the folder's manifest as plain data: study, tables with their hashes, sources and logs.
    folder : where it all lies.
    """

    answers: Mapping[tuple[str, str], pd.DataFrame]
    codebook: Mapping[str, Any]
    manifest: Mapping[str, Any]
    folder: Path

    @property
    def simulated(self) -> bool:
        """Whether any of the answers were made up by a computer."""
        return any(table["simulated"] for table in self.manifest["tables"].values())

    @property
    def hashes(self) -> dict[str, str]:
        """Content hash of each table (`wave/audience`): its identity, whatever wrote the file."""
        return {key: table["content"] for key, table in self.manifest["tables"].items()}

    @property
    def contents(self) -> dict[tuple[str, str], str]:
        """The same by (wave, audience)."""
        return {(wave, audience): self.hashes[f"{wave}/{audience}"] for wave, audience in self.answers}

    def source(self, wave: str, audience: str) -> str:
        """Where the answers of an audience came from, as their manifest says."""
        return str(self.manifest["tables"][f"{wave}/{audience}"]["source"])

    @property
    def logs(self) -> pd.DataFrame:
        """What became of every row and cell on its way in: `wave, audience, measure, item, n, note`."""
        rows = [
            (*key.split("/"), line["measure"], line["item"], line["n"], line["note"])
            for key, table in self.manifest["tables"].items()
            for line in table["log"]
        ]
        return pd.DataFrame(rows, columns=["wave", "audience", "measure", "item", "n", "note"])
