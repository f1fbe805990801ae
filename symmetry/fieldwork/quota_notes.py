"""What is odd about quotas and a frame.

A quota is a maximum, so few are impossible: nobody can wait in vain for a maximum.  What can never be counted (a column that
lacks, a blank, a category that the study does not have) is refused with the frame; the rest is told.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from symmetry.fieldwork.chances import Mask
from symmetry.fieldwork.files import Texts
from symmetry.spec import Item, Sampling

__all__ = ["notes_on"]


def notes_on(sampling: Sampling, cells: Mapping[str, Texts], scope: Mask, items: Mapping[str, Item]) -> list[str]:
    """Sentences on quotas that count what the frame does not hold, or that take fewer answers than people are drawn.

    Parameters
    ----------
    sampling : whose quotas.
    cells : of the frame, n texts a column.
    scope : (n,) the rows that can be drawn.
    items : frame items by key.
    """
    told = []
    for quota in sampling.quotas:
        for name in quota.by:
            held = set(cells[name][scope])
            nobody = [value for value in items[name].values or {} if value not in held]
            if nobody and held:
                told.append(f"the quota `{quota}` counts {name} {', '.join(nobody)} too, of which the frame has nobody")
        crossings = (
            len(pd.DataFrame({name: cells[name][scope] for name in quota.by}).drop_duplicates()) if quota.by else 1
        )
        most = quota.count * crossings
        if quota.period == "wave" and isinstance(sampling.size, int) and crossings and most < sampling.size:
            told.append(f"the quota `{quota}` takes {most:,} answers at most, and {sampling.size:,} are to be drawn")
    return told
