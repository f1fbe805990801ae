"""Ordered categories: one slope a column for all cumulative chances, and a threshold between neighbours (proportional odds).

P(y ≤ k) = F(ζ_k - x'β) (McCullagh 1980).  The weighted likelihood is concave for the links there are; Newton's steps from the
observed curvature run to the last digits, and the scores of rows go the way of those of `models`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from symmetry.design import Design, Influence, degrees_of_freedom, design_of, left_out, replicates_of
from symmetry.errors import ConvergenceError, DesignError
from symmetry.estimate.models.columns import Columns, columns_of
from symmetry.estimate.models.scoring import presence_of, spread_of_refits, spread_of_scores
from symmetry.estimate.models.solving import inverted
from symmetry.estimate.models.thresholds import LINKS, Cumulative, codes_of_levels
from symmetry.estimate.nouns import Estimate

__all__ = ["Ordinal", "ordinal"]

_STEPS, _HALVES, _FIRST = 100, 30, 6
_BLOCK = 1 << 15


@dataclass(frozen=True, eq=False)
class Ordinal:
    """A fitted model of ordered categories.

    estimate : p slopes, then a threshold ("1|2") between each category and the next.  formula, link : as asked.  levels : the
    categories, in order.  columns : category numbers and columns of the rows used.  n : rows used.
    """

    estimate: Estimate
    formula: str
    link: str
    levels: tuple[object, ...]
    columns: Columns
    n: int

    def table(self, *, level: float = 0.95) -> pd.DataFrame:
        """Slopes and thresholds, a row each, with the house's columns."""
        return self.estimate.table(level=level)

    def covariance(self) -> np.ndarray:
        """Covariance of slopes and thresholds."""
        return self.estimate.covariance()


def ordinal(design: Design, formula: str, *, link: str = "logit") -> Ordinal:
    """Fit a cumulative model to an ordered outcome.

    Parameters
    ----------
    design : n respondents; who lacks any variable of the formula is out, psus and strata stay.
    formula : "y ~ a + b"; y is a column of numeric codes, or of ordered categories.
    link : "logit" (proportional odds), "probit", "cloglog" (of the chance to be above, as R's) or "loglog".

    Returns
    -------
    Ordinal with p slopes, positive where a column goes with higher categories, and the thresholds; df are psus minus strata minus
    p, as R's.  Categories that nobody has make no threshold, and a note.

    Raises
    ------
    DesignError : y has no order or fewer than two categories; columns determine each other, or are absent.
    ConvergenceError : columns separate the categories, or the steps do not settle.

    Notes
    -----
    R twin: ``svyolr(factor(y) ~ a + b, design)``, whose fit stops early and whose curvature is a numerical difference.

    References
    ----------
    .. [1] McCullagh (1980). Regression models for ordinal data. Journal of the Royal Statistical Society B 42, 109-142.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame({"a": rng.normal(size=300), "psu": np.repeat(np.arange(30), 10)})
    >>> data["trust"] = np.digitize(data["a"] + rng.logistic(size=300), [-1, 1]) + 1
    >>> ordinal(Design(data, psu="psu"), "trust ~ a").table()[["item", "estimate", "se", "df"]].round(3)
      item  estimate     se    df
    0    a     1.025  0.123  28.0
    1  1|2    -1.024  0.146  28.0
    2  2|3     1.046  0.171  28.0
    """
    design = design_of(design)
    if not isinstance(link, str) or link not in LINKS:
        raise DesignError(
            f"an ordinal model has no link {link!r}", mend=f"one of {', '.join(repr(name) for name in LINKS)}"
        )
    name, codes, levels = codes_of_levels(design, formula)
    columns = columns_of(design, formula, data=design.data.assign(**{name: codes})).without("Intercept")
    held = np.unique(columns.y).astype(int)
    if len(held) < 2:
        raise DesignError(
            f"`{name}` has one category among those who have every variable", mend="an ordinal model needs two or more"
        )
    fit = _Fit(LINKS[link], columns, np.searchsorted(held, columns.y), len(held))
    weight = design.layout.weight[columns.rows]
    try:
        theta, inverse = fit.solve(weight, None)
    except DesignError as fault:
        raise columns.explained(fault) from fault
    note = np.full(len(theta), "", dtype=object)
    if design.layout.replicates is None:
        totals, spread, variance = spread_of_scores(
            design, columns.rows, lambda rows: fit.scores(rows, theta), inverse[None], (), None
        )
        psus, df = (found[0] for found in totals.counts())
    else:
        spread, variance, lost = _refitted(design, fit, theta)
        note = left_out(note, lost, replicates_of(design).size)
        present = presence_of(design, columns.rows, None, 1)
        psus, df = np.diff(present.indptr), degrees_of_freedom(design, present)
    kept = tuple(levels[place] for place in held)
    told = [f"nobody has {', '.join(map(repr, sorted(set(levels) - set(kept), key=levels.index)))}"] * (kept != levels)
    asked = int((design.layout.weight != 0).sum())
    told += [f"{len(columns)} of {asked} respondents have every variable"] * (len(columns) < asked)
    q = len(theta)
    estimate = Estimate(
        design=design,
        labels=pd.DataFrame({"statistic": "coefficient", "item": fit.names(kept)}),
        values=theta,
        influence=spread,
        variance=variance,
        part=np.full(q, 0 if len(design.layout.parts) == 1 else -1),
        n=np.full(q, len(columns)),
        psus=np.repeat(psus, q),
        df=np.repeat(df - len(columns.names), q),
        deff=np.full(q, np.nan),
        note=tuple("; ".join([*filter(None, [text]), *told]) for text in note) if any(note) or told else (),
        reference="",
    )
    return Ordinal(estimate, formula, link, kept, columns, len(columns))


