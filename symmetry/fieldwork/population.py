"""The population behind simulated answers: who it is made of, and what is exactly true of it.

A latent opinion is normal with mean μ + spread·δ and standard deviation spread, in codes of the scale: δ is the shift
of the person's cell (region × channel…), and the spread covers what the unit, the person's mood and the item add.  The
answer is the nearest code of the scale, so P(answer ≥ k) = Φ((μ + spread·δ − k + ½)/spread).  μ is solved so that the
population value is the `level` that the truth states; every other statistic follows.

The population is a *superpopulation*: units are one draw from the many that might have been, their effects are
integrated out, and a unit's place in it is as its payroll.  That is what an interval from a design whose PSUs are the
units promises to cover; the value in the 44 units of one seed is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from symmetry.fieldwork.columns import columns_of
from symmetry.fieldwork.nouns import Truth
from symmetry.spec import AUDIENCE_OF, Item, Scale, Study, pairs

__all__ = [
    "centre",
    "expected",
    "group_shares",
    "outcome_scale",
    "population_values",
    "shift",
    "specific",
    "weights_of",
]

Numbers = npt.NDArray[np.float64]
Groups = Mapping[str, npt.NDArray[np.object_]]
_STATISTICS = {
    "likert": ("mean", "favourable"),
    "csat": ("mean", "favourable"),
    "ces": ("mean", "favourable"),
    "nps": ("nps",),
}


def expected(study: Study, wave: str, truth: Truth) -> pd.DataFrame:
    """Compute the true gap of every mirrored pair that a wave asks.

    Parameters
    ----------
    study, wave : what was asked, and when.
    truth : the known population.

    Returns
    -------
    One row a pair and statistic: `item, a, b, statistic, gap`, the value of face a minus that of face b in the
    superpopulation (see the top of this file), as it stands in this wave.  `mean` in points of the scale, `favourable`
    a share, `nps` between −200 and 200.
    """
    asked = {
        (column.item.key, column.face)
        for audience in study.waves[wave].audiences
        for column in columns_of(study, wave, audience)
    }
    rows = []
    for pair in pairs(study):
        if (pair.item, pair.a) in asked and (pair.item, pair.b) in asked:
            a, b = (population_values(study, wave, truth, pair.item, face) for face in (pair.a, pair.b))
            rows += [
                (pair.item, pair.a, pair.b, statistic, a[statistic] - b[statistic]) for statistic in a if statistic in b
            ]
    return pd.DataFrame(rows, columns=["item", "a", "b", "statistic", "gap"])


def population_values(study: Study, wave: str, truth: Truth, item: str, face: str) -> dict[str, float]:
    """Give every statistic of one face of one item in the whole population, as it stands in a wave."""
    audience = AUDIENCE_OF[face]
    groups, shares = _cells(truth, audience)
    scale = _scale(study.items[item], face)
    delta = shift(truth, audience, item, face, groups)
    mu = centre(study, wave, truth, item, face)
    return {
        name: float(shares @ _statistic(scale, truth.spread[scale.kind], mu, delta, name))
        for name in _STATISTICS[scale.kind]
    }


def centre(study: Study, wave: str, truth: Truth, item: str, face: str) -> float:
    """Solve the latent mean μ (in codes) that gives an item's face its level in a wave."""
    from scipy.optimize import brentq

    audience = AUDIENCE_OF[face]
    groups, shares = _cells(truth, audience)
    scale = _scale(study.items[item], face)
    level = truth.faces[item, face].level + truth.field[wave, audience].moved.get(item, 0.0)
    spread, delta = truth.spread[scale.kind], shift(truth, audience, item, face, groups)
    name = _STATISTICS[scale.kind][0]

    def miss(mu: float) -> float:
        return float(shares @ _statistic(scale, spread, mu, delta, name)) - level

    reach = 12 * spread
    return float(brentq(miss, scale.low - reach, scale.high + reach, xtol=1e-12))


