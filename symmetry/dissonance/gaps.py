"""Gaps between mirrored items: customers minus employees, in one stacked design, so that what they share is not counted twice.

Two readings: the *absolute* gap says who is higher; the *relative* gap, the absolute one minus the mean gap of its family, says
what is unusual once one audience's general severity is removed.  The rank reading is not built yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from symmetry import estimate
from symmetry.design import Design
from symmetry.dissonance.nouns import Gap, Pair
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["gap"]


def gap(stacked: Design, pairs: Iterable[Pair], *, by: Sequence[str] = ()) -> Gap:
    """Gaps of mirrored pairs in a stacked design.

    Parameters
    ----------
    stacked : design with a column `audience` (see `design.stack`).
    pairs : what is compared; pairs of one family are read together.
    by : columns whose crossed values make domains; a domain where one side has no answer gives no row.

    Returns
    -------
    Gap with one value per pair × domain for the absolute reading, then, for families of two or more lawful pairs on the same
    statistic, one for the relative reading.  Values are in the statistic's unit (points, share, NPS points).

    Raises
    ------
    DesignError : the design is not stacked, a column is absent, or no pair has answers on both sides.

    Notes
    -----
    R twin: ``svycontrast(svyby(~x, ~audience, stacked, svymean, covmat = TRUE), c(customers = 1, employees = -1))``

    Examples
    --------
    >>> from symmetry.design import stack
    >>> customers = Design(pd.DataFrame({"branch": [1, 2, 3], "clean": [4.0, 3.0, 5.0]}), psu="branch")
    >>> employees = Design(pd.DataFrame({"branch": [1, 2, 3], "clean": [3.0, 3.0, 4.0]}), psu="branch")
    >>> clean = Pair("clean", ("customers", "clean"), ("employees", "clean"), "customer - employee", "literal", "mean", 0.3)
    >>> gap(stack({"customers": customers, "employees": employees}), [clean]).table()[["item", "estimate", "se"]].round(4)
        item  estimate      se
    0  clean    0.6667  0.3333
    """
    if "audience" not in stacked.data:
        raise DesignError("a gap needs a stacked design", mend="stack the audiences with design.stack")
    asked = list(pairs)
    levels = _levels(stacked, asked, by)
    rows = _match(levels, asked, tuple(by))
    if rows.empty:
        raise DesignError("no pair has answers on both sides", mend="check the columns and audiences of the pairs")
    matrix = np.zeros((len(rows), len(levels)))
    matrix[np.arange(len(rows)), rows["a"]] = 1.0
    matrix[np.arange(len(rows)), rows["b"]] = -1.0
    relative, kept = _relative(matrix, rows, tuple(by))
    found = estimate.contrast(levels, np.vstack([matrix, relative]))
    every = pd.concat([rows.assign(reading="absolute"), rows.iloc[kept].assign(reading="relative")], ignore_index=True)
    n = levels.n[every["a"]] + levels.n[every["b"]]
    labels = every[["statistic", "item", *by, "family", "mirror", "smallest", "reading"]]
    deff = np.full(len(every), np.nan)
    return Gap(
        estimate=replace(found, labels=labels, n=n, deff=deff),
        levels=levels,
        sides=every[["a", "b"]],
        by=tuple(by),
        pairs={(pair.item, pair.family): pair for pair in asked},
    )


def _levels(stacked: Design, pairs: list[Pair], by: Sequence[str]) -> Estimate:
    """Estimate both sides of all pairs, a call per statistic and threshold."""
    groups: dict[tuple[str, float | None], list[str]] = {}
    for pair in pairs:
        columns = groups.setdefault((pair.statistic, pair.at_least), [])
        columns.extend(column for _, column in (pair.a, pair.b) if column not in columns)
    domain = ["audience", *by]
    parts = []
    for (statistic, at_least), columns in groups.items():
        if statistic == "nps":
            parts.append(estimate.nps(stacked, columns, by=domain))
        elif at_least is not None:
            parts.append(estimate.favourable(stacked, columns, at_least=at_least, by=domain))
        else:
            parts.append(estimate.mean(stacked, columns, by=domain, statistic=statistic))
    return estimate.join(parts)


def _match(levels: Estimate, pairs: list[Pair], by: tuple[str, ...]) -> pd.DataFrame:
    """Find the level rows (a, b) of every pair × domain that has both."""
    labels = levels.labels
    place = {key: row for row, key in enumerate(zip(labels["audience"], labels["item"], labels["statistic"],
                                                    *(labels[name] for name in by), strict=True))}  # fmt: skip
    domains = labels[list(by)].drop_duplicates().itertuples(index=False) if by else [()]
    found = []
    for values in sorted(tuple(domain) for domain in domains):
        for pair in pairs:
            a, b = (place.get((*side, pair.statistic, *values)) for side in (pair.a, pair.b))
            if a is not None and b is not None:
                about = (pair.statistic, pair.item, *values, pair.family, pair.mirror, pair.smallest, a, b)
                found.append(about)
    return pd.DataFrame(found, columns=["statistic", "item", *by, "family", "mirror", "smallest", "a", "b"])


def _relative(matrix: np.ndarray, rows: pd.DataFrame, by: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Take from each lawful gap the mean of its family and domain; gives the contrasts and the rows they read."""
    lawful = rows["mirror"] != "loose"
    kept: list[int] = []
    contrasts: list[np.ndarray] = []
    for _, group in rows[lawful].groupby(["family", "statistic", *by], sort=False):
        if len(group) < 2:
            continue
        inside = matrix[group.index]
        contrasts.extend(inside - inside.mean(axis=0))
        kept.extend(group.index)
    order = np.argsort(kept, kind="stable")
    stacked = np.array(contrasts).reshape(len(kept), matrix.shape[1])
    return stacked[order], np.asarray(kept, int)[order]
