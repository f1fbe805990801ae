"""Goodness of fit: does a column of categories have the shares it should, in a census or by law? (Rao, Scott 1981)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from symmetry.design import Design
from symmetry.errors import DesignError
from symmetry.estimate.comparing.crossing import Crossed, crossed
from symmetry.estimate.comparing.rao_scott import Statistic, Verdict, check_statistic, corrected, freedom, wald_form
from symmetry.estimate.comparing.tables import told
from symmetry.estimate.linearising import check_by

__all__ = ["goodness_of_fit"]


def goodness_of_fit(
    design: Design, item: str, shares: Mapping[Any, float], *, statistic: Statistic = "F", by: Sequence[str] = ()
) -> pd.DataFrame:
    """Test that the categories of a column have given shares of the population.

    Parameters
    ----------
    design : n respondents; who misses the column is out, psus and strata stay.
    item : column of categories.
    shares : category → its share, or its count: only their proportions matter.  Every category that somebody holds has one.
    statistic : "F", "chisq", "lincom", "wald" or "adjusted_wald"; see `chisq`.
    by : columns whose crossed values make domains, a test in each.

    Returns
    -------
    Frame of one row a domain, as that of `chisq`; pearson is n Σ (p - p₀)² / p₀.

    Raises
    ------
    DesignError : a column is absent, nobody answered, shares are fewer than two, not positive, or lack a category that is held.

    Notes
    -----
    R twin: ``svygofchisq(~item, shares, design)``, Satterthwaite's tail with infinite degrees of freedom; there X² is of the size
    of the population, and the error of that size enters too.

    References
    ----------
    .. [1] Rao, Scott (1981). The analysis of categorical data from complex sample surveys: chi-squared tests for goodness of fit
       and independence in two-way tables. Journal of the American Statistical Association 76, 221-230.

    Examples
    --------
    >>> from symmetry.design import Design
    >>> data = pd.DataFrame({"branch": np.repeat(np.arange(12), 5), "channel": ["phone", "web", "web"] * 20})
    >>> data.loc[:9, "channel"] = "phone"
    >>> fit = goodness_of_fit(Design(data, psu="branch"), "channel", {"phone": 0.3, "web": 0.7})
    >>> fit[["test", "statistic", "df", "df2", "p"]].round(4)
              test  statistic   df   df2       p
    0  Rao-Scott F     2.7077  1.0  11.0  0.1281
    """
    check_statistic(statistic)
    expected = _expected(shares)
    tables = crossed(design, (item,), by=by)
    return told(tables, [_judged(table, item, expected, statistic) for table in tables], item, check_by(by))


def _expected(shares: Mapping[Any, float]) -> dict[Any, float]:
    """Shares that sum to 1."""
    if not isinstance(shares, Mapping) or len(shares) < 2:
        raise DesignError(
            "goodness of fit wants the shares of at least two categories", mend='{"phone": 0.3, "web": 0.7}'
        )
    try:
        sizes = np.array([float(size) for size in shares.values()])
    except (TypeError, ValueError) as error:
        raise DesignError("a share is no number", mend="give each category a share or a count") from error
    if not (np.isfinite(sizes).all() and (sizes > 0).all()):
        worst = list(shares)[int(np.argmin(np.where(np.isfinite(sizes), sizes, -np.inf)))]
        raise DesignError(
            f"the share of {worst!r} is not above 0", mend="leave out categories that nobody can hold; merge rare ones"
        )
    return dict(zip(shares, sizes / sizes.sum(), strict=True))


def _judged(table: Crossed, item: str, expected: dict[Any, float], statistic: Statistic) -> tuple[float, Verdict]:
    """Pearson's statistic of a table, and the test of it."""
    (levels,) = table.levels
    unknown = [level for level in levels if level not in expected]
    if unknown:
        raise DesignError(
            f"`{item}` holds {unknown[0]!r}, to which no share is given",
            mend="give every category a share, or merge it",
        )
    p0 = np.array(list(expected.values()))
    place = [list(expected).index(level) for level in levels]
    member = np.zeros((len(p0), len(levels)))
    member[place, np.arange(len(levels))] = 1.0
    apart = member @ table.shares - p0
    pearson = table.n * float((apart**2 / p0).sum())

    root = np.sqrt(p0)
    slope = np.linalg.qr(np.column_stack([root, np.eye(len(p0))[:, 1:]]))[0][:, 1:] / root[:, None]

    def form_of(spread: np.ndarray) -> np.ndarray:
        return np.asarray(table.n * slope.T @ member @ spread @ member.T @ slope)

    nu = freedom(table, form_of)
    if statistic in ("wald", "adjusted_wald"):
        return pearson, wald_form(apart[1:], (member @ table.spread @ member.T)[1:, 1:], nu, statistic)
    return pearson, corrected(pearson, form_of(table.spread), nu, statistic)
