"""Why answers are missing, whom leaving out the incomplete costs, and what an item says that does not apply to all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from symmetry.design import Design, column_of, design_of
from symmetry.drivers.players import names_given
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
        "don't know", "refused", "no answer", or "" where it is answered; a blank without a reason is "no answer".  An imputed
        answer may keep the reason it had; where that is "not applicable" it counts as none.
    within : rows (n,) that are asked about.

    Returns
    -------
    Frame with a row an item and a last one, "all of them": item, answered (respondents with a weight), answered_share (by
    weight), and a count for each reason; in the last row those who lack any item for this reason.

    Raises
    ------
    DesignError : a column is absent; reasons that are no frame, have other rows or a column twice, or name none of the items with
        blanks; a reason that is unknown or given for an answer.

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
    design, columns = design_of(design), names_given(columns, "the items")
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
    design: Design,
    predictors: Sequence[str],
    reasons: pd.DataFrame,
    outcome: str,
    *,
    within: np.ndarray | None = None,
) -> tuple[list[Column], list[str], dict[str, tuple[str, ...]]]:
    """Columns that say of each item whether it applies and, where it does, how it was rated.

    Parameters
    ----------
    reasons : see `losses`.
    within : rows (n,) that are asked about.

    Returns
    -------
    Columns (names, or arrays (n,) with NaN for what is missing), outcome last; what they are called; and item → its two columns,
    for the items that do not apply to all.  "item: used" is 1 where it applies and 0 where not; "item: rating" the rating less
    its mean among users, and 0 where it does not apply.  Both are missing where the answer is for another reason.  Items that
    apply to the same people have one "used", before the rating of the last of them: "train, staff: used".

    Raises
    ------
    DesignError : as `losses`; the outcome does not apply to some (look at those to whom it does); a name of these columns is
        taken.

    Notes
    -----
    With the pair in a regression together, any centre gives the same fit; this one makes the slope of "used" the difference
    between the average user and those who do not use it.
    """
    design = design_of(design)
    why = why_empty(design, [*predictors, outcome], reasons)
    weight = np.where(True if within is None else within, design.layout.weight, 0.0)
    without = {name: (why[name] == "not applicable").to_numpy() for name in (*predictors, outcome)}
    if (without[outcome] & (weight > 0)).any():
        raise DesignError(
            f"the outcome `{outcome}` does not apply to some",
            mend='use missing="users", or restrict the design to the others',
        )
    rating = {
        name: np.where(without[name], np.nan, np.asarray(column_of(design, name), float))
        for name in predictors
        if (without[name] & (weight > 0)).any()
    }
    used = {
        name: np.where(without[name], 0.0, np.where(np.isfinite(values), 1.0, np.nan))
        for name, values in rating.items()
    }
    columns: list[Column] = []
    names: list[str] = []
    pairs: dict[str, tuple[str, ...]] = {}
    sharing = {name: items for items in _of_the_same(used, weight > 0) for name in items}
    for name in predictors:
        if name not in rating:
            columns.append(name)
            names.append(name)
            continue
        either = _either([used[item] for item in sharing[name]])
        pairs[name] = (f"{', '.join(sharing[name])}: used", f"{name}: rating")
        if name == sharing[name][-1]:
            columns.append(either)
            names.append(pairs[name][0])
        columns.append(np.where(either == 0, 0.0, rating[name] - _centre(rating[name], weight, name)))
        names.append(pairs[name][1])
    taken = [name for name in names if names.count(name) > 1 or name == outcome]
    if taken:
        raise DesignError(
            f'missing="indicator" makes a column `{taken[0]}`, and one is called so', mend="give yours another name"
        )
    return [*columns, outcome], [*names, outcome], pairs


def _centre(rating: np.ndarray, weight: np.ndarray, name: str) -> float:
    """Mean rating of those who rated an item."""
    rated = np.isfinite(rating) & (weight > 0)
    if not rated.any():
        raise DesignError(f"nobody rated `{name}`", mend="leave it out")
    return float(weight[rated] @ rating[rated] / weight[rated].sum())


def _either(used: Sequence[np.ndarray]) -> np.ndarray:
    """Whether items apply that apply to the same people (n,), as far as any of them tells."""
    found = used[0]
    for more in used[1:]:
        found = np.where(np.isnan(found), more, found)
    return found


def _of_the_same(used: Mapping[str, np.ndarray], asked: np.ndarray) -> list[tuple[str, ...]]:
    """Items that apply to the same people, together: of those of whom both are known some use both, some neither, none one."""
    found: list[tuple[str, ...]] = []
    for name, own in used.items():
        for place, items in enumerate(found):
            other = _either([used[item] for item in items])
            both = asked & np.isfinite(own) & np.isfinite(other)
            if (own[both] == other[both]).all() and len(np.unique(own[both])) == 2:
                found[place] = (*items, name)
                break
        else:
            found.append((name,))
    return found


def why_empty(design: Design, columns: Sequence[str], reasons: pd.DataFrame | None) -> pd.DataFrame:
    """Why each cell is empty, "" where it is answered: a frame with every column, rows by position.

    An imputed answer counts as one, but where the item does not apply.

    Raises
    ------
    DesignError : reasons that are no frame, have other rows than the design or a column twice, or name none of the items with
        blanks; a reason that is unknown or given for an answer.
    """
    answered = {name: np.isfinite(np.asarray(column_of(design, name), float)) for name in columns}
    n = len(design.layout.weight)
    if reasons is not None:
        _check_reasons(reasons, answered, n)
    found = {}
    for name, there in answered.items():
        told = np.full(n, "", dtype=object)
        if reasons is not None and name in reasons:
            told = reasons[name].astype(object).where(reasons[name].notna(), "").to_numpy(dtype=object)
        unknown = sorted({str(one) for one in pd.unique(told)} - {"", *REASONS})
        if unknown:
            raise DesignError(f"`{name}`: {unknown[0]!r} is no reason", mend=f"one of {', '.join(REASONS)}")
        imputed = _imputed(design, name)
        both = there & (told != "") & ~imputed
        if both.any():
            row = int(np.argmax(both))
            raise DesignError(
                f"`{name}` is answered in row {row} and the reasons say {told[row]!r}", mend="empty one of the two"
            )
        there = there & (told != "not applicable")
        found[name] = np.where(there, "", np.where(told == "", "no answer", told))
    return pd.DataFrame(found)


def _check_reasons(reasons: pd.DataFrame, answered: Mapping[str, np.ndarray], n: int) -> None:
    """Refuse what cannot tell why cells are empty."""
    if not isinstance(reasons, pd.DataFrame):
        raise DesignError(
            f"the reasons are a {type(reasons).__name__}", mend="give a frame with a column for each item with blanks"
        )
    if len(reasons) != n:
        raise DesignError(
            f"the reasons have {len(reasons)} rows and the design {n}",
            mend="give a frame with the rows of the design's data",
        )
    twice = [name for name in answered if list(reasons.columns).count(name) > 1]
    if twice:
        raise DesignError(f"the reasons have the column `{twice[0]}` twice", mend="keep one of them")
    blank = [name for name, there in answered.items() if not there.all()]
    if blank and not any(name in reasons for name in blank):
        raise DesignError(
            f"the reasons say nothing of {', '.join(blank)}, which some did not answer",
            mend="call their columns like the items; an item without a column is blank for no known reason",
        )


def _imputed(design: Design, name: str) -> np.ndarray:
    """Whose answers were imputed (n,), by the column beside them; where that is empty they were not."""
    marks = design.data.get(f"{name}_imputed")
    if marks is None:
        return np.zeros(len(design.layout.weight), bool)
    try:
        return np.asarray(marks.astype("boolean").fillna(False).to_numpy(dtype=bool))
    except (TypeError, ValueError) as error:
        raise DesignError(
            f"column `{name}_imputed` does not say true or false", mend="it marks the answers that were imputed"
        ) from error
