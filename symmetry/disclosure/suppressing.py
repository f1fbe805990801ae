"""What may be shown of a release: small cells, their companions, and whatever else would follow from the rest.

Primary: fewer answers than the minimum, or every answer of one class (all favourable, all detractors, all the same).
Companions: while published cells, now or in earlier releases, come too close to a hidden one, a cell more is hidden.
Figures that a publisher already made public are noted, not hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from symmetry.disclosure.cells import cells_of
from symmetry.disclosure.items import Context, items
from symmetry.disclosure.ledger import Ledger
from symmetry.disclosure.protecting import Rules, protect
from symmetry.disclosure.puzzle import puzzle_of
from symmetry.disclosure.tables import FLOOR, blank, follow, noted
from symmetry.errors import DisclosureError

__all__ = ["HELD_BACK", "hidden_cells", "rules_of", "suppress"]

HELD_BACK = "held back: with an earlier release it would tell of a few people"


def suppress(
    tables: Mapping[str, pd.DataFrame],
    *,
    people: Mapping[tuple[str, str], pd.DataFrame],
    cuts: Mapping[str, Sequence[float]],
    minimum: int = 10,
    published: bool = False,
    scales: Mapping[str, tuple[float, float]] | None = None,
    width: float = 0.2,
    digits: int | None = None,
    ledger: Ledger | None = None,
    study: str = "",
    data: Mapping[tuple[str, str], str] | None = None,
) -> dict[str, pd.DataFrame]:
    """Hide in all tables of a release what may not be shown.

    Parameters
    ----------
    tables : name → table in the house's columns: `levels` (with `audience`, `face`, `wave`) and any of `gaps`, `units`,
        `effects`, `ranks` (with `a`, `b`, `wave`), `drivers`, `penalties`, `whatif`, `priorities`, `agreement`, `partition`;
        of another name, rows of few answers go.
    people : (wave, audience) → scored answers with the domain columns, one row a person who counts, `weight` if they differ.
    cuts : column → the lowest codes of its published classes (4 for the favourable of five points; 7 and 9 for NPS): a cell where
        all answers are of one class is hidden too.
    minimum : fewest answers a shown cell may have, at least 5.
    published : the figures are already public and respondents are unknown: note small cells, hide nothing.
    scales : column → ends of its scale; by default the ends of the answers given, which leaves an attacker less room.
    width : the share of the scale that must stay open for the mean of a small group.
    digits : decimals to which means and shares are published; None: to the last.
    ledger, study, data : earlier releases; the study they are of; (wave, audience) → hash of the frozen answers.

    Returns
    -------
    The same tables; a hidden row keeps its keys, has no number, `suppressed` true and a note that gives the rule.

    Raises
    ------
    DisclosureError : the minimum is below 5, or `width` is not a share.
    """
    rules = rules_of(minimum, width, digits)
    if published:
        small = f"fewer than {minimum} units; shown because these figures are already public"
        return {name: noted(table, minimum, small) for name, table in tables.items()}
    small = f"fewer than {minimum} answers, or hidden to protect a group that small"
    context = Context(people, cuts, scales or {}, rules, ledger, study, data)
    levels = tables["levels"]
    shown: set[tuple[str, ...]] = set()
    back: set[tuple[str, ...]] = set()
    for one in items(levels, context):
        found = protect(one.puzzle, rules, told=one.told, held=one.held, absent=~one.own)
        shown.update(one.named(one.own & ~found.hidden))
        back.update(one.named(one.own & found.hidden & (one.held > 0)))
    keys = levels[["wave", "audience", "item", "face", "by", "domain"]].itertuples(index=False, name=None)
    levels = blank(levels, np.array([key not in shown for key in keys], bool), small)
    others = {name: follow(name, table, levels, minimum, small) for name, table in tables.items() if name != "levels"}
    every = {name: levels if name == "levels" else others[name] for name in tables}
    return {name: _told(table, back) for name, table in every.items()} if back else every


def _told(table: pd.DataFrame, back: set[tuple[str, ...]]) -> pd.DataFrame:
    """Say which hidden rows are held back because of an earlier release: those of an item and domain of which a level is."""
    if table.empty:
        return table
    places = {(wave, item, by, domain) for wave, _, item, _, by, domain in back}
    everywhere = pd.Series("", index=table.index)
    by, domain = (table.get(name, everywhere) for name in ("by", "domain"))
    here = np.array([place in places for place in zip(table["wave"], table["item"], by, domain, strict=True)])
    return table.assign(note=table["note"].mask(table["suppressed"].astype(bool) & here, HELD_BACK))


def rules_of(minimum: int, width: float = 0.2, digits: int | None = None) -> Rules:
    """The rules of protection, refused where they would protect nobody.

    Raises
    ------
    DisclosureError : the minimum is below 5, or `width` is not a share.
    """
    if minimum < FLOOR:
        raise DisclosureError(f"cells of {minimum} people may not be shown", mend=f"the minimum is {FLOOR} or more")
    if not 0.0 < width <= 1.0:
        raise DisclosureError(f"a width of {width} is no share of a scale", mend="give one between 0 and 1")
    return Rules(minimum, width, digits)


def hidden_cells(
    people: pd.DataFrame, tables: list[list[str]], *, answers: Sequence[object] | np.ndarray, minimum: int = 10
) -> set[tuple[str, str]]:
    """Choose the cells (by, domain) to hide in all tables of one item.

    Parameters
    ----------
    people : those who answered the item, with the domain variables.
    tables : the variables crossed in each table.
    answers : of each person, or the class of the answer: a cell where they are all the same is hidden.

    Examples
    --------
    >>> people = pd.DataFrame({"region": ["n"] * 20 + ["s"] * 12 + ["w"] * 3})
    >>> sorted(hidden_cells(people, [[], ["region"]], answers=[1, 2, 3, 4, 5] * 7, minimum=10))
    [('region', 's'), ('region', 'w')]
    """
    cells = cells_of(people, tables)
    found = protect(puzzle_of(cells, answers), rules_of(minimum))
    return {key for key, gone in zip(cells.keys, found.hidden, strict=True) if gone}