def shift(truth: Truth, audience: str, item: str, face: str, groups: Groups) -> Numbers:
    """Shift of the latent opinion, in its standard deviations, for cells or people with these categories.

    An outcome that has drivers takes the weighted shifts of its drivers; any other face has its own.
    """
    weights = weights_of(truth, audience, item, face)
    if weights:
        total = sum(weight * shift(truth, audience, driver, face, groups) for driver, weight in weights.items())
        return np.asarray(total / outcome_scale(truth, audience, weights), dtype=float)
    total = np.zeros(len(next(iter(groups.values()))))
    for variable, by_category in truth.faces[item, face].shifts.items():
        if variable in groups:
            total += _looked_up(by_category, groups[variable], 0.0)
    return total


def weights_of(truth: Truth, audience: str, item: str, face: str) -> Mapping[str, float]:
    """Weights of the drivers of an outcome on the audience's own face; none for any other item or face."""
    own = face == ("customer" if audience == "customers" else "employee")
    return truth.drivers.get(audience, {}).get(item, {}) if own else {}


def outcome_scale(truth: Truth, audience: str, weights: Mapping[str, float]) -> float:
    """Standard deviation of the weighted drivers and the noise, in one cell: √(w′Σw / explained)."""
    w = np.array(list(weights.values()))
    shared = truth.general**2 + truth.branch[audience] ** 2
    variance = shared * w.sum() ** 2 + specific(truth, audience) ** 2 * float(w @ w)
    return float(np.sqrt(variance / truth.explained))


def specific(truth: Truth, audience: str) -> float:
    """Loading of what is an item's alone, so that unit, mood and item make a variance of one."""
    return float(np.sqrt(1.0 - truth.general**2 - truth.branch[audience] ** 2))


def group_shares(truth: Truth, audience: str) -> dict[str, dict[str, float]]:
    """Shares of the categories of every variable known about an audience; variables are independent."""
    people = {region: sum(sizes) for region, sizes in truth.payroll.items()}
    total = sum(people.values())
    regions = truth.customers if audience == "customers" else {region: n / total for region, n in people.items()}
    others = {variable: dict(shares) for variable, shares in truth.shares.get(audience, {}).items()}
    return {truth.region: dict(regions), **others}


def _cells(truth: Truth, audience: str) -> tuple[Groups, Numbers]:
    """Cross the known variables: categories of each of the C cells, and their shares (summing to 1)."""
    shares = group_shares(truth, audience)
    crossed = list(product(*(list(by.items()) for by in shares.values())))
    groups = {
        variable: np.array([cell[place][0] for cell in crossed], dtype=object) for place, variable in enumerate(shares)
    }
    weights = np.array([np.prod([share for _, share in cell]) for cell in crossed], dtype=float)
    return groups, weights / weights.sum()


def _statistic(scale: Scale, spread: float, mu: float, delta: Numbers, name: str) -> Numbers:
    """Value of a statistic in each cell, from P(answer ≥ k)."""
    from scipy.special import ndtr

    codes = np.arange(scale.low + 1, scale.high + 1)
    above = ndtr((mu + spread * delta[:, None] - codes + 0.5) / spread)
    if name == "mean":
        return np.asarray(scale.low + above.sum(axis=1), dtype=float)
    if name == "favourable":
        return np.asarray(above[:, -scale.boxes], dtype=float)
    return np.asarray(100 * (above[:, 8] - (1 - above[:, 6])), dtype=float)


def _scale(item: Item, face: str) -> Scale:
    scale = item.scale_of(face)
    if scale is None:
        raise LookupError(f"item {item.key} has no scale")
    return scale


def _looked_up(by_category: Mapping[str, float], labels: npt.NDArray[np.object_], otherwise: float) -> Numbers:
    codes, names = pd.factorize(labels)
    found: Numbers = np.array([by_category.get(name, otherwise) for name in names], dtype=float)[codes]
    return found
