"""Small cells and their companions.

Primary: fewer answers than the minimum, or every answer of one class (all favourable, all detractors, all the same).
Companions: while published cells add and subtract up to a hidden cell, to a group smaller than the minimum, or to one whose
answers are all of one class, the smallest published part is hidden too.
Figures that a publisher already made public are noted, not hidden.  Earlier releases are not known here: one
release, all its tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from symmetry.disclosure.auditing import Cells, cells_of, recoverable, small_remainder
from symmetry.errors import DisclosureError
from symmetry.spec import column_of

__all__ = ["blank", "hidden_cells", "suppress"]

_NUMBERS = ("estimate", "se", "lower", "upper", "df", "deff", "n", "n_eff")
_FLOOR = 5


def suppress(
    levels: pd.DataFrame,
    gaps: pd.DataFrame,
    drivers: pd.DataFrame,
    *,
    people: Mapping[tuple[str, str], pd.DataFrame],
    cuts: Mapping[str, Sequence[float]],
    minimum: int,
    published: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Hide in all tables of a release what may not be shown.

    Parameters
    ----------
    levels, gaps, drivers : tables in the house's columns; levels and drivers have `audience` and `wave`, gaps `a`, `b`, `wave`.
    people : (wave, audience) → scored answers with the domain columns, one row a person with a weight.
    cuts : column → the lowest codes of its published classes (4 for the favourable of five points; 7 and 9 for NPS): a cell where
        all answers are of one class is hidden too.
    minimum : fewest answers a shown cell may have, at least 5.
    published : the figures are already public and respondents are unknown: note small cells, hide nothing.

    Returns
    -------
    The three tables; a hidden row keeps its keys, has no number, `suppressed` true and a note that gives the rule.

    Raises
    ------
    DisclosureError : the minimum is below 5.
    """
    if minimum < _FLOOR:
        raise DisclosureError(f"cells of {minimum} people may not be shown", mend=f"the minimum is {_FLOOR} or more")
    if published:
        small = f"fewer than {minimum} units; shown because these figures are already public"
        noted = [_appended(table, table["n"] < minimum, small) for table in (levels, gaps, drivers)]
        return noted[0], noted[1], noted[2]
    small = f"fewer than {minimum} answers, or hidden to protect a group that small"
    tables = [table.split(" × ") if table else [] for table in dict.fromkeys(levels["by"])]
    shown: set[tuple[str, ...]] = set()
    for (wave, audience, item, face), rows in levels.groupby(["wave", "audience", "item", "face"], sort=False):
        column = column_of(item, face)
        answered = people[wave, audience].dropna(subset=column)
        classes = np.searchsorted(cuts[column], answered[column], side="right") if column in cuts else answered[column]
        own = [table for table in tables if " × ".join(table) in set(rows["by"])]
        cells = cells_of(answered, own)
        hidden = _hidden(cells, classes, minimum)
        kept = (key for key, gone in zip(cells.keys, hidden, strict=True) if not gone)
        shown.update((wave, audience, item, face, by, domain) for by, domain in kept)
    keys_of = levels[["wave", "audience", "item", "face", "by", "domain"]]
    gone = [key not in shown for key in keys_of.itertuples(index=False, name=None)]
    levels = blank(levels, np.array(gone, bool), small)
    gaps = _gaps(gaps, levels, small)
    return levels, gaps, blank(drivers, (drivers["n"] < minimum).to_numpy(), small)


def hidden_cells(
    people: pd.DataFrame, tables: list[list[str]], *, answers: Sequence[object] | np.ndarray, minimum: int
) -> set[tuple[str, str]]:
    """Choose the cells (by, domain) to hide in all tables of one item.

    Parameters
    ----------
    people : those who answered the item, with the domain variables.
    tables : the variables crossed in each table.
    answers : of each person, or the class of the answer: a cell where they are all the same is hidden.

    Examples
    --------
    >>> people = pd.DataFrame({"region": ["n"] * 20 + ["s"] * 12 + ["w"] * 3})
    >>> sorted(hidden_cells(people, [[], ["region"]], answers=[1, 2, 3, 4, 5] * 7, minimum=10))
    [('region', 's'), ('region', 'w')]
    """
    cells = cells_of(people, tables)
    hidden = _hidden(cells, answers, minimum)
    return {key for key, gone in zip(cells.keys, hidden, strict=True) if gone}


