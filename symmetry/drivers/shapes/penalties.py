"""Penalties and rewards: what low ratings of a driver cost and what high ones bring, and so which kind of driver it is.

The outcome is regressed on two columns a driver, rated low and rated high, those between being the reference (Brandt 1987): the
penalty is the coefficient of low, the reward that of high.  The model is the house's survey regression, so that errors and
the covariance of both sides are the design's.  What follows from the two is in `kinds`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from symmetry.design import Design, column_of, design_of, names_of, refuse_infinite
from symmetry.drivers.covariances import check_columns
from symmetry.drivers.shapes.contrasting import Cut, cut_of, rated, sides_of
from symmetry.drivers.shapes.kinds import Sides, asymmetry, kinds
from symmetry.errors import DesignError
from symmetry.estimate import Estimate, interval, join

__all__ = ["Penalties", "penalty_reward"]


@dataclass(frozen=True, eq=False)
class Penalties:
    """What low ratings cost and high ratings bring, driver by driver.

    estimate : P numbers, reward minus penalty's size (r + p: the penalty p carries its sign).  penalty, reward : P numbers each.
    judged : of each driver the columns asymmetry, asymmetry_lower, asymmetry_upper, kind, n_low, n_middle, n_high, p, p_adjusted.
    level : of the intervals and of the claims behind `kind`.
    """

    estimate: Estimate
    penalty: Estimate
    reward: Estimate
    judged: pd.DataFrame
    level: float

    def __len__(self) -> int:
        return len(self.estimate)

    def table(self) -> pd.DataFrame:
        """One row a driver: the house's columns, then both sides with their intervals and what is judged of them."""
        told = self.estimate.table(level=self.level)
        for name, side in (("penalty", self.penalty), ("reward", self.reward)):
            lower, upper, _ = interval(side, level=self.level)
            told = told.assign(**{name: side.values, f"{name}_lower": lower, f"{name}_upper": upper})
        return pd.concat([told, self.judged], axis=1)


def penalty_reward(
    design: Design,
    outcome: str,
    predictors: Sequence[str],
    *,
    low: Cut | None = None,
    high: Cut | None = None,
    jointly: bool = True,
    always: str | Sequence[str] = (),
    equal: float = 1 / 3,
    small: float | None = None,
    level: float = 0.95,
    adjust: str = "holm",
    at_least: int = 30,
) -> Penalties:
    """What low ratings of each driver cost in the outcome, what high ones bring, and which kind of driver that makes it.

    Parameters
    ----------
    design : n respondents; who lacks an answer that a model needs is out of it, psus and strata stay.
    outcome : numeric column; 0 and 1 for a top box, -100, 0 and 100 for an NPS.
    predictors : one or more drivers, rated.
    low, high : ratings at or below `low` are low, at or above `high` high, those between are the reference; a number for all, or
        driver → number.  None is 2 and 5, for ratings of 1 to 5 alone.
    jointly : one model with all drivers, each effect at given ratings of the others; False: a model for each driver on all who
        rated it, which counts what it shares with others to each of them.
    always : controls, numeric or categories, in every model.
    equal : the largest |asymmetry| that is called symmetric: with 1/3 neither side is more than twice the other.
    small : the largest penalty or reward that is called indifferent, in the outcome's units; None is a tenth of its deviation.
    level : of the intervals, and 1 - level the risk of the claims behind a kind.
    adjust : for the number of drivers, see `estimate.adjust`; "none" for a driver that was chosen beforehand.
    at_least : low and high ratings that a kind takes; with fewer on either side it is undetermined.

    Returns
    -------
    Penalties.  Kinds: "basic", the penalty is shown to be larger; "excitement", the reward is; "performance", they are shown to
    be alike (within `equal`) and not both 0; "indifferent", both are shown to be small; "undetermined", none of this is shown.  A
    small difference that many answers tell from 0 is performance still.  Where nobody rated low (or high) the side is NaN with a
    note, and the other is counted from those who remain.

    Raises
    ------
    DesignError : a column is absent, named twice or not numeric, the outcome is among the drivers or the same for all, cuts that
        do not fit the ratings, an option out of range, or columns that determine each other.

    Notes
    -----
    R twin: ``m <- svyglm(y ~ low + high, design); svycontrast(m, c(low = 1, high = 1))``.  It describes; it does not prove cause.

    References
    ----------
    .. [1] Brandt (1987). A procedure for identifying value-enhancing service components using customer satisfaction survey
       data. In Surprenant (ed.), Add value to your service, 61-65. American Marketing Association.
    .. [2] Albayrak, Caber (2013). Penalty-reward-contrast analysis: a review of its application in customer satisfaction
       research. Total Quality Management & Business Excellence 24, 1288-1300.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.integers(1, 6, size=(900, 2)), columns=["safe", "art"])
    >>> data["y"] = 7 - 2.0 * (data["safe"] <= 2) + 1.5 * (data["art"] == 5) + rng.normal(size=900)
    >>> found = penalty_reward(Design(data), "y", ["safe", "art"]).table()
    >>> found[["item", "penalty", "reward", "estimate", "kind"]].round(2)
       item  penalty  reward  estimate        kind
    0  safe    -1.91   -0.02     -1.93       basic
    1   art    -0.16    1.38      1.22  excitement
    """
    design = design_of(design)
    controls = names_of(always)
    drivers = check_columns(outcome, predictors, least=1)
    check_columns(outcome, [*drivers, *controls], least=1)
    _check_options(equal, small, level, at_least)
    y = column_of(design, outcome)
    deviation = _deviation(design, outcome, y)
    usual = low is None or high is None
    codes = {name: rated(design, name, cut_of(low, name, 2.0), cut_of(high, name, 5.0), usual) for name in drivers}
    together = [drivers] if jointly else [(name,) for name in drivers]
    parts = [sides_of(design, (outcome, y), {name: codes[name] for name in some}, controls) for some in together]
    sides, counts = join([part[0] for part in parts]), pd.concat([part[1] for part in parts], ignore_index=True)
    place = np.arange(len(sides)).reshape(-1, 3)
    total, penalty, reward = (sides.select(place[:, side]) for side in range(3))
    small = 0.1 * deviation if small is None else small
    return _judged(total, penalty, reward, counts, level, equal=equal, small=small, adjust=adjust, at_least=at_least)


