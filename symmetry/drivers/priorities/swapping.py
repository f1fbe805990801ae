"""Do two audiences have the same priorities across units?  Their labels are swapped unit by unit, at equal noise.

Swapping asks whether all is exchangeable, and unequal noise of unit means is not.  So each set of scores, the true one and every
swapped one alike, is first rid of the noise it holds and then given the same noise T:

    C = Cov(scores) - mean noise of its units,  set to variances of 1;   C + T,   T = S_a + (S_b - S_a)₊

S_a, S_b the mean noise of either side in these units and ₊ the positive part: T is the least that both sides can carry, so
nothing is added where both are as noisy.  Shares of explained variance are those of C + T.  Noise enters as its expected
covariance, never as random numbers, which would cost power.  One noisy side and one precise side still differ a little more than
two sides of middling noise do, since shares are curved; so where 100 bootstraps of the units say that a driver's difference is
wider than under swapping, its swapped differences are widened to that.

Many drivers over few units may bear no regression once noise is out.  A few such swaps count against a difference; where they are
more than 5 % the units cannot tell these drivers apart and nothing is told, and where fewer than 50 bootstraps bear one the
spread is unknown and nothing is tested.
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
_BORNE = 50  # bootstraps that a spread needs
_LOST = 0.05  # of swaps that may bear no regression
_LEAST = 0.05  # of the variance seen among units, what must be true
_TIES = 1e-12


@dataclass(frozen=True, eq=False)
class Swapped:
    """What swapping labels says of P drivers.

    shares (2, P) of both audiences at equal noise.  se (P,) spread of their differences under swapping, or among bootstrapped
    units where that is wider.  p (P,) max-T.  total, p_total, null : total variation, its probability and its mean under
    swapping; order, order_null : Spearman, and its mean.
    lost : swaps whose covariance bore no regression, counted against a difference.
    why : what keeps these units from a test, "" for nothing; then se, p and null are NaN, and so is all else where the units
    cannot tell the drivers apart.
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
    why: str


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
    return _counted(shares[:, : permutations + 1], shares[:, permutations + 1 :], count)


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
    found = found / (scale[..., :, None] * scale[..., None, :]) + _common(a.noise, b.noise)
    found[(np.einsum("srii->sri", found) <= 0).any(axis=-1)] = (
        np.nan
    )  # less than no variance is no driver that stands still
    return np.asarray(found)


def _common(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A noise (k, k) that is at least either, and the same whichever comes first."""
    values, vectors = np.linalg.eigh(other - one)
    return np.asarray((one + other) / 2 + (vectors * np.abs(values)) @ vectors.T / 2)


def _counted(shares: np.ndarray, drawn: np.ndarray, units: int) -> Swapped:
    """Probabilities from the shares (2, 1 + B, P) of both sets, as they are and under B swaps, and (2, R, P) of drawn units."""
    apart, own = shares[0] - shares[1], drawn[0] - drawn[1]
    good, borne = (np.isfinite(one).all(axis=1) for one in (apart, own))
    swaps, lost = len(apart) - 1, int((~good[1:]).sum())
    why = _hindered(good, borne, units, apart.shape[1])
    if why:
        told = good[0] and lost <= _LOST * swaps
        return _untested(shares[:, 0] if told else np.full_like(shares[:, 0], np.nan), lost, why)
    se = np.sqrt((apart[good] ** 2).mean(axis=0))
    spread = own[borne].std(axis=0)
    wider = np.maximum(1.0, np.divide(spread, se, out=np.ones(len(se)), where=se > 1e-12))
    apart[1:] *= wider
    se = se * wider
    scale = np.where(se > 0, se, np.inf)
    total = np.where(good, np.abs(apart).sum(axis=1) / 2, np.inf)
    largest = np.where(good, np.abs(apart / scale).max(axis=1), np.inf)
    order = spearman(shares[0, good], shares[1, good])
    ranked = order[1:][np.isfinite(order[1:])]
    hits = (largest[1:, None] >= np.abs(apart[0] / scale) - _TIES).sum(axis=0)
    return Swapped(
        shares=shares[:, 0],
        se=se,
        p=(1 + hits) / (swaps + 1),
        total=float(total[0]),
        p_total=float((1 + (total[1:] >= total[0] - _TIES).sum()) / (swaps + 1)),
        null=float(total[1:][good[1:]].mean()),
        order=float(order[0]),
        order_null=float(ranked.mean()) if len(ranked) else np.nan,
        lost=lost,
        why="",
    )


def _hindered(good: np.ndarray, borne: np.ndarray, units: int, drivers: int) -> str:
    """Why sets that bear a regression (1 + B,), the true one first, and such drawn units (R,) are no test; "" if they are."""
    fewer = "use fewer drivers or groups, or the comparison on respondents"
    if not good[0]:
        return f"{units} units cannot tell {drivers} drivers apart: their means bear no regression; {fewer}"
    lost, swaps = int((~good[1:]).sum()), len(good) - 1
    if lost > _LOST * swaps:
        return f"{units} units cannot tell {drivers} drivers apart: {lost} of {swaps} swaps bear no regression; {fewer}"
    if borne.sum() < _BORNE:
        bare = f"{int((~borne).sum())} of {len(borne)} draws of the {units} units bear no regression"
        return f"not tested, as the spread is unknown: {bare}; {fewer}"
    return ""


def _untested(shares: np.ndarray, lost: int, why: str) -> Swapped:
    """Shares (2, P), which may be NaN, and their distances without errors and probabilities."""
    none = np.full(shares.shape[1], np.nan)
    total = float(np.abs(shares[0] - shares[1]).sum() / 2)
    order = float(spearman(*shares)) if np.isfinite(total) else np.nan
    return Swapped(
        shares, none, none, total=total, p_total=np.nan, null=np.nan, order=order, order_null=np.nan, lost=lost, why=why
    )
