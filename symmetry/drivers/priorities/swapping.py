"""Do two audiences have the same priorities across units?  Their labels are swapped unit by unit, at equal noise.

Swapping asks whether all is exchangeable, and unequal noise of unit means is not.  So each set of scores, the true one and every
swapped one alike, is first rid of the noise it holds and then given the same noise T:

    C = Cov(scores) - mean noise of its units,  set to variances of 1;   C + T,   T = S_a + (S_b - S_a)₊

S_a, S_b the mean noise of either side in these units and ₊ the positive part: T is the least that both sides can carry, so
nothing is added where both are as noisy.  Shares of explained variance are those of C + T.  Noise enters as its expected
covariance, never as random numbers, which would cost power.  One noisy side and one precise side still differ a little more than
two sides of middling noise do, since shares are curved; so where 100 bootstraps of the units say that a driver's difference is
wider than under swapping, its swapped differences are widened to that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symmetry.drivers.priorities.distances import spearman
from symmetry.drivers.priorities.mapping import Sharing
from symmetry.drivers.priorities.unit_means import UnitMeans
from symmetry.drivers.telling import watched

__all__ = ["Swapped", "idle", "swap"]

_ENTRIES = 1 << 22
_FEWEST = 30
_DRAWN = 100
_LEAST = 0.05  # of the variance seen among units, what must be true
_TIES = 1e-12


@dataclass(frozen=True, eq=False)
class Swapped:
    """What swapping labels says of P drivers.

    shares (2, P) of both audiences at equal noise.  se (P,) spread of their differences under swapping, or among bootstrapped
    units where that is wider.  p (P,) max-T.  total, p_total, null : total variation, its probability and its mean under
    swapping; order, order_null : Spearman, and its mean.
    lost : swaps whose covariance bore no regression, counted against a difference.
    """

    shares: np.ndarray
    se: np.ndarray
    p: np.ndarray
    total: float
    p_total: float
    null: float
    order: float
    order_null: float
    lost: int


@dataclass(frozen=True, eq=False)
class _Scores:
    """Centred scores of one side with true variances of 1 (U, k), noise of one answer (k, k) and 1 / answers (U,)."""

    z: np.ndarray
    within: np.ndarray
    thin: np.ndarray

    @property
    def noise(self) -> np.ndarray:
        """Mean noise over units (k, k)."""
        return np.asarray(self.within * self.thin.mean())

    def signal(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Products of pairs of scores, less what noise alone makes of them (U, pairs)."""
        return np.asarray(self.z[:, first] * self.z[:, second] - self.thin[:, None] * self.within[first, second])


def idle(a: UnitMeans, b: UnitMeans, names: tuple[str, str]) -> str:
    """Why labels cannot be swapped, "" if they can."""
    if len(a.units) < _FEWEST:
        return f"{len(a.units)} units have answers of both, fewer than {_FEWEST}"
    for means, who in ((a, names[0]), (b, names[1])):
        seen, noise = means.values.var(axis=0), np.diag(means.within) * (1 / means.size).mean()
        flat = seen <= 1e-20 * np.maximum(1.0, (means.values**2).mean(axis=0))
        if flat.any():
            return f"all units of {who} have the same mean of `{means.names[int(flat.argmax())]}`"
        lost = seen - noise < _LEAST * seen
        if a.known and b.known and lost.any():
            return f"unit means of `{means.names[int(lost.argmax())]}` hold little but noise for {who}"
    return ""


