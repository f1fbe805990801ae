"""Which cells of tables of the same people are too small to be shown, and which others must go with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

import numpy as np
import numpy.typing as npt

__all__ = ["hidden"]

_NOTHING = 1e-9


def hidden(people: Sequence[Mapping[str, str]], items: Sequence[str], minimum: int) -> dict[str, frozenset[str]]:
    """The cells to hide in one table an item, where the number of all people is known.

    Parameters
    ----------
    people : item → value, for each person.
    items : one table each.
    minimum : fewest people of a cell that is shown, and of what is left when cells that are shown are taken away.

    Returns
    -------
    Item → the values to hide.

    Notes
    -----
    A small cell goes, and with it the smallest others of its table until those hidden are two or more and hold `minimum` people
    together.  Tables of items that lie inside each other tell on one another: as long as some sum or difference of what is shown
    gives a hidden cell, the smallest cell that shares people with it goes too.

    Examples
    --------
    >>> people = [{"site": site} for site in ["north"] * 20 + ["east"] * 12 + ["west"] * 3]
    >>> sorted(hidden(people, ["site"], 10)["site"])
    ['east', 'west']
    """
    profiles: dict[tuple[str, ...], int] = {}
    for person in people:
        profile = tuple(person.get(item, "") for item in items)
        profiles[profile] = profiles.get(profile, 0) + 1
    sizes = np.array(list(profiles.values()), dtype=float)
    cells = {
        (item, value): np.array([profile[place] == value for profile in profiles], dtype=float)
        for place, item in enumerate(items)
        for value in sorted({profile[place] for profile in profiles})
    }
    counts = {cell: float(inside @ sizes) for cell, inside in cells.items()}
    gone = {cell for cell, n in counts.items() if n < minimum}
    for _ in count():
        for item in items:
            gone |= _companions({cell: n for cell, n in counts.items() if cell[0] == item}, gone, minimum)
        told = _told(cells, gone)
        if told is None:
            break
        near = [cell for cell in cells if cell not in gone and (cells[cell] * cells[told]).any()]
        gone.add(min(near, key=lambda cell: (counts[cell], cell)))
    return {item: frozenset(value for of, value in gone if of == item) for item in items}


def _companions(
    counts: Mapping[tuple[str, str], float], gone: set[tuple[str, str]], minimum: int
) -> set[tuple[str, str]]:
    """What must go with the hidden cells of one table."""
    mine = {cell for cell in counts if cell in gone}
    left = sorted((n, cell) for cell, n in counts.items() if cell not in mine)
    while mine and left and (len(mine) < 2 or sum(counts[cell] for cell in mine) < minimum):
        mine.add(left.pop(0)[1])
    return mine


def _told(
    cells: Mapping[tuple[str, str], npt.NDArray[np.float64]], gone: set[tuple[str, str]]
) -> tuple[str, str] | None:
    """A hidden cell that the shown ones and the total give by sums and differences."""
    shown = [inside for cell, inside in cells.items() if cell not in gone]
    if not gone or not shown:
        return None
    known = np.array([np.ones_like(shown[0]), *shown]).T
    for cell in sorted(gone):
        found = np.linalg.lstsq(known, cells[cell], rcond=None)[0]
        if np.abs(known @ found - cells[cell]).max() < _NOTHING:
            return cell
    return None
