"""Replicate weights that came with the data: American Community Survey, half samples, jackknives, bootstraps of an office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from symmetry.design.compressing import Supplied, shared, supplied
from symmetry.design.nouns import Design
from symmetry.design.plans import Centre
from symmetry.design.replicating import Replicates
from symmetry.errors import DesignError

__all__ = ["replicated"]

Kind = Literal["jk1", "jkn", "jk2", "brr", "fay", "bootstrap", "sdr", "acs"]
_ENTRIES = 2**21


def replicated(
    frame: pd.DataFrame,
    *,
    weight: str,
    replicates: Sequence[str] | np.ndarray,
    method: Kind | None = None,
    scale: float | None = None,
    rscales: Sequence[float] | np.ndarray | None = None,
    rho: float | None = None,
    centre: Centre = "estimate",
    weights: Literal["combined", "factors"] = "combined",
    df: float | None = None,
) -> Design:
    """Make a design of replicate weights that are given.

    Parameters
    ----------
    frame : one row a respondent.
    weight : column of the weights themselves.
    replicates : columns of the R replicates, or an array (n, R).
    method : what made them, which says the scale: "jk1" (R - 1)/R, "jk2" 1, "brr" 1/R, "fay" 1/(R (1 - rho)²), "bootstrap"
        1/(R - 1), "sdr" or "acs" 4/R; "jkn" needs `rscales`; none needs `scale`, `rscales` or both.
    scale, rscales : V = scale · Σ rscales_r (θ_r - c)²; what the method says may be given only where it is the same, but for
        "jk1", "jkn" and "bootstrap", which take a scale of one's own.
    rho : of Fay's method.
    centre : "estimate", as offices publish (R's ``mse = TRUE``), or "mean" of the replicates (R's default).
    weights : "combined" replicates are weights; "factors" multiply the weight.
    df : degrees of freedom; none for the rank of the replicate weights less 1.

    Raises
    ------
    DesignError : a replicate is missing or not a number, columns are absent, the scale is unknown or said twice, or combined
        weights look like factors or the reverse.

    Notes
    -----
    Every domain has the df of the whole.
    R twin: ``svrepdesign(weights = ~weight, repweights = , type = , scale = , rscales = , combined.weights = , mse = , data
    = frame)``

    Examples
    --------
    >>> half = pd.DataFrame({"w": [1.0, 1, 1, 1], "a": [2.0, 0, 2, 0], "b": [0.0, 2, 2, 0], "x": [1, 3, 2, 4]})
    >>> replicated(half, weight="w", replicates=["a", "b"], method="brr")
    Design: 4 rows; weight `w`
      variances from 2 supplied replicates (brr), 1 degree of freedom
    """
    if weights not in ("combined", "factors"):
        raise DesignError(f"weights={weights!r} is unknown", mend='"combined" or "factors"')
    if df is not None and not df > 0:
        raise DesignError(f"{df} degrees of freedom are none", mend="give a number above 0, or leave it out")
    design = Design(frame, weight=weight)
    full, combined = design.layout.weight, weights == "combined"
    given = supplied(design.data, replicates)
    if given.size < 2:
        raise DesignError(f"{given.size} replicates have no variance", mend="name the columns of all replicates")
    _check(given, full, combined=combined)
    all_scale, each = _scales(given.size, method, scale, rscales, rho)
    freedom = float(given.rank - 1) if df is None else float(df)
    kept = shared(given, full if combined else None)
    rows = np.arange(len(full), dtype=np.int32)
    made = Replicates(
        unit=rows if kept is None else kept.unit.astype(np.int32),
        psu=rows if kept is None else kept.first,
        start=full if kept is not None or not combined else np.ones(len(full)),
        full=full if kept is None and combined else np.ones(len(full) if kept is None else len(kept.first)),
        factor=given.columns if kept is None else lambda block: kept.factor[:, block],
        size=given.size,
        scale=all_scale,
        rscales=each,
        centre=centre,
        df=freedom,
        method=f"{given.size} supplied replicates" + (f" ({method})" if method else ""),
        step=int(np.clip(_ENTRIES // len(full), 1, 64)) if kept is None else 64,
        across=given.rows if kept is None else None,
    )
    note = f"variances from {made.method}, {freedom:g} degree{'' if freedom == 1 else 's'} of freedom"
    return replace(
        design, given=replace(design.layout, replicates=made, fitted=None, notes=(*design.layout.notes, note))
    )


def _check(given: Supplied, full: np.ndarray, *, combined: bool) -> None:
    """Refuse weights that look like factors, or the reverse."""
    level, mean = float(np.median(given.mean)), float(full.mean())
    if combined and not 0.2 < level / mean < 5:
        raise DesignError(
            f"replicates average {level:g} and the weights {mean:g}: they do not stand for the same population",
            mend='if replicates multiply the weight, give weights="factors"',
        )
    if not combined and not 0.2 < level < 5:
        raise DesignError(
            f"factors average {level:g} and not about 1", mend='if they are weights, give weights="combined"'
        )


def _scales(
    size: int,
    method: str | None,
    scale: float | None,
    rscales: Sequence[float] | np.ndarray | None,
    rho: float | None,
) -> tuple[float, np.ndarray]:
    """Scale and rscales (R,) of a method, or those given."""
    if method is not None and method not in get_args(Kind):
        raise DesignError(f"no replicates are called {method!r}", mend=f"one of {get_args(Kind)}, or None with a scale")
    if (method == "fay") != (rho is not None):
        raise DesignError(
            "Fay's method needs rho" if method == "fay" else "only Fay's method has a rho",
            mend='method="fay", rho=0.5, say',
        )
    if method is None and scale is None and rscales is None:
        raise DesignError("the scale of the replicates is unknown", mend="give a method, or scale and rscales")
    if method == "jkn" and rscales is None:
        raise DesignError(
            "a stratified jackknife needs rscales", mend="give (n - 1)/n of the stratum of each replicate"
        )
    own = {
        "jk1": (size - 1) / size,
        "jk2": 1.0,
        "brr": 1 / size,
        "fay": 1 / (size * (1 - (rho or 0.0)) ** 2),
        "bootstrap": 1 / (size - 1),
        "sdr": 4 / size,
        "acs": 4 / size,
    }.get(method or "", 1.0)
    found = own if scale is None else float(scale)
    each = np.ones(size) if rscales is None else np.broadcast_to(np.asarray(rscales, float), (np.size(rscales),))
    if len(each) not in (1, size):
        raise DesignError(f"{len(each)} rscales for {size} replicates", mend="give one, or one for each replicate")
    fixed = method in ("jk2", "brr", "fay", "sdr", "acs")
    if fixed and not (np.isclose(found, own) and (each == 1).all()):
        raise DesignError(
            f"{method} replicates have scale {own:g}, and {found:g} was given",
            mend="leave scale and rscales out, or the method",
        )
    if found < 0 or (each < 0).any():
        raise DesignError("a scale is negative", mend="scales are 0 or more")
    return found, np.broadcast_to(each, (size,)).astype(float)
