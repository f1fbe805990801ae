"""Influence → covariance: the one linearised variance of the house.

With stratified psus drawn at the first stage, and u the influence summed over a psu,

    V = Σ_h (1 - n_h / N_h) n_h / (n_h - 1) Σ_c (u_hc - ū_h)(u_hc - ū_h)'

(the ultimate-cluster formula; Särndal, Swensson, Wretman 1992, section 4.6; N_h infinite without fpc).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from symmetry.design.nouns import Design
from symmetry.errors import DesignError

__all__ = ["covariance", "degrees_of_freedom", "variances"]


def covariance(design: Design, influence: np.ndarray) -> np.ndarray:
    """Covariance (D, D) of D statistics from the influence of each psu on them, (P, D).

    Raises
    ------
    DesignError : a stratum has one psu under `lonely_psu="fail"`.

    Examples
    --------
    >>> import pandas as pd
    >>> design = Design(pd.DataFrame({"x": [1.0, 2.0, 3.0]}))
    >>> covariance(design, np.array([[-1.0], [0.0], [1.0]]) / 3).round(4)
    array([[0.3333]])
    """
    centred, scale = _centred(design, influence)
    found = (centred * scale[:, None]).T @ centred
    return np.asarray((found + found.T) / 2)


def variances(design: Design, influence: np.ndarray) -> np.ndarray:
    """Variances (D,) of D statistics: the diagonal of `covariance`, without the rest."""
    centred, scale = _centred(design, influence)
    return np.asarray(np.einsum("pd,p,pd->d", centred, scale, centred, optimize=True))


def _centred(design: Design, influence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre the influence in its stratum (P, D), and give each psu's factor (P,)."""
    layout = design.layout
    count = np.bincount(layout.stratum, minlength=len(layout.strata))
    lonely = (count == 1) & (layout.population > 1)
    member = sparse.csr_array(
        (np.ones(len(layout.stratum)), (layout.stratum, np.arange(len(layout.stratum)))),
        shape=(len(count), len(layout.stratum)),
    )
    centred = influence - ((member @ influence) / count[:, None])[layout.stratum]
    scale = (1 - count / layout.population) * count / np.maximum(count - 1, 1)
    if lonely.any() and design.lonely_psu == "fail":
        names = ", ".join(repr(label) for label in layout.strata[lonely][:5])
        raise DesignError(
            f"{int(lonely.sum())} strata have one psu: {names}{' …' if lonely.sum() > 5 else ''}",
            mend='merge each with a neighbour, or choose lonely_psu="remove", "certainty", "centre" or "average"',
        )
    if lonely.any() and design.lonely_psu == "centre":
        alone = lonely[layout.stratum]
        centred[alone] = influence[alone] - influence.mean(axis=0)
    if lonely.any() and design.lonely_psu == "average":
        if lonely.all():
            raise DesignError("every stratum has one psu: there is no other to average", mend="merge strata")
        scale = scale * len(count) / (len(count) - lonely.sum())
    return centred, scale[layout.stratum]


def degrees_of_freedom(design: Design, present: np.ndarray) -> np.ndarray:
    """Count psus minus strata among those that hold answers.

    Parameters
    ----------
    present : (P, D) whether a psu holds answers for a statistic.

    Returns
    -------
    (D,) floats; 0 where a domain rests on one psu a stratum.
    """
    layout = design.layout
    member = sparse.csr_array(
        (np.ones(len(layout.stratum)), (layout.stratum, np.arange(len(layout.stratum)))),
        shape=(len(layout.strata), len(layout.stratum)),
    )
    held = present.astype(float)
    return np.asarray(held.sum(axis=0) - ((member @ held) > 0).sum(axis=0))
