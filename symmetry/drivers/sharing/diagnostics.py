"""Other ways to share R² out than LMG: relative weights, and what drivers explain first, last, by Pratt and by CAR scores.

    first    R²(j)                    alone
    last     R²(all) - R²(all but j)  entered last; with `first` the two ends between which an LMG share is an average
    pratt    β_j r_j                  sums to R²; below 0 where a driver suppresses
    car      (X^-½ r)_j²              sums to R²; of the drivers made uncorrelated
    johnson  Σ_k (X^½)_jk² (X^-½ r)_k²  sums to R²; the same, given back to the drivers

All are functions of the covariance matrix C.  Controls are taken out of drivers and outcome first (Schur complement S of C), and
what is then shared out is R² of what is left, in units of the whole outcome: times S_yy / C_yy.  A player of several drivers has
the sum of its members' weights, but for `first` and `last`, where its drivers enter together.  A driver that does not vary (in a
replicate) has no part in any of them, and the others have theirs without it (`bearing`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import pandas as pd

from symmetry.drivers.estimating import explained
from symmetry.drivers.nouns import Moments, Value
from symmetry.drivers.sharing.bearing import borne, varies
from symmetry.drivers.sharing.lattice import Players
from symmetry.drivers.sharing.roots import car, car_slopes, johnson, johnson_slopes, pratt, pratt_slopes, spectrum
from symmetry.errors import DesignError
from symmetry.estimate import Estimate, join

__all__ = ["VALUES", "decomposed", "diagnostics"]

Blocks = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Decomposition:
    """A way to share R² out.

    value : covariance matrices (..., k, k), blocks of drivers → (..., P).  slopes : (k, k), blocks → (P, k, k).  whole : whether
    the parts sum to R².
    """

    value: Callable[[np.ndarray, Blocks], np.ndarray]
    slopes: Callable[[np.ndarray, Blocks], np.ndarray]
    whole: bool


def decomposed(moments: Moments, players: Players, method: str) -> Estimate:
    """R², its parts by a method, and what controls explain, of any moments.

    Parameters
    ----------
    moments : of drivers, controls and outcome.
    players : who has a part, and `always` the controls.
    method : "johnson", "first", "last", "pratt" or "car".

    Returns
    -------
    Estimate: a row "r2", a row a player with the method's name as statistic, in R² units, and with controls a row "always".

    Raises
    ------
    DesignError : there is no such method.
    """
    if method not in _METHODS:
        raise DesignError(
            f"no decomposition is called {method!r}", mend="one of " + ", ".join(f'"{name}"' for name in _METHODS)
        )
    way, controls = _METHODS[method], [moments.names[column] for column in players.always]

    def value(covariance: np.ndarray) -> np.ndarray:
        return _parts(covariance, players, way)

    labels = pd.DataFrame(
        {
            "statistic": ["r2", *[method] * len(players), *["always"] * bool(controls)],
            "item": [moments.outcome, *players.names, *([" + ".join(controls)] if controls else [])],
        }
    )
    found = explained(
        moments, labels, value, _slopes(moments.correlation, players, way) if moments.again is None else None
    )
    if method != "pratt" or not (found.values < 0).any():
        return found
    return found.noted(
        ["suppression: slope and correlation differ in sign; no share of R²" if x < 0 else "" for x in found.values]
    )


def diagnostics(moments: Moments, players: Players) -> Estimate:
    """R², then parts by `first`, `last`, `pratt` and `car`, side by side in one Estimate."""
    count = len(players)
    found = [decomposed(moments, players, method) for method in ("first", "last", "pratt", "car")]
    return join([found[0].select([0]), *(one.select(range(1, count + 1)) for one in found)])


def _parts(covariance: np.ndarray, players: Players, way: Decomposition) -> np.ndarray:
    """R², parts and what controls explain (..., 1 + P [+ 1])."""
    covariance = borne(covariance)
    left, _, rest = _less_controls(covariance, players)
    blocks = _blocks(players)
    parts = way.value(left, blocks) * rest[..., None]
    whole = parts.sum(axis=-1) if way.whole else _explained(left) * rest
    if not players.always:
        return np.concatenate([whole[..., None], parts], axis=-1)
    return np.concatenate([(whole + 1.0 - rest)[..., None], parts, (1.0 - rest)[..., None]], axis=-1)


def _slopes(covariance: np.ndarray, players: Players, way: Decomposition) -> np.ndarray:
    """Their derivatives (1 + P [+ 1], k, k)."""
    left, kept, rest = _less_controls(covariance, players)
    blocks = _blocks(players)
    rest = rest / covariance[-1, -1]
    of_rest = np.outer(kept[:, -1], kept[:, -1]) / covariance[-1, -1]
    of_rest[-1, -1] -= rest / covariance[-1, -1]
    inside = kept @ way.slopes(left, blocks) @ kept.T
    parts = rest * inside + way.value(left, blocks)[:, None, None] * of_rest
    if way.whole:
        whole = parts.sum(axis=0)
    else:
        whole = rest * (kept @ _explained_slopes(left, range(len(left) - 1)) @ kept.T) + _explained(left) * of_rest
    if not players.always:
        return np.concatenate([whole[None], parts])
    return np.concatenate([(whole - of_rest)[None], parts, -of_rest[None]])


def _blocks(players: Players) -> list[list[int]]:
    """Where the drivers of each player stand, controls left out."""
    ends = accumulate(map(len, players.columns))
    return [list(range(end - len(columns), end)) for columns, end in zip(players.columns, ends, strict=True)]


def _less_controls(covariance: np.ndarray, players: Players) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What controls leave: covariance S of drivers, player after player, and outcome; K (..., k, m) with S = K' C K; S_yy (...,).

    Where they leave nothing of the outcome, what is left of it is unrelated to all: no driver has a part.
    """
    k = covariance.shape[-1]
    places = [column for player in players.columns for column in player] + [k - 1]
    kept = np.zeros((*covariance.shape[:-2], k, len(places)))
    kept[..., places, range(len(places))] = 1.0
    if not players.always:
        left = covariance[..., places, :][..., places]
        return left, kept, left[..., -1, -1]
    controls = list(players.always)
    own, cross = covariance[..., controls, :][..., controls], covariance[..., controls, :][..., places]
    bad = ~np.isfinite(covariance).all(axis=(-2, -1))
    own = np.where(bad[..., None, None], np.eye(len(controls)), own)
    kept[..., controls, :] = -np.linalg.solve(own, np.where(bad[..., None, None], 0.0, cross))
    left = covariance[..., places, :][..., places] + cross.swapaxes(-1, -2) @ kept[..., controls, :]
    rest = np.where(bad, np.nan, left[..., -1, -1])
    nothing = ~varies(left)[..., -1]
    left[nothing, -1, :] = left[nothing, :, -1] = 0.0
    left[nothing, -1, -1] = 1.0
    return np.where(bad[..., None, None], np.nan, left), kept, rest


