"""The correlations of drivers and outcome, each from those who answered both: a second opinion where few answered all.

A matrix put together from different people need not be one that any people could have: then it has an eigenvalue below 0, and
explained variance made of it means nothing.  So it is refused unless all eigenvalues are well above.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symmetry.design import Design, Influence, design_of, gather, influence, resampled
from symmetry.drivers.covariances import not_singular
from symmetry.drivers.missing.incomplete import Incomplete, incomplete
from symmetry.drivers.nouns import Again, Moments, Value
from symmetry.errors import DesignError

__all__ = ["pairwise"]

_LEAST = 1e-4


def pairwise(
    design: Design,
    columns: Sequence[str | np.ndarray],
    names: Sequence[str] | None = None,
    *,
    within: np.ndarray | None = None,
) -> Moments:
    """Moments whose every correlation is that of the respondents who answered both items.

    Parameters
    ----------
    columns : of the design's data, or arrays (n,) with NaN for no answer; the outcome last.
    names : what they are called; needed where there are arrays.
    within : rows (n,) that are asked about.

    Returns
    -------
    Moments whose n is that of the pair that fewest answered; the note says the range.  Errors know that pairs are of different
    people.  A replicate whose matrix no people could have is left out and counted.

    Raises
    ------
    DesignError : as `em`; or the smallest eigenvalue of the correlations is not above 0.0001.

    Notes
    -----
    It is unbiased only where answers are missing completely at random; `em` asks for less.  R twin:
    ``cov.wt`` pair by pair; unweighted ``cor(d, use = "pairwise.complete.obs")``.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4, np.nan], "b": [2, 1, 4, np.nan, 5], "y": [1, 2, 3, 3, 5.0]})
    >>> pairwise(Design(answers), ["a", "b", "y"]).note
    'each correlation is of those who answered both items, 3 to 4 of 5 respondents'
    """
    design = design_of(design)
    told = incomplete(design, columns, names, within)
    k = len(told.names)
    pairs = np.triu_indices(k, 1)
    counts = _counted(design, told, pairs)
    answered = [np.where(told.used, column.astype(float), np.nan) for column in told.answered.T]

    def expand(block: list[np.ndarray]) -> list[np.ndarray]:
        made = []
        for a, b in zip(*pairs, strict=True):
            o, x, y = block[k + a] * block[k + b], block[a] * block[k + b], block[b] * block[k + a]
            made += [o, x, y, x * x, y * y, x * y]
        return made

    totals = gather(design, [[*told.z.T, *answered]], expand)
    correlation = _correlations(totals.sums[0, 0], pairs, k)
    _bears(correlation, told.names)

    def linear(gradient: np.ndarray) -> tuple[Influence, np.ndarray]:
        slopes = 2.0 * gradient[:, pairs[0], pairs[1]]
        by_total = slopes[:, :, None] * _by_sums(totals.sums[0, 0])
        flat = np.hstack([np.zeros((len(slopes), 1)), by_total.reshape(len(slopes), -1)])
        return influence(totals, flat.T[None, None])

    def again(value: Value, values: np.ndarray) -> tuple[Influence, np.ndarray, np.ndarray]:
        def made(sums: np.ndarray, _: np.ndarray) -> np.ndarray:
            found = _correlations(sums[:, 0, 0], pairs, k)
            bad = ~np.isfinite(found).all(axis=(1, 2))
            found[bad] = np.eye(k)
            bad |= np.linalg.eigvalsh(found)[:, 0] <= 0.0
            return np.asarray(np.where(bad[:, None], np.nan, value(found))[:, None, None])

        return resampled(totals, made, values[None, None])

    known: Again | None = None if design.layout.replicates is None else again
    n, note = int(counts.min()), _note(counts, told)
    return Moments(design, told.names, correlation, told.middle, told.spread, n, told.asked, note, linear, known)


def _counted(design: Design, told: Incomplete, pairs: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Respondents with a weight who answered both of each pair; refuse pairs of fewer than three."""
    o = (told.answered & (design.layout.weight != 0)[:, None]).astype(float)
    counts = (o.T @ o)[pairs].astype(int)
    least = int(counts.argmin())
    if counts[least] < 3:
        one, other = told.names[pairs[0][least]], told.names[pairs[1][least]]
        raise DesignError(
            f"{counts[least]} respondents answered both `{one}` and `{other}`", mend="leave one of them out"
        )
    return np.asarray(counts)


def _note(counts: np.ndarray, told: Incomplete) -> str:
    """How many are behind each correlation, where it is not all."""
    if told.complete == told.asked:
        return ""
    low, high = int(counts.min()), int(counts.max())
    many = str(low) if low == high else f"{low} to {high}"
    return f"each correlation is of those who answered both items, {many} of {told.asked} respondents"


def _parts(sums: np.ndarray) -> tuple[np.ndarray, ...]:
    """Weight, means, variances and covariance (..., pairs) from sums (..., 1 + 6 pairs)."""
    s = sums[..., 1:].reshape(*sums.shape[:-1], -1, 6)
    w = s[..., 0]
    x, y, xx, yy, xy = (s[..., place] / w for place in range(1, 6))
    return w, x, y, xx - x * x, yy - y * y, xy - x * y


def _correlations(sums: np.ndarray, pairs: tuple[np.ndarray, np.ndarray], k: int) -> np.ndarray:
    """Correlation matrices (..., k, k) from sums (..., 1 + 6 pairs)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        _, _, _, xx, yy, xy = _parts(sums)
        r = xy / np.sqrt(xx * yy)
    found = np.empty((*sums.shape[:-1], k, k))
    found[..., pairs[0], pairs[1]] = found[..., pairs[1], pairs[0]] = r
    found[..., np.arange(k), np.arange(k)] = 1.0
    return found


def _by_sums(sums: np.ndarray) -> np.ndarray:
    """Derivatives (pairs, 6) of each correlation by its sums of 1, x, y, xx, yy, xy."""
    w, x, y, xx, yy, xy = _parts(sums)
    root = np.sqrt(xx * yy)
    r = xy / root
    by_xx, by_yy, by_xy = -r / (2 * xx), -r / (2 * yy), 1 / root
    by_x, by_y = -2 * x * by_xx - y * by_xy, -2 * y * by_yy - x * by_xy
    mean = [x, y, xx + x * x, yy + y * y, xy + x * y]
    by_one = -sum(slope * value for slope, value in zip((by_x, by_y, by_xx, by_yy, by_xy), mean, strict=True))
    return np.asarray(np.stack([by_one, by_x, by_y, by_xx, by_yy, by_xy], axis=1) / w[:, None])


def _bears(correlation: np.ndarray, names: Sequence[str]) -> None:
    """Refuse a matrix that no people could have, or nearly."""
    if not np.isfinite(correlation).all():
        one, other = (names[place] for place in np.argwhere(~np.isfinite(correlation))[0])
        raise DesignError(
            f"among those who answered both `{one}` and `{other}` one of them is the same for all",
            mend="leave one of them out",
        )
    smallest = np.linalg.eigvalsh(correlation)[0]
    if smallest > _LEAST:
        return
    if smallest >= 0:
        not_singular(correlation[:-1, :-1], names[:-1])
    raise DesignError(
        f"the correlations of pairs contradict each other: their smallest eigenvalue is {smallest:.4f}",
        mend='use missing="em", or leave out the items that fewest answered',
    )
