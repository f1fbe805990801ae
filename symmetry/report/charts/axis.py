"""A horizontal axis: from values to percent of the width, with round ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Axis", "axis_of", "bare", "factor_of"]


@dataclass(frozen=True)
class Axis:
    """Ends and ticks, in the unit of the values."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int

    def at(self, value: float) -> float:
        """Where a value stands, in percent of the width, kept inside 0 and 100."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 2)


def axis_of(
    values: Iterable[float | None],
    *,
    factor: float = 1.0,
    floor: float | None = None,
    ceiling: float | None = None,
    steps: int = 5,
) -> Axis:
    """An axis that holds every value, from a round tick to a round tick.

    Parameters
    ----------
    values : what must be seen; missing ones are left out.
    factor : the values are shown multiplied by it (100 for shares): ticks are round in what is shown.
    floor, ceiling : ends that the axis never passes, such as those of the scale.
    steps : about how many steps between ticks.

    Examples
    --------
    >>> axis_of([3.42, 4.38], floor=1, ceiling=5).ticks
    (3.4, 3.6, 3.8, 4.0, 4.2, 4.4)
    """
    known = [factor * value for value in values if value is not None] or [0.0, 1.0]
    low, high = min(known), max(known)
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    step = _step((high - low) / steps)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = [step * index for index in range(first, last + 1)]
    if floor is not None:
        ticks = [tick for tick in ticks if tick >= factor * floor - 1e-9]
    if ceiling is not None:
        ticks = [tick for tick in ticks if tick <= factor * ceiling + 1e-9]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) + (1 if _is_quarter(step) else 0)
    shown = tuple(round(tick, 6) / factor for tick in ticks)
    pad = 0.02 * (shown[-1] - shown[0])
    return Axis(min(low / factor, shown[0]) - pad, max(high / factor, shown[-1]) + pad, shown, decimals)


def factor_of(statistic: str) -> float:
    """What a statistic is multiplied by when it is shown: shares are shown as percentages."""
    return 100.0 if statistic in ("favourable", "top_box") else 1.0


def bare(statistic: str) -> str:
    """The kind of number of a gap: the statistic's, without the percent sign."""
    return "points" if factor_of(statistic) == 100.0 else statistic


def _step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * base for base in (1, 2, 2.5, 5, 10) if power * base >= rough - 1e-12)


def _is_quarter(step: float) -> bool:
    mantissa = step / 10.0 ** math.floor(math.log10(step) + 1e-9)
    return abs(mantissa - 2.5) < 1e-9
