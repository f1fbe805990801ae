"""Replicate factors: by what each replicate multiplies the weight of each psu, for every method that psus and strata allow.

Pure functions of arrays.  Nothing here is as large as respondents × replicates: factors are made for psus, a block of
replicates at a time, by arithmetic (jackknife, half samples, successive differences) or from a seed (bootstraps), so that a
million psus do not need P × R numbers at once.  Psus enter in the order of their numbers, which a design gives by label: the
order of rows is of no consequence, but for successive differences, which are about it.

With θ_r a statistic made with the factors of replicate r, V = scale · Σ_r rscales_r (θ_r - c)², with c the estimate or
the mean of θ_r.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from symmetry.design.hadamard import hadamard
from symmetry.errors import DesignError

__all__ = ["Factors", "half_samples", "jackknife", "successive_differences"]


@dataclass(frozen=True, eq=False)
class Factors:
    """Factors of P psus in R replicates.

    block : slice of replicates → (P, r).  size R, scale, rscales (R,).  step : number of replicates that suits `block`.
    sums : (P, k) sums over psus → what gives those of a slice of replicates (r, k), where there is a shorter road than the
    product.
    """

    block: Callable[[slice], np.ndarray]
    size: int
    scale: float
    rscales: np.ndarray
    step: int = 64
    sums: Callable[[np.ndarray], Callable[[slice], np.ndarray]] | None = None

    def all(self) -> np.ndarray:
        """All factors at once, (P, R)."""
        return self.block(slice(0, self.size))


def jackknife(
    stratum: np.ndarray, population: np.ndarray, *, lonely: Literal["keep", "delete", "average"] = "keep"
) -> Factors:
    """Leave psus out one by one; the others of the stratum stand in for the one that is out [1]_.

    Parameters
    ----------
    stratum : (P,) number of the stratum of each psu.
    population : (H,) psus in the population of each stratum, infinite without fpc.
    lonely : strata of one psu have no replicate ("keep"), one that gives the whole stratum's weight to the others
        ("delete"), or none and `scale` makes up for it ("average").

    Returns
    -------
    Factors with a replicate for each psu, 0 for the psu that is out and n/(n - 1) for its neighbours; rscales (1 - n/N)(n -
    1)/n.

    Raises
    ------
    DesignError : no stratum has two psus.

    Notes
    -----
    R twin: ``as.svrepdesign(design, type = "JKn")`` (``"JK1"`` where there is one stratum), its ``survey.lonely.psu`` being
    "remove", "adjust" and "average".

    References
    ----------
    .. [1] Rust, Rao (1996). Variance estimation for complex surveys using replication techniques. Statistical Methods in
       Medical Research 5, 283-310.
    """
    count = np.bincount(stratum, minlength=len(population))
    alone = (count == 1) & (population > 1)
    made = np.where(lonely == "delete", (count > 1) | alone, count > 1)[stratum]
    out = np.flatnonzero(made)
    if not (count > 1).any():
        raise DesignError("every stratum has one psu: none can be left out", mend="merge strata")
    inside = np.where(count > 1, count / np.maximum(count - 1, 1), 0.0)
    own = stratum[out]
    whole = np.where(alone, len(count) / max(len(count) - 1, 1), 1.0)[own]
    rscales = np.where(alone, (len(count) - 1) / len(count), (1 - count / population) * (count - 1) / count)[own]

    def block(which: slice) -> np.ndarray:
        mine = own[which]
        found = np.where(stratum[:, None] == mine, inside[mine], whole[which])
        found[out[which], np.arange(len(mine))] = 0.0
        return np.asarray(found)

    def sums(values: np.ndarray) -> Callable[[slice], np.ndarray]:
        total = values.sum(axis=0)
        of_stratum = np.zeros((len(count), values.shape[1]))
        np.add.at(of_stratum, stratum, values)

        def resummed(which: slice) -> np.ndarray:
            mine, rest = own[which], whole[which, None] * (total - of_stratum[own[which]])
            return np.asarray(rest + inside[mine, None] * (of_stratum[mine] - values[out[which]]))

        return resummed

    scale = len(stratum) / len(out) if lonely == "average" else 1.0
    if len(count) == 1:  # the usual way to write it for one stratum: one scale, and no rscales
        return Factors(block, len(out), float(rscales[0]), np.ones(len(out)), sums=sums)
    return Factors(block, len(out), scale, rscales, sums=sums)


def half_samples(
    stratum: np.ndarray,
    *,
    rho: float = 0.0,
    replicates: int | None = None,
    uneven: Literal["fail", "split", "merge"] = "split",
) -> Factors:
    """Balanced half samples: in each replicate one psu of every pair counts more, by the signs of a Hadamard matrix [1]_.

    Parameters
    ----------
    stratum : (P,) number of the stratum of each psu; each stratum has two psus.
    rho : what the other psu of the pair keeps: 0 is McCarthy's half sample; Fay's method has it above 0 and below 1 [2]_.
    replicates : at least so many, none for the least that balances: a multiple of 4 above the number of pairs.
    uneven : strata of more than two psus: "fail"; "split" an even number into pairs, in the order of psus; "merge" the first
        half into one, and the second half into one.

    Returns
    -------
    Factors 2 - rho and rho; scale 1 / (R (1 - rho)²).  No fpc.

    Raises
    ------
    DesignError : a stratum has one psu, or cannot be made into pairs; rho is out of range.

    Notes
    -----
    R twin: ``as.svrepdesign(design, type = "BRR")`` and ``type = "Fay", fay.rho = rho``; with another
    matrix its replicates are others, and linear statistics have the same variance.

    References
    ----------
    .. [1] McCarthy (1969). Pseudo-replication: half samples. Review of the International Statistical Institute 37, 239-264.
    .. [2] Judkins (1990). Fay's method for variance estimation. Journal of Official Statistics 6, 223-239.
    """
    if not 0 <= rho < 1:
        raise DesignError(
            f"rho={rho:g} is not between 0 and 1", mend="0 for half samples; Fay's method takes 0.3 or 0.5"
        )
    pair, side = _pairs(stratum, uneven)
    least = max(int(pair.max()) + 2, replicates or 0)
    if least > 2**13:
        raise DesignError(
            f"{int(pair.max()) + 1} pairs of psus need {least} balanced half samples or more",
            mend='take method="jackknife" or "bootstrap"',
        )
    matrix = hadamard(least)
    size = len(matrix)

    def block(which: slice) -> np.ndarray:
        return np.asarray(1 + (1 - rho) * side[:, None] * matrix[pair + 1, which])

    return Factors(block, size, 1 / (size * (1 - rho) ** 2), np.ones(size))


def successive_differences(
    stratum: np.ndarray, population: np.ndarray, order: np.ndarray, *, replicates: int | None = None
) -> Factors:
    """Successive differences, for systematic samples: each psu against the next one in the order of selection [1]_.

    Parameters
    ----------
    stratum, population : as for `jackknife`.
    order : (P,) place of each psu in the order of selection; the last psu of a stratum is followed by its first.
    replicates : at least so many; none for a multiple of 4 above the number of psus, 80 at most.

    Returns
    -------
    Factors 1 + 2^(-3/2) √(1 - n/N) (a - b), a and b entries of two rows of a Hadamard matrix; scale 4 / R.

    Notes
    -----
    While no row is used twice (R > P) the variance of a total is Σ_h (1 - n/N) ½ Σ_i (y_i - y_{i+1})², exactly.  Beyond it,
    psus are laid in loops of at most R - 1, and each round through the rows takes another step, so that two psus that share
    a row are neighbours of different psus [2]_.  Made by the American Community Survey with R = 80.

    References
    ----------
    .. [1] Fay, Train (1995). Aspects of survey and model-based postcensal estimation of income and poverty characteristics for
       states and counties. Proceedings of the Section on Government Statistics, ASA, 154-159.
    .. [2] Ash (2014). Using successive difference replication for estimating variances. Survey Methodology 40, 47-59.
    """
    matrix = hadamard(replicates or min(len(stratum) + 1, 80))
    size, rows = len(matrix), len(matrix) - 1
    if rows < 2:
        raise DesignError("one psu has no successor", mend="successive differences need two psus")
    count = np.bincount(stratum, minlength=len(population))
    first, second = _loops(stratum, order, count, rows)
    width = (np.sqrt(1 - count / population) / 8**0.5)[stratum][:, None]

    def block(which: slice) -> np.ndarray:
        return np.asarray(1 + width * (matrix[first, which] - matrix[second, which]))

    return Factors(block, size, 4 / size, np.ones(size))


def _pairs(stratum: np.ndarray, uneven: str) -> tuple[np.ndarray, np.ndarray]:
    """Number the pair of each psu (P,), from 0, and give its side, +1 or -1; strata of several pairs first."""
    count = np.bincount(stratum)
    bad = {"fail": count > 2, "split": (count > 2) & (count % 2 == 1), "merge": np.zeros(len(count), bool)}
    if uneven not in bad:
        raise DesignError(f"uneven={uneven!r} is unknown", mend='"fail", "split" or "merge"')
    if (count == 1).any() or bad[uneven].any():
        raise DesignError(
            f"half samples need two psus a stratum: {int((count == 1).sum())} strata have one, "
            f"{int(bad[uneven].sum())} have {'more' if uneven == 'fail' else 'an odd number'}",
            mend='merge strata, give uneven="merge" to make halves of them, or take method="jackknife" or "bootstrap"',
        )
    rank, _ = _ranks(stratum, np.arange(len(stratum)), count)
    if uneven == "merge":
        local, side = np.zeros(len(rank), int), np.where(rank < (count // 2)[stratum], 1, -1)
        each = (count > 0).astype(int)
    else:
        local, side, each = rank // 2, np.where(rank % 2 == 0, 1, -1), count // 2
    first = np.empty(len(count), int)
    turn = np.argsort(count == 2, kind="stable")
    first[turn] = np.cumsum(each[turn]) - each[turn]
    return first[stratum] + local, side


def _ranks(stratum: np.ndarray, order: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Place of each psu within its stratum (P,), from 0, and psus sorted by stratum and order (P,)."""
    sorted_ = np.lexsort((order, stratum))
    rank = np.empty(len(stratum), int)
    rank[sorted_] = np.arange(len(stratum)) - np.repeat(np.cumsum(count) - count, count)
    return rank, sorted_


def _loops(stratum: np.ndarray, order: np.ndarray, count: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Two rows of the Hadamard matrix for each psu (P,): its own and its successor's, in loops of at most `rows` psus."""
    _, sorted_ = _ranks(stratum, order, count)
    own, following = np.empty(len(stratum), int), np.empty(len(stratum), int)
    steps = [step for step in range(1, rows) if np.gcd(step, rows) == 1]
    used = begin = 0
    for size in count[count > 0]:
        loops = -(-int(size) // rows)
        for part in np.array_split(sorted_[begin : begin + size], loops):
            if used % rows + len(part) > rows:  # a loop is laid within one round through the rows
                used = -(-used // rows) * rows
            step = steps[(used // rows) % len(steps)]
            place = 1 + (used % rows + np.arange(len(part))) * step % rows
            own[part], following[part] = place, np.roll(place, -1)
            used += len(part)
        begin += size
    return own, following
