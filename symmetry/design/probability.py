"""Unequal probabilities without replacement: the quadratic form of each way to know joint inclusion probabilities.

With π_i the inclusion probability of unit i, π_ij that of a pair, and z the influence (weight included) summed over units,

    Horvitz-Thompson   V = Σ_i (1 - π_i) z_i² + Σ_{i≠j} c_ij z_i z_j             c_ij = (π_ij - π_i π_j) / π_ij
    Yates-Grundy       V = -½ Σ_{i≠j} c_ij (z_i - z_j)²                           samples of fixed size
    Overton            π_ij ≈ (n - 1) π_i π_j / (n - (π_i + π_j) / 2)
    Hartley-Rao        π_ij ≈ (n - 1) π_i π_j / (n - π_i - π_j + Σ_U π_k² / n)
    Brewer             V = Σ_h n_h / (n_h - 1) Σ_i (1 - π_i) (z_i - z̄_h)²         no π_ij at all

(Horvitz and Thompson 1952; Yates and Grundy 1953; Overton 1985; Hartley and Rao 1962, truncated; Brewer 2002).
Strata are drawn independently.  All but matrices given pair by pair cost one pass over the units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from symmetry.design.forms import Form, Term
from symmetry.errors import DesignError

__all__ = ["HartleyRao", "Pps", "brewer", "hartley_rao", "joint_probabilities", "overton", "poisson"]

Pps = Literal["yates_grundy", "horvitz_thompson"]


@dataclass(frozen=True)
class HartleyRao:
    """Hartley and Rao's joint probabilities with Σπ² of the whole population known.

    Parameters
    ----------
    squares : sum over the units of the population of the squared inclusion probability, one number for each stratum in the order
        of its labels; one number where there is one stratum.

    Notes
    -----
    R twin: ``HR(squares / n)``, and ``HR()`` for ``joint="hartley_rao"``, which estimates Σπ² by the sum of π over the sample.
    """

    squares: float | tuple[float, ...]


def poisson(probability: np.ndarray) -> Form:
    """Form of units drawn independently of one another: Σ (1 - π) z²."""
    return Form(1 - probability)


def brewer(probability: np.ndarray, stratum: np.ndarray, *, lonely_psu: str = "fail") -> Form:
    """Form of Brewer's approximation, which needs no joint probability.

    Parameters
    ----------
    probability, stratum : (P,) inclusion probability and number of the stratum of each unit.
    lonely_psu : what a stratum of one unit with π < 1 adds: "fail" refuses, "remove" and "certainty" nothing, "centre" its
        distance to the mean of all units, "average" the mean of the other strata.

    Notes
    -----
    R twin: ``svydesign(ids = ~1, strata = ~stratum, fpc = ~probability, pps = "brewer")``

    References
    ----------
    .. [1] Brewer (2002). Combined Survey Sampling Inference: Weighing Basu's Elephants. Arnold.
    """
    count = np.bincount(stratum)
    lonely = _lonely(probability, stratum, count)
    _refuse_lonely(lonely, lonely_psu, ("remove", "certainty", "centre", "average"))
    alone = lonely[stratum]
    scale = count / np.maximum(count - 1, 1)
    if lonely_psu == "average" and lonely.any():
        if lonely.all():
            raise DesignError("every stratum has one unit: there is no other to average", mend="merge strata")
        scale = scale * len(count) / (len(count) - lonely.sum())
    c = np.where(alone, 0.0, scale[stratum] * (1 - probability))
    whole = np.bincount(stratum, weights=c)
    terms: tuple[Term, ...] = (Term(stratum, -2 / count, c, None), Term(stratum, whole / count**2))
    if lonely_psu == "centre" and lonely.any():
        own, size, one = np.where(alone, 1 - probability, 0.0), len(stratum), np.zeros(len(stratum), int)
        terms += (Term(one, np.array([-2 / size]), own, None), Term(one, np.array([own.sum() / size**2])))
        c = c + own
    return Form(c, terms)


def overton(
    probability: np.ndarray, stratum: np.ndarray, *, pps: Pps = "yates_grundy", lonely_psu: str = "fail"
) -> Form:
    """Form with Overton's joint probabilities, which need those of the sample alone.

    Notes
    -----
    R twin: ``svydesign(ids = ~1, fpc = ~probability, pps = "overton", variance = "YG")``

    References
    ----------
    .. [1] Overton (1985). A sampling plan for streams in the National Stream Survey. Oregon State University.
    """
    n = np.bincount(stratum).astype(float)
    return _approximate(probability, stratum, n, 0.5, pps, lonely_psu)


def hartley_rao(
    probability: np.ndarray,
    stratum: np.ndarray,
    *,
    squares: np.ndarray | None = None,
    pps: Pps = "yates_grundy",
    lonely_psu: str = "fail",
) -> Form:
    """Form with Hartley and Rao's joint probabilities, for systematic draws from a list in random order.

    Parameters
    ----------
    squares : (H,) sum of π² over the population of each stratum; None estimates it by the sum of π over the sample.

    Notes
    -----
    R twin: ``svydesign(ids = ~1, fpc = ~probability, pps = HR(squares / n), variance = "YG")``

    References
    ----------
    .. [1] Hartley, Rao (1962). Sampling with unequal probabilities and without replacement. Annals of Mathematical Statistics 33,
       350-374.
    """
    n = np.bincount(stratum).astype(float)
    if squares is None:
        squares = np.bincount(stratum, weights=probability)
    elif len(squares) != len(n) or not (np.isfinite(squares) & (squares > 0)).all():
        raise DesignError(
            f"{len(squares)} sums of squared probabilities are given for {len(n)} strata, or one is not above 0",
            mend="HartleyRao(squares=…) takes the sum of π² over the population of each stratum, in the order of the labels",
        )
    return _approximate(probability, stratum, n + squares / n, 1.0, pps, lonely_psu)


def joint_probabilities(joint: np.ndarray, probability: np.ndarray, *, pps: Pps = "yates_grundy") -> Form:
    """Form of joint inclusion probabilities known pair by pair.

    Parameters
    ----------
    joint : (P, P) probability that both units of a pair are drawn; the diagonal holds those of the units.
    probability : (P,) inclusion probabilities.

    Raises
    ------
    DesignError : the matrix is not square, not symmetric, holds what cannot be a probability of a pair, or disagrees with the
        probabilities on its diagonal; a pair of the sample has joint probability 0.

    Notes
    -----
    R twin: ``svydesign(ids = ~1, fpc = ~probability, pps = ppsmat(joint), variance = "YG")``.  Pairs drawn independently (of
    different strata) are not stored.

    References
    ----------
    .. [1] Horvitz, Thompson (1952). A generalization of sampling without replacement from a finite universe. JASA 47, 663-685.
    .. [2] Yates, Grundy (1953). Selection without replacement from within strata with probability proportional to size. JRSS B
       15, 253-261.

    Examples
    --------
    >>> joint = np.full((3, 3), 0.3)   # three units of five, drawn with equal probabilities
    >>> np.fill_diagonal(joint, 0.6)
    >>> z = np.array([[1.0], [2.0], [6.0]]) / 0.6
    >>> (z.T @ (joint_probabilities(joint, np.full(3, 0.6)) @ z)).round(6).item() == round(5**2 * (1 - 0.6) * 7 / 3, 6)
    True
    """
    joint = _checked(np.asarray(joint, float), probability)
    covariance = 1 - np.outer(probability, probability) / joint
    covariance[np.abs(covariance) < 1e-12] = 0.0
    np.fill_diagonal(covariance, 0.0)
    diagonal = 1 - probability if pps == "horvitz_thompson" else -covariance.sum(axis=1)
    return Form(diagonal, (), sparse.csr_array(covariance))


def _approximate(
    probability: np.ndarray, stratum: np.ndarray, base: np.ndarray, slope: float, pps: Pps, lonely_psu: str
) -> Form:
    """Form with π_i π_j / π_ij = (base_h - slope (π_i + π_j)) / (n_h - 1) within strata."""
    count = np.bincount(stratum)
    lonely = _lonely(probability, stratum, count)
    _refuse_lonely(lonely, lonely_psu, ("remove", "certainty"))
    gap = np.maximum(count - 1, 1)
    level = np.where(count > 1, 1 - base / gap, 0.0)
    tilt = np.where(count > 1, 2 * slope / gap, 0.0)
    terms = (Term(stratum, level), Term(stratum, tilt, probability, None))
    inside = level[stratum] + tilt[stratum] * probability
    if pps == "horvitz_thompson":
        return Form(np.where(lonely[stratum], 0.0, 1 - probability) - inside, terms)
    sums = (
        level[stratum] * count[stratum]
        + tilt[stratum] * (probability * count[stratum] + np.bincount(stratum, weights=probability)[stratum]) / 2
    )
    return Form(-sums, terms)


def _checked(joint: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """The matrix of joint probabilities, or what is wrong with it and where."""
    size = len(probability)
    if joint.shape != (size, size):
        raise DesignError(
            f"the joint probabilities are {' × '.join(map(str, joint.shape))} and the sample has {size} units",
            mend="one row and one column for each sampled unit (psu), in the order in which the frame first names it",
        )
    if not np.isfinite(joint).all():
        raise DesignError(
            f"the joint probability {_pair(~np.isfinite(joint))} is not a finite number", mend="give every pair one"
        )
    uneven = ~np.isclose(joint, joint.T, rtol=1e-6, atol=0)
    if uneven.any():
        raise DesignError(
            f"the joint probabilities are not symmetric: {_pair(uneven)} differs from its mirror",
            mend="π_ij and π_ji are the same probability",
        )
    off = ~np.isclose(np.diag(joint), probability, rtol=1e-6, atol=0)
    if off.any():
        i = int(np.argmax(off))
        raise DesignError(
            f"unit {i + 1} has probability {probability[i]:g} and {joint[i, i]:g} on the diagonal of the joint probabilities",
            mend="the diagonal holds the inclusion probabilities, in the same order of units",
        )
    if (joint <= 0).any():
        raise DesignError(
            f"the joint probability {_pair(joint <= 0)} is not above 0, and both units are in the sample",
            mend="a design that never draws some pairs (systematic draws) has no unbiased variance: choose "
            'joint="brewer", "overton" or "hartley_rao"',
        )
    over = joint > np.minimum.outer(probability, probability) * (1 + 1e-6)
    if over.any():
        raise DesignError(
            f"the joint probability {_pair(over)} is above the probability of one of its units",
            mend="a pair is never likelier than either of its units",
        )
    return np.asarray((joint + joint.T) / 2)


def _pair(wrong: np.ndarray) -> str:
    """Name the first wrong pair, and how many there are."""
    row, column = np.argwhere(wrong)[0] + 1
    return f"of units {row} and {column} (of {int(wrong.sum())} such places)"


def _lonely(probability: np.ndarray, stratum: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Strata (H,) of one unit that was not certain to be drawn."""
    least = np.ones(len(count))
    np.minimum.at(least, stratum, probability)
    return np.asarray((count == 1) & (least < 1))


def _refuse_lonely(lonely: np.ndarray, rule: str, allowed: tuple[str, ...]) -> None:
    """Refuse strata of one unit unless the rule says what they add."""
    if lonely.any() and rule not in allowed:
        choices = " or ".join(f'"{name}"' for name in allowed)
        raise DesignError(
            f"{int(lonely.sum())} strata have one unit, drawn with a probability below 1 (first: number "
            f"{int(np.argmax(lonely)) + 1})",
            mend=f"merge each with a neighbour, or choose lonely_psu={choices}",
        )
