"""Totals, shares of categories and ratios, by domain (Särndal, Swensson, Wretman 1992, chapter 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from symmetry.design import Design, cells_of, cube_of, series_of
from symmetry.errors import DesignError
from symmetry.estimate.linearising import Deff, Smooth, check_by, check_deff, items_of, linearise
from symmetry.estimate.nouns import Estimate, join_in_order
from symmetry.estimate.provenance import missing_answers

__all__ = ["ratio", "share", "total"]

_MOST_CATEGORIES = 1000
_ENTRIES = 1 << 19


def total(
    design: Design, items: str | Sequence[str] | None = None, *, by: Sequence[str] = (), deff: Deff = "wr"
) -> Estimate:
    """Population totals of one or several columns, Σ w y; without a column, of people, Σ w.

    Parameters
    ----------
    design : n respondents; a missing answer counts as 0 (nobody can add what was not said: the note tells how many).
    items : numeric columns; none counts the population.
    by : columns whose crossed values make domains.
    deff : reference of the design effect, "wr", "wor" or None; see `mean`.

    Returns
    -------
    Estimate in the unit of the column times people; its interval is value ± t·se.

    Raises
    ------
    DesignError : a column is absent or not numeric, nobody answered, or a stratum has one psu under `lonely_psu="fail"`.

    Notes
    -----
    R twin: ``svyby(~x, ~g, design, svytotal, na.rm = TRUE)``, ``svytotal(~one, design)`` for people.

    Examples
    --------
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2], "calls": [3, 1, 2, 2], "N": 8})
    >>> total(Design(answers, psu="branch", fpc="N"), "calls").table()[["item", "estimate", "se"]].round(3)
        item  estimate   se
    0  calls      32.0  0.0
    """
    smooth = Smooth(
        value=lambda sums, _: sums[..., 1:2],
        gradient=lambda sums, _: np.broadcast_to(np.array([0.0, 1.0, 0.0])[:, None], (*sums.shape, 1)).copy(),
        columns=lambda parts: [parts[0], parts[0] ** 2],
        simple=_simple_total,
        aside=1,
    )
    check_deff(deff)
    if items is None:
        ones = [("people", [np.ones(len(design.data))])]
        return linearise(design, ones, smooth, by=by, statistic="total", deff=None)
    found = linearise(design, [(name, [name]) for name in items_of(items)], smooth, by=by, statistic="total", deff=deff)
    return _with_missing(found)


def share(design: Design, items: str | Sequence[str], *, by: Sequence[str] = (), deff: Deff = "wr") -> Estimate:
    """Shares of the population in each category of one or several columns.

    Parameters
    ----------
    items : columns of categories: text, categorical, boolean or whole numbers, at most 1,000 different ones.
    by : columns whose crossed values make domains.
    deff : reference of the design effect, "wr", "wor" or None; see `mean`.

    Returns
    -------
    Estimate of shares between 0 and 1, a row for each item × category × domain (column `category`), which sum to 1 over the
    categories of a domain; the interval is built on the log odds.

    Raises
    ------
    DesignError : a column is absent, has nothing but missing values or more than 1,000 categories.

    Notes
    -----
    R twin: ``svymean(~factor(x), design, na.rm = TRUE)``; intervals ``svyciprop(~I(x == "a"), design, method = "logit")``.

    Examples
    --------
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2], "channel": ["phone", "web", "web", "web"]})
    >>> share(Design(answers, psu="branch"), "channel").table()[["item", "category", "estimate", "se"]].round(3)
          item category  estimate     se
    0  channel    phone      0.25  0.25
    1  channel      web      0.75  0.25
    """
    names = items_of(items)
    asked = [(name, _categories(design, name, by)) for name in names]
    cells, parts = len(cells_of(design, by).group), []
    for key in dict.fromkeys(found.key for _, found in asked):  # items of the same categories in one pass
        alike = [one for one in asked if one[1].key == key]
        step = max(1, _ENTRIES // (cells * len(alike[0][1].labels)))
        parts += [_shares(alike[k : k + step], design, by, deff) for k in range(0, len(alike), step)]
    return join_in_order(parts, names)


def ratio(
    design: Design, numerators: str | Sequence[str], denominator: str, *, by: Sequence[str] = (), deff: Deff = "wr"
) -> Estimate:
    """Ratios of two population totals, Σ w y / Σ w x, over the people who have both.

    Parameters
    ----------
    numerators : one or several numeric columns y.
    denominator : numeric column x.
    by : columns whose crossed values make domains.
    deff : reference of the design effect, "wr", "wor" or None; see `mean`.

    Returns
    -------
    Estimate of y per x, an item called "y / x" for each numerator; its interval is value ± t·se.

    Raises
    ------
    DesignError : a column is absent or not numeric, or the denominator's total is 0 in a domain.

    Notes
    -----
    R twin: ``svyratio(~y, ~x, design, na.rm = TRUE)``

    Examples
    --------
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2], "solved": [3, 1, 2, 2], "asked": [4, 2, 2, 3]})
    >>> ratio(Design(answers, psu="branch"), "solved", "asked").table()[["item", "estimate", "se"]].round(4)
                 item  estimate      se
    0  solved / asked    0.7273  0.0661
    """
    smooth = Smooth(
        value=lambda sums, _: sums[..., 1:2] / sums[..., 2:3],
        gradient=_ratio_gradient,
        columns=lambda parts: [parts[0], parts[1], parts[0] ** 2, parts[1] ** 2, parts[0] * parts[1]],
        simple=_simple_ratio,
        aside=3,
    )
    if not isinstance(denominator, str):
        raise DesignError("a ratio has one denominator", mend="name one column; numerators may be several")
    items = [(f"{name} / {denominator}", [name, denominator]) for name in items_of(numerators)]
    by = check_by(by)
    found = linearise(design, items, smooth, by=by, statistic="ratio", deff=deff)
    if not np.isfinite(found.values).all():
        worst = int(np.argmax(~np.isfinite(found.values)))
        where = ", ".join(str(value) for value in found.labels.iloc[worst][list(by)])
        raise DesignError(
            f"the total of `{denominator}` is 0{f' in {where}' if where else ''}: there is no ratio",
            mend="choose another denominator, or leave this domain out",
        )
    return found


@dataclass(frozen=True, eq=False)
class _Categories:
    """What a column may hold: labels, and the number of each row's (n,), None where labels are the codes of a cube."""

    labels: np.ndarray
    answers: np.ndarray | None

    @cached_property
    def key(self) -> tuple[object, ...]:
        """The same for items of the same categories."""
        return self.answers is None, self.labels.dtype, *((type(label), label) for label in self.labels)


