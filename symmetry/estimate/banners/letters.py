"""Letters of a banner table: every pair of columns of a head on every line, adjusted inside families."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from symmetry.estimate.banners.asking import Line
from symmetry.estimate.banners.cells import Part
from symmetry.estimate.banners.families import adjust_families
from symmetry.estimate.banners.pairing import differences
from symmetry.estimate.tails import t_tail

__all__ = ["compared", "letters"]

_FACTS = ("difference", "se", "df", "p", "p_adjusted")


def compared(
    parts: Sequence[Sequence[Part]],
    cells: pd.DataFrame,
    lines: Sequence[Line],
    columns: pd.DataFrame,
    *,
    method: str | None,
    family: Sequence[str],
) -> pd.DataFrame:
    """Compare every pair of columns of a head on every line.

    Returns
    -------
    Frame with a row a pair, in the order of the table: numbers of line, head and of both cells; difference, se, df, p, p_adjusted
    and a note, why it was not tested.
    """
    number, wide = {line: place for place, line in enumerate(lines)}, len(columns)
    of_head = pd.factorize(columns["segment"])[0]
    found = []
    for head, its in enumerate(parts[1:], start=1):
        pairs = np.array(list(combinations(np.flatnonzero(of_head == head), 2)), int).reshape(-1, 2)
        found += [_pairs(part, number, wide, pairs, cells).assign(head=head) for part in its if len(pairs)]
    if not found:
        return pd.DataFrame(columns=["line", "head", "cell_a", "cell_b", *_FACTS, "note"]).astype({"note": object})
    tests = pd.concat(found, ignore_index=True).sort_values(["line", "head", "cell_a", "cell_b"], ignore_index=True)
    tests["item"] = np.array([line.item for line in lines])[tests["line"]]
    own = tests.groupby(list(family)).ngroup().to_numpy()
    return tests.assign(p_adjusted=adjust_families(tests["p"].to_numpy(), own, method=method))


def letters(tests: pd.DataFrame, cells: pd.DataFrame, levels: Sequence[float]) -> list[str]:
    """The letters of the columns that each cell is higher than, small ones at the lower of two levels."""
    told: list[list[str]] = [[] for _ in range(len(cells))]
    own = cells["letter"].to_numpy()
    for p, difference, a, b in zip(
        *(tests[name] for name in ("p_adjusted", "difference", "cell_a", "cell_b")), strict=True
    ):
        if p < 1 - levels[-1]:
            high, low = (a, b) if difference > 0 else (b, a)
            told[high].append(own[low] if p < 1 - levels[0] else own[low].lower())
    return ["".join(sorted(some, key=str.upper)) for some in told]


def _pairs(part: Part, number: dict[Line, int], wide: int, pairs: np.ndarray, cells: pd.DataFrame) -> pd.DataFrame:
    """Differences between the columns of one head on the lines of one estimate, all of them at once."""
    line = np.array([number[one] for one in part.lines])
    mine, place = np.unique(line, return_inverse=True)
    row = np.full((len(mine), wide), -1)
    row[place, part.column] = np.arange(len(line))
    a, b = (row[:, side].ravel() for side in pairs.T)
    cell_a, cell_b = ((mine[:, None] * wide + side).ravel() for side in pairs.T)
    small = cells["small"].to_numpy()
    note = np.where(
        (a < 0) | (b < 0), "nobody answered", np.where(small[cell_a] | small[cell_b], "small base", "")
    ).astype(object)
    asked = np.flatnonzero(note == "")
    facts = np.full((4, len(a)), np.nan)
    difference, se, df = differences(part.est, a[asked], b[asked])
    usable = (df > 0) & (se > 0)
    facts[:3, asked] = difference, np.where(df > 0, se, np.nan), df
    with np.errstate(divide="ignore", invalid="ignore"):
        facts[3, asked] = np.where(usable, t_tail(difference / np.where(usable, se, 1.0), df), np.nan)
    note[asked] = np.where(usable, "", np.where(df > 0, "no error to test by", "no degrees of freedom"))
    told = dict(zip(_FACTS, facts, strict=False))
    return pd.DataFrame({"line": np.repeat(mine, len(pairs)), "cell_a": cell_a, "cell_b": cell_b, **told, "note": note})
