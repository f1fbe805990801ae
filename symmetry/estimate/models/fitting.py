"""Weighted fitting of generalised linear models, of one or of many domains in the same passes over blocks of rows.

Cross-products are solved after scaling by their diagonal; steps are Fisher's scoring, from the scores themselves, and run to the
last digits, so that an error made of the solution does not depend on where an iteration stopped.  A million rows begin from the
solution of a part of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from symmetry.errors import ConvergenceError, DesignError
from symmetry.estimate.models.columns import Columns
from symmetry.estimate.models.families import Family
from symmetry.estimate.models.grouping import Groups
from symmetry.estimate.models.separating import refuse_separation
from symmetry.estimate.models.solving import Faults, inverted

__all__ = ["Fit"]

_STEPS, _HALVES = 100, 40
_PART = 16  # one row in so many is enough to begin with
_LARGE = 1 << 18
_CERTAIN, _FIRST, _SEEN = (
    1e-6,
    4,
    3,
)  # nearly 0 or 1; the first step that may be one of separation, and how many must be

_OUTSIDE = "some means leave the range the family has, however short the steps are"
_USUAL = "choose the family's usual link, which keeps means inside"


@dataclass(frozen=True, eq=False)
class Fit:
    """A family, columns of m rows, and the domains they are in, each of which has coefficients of its own."""

    family: Family
    columns: Columns
    groups: Groups

    def check(self) -> Faults:
        """Refuse outcomes the family does not take; tell which domains have too few rows.

        Raises
        ------
        DesignError : an outcome is not what the family takes.
        """
        y, p = self.columns.y, len(self.columns.names)
        allowed = self.family.allowed(y)
        if not allowed.all():
            raise DesignError(
                f"the outcome is {y[~allowed][0]:g}, and a {self.family.name} model takes {self.family.values}",
                mend="choose another family, or score the answers first",
            )
        return {
            int(domain): DesignError(
                f"{self.groups.count[domain]} respondents cannot tell {p} coefficients", mend="use fewer columns"
            )
            for domain in np.flatnonzero(self.groups.count <= p)
        }

    def solve(self, w: np.ndarray, start: np.ndarray | None, faults: Faults) -> tuple[np.ndarray, np.ndarray, Faults]:
        """Coefficients (D, p) and the inverse of X'ΩX (D, p, p) at them for weights w (m,), from a start or the family's own.

        faults : domains not to fit.  Those, and what more cannot be fitted, are NaN (inverse 0) and among the faults returned.
        """
        p = len(self.columns.names)
        if start is None and not self.family.closed and len(w) >= _LARGE:
            start = self._of_a_part(w)
        state = _State(self.groups.size, p, self.columns.names, start, dict(faults))
        for number in range(_STEPS):
            if not state.open.any():
                break
            at = state.beta if state.begun else None
            found = self._normal(w, at, state.open)
            for domain in np.flatnonzero(state.open & found.outside).tolist():
                state.back(domain, self._flat(w, domain))
            state.step(np.flatnonzero(state.open & ~found.outside), found, closed=self.family.closed)
            if number >= _FIRST:
                for domain in np.flatnonzero(state.running & (found.certain | ~state.open)).tolist():
                    self._separated(w, domain, state)
            state.begun = True
        for domain in np.flatnonzero(state.open).tolist():
            state.unsettled(domain)
        return state.beta, state.inverse, state.faults

    def scores(self, rows: slice, beta: np.ndarray) -> np.ndarray:
        """What a unit of weight of some rows adds to the equations, x (y - μ) μ' / V, (p, r)."""
        x = self.columns.block(rows)
        mu, rate, _ = self.family.working(self.groups.linear(x, beta, rows))
        x *= (self.columns.y[rows] - mu) * rate
        return x

    def mean(self, beta: np.ndarray, rows: slice) -> np.ndarray:
        """Means of some rows (r,)."""
        return np.asarray(self.family.link.inverse(self.groups.linear(self.columns.block(rows), beta, rows)))

    def _of_a_part(self, w: np.ndarray) -> np.ndarray | None:
        """Coefficients of some of the rows, from everywhere among them, for all domains; None where these do not tell."""
        places = np.flatnonzero(np.arange(len(w)) // 256 % _PART == 0)
        part = Fit(self.family, self.columns.take(places), Groups.one(len(places)))
        beta, _, known = part.solve(w[places], None, {})
        return None if known else np.repeat(beta, self.groups.size, axis=0)

    def _normal(self, w: np.ndarray, beta: np.ndarray | None, open_: np.ndarray) -> _Normal:
        """The equations of the next step, for domains that are open."""
        family, found = self.family, _Normal.empty(*self._shape)
        for block in self.groups.blocks(self.columns, open_):
            x, y, weight = block.x, self.columns.y[block.rows], w[block.rows]
            eta = family.link.link(family.start(y)) if beta is None else block.linear(beta)
            mu, rate, omega = family.working(eta)
            if beta is None:
                with np.errstate(divide="ignore", invalid="ignore"):
                    right = weight * (omega * eta + (y - mu) * rate)
            else:
                right = weight * ((y - mu) * rate)
                if not family.closed:
                    self._look(block.domains, block.ends, mu, weight != 0, found)
            block.products(x * (weight * omega), right, found.cross, found.right)
        return found

    @property
    def _shape(self) -> tuple[int, int]:
        """Domains and columns."""
        return self.groups.size, len(self.columns.names)

    def _look(self, domains: np.ndarray, ends: np.ndarray, mu: np.ndarray, counts: np.ndarray, found: _Normal) -> None:
        """Mark the domains that have means outside of the family's range, or within reach of an end they never come to."""
        low, high = self.family.bounds
        outside = ~self.family.inside(mu)
        certain = (np.abs(mu - low) < _CERTAIN) | (np.abs(mu - high) < _CERTAIN)
        for marks, where in ((found.outside, outside), (found.certain, certain)):
            if where.any():
                marks[domains] |= np.logical_or.reduceat(where & counts, ends[:-1])

    def _flat(self, w: np.ndarray, domain: int) -> np.ndarray | None:
        """Coefficients that give everybody the mean of the domain, if there is an intercept."""
        if "Intercept" not in self.columns.names:
            return None
        rows = self.groups.rows(domain)
        beta = np.zeros(len(self.columns.names))
        mean = np.average(self.columns.y[rows], weights=w[rows])
        beta[self.columns.names.index("Intercept")] = self.family.link.link(np.array([mean]))[0]
        return beta

    def _separated(self, w: np.ndarray, domain: int, state: _State) -> None:
        """Give a domain up where its last step tells outcomes apart."""
        rows = self.groups.rows(domain)
        try:
            refuse_separation(self.family, self.columns, rows[w[rows] != 0], state.move[domain])
        except ConvergenceError as error:
            state.seen[domain] += 1  # steps become the purer, the more there are
            if state.seen[domain] >= _SEEN or not state.open[domain]:
                state.fail(domain, error)


@dataclass(frozen=True, eq=False)
class _Normal:
    """X'ΩX (D, p, p), the right sides (D, p), and marks (D,): means outside of the range, means that are nearly certain."""

    cross: np.ndarray
    right: np.ndarray
    outside: np.ndarray
    certain: np.ndarray

    @staticmethod
    def empty(size: int, p: int) -> _Normal:
        """Zeros."""
        return _Normal(np.zeros((size, p, p)), np.zeros((size, p)), np.zeros(size, bool), np.zeros(size, bool))


@dataclass(eq=False)
class _State:
    """Where the fits of D domains are: coefficients, those of the step before, X'ΩX at them, how far the last step went."""

    size: int
    p: int
    names: list[str]
    start: np.ndarray | None
    faults: Faults
    begun: bool = field(init=False)

    def __post_init__(self) -> None:
        shape = (self.size, self.p)
        self.begun = self.start is not None
        self.beta = np.full(shape, np.nan) if self.start is None else self.start.copy()
        self.before = self.beta.copy()
        self.inverse, self.size_of = np.zeros((*shape, self.p)), np.zeros(shape)
        self.moved, self.halves, self.seen = np.full(self.size, np.inf), *np.zeros((2, self.size), int)
        self.move, self.open = np.zeros(shape), np.ones(self.size, bool)
        self.running = np.zeros(self.size, bool)
        for domain, error in self.faults.items():
            self.fail(domain, error)

    def fail(self, domain: int, error: ConvergenceError | DesignError) -> None:
        """Give a domain up."""
        self.faults[int(domain)], self.open[domain] = error, False
        self.beta[domain], self.inverse[domain] = np.nan, 0.0

    def step(self, here: np.ndarray, found: _Normal, *, closed: bool) -> None:
        """Move some domains by their equations, and close those that have settled."""
        cross = found.cross[here]
        size, inverse, least, told = inverted(cross, self.names)
        for place, error in told.items():
            self.fail(here[place], error)
        move = (inverse @ found.right[here][..., None])[..., 0]
        self.running[:] = False
        self.running[here[list(told)]] = self.begun  # so much is certain that nothing is left to tell columns apart
        kept = np.setdiff1d(np.arange(len(here)), list(told))
        here, move, size, least = here[kept], move[kept], size[kept], least[kept]
        self.inverse[here], self.before[here], self.size_of[here] = inverse[kept], self.beta[here], size
        if not self.begun:
            self.beta[here] = move
            self.open[here] = (least < 1e-6) | (not closed)  # hardly told apart: once more, from what is left over
            return
        self.beta[here] += move
        far = np.abs(move * size).max(axis=1) / np.maximum(np.abs(self.beta[here] * size).max(axis=1), 1e-300)
        settled = (far <= 1e-14) | ((far < 1e-9) & (far >= self.moved[here] / 2))  # as near as floating point goes
        self.open[here], self.moved[here], self.move[here] = ~settled, far, move
        self.running[here] = far > 1e-6

    def back(self, domain: int, flat: np.ndarray | None) -> None:
        """Go half the way back, to where all means were in the family's range (at first, to everybody's)."""
        self.halves[domain] += 1
        if np.isnan(self.before[domain]).any() and flat is not None:
            self.before[domain] = flat
        self.beta[domain] = (self.beta[domain] + self.before[domain]) / 2
        if self.halves[domain] > _HALVES or np.isnan(self.beta[domain]).any():
            self.fail(domain, ConvergenceError(_OUTSIDE, mend=_USUAL))

    def unsettled(self, domain: int) -> None:
        """Tell what still moves after all steps."""
        if self.halves[domain]:
            self.fail(domain, ConvergenceError(_OUTSIDE, mend=_USUAL))
            return
        worst = self.names[int(np.argmax(np.abs(self.beta[domain] - self.before[domain]) * self.size_of[domain]))]
        told = (
            f"the model has not settled after {_STEPS} steps: `{worst}` moves most, and the last step changed "
            f"{self.moved[domain]:.0e} of the whole"
        )
        self.fail(domain, ConvergenceError(told, mend="leave out columns that hardly vary, or choose another link"))
