"""The statistics of customer and employee experience: favourable share (top boxes) and Net Promoter Score.

Both are means of a function of the code, so their errors come through the same door as any mean's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symmetry.design import Design
from symmetry.errors import DesignError
from symmetry.estimate.means import coded_mean
from symmetry.estimate.nouns import Estimate

__all__ = ["favourable", "nps"]


def favourable(design: Design, items: str | Sequence[str], *, at_least: float, by: Sequence[str] = ()) -> Estimate:
    """Share of the population whose answer is at least a code: the favourable, or top-box, share.

    Parameters
    ----------
    items : columns of codes, the highest the most favourable.
    at_least : lowest code that counts as favourable (4 for the two top boxes of five points).
    by : columns whose crossed values make domains.

    Returns
    -------
    Estimate of shares between 0 and 1; its interval is built on the log odds.

    Notes
    -----
    R twin: ``svyciprop(~as.numeric(x >= 4), design, method = "logit")``

    Examples
    --------
    >>> import pandas as pd
    >>> design = Design(pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3], "weight": [2, 1, 1, 1, 2, 1], "trust": [5, 4, 3, 2, 4, 1]}),
    ...                 weight="weight", psu="branch")
    >>> favourable(design, "trust", at_least=4).table()[["estimate", "se", "n"]].round(4)
       estimate      se  n
    0     0.625  0.2582  6
    """
    return coded_mean(
        design,
        items,
        lambda codes: np.where(np.isnan(codes), np.nan, codes >= at_least),
        by=by,
        statistic="favourable",
        method="logit",
    )


def nps(design: Design, items: str | Sequence[str], *, by: Sequence[str] = ()) -> Estimate:
    """Net Promoter Score: per cent of promoters (9, 10) minus per cent of detractors (0 to 6), between -100 and 100.

    Parameters
    ----------
    items : columns of whole codes 0 to 10.
    by : columns whose crossed values make domains.

    Returns
    -------
    Estimate in points of NPS; its interval is value ± t·se.

    Raises
    ------
    DesignError : a code is not one of 0 to 10.

    Notes
    -----
    The mean of a score of 100, 0 or -100; for a simple random sample its variance is 10⁴ (p₊ + p₋ - (p₊ - p₋)²) / n.
    R twin: ``svymean(~I(100 * ((x >= 9) - (x <= 6))), design)``

    References
    ----------
    .. [1] Reichheld (2003). The one number you need to grow. Harvard Business Review 81(12), 46-54.

    Examples
    --------
    >>> import pandas as pd
    >>> nps(Design(pd.DataFrame({"likely": [10, 9, 8, 3]})), "likely").values
    array([25.])
    """

    def score(codes: np.ndarray) -> np.ndarray:
        known = codes[~np.isnan(codes)]
        wrong = known[(known < 0) | (known > 10) | (known != np.round(known))]
        if wrong.size:
            raise DesignError(f"{wrong[0]:g} is not an answer to a 0-10 question", mend="score the answers first")
        return np.where(np.isnan(codes), np.nan, 100.0 * (codes >= 9) - 100.0 * (codes <= 6))

    return coded_mean(design, items, score, by=by, statistic="nps")
