"""An estimator by the name its rows carry, for callers that hold statistics as data (studies, mirrored pairs)."""

from __future__ import annotations

from collections.abc import Sequence

from symmetry.design import Design
from symmetry.estimate.boxes import bottom_box, favourable, top_box
from symmetry.estimate.loyalty import ces, csat, nps
from symmetry.estimate.means import mean
from symmetry.estimate.nouns import Estimate
from symmetry.estimate.quantiles.finding import median

__all__ = ["named"]

_NAMED = {verb.__name__: verb for verb in (bottom_box, ces, csat, median, nps, top_box)}


def named(
    design: Design, items: str | Sequence[str], statistic: str, *, at_least: float | None = None, by: Sequence[str] = ()
) -> Estimate:
    """Estimate a statistic that is given by name.

    Parameters
    ----------
    design, items, by : as for the estimator itself.
    statistic : "nps", "csat", "ces", "top_box", "bottom_box" or "median", as these verbs do unless told; with `at_least`,
        "favourable"; anything else is the name given to a mean.
    at_least : lowest favourable code; none means that the column is averaged as it is.

    Examples
    --------
    >>> import pandas as pd
    >>> design = Design(pd.DataFrame({"likely": [10, 9, 8, 3]}))
    >>> [named(design, "likely", name).values.tolist() for name in ("nps", "mean")]
    [[25.0], [7.5]]
    """
    if statistic in _NAMED:
        return _NAMED[statistic](design, items, by=by)
    if at_least is not None:
        return favourable(design, items, at_least=at_least, by=by)
    return mean(design, items, by=by, statistic=statistic)
