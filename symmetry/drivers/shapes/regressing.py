"""The house's survey regression on columns that are at hand, whatever they are called: what views of drivers are fitted with.

A formula is text, and names of items may hold blanks, accents or colons; so columns go in under names of our own, and come out,
in labels and in errors, under theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from symmetry.design import Design
from symmetry.errors import ConvergenceError, DesignError
from symmetry.estimate import Estimate, Model, glm

__all__ = ["named_as", "regress"]

_OWN = "column_{}_"


def regress(
    design: Design,
    outcome: str,
    y: np.ndarray,
    columns: Mapping[str, np.ndarray | pd.Series],
    *,
    family: str = "gaussian",
) -> tuple[Model, dict[str, str]]:
    """Fit y (n,) to columns (n,), numeric or categories, and an intercept.

    Returns
    -------
    The model, in which columns have names of our own, and these: own name → the column's.

    Raises
    ------
    DesignError, ConvergenceError : as `estimate.glm`, in the columns' own words.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=200)
    >>> model, names = regress(Design(pd.DataFrame(index=range(200))), "y", 2 * x + rng.normal(size=200), {"how easy?": x})
    >>> named_as(model.estimate, names).table()[["item", "estimate", "se"]].round(3)
            item  estimate     se
    0  Intercept    -0.088  0.064
    1  how easy?     2.040  0.064
    """
    names = {_OWN.format(place): name for place, name in enumerate(columns)}
    values = [column.array if isinstance(column, pd.Series) else column for column in columns.values()]
    own = {_OWN.format("y"): y, **dict(zip(names, values, strict=True))}
    scored = replace(design, data=pd.DataFrame(own), given=design.layout)
    told = names | {_OWN.format("y"): outcome}
    try:
        model = glm(scored, f"{_OWN.format('y')} ~ {' + '.join(names) or '1'}", family=family)
    except (DesignError, ConvergenceError) as error:
        problems = [
            replace(one, what=_in_words(one.what, told), mend=_in_words(one.mend, told)) for one in error.problems
        ]
        raise type(error)(problems) from error
    return model, names


def named_as(estimate: Estimate, names: Mapping[str, str]) -> Estimate:
    """The same with items called as the columns were."""
    return replace(
        estimate, labels=estimate.labels.assign(item=[_in_words(item, names) for item in estimate.labels["item"]])
    )


def _in_words(text: str, names: Mapping[str, str]) -> str:
    """A text with the columns' names for ours."""
    return re.sub(r"column_(?:\d+|y)_", lambda found: names.get(found.group(), found.group()), text)
