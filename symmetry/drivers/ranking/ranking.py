"""Ranks of drivers with what is not known of them: bounds that hold for all drivers at once, chances to lead, and tiers.

That driver j stands above driver k is a claim about θ_j - θ_k, whose error needs the covariance of the shares.  All p (p - 1)
claims "θ_j > θ_k" are tested together by the largest statistic (max-T), stepping down: what is rejected leaves, and the rest is
judged by the largest of what stays.  The chance of any false claim is held, so the bounds

    1 + number of drivers significantly above j   ≤   rank of j   ≤   p - number of drivers significantly below j

hold for all drivers together (Klein, Wright, Wieczorek 2020; by differences and stepwise, Mogstad, Romano, Shaikh, Wilhelm 2024).
Comparing intervals driver by driver (Klein's first form) leaves the covariance out, and shares of one R² compete: differences by
max-T are never wider than Holm's for as many claims, since they know how the claims depend on each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from symmetry.drivers.ranking.asking import check_estimate, check_level, check_seed, check_whole
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["Ranks", "ranks"]

_WHOLE = ("r2", "always")
_LEAST = 200
_ENTRIES = 1 << 21


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks of p drivers.

    shares : whose ranks they are, rows of R² and controls left out.  rank (p,) 1 for the largest, NaN where there is no share.
    lower, upper (p,) : bounds that hold for all at once at `level`.  tier (p,) from 1.  top : the ks of chance (p, len(top)), the
    chance to be among the k first.  above (p, p) : whether row is significantly above column.  source : what the chances come
    from, in words.  note : p texts.
    """

    shares: Estimate
    rank: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    tier: np.ndarray
    top: tuple[int, ...]
    chance: np.ndarray
    above: np.ndarray
    level: float
    source: str
    note: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rank)

    def table(self) -> pd.DataFrame:
        """One row a driver: statistic, item, estimate, rank, rank_lower, rank_upper, tier, top1 … (one a k), n, note."""
        return pd.DataFrame(
            {
                "statistic": self.shares.labels["statistic"].to_numpy(),
                "item": self.shares.labels["item"].to_numpy(),
                "estimate": self.shares.values,
                "rank": self.rank,
                "rank_lower": self.lower,
                "rank_upper": self.upper,
                "tier": self.tier,
                **{f"top{k}": self.chance[:, place] for place, k in enumerate(self.top)},
                "n": self.shares.n,
                "note": self.note,
            }
        )


