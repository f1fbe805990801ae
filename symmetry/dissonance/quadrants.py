"""The four quadrants of the French mirror survey, and how probable each is: strength, weakness, over- and under-estimation.

With g the gap, m its smallest gap of interest, and α and β how far the item lies above the mean item of its family and domain on
either side, the truth lies in exactly one of five places: *over* g ≤ -m (the house thinks better of itself than its customers
do), *under* g ≥ m, *strength* |g| < m with α ≥ 0 and β ≥ 0, *weakness* |g| < m with both below 0, and *between*, the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse, special, stats

from symmetry import estimate
from symmetry.dissonance.nouns import Gap

__all__ = ["QUADRANTS", "chance_of", "chances", "named_quadrants"]

QUADRANTS = ("over", "under", "strength", "weakness", "between")
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
_FAR = 8.5
_ONE = 1 - 1e-12


def named_quadrants(gap: Gap, verdict: Sequence[str] | np.ndarray) -> np.ndarray:
    """Name the quadrant of settled gaps.

    Parameters
    ----------
    gap : G gaps.  verdict : (G,) their verdicts.

    Returns
    -------
    (G,) over or under where dissonant, strength or weakness where aligned and both sides agree on where the item stands; "" for
    what is not settled, for an aligned item that one side places above its mean and the other below, and where the family has no
    other item to stand above.
    """
    said = np.asarray(verdict, object)
    a, b = _heights(gap)
    agreed = np.isin(said, ["aligned", "accurate"])
    rules = [
        np.isin(said, ["dissonant", "misjudged"]) & (gap.estimate.values < 0),
        np.isin(said, ["dissonant", "misjudged"]),
        agreed & (a >= 0) & (b >= 0),
        agreed & (a < 0) & (b < 0),
    ]
    return np.select(rules, list(QUADRANTS[:4]), "").astype(object)


def chances(gap: Gap, smallest: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
    """Say how probable each quadrant is.

    Parameters
    ----------
    gap : G gaps.  smallest : (G,) their smallest gaps of interest.  rows : numbers of those wanted; none means all.

    Returns
    -------
    (rows, 5) probabilities of over, under, strength, weakness and between, which add up to 1; NaN where the gap has no error, and
    in the last three where the family has no other item.

    Notes
    -----
    The probabilities are those of a truth that is t around the estimates, with the gap's degrees of freedom; the covariance of
    (g, α, β) in the design, the family's own means included, joins the three by a normal copula.  A gap that is material alone
    (p < .025) is hence over or under with probability above .975.  A value with error 0 is certain.  The plane of α and β is
    Owen's T [1]_, the band of g takes 48 Gauss-Legendre nodes.

    References
    ----------
    .. [1] Owen (1956). Tables for computing bivariate normal probabilities. Annals of Mathematical Statistics 27, 1075-1090.
    """
    which = np.arange(len(gap.estimate)) if rows is None else np.asarray(rows, int)
    out = np.full((len(which), 5), np.nan)
    out[:, 0], out[:, 1], low, high = _sides_of(gap, smallest, which)
    df = gap.estimate.df[which].astype(float)
    heights = [one[which] for one in _heights(gap)]
    known = ~np.isnan(heights[0]) & ~np.isnan(low)
    if known.any():
        errors, turns = _joint(gap, which[known])
        marks = [_score(height[known], error, df[known]) for height, error in zip(heights, errors, strict=True)]
        out[known, 2:4] = _inside(low[known], high[known], marks[0], marks[1], *turns)
        out[known, 4] = np.maximum(1 - out[known, :4].sum(axis=1), 0.0)
    return out


def chance_of(gap: Gap, smallest: np.ndarray, named: np.ndarray) -> np.ndarray:
    """Say how probable the quadrant is that each gap (G,) was given, as in `chances`; NaN where it was given none."""
    out = np.full(len(named), np.nan)
    sided = np.flatnonzero(np.isin(named, QUADRANTS[:2]))
    out[sided] = np.where(named[sided] == "over", *_sides_of(gap, smallest, sided)[:2])
    agreed = np.flatnonzero(np.isin(named, QUADRANTS[2:4]))
    found = chances(gap, smallest, agreed)
    out[agreed] = np.where(named[agreed] == "strength", found[:, 2], found[:, 3])
    return out


def _sides_of(gap: Gap, smallest: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, ...]:
    """Probability of over and of under, and the normal scores of both margins."""
    g, m = gap.estimate.values[rows], np.asarray(smallest, float)[rows]
    df = gap.estimate.df[rows].astype(float)
    se = np.where(df > 0, gap.estimate.se[rows], np.nan)
    low, high = (_score(end - g, se, df) for end in (-m, m))
    return special.ndtr(low), special.ndtr(-high), low, high


def _score(distance: np.ndarray, se: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Normal score of a distance in t; infinite, held at ± 40, where the error is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = distance / se
    sure = np.where(distance >= 0, 40.0, -40.0)
    tail = stats.t.sf(np.abs(t), df)
    found = np.where(t < 0, 1.0, -1.0) * special.ndtri(np.maximum(tail, 1e-300))
    return np.where(se > 0, found, np.where(np.isnan(se), np.nan, sure))


def _family(gap: Gap) -> tuple[np.ndarray, np.ndarray]:
    """Number the families in which a level is set against its mean item (-1: none), and count their items."""
    labels = gap.estimate.labels
    keys = [labels[name] for name in ("family", "statistic", "scale", "reading", *gap.by)]
    counted = (labels["mirror"] != "loose").to_numpy() & ~np.isnan(gap.estimate.values)
    number = labels.groupby(keys, sort=False, dropna=False, observed=True).ngroup().to_numpy()
    size = np.bincount(number, counted, minlength=1)[number].astype(int)
    return np.where(counted & (size > 1), number, -1), size


def _heights(gap: Gap) -> tuple[np.ndarray, np.ndarray]:
    """How far each side's level lies above its mean item; NaN where there is no other item."""
    number, size = _family(gap)
    inside = number >= 0
    out = []
    for side in ("a", "b"):
        level = gap.levels.values[gap.sides[side]]
        mean = np.bincount(number[inside], level[inside], minlength=1)[number * inside] / np.maximum(size, 1)
        out.append(np.where(inside, level - mean, np.nan))
    return out[0], out[1]


