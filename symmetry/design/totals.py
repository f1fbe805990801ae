"""The one pass: answers → weighted totals per unit of variance × domain.

A statistic is a smooth function of totals of a few columns.  `gather` sums w·column for every unit × domain, block of rows by
block, so that nothing of the size of the answers is made.  Where each respondent is a psu the sums are by stratum × domain.  What
becomes of the totals is said in `spreading`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from symmetry.design.calibrated import Crossing, crossing_of
from symmetry.design.cells import Cells, cells_of
from symmetry.design.coding import adder, column_of, design_of, names_of, refuse_infinite
from symmetry.design.cubes import Cube, cubes_of
from symmetry.design.nouns import Design
from symmetry.design.variance import degrees_of_freedom
from symmetry.errors import DesignError

__all__ = ["Block", "Totals", "cube_of", "gather", "pattern"]

_BLOCK = 1 << 15
Expand = Callable[[list[np.ndarray]], list[np.ndarray]]


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums over the answers to I items, each with the rows that have all its variables.

    The first of the k columns is 1 for each answer.  cells : the unit (or stratum) × domain of each of C entries; entries
    (I, C, k') of w·column, w being what replicates multiply where there are any, without the columns asked for by domain only;
    sums (I, D, k); n (I, D) rows with a weight and an answer; shift (I, 1, v) taken from each variable first; cross
    (I, 1 or 2, q, D, k') of weight × calibration column × column, where weights were calibrated: the starting weight and, where
    each row is a psu, the heavy one (see `calibrated`); blocks : the pass over an item again;
    cubes : the cube of each item that has one, and its columns for each code (K, k).
    """

    design: Design
    cells: Cells
    entries: np.ndarray
    sums: np.ndarray
    n: np.ndarray
    shift: np.ndarray
    cross: np.ndarray | None
    blocks: Callable[[int], Iterator[Block]]
    cubes: list[tuple[Cube, np.ndarray] | None]

    @cached_property
    def held(self) -> np.ndarray:
        """Whether an entry holds answers of some weight (I, C)."""
        made = self.design.layout.replicates
        weight = self.entries[:, :, 0] if made is None else self.entries[:, :, 0] * made.full[self.cells.group]
        return np.asarray(weight != 0)

    def counts(self) -> tuple[np.ndarray, np.ndarray]:
        """Psus that hold answers (I, D), and degrees of freedom: these psus minus their strata (I, D)."""
        made = self.design.layout.replicates
        if made is not None and made.df is not None:  # supplied replicates, whose psus are not known
            return np.minimum(self.n, int(made.df) + 1), np.full(self.n.shape, made.df)
        number: dict[bytes, int] = {}
        which = np.array([number.setdefault(held.tobytes(), len(number)) for held in self.held])
        patterns = [self.held[int(np.argmax(which == k))] for k in range(len(number))]
        if self.design.element:
            strata = np.array(
                [np.bincount(self.cells.domain[held], minlength=self.cells.domains.size) for held in patterns]
            )
            return self.n, (self.n - strata[which]).astype(float)
        found = [self._counted(held) for held in patterns]
        return np.array([psus for psus, _ in found])[which], np.array([df for _, df in found])[which]

    def _counted(self, held: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Psus (D,) and degrees of freedom (D,) of the entries held (C,), counted once for these cells."""
        known, key = self.cells.counted, held.tobytes()
        if key not in known:
            cells = self.cells
            made = pattern(self.design, cells.group[held], cells.domain[held], cells.domains.size)
            known[key] = np.diff(made.indptr), degrees_of_freedom(self.design, made)
        return known[key]


@dataclass(frozen=True, eq=False)
class Block:
    """Some rows of an item: its columns without the first, 0 where unanswered; answered is None where all rows are."""

    rows: slice
    answered: np.ndarray | None
    columns: list[np.ndarray]


@dataclass(frozen=True, eq=False)
class _Item:
    """Whether no row misses a variable of an item, and what is taken from each first."""

    whole: bool
    shift: list[float]


def gather(
    design: Design,
    items: Sequence[Sequence[str | np.ndarray]],
    expand: Expand = list,
    *,
    by: Sequence[str] = (),
    centred: bool = False,
    aside: int = 0,
) -> Totals:
    """Sum weighted columns by unit of variance and domain.

    Parameters
    ----------
    items : the variables of each item, columns of the design's data or arrays (n,).  A row that misses one is out of the item's
        domain; its psu and stratum stay.
    expand : turns blocks of the variables, without missing values, into the k - 1 columns to sum.
    by : columns whose crossed values make D domains.
    centred : take a whole number near the mean from each variable first, which keeps digits.
    aside : how many of the last columns are wanted by domain only, since no variance depends on them.

    Raises
    ------
    DesignError : a column is absent, not numeric or infinite.
    """
    design, by = design_of(design), names_of(by)
    cells = cells_of(design, by)
    cubes = _cubes(design, cells, items, by)
    told = [_naming(variables, expand) for variables in items]
    known = [
        _Item(cube.whole, [cube.near if centred else 0.0]) if cube else _item(design, variables, centred=centred)
        for cube, variables in zip(cubes, items, strict=True)
    ]
    crossing, step = crossing_of(design, cells), max(_BLOCK, 4 * len(cells.group))

    def blocks(item: int) -> Iterator[Block]:
        raw = [column_of(design, variable) for variable in items[item]]
        for start in range(0, len(design.layout.weight), step):
            rows = slice(start, start + step)
            parts = [
                values[rows] - move if move else values[rows]
                for values, move in zip(raw, known[item].shift, strict=True)
            ]
            if known[item].whole:
                yield Block(rows, None, told[item](parts))
                continue
            answered = np.logical_and.reduce([np.isfinite(part) for part in parts])
            columns = told[item]([np.where(answered, part, 0.0) for part in parts])
            yield Block(rows, answered, [np.where(answered, column, 0.0) for column in columns])

    alone = sum(cube is None for cube in cubes) == 1
    adders = _adders(design, cells, step) if alone else [] if all(cubes) else list(_adders(design, cells, step))
    found = [
        _of_cube(cube, told[item], known[item].shift[0], aside)
        if cube
        else _sum(design, cells, blocks(item), adders, crossing, whole=known[item].whole, aside=aside)
        for item, cube in enumerate(cubes)
    ]
    entries = np.stack([one for one, _, _, _ in found]).swapaxes(1, 2)
    made = design.layout.replicates
    final = entries if made is None else entries * made.full[cells.group][:, None]
    return Totals(
        design=design,
        cells=cells,
        entries=entries,
        sums=np.stack(
            [np.hstack([cells.by_domain @ one, more]) for one, (_, more, _, _) in zip(final, found, strict=True)]
        ),
        n=np.stack([n for _, _, n, _ in found]),
        shift=np.array([item.shift for item in known])[:, None, :],
        cross=np.stack([cross for _, _, _, cross in found if cross is not None]) if crossing else None,
        blocks=blocks,
        cubes=[
            None if cube is None else (cube, cube.columns(told[item], known[item].shift[0]))
            for item, cube in enumerate(cubes)
        ],
    )


def cube_of(design: Design, item: str, by: Sequence[str] = ()) -> Cube | None:
    """The sums of an item by cell and code, where it is coded and the cube pays; else None."""
    by = names_of(by)
    return _cubes(design_of(design), cells_of(design, by), [[item]], by)[0]


def _cubes(
    design: Design, cells: Cells, items: Sequence[Sequence[str | np.ndarray]], by: Sequence[str]
) -> list[Cube | None]:
    """The cubes of items of one column of the design's data, where they have one."""
    names = [first if isinstance(first, str) and not others else None for first, *others in items]
    return cubes_of(design, cells, names, by, lambda name: column_of(design, name))


def _naming(variables: Sequence[str | np.ndarray], expand: Expand) -> Expand:
    """The same columns, errors naming the item they are about."""

    def named(parts: list[np.ndarray]) -> list[np.ndarray]:
        try:
            return expand(parts)
        except DesignError as error:
            (problem,) = error.problems
            name = next((variable for variable in variables if isinstance(variable, str)), "")
            raise DesignError(f"`{name}`: {problem.what}" if name else problem.what, mend=problem.mend) from error

    return named


def _of_cube(
    cube: Cube, expand: Expand, shift: float, aside: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
    """What `_sum` gives, from a cube."""
    columns = cube.columns(expand, shift)
    kept = columns.shape[1] - aside
    cross = None if cube.cross is None else cube.cross @ columns[:, :kept]
    return (cube.weight @ columns[:, :kept]).T, cube.final @ columns[:, kept:], cube.n, cross


def _item(design: Design, variables: Sequence[str | np.ndarray], *, centred: bool) -> _Item:
    """Take the variables of an item; refuse infinite values."""
    raw = [column_of(design, variable) for variable in variables]
    whole = all(np.isfinite(np.sum(values)) for values in raw)
    for variable, values in zip(variables, raw, strict=True) if not whole else ():
        refuse_infinite(values, f"column `{variable}`" if isinstance(variable, str) else "a variable")
    return _Item(whole, [_pilot(values) if centred else 0.0 for values in raw])


def _pilot(values: np.ndarray) -> float:
    """A whole number near the mean, from the first rows."""
    some = values[:4096]
    some = some[np.isfinite(some)]
    near = float(some.mean()) if len(some) else 0.0
    return float(np.round(near)) if abs(near) < 1e15 else 0.0


def _adders(design: Design, cells: Cells, step: int) -> Iterator[sparse.csc_array]:
    """For each block of rows, the sparse matrix (C + 1, rows) that sums w·column by cell."""
    weight, count = design.layout.base, len(cells.group) + 1
    starts = range(0, len(weight), step)
    return (adder(cells.cell[start : start + step], count, weight[start : start + step]) for start in starts)


def _sum(
    design: Design,
    cells: Cells,
    blocks: Iterator[Block],
    adders: Iterable[sparse.csc_array],
    crossing: Crossing | None,
    *,
    whole: bool,
    aside: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:
    """Entries (k', C), sums of the last columns (D, k - k'), answers n (D,) and cross-products (1 or 2, q, D, k')."""
    layout, count, size = design.layout, len(cells.group), cells.domains.size
    entries, more, n, cross = np.zeros((0, 0)), np.zeros((aside, size + 1)), cells.n, np.zeros((0, 0, 0))
    for block, add in zip(blocks, adders, strict=True):
        kept = len(block.columns) - aside
        if not len(entries):
            entries = np.zeros((kept + 1, count + 1))
            entries[0, :count] = cells.weight if whole else 0.0
            if crossing:
                cross = np.zeros((kept + 1, crossing.weights, crossing.places))
                cross[0] = crossing.everybody if whole else 0.0
        if block.answered is not None:
            entries[0] += add @ block.answered.astype(float)
            out = ~block.answered & (layout.weight[block.rows] != 0)
            n = n - np.bincount(cells.domains.code[block.rows][out], minlength=size + 1)[:size]
        for place, column in enumerate(block.columns[:kept], start=1):
            entries[place] += add @ column
        for place, column in enumerate(block.columns[kept:]):
            more[place] += cells.domains.add(layout.weight[block.rows] * column, block.rows)
        if crossing:
            first = [] if block.answered is None else [(0, block.answered.astype(float))]
            for place, column in (*first, *enumerate(block.columns[:kept], start=1)):
                cross[place] += crossing.add(block.rows, column)
    found = np.moveaxis(crossing.by_column(cross)[..., 0], 0, -1) if crossing else None
    return entries[:, :count], more[:, :size].T, n, found


def pattern(design: Design, unit: np.ndarray, domain: np.ndarray, size: int) -> sparse.csc_array:
    """Ones (P, D) where a psu holds answers, from the units of variance that do."""
    layout = design.layout
    psu = layout.psu_of_unit if layout.replicates is None else layout.replicates.psu
    ones = (np.ones(len(unit)), (psu[unit], domain))
    found = sparse.csc_array(sparse.coo_array(ones, shape=(len(layout.stratum), size)))
    found.data[:] = 1.0
    return found
