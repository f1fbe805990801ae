"""Targets of a margin: shares or counts by category, set beside the categories that the sample has.

Both directions are checked and told with their counts: categories of the sample that have no target, and categories of the
target that nobody in the sample belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from symmetry.errors import ConvergenceError, DataError
from symmetry.weights.coding import first_row

__all__ = ["Margin", "TargetsIn", "in_unit", "kept", "place", "read", "refuse_empty", "refuse_unknown"]

TargetsIn = Literal["shares", "counts"]


@dataclass(frozen=True, eq=False)
class Margin:
    """A margin as given: its columns, its categories (an index, several levels if crossed) and a value for each."""

    columns: tuple[str, ...]
    labels: pd.Index
    values: np.ndarray

    @property
    def name(self) -> str:
        """The margin in words: `region`, or `region × age`."""
        return " × ".join(self.columns)

    def label(self, number: int) -> str:
        """A category in words."""
        found = self.labels[number]
        return " × ".join(str(part) for part in found) if isinstance(found, tuple) else str(found)


def read(columns: str | Sequence[str], targets: Any) -> Margin:
    """Read a margin's targets: a mapping or a Series from category (a tuple for crossed columns) to a number.

    Raises
    ------
    DataError : no target, one that is not a finite number or is below 0, a category twice, or keys that do not fit the columns.
    """
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    title = " × ".join(names)
    if not isinstance(targets, Mapping | pd.Series) or not len(targets):
        raise DataError(f"`{title}` has no targets", mend="give a number for each category: {category: share or count}")
    series = targets if isinstance(targets, pd.Series) else pd.Series(dict(targets), dtype=object)
    labels = series.index
    if labels.nlevels != len(names):
        raise DataError(
            f"the targets of `{title}` are keyed by {labels.nlevels} values, and it has {len(names)} columns",
            mend="key each target by one value a column, as a tuple, in the order of the columns",
        )
    if labels.has_duplicates:
        twice = labels[labels.duplicated()][0]
        raise DataError(f"`{title}` has two targets for {twice}", mend="give each category one target")
    values = _values(series)
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise DataError(
            f"the target shares of `{title}` sum to {np.nansum(values):g} and `{labels[at]}` has {series.iloc[at]!r}",
            mend="give numbers that are finite and not negative",
        )
    return Margin(names, labels, values)


def _values(series: pd.Series) -> np.ndarray:
    """Targets as floats; what is not a number is NaN (text never counts as a number)."""
    if pd.api.types.is_numeric_dtype(series.dtype):
        return np.asarray(series.to_numpy(float, na_value=np.nan))
    kept = series.where(~series.map(lambda value: isinstance(value, str | bytes)), None)
    return np.asarray(pd.to_numeric(kept, errors="coerce").to_numpy(float, na_value=np.nan))


def in_unit(
    margins: Sequence[Margin], targets_in: TargetsIn | None, total: float | None, start: float
) -> tuple[list[np.ndarray], float]:
    """Turn targets into counts that all sum to one population.

    Parameters
    ----------
    targets_in : "shares" or "counts"; none reads it from the sums: 1 is shares, 1.5 and more are counts.
    total : the size of the population; none means the sum of counts, or of the starting weights if targets are shares.
    start : the sum of the starting weights.

    Returns
    -------
    Counts of each margin, and the size of the population.

    Raises
    ------
    DataError : shares that do not sum to 1, counts that do not agree on the population's size.
    """
    if targets_in is not None and targets_in not in get_args(TargetsIn):
        raise DataError(f"targets_in={targets_in!r} is unknown", mend=f"one of {get_args(TargetsIn)}")
    if total is not None and not (np.isfinite(total) and total > 0):
        raise DataError(f"the population's total is {total!r}", mend="give a finite number above 0")
    sums = np.array([margin.values.sum() for margin in margins])
    counts = targets_in == "counts" or (targets_in is None and bool((sums >= 1.5).all()))
    worst = int(np.argmax(np.abs(sums - (sums[0] if counts else 1.0))))
    if not counts and abs(sums[worst] - 1) > 1e-6:
        raise DataError(
            f"the target shares of `{margins[worst].name}` sum to {sums[worst]:g}",
            mend='give shares that are not negative and sum to 1, or counts with targets_in="counts"',
        )
    if counts and not sums[0] > 0:
        raise DataError(f"the target counts of `{margins[0].name}` sum to 0", mend="give somebody a target")
    if counts and abs(sums[worst] - sums[0]) > 1e-6 * sums[0]:
        raise DataError(
            f"the target counts of `{margins[worst].name}` sum to {sums[worst]:.10g} and those of `{margins[0].name}` "
            f"to {sums[0]:.10g}",
            mend='give counts of one population, or shares of each margin with targets_in="shares"',
        )
    size = float(total if total is not None else sums[0] if counts else start)
    return [margin.values * (size / own) for margin, own in zip(margins, sums, strict=True)], size


def place(margin: Margin, keys: Sequence[np.ndarray], labels: Sequence[pd.Index]) -> np.ndarray:
    """Find each cell's category in a margin (C,), -1 where it has no target or a value is missing.

    Parameters
    ----------
    keys : for each column of the margin, each cell's code (C,), -1 for missing.
    labels : for each column, what the codes stand for.
    """
    if len(keys) == 1:
        return _matched(margin.labels, labels[0], keys[0])
    cell, wanted = np.zeros(len(keys[0]), np.int64), np.zeros(len(margin.labels), np.int64)
    lost = np.zeros(len(cell), bool)
    for level, (key, label) in enumerate(zip(keys, labels, strict=True)):
        own = pd.Index(margin.labels.levels[level])
        found = _matched(own, label, key)
        lost |= found < 0
        cell = cell * len(own) + found
        wanted = wanted * len(own) + np.asarray(margin.labels.codes[level])
    return np.where(lost, -1, pd.Index(wanted).get_indexer(cell))


def _matched(wanted: pd.Index, labels: pd.Index, key: np.ndarray) -> np.ndarray:
    """Position of each code's label among the wanted ones, -1 for none."""
    found = np.append(wanted.get_indexer(labels), -1)
    return np.asarray(found[key])


