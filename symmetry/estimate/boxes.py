"""Shares of the highest or lowest answers to an item: means of 0 and 1, so that their errors come as any mean's.

Shares stay between 0 and 1; a report multiplies by 100.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from symmetry.design import Design, column_of, cube_of
from symmetry.errors import DesignError
from symmetry.estimate.linearising import items_of
from symmetry.estimate.means import coded_mean
from symmetry.estimate.nouns import Estimate, join_in_order

__all__ = ["bottom_box", "boxed", "favourable", "fitting", "top_box"]

Scale = tuple[int, int] | None


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
        lambda codes: (codes >= at_least).astype(float),
        by=by,
        statistic="favourable",
        method="logit",
    )


def top_box(
    design: Design, items: str | Sequence[str], *, boxes: int = 2, scale: Scale = None, by: Sequence[str] = ()
) -> Estimate:
    """Share of the population that chose one of the highest answers to an item.

    Parameters
    ----------
    items : columns of whole codes, the highest the most favourable.
    boxes : how many codes count as top; at least 1 and fewer than the scale has.
    scale : lowest and highest code of the scale; none takes the lowest and highest answer to each item, and the note says so.
    by : columns whose crossed values make domains.

    Returns
    -------
    Estimate of shares between 0 and 1; its interval is built on the log odds.

    Raises
    ------
    DesignError : a code is not whole or outside the scale, or `boxes` does not fit the scale.

    Notes
    -----
    R twin: ``svyciprop(~as.numeric(x >= 4), design, method = "logit")``

    Examples
    --------
    >>> import pandas as pd
    >>> design = Design(pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3], "weight": [2, 1, 1, 1, 2, 1], "trust": [5, 4, 3, 2, 4, 1]}),
    ...                 weight="weight", psu="branch")
    >>> top_box(design, "trust", scale=(1, 5)).table()[["estimate", "se", "n"]].round(4)
       estimate      se  n
    0     0.625  0.2582  6
    """
    return boxed(design, items, scale, by, "top_box", lambda codes, low, high: codes > high - fitting(boxes, low, high))


def bottom_box(
    design: Design, items: str | Sequence[str], *, boxes: int = 2, scale: Scale = None, by: Sequence[str] = ()
) -> Estimate:
    """Share of the population that chose one of the lowest answers to an item.

    Parameters
    ----------
    items : columns of whole codes, the lowest the least favourable.
    boxes : how many codes count as bottom; at least 1 and fewer than the scale has.
    scale, by : see `top_box`.

    Returns
    -------
    Estimate of shares between 0 and 1; its interval is built on the log odds.

    Raises
    ------
    DesignError : see `top_box`.

    Notes
    -----
    R twin: ``svyciprop(~as.numeric(x <= 2), design, method = "logit")``

    Examples
    --------
    >>> import pandas as pd
    >>> bottom_box(Design(pd.DataFrame({"trust": [5, 4, 3, 1]})), "trust", boxes=1, scale=(1, 5)).values
    array([0.25])
    """
    return boxed(
        design, items, scale, by, "bottom_box", lambda codes, low, high: codes < low + fitting(boxes, low, high)
    )


def boxed(
    design: Design,
    items: str | Sequence[str],
    scale: Scale,
    by: Sequence[str],
    statistic: str,
    chosen: Callable[[np.ndarray, float, float], np.ndarray],
    *,
    method: str = "logit",
) -> Estimate:
    """Mean of a function of codes and of the ends of their scale, items of one scale in one pass."""
    names = items_of(items)
    found = {name: _ends(design, name, scale, by) for name in names}
    parts = []
    for low, high in dict.fromkeys(found.values()):
        alike = [name for name in names if found[name] == (low, high)]
        code = partial(_as_floats, chosen, low, high)
        part = coded_mean(design, alike, code, by=by, statistic=statistic, method=method)
        parts.append(part if scale is not None else _with_scale(part, low, high))
    return join_in_order(parts, names)


def _as_floats(
    chosen: Callable[[np.ndarray, float, float], np.ndarray], low: float, high: float, codes: np.ndarray
) -> np.ndarray:
    """What a function of codes and of the ends of their scale says, as floats."""
    return chosen(codes, low, high).astype(float)


def _ends(design: Design, name: str, scale: Scale, by: Sequence[str]) -> tuple[float, float]:
    """Ends of the scale of an item, as given or as answered; refuses answers that are no codes of it."""
    cube = cube_of(design, name, by)
    answers = column_of(design, name) if cube is None else cube.codes[[0, -1]]
    answers = answers[~np.isnan(answers)]
    if not len(answers):
        raise DesignError(f"nobody answered {name}", mend="check the column")
    low, high = (float(answers.min()), float(answers.max())) if scale is None else (float(scale[0]), float(scale[1]))
    if not low <= high:
        raise DesignError(
            f"a scale from {low:g} to {high:g} has no codes", mend="give the lowest code, then the highest"
        )
    wrong = (answers < low) | (answers > high) | (answers != np.rint(answers))
    if wrong.any():
        raise DesignError(
            f"`{name}` holds {answers[wrong][0]:g}, which is no code of a scale from {low:g} to {high:g}",
            mend="score the answers first, or mend the scale",
        )
    return low, high


def _with_scale(found: Estimate, low: float, high: float) -> Estimate:
    """Say that the scale was taken from the answers."""
    return found.noted([f"scale taken from the answers: {low:g} to {high:g}"] * len(found))


def fitting(boxes: int, low: float, high: float) -> int:
    """The number of boxes, which must leave a code of the scale out."""
    if not 1 <= boxes <= high - low:
        raise DesignError(
            f"{boxes} boxes do not fit a scale from {low:g} to {high:g}",
            mend="give `scale`, or fewer boxes (at least 1)",
        )
    return boxes