def swap(a: UnitMeans, b: UnitMeans, sharing: Sharing, *, permutations: int, rng: np.random.Generator) -> Swapped:
    """Test equal priorities by swapping labels.

    Parameters
    ----------
    a, b : means of the same U units, of mirrored columns; where the noise of either is unknown both are taken as equally noisy.
    """
    one, other = (_scores(means, known=a.known and b.known) for means in (a, b))
    count, p = len(a.units), len(sharing.players)
    swaps = np.vstack([np.ones(count), rng.integers(0, 2, size=(permutations, count))]).astype(float)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=_DRAWN).astype(float)
    covariances = _covariances(one, other, np.vstack([swaps, drawn]), np.vstack([1.0 - swaps, np.zeros_like(drawn)]))
    shares = np.empty((*covariances.shape[:2], p))
    step = max(1, _ENTRIES >> (p + 1 if sharing.method == "lmg" else 10))
    blocks = [slice(start, start + step) for start in range(0, shares.shape[1], step)]
    for block in watched(blocks, "labels swapped unit by unit"):
        shares[:, block] = sharing.shares(covariances[:, block])
    return _counted(shares[:, : permutations + 1], shares[:, permutations + 1 :])


def _scores(means: UnitMeans, *, known: bool) -> _Scores:
    """Scores of one side, centred, on the scale of the true deviations among units."""
    z = means.values - means.values.mean(axis=0)
    within = means.within if known else np.zeros_like(means.within)
    thin = 1.0 / means.size
    spread = (z**2).mean(axis=0)
    deviation = np.sqrt(np.maximum(spread - np.diag(within) * thin.mean(), _LEAST * spread))
    return _Scores(z / deviation, within / np.outer(deviation, deviation), thin)


def _covariances(a: _Scores, b: _Scores, own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Covariances at equal noise (2, r, k, k): sets where a's units count `own` times (r, U) and b's `other`, and the reverse."""
    k, count = a.z.shape[1], len(a.z)
    first, second = np.triu_indices(k)
    held = [np.hstack([side.signal(first, second), side.z]) for side in (a, b)]
    found = np.empty((2, len(own), k, k))
    for place, (mine, theirs) in enumerate((held, held[::-1])):
        sums = own @ mine + other @ theirs
        moments, middle = sums[:, :-k] / count, sums[:, -k:] / count
        found[place][:, first, second] = found[place][:, second, first] = moments
        found[place] -= middle[:, :, None] * middle[:, None, :]
    variance = np.maximum(np.einsum("srii->sri", found), _LEAST)
    scale = np.sqrt(variance)
    return np.asarray(found / (scale[..., :, None] * scale[..., None, :]) + _common(a.noise, b.noise))


def _common(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A noise (k, k) that is at least either, and the same whichever comes first."""
    values, vectors = np.linalg.eigh(other - one)
    return np.asarray((one + other) / 2 + (vectors * np.abs(values)) @ vectors.T / 2)


def _counted(shares: np.ndarray, drawn: np.ndarray) -> Swapped:
    """Probabilities from the shares (2, 1 + B, P) of both sets, as they are and under B swaps, and (2, R, P) of drawn units."""
    apart = shares[0] - shares[1]
    good = np.isfinite(apart).all(axis=1)
    swaps = len(apart) - 1
    se = np.sqrt((apart[good] ** 2).mean(axis=0))
    own = drawn[0] - drawn[1]
    spread = own[np.isfinite(own).all(axis=1)].std(axis=0)
    wider = np.maximum(1.0, np.divide(spread, se, out=np.ones(len(se)), where=se > 1e-12))
    apart[1:] *= wider
    se = se * wider
    scale = np.where(se > 0, se, np.inf)
    total = np.where(good, np.abs(apart).sum(axis=1) / 2, np.inf)
    largest = np.where(good, np.abs(apart / scale).max(axis=1), np.inf)
    order = spearman(shares[0, good], shares[1, good])
    hits = (largest[1:, None] >= np.abs(apart[0] / scale) - _TIES).sum(axis=0)
    return Swapped(
        shares=shares[:, 0],
        se=se,
        p=(1 + hits) / (swaps + 1),
        total=float(total[0]),
        p_total=float((1 + (total[1:] >= total[0] - _TIES).sum()) / (swaps + 1)),
        null=float(total[1:][good[1:]].mean()) if good[1:].any() else np.nan,
        order=float(order[0]) if good[0] else np.nan,
        order_null=float(order[1:].mean()) if len(order) > 1 else np.nan,
        lost=int((~good).sum()),
    )
