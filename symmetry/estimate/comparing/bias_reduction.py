"""Bell and McCaffrey's bias reduced linearization, and Satterthwaite's degrees of freedom of a linearised variance.

Under a working model in which the errors u of the rows are alike and independent, residuals are e = (I - H) u with
H = x M x'W, M = (x'Wx)⁻¹, and the score of psu c on a value is z_c = q_c'e_c: q = w x M l as it stands, or A_c times it with
A_c = ((I - H)_c (I - H)_c')^(-1/2), which gives z_c² its expectation g_c'g_c, g = w x M l, under the model (Bell, McCaffrey
2002; with weights, Pustejovsky, Tipton 2018).  A_c is the unit matrix off the span of (x_c, W x_c): a root of 2p × 2p does.

The covariance of the scores, B = diag(d) + F K F', is diagonal but for a few columns F: with L = Q'x M, T = Q'W x and N = x'W²x,
B = diag(q_c'q_c) - L T' - T L' + L N L'.  The variance is V = Σ_h (1 - f_h) k_h Σ_c (z_c - z̄_h)², a quadratic form in z; its
expectation and the variance of itself under the model need sums by stratum only, and df = E(V)² / Σ of squared eigenvalues.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from symmetry.design import Design

__all__ = ["Piece", "Scores", "Strata", "together"]

_NOTHING, _ALIKE, _ENTRIES = 1e-10, 1e-13, 1 << 22


@dataclass(frozen=True, eq=False)
class Piece:
    """A weighted least-squares fit: psu (m,) of P, columns x (m, p), residuals e (m,) and weights w (m,) of its rows.

    item : pieces of one item share the spread of its errors.
    """

    item: int
    psu: np.ndarray
    x: np.ndarray
    e: np.ndarray
    w: np.ndarray
    size: int

    @cached_property
    def weighted(self) -> np.ndarray:
        """Columns times weights (m, p)."""
        return np.asarray(self.x * self.w[:, None])

    @cached_property
    def inverse(self) -> np.ndarray:
        """M = (x'Wx)⁻¹, (p, p), by columns brought to one length."""
        cross = self.weighted.T @ self.x
        size = np.sqrt(np.diag(cross))
        return np.asarray(np.linalg.inv(cross / size / size[:, None]) / size / size[:, None])

    @cached_property
    def square(self) -> np.ndarray:
        """N = x'W²x, (p, p)."""
        return np.asarray(self.weighted.T @ self.weighted)

    @cached_property
    def plain(self) -> np.ndarray:
        """W x M (m, p): what the error of a row moves the coefficients."""
        return np.asarray(self.weighted @ self.inverse)

    @cached_property
    def reduced(self) -> np.ndarray:
        """A_c W x M (m, p), a bearable number of psus at a time."""
        out, order = self.plain.copy(), np.argsort(self.psu, kind="stable")
        step = max(1, _ENTRIES // (2 * self.x.shape[1]) ** 2)
        starts = np.arange(0, self.size + step, step)
        ends = np.searchsorted(self.psu[order], starts)
        for first, start, stop in zip(starts, ends[:-1], ends[1:], strict=False):
            rows = order[start:stop]
            if len(rows):
                out[rows] += self._moved(rows, self.psu[rows] - first)
        return out

    def _moved(self, rows: np.ndarray, psu: np.ndarray) -> np.ndarray:
        """(A_c - 1) W x M of some rows (r, p): in the span of Z_c = (x_c, W x_c), where B_c is 1 + Z Γ Z'."""
        p, columns = self.x.shape[1], np.hstack([self.x[rows], self.weighted[rows]])
        gram = np.empty((int(psu.max()) + 1, 2 * p, 2 * p))
        for row in range(2 * p):
            for column in range(row, 2 * p):
                gram[:, row, column] = _sums(psu, columns[:, row] * columns[:, column], len(gram))
                gram[:, column, row] = gram[:, row, column]
        size = np.sqrt(np.maximum(np.einsum("cii->ci", gram), 0.0))
        size[size == 0] = 1.0
        values, vectors = np.linalg.eigh(gram / size[:, None, :] / size[:, :, None])
        kept = values > _ALIKE * 2 * p
        length = np.sqrt(np.where(kept, values, 1.0))
        # orthonormal columns of psu c are Z_c back_c, and Z_c'Z_c = forth_c'forth_c
        back = vectors * np.where(kept, 1 / length, 0.0)[:, None, :] / size[:, :, None]
        forth = np.where(kept, length, 0.0)[:, :, None] * vectors.swapaxes(1, 2) * size[:, None, :]
        form = np.zeros((2 * p, 2 * p))
        form[:p, :p] = self.inverse @ self.square @ self.inverse
        form[:p, p:] = form[p:, :p] = -self.inverse
        values, vectors = np.linalg.eigh(np.eye(2 * p) + forth @ form @ forth.swapaxes(1, 2))
        root = np.where(values > _NOTHING, 1 / np.sqrt(np.maximum(values, _NOTHING)), 0.0) - 1
        moved = back @ (vectors * root[:, None, :]) @ vectors.swapaxes(1, 2) @ forth[:, :, p:] @ self.inverse
        return np.asarray(sum(columns[:, [row]] * moved[psu, row] for row in range(2 * p)))

    def scores(self, term: np.ndarray, *, reduced: bool) -> Scores:
        """What a combination (p,) of the coefficients owes to each psu."""
        g = self.plain @ term
        q = self.reduced @ term if reduced else g
        return Scores(
            item=np.full(self.x.shape[1], self.item),
            z=self._sum(q * self.e),
            target=self._sum(g * g),
            own=self._sum(q * q),
            left=self._sum(q[:, None] * self.x) @ self.inverse,
            right=self._sum(q[:, None] * self.weighted),
            total=self._sum(self.weighted),
            single={self.item: self._sum(q)},
            square=self.square,
        )

    def _sum(self, values: np.ndarray) -> np.ndarray:
        """Sums of rows by psu (P, …)."""
        return _sums(self.psu, values, self.size)


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores z (P,) of a value, target (P,) their variances as if nothing were estimated, and what their covariance is made of.

    own (P,) q'q; left, right, total (P, r) L, T and W-sums of x; single, Σ q of each psu by item; square (r, r) N; item (r,).
    """

    item: np.ndarray
    z: np.ndarray
    target: np.ndarray
    own: np.ndarray
    left: np.ndarray
    right: np.ndarray
    total: np.ndarray
    single: dict[int, np.ndarray]
    square: np.ndarray

    def covariance(self, spread: dict[int, tuple[float, float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Diagonal d (P,), columns F (P, 3r) and middle K (3r, 3r) of B, for errors of variance and covariance within a psu."""
        sigma = np.array([spread[item][0] for item in self.item])
        rho = np.array([spread[item][1] for item in self.item])
        r, alike = len(sigma), self.item[:, None] == self.item
        crossed = np.column_stack([self.single[item] for item in self.item]) * self.total
        middle = np.zeros((3 * r, 3 * r))
        middle[:r, :r] = sigma * self.square + rho * alike * (self.total.T @ self.total)
        middle[:r, r : 2 * r] = middle[r : 2 * r, :r] = -np.diag(sigma)
        middle[:r, 2 * r :] = middle[2 * r :, :r] = -np.diag(rho)
        diagonal = self.own + sum(spread[item][1] * sums**2 for item, sums in self.single.items())
        return np.asarray(diagonal), np.hstack([self.left, self.right, crossed]), middle


def together(parts: Sequence[Scores], spread: dict[int, tuple[float, float]]) -> Scores:
    """Scores of a sum of values that several pieces give, by errors of these variances."""
    single: dict[int, np.ndarray] = {}
    for part in parts:
        for item, sums in part.single.items():
            single[item] = single.get(item, 0.0) + sums
    places = np.cumsum([0, *(len(part.item) for part in parts)])
    square = np.zeros((places[-1], places[-1]))
    for part, start, stop in zip(parts, places[:-1], places[1:], strict=True):
        square[start:stop, start:stop] = part.square
    scale = [spread[int(part.item[0])][0] for part in parts]
    return Scores(
        item=np.concatenate([part.item for part in parts]),
        z=np.asarray(sum(part.z for part in parts)),
        target=np.asarray(sum(size * part.target for size, part in zip(scale, parts, strict=True))),
        own=np.asarray(sum(size * part.own for size, part in zip(scale, parts, strict=True))),
        left=np.hstack([part.left for part in parts]),
        right=np.hstack([part.right for part in parts]),
        total=np.hstack([part.total for part in parts]),
        single=single,
        square=square,
    )


@dataclass(frozen=True, eq=False)
class Strata:
    """Strata of the psus (P,), how many each has (H,), the share (H,) that is not sampled, and which are centred (H,)."""

    stratum: np.ndarray
    count: np.ndarray
    left: np.ndarray
    centred: np.ndarray

    @classmethod
    def of(cls, design: Design, pieces: Sequence[Piece]) -> Strata:
        """Strata of a design; scores add up to 0 by themselves, without centring, where every piece keeps to one stratum."""
        stage = design.layout.stages[0]
        centred = np.zeros(len(stage.count), bool)
        for piece in pieces:
            touched = np.unique(stage.stratum[piece.psu])
            centred[touched] |= len(touched) > 1
        return cls(stage.stratum, stage.count, 1 - stage.count / stage.population, centred)

    def variance(self, scores: Scores, factor: np.ndarray) -> float:
        """V of the scores by a factor for each stratum (H,)."""
        return float((factor * self._sums(self._centre(scores.z) ** 2)).sum())

    def usual(self) -> np.ndarray:
        """Factors (H,) of the linearised variance: (1 - f) n / (n - 1), and 0 for a stratum of one psu."""
        return np.where(self.count > 1, self.left * self.count / np.maximum(self.count - 1, 1), 0.0)

    def unbiased(self, scores: Scores, spread: dict[int, tuple[float, float]]) -> np.ndarray:
        """Factors (H,) that give each stratum its expectation under the working model; 1 - f where none was centred."""
        diagonal, columns, middle = scores.covariance(spread)
        centre = self._centre(columns)
        share = np.where(self.centred, 1 / self.count, 0.0)
        expected = self._sums(np.einsum("cf,fg,cg->c", centre, middle, centre)) + self._sums(diagonal) * (1 - share)
        target = self._sums(scores.target)
        usable = expected > _NOTHING * target
        return np.asarray(self.left * np.divide(target, expected, out=np.zeros(len(target)), where=usable))

    def freedom(self, scores: Scores, spread: dict[int, tuple[float, float]], factor: np.ndarray) -> float:
        """Satterthwaite's degrees of freedom of V, E(V)² / Σ λ², with λ the eigenvalues of its form times B; 0 where V is 0."""
        diagonal, columns, middle = scores.covariance(spread)
        centred = self._centre(columns) * np.sqrt(factor)[self.stratum][:, None]
        share = np.where(self.centred, 1 / self.count, 0.0)
        low = np.einsum("cf,fg,cg->c", centred, middle, centred)
        sums, squares = self._sums(diagonal), self._sums(diagonal**2)
        trace = float(low.sum() + (factor * sums * (1 - share)).sum())
        crossed = middle @ (centred.T @ centred)
        square = (
            (factor**2 * (squares * (1 - 2 * share) + share**2 * sums**2)).sum()
            + 2 * (factor[self.stratum] * diagonal * low).sum()
            + np.einsum("fg,gf->", crossed, crossed)
        )
        size = float((factor * sums).sum())
        return trace**2 / float(square) if trace > _NOTHING * size and square > 0 else 0.0

    def _centre(self, values: np.ndarray) -> np.ndarray:
        """Values (P, …) less the mean of their stratum, where it is centred."""
        mean = self._sums(values) / self.count.reshape(-1, *[1] * (values.ndim - 1))
        mean[~self.centred] = 0.0
        return np.asarray(values - mean[self.stratum])

    def _sums(self, values: np.ndarray) -> np.ndarray:
        """Sums of psus by stratum (H, …)."""
        return _sums(self.stratum, values, len(self.count))


def _sums(code: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Sums of values (m,) or (m, k) by code (size, …)."""
    if values.ndim == 1:
        return np.bincount(code, weights=values, minlength=size)
    return np.column_stack([np.bincount(code, weights=column, minlength=size) for column in values.T])
