"""Chained equations: each item predicted from the others in turn, and filled in with the answers of respondents like the row.

The cycles, the matching and the drawing are statsmodels' `MICEData` (predictive mean matching, Little 1988; van Buuren 2018).
Ours is what a survey adds.  The regressions are weighted, and the weight is a predictor (Seaman and others 2012), as are the
classes.  What coefficients and donors do not know comes from the design: in every imputation both are of another random half of
the psus of each stratum (McCarthy 1969), or of the respondents of each psu where psus are classes.  A mean of such a half moves
about that of the whole as that does about the truth, which is what Rubin's rules ask of imputations (Heitjan and Little 1991).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from symmetry.design import Design, column_of, refuse_infinite
from symmetry.errors import DesignError

__all__ = ["chains"]

_CYCLES, _NEAREST, _TIE = 10, 5, 1e-7
_ENTRIES = 50_000_000  # of the indicators of one column


def chains(
    design: Design, lacking: pd.DataFrame, by: Sequence[str], predictors: Sequence[str], *, apart: bool
) -> Callable[[np.random.Generator], dict[str, pd.Series]]:
    """What fills items in, audience by audience; `lacking` (n, k) says where, `apart` whether psus are classes."""
    layout, data = design.layout, design.data
    answers = {name: column_of(design, name) for name in lacking}
    for name, values in answers.items():
        refuse_infinite(values, f"column `{name}`")
    tasks = []
    for part in range(len(layout.parts)):
        rows = np.flatnonzero((layout.part == part) & (layout.weight > 0))
        wanted = [name for name in lacking if lacking[name].to_numpy()[rows].any()]
        if not wanted:
            continue
        held = [name for name in answers if not np.isnan(answers[name][rows]).all()]
        frame = pd.DataFrame({f"y{place}": answers[name][rows] for place, name in enumerate(held)})
        about = _about(design, rows, by, predictors)
        tasks.append((rows, [(name, f"y{held.index(name)}") for name in wanted], frame, about))

    def fill(rng: np.random.Generator) -> dict[str, pd.Series]:
        found = {name: data[name].copy() for name in lacking}
        kept = _half(layout.psu, rng) if apart else _half(layout.stratum, rng)[layout.psu]
        weight = layout.weight * kept
        for rows, wanted, frame, about in tasks:
            done = _chain(frame, about, weight[rows], rng)
            for name, column in wanted:
                here = lacking[name].to_numpy()[rows]
                values = done[column].to_numpy()[here]
                yes_or_no = pd.api.types.infer_dtype(found[name], skipna=True) == "boolean"
                found[name].iloc[rows[here]] = values.astype(bool) if yes_or_no else values
        return found

    return fill


def _about(design: Design, rows: np.ndarray, by: Sequence[str], predictors: Sequence[str]) -> np.ndarray:
    """What is known of the rows beside the items (n, q): classes and categories as indicators, numbers, the weight."""
    weight = design.layout.weight[rows]
    columns = [weight / weight.mean()] if np.ptp(weight) > 1e-9 * weight.mean() else []
    for name in (*by, *predictors):
        column = design.data[name].iloc[rows]
        if name in by or not pd.api.types.is_numeric_dtype(column):
            code = pd.factorize(column, use_na_sentinel=False)[0]
            if (code.max() + 1) * len(rows) > _ENTRIES:
                raise DesignError(
                    f"`{name}` has {code.max() + 1:,} different values, an effect each: too many for {len(rows):,} rows",
                    mend="leave it out or group it; a hot deck takes any number of classes",
                )
            columns += list((code == np.arange(code.max() + 1)[:, None]).astype(float))
            continue
        values = column.to_numpy(float, na_value=np.nan)
        refuse_infinite(values, f"column `{name}`")
        absent = np.isnan(values)
        if absent.all():
            raise DesignError(f"the predictor `{name}` is missing everywhere", mend="leave it out")
        columns.append(np.where(absent, np.nanmean(values), values))
        columns += [absent.astype(float)] if absent.any() else []
    return np.column_stack(columns) if columns else np.empty((len(rows), 0))


def _half(group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random half of the units of each group (U,), true for those that are in.

    Of k units m, such that the mean of 1/m is 2/k: of an odd k, (k + 1) / 2 with probability (k + 1) / 2k, else (k - 1) / 2.
    """
    size = np.bincount(group)
    more = (size % 2) * (rng.random(len(size)) < (size + 1) / (2 * np.maximum(size, 1)))
    order = np.lexsort((rng.random(len(group)), group))
    rank = np.empty(len(group), int)
    rank[order] = np.arange(len(group)) - (np.cumsum(size) - size)[group[order]]
    return np.asarray(rank < np.maximum(size // 2 + more, 1)[group])


def _chain(frame: pd.DataFrame, about: np.ndarray, weight: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """One imputation of a frame of numbers by statsmodels, from a chain of its own; `weight` (n,) is 0 outside the half."""
    from statsmodels.imputation.mice import MICEData, PatsyFormula

    given = frame.notna().to_numpy()
    donors = (given & (weight > 0)[:, None]).sum(axis=0)
    fewest = int(np.min(np.where(donors > 0, donors, given.sum(axis=0))))
    chain = MICEData(frame.assign(row=np.arange(len(frame), dtype=float)), rng=rng)
    which = {"row": PatsyFormula("0 + row")}
    for name in frame:
        chain.set_imputer(
            name,
            formula=" + ".join(other for other in frame if other != name) or "1",
            model_class=_Weighted,
            init_kwds={"about": about, "weight": weight, "rng": rng, **which},
            predict_kwds=which,
            k_pmm=min(_NEAREST, fewest),
        )
    chain.update_all(_CYCLES if frame.isna().any().sum() > 1 else 1)
    done: pd.DataFrame = chain.data
    return done


class _Weighted:
    """Weighted least squares in the form `MICEData` asks for, on the other items and what else is known (n, q) of the rows.

    Coefficients are not perturbed: the half they are of is.  Predictions that tie, as coded items' do, are told apart by chance:
    `MICEData` would take the same few rows for donors each time.
    """

    def __init__(
        self, endog: Any, exog: Any, about: np.ndarray, weight: np.ndarray, rng: np.random.Generator, row: Any
    ) -> None:
        self.about, self.endog, self.rng, self.row = about, np.asarray(endog, float), rng, np.asarray(row, int)
        found = weight[self.row]
        self.weight, self.exog = found if (found > 0).any() else np.ones(len(found)), self._columns(exog, row)
        self.params = np.zeros(self.exog.shape[1])

    def fit(self) -> _Weighted:
        """Solve for the coefficients, the shortest where columns determine each other."""
        weighted = self.exog * self.weight[:, None]
        square = weighted.T @ self.exog
        size = np.sqrt(np.where(np.diag(square) > 0, np.diag(square), 1.0))
        inverse = np.linalg.pinv(square / size / size[:, None], hermitian=True, rcond=1e-10)
        self.params = inverse @ (weighted.T @ self.endog / size) / size
        return self

    def cov_params(self) -> np.ndarray:
        """No further perturbation."""
        return np.zeros((len(self.params),) * 2)

    def predict(self, params: np.ndarray, exog: Any, row: Any) -> np.ndarray:
        """Linear prediction, in no order where it ties; infinite, and so nobody's match, for donors outside the half."""
        found = self._columns(exog, row) @ params + _TIE * self.endog.std() * self.rng.random(len(exog))
        donors = np.array_equal(np.asarray(row, int), self.row)
        return np.asarray(np.where(self.weight > 0, found, np.inf) if donors else found)

    def _columns(self, exog: Any, row: Any) -> np.ndarray:
        """The columns of the formula and what else is known of these rows."""
        return np.column_stack([np.asarray(exog, float), self.about[np.asarray(row, int)]])
