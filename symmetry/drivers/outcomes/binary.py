"""Importance for an outcome of two values: a pseudo-R² of logistic regressions, shared out over all orders of entry.

With l(S) the weighted mean log-likelihood of the regression on the subset S and l₀ that of the constant alone,

    McFadden  R²(S) = 1 - l(S) / l₀          Estrella  R²(S) = 1 - (l(S) / l₀)^(-2 l₀)

and a driver's share is its Shapley value, as in `shapley`.  At the maximum the coefficients do not move l(S) to first order, so
what a respondent moves it by is his own log-likelihood less the mean (envelope theorem): errors need no derivative of b.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from symmetry.design import Design, column_of, design_of
from symmetry.drivers.covariances import check_columns, counted, not_singular, standardised
from symmetry.drivers.estimating import estimate_of_spread, linear_in_rows
from symmetry.drivers.outcomes.logits import Logits, log_likelihood, tallied
from symmetry.drivers.players import names_given, players_among
from symmetry.drivers.sharing.lattice import Players
from symmetry.drivers.sharing.shapley import shared_out
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["Measure", "binary_shares"]

Measure = Literal["mcfadden", "estrella"]
_MOST = 12
_ENTRIES = 1 << 20


def binary_shares(
    design: Design,
    outcome: str | np.ndarray,
    predictors: Sequence[str],
    *,
    measure: Measure = "mcfadden",
    groups: Mapping[str, Sequence[str]] | None = None,
    always: str | Sequence[str] = (),
    name: str = "outcome",
) -> Estimate:
    """Importance of drivers for an outcome of 0 and 1, by general dominance of a pseudo-R² over all logistic regressions.

    Parameters
    ----------
    design : n respondents; who lacks any of the answers is out (the note says how many), psus and strata stay.
    outcome : column of 0 and 1, or an array (n,) of them, NaN for no answer.
    predictors : p numeric columns, 2 to 12 players; their order does not matter.
    measure : "mcfadden" or "estrella".
    groups : name → drivers that enter together and have one share.
    always : controls, in every regression before any driver enters; they have no share.
    name : what an array is called.

    Returns
    -------
    Estimate: a row "r2" (the pseudo-R² of all), one row a player with the measure's name, in its units; with controls, a last row
    "always" for what they explain alone.  The rows after the first sum to it.  Intervals are value ± t·se and may reach below
    0, where no share can be: `bounded` cuts them and says so.

    Raises
    ------
    DesignError : an outcome that is not 0 or 1, columns that separate its values (they are named), and what `importance` refuses.
    ConvergenceError : the steps do not settle.

    Notes
    -----
    Weights make a pseudo-likelihood: only their proportions count.  Errors are linearised; with replicates, the linearised
    shares are made again in each, not the regressions.
    R twin of the shares: ``domir::domir`` of ``function(f) 1 - logLik(glm(f, binomial, d)) / logLik(glm(y ~ 1, binomial, d))``.

    References
    ----------
    .. [1] Azen, Traxel (2009). Using dominance analysis to determine predictor importance in logistic regression. Journal of
       Educational and Behavioral Statistics 34, 319-347.
    .. [2] Estrella (1998). A new measure of fit for equations with dichotomous dependent variables. Journal of Business and
       Economic Statistics 16, 198-205.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(400, 2))
    >>> data = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": x @ [2.0, 1.0] + rng.logistic(size=400) > 0})
    >>> binary_shares(Design(data), "y", ["a", "b"]).table()[["statistic", "item", "estimate", "se"]].round(3)
      statistic item  estimate     se
    0        r2    y     0.340  0.038
    1  mcfadden    a     0.273  0.036
    2  mcfadden    b     0.067  0.020
    """
    if measure not in get_args(Measure):
        raise DesignError(f"no pseudo-R² is called {measure!r}", mend=" or ".join(map(repr, get_args(Measure))))
    design = design_of(design)
    controls = names_given(always, "the controls (always=)")
    item = outcome if isinstance(outcome, str) else name
    drivers = names_given(predictors, "the drivers")
    names = check_columns(item, [*drivers, *controls], least=2 + len(controls))
    players = players_among(names, groups, controls, most=_MOST, outcome=item)
    y = _two_values(column_of(design, outcome), item)
    z, _, _ = standardised(design, [*names, y], [*names, item])
    held = np.isfinite(z).all(axis=1) & ((design.layout.weight > 0) | (design.layout.base > 0))
    x, weight = z[held, :-1], design.layout.weight[held]
    not_singular((x * (weight / weight.sum())[:, None]).T @ x, names)
    cells, place = tallied(x, y[held], weight)
    game = _Game(Logits(cells, names, item), players, measure)
    moved = np.full((len(z), len(players) + 1 + bool(controls)), np.nan)
    moved[held] = (game.moved() / weight.sum())[place]
    spread, variance = linear_in_rows(design, moved)
    labels = pd.DataFrame(
        {
            "statistic": ["r2", *[measure] * len(players), *["always"] * bool(controls)],
            "item": [item, *players.names, *([" + ".join(controls)] if controls else [])],
        }
    )
    n = int((weight > 0).sum())
    note = (counted(n, int((design.layout.weight > 0).sum())),) * len(labels)
    return estimate_of_spread(design, labels, game.values(), spread, variance, n=n, note=note)


def _two_values(y: np.ndarray, item: str) -> np.ndarray:
    """The outcome (n,), once it is 0 or 1 where it is anything."""
    wrong = ~np.isnan(y) & ~np.isin(y, [0.0, 1.0])
    if wrong.any():
        row = int(wrong.argmax())
        raise DesignError(
            f"`{item}` holds {y[row]:g} in row {row + 1}: an outcome of two values is 0 or 1",
            mend='cut it first: outcome_of(design, "…", "top_box", at_least=…)',
        )
    return y


class _Game:
    """Pseudo-R² of every subset of players, and what cells move their shares by."""

    def __init__(self, logits: Logits, players: Players, measure: Measure) -> None:
        self.cells, self.players, self.measure = logits.cells, players, measure
        self.coefficients = logits.by_subset(players)
        one = float(self.cells.share @ self.cells.y)
        self.null = log_likelihood(self.cells.y, np.full(len(self.cells.y), special.logit(one)))
        self.nothing = float(self.cells.share @ self.null)
        self.likelihood = np.zeros(len(self.coefficients))
        for here, each in self._blocks():
            self.likelihood += each @ self.cells.share[here]

    def _blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Log-likelihoods of the regressions, of some cells after the others (2^P, r)."""
        step = max(1, _ENTRIES // len(self.coefficients))
        for start in range(0, len(self.cells.y), step):
            here = slice(start, start + step)
            yield here, log_likelihood(self.cells.y[here], self.coefficients @ self.cells.x[here].T)

    def _shared(self, worth: np.ndarray) -> np.ndarray:
        """The last subset's worth, shares, and with controls the first one's: (2^P, ...) → (..., m)."""
        rest = [worth[0][..., None]] if self.players.always else []
        return np.concatenate([worth[-1][..., None], shared_out(worth), *rest], axis=-1)

    def values(self) -> np.ndarray:
        """The pseudo-R² of all, shares, and what controls explain."""
        ratio = self.likelihood / self.nothing
        return self._shared(1 - (ratio if self.measure == "mcfadden" else ratio ** (-2 * self.nothing)))

    def moved(self) -> np.ndarray:
        """What a unit more of each cell, the whole being 1, moves these by (c, m)."""
        ratio = self.likelihood / self.nothing
        if self.measure == "mcfadden":
            by_own, by_null = np.full(len(ratio), -1 / self.nothing), ratio / self.nothing
        else:
            power = ratio ** (-2 * self.nothing)
            by_own, by_null = 2 * power / ratio, 2 * power * (np.log(ratio) - 1)
        found = np.empty((len(self.cells.y), len(self.players) + 1 + bool(self.players.always)))
        for here, each in self._blocks():
            own = (each - self.likelihood[:, None]) * by_own[:, None]
            found[here] = self._shared(own + np.outer(by_null, self.null[here] - self.nothing))
        return found
