"""Labels of persons that two audiences share inside units, who may be one or two.

A design that is laid anew inside its units by itself takes persons of two audiences for two.  Where their labels meet, as they
do between two waves of a panel, nobody but the asker knows: so it is said, and how to say otherwise.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from symmetry.design import Design, names_of

__all__ = ["taken_for_two", "taken_twice"]

_TWICE = "{} and {} share labels"


def taken_twice(design: Design, unit: np.ndarray, part: np.ndarray, parts: tuple[str, ...]) -> list[str]:
    """A note for every two audiences that share labels of the second psu column inside a unit.

    Parameters
    ----------
    unit, part : number of the unit and of the audience of each row (n,); parts names the audiences.
    """
    columns = names_of(design.psu)[1:2]
    if not columns or columns[0] not in design.data:
        return []
    label = pd.factorize(design.data[columns[0]])[0]
    there = (label >= 0) & (design.layout.weight != 0)
    held = pd.DataFrame({"unit": unit, "label": label, "part": part})[there].drop_duplicates()
    held = held[held.duplicated(["unit", "label"], keep=False)]
    met = held.merge(held, on=["unit", "label"], suffixes=("", "_b"))[["part", "part_b"]].drop_duplicates()
    return [
        f"{_TWICE.format(parts[a], parts[b])} of `{columns[0]}` inside units, taken for other people: if they are the same, "
        f'dissonance.inside(…, person="{columns[0]}", people="shared")'
        for a, b in sorted(met.itertuples(index=False, name=None))
        if a < b
    ]


def taken_for_two(design: Design, a: np.ndarray, b: np.ndarray) -> list[str]:
    """What such a design says of the persons of two audiences, (G,) names each; "" where nothing."""
    told = {}
    for two in set(zip(a, b, strict=True)):
        begins = (_TWICE.format(*two), _TWICE.format(*two[::-1]))
        told[two] = "".join(note for note in design.layout.notes if note.startswith(begins))
    return [told[two] for two in zip(a, b, strict=True)]
