"""Cross-source drivers: what employees of a unit say, on what the customers of that unit say.

Two people, two moments, two moods: what is left of a driver here is not one person's halo.  Links are small by nature; unit means
of few employees make them smaller still, by about their reliability ICC(2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from symmetry.design import Design, design_of, names_of
from symmetry.drivers.covariances import not_singular, standardised
from symmetry.drivers.crossing.linking import Linked, linked
from symmetry.drivers.crossing.nested import Nested, cluster_fit, random_intercepts
from symmetry.drivers.crossing.unit_level import Reliability, by_units, reliabilities, slopes_of
from symmetry.drivers.moving.caution import caution
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

__all__ = ["CrossSource", "Level", "cross_source"]

Level = Literal["unit", "multilevel", "clustered"]
_MOST, _LEAST = 20, 0.7


@dataclass(frozen=True, eq=False)
class CrossSource:
    """Employees' drivers of customers' outcome.

    estimate : the numbers.  extra : columns that stand to the right of its table.  units : one row a unit with both sides, its
    means and how many people they are of (small units are for `disclosure` to hide).  facts : one row on all.
    """

    estimate: Estimate
    extra: pd.DataFrame
    units: pd.DataFrame
    facts: pd.DataFrame

    def table(self, *, level: float = 0.95, language: str = "en") -> pd.DataFrame:
        """A row a number with the house's columns, then those of `extra`; the caution stands in `.attrs["caution"]`."""
        found = pd.concat([self.estimate.table(level=level), self.extra], axis=1)
        found.attrs["caution"] = self.caution(language)
        return found

    def summary(self) -> pd.DataFrame:
        """One row: units, customers, employees, the outcome's reliability, variances between and within units."""
        return self.facts.copy()

    def caution(self, language: str = "en") -> str:
        """What must be said beside these numbers, "en" or "fr"."""
        return caution(language, source="cross")


def cross_source(
    customers: Design,
    employees: Design,
    outcome: str,
    predictors: str | Sequence[str],
    *,
    unit: str,
    case_mix: str | Sequence[str] = (),
    level: Level = "unit",
    few: int = 5,
) -> CrossSource:
    """Employees' unit means as drivers of their customers' outcome.

    Parameters
    ----------
    customers, employees : two designs with a column `unit` written alike; unit means take each side's own weights.
    outcome : numeric column of the customers.
    predictors : numeric columns of the employees, up to 20; each mean is of those who answered it.  One may be called like the
        outcome: it is another question, put to other people.
    case_mix : numeric columns of the customers that are held constant (who they are, what they came for).
    level : "unit", unit means on unit means, each unit counting once; "multilevel", each customer's answer on the unit means
        with a random intercept of the unit, by restricted likelihood and without the customers' weights; "clustered", the same
        by least squares with their weights.
    few : a unit with fewer employees than this is counted in the note; none is dropped.

    Returns
    -------
    CrossSource.  Its table has "slope" rows (points of outcome for a point of the unit mean, the others held; errors over
    units), "control" rows for case mix and, at "unit", "r2" and "lmg" shares, "correlation" of unit means and "disattenuated",
    r / √(ICC(2) of customers × ICC(2) of employees).  Columns to the right: reliability, ICC(2) of that item's unit means;
    people, their mean number a unit; units; of the multilevel slopes, se_model, as if the model were true.

    Raises
    ------
    DesignError : no unit or too few have both sides, a driver is the same in all units, drivers determine each other, both
        designs are one, the outcome is in its case mix.

    Notes
    -----
    Errors are over units: what a unit moves the number, squared and summed, G / (G - 1), G - 1 - columns degrees of freedom;
    strata and fpc of the two samples play no part.  A slope is drawn towards 0 about by the reliability of its driver; nothing
    is corrected but the "disattenuated" row, whose error knows that both ICC(2) are estimates.
    R twins: ``svyglm(y ~ x, svydesign(~1, data = unit_means))``, ``lme4::lmer(y ~ x + mix + (1 | unit))``,
    ``svyglm(y ~ x + mix, svydesign(~unit, weights = ~w))``.

    References
    ----------
    .. [1] Brown, Lam (2008). A meta-analysis of relationships linking employee satisfaction to customer responses. Journal of
       Retailing 84, 243-255.
    .. [2] Lüdtke et al. (2008). The multilevel latent covariate model. Psychological Methods 13, 203-229.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> climate = rng.normal(size=40)
    >>> people = [np.repeat(np.arange(40), size) for size in (30, 8)]
    >>> staff = pd.DataFrame({"shop": people[1], "helped": 3 + climate[people[1]] + rng.normal(size=320)})
    >>> guests = pd.DataFrame({"shop": people[0], "trust": 7 + 0.5 * climate[people[0]] + rng.normal(size=1200)})
    >>> found = cross_source(Design(guests), Design(staff), "trust", "helped", unit="shop", level="multilevel")
    >>> found.table()[["statistic", "item", "estimate", "se", "reliability", "units"]].round(3)
      statistic    item  estimate     se  reliability  units
    0     slope  helped     0.445  0.026          0.9     40
    """
    if level not in get_args(Level):
        raise DesignError(f"no reading is called {level!r}", mend=" or ".join(f'"{one}"' for one in get_args(Level)))
    customers, employees = design_of(customers), design_of(employees)
    names, mix = (names_of(one) for one in (predictors, case_mix))
    _check(customers, employees, outcome, names, mix)
    found = linked(customers, employees, outcome, names, unit, mix, few)
    units = Design(_frame(found, unit, outcome, names))
    _enough(units, found, outcome, names, mix)
    reliable = reliabilities(found)
    if level == "unit":
        estimate, fit = by_units(units, found, outcome, names, mix, reliable), None
    else:
        fit = _fitted(customers, found, names, mix, weighted=level == "clustered")
        estimate = slopes_of(units, fit, names, mix, n=len(found.place))
    return _told(estimate, fit, units.data, found, outcome, names, reliable, level)


