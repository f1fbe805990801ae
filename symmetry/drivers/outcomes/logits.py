"""Logistic regressions on every subset of drivers, many at once: what the fits of two hundred subsets need is one product.

Newton's steps start from the fits without one player and without another, added up.  For a block of rows and of subsets, fitted
values, scores and the informations of all subsets are three products of matrices, the last of products of columns; columns that
are out have 1 on the diagonal and no score.  Equal rows are added up first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from symmetry.drivers.sharing.lattice import Players, members
from symmetry.drivers.telling import progress
from symmetry.errors import ConvergenceError, DesignError

__all__ = ["Cells", "Logits", "log_likelihood", "tallied"]

_ROWS, _SUBSETS = 1 << 12, 1 << 8
_STEPS = 30
_SETTLED = 1e-9  # of twice the gain in mean log-likelihood that a step promises; the next is of the order of its square
_EXTREME = 12.0
_MEND = "leave a column out, merge its rare answers, or take the linear model (shares of R²)"


@dataclass(frozen=True)
class Cells:
    """Different rows: columns (c, q), the first of 1s, outcome (c,) and share (c,), which sums to 1."""

    x: np.ndarray
    y: np.ndarray
    share: np.ndarray


def tallied(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[Cells, np.ndarray]:
    """Add up equal rows of (m, p) columns and outcome; which cell each row is in (m,)."""
    number = np.zeros(len(y), dtype=np.int64)
    for column in (*x.T, y):
        values, code = np.unique(column, return_inverse=True)
        _, number = np.unique(number * len(values) + code, return_inverse=True)
    first = np.empty(int(number.max()) + 1, dtype=np.int64)
    first[number[::-1]] = np.arange(len(y))[::-1]
    share = np.bincount(number, weights=weight) / weight.sum()
    return Cells(np.column_stack([np.ones(len(first)), x[first]]), y[first], share), number


def log_likelihood(y: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """Of each outcome, from its logit.

    Examples
    --------
    >>> np.exp(log_likelihood(np.array([0.0, 1.0]), np.array([0.0, 1.0]))).round(4)
    array([0.5   , 0.7311])
    """
    toward = eta * (2 * y - 1)
    far = np.abs(toward)
    np.log1p(np.exp(np.negative(far, out=far), out=far), out=far)
    np.minimum(toward, 0.0, out=toward)
    return np.asarray(np.subtract(toward, far, out=toward))


@dataclass(frozen=True)
class Logits:
    """Regressions of an outcome of two values on some of its columns."""

    cells: Cells
    names: Sequence[str]
    outcome: str

    def by_subset(self, players: Players) -> np.ndarray:
        """Coefficients (2^P, q) of the regression on every subset of players and what is always in, 0 for what is out.

        Raises
        ------
        DesignError : columns separate the values of the outcome, so that no finite coefficients exist.
        ConvergenceError : the steps do not settle.
        """
        inside = np.zeros((1 << len(players), self.cells.x.shape[1]), dtype=bool)
        inside[:, 0] = True
        inside[:, np.array(players.always, dtype=int) + 1] = True
        for j, columns in enumerate(players.columns):
            with_it = (np.arange(len(inside)) >> j & 1).astype(bool)
            inside[np.ix_(with_it, np.array(columns) + 1)] = True
        found = np.zeros(inside.shape)
        found[-1] = self.whole(inside[-1])
        size = members(len(players))
        with progress(f"{len(inside)} regressions", len(inside)) as done:
            for level in range(len(players)):
                of_level = np.flatnonzero(size == level)
                for begin in range(0, len(of_level), _SUBSETS):
                    some = of_level[begin : begin + _SUBSETS]
                    one = some & -some  # its first player, then the next; none of none
                    other = (some ^ one) & -(some ^ one)
                    start = found[some ^ one] + found[some ^ other] - found[some ^ one ^ other]
                    found[some] = self.fit(np.where(other[:, None] > 0, start, found[some ^ one]), inside[some])
                    done(len(some))
        return found

    def whole(self, inside: np.ndarray) -> np.ndarray:
        """The regression on all columns, with steps cut until the likelihood grows; separation is looked for where it is near."""
        cells, q = self.cells, int(inside.sum())
        x = cells.x[:, inside]
        b, eta = np.zeros(q), np.zeros(len(cells.y))
        now, settled = cells.share @ log_likelihood(cells.y, eta), False
        for _ in range(_STEPS):
            mu = special.expit(eta)
            score = x.T @ (cells.share * (cells.y - mu))
            information = (x * (cells.share * mu * (1 - mu))[:, None]).T @ x
            step = np.linalg.lstsq(information, score)[0]
            for _ in range(_STEPS):
                new = cells.share @ log_likelihood(cells.y, x @ (b + step))
                if new >= now - 1e-14:
                    break
                step = step / 2
            b, now = b + step, new
            eta = x @ b
            settled = score @ step < _SETTLED
            if settled:
                break
        if not settled or np.abs(eta).max() > _EXTREME:
            self.refuse_separation()
        if not settled:
            raise ConvergenceError(f"the regression of `{self.outcome}` did not settle in {_STEPS} steps", mend=_MEND)
        found = np.zeros(len(inside))
        found[inside] = b
        return found

    def fit(self, start: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """Coefficients (B, q) of B subsets of columns (B, q), from a start."""
        found, active = start.copy(), np.arange(len(start))
        for _ in range(_STEPS):
            score, information = self._sums(found[active])
            score[~inside[active]] = 0.0
            out = ~inside[active]
            information[out[:, :, None] | out[:, None, :]] = 0.0
            information[:, np.arange(out.shape[1]), np.arange(out.shape[1])] += out
            step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
            gain = (score * step).sum(axis=1)
            found[active] += step / np.maximum(1.0, np.sqrt(gain))[:, None]
            active = active[~(gain < _SETTLED)]
            if not len(active):
                return found
        for row in active:
            found[row] = self.whole(inside[row])
        return found

    def _sums(self, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores (B, q) and informations (B, q, q)."""
        cells, q = self.cells, b.shape[1]
        score, products = np.zeros((len(b), q)), np.zeros((len(b), q * (q + 1) // 2))
        for begin in range(0, len(cells.y), _ROWS):
            here = slice(begin, begin + _ROWS)
            mu = special.expit(b @ cells.x[here].T)
            share = cells.share[here]
            score += ((cells.y[here] - mu) * share) @ cells.x[here]
            mu *= 1.0 - mu
            mu *= share
            products += mu @ self._products[here]
        first, second = np.triu_indices(q)
        information = np.empty((len(b), q, q))
        information[:, first, second] = information[:, second, first] = products
        return score, information

    @cached_property
    def _products(self) -> np.ndarray:
        """Products of each two columns (c, q (q + 1) / 2)."""
        first, second = np.triu_indices(self.cells.x.shape[1])
        return np.asarray(self.cells.x[:, first] * self.cells.x[:, second])

    def refuse_separation(self) -> None:
        """Look for a direction that tells the outcomes 1 from 0 without a mistake, by linear programming.

        Raises
        ------
        DesignError : there is one; its columns are named.
        """
        here = self.cells.share > 0
        signed = self.cells.x[here] * np.where(self.cells.y[here] > 0, 1.0, -1.0)[:, None]
        columns = list(range(signed.shape[1]))
        if not _separate(signed[:, columns]):
            return
        for column in range(1, signed.shape[1]):
            left = [one for one in columns if one != column]
            columns = left if _separate(signed[:, left]) else columns
        guilty = [f"`{self.names[column - 1]}`" for column in columns[1:]]
        raise DesignError(
            f"{', '.join(guilty)} {'separates' if len(guilty) == 1 else 'separate'} the two values of `{self.outcome}`: no "
            "finite coefficients exist",
            mend=_MEND,
        )


def _separate(signed: np.ndarray) -> bool:
    """Whether a direction has no row (turned around where the outcome is 0) on its wrong side, and some on the right one."""
    from scipy.optimize import linprog

    told = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1))
    return bool(told.status == 0 and -told.fun > 1e-6)
