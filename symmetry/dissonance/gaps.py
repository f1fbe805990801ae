"""Gaps between mirrored items: customers minus employees, in one stacked design, so that what they share is not counted twice.

Two readings: the *absolute* gap says who is higher; the *relative* gap, the absolute one minus the mean gap of its family, says
what is unusual once one audience's general severity is removed.  The rank reading is not built yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

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
    Gap with one value per pair × domain for the absolute reading, then, for families of three or more lawful pairs on the same
    statistic and scale, one for the relative reading (of two, each would be half their difference).  Values are in the
    statistic's unit (points, share, NPS points).

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
    at = np.arange(len(rows))
    signs = np.repeat([1.0, -1.0], len(rows))
    sides = np.concatenate([rows["a"], rows["b"]])
    absolute = sparse.csr_array((signs, (np.tile(at, 2), sides)), shape=(len(rows), len(levels)))
    centring, kept = _relative(rows, tuple(by))
    found = estimate.contrast(levels, sparse.vstack([absolute, centring @ absolute], format="csr"))
    every = pd.concat([rows.assign(reading="absolute"), rows.iloc[kept].assign(reading="relative")], ignore_index=True)
    n = levels.n[every["a"]] + levels.n[every["b"]]
    labels = every[["statistic", "item", *by, "family", "mirror", "smallest", "reading", "scale"]]
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
    return estimate.join(
        [
            estimate.named(stacked, columns, statistic, at_least=at_least, by=domain)
            for (statistic, at_least), columns in groups.items()
        ]
    )


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
                about = (pair.statistic, pair.item, *values, pair.family, pair.mirror, pair.smallest, pair.scale, a, b)
                found.append(about)
    return pd.DataFrame(found, columns=["statistic", "item", *by, "family", "mirror", "smallest", "scale", "a", "b"])


def _relative(rows: pd.DataFrame, by: tuple[str, ...]) -> tuple[sparse.csr_array, np.ndarray]:
    """Take from each lawful gap the mean of its family and domain: the centring matrix, and the rows of gaps it keeps."""
    keys = ["family", "statistic", "scale", *by]
    lawful = rows[rows["mirror"] != "loose"]
    group = lawful.groupby(keys, sort=False).ngroup()
    lawful = lawful[group.map(group.value_counts()) > 2]
    kept, group = lawful.index.to_numpy(), group[lawful.index].to_numpy()
    every = np.arange(len(kept))
    member = sparse.csr_array((np.ones(len(kept)), (group, every)), shape=(group.max(initial=-1) + 1, len(kept)))
    size = np.asarray(member.sum(axis=1))
    mean = member.T @ sparse.diags_array(1 / np.maximum(size, 1)) @ member
    pick = sparse.csr_array((np.ones(len(kept)), (every, kept)), shape=(len(kept), len(rows)))
    return sparse.csr_array((sparse.eye_array(len(kept)) - mean) @ pick), kept