def ranks(
    shares: Estimate, *, level: float = 0.95, top: int | Sequence[int] = (1, 3), draws: int = 10_000, seed: int = 0
) -> Ranks:
    """Rank drivers by their shares, with simultaneous bounds, chances to be among the first, and tiers.

    Parameters
    ----------
    shares : what `importance` gives, by one method; its rows of R² and of controls have no rank.
    level : chance that the bounds of all drivers hold together.
    top : k, or several, of the chances to be among the k first.
    draws : of shares around their values, by their covariance; at least 1,000.
    seed : of the draws.

    Returns
    -------
    Ranks of p drivers.

    A driver opens a new tier when, walking down the order, it is significantly below the first driver of the tier so far; all
    others are in one tier with that first driver, and their order inside it is not to be read.

    Raises
    ------
    DesignError : no driver at all, drivers named twice (two methods in one estimate), a level outside (0, 1), a k below 1, fewer
        than 1,000 draws, a seed that is no whole number from 0.

    Notes
    -----
    Critical values are quantiles of the largest of the standardised differences of draws from the multivariate t on the fewest df
    of the shares, with their covariance.  Chances are shares of the replicates where the design has 200 random ones or more (a
    bootstrap: replicate values are the spread a new sample would have; those of a jackknife are not), else of the draws.  A
    driver without a share or a standard error cannot be ordered: it takes no part in any claim, and the bounds of the others
    allow for it.  R twin: ``csranks::csranks(x, Sigma, coverage = 0.95, simul = TRUE, stepdown = TRUE)``.

    References
    ----------
    .. [1] Klein, Wright, Wieczorek (2020). A joint confidence region for an overall ranking of populations. JRSS C 69, 589-606.
    .. [2] Mogstad, Romano, Shaikh, Wilhelm (2024). Inference for ranks with applications to mobility across neighbourhoods and
       academic achievement across countries. Review of Economic Studies 91, 476-518.
    .. [3] Romano, Wolf (2005). Exact and approximate stepdown methods for multiple hypothesis testing. JASA 100, 94-108.

    Examples
    --------
    >>> from symmetry.design import Design
    >>> from symmetry.drivers.importance import importance
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(200, 4)), columns=["a", "b", "c", "rest"])
    >>> data["y"] = data["a"] + 0.4 * data["b"] + 0.4 * data["c"] + data["rest"]
    >>> found = ranks(importance(Design(data), "y", ["a", "b", "c"])).table()
    >>> found[["item", "rank", "rank_lower", "rank_upper", "tier", "top1", "top3"]]
      item  rank  rank_lower  rank_upper  tier  top1  top3
    0    a   1.0         1.0         1.0   1.0   1.0   1.0
    1    b   2.0         2.0         3.0   2.0   0.0   1.0
    2    c   3.0         2.0         3.0   2.0   0.0   1.0
    """
    shares, ks = _drivers(shares), _checked(level, top, draws, seed)
    values, p = shares.values, len(shares)
    covariance = shares.covariance()
    known = np.isfinite(values) & np.isfinite(np.diag(covariance)) & (shares.df > 0)
    drawn = _draws(covariance[np.ix_(known, known)], shares.df[known], draws, seed)
    above = np.zeros((p, p), bool)
    above[np.ix_(known, known)] = _significantly_above(values[known], covariance[np.ix_(known, known)], drawn, level)
    valued = np.isfinite(values)
    rank = np.where(valued, 1.0 + (values[:, None] < values[None, :]).sum(axis=1), np.nan)
    lower = np.where(valued, 1.0 + above.sum(axis=0), np.nan)
    upper = np.where(valued, p - above.sum(axis=1), np.nan).astype(float)
    chance = np.full((p, len(ks)), np.nan)
    around, source = _around(shares, known, drawn)
    chance[known] = _chances(around, ks)
    return Ranks(
        shares, rank, lower, upper, _tiers(rank, above), ks, chance, above, level, source, _notes(shares, valued, known)
    )


def _drivers(shares: Estimate) -> Estimate:
    """The rows that are shares of drivers."""
    check_estimate(shares, "ranks are of")
    kept = ~shares.labels["statistic"].isin(_WHOLE).to_numpy()
    if not kept.any():
        raise DesignError("there is no driver to rank", mend="give what importance(...) returns")
    found = shares.select(kept)
    twice = found.labels["item"][found.labels["item"].duplicated()]
    if len(twice):
        raise DesignError(
            f"driver `{twice.iloc[0]}` has two shares",
            mend="rank one method and one domain at a time: shares.select(…)",
        )
    return found


def _checked(level: float, top: int | Sequence[int], draws: int, seed: int) -> tuple[int, ...]:
    """The ks asked for, once all options make sense."""
    ks = tuple(top) if isinstance(top, Iterable) else (top,)
    check_level(level)
    for k in ks:
        check_whole(k, 1, f"top={top!r} is no number of first drivers", "whole numbers from 1, as (1, 3)")
    check_whole(draws, 1000, f"{draws!r} draws give no quantiles to rely on", "a whole number of 1,000 or more")
    check_seed(seed)
    return tuple(map(int, ks))


