"""The scores of customer and employee experience: satisfaction (CSAT), effort (CES) and the Net Promoter Score (NPS).

All are means of a function of the code, so their errors come through the same door as any mean's.  Satisfaction stays a share
between 0 and 1 (a report multiplies by 100); the Net Promoter Score is in its field's points, -100 to 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from symmetry.design import Design
from symmetry.errors import DesignError
from symmetry.estimate.boxes import boxed, fitting
from symmetry.estimate.means import coded_mean
from symmetry.estimate.nouns import Estimate

__all__ = ["ces", "csat", "nps"]


def csat(
    design: Design,
    items: str | Sequence[str],
    *,
    boxes: int = 2,
    scale: tuple[int, int] | None = None,
    by: Sequence[str] = (),
) -> Estimate:
    """Customer satisfaction: share of the population that is satisfied, the two top answers of five (4 and 5) unless told.

    Parameters
    ----------
    items : columns of whole codes, the highest the most satisfied.
    boxes : how many of the highest codes count as satisfied.
    scale, by : see `top_box`.

    Returns
    -------
    Estimate of shares between 0 and 1, which the field writes as per cent; its interval is built on the log odds.

    Raises
    ------
    DesignError : see `top_box`.

    Notes
    -----
    The two top boxes are the trade's usual reading [1]_; other houses report the mean, for which see `estimate.mean`.
    R twin: ``svyciprop(~as.numeric(x >= 4), design, method = "logit")``

    References
    ----------
    .. [1] Farris, Bendle, Pfeifer, Reibstein (2010). Marketing Metrics, 2nd edition. Pearson, section 2.7.

    Examples
    --------
    >>> import pandas as pd
    >>> csat(Design(pd.DataFrame({"pleased": [5, 4, 3, 1]})), "pleased", scale=(1, 5)).values
    array([0.5])
    """
    return boxed(design, items, scale, by, "csat", lambda codes, low, high: codes > high - fitting(boxes, low, high))


def ces(
    design: Design,
    items: str | Sequence[str],
    *,
    of: Literal["mean", "agree"] = "mean",
    scale: tuple[int, int] | None = None,
    by: Sequence[str] = (),
) -> Estimate:
    """Customer effort: how far the population agrees that its matter was made easy, on a scale of usually 1 to 7.

    Parameters
    ----------
    items : columns of whole codes, the highest the least effort ("the company made it easy to handle my issue").
    of : "mean", the mean code; "agree", the share above the middle of the scale (5, 6 and 7 of seven).
    scale, by : see `top_box`.

    Returns
    -------
    Estimate of means in the unit of the scale, interval value ± t·se; or of shares between 0 and 1, interval on the log odds.

    Raises
    ------
    DesignError : a code is not whole or outside the scale.

    Notes
    -----
    The second form of the score, on agreement [2]_.  The first asked for effort itself, 1 to 5, where low is good [1]_: turn
    its codes first.  R twins: ``svymean(~x, design)`` and ``svyciprop(~as.numeric(x >= 5), design, method = "logit")``

    References
    ----------
    .. [1] Dixon, Freeman, Toman (2010). Stop trying to delight your customers. Harvard Business Review 88(7/8), 116-122.
    .. [2] Dixon, Toman, DeLisi (2013). The Effortless Experience. Portfolio, chapter 6.

    Examples
    --------
    >>> import pandas as pd
    >>> design = Design(pd.DataFrame({"easy": [7, 6, 4, 1]}))
    >>> [ces(design, "easy", of=of, scale=(1, 7)).values.tolist() for of in ("mean", "agree")]
    [[4.5], [0.5]]
    """
    if of not in ("mean", "agree"):
        raise DesignError(f"of={of!r} is unknown for customer effort", mend='"mean" or "agree"')
    if of == "mean":
        return boxed(design, items, scale, by, "ces", lambda codes, _, __: codes, method="mean")
    return boxed(design, items, scale, by, "ces", lambda codes, low, high: codes > (low + high) / 2)


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
        wrong = (codes < 0) | (codes > 10) | (codes != np.round(codes))
        if wrong.any():
            raise DesignError(
                f"{codes[wrong][0]:g} is not an answer to a 0-10 question", mend="score the answers first"
            )
        return 100.0 * (codes >= 9) - 100.0 * (codes <= 6)

    found = coded_mean(design, items, score, by=by, statistic="nps")
    low = found.values <= -100
    if not low.any():
        return found
    told = "every answer is 6 or less: were they given from 0 to 10?"
    return found.noted([told if alone else "" for alone in low])