def _explained(covariance: np.ndarray) -> np.ndarray:
    """R² (...,) of the outcome on all drivers."""
    return np.asarray(car(covariance).sum(axis=-1))


def _explained_slopes(covariance: np.ndarray, columns: Sequence[int]) -> np.ndarray:
    """Derivative (k, k) of R² of the outcome on some columns: dR² = ((1 - R²) dc_yy - e' dC e) / c_yy, e = (b, -1)."""
    columns = list(columns)
    e = np.zeros(len(covariance))
    e[-1] = -1.0
    if columns:
        e[columns] = np.linalg.solve(covariance[np.ix_(columns, columns)], covariance[columns, -1])
    found = -np.outer(e, e)
    found[-1, -1] += e @ covariance @ e / covariance[-1, -1]
    return np.asarray(found / covariance[-1, -1])


def _summed(value: Value) -> Callable[[np.ndarray, Blocks], np.ndarray]:
    """A value of drivers as one of players: the sum over members."""

    def found(covariance: np.ndarray, blocks: Blocks) -> np.ndarray:
        each = value(covariance)
        return np.stack([each[..., block].sum(axis=-1) for block in blocks], axis=-1)

    return found


def _summed_slopes(slopes: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray, Blocks], np.ndarray]:
    """Its derivatives."""

    def found(covariance: np.ndarray, blocks: Blocks) -> np.ndarray:
        each = slopes(covariance)
        return np.stack([each[block].sum(axis=0) for block in blocks])

    return found


def _first(covariance: np.ndarray, blocks: Blocks) -> np.ndarray:
    """R² of each block alone (..., P)."""
    found = spectrum(covariance)
    return found.told(np.stack([_fit(found.x, found.r, block) for block in blocks], axis=-1))


def _last(covariance: np.ndarray, blocks: Blocks) -> np.ndarray:
    """Gain of each block when it enters last (..., P): b' A⁻¹ b, A the block of x⁻¹."""
    found = spectrum(covariance)
    inverse = found.power(-1.0)
    b = (inverse @ found.r[..., None])[..., 0]
    return found.told(np.stack([_fit(inverse, b, block) for block in blocks], axis=-1))


def _fit(x: np.ndarray, r: np.ndarray, block: Sequence[int]) -> np.ndarray:
    """Quadratic form r' x⁻¹ r (...,) of a block."""
    some = r[..., block]
    inside = x[..., block, :][..., block]
    return np.asarray((some * np.linalg.solve(inside, some[..., None])[..., 0]).sum(axis=-1))


def _first_slopes(covariance: np.ndarray, blocks: Blocks) -> np.ndarray:
    """Derivatives (P, k, k)."""
    return np.stack([_explained_slopes(covariance, block) for block in blocks])


def _last_slopes(covariance: np.ndarray, blocks: Blocks) -> np.ndarray:
    """Derivatives (P, k, k)."""
    every = range(len(covariance) - 1)
    others = [_explained_slopes(covariance, [column for column in every if column not in block]) for block in blocks]
    return np.asarray(_explained_slopes(covariance, every) - np.stack(others))


def _alone(way: Decomposition) -> Value:
    """A decomposition among single drivers, as a value of covariance matrices (..., k, k) → (..., k - 1)."""
    return lambda covariance, /: way.value(covariance, [[column] for column in range(covariance.shape[-1] - 1)])


_METHODS: Mapping[str, Decomposition] = {
    "johnson": Decomposition(_summed(johnson), _summed_slopes(johnson_slopes), whole=True),
    "first": Decomposition(_first, _first_slopes, whole=False),
    "last": Decomposition(_last, _last_slopes, whole=False),
    "pratt": Decomposition(_summed(pratt), _summed_slopes(pratt_slopes), whole=True),
    "car": Decomposition(_summed(car), _summed_slopes(car_slopes), whole=True),
}

VALUES: Mapping[str, Value] = {name: _alone(way) for name, way in _METHODS.items()}
