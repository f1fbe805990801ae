"""Drivers made uncorrelated by the symmetric root of their correlations: relative weights, CAR scores, Pratt; with derivatives.

With X the correlations of p drivers, r theirs with the outcome and L = X^½ (symmetric), the variables X^-½ z are uncorrelated and
as near to the drivers as can be; z = L⁻¹ r are their correlations with the outcome, and

    relative weight of j  =  Σ_k L_jk² z_k²        CAR score of j, squared  =  z_j²

Both sum to R², and so does Pratt's product of standardised slope and correlation, b_j r_j with b = X⁻¹ r.  A derivative by X
passes the root through its Sylvester equation L dL + dL L = dX, diagonal in the eigenvectors; one by a covariance matrix C then
follows from R = D^-½ C D^-½.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symmetry.drivers.sharing.bearing import borne

__all__ = [
    "Spectrum",
    "by_covariance",
    "car",
    "car_slopes",
    "johnson",
    "johnson_slopes",
    "pratt",
    "pratt_slopes",
    "spectrum",
]


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Correlations of p drivers taken apart.

    x (..., p, p) of the drivers and r (..., p) with the outcome; eigenvalues (..., p), ascending, and eigenvectors (..., p, p).
    good (...,) : whether there is a regression at all (see `borne`); where not, x is the identity.  A driver that does not vary
    is correlated with none.
    """

    x: np.ndarray
    r: np.ndarray
    values: np.ndarray
    vectors: np.ndarray
    good: np.ndarray

    def power(self, exponent: float) -> np.ndarray:
        """Correlations to a power (..., p, p)."""
        return np.asarray((self.vectors * self.values[..., None, :] ** exponent) @ self.vectors.swapaxes(-1, -2))

    def told(self, found: np.ndarray) -> np.ndarray:
        """Numbers (..., m), NaN where there is no regression."""
        return np.where(self.good[..., None], found, np.nan)


def spectrum(covariance: np.ndarray) -> Spectrum:
    """Take covariance matrices (..., k, k) apart, the outcome last."""
    correlation = borne(covariance)
    good = np.isfinite(correlation).all(axis=(-2, -1))
    safe = np.where(good[..., None, None], correlation, np.eye(covariance.shape[-1]))
    x, r = safe[..., :-1, :-1], safe[..., :-1, -1]
    values, vectors = np.linalg.eigh(x)
    return Spectrum(x, r, values, vectors, good)


def johnson(covariance: np.ndarray) -> np.ndarray:
    """Relative weights of p drivers, from covariance matrices (..., k, k) with the outcome last → (..., p).

    Examples
    --------
    >>> c = np.array([[1.0, 0.5, 0.6], [0.5, 1.0, 0.5], [0.6, 0.5, 1.0]])
    >>> johnson(c).round(4)
    array([0.2617, 0.1517])
    """
    found = spectrum(covariance)
    z = (found.power(-0.5) @ found.r[..., None])[..., 0]
    return found.told((found.power(0.5) ** 2 @ z[..., None] ** 2)[..., 0])


def car(covariance: np.ndarray) -> np.ndarray:
    """Squared correlations of the outcome with the decorrelated drivers, from matrices (..., k, k) → (..., p).

    Examples
    --------
    >>> c = np.array([[1.0, 0.5, 0.6], [0.5, 1.0, 0.5], [0.6, 0.5, 1.0]])
    >>> car(c).round(4)
    array([0.2702, 0.1432])
    """
    found = spectrum(covariance)
    return found.told((found.power(-0.5) @ found.r[..., None])[..., 0] ** 2)


def pratt(covariance: np.ndarray) -> np.ndarray:
    """Standardised slope times correlation of p drivers, from matrices (..., k, k) → (..., p)."""
    found = spectrum(covariance)
    return found.told((found.power(-1.0) @ found.r[..., None])[..., 0] * found.r)


def johnson_slopes(covariance: np.ndarray) -> np.ndarray:
    """Derivatives (p, k, k) of relative weights by a covariance matrix (k, k)."""
    found = spectrum(covariance)
    root = found.power(0.5)
    z = found.power(-0.5) @ found.r
    by_root = 2.0 * np.eye(len(z))[:, :, None] * (root * z**2)[:, None, :]
    return _through_the_root(covariance, found, by_root, 2.0 * root**2 * z)


def car_slopes(covariance: np.ndarray) -> np.ndarray:
    """Derivatives (p, k, k) of squared CAR scores by a covariance matrix (k, k)."""
    found = spectrum(covariance)
    z = found.power(-0.5) @ found.r
    return _through_the_root(covariance, found, np.zeros((len(z),) * 3), 2.0 * np.diag(z))


def pratt_slopes(covariance: np.ndarray) -> np.ndarray:
    """Derivatives (p, k, k) of the same by a covariance matrix (k, k)."""
    found = spectrum(covariance)
    inverse = found.power(-1.0)
    b, p = inverse @ found.r, len(found.r)
    by_slope = found.r[:, None] * inverse
    slopes = np.zeros((p, p + 1, p + 1))
    slopes[:, :p, :p] = -(by_slope[:, :, None] * b + b[:, None] * by_slope[:, None, :]) / 2
    slopes[:, :p, p] = slopes[:, p, :p] = (by_slope + np.diag(b)) / 2
    return by_covariance(slopes, covariance)


def _through_the_root(covariance: np.ndarray, found: Spectrum, by_root: np.ndarray, by_z: np.ndarray) -> np.ndarray:
    """Derivatives by C from those by L (m, p, p), z held, and by z (m, p), L held."""
    p = len(found.r)
    inverse = found.power(-0.5)
    by_r = by_z @ inverse
    whole = by_root - by_r[:, :, None] * (inverse @ found.r)
    roots = np.sqrt(found.values)
    turned = found.vectors.T @ (whole + whole.swapaxes(1, 2)) / 2 @ found.vectors
    slopes = np.zeros((len(by_z), p + 1, p + 1))
    slopes[:, :p, :p] = found.vectors @ (turned / (roots[:, None] + roots)) @ found.vectors.T
    slopes[:, :p, p] = slopes[:, p, :p] = by_r / 2
    return by_covariance(slopes, covariance)


def by_covariance(slopes: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Derivatives (m, k, k) by a covariance matrix, from those by its correlations (an entry off the diagonal carries half)."""
    deviation = np.sqrt(np.diagonal(covariance))
    found = slopes / (deviation[:, None] * deviation)
    places = np.arange(len(deviation))
    found[:, places, places] -= (found * covariance).sum(axis=2) / deviation**2
    return np.asarray(found)
