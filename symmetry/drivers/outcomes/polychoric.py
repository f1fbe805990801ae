"""Correlations of the normal variables behind ordinal answers, as moments that any decomposition of drivers can start from.

Two ordinal columns have the polychoric correlation, an ordinal and a numeric one the polyserial, two numeric ones their own; each
in two steps, thresholds first (`bivariate`, `polyserial`).  The tables of all pairs are one product of matrices.  Errors go
through what each respondent moves each correlation by; in replicates the tables are made again and the correlations with them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symmetry.design import Design, Influence, design_of
from symmetry.drivers.covariances import called, counted, not_singular
from symmetry.drivers.estimating import linear_in_rows
from symmetry.drivers.nouns import Again, Moments, Value
from symmetry.drivers.outcomes.answers import Answers, answers_of
from symmetry.drivers.outcomes.bivariate import EDGE
from symmetry.drivers.outcomes.retabled import resampled_tables
from symmetry.errors import DesignError

__all__ = ["polychoric"]

_BLOCK = 1 << 14
_SINGULAR = 1e-9
_NOTE = "R² of the normal variables behind ordinal answers"


def polychoric(
    design: Design,
    columns: Sequence[str | np.ndarray],
    names: Sequence[str] | None = None,
    *,
    ordinal: Sequence[str] | None = None,
    within: np.ndarray | None = None,
) -> Moments:
    """Polychoric, polyserial and plain correlations of those who answered every driver and the outcome.

    Parameters
    ----------
    columns : of the design's data, or arrays (n,) with NaN for no answer; the outcome last.
    names : what they are called; needed where there are arrays.
    ordinal : names of the ordinal ones, at most 20 different answers each; those of whole numbers with at most 10 unless told.
    within : rows (n,) that are asked about; the others are out of the domain and not counted as lost.

    Returns
    -------
    Moments: correlations of the normal variables behind the ordinal columns and of the numeric ones as they are; means and
    deviations of the codes.  Its note says so of every number made of them.

    Raises
    ------
    DesignError : a column is absent or the same for all; fewer than p + 2 complete answers; an unknown name in `ordinal`; more
        than 20 answers to an ordinal column; two columns that order respondents alike (a correlation of 1); drivers that
        determine each other or the outcome exactly; correlations that are not positive definite.

    Notes
    -----
    Two steps by maximum likelihood, weighted [1]_; no count is added to empty cells.  Errors are linearised, thresholds, means
    and deviations included.  With replicates, tables and polychoric correlations are made again in each; polyserial ones move
    along their tangent, and so do all where psus × cells are more than 33 million numbers.
    R twins: ``psych::polychoric(x, correct = 0, global = FALSE)``, ``lavaan::lavCor(x, ordered = TRUE, zero.add = c(0, 0))``,
    errors by ``se = "robust.sem"``; ``polycor::polyserial(ML = FALSE)`` is another estimator, in closed form.

    References
    ----------
    .. [1] Olsson (1979). Maximum likelihood estimation of the polychoric correlation coefficient. Psychometrika 44, 443-460.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.multivariate_normal([0, 0, 0], [[1, 0.5, 0.6], [0.5, 1, 0.5], [0.6, 0.5, 1]], size=4000)
    >>> frame = pd.DataFrame(np.digitize(x, [-1, 0, 0.5, 1.5]), columns=["a", "b", "y"])
    >>> polychoric(Design(frame), ["a", "b", "y"]).correlation.round(2)
    array([[1.  , 0.49, 0.61],
           [0.49, 1.  , 0.53],
           [0.61, 0.53, 1.  ]])
    """
    design = design_of(design)
    told = called(columns, names)
    answers = answers_of(design, columns, told, ordinal, within)
    correlation = _matrix(answers)

    def linear(gradient: np.ndarray) -> tuple[Influence, np.ndarray]:
        moved = np.full((len(answers.held), len(gradient)), np.nan)
        first, second = answers.pairs
        slopes = 2 * gradient[:, first, second].T / answers.total
        rows = np.flatnonzero(answers.held)
        for start in range(0, len(rows), _BLOCK):
            here = slice(start, min(start + _BLOCK, len(rows)))
            moved[rows[here]] = answers.movements(here) @ slopes
        return linear_in_rows(design, moved)

    def again(value: Value, values: np.ndarray) -> tuple[Influence, np.ndarray, np.ndarray]:
        return resampled_tables(answers, correlation, value, values)

    n, asked = int((design.layout.weight[answers.held] > 0).sum()), _asked(design, within)
    made: Again | None = None if design.layout.replicates is None else again
    note = "; ".join(filter(None, [counted(n, asked), _NOTE if answers.ordinal else ""]))
    return Moments(design, told, correlation, answers.mean, answers.deviation, n, asked, note, linear, made)


def _asked(design: Design, within: np.ndarray | None) -> int:
    """How many respondents with a weight are asked about."""
    return int(((design.layout.weight > 0) & (True if within is None else within)).sum())


def _matrix(answers: Answers) -> np.ndarray:
    """The correlations (k, k), once they bear a regression."""
    first, second = answers.pairs
    found = np.eye(len(answers.names))
    found[first, second] = found[second, first] = answers.correlations
    perfect = np.flatnonzero(~(np.abs(answers.correlations) < EDGE))
    if len(perfect):
        one, other = answers.names[first[perfect[0]]], answers.names[second[perfect[0]]]
        raise DesignError(
            f"`{one}` and `{other}` order respondents alike: their polychoric correlation is perfect",
            mend="leave one out, merge rare answers, or take answers as numbers (the linear model)",
        )
    smallest = float(np.linalg.eigvalsh(found)[0])
    if smallest <= _SINGULAR:
        _not_determined(answers)
        raise DesignError(
            f"polychoric correlations of {', '.join(answers.names)} are not positive definite (smallest eigenvalue "
            f"{smallest:.3g}): no normal variables have them all",
            mend="name fewer drivers, merge rare answers, or take answers as numbers (the linear model)",
        )
    return found


def _not_determined(answers: Answers) -> None:
    """Refuse drivers whose answers determine each other or the outcome, and name them."""
    plain = (answers.z * (answers.weight / answers.total)[:, None]).T @ answers.z
    not_singular(plain[:-1, :-1], answers.names[:-1])
    values, vectors = np.linalg.eigh(plain)
    if values[0] <= _SINGULAR:
        made = [name for name, weight in zip(answers.names, vectors[:, 0], strict=True) if abs(weight) > 1e-4]
        raise DesignError(
            f"`{answers.names[-1]}` is made of {', '.join(made[:-1])} exactly (R² is 1): no normal variables are behind that",
            mend="leave one of these drivers out, or take answers as numbers (the linear model)",
        )
