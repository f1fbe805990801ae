"""Why answers are missing, whom leaving out the incomplete costs, and what an item says that does not apply to all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from symmetry.design import Design, column_of, design_of
from symmetry.errors import DesignError

__all__ = ["REASONS", "Column", "losses", "users", "why_empty", "with_usage"]

REASONS = ("not asked", "not applicable", "don't know", "refused", "no answer")
Column = str | np.ndarray


def losses(
    design: Design, columns: Sequence[str], reasons: pd.DataFrame | None = None, *, within: np.ndarray | None = None
) -> pd.DataFrame:
    """Who lacks each item and why, and how many respondents leaving out the incomplete would keep.

    Parameters
    ----------
    columns : items, the outcome among them.
    reasons : a frame of as many rows as the design's data with a column for items: one of "not asked", "not applicable",
        "don't know", "refused", "no answer", or "" where it is answered; a blank without a reason is "no answer", and an imputed
        answer needs none.
    within : rows (n,) that are asked about.

    Returns
    -------
    Frame with a row an item and a last one, "all of them": item, answered (respondents with a weight), answered_share (by
    weight), and a count for each reason; in the last row those who lack any item for this reason.

    Raises
    ------
    DesignError : a column is absent; a reason that is unknown or given for an answer.

    Examples
    --------
    >>> answers = pd.DataFrame({"food": [5, 4, None, 3], "train": [None, None, 2, 4], "overall": [5, 4, 2, 3]})
    >>> why = pd.DataFrame({"train": ["not applicable", "not applicable", "", ""]})
    >>> losses(Design(answers), ["food", "train", "overall"], why)[["item", "answered", "not applicable", "no answer"]]
              item  answered  not applicable  no answer
    0         food         3               0          1
    1        train         2               2          0
    2      overall         4               0          0
    3  all of them         1               2          1
    """
    design = design_of(design)
    why = why_empty(design, columns, reasons)
    asked = (design.layout.weight > 0) & (True if within is None else within)
    w = np.where(asked, design.layout.weight, 0.0)
    lacking = {reason: (why == reason).to_numpy() for reason in REASONS}
    blank = (why != "").to_numpy()
    found = []
    for place, name in enumerate([*columns, "all of them"]):
        these = slice(place, place + 1) if place < len(columns) else slice(None)
        answered = asked & ~blank[:, these].any(axis=1)
        counts = {reason: int((asked & rows[:, these].any(axis=1)).sum()) for reason, rows in lacking.items()}
        share = float(w[answered].sum() / w.sum()) if w.sum() > 0 else np.nan
        found.append({"item": name, "answered": int(answered.sum()), "answered_share": share, **counts})
    return pd.DataFrame(found)


def users(design: Design, columns: Sequence[str], reasons: pd.DataFrame) -> np.ndarray:
    """Rows (n,) to whom all items apply, whether they answered them or not.

    Raises
    ------
    DesignError : as `losses`; or there are none.
    """
    why = why_empty(design_of(design), columns, reasons)
    found = ~(why == "not applicable").any(axis=1).to_numpy()
    if not (found & (design.layout.weight > 0)).any():
        raise DesignError(
            f"there is nobody to whom all of {', '.join(columns)} apply", mend='use missing="indicator", or fewer items'
        )
    return np.asarray(found)


def with_usage(
    design: Design, predictors: Sequence[str], reasons: pd.DataFrame, outcome: str
) -> tuple[list[Column], list[str], dict[str, tuple[str, ...]]]:
    """Columns that say of each item whether it applies and, where it does, how it was rated.

    Parameters
    ----------
    reasons : see `losses`.

    Returns
    -------
    Columns (names, or arrays (n,) with NaN for what is missing), outcome last; what they are called; and item → its two columns,
    for the items that do not apply to all.  "item: used" is 1 where it applies and 0 where not; "item: rating" the rating less
    its mean among users, and 0 where it does not apply.  Both are missing where the answer is for another reason.

    Raises
    ------
    DesignError : as `losses`; the outcome does not apply to some (look at those to whom it does).

    Notes
    -----
    With the pair in a regression together, any centre gives the same fit; this one makes the slope of "used" the difference
    between the average user and those who do not use it.
    """
    design = design_of(design)
    why = why_empty(design, [*predictors, outcome], reasons)
    weight = design.layout.weight
    if ((why[outcome] == "not applicable").to_numpy() & (weight > 0)).any():
        raise DesignError(
            f"the outcome `{outcome}` does not apply to some",
            mend='use missing="users", or restrict the design to the others',
        )
    columns: list[Column] = []
    names: list[str] = []
    pairs: dict[str, tuple[str, ...]] = {}
    for name in predictors:
        without = (why[name] == "not applicable").to_numpy()
        if not (without & (weight > 0)).any():
            columns.append(name)
            names.append(name)
            continue
        rating = np.asarray(column_of(design, name), float)
        rated = np.isfinite(rating) & (weight > 0)
        if not rated.any():
            raise DesignError(f"nobody rated `{name}`", mend="leave it out")
        centre = weight[rated] @ rating[rated] / weight[rated].sum()
        columns += [
            np.where(without, 0.0, np.where(np.isfinite(rating), 1.0, np.nan)),
            np.where(without, 0.0, rating - centre),
        ]
        pairs[name] = (f"{name}: used", f"{name}: rating")
        names += pairs[name]
    return [*columns, outcome], [*names, outcome], pairs


def why_empty(design: Design, columns: Sequence[str], reasons: pd.DataFrame | None) -> pd.DataFrame:
    """Why each cell is empty, "" where it is answered: a frame with every column, rows by position.

    Raises
    ------
    DesignError : rows that are not the design's, a reason that is unknown or given for an answer.
    """
    answered = {name: np.isfinite(np.asarray(column_of(design, name), float)) for name in columns}
    n = len(design.layout.weight)
    if reasons is not None and len(reasons) != n:
        raise DesignError(
            f"the reasons have {len(reasons)} rows and the design {n}",
            mend="give a frame with the rows of the design's data",
        )
    found = {}
    for name, there in answered.items():
        told = np.full(n, "", dtype=object)
        if reasons is not None and name in reasons:
            told = reasons[name].astype(object).where(reasons[name].notna(), "").to_numpy(dtype=object)
        unknown = sorted({str(one) for one in pd.unique(told)} - {"", *REASONS})
        if unknown:
            raise DesignError(f"`{name}`: {unknown[0]!r} is no reason", mend=f"one of {', '.join(REASONS)}")
        imputed = design.data.get(f"{name}_imputed", pd.Series(np.zeros(n, bool))).to_numpy(dtype=bool)
        both = there & (told != "") & ~imputed
        if both.any():
            row = int(np.argmax(both))
            raise DesignError(
                f"`{name}` is answered in row {row} and the reasons say {told[row]!r}", mend="empty one of the two"
            )
        found[name] = np.where(there, "", np.where(told == "", "no answer", told))
    return pd.DataFrame(found)
