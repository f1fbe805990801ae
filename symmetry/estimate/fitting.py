"""Weighted fitting of generalised linear models: columns from a formula, iterated least squares in blocks of rows, and scores.

Columns are centred nowhere: cross-products are solved after scaling by their diagonal, and the steps run to the last digits, so
that an error made of the solution does not depend on where an iteration stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from symmetry.design import Design
from symmetry.errors import ConvergenceError, DesignError
from symmetry.estimate.families import Family

__all__ = ["Columns", "Fit", "columns_of"]

_STEPS = 100
_BLOCK = 1 << 15
_FAR = 30.0


@dataclass(frozen=True, eq=False)
class Columns:
    """Outcome y (m,), columns x (m, p) and their names, the rows they come from (m,), and formulaic's spec of x."""

    y: np.ndarray
    x: np.ndarray
    names: list[str]
    rows: np.ndarray
    spec: Any


def columns_of(design: Design, formula: str) -> Columns:
    """Make the columns of a formula from the rows that have a weight and every variable.

    Raises
    ------
    DesignError : no such column, no formula, no outcome, or no row left.
    """
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    data, weighted = design.data, design.layout.weight != 0
    known = ", ".join(str(name) for name in data.columns[:12])
    try:
        made = Formula(formula).get_model_matrix(data.reset_index(drop=True), na_action="drop", ensure_full_rank=True)
        left, right = made.lhs, made.rhs
    except AttributeError as error:
        raise DesignError(f"{formula!r} has no outcome", mend='write it as "outcome ~ columns"') from error
    except FormulaicError as error:
        raise DesignError(f"{formula!r} cannot be read: {error}", mend=f"name columns of the frame: {known}") from error
    rows = np.asarray(right.index, int)
    kept = weighted[rows]
    if left.shape[1] != 1:
        raise DesignError(
            f"the outcome of {formula!r} makes {left.shape[1]} columns",
            mend="give one numeric column, 0 and 1 for a yes or no",
        )
    if not kept.any():
        raise DesignError(
            f"nobody has every variable of {formula!r}", mend="check for a column that is missing everywhere"
        )
    x = np.ascontiguousarray(np.asarray(right, float)[kept])
    return Columns(np.asarray(left, float)[kept, 0], x, list(right.columns), rows[kept], right.model_spec)


@dataclass(frozen=True, eq=False)
class Fit:
    """A family, an outcome y (m,), columns x (m, p) and their names."""

    family: Family
    y: np.ndarray
    x: np.ndarray
    names: list[str]

    def check(self) -> None:
        """Refuse outcomes the family does not take, and columns that determine each other."""
        wrong = ~self.family.allowed(self.y)
        if wrong.any():
            raise DesignError(
                f"the outcome is {self.y[wrong][0]:g}, and a {self.family.name} model takes {self.family.values}",
                mend="choose another family, or score the answers first",
            )
        if len(self.y) <= len(self.names):
            raise DesignError(
                f"{len(self.y)} respondents cannot tell {len(self.names)} coefficients", mend="use fewer columns"
            )

    def solve(self, w: np.ndarray, start: np.ndarray | None) -> np.ndarray:
        """Coefficients (p,) for weights w (m,), from a start or from the family's own.

        Raises
        ------
        DesignError : columns determine each other.
        ConvergenceError : the columns separate the outcomes, or the steps do not settle.
        """
        link, beta, before = self.family.link, start, np.inf
        for _ in range(_STEPS):
            cross, right, size = self._normal(w, beta)
            now = _solved(cross, right, self.names)
            if self.family.name == "gaussian" and link.name == "identity":
                return now
            if beta is not None:
                moved = float(np.abs((now - beta) * size).max() / np.abs(now * size).max())
                if moved <= 1e-15 or (moved < 1e-10 and moved >= before / 2):  # as near as floating point goes
                    return now
                before = moved
            beta = now
            if self.family.name == "binomial" and link.name in ("logit", "probit", "cloglog"):
                self._refuse_separation(beta)
        raise ConvergenceError(
            f"the model has not settled after {_STEPS} steps",
            mend="leave out columns that hardly vary, or choose another link",
        )

    def mean(self, beta: np.ndarray) -> np.ndarray:
        """Means (m,)."""
        return np.asarray(self.family.link.inverse(self.x @ beta))

    def influence(self, beta: np.ndarray, w: np.ndarray) -> np.ndarray:
        """What a unit of weight of each row moves the coefficients, (m, p)."""
        cross, out = self._normal(w, beta)[0], np.empty(self.x.shape)
        inverse = _solved(cross, np.eye(len(cross)), self.names)
        for block in self._blocks():
            eta = self.x[block] @ beta
            mu, slope = self.family.link.inverse(eta), self.family.link.slope(eta)
            score = (self.y[block] - mu) * slope / self.family.variance(mu)
            out[block] = (self.x[block] * score[:, None]) @ inverse
        return out

    def _blocks(self) -> Iterator[slice]:
        """Rows, a bearable number at a time."""
        for start in range(0, len(self.y), _BLOCK):
            yield slice(start, min(start + _BLOCK, len(self.y)))

    def _normal(self, w: np.ndarray, beta: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """X'ΩX (p, p), X'Ωz (p,) and the size of the columns (p,), Ω the working weights and z the working outcome."""
        link, p = self.family.link, self.x.shape[1]
        cross, right = np.zeros((p, p)), np.zeros(p)
        for block in self._blocks():
            x, y = self.x[block], self.y[block]
            eta = link.link(self.family.start(y)) if beta is None else x @ beta
            mu, slope = link.inverse(eta), link.slope(eta)
            omega = w[block] * slope**2 / self.family.variance(mu)
            weighted = x * omega[:, None]
            cross += weighted.T @ x
            right += weighted.T @ (eta + (y - mu) / slope)
        return cross, right, np.sqrt(np.maximum(np.diag(cross), 0.0))

    def _refuse_separation(self, beta: np.ndarray) -> None:
        """Refuse a fit that runs away because the columns tell the outcomes apart."""
        eta = self.x @ beta
        certain = np.abs(eta) > _FAR
        if not certain.any():
            return
        worst = self.names[int(np.argmax(np.abs(beta) * self.x.std(axis=0) + (self.x.std(axis=0) == 0) * -1.0))]
        raise ConvergenceError(
            f"`{worst}` separates the outcomes: {int(certain.sum())} respondents are fitted as certainly 0 or 1",
            mend="merge its rare categories, leave it out, or report a table: no finite coefficient exists",
        )


def _solved(cross: np.ndarray, right: np.ndarray, names: list[str]) -> np.ndarray:
    """Solve a symmetric system scaled by its diagonal; columns that determine each other are named."""
    size = np.sqrt(np.diag(cross))
    if not (size > 0).all() or not np.isfinite(cross).all():
        empty = [name for name, length in zip(names, size, strict=True) if not length > 0]
        raise DesignError(
            f"{', '.join(f'`{name}`' for name in empty) or 'a column'} is 0 for all respondents used",
            mend="leave it out: an empty level",
        )
    scaled = cross / size / size[:, None]
    values, vectors = np.linalg.eigh(scaled)
    if values[0] < 1e-11:
        guilty = [f"`{name}`" for name, part in zip(names, vectors[:, 0], strict=True) if abs(part) > 1e-4]
        raise DesignError(f"{', '.join(guilty)} determine each other exactly", mend="leave one of them out")
    return np.asarray((np.linalg.solve(scaled, (right.T / size).T).T / size).T)
