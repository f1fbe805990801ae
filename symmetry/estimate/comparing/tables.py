"""Tests of independence in a table of two columns, on any design (Rao, Scott 1984; Koch, Freeman, Freeman 1975 for Wald's)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from symmetry.design import Design
from symmetry.errors import DesignError
from symmetry.estimate.comparing.crossing import Crossed, crossed
from symmetry.estimate.comparing.rao_scott import (
    Statistic,
    Verdict,
    check_statistic,
    corrected,
    freedom,
    unjudged,
    wald_form,
)
from symmetry.estimate.linearising import check_by

__all__ = ["chisq", "told"]

_SINGULAR = 1e-10


def chisq(
    design: Design, rows: str, columns: str, *, statistic: Statistic = "F", by: Sequence[str] = ()
) -> pd.DataFrame:
    """Test that two columns of categories are independent in the population.

    Parameters
    ----------
    design : n respondents; who misses either column is out of the table, psus and strata stay.
    rows, columns : columns of categories: text, categorical, boolean or whole numbers, at most 2,500 cells.
    statistic : "F" (Rao and Scott's second order), "chisq" (their first), "lincom" (the exact tail of what Pearson's statistic
        follows), "wald", or "adjusted_wald".
    by : columns whose crossed values make domains, a test in each.

    Returns
    -------
    Frame of one row a domain: test, item, the columns of `by`, statistic, df, df2, p, deff (mean generalised design effect),
    pearson (X² of the weighted shares times n), n, note.  Where there is no p, the note says why.

    Raises
    ------
    DesignError : a column is absent, has one category or nobody; more than 2,500 cells; an unknown statistic.

    Notes
    -----
    Categories nobody holds are left out and told.  Degrees of freedom of the design: psus minus strata among those that hold
    answers; across audiences of a stack, Satterthwaite's.
    R twin: ``svychisq(~rows + columns, design, statistic = "F")``, where lincom cuts fractional degrees of freedom.

    References
    ----------
    .. [1] Rao, Scott (1984). On chi-squared tests for multiway contingency tables with cell proportions estimated from survey
       data. The Annals of Statistics 12, 46-60.
    .. [2] Thomas, Rao (1987). Small-sample comparisons of level and power for simple goodness-of-fit statistics under cluster
       sampling. Journal of the American Statistical Association 82, 630-636.

    Examples
    --------
    >>> from symmetry.design import Design
    >>> rng = np.random.default_rng(4)
    >>> data = pd.DataFrame({"branch": np.repeat(np.arange(20), 10), "channel": rng.choice(["phone", "web"], 200)})
    >>> data["solved"] = rng.random(200) < np.where(data["channel"] == "web", 0.8, 0.6)
    >>> chisq(Design(data, psu="branch"), "channel", "solved")[["test", "statistic", "df", "df2", "p"]].round(4)
              test  statistic   df   df2       p
    0  Rao-Scott F     7.6837  1.0  19.0  0.0121
    """
    check_statistic(statistic)
    tables = crossed(design, (rows, columns), by=by)
    for table in tables if not by else ():
        for name, levels in zip((rows, columns), table.levels, strict=True):
            if len(levels) == 1:
                raise DesignError(
                    f"`{name}` has one category, {levels[0]!r}: there is nothing to compare",
                    mend="choose a column of several categories",
                )
    return told(tables, [_judged(table, statistic) for table in tables], f"{rows} × {columns}", check_by(by))


def told(
    tables: Sequence[Crossed], verdicts: Sequence[tuple[float, Verdict]], item: str, by: Sequence[str]
) -> pd.DataFrame:
    """Frame of verdicts on tables, each with its Pearson's statistic: a row a domain."""
    rows: list[dict[str, Any]] = []
    for table, (pearson, found) in zip(tables, verdicts, strict=True):
        row = {"test": found.test, "item": item, **dict(zip(by, table.domain, strict=True))}
        row |= {"statistic": found.statistic, "df": found.df, "df2": found.df2, "p": found.p, "deff": found.deff}
        rows.append(row | {"pearson": pearson, "n": table.n, "note": "; ".join(filter(None, [table.note, found.note]))})
    return pd.DataFrame(rows)


def _judged(table: Crossed, statistic: Statistic) -> tuple[float, Verdict]:
    """Pearson's statistic of a table, and the test of it."""
    shape = tuple(len(levels) for levels in table.levels)
    if min(shape) < 2:
        return np.nan, unjudged(statistic, "one category: nothing to compare")
    shares = table.shares.reshape(shape)
    expected = np.multiply.outer(shares.sum(axis=1), shares.sum(axis=0))
    pearson = table.n * float(((shares - expected) ** 2 / expected).sum())
    slope, note = _slope(table.shares, expected.ravel(), shape)

    def form_of(spread: np.ndarray) -> np.ndarray:
        return np.asarray(table.n * slope.T @ spread @ slope)

    nu = freedom(table, form_of)
    if statistic in ("wald", "adjusted_wald"):
        return pearson, wald_form(*_residuals(table, shape), nu, statistic)
    found = corrected(pearson, form_of(table.spread), nu, statistic)
    return pearson, replace(found, note="; ".join(filter(None, [note, found.note])))


def _slope(shares: np.ndarray, expected: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, str]:
    """What turns shares (K,) into interactions (K, k) whose covariance under simple random sampling would be 1/n, and a note.

    With C the contrasts of interaction and D the shares on a diagonal, D⁻¹ C (C' D⁻¹ C)^-½.  Empty cells count 0 in D⁻¹, as in R;
    where that leaves some interactions nothing, D are the shares expected if rows and columns were independent.
    """
    contrasts = np.kron(_contrasts(shape[0]), _contrasts(shape[1]))
    for own in (shares, expected):
        inverse = np.divide(1.0, own, out=np.zeros(len(own)), where=own > 0)
        values, vectors = np.linalg.eigh(contrasts.T @ (inverse[:, None] * contrasts))
        if (own > 0).all() or values[0] > _SINGULAR * values[-1]:
            break
    note = "" if own is shares else "empty cells: design effects at the shares expected"
    return np.asarray(inverse[:, None] * contrasts @ vectors / np.sqrt(values)), note


def _contrasts(size: int) -> np.ndarray:
    """An orthonormal basis (size, size - 1) of what sums to 0."""
    return np.asarray(np.linalg.qr(np.column_stack([np.ones(size), np.eye(size)[:, 1:]]))[0][:, 1:])


def _residuals(table: Crossed, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Counts less those expected (k,), of all rows and columns but the first, and their covariance (k, k)."""
    counts = table.counts.reshape(shape)
    whole, across, down = counts.sum(), counts.sum(axis=1), counts.sum(axis=0)
    row, column = (index.ravel() for index in np.indices(shape))
    slope = np.eye(counts.size) - (row[:, None] == row) * (down / whole)[column][:, None]
    slope -= (column[:, None] == column) * (across / whole)[row][:, None]
    slope += (across[row] * down[column] / whole**2)[:, None]
    kept = (row > 0) & (column > 0)
    residual = (counts - np.multiply.outer(across, down) / whole).ravel()
    return residual[kept], (slope @ table.covariance @ slope.T)[np.ix_(kept, kept)]