def _refitted(design: Design, fit: _Fit, theta: np.ndarray) -> tuple[Influence, np.ndarray, np.ndarray]:
    """Influence, variances and replicates left out, from the model fitted again in every replicate."""
    made, rows = replicates_of(design), fit.columns.rows
    thetas = np.full((made.size, len(theta)), np.nan)
    for block in made.blocks():
        for number, weights in enumerate(np.ascontiguousarray(made.weights(block)[rows].T), block.start):
            try:
                thetas[number] = fit.solve(weights, theta)[0]
            except (ConvergenceError, DesignError):  # left out, and counted in the note
                continue
    return spread_of_refits(design, rows, thetas, theta, None, 1)


@dataclass(frozen=True, eq=False)
class _Fit:
    """A distribution, columns without an intercept, the number of each row's category (m,), and how many there are."""

    kind: Cumulative
    columns: Columns
    code: np.ndarray
    size: int

    def names(self, levels: tuple[object, ...]) -> list[str]:
        """Names of slopes and thresholds."""
        return [*self.columns.names, *(f"{low}|{high}" for low, high in pairwise(levels))]

    def solve(self, w: np.ndarray, start: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Slopes and thresholds (q,), and the inverse (q, q) of the curvature there, for weights w (m,)."""
        theta = self._start(w) if start is None else start
        names, moved, best = self.names(tuple(range(self.size))), np.inf, self._curved(w, theta)
        for number in range(_STEPS):
            right, curve = best[1:]
            size, inverse, _, told = inverted(curve[None], names)
            if told:
                raise told[0]
            move = inverse[0] @ right
            far = float(np.abs(move * size).max() / np.abs((theta + move) * size).max())
            if far <= 1e-14 or (far < 1e-9 and far >= moved / 2):  # as near as floating point goes
                return theta + move, inverse[0]
            if number >= _FIRST and far > 1e-6:
                self._refuse_separation(w, move)
            moved = far
            for _ in range(_HALVES):
                now = self._curved(w, theta + move)
                if now[0] >= best[0] - 1e-9 * abs(best[0]):
                    break
                move = move / 2
            theta, best = theta + move, now
        worst = names[int(np.argmax(np.abs(move) * size))]
        raise ConvergenceError(
            f"the model has not settled after {_STEPS} steps: `{worst}` moves most",
            mend="merge rare categories, or leave out columns that hardly vary",
        )

    def scores(self, rows: slice | np.ndarray, theta: np.ndarray) -> np.ndarray:
        """What a unit of weight of some rows adds to the slope of the log-likelihood, (q, r)."""
        x, (_, up, down, *_) = self._at(rows, theta)
        upper, lower = self._ends(rows)
        return np.concatenate([x * (down - up), upper * up - lower * down])

    def _at(self, rows: slice | np.ndarray, theta: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """Columns of some rows, and chance, slopes and curvatures of each at both of its thresholds."""
        x, p = self.columns.block(rows), len(self.columns.names)
        zeta = np.concatenate([[-np.inf], theta[p:], [np.inf]])
        eta, code = theta[:p] @ x, self.code[rows]
        return x, self.kind.between(zeta[code] - eta, zeta[code + 1] - eta)

    def _ends(self, rows: slice | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ones (size - 1, r) at the threshold above, and at the one below, the category of each row."""
        places = np.arange(self.size - 1)[:, None]
        return (places == self.code[rows]).astype(float), (places == self.code[rows] - 1).astype(float)

    def _blocks(self) -> Iterator[slice]:
        """Rows, a bearable number at a time."""
        for start in range(0, len(self.columns), _BLOCK):
            yield slice(start, min(start + _BLOCK, len(self.columns)))

    def _start(self, w: np.ndarray) -> np.ndarray:
        """No slopes, and the thresholds that everybody's shares ask for."""
        shares = np.cumsum(np.bincount(self.code, weights=w, minlength=self.size)) / w.sum()
        return np.concatenate([np.zeros(len(self.columns.names)), self.kind.quantile(shares[:-1])])

    def _curved(self, w: np.ndarray, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Log-likelihood, its slope (q,) and its curvature (q, q), turned positive; -∞ where thresholds cross."""
        p, q = len(self.columns.names), len(theta)
        value, right, curve = 0.0, np.zeros(q), np.zeros((q, q))
        if (np.diff(theta[p:]) <= 0).any():
            return -np.inf, right, curve
        for rows in self._blocks():
            x, (chance, up, down, above, below, across) = self._at(rows, theta)
            weight, (upper, lower) = w[rows], self._ends(rows)
            value += float(weight @ np.log(chance))
            right += np.concatenate([x * (down - up), upper * up - lower * down]) @ weight
            curve[:p, :p] += (x * (weight * (above + below + 2 * across))) @ x.T
            mixed = upper * (above + across) + lower * (below + across)
            curve[:p, p:] -= (x * weight) @ mixed.T
            curve[p:, p:] += (upper * (weight * above)) @ upper.T + (lower * (weight * below)) @ lower.T
            both = (upper * (weight * across)) @ lower.T
            curve[p:, p:] += both + both.T
        curve[p:, :p] = curve[:p, p:].T
        return value, right, curve

    def _refuse_separation(self, w: np.ndarray, move: np.ndarray) -> None:
        """Refuse to go on where a step moves every threshold only away from those it has next to it."""
        p, rows = len(self.columns.names), np.flatnonzero(w)
        steps = np.concatenate([[0.0], move[p:], [0.0]])
        drift, code = np.empty(len(rows)), self.code[rows]
        for start in range(0, len(rows), _BLOCK):
            drift[start : start + _BLOCK] = move[:p] @ self.columns.block(rows[start : start + _BLOCK])
        up = np.where(code < self.size - 1, steps[code + 1] - drift, 0.0)
        down = np.where(code > 0, drift - steps[code], 0.0)
        nothing = 1e-6 * max(np.abs(up).max(), np.abs(down).max())
        if min(up.min(), down.min()) < -nothing:
            return
        reach = np.array([abs(move[k]) * np.ptp(self.columns.block(rows)[k]) for k in range(p)])
        guilty = [f"`{name}`" for name, far in zip(self.columns.names, reach, strict=True) if far > 1e-4 * reach.max()]
        certain = int(((up > nothing) | (down > nothing)).sum())
        raise ConvergenceError(
            f"{', '.join(guilty)} {'separates' if len(guilty) == 1 else 'separate'} the categories: {certain} of "
            f"{len(rows)} respondents are pushed to one side without end",
            mend="merge rare categories, leave it out, or report a table: no finite coefficient exists",
        )
