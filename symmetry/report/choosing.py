"""Which three findings open the report: a published rule, never a hand.

Two audiences:

1. *strength*: of the literal pairs aligned on a strength, the one whose customers' level is highest; if there is none, the
   highest level of the customers.
2. *gap*: of all dissonant pairs, the widest in multiples of its smallest gap of interest, so that the worst significant
   result always opens the page; if there is none, the widest misjudged one (a wrong guess is not a dissonance of
   experience, so it comes after); then the lowest shared weakness; then the count of verdicts.
3. *lever*: the item most tied to the customers' outcome (the employees', if the customers' is hidden or not told from
   chance); if no driver can be shown, the lowest level.  It is "close" where the results cannot put it before the next one.

One audience: the highest level, the lowest level, the lever.  Levels are compared among items of the statistic and the very
scale (its key, not its range) that most items share, the outcome apart; ties go to the first key in alphabetical order.  Where
the interval of the first (or last) meets that of the next, the finding is "close" and names both.  The rule is printed
under "How we did this".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from symmetry.report.results_view import View
from symmetry.report.rows import DriverRow, GapRow, LevelRow, UnitRow

__all__ = ["Finding", "choose", "comparable_levels", "followed_pair", "leading_pair"]


@dataclass(frozen=True)
class Finding:
    """One finding: its slot, how it was reached, and the rows its sentence reads."""

    slot: str
    kind: str
    gap: GapRow | None = None
    level: LevelRow | None = None
    driver: DriverRow | None = None
    levels: tuple[LevelRow, ...] = ()
    drivers: tuple[DriverRow, ...] = ()
    pairs: tuple[GapRow, ...] = field(default=(), repr=False)


def choose(view: View) -> list[Finding]:
    """The three findings of a results folder, in the order they are printed.

    Parameters
    ----------
    view : results as read.

    Returns
    -------
    Three findings (fewer only if the results hold almost nothing to show).
    """
    levels = tuple(comparable_levels(view))
    found = [_strength(view, levels)]
    found.append(_reading(view) if view.mirrored else _lowest(levels))
    found.append(_lever(view) or (_lowest(levels) if view.mirrored else None))
    return [finding for finding in found if finding is not None]


def comparable_levels(view: View, audience: str = "customers") -> list[LevelRow]:
    """Overall levels of an audience on the statistic and the very scale most of its items share, the highest first."""
    rows = [row for row in view.main_levels(audience) if row.shown and row.item != view.outcome]
    kinds: dict[tuple[object, ...], list[LevelRow]] = {}
    for row in rows:
        kinds.setdefault((row.statistic, view.scale(row.item).get("key")), []).append(row)
    largest = max(kinds.values(), key=len, default=[])
    return sorted(largest, key=lambda row: (-(row.estimate or 0.0), row.item))


def leading_pair(view: View) -> GapRow | None:
    """The dissonant pair (else the misjudged one) that is widest in multiples of its smallest gap of interest."""
    pairs = [row for row in view.pairs() if row.shown]
    judged = [row for row in pairs if row.verdict == "dissonant"] or [
        row for row in pairs if row.verdict == "misjudged"
    ]
    return min(judged, key=_width, default=None)


def followed_pair(view: View) -> tuple[GapRow | None, list[UnitRow]]:
    """The pair whose units were read together: the leading one, else the widest of those judged; with all its units.

    None and no unit where the results tell of no unit.
    """
    kept: dict[tuple[str, str, str, str], list[UnitRow]] = {}
    for row in view.units:
        if row.by == view.unit and row.wave in ("", view.wave):
            kept.setdefault((row.item, row.b, row.statistic, row.reading), []).append(row)
    lead = leading_pair(view)
    judged = sorted((row for row in view.pairs() if row.shown and row.verdict), key=_width)
    for pair in (lead, *judged):
        if pair is not None:
            found = kept.get((pair.item, pair.b, pair.statistic, pair.reading), [])
            if any(row.shown and row.own is not None for row in found):
                return pair, found
    return None, []


def _width(row: GapRow) -> tuple[float, str, str]:
    """Widest first, in multiples of the smallest gap of interest."""
    return (-abs(row.estimate or 0.0) / (row.smallest or 1.0), row.item, row.b)


def _strength(view: View, levels: tuple[LevelRow, ...]) -> Finding | None:
    known = {row.item: row for row in levels}
    shared = [row for row in _aligned(view, "strength") if row.item in known]
    if shared:
        best = min(shared, key=lambda row: (-(known[row.item].estimate or 0.0), row.item, row.b))
        return Finding("strength", "shared", gap=best, level=known[best.item])
    return Finding("strength", _alone(levels), level=levels[0], levels=levels) if levels else None


def _reading(view: View) -> Finding | None:
    widest = leading_pair(view)
    if widest is not None:
        return Finding("gap", widest.mirror or "literal", gap=widest, level=_customers(view, widest))
    weak = [(row, level) for row in _aligned(view, "weakness") if (level := _customers(view, row)) is not None]
    if weak:
        row, level = min(weak, key=lambda both: (both[1].estimate or 0.0, both[0].item, both[0].b))
        return Finding("weakness", "shared", gap=row, level=level)
    pairs = tuple(row for row in view.pairs() if row.shown and row.verdict)
    return Finding("reading", "none", pairs=pairs) if pairs else None


def _lowest(levels: tuple[LevelRow, ...]) -> Finding | None:
    return Finding("weakness", _alone(levels[::-1]), level=levels[-1], levels=levels) if len(levels) > 1 else None


def _alone(levels: tuple[LevelRow, ...]) -> str:
    """Whether the first of some levels stands apart from the next, or close to it: their intervals meet."""
    ends = [(row.lower, row.upper) for row in levels[:2] if row.lower is not None and row.upper is not None]
    close = len(ends) == 2 and ends[0][0] <= ends[1][1] and ends[1][0] <= ends[0][1]
    return "close" if close else "alone"


def _lever(view: View) -> Finding | None:
    ranked = {audience: tuple(_ranked(view, audience)) for audience in ("customers", "employees")}
    audience = next((key for key, rows in ranked.items() if rows and _own(rows[0])), None)
    if audience is None:
        return None
    rows = ranked[audience]
    close = len(rows) > 1 and rows[0].lower is not None and (rows[1].estimate or 0.0) >= rows[0].lower
    if len(rows) > 1 and rows[0].tier is not None:
        close = rows[1].tier == rows[0].tier
    other = [row for row in ranked["employees"][:1] if audience == "customers" and _own(row)]
    return Finding("lever", "close" if close else "clear", driver=rows[0], drivers=(*rows, *other))


def _own(row: DriverRow) -> bool:
    """Whether a driver's part is told from noise, and is its own."""
    return not (row.noise or row.borrowed)


def _ranked(view: View, audience: str) -> Iterable[DriverRow]:
    rows = [
        row for row in view.drivers if row.audience == audience and row.statistic == "lmg" and row.shown and not row.by
    ]
    return sorted((row for row in rows if row.wave in ("", view.wave)), key=lambda row: (row.rank or 0.0, row.item))


def _aligned(view: View, quadrant: str) -> list[GapRow]:
    """Pairs asked word for word of both and read alike; a parallel pair is aligned only beyond the general difference."""
    aligned = [row for row in view.pairs() if row.shown and row.mirror == "literal" and row.verdict == "aligned"]
    return [row for row in aligned if row.quadrant == quadrant]


def _customers(view: View, row: GapRow) -> LevelRow | None:
    found = view.find_level(row.item, row.a or "customer", row.statistic)
    return found if found is not None and found.shown else None