def _check(customers: Design, employees: Design, outcome: str, names: Sequence[str], mix: Sequence[str]) -> None:
    """Refuse one side twice, no or too many drivers, one twice, the outcome in its case mix."""
    if customers is employees or customers.data is employees.data:
        raise DesignError(
            "customers and employees are the same answers", mend="give two designs; of one, ask `importance`"
        )
    if not 1 <= len(names) <= _MOST:
        raise DesignError(f"{len(names)} drivers are given", mend=f"name 1 to {_MOST} columns of the employees")
    for told in (names, mix):
        twice = sorted({name for name in told if list(told).count(name) > 1})
        if twice:
            raise DesignError(f"`{twice[0]}` is named twice", mend="name different columns")
    if outcome in mix:
        raise DesignError(f"the outcome `{outcome}` is in its own case mix", mend="leave it out of case_mix")


def _frame(found: Linked, unit: str, outcome: str, names: Sequence[str]) -> pd.DataFrame:
    """A row a unit: its means and the people behind them."""
    columns = {f"customers: {outcome}": found.outcome.mean, f"customers who answered {outcome}": found.outcome.n}
    for name, side in zip(names, found.drivers, strict=True):
        columns |= {f"employees: {name}": side.mean, f"employees who answered {name}": side.n}
    return pd.DataFrame({unit: found.units, **columns})


def _enough(units: Design, found: Linked, outcome: str, names: Sequence[str], mix: Sequence[str]) -> None:
    """Refuse too few units, drivers that are the same in all, and drivers that determine each other."""
    size, asked = len(found.units), len(names) + len(mix)
    if size < asked + 3:
        raise DesignError(
            f"{size} units have both sides, too few for {asked} {'driver' if asked == 1 else 'drivers and case mix'}",
            mend="name fewer drivers, or gather more units (30 or more for a reading one may act on)",
        )
    for name, side in zip((*names, outcome), (*found.drivers, found.outcome), strict=True):
        if np.ptp(side.mean) < 1e-10 * max(1.0, float(np.abs(side.mean).max())):
            raise DesignError(
                f"the mean of `{name}` is the same in all {size} units", mend="leave it out: it explains nothing"
            )
    z, _, _ = standardised(units, [*found.means.T, found.outcome.mean], [*names, outcome])
    not_singular(np.cov(z[:, :-1].T, ddof=0).reshape(len(names), -1), names)


def _fitted(customers: Design, found: Linked, names: Sequence[str], mix: Sequence[str], *, weighted: bool) -> Nested:
    """Customers' answers on the unit means of their employees and their own case mix."""
    columns = np.column_stack([found.means[found.place], found.mix])
    rows = Design(pd.DataFrame({"w": found.weight}), weight="w")
    z, _, deviation = standardised(rows, list(columns.T), [*names, *mix])
    not_singular((z * found.weight[:, None]).T @ z / found.weight.sum(), [*names, *mix])
    x, y = np.column_stack([np.ones(len(z)), z]), found.answers
    scale = np.concatenate([[1.0], 1 / deviation])
    fit = cluster_fit(x, y, found.weight, found.place) if weighted else random_intercepts(x, y, found.place)
    return replace(fit, slopes=fit.slopes * scale, moved=fit.moved * scale, model=fit.model * scale)


def _told(
    estimate: Estimate,
    fit: Nested | None,
    units: pd.DataFrame,
    found: Linked,
    outcome: str,
    names: Sequence[str],
    reliable: Sequence[Reliability],
    level: Level,
) -> CrossSource:
    """The estimate with what must be said of each number, and the columns to its right."""
    sides = dict(zip(names, zip(reliable[1:], found.drivers, strict=True), strict=True))
    rows = []
    notes = []
    equal = found.weight.min() == found.weight.max()
    for statistic, item in zip(estimate.labels["statistic"], estimate.labels["item"], strict=True):
        known, side = (reliable[0], found.outcome) if statistic == "r2" else sides.get(item, (None, None))
        if statistic in ("control", "always") or known is None or side is None:
            rows.append({"reliability": np.nan, "people": np.nan})
            notes.append(found.note)
            continue
        rows.append({"reliability": known.value, "people": side.n.mean()})
        weak = statistic in ("slope", "correlation") and known.value < _LEAST
        shrunk = f"unit means of reliability {known.value:.2f} draw it towards 0" if weak else ""
        notes.append("; ".join(filter(None, [found.note, shrunk, known.note])))
    if level == "multilevel" and not equal:
        notes = ["; ".join(filter(None, [note, "the customers' weights are not used"])) for note in notes]
    extra = pd.DataFrame(rows).assign(units=len(units))
    if fit is not None and level == "multilevel":
        extra["se_model"] = fit.model[1:]
    facts = {
        "outcome": outcome,
        "units": len(units),
        "customers": len(found.place),
        "employees": int(max(side.n.sum() for side in found.drivers)),
        "reliability": reliable[0].value,
        "between": np.nan if fit is None else fit.between,
        "within": np.nan if fit is None else fit.within,
        "note": found.note,
    }
    return CrossSource(estimate.noted(notes), extra, units, pd.DataFrame([facts]))
