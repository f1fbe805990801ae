"""Post-stratification: weights that sum, in every class of one or several crossed columns, to the population's count.

One factor a class, target over weighted sample: a raking of one margin that needs no round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from symmetry.errors import DataError
from symmetry.weights.calibration import remember
from symmetry.weights.cells import celled, summed
from symmetry.weights.coding import as_frame, starting
from symmetry.weights.margins import TargetsIn, in_unit, kept, read, refuse_empty
from symmetry.weights.recipe import Step

__all__ = ["Absent", "poststratified", "poststratify"]

Absent = Literal["fail", "ignore"]


def poststratify(
    frame: pd.DataFrame,
    targets: Mapping[Any, float] | pd.Series | pd.DataFrame,
    *,
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    name: str = "weight",
    total: float | None = None,
    targets_in: TargetsIn | None = None,
    absent: Absent = "fail",
) -> pd.DataFrame:
    """Fit weights so that every class has the population's share or count.

    Parameters
    ----------
    frame : one row a respondent.
    targets : class → share or count of the population, as a mapping, a Series, or a frame whose last column is the count and
        whose other columns are the classes; for crossed columns a class is a tuple.
    by : the column, or columns crossed, that make the classes; none reads their names from a Series or frame of targets.
    weight : column of starting weights; none means 1 for everybody.
    name : column that receives the weights; the starting ones are kept in `<name>.starting`.
    total : what the weights sum to; none means the sum of the counts, or of the starting weights if targets are shares.
    targets_in : "shares" or "counts"; none reads it from their sum: 1, or above 1.5.
    absent : what a class of the population without respondents does: "fail" refuses, "ignore" leaves its people out of the
        population (the weights then sum to less, and a note says so).

    Returns
    -------
    A copy of the frame with both columns, which remembers its calibration (see `memory_of`).

    Raises
    ------
    DataError : a column is absent or has missing values, a class of the sample has no target; `name` is a column of answers.
    ConvergenceError : a class of the population has no respondent.

    Notes
    -----
    R twin: ``survey::postStratify(design, ~by, population)``; `absent="ignore"` is its ``partial = TRUE``.

    References
    ----------
    .. [1] Holt, Smith (1979). Post stratification. JRSS A 142, 33-46.

    Examples
    --------
    >>> sample = pd.DataFrame({"region": ["n", "n", "s"], "age": ["old", "young", "old"]})
    >>> counts = {("n", "old"): 30, ("n", "young"): 50, ("s", "old"): 20}
    >>> poststratify(sample, counts, by=["region", "age"])["weight"].tolist()
    [30.0, 50.0, 20.0]
    """
    frame = as_frame(frame)
    start = starting(frame, weight)
    columns, wanted = _classes(targets, by)
    fitted, size, left = poststratified(
        frame, start, targets=wanted, by=columns, total=total, targets_in=targets_in, absent=absent
    )
    options = {"targets": kept(wanted), "by": columns, "total": size, "absent": absent}
    options["targets_in"] = "counts" if left[1] else "shares"
    notes = (f"post-stratification: {left[0]} classes of the population have no respondent and are left out",)
    return remember(frame, weight, name, start, fitted, Step("poststratify", options), notes if left[0] else ())


def poststratified(
    frame: pd.DataFrame,
    start: np.ndarray,
    *,
    targets: Any,
    by: Sequence[str],
    total: float | None = None,
    targets_in: TargetsIn | None = None,
    absent: Absent = "fail",
) -> tuple[np.ndarray, float, tuple[int, bool]]:
    """Give post-stratified weights (n,) or (n, R), the population's size, how many classes are left out and the unit."""
    if absent not in ("fail", "ignore"):
        raise DataError(f"absent={absent!r} is unknown", mend='one of "fail" and "ignore"')
    margin = read(by, targets)
    cells, base = celled(frame, start, [margin], "post-stratification", "name columns of the frame in `by`")
    (where,) = cells.place
    inside = where >= 0
    now = summed(where[inside], base[inside], len(margin.labels))
    wide = now if now.ndim == 2 else now[:, None]
    (counts,), size = in_unit([margin], targets_in, total, float(wide[:, 0].sum()))
    empty = np.flatnonzero((wide == 0).any(axis=1) & (counts > 0))
    if len(empty) and absent == "fail":
        refuse_empty(margin, empty, "post-stratification")
    wanted = counts if now.ndim == 1 else counts[:, None]
    factor = np.divide(wanted, now, out=np.zeros_like(now), where=now > 0)
    by_cell = np.zeros_like(base)
    by_cell[inside] = factor[where[inside]]
    weights = by_cell[cells.cell]
    weights *= start
    return weights, size, (len(empty), targets_in == "counts" or bool(margin.values.sum() >= 1.5))


def _classes(targets: Any, by: str | Sequence[str] | None) -> tuple[tuple[str, ...], Any]:
    """Tell the columns that make the classes, and the targets by class."""
    if isinstance(targets, pd.DataFrame):
        names = list(targets.columns[:-1]) if by is None else [by] if isinstance(by, str) else list(by)
        left = [column for column in targets.columns if column not in names]
        if len(left) != 1 or set(names) - set(targets.columns):
            raise DataError(
                f"a frame of targets needs the columns {', '.join(map(str, names))} and one of counts",
                mend="give the columns of the classes and one column of counts",
            )
        targets = targets.set_index(names)[left[0]]
    if by is None and isinstance(targets, pd.Series) and all(name is not None for name in targets.index.names):
        by = [str(name) for name in targets.index.names]
    if by is None:
        raise DataError("post-stratification does not know its columns", mend="name them with `by=`")
    columns = (by,) if isinstance(by, str) else tuple(by)
    if not columns:
        raise DataError(
            "post-stratification has no column to make its classes of",
            mend='name one or more with `by=`, such as by="region" or by=["region", "age"]',
        )
    return columns, targets
