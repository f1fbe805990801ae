"""Any Python function of weights and answers as an estimate: made again with the weights of every replicate."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design import (
    Design,
    Influence,
    degrees_of_freedom,
    design_of,
    deviations,
    left_out,
    replicates_of,
    variances,
)
from symmetry.errors import DesignError
from symmetry.estimate.nouns import Estimate

__all__ = ["spread_of", "statistic"]


def statistic(
    design: Design,
    function: Callable[[np.ndarray, pd.DataFrame], float | np.ndarray],
    names: str | Sequence[str] | None = None,
) -> Estimate:
    """Any statistic that a Python function makes of weights and answers, its error by replicates.

    Parameters
    ----------
    design : one with replicates: see `symmetry.design.replicate`.
    function : takes weights (n,) and the design's data, and returns a number or an array of m numbers; called once with the
        weights and once with each replicate's.  Weights may be 0 (and, for supplied replicates, negative).
    names : of the m values, the `item` of each row; none for the function's name, numbered.

    Returns
    -------
    Estimate of m values; `covariance` knows how they move together.  No design effect.

    Raises
    ------
    DesignError : the design has no replicates, the function returns no number, or numbers of another count in a replicate.

    Notes
    -----
    A replicate in which the function returns NaN is left out of that value, and the note says how many were.
    R twin: ``withReplicates(design, function(w, data) ...)``

    Examples
    --------
    >>> from symmetry.design import design_of, replicate
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3], "trust": [5, 4, 3, 2, 4, 1], "again": [9, 8, 7, 2, 5, 3]})
    >>> def slope(weights, data):
    ...     return np.polyfit(data["trust"], data["again"], 1, w=np.sqrt(weights))[0]
    >>> found = statistic(replicate(Design(answers, psu="branch"), "jackknife"), slope)
    >>> found.table()[["item", "estimate", "se", "df"]].round(4)
        item  estimate      se   df
    0  slope       1.6  0.6606  2.0
    """
    made, layout = replicates_of(design_of(design)), design.layout
    if not callable(function):
        raise DesignError(f"{function!r} is no function", mend="give a function of weights and data")
    values = _called(function, layout.weight, design.data)
    labels = _names(function, names, len(values))
    thetas = np.empty((made.size, len(values)))
    step = max(1, min(made.step, 2**21 // max(len(layout.weight), 1)))
    for start in range(0, made.size, step):
        block = slice(start, min(start + step, made.size))
        for number, weights in enumerate(made.weights(block).T, start):
            if np.isnan(weights).any():
                thetas[number] = np.nan
                continue
            found = _called(function, np.ascontiguousarray(weights), design.data)
            if len(found) != len(values):
                raise DesignError(
                    f"the function returned {len(values)} values, and {len(found)} in replicate {number + 1}",
                    mend="return as many values whatever the weights; NaN for those that do not exist",
                )
            thetas[number] = found
    spread, lost = spread_of(design, thetas, values, layout.weight != 0)
    size = len(values)
    note = left_out(np.full(size, layout.warning, dtype=object), lost, made.size)
    return Estimate(
        design=design,
        labels=pd.DataFrame({"statistic": "statistic", "item": labels}),
        values=values,
        influence=spread,
        variance=variances(design, spread),
        part=np.full(size, 0 if len(layout.parts) == 1 else -1),
        n=np.full(size, int((layout.weight != 0).sum())),
        psus=np.diff(spread.presence.indptr),
        df=degrees_of_freedom(design, spread.presence),
        deff=np.full(size, np.nan),
        note=tuple(note) if any(note) else (),
        reference="",
    )


def spread_of(design: Design, thetas: np.ndarray, values: np.ndarray, rows: np.ndarray) -> tuple[Influence, np.ndarray]:
    """Influence of M values from what they are in every replicate (R, M), changed in place, and how many were left out (M,).

    values (M,) of the sample itself; rows, numbers or a mask of those that bear on them.
    """
    layout = design.layout
    lost = deviations(replicates_of(design), thetas, values)
    held = np.zeros((len(layout.stratum), 1))
    held[layout.psu[rows]] = 1.0
    return Influence.of(thetas, sparse.csc_array(np.repeat(held, len(values), axis=1))), lost


def _called(
    function: Callable[[np.ndarray, pd.DataFrame], float | np.ndarray], weights: np.ndarray, data: pd.DataFrame
) -> np.ndarray:
    """What the function says, as floats (m,)."""
    found = function(weights, data)
    try:
        return np.atleast_1d(np.asarray(found, dtype=float)).ravel()
    except (TypeError, ValueError) as error:
        raise DesignError(
            f"the function returned a {type(found).__name__} and not numbers ({error})",
            mend="return a number, or an array of them",
        ) from error


def _names(function: Callable[..., object], names: str | Sequence[str] | None, size: int) -> list[str]:
    """A name for each value."""
    if names is not None:
        given = [names] if isinstance(names, str) else list(names)
        if len(given) != size:
            raise DesignError(f"{len(given)} names for {size} values", mend="give each value of the function a name")
        return given
    name = getattr(function, "__name__", "function").strip("<>")
    return [name] if size == 1 else [f"{name} {number + 1}" for number in range(size)]