def refuse_unknown(margin: Margin, column: pd.Series | pd.DataFrame, lost: np.ndarray) -> None:
    """Raise for rows whose category is missing or has no target: which categories, and how many people."""
    frame = column.to_frame() if isinstance(column, pd.Series) else column
    gone = frame.isna().any(axis=1).to_numpy() & lost
    if gone.any():
        raise DataError(
            f"`{margin.name}` is missing for {int(gone.sum())} respondents (first row {first_row(gone)})",
            mend="give them a category, or leave them out before weighting",
        )
    counts = frame[lost].astype(object).value_counts(sort=True)
    texts = [" × ".join(str(part) for part in key) for key in counts.index]
    shown = ", ".join(f"{text} ({n})" for text, n in sorted(zip(texts[:8], counts[:8], strict=True)))
    alike = {str(label) for label in margin.labels[:10_000]} & set(texts[:8])
    hint = "; the column and the targets write the same categories in different types" if alike else ""
    reverse = _unmet(margin, frame)
    raise DataError(
        f"`{margin.name}` has categories without a target: {shown}{' …' if len(counts) > 8 else ''} "
        f"({len(counts)} of them, {int(lost.sum())} respondents in all{hint}){reverse}",
        mend="add them to the targets, or recode them",
    )


def _unmet(margin: Margin, frame: pd.DataFrame) -> str:
    """Tell which categories of the target nobody in the sample has, empty if there are none."""
    found = pd.MultiIndex.from_frame(frame) if frame.shape[1] > 1 else pd.Index(frame.iloc[:, 0])
    empty = np.flatnonzero((margin.values > 0) & ~margin.labels.isin(found.unique()))
    names = ", ".join(margin.label(number) for number in empty[:8])
    return f"; of the target nobody is {names}{' …' if len(empty) > 8 else ''} ({len(empty)})" if len(empty) else ""


def refuse_empty(margin: Margin, empty: np.ndarray, verb: str) -> None:
    """Raise for categories of the target to which nobody in the sample belongs: which, and how much they ask for."""
    share = margin.values[empty].sum() / margin.values.sum()
    names = [margin.label(number) for number in empty[:8]]
    raise ConvergenceError(
        f"{verb} cannot reach the target of `{margin.name}`: nobody in the sample is {', '.join(names)}"
        f"{' …' if len(empty) > 8 else ''} ({len(empty)} of {len(margin.labels)} categories, {share:.2%} of the population)",
        mend="merge the empty categories with a neighbour, in the answers and in the targets",
    )


def kept(targets: Any) -> dict[Any, Any]:
    """Keep targets as a plain mapping, so that nobody changes them afterwards."""
    return targets.to_dict() if isinstance(targets, pd.Series) else dict(targets)
