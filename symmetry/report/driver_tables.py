"""Tables of what goes with the outcome: the map's numbers, the order's sureness, penalties and rewards, moves of one box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symmetry.report.charts.frame import table, why
from symmetry.report.charts.penalties import KINDS, fineness
from symmetry.report.driver_rows import PenaltyRow, PriorityRow, WhatIfRow
from symmetry.report.markup import Html
from symmetry.report.pen import Pen
from symmetry.report.rows import DriverRow

__all__ = ["map_table", "penalties_table", "priorities_table", "standing_table", "whatif_table"]


def map_table(rows: Sequence[PriorityRow], pen: Pen) -> Html:
    """Weight and level of each item on either side, with their intervals."""
    sides = [(side, key) for side, key in (("a", rows[0].a), ("b", rows[0].b)) if key]
    heads = [pen.word("table.item")]
    for _, key in sides:
        heads += [pen.word(f"map.{name}", audience=pen.audience(key)) for name in ("weight", "level")]
    body = [[pen.item(row.item), *(cell for side, _ in sides for cell in _side(row, side, pen))] for row in rows]
    return table(heads, body, name=pen.word("map.title"))


def priorities_table(rows: Sequence[PriorityRow], pen: Pen) -> Html:
    """The difference of weights of each item, its interval where there is one, and its probability corrected over all items."""
    keys = ["difference", *(["interval"] if any(row.lower is not None for row in rows) else []), "p"]
    heads = [pen.word("table.item"), pen.audience(rows[0].a), pen.audience(rows[0].b)]
    heads += [pen.word(f"priorities.head.{key}") for key in keys]
    body = [_difference(row, keys, pen) for row in rows]
    return table(heads, body, name=pen.word("priorities.head.difference"))


def standing_table(panels: Mapping[str, Sequence[DriverRow]], pen: Pen) -> Html:
    """Where each item's rank may lie, the group it cannot be ordered in, and whether it is told from chance."""
    keys = ("rank", "ranks", "top3", "tier", "present", "p", "vif")
    heads = [pen.word("table.item"), *(pen.word(f"standing.{key}") for key in keys)]
    body: list[list[str]] = []
    for audience, rows in panels.items():
        body.append([pen.audience(audience)])
        body += [[pen.item(row.item), *_standing(row, pen)] for row in rows]
    return table(heads, body, name=pen.word("standing.title"))


def penalties_table(rows: Sequence[PenaltyRow], pen: Pen) -> Html:
    """What it says of the item, penalty, reward, their difference, the asymmetry, and how many answered low and high."""
    asymmetry = ["asymmetry"] if any(row.shown and row.asymmetry_lower is not None for row in rows) else []
    keys = ["kind", "counts", "penalty", "reward", "difference", *asymmetry]
    heads = [pen.word("table.item"), *(pen.word(f"penalties.head.{key}") for key in keys)]
    kind = fineness([end for row in rows for end in (row.penalty, row.penalty_lower, row.reward, row.reward_upper)])
    body = [[pen.item(row.item), *_penalty(row, keys, kind, pen)] for row in rows]
    return table(heads, body, name=pen.word("penalties.title"), stacked=True)


def whatif_table(items: Mapping[str, Mapping[str, WhatIfRow]], pen: Pen) -> Html:
    """Both ends of what a move of one box goes with, each with its interval, and who cannot move."""
    heads = [pen.word("table.item"), *(pen.word(f"whatif.head.{key}") for key in ("direct", "total", "top", "n"))]
    every = [end for found in items.values() for row in found.values() for end in (row.estimate, row.lower, row.upper)]
    kind = fineness(every)
    body = []
    for item, found in items.items():
        cells = [_move(found.get(key), kind, pen) for key in ("direct", "total")]
        first = next(iter(found.values()))
        named = f"{first.audience}/{item}"
        top = pen.number(first.top, "percent", name=f"{named}/top") if first.top is not None else ""
        body.append([pen.item(item), *cells, top, pen.count(first.n, name=f"{named}/n") if first.n is not None else ""])
    return table(heads, body, name=pen.word("whatif.title"), stacked=True)


def _side(row: PriorityRow, side: str, pen: Pen) -> list[str]:
    cells = []
    for name, kind in (("importance", "percent"), ("level", "count")):
        value, low, high = row.number(name, side)
        cells.append(_within(value, low, high, kind, f"{row.item}/{name}/{side}", pen) or pen.word("unmeasured"))
    return cells