def _draws(covariance: np.ndarray, df: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Draws (draws, p) of the multivariate t around 0, on the fewest df."""
    rng = np.random.default_rng(seed)
    size, vectors = np.linalg.eigh(covariance)
    found = rng.standard_normal((draws, len(df))) @ (vectors * np.sqrt(np.maximum(size, 0.0))).T
    fewest = float(df.min(initial=np.inf))
    if np.isfinite(fewest):
        found /= np.sqrt(rng.chisquare(fewest, draws) / fewest)[:, None]
    return np.asarray(found)


def _significantly_above(values: np.ndarray, covariance: np.ndarray, drawn: np.ndarray, level: float) -> np.ndarray:
    """Which drivers are above which (p, p), by stepwise max-T over the claims of all ordered pairs."""
    p = len(values)
    above = np.zeros((p, p), bool)
    first, second = np.triu_indices(p, 1)
    if not len(first):
        return above
    own = np.diag(covariance)
    variance = own[first] + own[second] - 2 * covariance[first, second]
    exact = variance <= 1e-12 * (own[first] + own[second])
    difference = values[first] - values[second]
    sure = np.where(np.abs(difference) > 1e-12 * np.abs(values).max(), np.copysign(np.inf, difference), 0.0)
    scale = np.sqrt(np.where(exact, 1.0, variance))
    t = np.where(exact, sure, difference / scale)
    claims = np.stack([t, -t])
    open_ = np.ones(claims.shape, bool)
    while open_.any():
        critical = np.quantile(
            _largest(drawn, first, second, np.where(exact, np.inf, scale), open_), level, method="higher"
        )
        rejected = open_ & (claims > critical)
        if not rejected.any():
            break
        open_ &= ~rejected
    above[first, second], above[second, first] = ~open_
    return above


def _largest(
    drawn: np.ndarray, first: np.ndarray, second: np.ndarray, scale: np.ndarray, open_: np.ndarray
) -> np.ndarray:
    """The largest standardised difference of each draw among the claims that are open (2, pairs), either way round."""
    found = np.empty(len(drawn))
    step = max(1, _ENTRIES // len(first))
    for start in range(0, len(drawn), step):
        block = drawn[start : start + step]
        t = (block[:, first] - block[:, second]) / scale
        forth = np.where(open_[0], t, -np.inf).max(axis=1)
        found[start : start + step] = np.maximum(forth, np.where(open_[1], -t, -np.inf).max(axis=1))
    return found


def _tiers(rank: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Tier of each driver (p,): one more than the last's where the first of the last tier is significantly above it."""
    tier = np.full(len(rank), np.nan)
    first, number = -1, 0
    for driver in np.argsort(rank, kind="stable"):
        if np.isnan(rank[driver]):
            continue
        if number == 0 or above[first, driver]:
            first, number = int(driver), number + 1
        tier[driver] = number
    return tier


def _around(shares: Estimate, known: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, str]:
    """Shares of the known drivers in many samples (R, p), and what these are."""
    made, middle = shares.design.layout.replicates, shares.influence.middle
    if made is not None and made.random and not shares.imputed and middle is not None:
        counts = made.rscales > 0
        if np.isfinite(middle[known]).all() and counts.sum() >= _LEAST:
            return (shares.influence.dense() + middle)[counts][:, known], f"{counts.sum()} bootstrap replicates"
    return shares.values[known] + drawn, f"{len(drawn)} draws by the covariance of the shares"


def _chances(around: np.ndarray, ks: Sequence[int]) -> np.ndarray:
    """How often each driver is among the k largest (p, len(ks))."""
    place = np.empty(around.shape, int)
    np.put_along_axis(place, np.argsort(-around, axis=1, kind="stable"), np.arange(around.shape[1])[None, :], axis=1)
    return np.stack([(place < k).mean(axis=0) for k in ks], axis=1) if ks else np.empty((around.shape[1], 0))


def _notes(shares: Estimate, valued: np.ndarray, known: np.ndarray) -> tuple[str, ...]:
    """What is said of each driver: what its share says, and why it cannot be ordered."""
    own = shares.note or ("",) * len(shares)
    alone = "no other driver to compare with" if len(shares) == 1 else ""
    reason = np.where(
        known, alone, np.where(valued, "no standard error: not ordered against the others", "no share: no rank")
    )
    return tuple("; ".join(filter(None, pair)) for pair in zip(own, reason, strict=True))
