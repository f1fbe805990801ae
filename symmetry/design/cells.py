"""Domains of a design, and its cells: the crossings of units of variance (or strata) and domains that hold respondents.

Both are worked out once for a design and a choice of `by`, and kept: an analyst asks hundreds of statistics of the same domains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design.coding import adder, crossed, design_of, names_of, numbered, sorted_codes
from symmetry.design.layout import Layout
from symmetry.design.nouns import Design
from symmetry.errors import DesignError

__all__ = ["Cells", "Domains", "cells_of", "domain_names", "domains"]


_BLOCK = 1 << 18


@dataclass(frozen=True, eq=False)
class Domains:
    """Crossed values of some columns.

    code (n,), `size` where a value is missing; keys, a frame of `size` rows in sorted order; part (size,) number of the audience
    of each, -1 where it holds several.
    """

    code: np.ndarray
    keys: pd.DataFrame
    part: np.ndarray

    @property
    def size(self) -> int:
        """Number of domains D."""
        return len(self.keys)

    def add(self, values: np.ndarray, rows: slice) -> np.ndarray:
        """Sums of a block of rows by domain (size + 1,), the last those of rows in none."""
        if self.everybody:
            return np.array([values.sum(), 0.0])
        place = self._places.get(rows.start)
        if place is None or place.shape[1] != len(values):
            place = self._places[rows.start] = adder(self.code[rows], self.size + 1)
        return np.asarray(place @ values)

    @cached_property
    def _places(self) -> dict[int, sparse.csc_array]:
        """Matrices that sum blocks of rows, by where the block starts."""
        return {}

    @cached_property
    def everybody(self) -> bool:
        """Whether there is one domain and it holds all rows."""
        return self.size == 1 and not self.code.any()


@dataclass(frozen=True, eq=False)
class Cells:
    """Crossings of groups (units of variance, or strata) and domains that hold rows.

    cell (n,) of each row, C where it is in no domain; group, domain, weight (C,) of each cell; n (D,) rows with a weight;
    base (n,) the weights that are summed; by_domain (D, C) sums cells to domains.
    """

    domains: Domains
    cell: np.ndarray
    group: np.ndarray
    domain: np.ndarray
    n: np.ndarray
    base: np.ndarray
    by_domain: sparse.csr_array

    @cached_property
    def counted(self) -> dict[bytes, tuple[np.ndarray, np.ndarray]]:
        """Psus and degrees of freedom of domains, by which cells hold answers."""
        return {}

    @cached_property
    def weight(self) -> np.ndarray:
        """Sum of the weights of each cell (C,)."""
        count = len(self.group)
        found = np.zeros(count + 1)
        for start in range(0, len(self.cell), _BLOCK):
            rows = slice(start, start + _BLOCK)
            found += np.bincount(self.cell[rows], weights=self.base[rows], minlength=count + 1)
        return found[:count]


def domains(design: Design, by: Sequence[str]) -> Domains:
    """Number the crossed values of some columns.

    Parameters
    ----------
    by : columns of the design's data; none means one domain for all.

    Raises
    ------
    DesignError : a column is absent, or empty on every row.
    """
    design, by = design_of(design), names_of(by)
    key = ("domains", *by)
    if key not in design.memory:
        design.memory[key] = _domains(design, list(by))
    found: Domains = design.memory[key]
    return found


def domain_names(keys: pd.DataFrame) -> pd.Series:
    """Write crossed values as stored tables do, "north × phone"; missing where any of them is.

    Examples
    --------
    >>> domain_names(pd.DataFrame({"region": ["north", "south"], "channel": ["phone", None]})).tolist()
    ['north × phone', nan]
    """
    texts = [keys[name].astype(str).where(keys[name].notna()) for name in keys]
    return texts[0].str.cat(texts[1:], sep=" × ") if len(texts) > 1 else texts[0]


def cells_of(design: Design, by: Sequence[str]) -> Cells:
    """Number the crossings of units of variance (of strata, where each row is a psu) with domains."""
    design, by = design_of(design), names_of(by)
    key = ("cells", *by)
    if key not in design.memory:
        layout = design.layout
        if design.element:
            group, size = layout.stratum_of_row, len(layout.strata)
        elif layout.replicates is not None:
            group, size = layout.replicates.unit, layout.replicates.units
        else:
            group, size = layout.unit, layout.units
        design.memory[key] = _cells(domains(design, by), group, size, layout)
    found: Cells = design.memory[key]
    return found


def _domains(design: Design, by: list[str]) -> Domains:
    """Number the domains without looking whether it was done."""
    data, n = design.data, len(design.data)
    if not by:
        return Domains(np.zeros(n, np.int32), pd.DataFrame(index=range(1)), _parts(design, np.zeros(n, int), 1))
    code, size, missing = np.zeros(1, np.int64), 1, np.zeros(n, bool)
    for name in by:
        if name not in data:
            raise DesignError(f"no column `{name}` to make domains of", mend="name a column of the design's data")
        own, labels = sorted_codes(data[name])
        missing |= own < 0
        code, size = code * len(labels) + own, size * len(labels)
        if size > 1 << 40:
            raise DesignError(f"domains by {', '.join(by)} are too many to number", mend="cross fewer columns")
    if missing.any():  # a number of their own, the last: those rows are in no domain
        found, own = numbered(np.where(missing, size, code), size + 1)
        found = found[:-1]
    else:
        found, own = numbered(code, size)
    if not len(found):
        raise DesignError(
            f"`{'` × `'.join(by)}` is missing on every row: there is no domain", mend="check the columns of `by`"
        )
    keys = data[by].iloc[_first_rows(own, len(found))].reset_index(drop=True)
    return Domains(own.astype(np.int32, copy=False), keys, _parts(design, own, len(found)))


def _first_rows(code: np.ndarray, size: int) -> np.ndarray:
    """The first row of each of the codes 0 … size - 1 (size,), looked for at the top before everywhere."""
    for many in (min(len(code), 1 << 16), len(code)):
        first = np.full(max(size, int(code.max()) + 1), len(code))
        first[code[:many][::-1]] = np.arange(many)[::-1]
        if (first[:size] < len(code)).all():
            break
    return first[:size]


def _parts(design: Design, code: np.ndarray, size: int) -> np.ndarray:
    """Give the audience of each domain (D,), -1 where a domain holds several."""
    layout = design.layout
    if len(layout.parts) == 1:
        return np.zeros(size, int)
    held = np.zeros((size + 1, len(layout.parts)), bool)
    held[code, layout.part] = True
    return np.where(held[:size].sum(axis=1) == 1, held[:size].argmax(axis=1), -1)


def _cells(found: Domains, group: np.ndarray, groups: int, layout: Layout) -> Cells:
    """Number the crossings that hold rows, groups outermost."""
    size = found.size
    if size == 1 and groups == len(group) and not (found.code == size).any():
        cell, key = np.arange(len(group), dtype=np.int32), group.astype(np.int64) * 2
    else:
        key, cell = crossed(group, found.code, size + 1, groups * (size + 1))
    inside = key % (size + 1) < size
    if not inside.all():
        cell = np.where(inside, np.cumsum(inside) - 1, inside.sum())[cell]
    key = key[inside]
    domain = key % (size + 1)
    held = found.code[layout.weight != 0] if (layout.weight == 0).any() else found.code
    return Cells(
        domains=found,
        cell=cell.astype(np.int32, copy=False),
        group=key // (size + 1),
        domain=domain,
        n=np.array([len(held)]) if found.everybody else np.bincount(held, minlength=size + 1)[:size],
        base=layout.base,
        by_domain=sparse.csr_array(adder(domain, size)),
    )