def _hidden(cells: Cells, answers: Sequence[object] | np.ndarray, minimum: int) -> np.ndarray:
    """Tell which cells to hide, (cells,): the small, the uniform, and their companions."""
    classes = pd.factorize(np.asarray(answers))[0]
    kinds = np.zeros((len(cells.count), classes.max(initial=0) + 1), int)
    np.add.at(kinds, (cells.atom, classes), 1)
    hidden = (cells.n < minimum) | ((cells.member @ kinds > 0).sum(axis=1) <= 1)
    while not hidden.all():
        companion = _companion(cells, kinds, hidden, minimum)
        if companion is None:
            break
        hidden[companion] = True
    return np.asarray(hidden)


def _companion(cells: Cells, kinds: np.ndarray, hidden: np.ndarray, minimum: int) -> int | None:
    """Find the next cell to hide: the smallest published part of the smallest cell that gives a hidden group away.

    A group is given away when it is a hidden cell, holds fewer people than the minimum, or answers of one class only (`kinds`,
    (atoms, classes), counts the answers).
    """
    by = np.array([key[0] for key in cells.keys])
    n = cells.n
    for whole in sorted(np.flatnonzero(~hidden), key=lambda cell: (n[cell], cell)):
        inside = cells.contains[whole] & (by != by[whole]) & (n > 0)
        for table in np.unique(by[inside]):
            parts = inside & (by == table)
            shown = parts & ~hidden
            left = cells.member[whole] - cells.member[shown].sum(axis=0)
            alone = (cells.member[parts & hidden] == left).all(axis=1).any()
            small = 0 < left @ cells.count < minimum or (left @ kinds > 0).sum() == 1
            if shown.any() and (alone or small):
                return _smallest(n, shown)
    exposed = recoverable(cells, hidden)
    group = cells.member[exposed].sum(axis=0) if exposed.any() else small_remainder(cells, hidden, minimum)
    if group is None:
        return None
    touching = (cells.member @ group > 0) & ~hidden & (by != "")
    return _smallest(n, touching if touching.any() else ~hidden)


def _smallest(n: np.ndarray, among: np.ndarray) -> int:
    """Number of the smallest cell of a mask."""
    return int(np.flatnonzero(among)[np.argmin(n[among])])


def _gaps(gaps: pd.DataFrame, levels: pd.DataFrame, small: str) -> pd.DataFrame:
    """Hide a gap when either side is hidden; and every relative gap of that family there, since together they sum to 0."""
    if gaps.empty:
        return gaps
    gone = levels[levels["suppressed"]]
    sides = set(zip(gone["wave"], gone["item"], gone["face"], gone["by"], gone["domain"], strict=True))
    one = np.array(
        [
            any((wave, item, face, by, domain) in sides for face in (a, b))
            for wave, item, a, b, by, domain in gaps[["wave", "item", "a", "b", "by", "domain"]].values
        ],
        bool,
    )
    family = gaps.groupby(["wave", "a", "b", "by", "domain"], sort=False).ngroup()
    together = family.isin(family[one]) & (gaps["reading"] == "relative")
    return blank(gaps, one | together.to_numpy(), small)


def blank(table: pd.DataFrame, gone: np.ndarray, note: str) -> pd.DataFrame:
    """Empty every number and verdict of some rows, mark them suppressed and say why."""
    out = table.copy()
    out["suppressed"] = out["suppressed"].to_numpy(bool) | gone
    extra = [
        "p",
        "p_adjusted",
        "p_aligned",
        "p_aligned_adjusted",
        "n_a",
        "n_b",
        "n_to_settle",
        "general",
        "r2",
        "rank",
        "share_of_r2",
    ]
    for name in [*_NUMBERS, *extra]:
        if name in out:
            out[name] = out[name].astype(float).mask(gone)
    for name in ("verdict", "grade", "quadrant"):
        if name in out:
            out[name] = out[name].mask(gone, "")
    out["note"] = out["note"].mask(gone, note)
    return out


def _appended(table: pd.DataFrame, where: pd.Series, text: str) -> pd.DataFrame:
    """Add a text to the notes of some rows."""
    joined = table["note"] + np.where(table["note"] == "", "", "; ") + text
    return table.assign(note=table["note"].where(~where.astype(bool), joined))