def _difference(row: PriorityRow, keys: Sequence[str], pen: Pen) -> list[str]:
    if not row.shown:
        return [pen.item(row.item), "", "", why(row, pen), *[""] * (len(keys) - 1)]
    named = f"{row.item}/{row.statistic}"
    weights = [
        _within(*row.number("importance", side), "percent", f"{named}/{side}", pen) or pen.word("unmeasured")
        for side in ("a", "b")
    ]
    cells = {
        "difference": pen.number(row.estimate or 0.0, "points", name=named, signed=True),
        "interval": pen.between(row.lower, row.upper, "points", name=named, signed=True),
        "p": pen.p(row.p, name=f"{named}/p") if row.p is not None else "",
    }
    return [pen.item(row.item), *weights, *(cells[key] for key in keys)]


def _standing(row: DriverRow, pen: Pen) -> list[str]:
    if not row.shown:
        return [why(row, pen), *[""] * 6]
    named = f"{row.audience}/{row.item}"
    told = ""
    if row.present:
        told = pen.word("standing.no" if row.noise else "levers.borrowed" if row.borrowed else "standing.yes")

    def number(value: float | None, kind: str, name: str) -> str:
        return pen.number(value, kind, name=f"{named}/{name}") if value is not None else ""

    return [
        number(row.rank, "ranks", "rank"),
        pen.between(row.rank_lower, row.rank_upper, "ranks", name=f"{named}/rank"),
        pen.chance(row.top3, name=f"{named}/top3") if row.top3 is not None else "",
        number(row.tier, "count", "tier"),
        told,
        pen.p(row.p_slope, name=f"{named}/p_slope") if row.p_slope is not None else "",
        number(row.vif, "tenths", "vif"),
    ]


def _penalty(row: PenaltyRow, keys: Sequence[str], kind: str, pen: Pen) -> list[str]:
    if not row.shown:
        return [why(row, pen), *[""] * (len(keys) - 1)]
    named = f"{row.audience}/{row.item}"
    cells = {"kind": pen.word(f"penalties.kind.{row.kind if row.kind in KINDS else 'undetermined'}"), "counts": ""}
    if row.n_low is not None and row.n_high is not None:
        counts = {key: pen.count(n, name=f"{named}/n_{key}") for key, n in (("low", row.n_low), ("high", row.n_high))}
        cells["counts"] = pen.word("penalties.counts", **counts)
    for name, value, low, high in (
        ("penalty", row.penalty, row.penalty_lower, row.penalty_upper),
        ("reward", row.reward, row.reward_lower, row.reward_upper),
        ("difference", row.estimate, row.lower, row.upper),
    ):
        cells[name] = _within(value, low, high, kind, f"{named}/{name}", pen, signed=True) or pen.word("penalties.none")
    cells["asymmetry"] = _asymmetry(row, named, pen)
    return [cells[key] for key in keys]


def _asymmetry(row: PenaltyRow, named: str, pen: Pen) -> str:
    """The asymmetry with its interval; a word where the interval is all there can be, so that nothing is known of it."""
    low, high = row.asymmetry_lower, row.asymmetry_upper
    if row.asymmetry is None or low is None or high is None:
        return ""
    if low <= -1.0 and high >= 1.0:
        return pen.word("penalties.none")
    return _within(row.asymmetry, low, high, "plain", f"{named}/asymmetry", pen, signed=True)


def _move(row: WhatIfRow | None, kind: str, pen: Pen) -> str:
    if row is None:
        return ""
    if not row.shown:
        return why(row, pen)
    named = f"{row.audience}/{row.item}/{row.statistic}"
    return _within(row.estimate, row.lower, row.upper, kind, named, pen, signed=True)


def _within(
    value: float | None, low: float | None, high: float | None, kind: str, name: str, pen: Pen, *, signed: bool = False
) -> str:
    """A number with its interval in brackets; nothing where it is not told."""
    if value is None:
        return ""
    shown = pen.number(value, kind, name=name, signed=signed)
    interval = pen.between(low, high, kind, name=name, signed=signed)
    return pen.word("table.within", value=shown, interval=interval) if interval else shown