def _categories(design: Design, name: str, by: Sequence[str]) -> _Categories:
    """Categories of one column; refuses a column without, or with too many."""
    column, labels, answers = series_of(design, name), None, None
    if column.dtype != bool and pd.api.types.is_numeric_dtype(column):
        cube = cube_of(design, name, check_by(by, ["category"]))
        labels = None if cube is None else cube.codes[cube.final.any(axis=0)]
    if labels is None:
        codes, labels = pd.factorize(column, sort=True)
        answers = np.where(codes < 0, np.nan, codes)
    elif isinstance(column.dtype, np.dtype):
        labels = labels.astype(column.dtype)
    if not len(labels):
        raise DesignError(f"nobody answered {name}", mend="check the column")
    if len(labels) > _MOST_CATEGORIES:
        raise DesignError(
            f"`{name}` has {len(labels):,} categories: it looks like an identifier",
            mend=f"give a column of at most {_MOST_CATEGORIES:,} categories; a number is described by mean or quantile",
        )
    return _Categories(np.asarray(labels), answers)


def _shares(asked: list[tuple[str, _Categories]], design: Design, by: Sequence[str], deff: Deff) -> Estimate:
    """Shares of the categories of items that have the same."""
    first = asked[0][1]
    codes = first.labels if first.answers is None else np.arange(len(first.labels))
    outputs = pd.DataFrame({"category": np.asarray(first.labels, dtype=object)})
    items = [(name, [name if one.answers is None else one.answers]) for name, one in asked]
    return coded_share(design, items, codes, outputs, by=by, deff=deff)


def coded_share(
    design: Design,
    items: Sequence[tuple[str, Sequence[str | np.ndarray]]],
    codes: Sequence[float] | np.ndarray,
    outputs: pd.DataFrame,
    *,
    by: Sequence[str] = (),
    deff: Deff = "wr",
) -> Estimate:
    """Shares of K known codes of several items, all in one call; `outputs`, a frame of K rows, tells the codes apart."""
    smooth = Smooth(
        value=lambda sums, _: sums[..., 1:] / sums[..., :1],
        gradient=_share_gradient,
        columns=lambda parts: [(parts[0] == code).astype(float) for code in codes],
        simple=_simple_share,
    )
    return linearise(design, items, smooth, by=by, statistic="share", method="logit", deff=deff, outputs=outputs)


def _share_gradient(sums: np.ndarray, _: np.ndarray) -> np.ndarray:
    """Rows of totals (1, each category) by shares: (-p / W, 1 / W on the category's own)."""
    w, counts = sums[..., :1], sums[..., 1:]
    m = counts.shape[-1]
    own = np.broadcast_to(np.eye(m), (*w.shape[:-1], m, m)) / w[..., None]
    return np.concatenate([(-counts / w**2)[..., None, :], own], axis=-2)


def _simple_share(sums: np.ndarray, n: np.ndarray, _: np.ndarray) -> np.ndarray:
    """P (1 - p) / (n - 1)."""
    p = sums[..., 1:] / sums[..., :1]
    return np.asarray(p * (1 - p) / np.where(n > 1, n - 1, np.nan)[..., None])


def _simple_total(sums: np.ndarray, n: np.ndarray, _: np.ndarray) -> np.ndarray:
    """W² s² / n."""
    w = sums[..., 0]
    scatter = np.maximum(sums[..., 2] / w - (sums[..., 1] / w) ** 2, 0.0)
    return np.asarray(w**2 * scatter / np.where(n > 1, n - 1, np.nan))[..., None]


def _ratio_gradient(sums: np.ndarray, _: np.ndarray) -> np.ndarray:
    """(0, 1 / X, -Y / X², 0, 0, 0)."""
    y, x = sums[..., 1], sums[..., 2]
    zero = np.zeros(x.shape)
    return np.stack([zero, 1 / x, -y / x**2, zero, zero, zero], axis=-1)[..., None]


def _simple_ratio(sums: np.ndarray, n: np.ndarray, _: np.ndarray) -> np.ndarray:
    """Variance of y - R x over n, by the mean of x squared."""
    y, x, yy, xx, yx = (sums[..., k] / sums[..., 0] for k in range(1, 6))
    r = y / x
    return np.asarray(np.maximum(yy - 2 * r * yx + r**2 * xx, 0.0) / np.where(n > 1, n - 1, np.nan) / x**2)[..., None]


def _with_missing(found: Estimate) -> Estimate:
    """Note how many answers a total lacks, domain by domain."""
    lacks = missing_answers(found)
    if lacks is None or not lacks.any():
        return found
    return found.noted([f"{count} missing answers count as 0" if count else "" for count in lacks])
