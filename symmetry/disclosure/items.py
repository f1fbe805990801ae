"""One item of a release: its cells and those of earlier releases, laid over the same people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from symmetry.disclosure.cells import cells_of
from symmetry.disclosure.ledger import Entry, Ledger
from symmetry.disclosure.protecting import Rules
from symmetry.disclosure.puzzle import Puzzle, puzzle_of
from symmetry.spec import column_of

__all__ = ["Context", "Laid", "items"]

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Context:
    """What is known besides the tables: `people`, `cuts`, `scales` as in `suppress`; ledger, study, hashes of the data."""

    people: Mapping[tuple[str, str], pd.DataFrame]
    cuts: Mapping[str, Sequence[float]]
    scales: Mapping[str, tuple[float, float]]
    rules: Rules
    ledger: Ledger | None = None
    study: str = ""
    data: Mapping[tuple[str, str], str] | None = None


@dataclass(frozen=True, eq=False)
class Laid:
    """One item laid out: `key` (wave, audience, item, face); `own` (cells,) cells of the present tables, not of earlier ones.

    `told` (cells,) an earlier release shows this figure of these people; `held` (cells,) by how few people one differs;
    `missing` earlier breakdowns by variables that are not there any more: they could not be laid out.
    """

    key: Key
    puzzle: Puzzle
    own: np.ndarray
    told: np.ndarray
    held: np.ndarray
    missing: tuple[str, ...]

    def named(self, which: np.ndarray) -> list[tuple[str, ...]]:
        """Full keys of some cells."""
        return [(*self.key, *self.puzzle.cells.keys[cell]) for cell in np.flatnonzero(which)]


def items(levels: pd.DataFrame, context: Context) -> Iterator[Laid]:
    """Lay out every item, face, audience and wave of a release."""
    for key, rows in levels.groupby(["wave", "audience", "item", "face"], sort=False):
        wave, audience, item, face = (str(part) for part in key)
        yield _lay((wave, audience, item, face), rows, context)


def _lay(key: Key, rows: pd.DataFrame, context: Context) -> Laid:
    """Lay out one item with every table it stands in, now and in earlier releases."""
    wave, audience, item, face = key
    column = column_of(item, face)
    answered = context.people[wave, audience].dropna(subset=column)
    entries = context.ledger.of(context.study, *key) if context.ledger else []
    earlier = [entry for entry in entries if set(_names(entry.by)) <= set(answered)]
    own = list(dict.fromkeys(rows["by"]))
    tables = [*own, *dict.fromkeys(entry.by for entry in earlier if entry.by not in own)]
    cuts = tuple(context.cuts.get(column, ()))
    answers = answered[column].to_numpy(float)
    puzzle = puzzle_of(
        cells_of(answered, [_names(by) for by in tables]),
        answers,
        classes=np.searchsorted(cuts, answers, side="right") if cuts else None,
        weight=answered["weight"].to_numpy(float) if "weight" in answered else None,
        statistics=set(rows["statistic"]) | {name for entry in earlier for name in entry.figures},
        cuts=cuts,
        scale=context.scales.get(column),
    )
    present = np.isin(puzzle.cells.table, np.arange(len(own)))
    hash_now = (context.data or {}).get((wave, audience), "")
    told, held = _compared(puzzle, earlier, hash_now, rows, context.rules.minimum)
    missing = tuple(dict.fromkeys(entry.by for entry in entries if not set(_names(entry.by)) <= set(answered)))
    return Laid(key, puzzle, present, told, held, missing)


def _names(by: str) -> list[str]:
    """The variables crossed in a table."""
    return by.split(" × ") if by else []


def _compared(
    puzzle: Puzzle, earlier: Sequence[Entry], hash_now: str, rows: pd.DataFrame, minimum: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cells that an earlier release tells as they are now, and by how many people the others differ where that is few.

    Notes
    -----
    The same count with other figures is told too when the answers' hash is the same (only weights changed); otherwise somebody
    changed an answer or places, and all who may have done so count as one.
    """
    cells = puzzle.cells
    number = {key: cell for cell, key in enumerate(cells.keys)}
    told, held = np.zeros(len(cells.keys), bool), np.zeros(len(cells.keys), int)
    now = rows.set_index(["by", "domain", "statistic"])["estimate"].to_dict()
    for entry in earlier:
        cell = number.get((entry.by, entry.domain))
        if cell is None:
            continue
        apart = abs(int(cells.n[cell]) - entry.n)
        figures = {name: now.get((entry.by, entry.domain, name), value) for name, value in entry.figures.items()}
        alike = all(abs(figures[name] - value) <= 1e-9 * max(1.0, abs(value)) for name, value in entry.figures.items())
        if apart == 0 and (alike or (hash_now and hash_now == entry.data)):
            told[cell] = True
        else:
            held[cell] = max(held[cell], apart, 1) if apart < minimum else held[cell]
    return told, np.where(told, 0, held)