def _joint(gap: Gap, rows: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Errors of α and β, and the correlations of (g, α), (g, β) and (α, β), by the design's covariance of the levels."""
    number, size = _family(gap)
    inside = np.flatnonzero(number >= 0)
    member = sparse.csr_array(
        (1 / size[inside], (number[inside], inside)), shape=(number.max(initial=0) + 1, len(number))
    )
    pick = sparse.csr_array((np.ones(len(rows)), (np.arange(len(rows)), rows)), shape=(len(rows), len(number)))
    above = pick - member[number[rows]]
    a, b = (_sides(gap, side) for side in ("a", "b"))
    alpha, beta = above @ a, above @ b
    relative = (gap.estimate.labels["reading"] == "relative").to_numpy()[rows].astype(float)
    plain = pick @ (a - b)
    g = sparse.diags_array(1 - relative) @ plain + sparse.diags_array(relative) @ (alpha - beta)
    asked = sparse.csr_array(sparse.vstack([alpha, beta, alpha - beta, g - alpha, g - beta]))
    v = estimate.contrast(gap.levels, asked).variance.reshape(5, len(rows))
    own = gap.estimate.variance[rows]
    pairs = ((own, v[0], v[3]), (own, v[1], v[4]), (v[0], v[1], v[2]))
    return [np.sqrt(np.maximum(one, 0.0)) for one in v[:2]], [_turn(*pair) for pair in pairs]


def _sides(gap: Gap, side: str) -> sparse.csr_array:
    """The level that each gap has on a side, as a matrix (G, D)."""
    at = gap.sides[side].to_numpy(int)
    return sparse.csr_array((np.ones(len(at)), (np.arange(len(at)), at)), shape=(len(at), len(gap.levels)))


def _turn(one: np.ndarray, other: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """Correlation of two values from their variances and that of their difference; 0 where one has none."""
    scale = np.sqrt(np.maximum(one * other, 0.0))
    found = np.divide(one + other - difference, 2 * scale, out=np.zeros(len(one)), where=scale > 0)
    return np.asarray(np.clip(found, -_ONE, _ONE))


def _inside(
    low: np.ndarray, high: np.ndarray, a: np.ndarray, b: np.ndarray, ga: np.ndarray, gb: np.ndarray, ab: np.ndarray
) -> np.ndarray:
    """Probability (n, 2) that g lies in its band with both sides above, and with both below."""
    start, stop = np.clip(low, -_FAR, _FAR), np.clip(high, -_FAR, _FAR)
    rest_a, rest_b = np.sqrt(1 - ga**2), np.sqrt(1 - gb**2)
    partial = np.clip((ab - ga * gb) / (rest_a * rest_b), -_ONE, _ONE)
    out = np.zeros((len(low), 2))
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        z = start + (stop - start) * (node + 1) / 2
        share = weight * (stop - start) / 2 * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        at_a, at_b = (a + ga * z) / rest_a, (b + gb * z) / rest_b
        both = _both(at_a, at_b, partial)
        out[:, 0] += share * both
        out[:, 1] += share * np.maximum(1 - special.ndtr(at_a) - special.ndtr(at_b) + both, 0.0)
    return out


def _both(h: np.ndarray, k: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Probability that two standard normals of correlation rho lie below h and k."""
    h, k = (np.where(np.abs(x) < 1e-12, 1e-12, np.clip(x, -40, 40)) for x in (h, k))
    rest = np.sqrt(1 - rho**2)
    found = (special.ndtr(h) + special.ndtr(k)) / 2
    found -= special.owens_t(h, (k / h - rho) / rest) + special.owens_t(k, (h / k - rho) / rest)
    return np.asarray(np.maximum(found - np.where(h * k < 0, 0.5, 0.0), 0.0))