def _check_options(equal: float, small: float | None, level: float, at_least: int) -> None:
    """Refuse options out of range."""
    if not 0 <= equal < 1:
        raise DesignError(
            f"equal={equal!r} is no share of an effect", mend="from 0 (never symmetric) to below 1; 1/3 is usual"
        )
    if small is not None and not 0 <= small < np.inf:
        raise DesignError(f"small={small!r} is no size of an effect", mend="a number of the outcome's units, 0 or more")
    if not 0 < level < 1:
        raise DesignError(f"a confidence level of {level!r} is not between 0 and 1", mend="0.95 is usual")
    if at_least < 1:
        raise DesignError(f"at_least={at_least!r} is no number of ratings", mend="1 or more; 30 is usual")


def _deviation(design: Design, outcome: str, y: np.ndarray) -> float:
    """The outcome's deviation; refuse one that does not vary."""
    refuse_infinite(y, f"the outcome `{outcome}`")
    held = np.isfinite(y) & (design.layout.weight != 0)
    if not held.any() or np.ptp(y[held]) == 0:
        told = "everybody gave the same answer to" if held.any() else "nobody answered"
        raise DesignError(f"{told} the outcome `{outcome}`", mend="choose an outcome that varies")
    return float(np.sqrt(np.cov(y[held], aweights=np.abs(design.layout.weight[held]), ddof=0)))


def _judged(
    total: Estimate,
    penalty: Estimate,
    reward: Estimate,
    counts: pd.DataFrame,
    level: float,
    *,
    equal: float,
    small: float,
    adjust: str,
    at_least: int,
) -> Penalties:
    """What follows from the two sides of each driver."""
    both = (total.variance - penalty.variance - reward.variance) / 2
    sides = Sides(penalty.values, reward.values, penalty.variance, reward.variance, both, total.df)
    value, lower, upper, unknown = asymmetry(sides, level)
    few = (counts[["n_low", "n_high"]].min(axis=1) < at_least).to_numpy()
    kind, p, p_adjusted, said = kinds(sides, equal=equal, small=small, few=few, alpha=1 - level, adjust=adjust)
    scarce = few & np.isfinite(total.values)
    notes = [
        "; ".join(filter(None, [
            f"rated low by {low} and high by {high}: a kind takes {at_least} of each" if thin else "",
            word,
            "high and low ratings hardly differ: nothing is known of the asymmetry" if none else "",
        ]))
        for low, high, thin, word, none in zip(counts["n_low"], counts["n_high"], scarce, said, unknown, strict=True)
    ]  # fmt: skip
    judged = {"asymmetry": value, "asymmetry_lower": lower, "asymmetry_upper": upper, "kind": kind}
    tests = {"p": p, "p_adjusted": p_adjusted}
    return Penalties(total.noted(notes), penalty, reward, pd.DataFrame(judged).join(counts).assign(**tests), level)
