"""How many people can be asked before those who call back are overrun: alerts a day, their load, and the rate that is borne.

Alerts come one by one and independently, so their number in a day is Poisson; the load of a day is the time its cases take.
Where all cases take as long, the sum of several kinds is Poisson again.  Where they do not, the load is a sum of Poisson
numbers each times its minutes, whose distribution is convolved exactly on the grid of the minutes' greatest common part: no
bound and no normal curve.  What makes days unlike each other (a Monday, a breakdown) is not in it, and is why one fifth of the
hours stays free.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce

import numpy as np
import numpy.typing as npt

__all__ = ["BORNE", "QUANTILE", "Kind", "alerts_a_day", "bearable", "bearable_together", "load_hours", "most_a_day"]

QUANTILE = 0.95
BORNE = 0.8
"""The part of the declared hours that the load may take on all but one day in twenty."""
Kind = tuple[float, float]
"""Alerts of one kind: how many a day on average, and the minutes that each takes."""
_HALVINGS = 50
_TAIL = 1e-13
_SLIP = 1e-11
_FINEST = 60


def alerts_a_day(contacts: float, rate: float, delivered: float, response: float, share: float) -> float:
    """Alerts on an average day: of so many contacts, those asked, reached and answering with what raises one.

    Examples
    --------
    >>> round(alerts_a_day(3000, 0.30, 0.97, 0.15, 0.18), 1)
    23.6
    """
    return contacts * rate * delivered * response * share


def most_a_day(mean: float) -> int:
    """The number of alerts that 19 days in 20 do not exceed.

    Examples
    --------
    >>> most_a_day(23.6)
    32
    """
    from scipy.stats import poisson

    return int(poisson.ppf(QUANTILE, mean)) if mean > 0 else 0


def load_hours(kinds: Sequence[Kind]) -> float:
    """Hours of calls that 19 days in 20 do not exceed, all kinds of alerts together.

    Parameters
    ----------
    kinds : alerts a day and minutes a case, of each kind.

    Notes
    -----
    Minutes are taken to the second.  Kinds of the same minutes are one kind, whose number is Poisson of the summed means.

    Examples
    --------
    >>> round(load_hours([(23.6, 20)]), 1), round(load_hours([(10, 20), (13.6, 20)]), 1), load_hours([])
    (10.7, 10.7, 0.0)
    """
    means: dict[Fraction, float] = {}
    for mean, minutes in kinds:
        exact = Fraction(round(minutes * _FINEST), _FINEST)
        if mean > 0 and exact > 0:
            means[exact] = means.get(exact, 0.0) + mean
    if len(means) <= 1:
        return sum(float(minutes) * most_a_day(mean) for minutes, mean in means.items()) / 60
    step = reduce(_common, means)
    chances = reduce(_summed, (_on_grid(mean, int(minutes / step)) for minutes, mean in means.items()))
    reached = int(np.searchsorted(np.cumsum(chances), QUANTILE - _SLIP))
    return float(reached * step) / 60


def bearable(contacts: float, delivered: float, response: float, share: float, minutes: float, hours: float) -> float:
    """The largest share of contacts (0 to 1) whose alerts take at most four fifths of an owner's hours, 19 days in 20.

    Parameters
    ----------
    contacts : events a day.
    delivered, response, share : of the invitations, those that arrive; of these, those answered; of the answers, alerts.
    minutes : that a case takes.
    hours : a day, that there are for calling people back.

    Examples
    --------
    >>> rate = bearable(3000, 0.97, 0.15, 0.18, 20, hours=13.5)
    >>> round(rate, 3), round(load_hours([(alerts_a_day(3000, rate, 0.97, 0.15, 0.18), 20)]), 2) <= 0.8 * 13.5
    (0.307, True)
    """
    return bearable_together([(alerts_a_day(contacts, 1.0, delivered, response, share), minutes)], hours)


def bearable_together(kinds: Sequence[Kind], hours: float, *, besides: Sequence[Kind] = ()) -> float:
    """The largest rate for several kinds of alerts of one owner.

    Parameters
    ----------
    kinds : alerts a day if everybody were asked, and minutes a case.
    hours : a day, of the owner.
    besides : alerts that come whatever the rate is, such as those of another wave.

    Returns
    -------
    0 to 1; 0 where what comes besides is too much already.

    Notes
    -----
    More alerts never take less time, so the rate is found by halving; it is on the side that is borne.
    """
    limit = BORNE * hours

    def borne(rate: float) -> bool:
        return load_hours([*((mean * rate, minutes) for mean, minutes in kinds), *besides]) <= limit + _SLIP

    if borne(1.0):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if borne(middle) else (low, middle)
    return low


def _common(a: Fraction, b: Fraction) -> Fraction:
    """The greatest common part of two lengths of time."""
    return Fraction(math.gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator)


def _on_grid(mean: float, stride: int) -> npt.NDArray[np.float64]:
    """Chances of 0, 1, 2… alerts, each at the step of the grid where their time ends."""
    from scipy.stats import poisson

    most = int(poisson.isf(_TAIL, mean)) + 1
    made = np.zeros(most * stride + 1)
    made[::stride] = poisson.pmf(np.arange(most + 1), mean)
    return made


def _summed(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Chances of a sum of two loads."""
    from scipy.signal import fftconvolve

    return np.asarray(fftconvolve(one, other))
