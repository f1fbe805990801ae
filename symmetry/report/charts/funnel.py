"""The funnel of units: gaps as measured against how surely each is measured, with the limits of what chance explains.

The limits are drawn through the units' own columns (`target` and `funnel_se`, Spiegelhalter 2005): a mark is outside the
curve if and only if its row says so.  Units outside carry a number; their names stand in a list below, so that no name is cut on
a phone or on paper.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from symmetry.report.charts import frame, marks, placing
from symmetry.report.charts.axis import Axis, axis_of, bare, factor_of
from symmetry.report.markup import Html, element
from symmetry.report.pen import Pen
from symmetry.report.rows import Row, UnitRow

__all__ = ["LIMITS", "funnel_chart", "named_outside", "weighed"]

LIMITS = {"inner": (1.959963984540054, 0.95), "outer": (3.090232306167813, 0.998)}
_STANDS = ("inside", "between", "outside")
_TICKS = 3  # standard errors under the picture, at least, where they can be round
_NAMED = 12  # units outside that are numbered in the picture
_SMALL = (290.0, 300.0)  # the plot on a phone, in pixels: labels that do not meet there meet nowhere


def weighed(rows: Sequence[UnitRow]) -> list[UnitRow]:
    """The units that have a place in the funnel."""
    return [
        row
        for row in rows
        if row.shown and None not in (row.direct, row.target) and (row.direct_se or 0) > 0 and (row.funnel_se or 0) > 0
    ]


def named_outside(rows: Sequence[UnitRow]) -> list[UnitRow]:
    """The units outside that get a number, the furthest ones if there are many; in the order of their gap."""
    outside = sorted((row for row in rows if row.funnel), key=lambda row: (-abs(_distance(row)), row.domain))
    return sorted(outside[:_NAMED], key=lambda row: (row.direct or 0.0, row.domain))


def funnel_chart(rows: Sequence[UnitRow], overall: Row, pen: Pen, *, title: str) -> Html:
    """Units as marks, two pairs of limits, and the names of those outside.

    Parameters
    ----------
    rows : the units of one pair that have a place in the funnel (`weighed`).
    overall : the same gap for the whole, for its unit.
    title : the picture in words.
    """
    ordered = sorted(rows, key=_precision)
    ends = [end for row in ordered for end in _limits(row, "outer")]
    up = axis_of([*ends, *(row.direct for row in ordered)], factor=factor_of(overall.statistic), steps=5)
    first, last = _precision(ordered[0]), _precision(ordered[-1])
    pad = 0.06 * (last - first) or 0.5 * last
    across = Axis(first - pad, last + pad, (), 0)
    named = named_outside(ordered)
    drawn = [
        _areas(ordered, across, up),
        *_scales(ordered, across, up, overall.statistic, pen),
        *(_mark(row, across, up) for row in sorted(ordered, key=lambda row: (bool(row.funnel), row.domain))),
        *_numbers(named, across, up, pen),
    ]
    picture = element("svg", element("title", title), *drawn, role="img", aria_label=title)
    unit = element("p", pen.word("funnel.gap") + ", " + pen.unit(overall.item, overall.statistic, of="gap"))
    under = element("p", pen.word("funnel.axis"), class_="across")
    return element(
        "div",
        _legend(ordered, pen),
        element("div", unit, class_="scale"),
        element("div", picture, class_="field"),
        under,
        _names(named, sum(bool(row.funnel) for row in ordered), pen),
        class_="panel funnel",
    )


def _precision(row: UnitRow) -> float:
    return 1.0 / (row.direct_se or 1.0)


def _distance(row: UnitRow) -> float:
    return ((row.direct or 0.0) - (row.target or 0.0)) / (row.funnel_se or 1.0)


def _limits(row: UnitRow, which: str) -> tuple[float, float]:
    half = LIMITS[which][0] * (row.funnel_se or 0.0)
    return (row.target or 0.0) - half, (row.target or 0.0) + half


def _areas(rows: Sequence[UnitRow], across: Axis, up: Axis) -> Html:
    """Both funnels and their middle line, stretched with the picture; at both ends they go on as they should."""

    def path(points: Sequence[tuple[float, float]]) -> str:
        return "M" + "L".join(f"{x:g} {round(100 - up.at(y), 2):g}" for x, y in points)

    def through(edges: Sequence[float], middle: Sequence[float], times: float) -> list[tuple[float, float]]:
        places = [across.at(_precision(row)) for row in rows]
        ends = [target + times * _wide(row, at) for row, target, at in _ends(rows, middle, across)]
        return [(0.0, ends[0]), *zip(places, edges, strict=True), (100.0, ends[1])]

    targets = [row.target or 0.0 for row in rows]
    parts = []
    for which in ("outer", "inner"):
        times = LIMITS[which][0]
        edges = zip(*(_limits(row, which) for row in rows), strict=True)
        low, high = (through(edge, targets, sign * times) for sign, edge in zip((-1, 1), edges, strict=True))
        parts.append(element("path", d=path([*low, *reversed(high)]) + "Z", class_=f"within {which}"))
        parts += [
            element("path", d=path(edge), class_=f"edge {which}", vector_effect="non-scaling-stroke")
            for edge in (low, high)
        ]
    parts.append(
        element("path", d=path(through(targets, targets, 0.0)), class_="strong", vector_effect="non-scaling-stroke")
    )
    box = {"viewBox": "0 0 100 100", "preserveAspectRatio": "none", "width": "100%", "height": "100%"}
    return element("svg", *parts, **box, aria_hidden="true", focusable="false")


def _ends(rows: Sequence[UnitRow], middle: Sequence[float], across: Axis) -> list[tuple[UnitRow, float, float]]:
    """The first and the last unit, each with the target beside it and the end of the axis next to it."""
    return [(rows[0], middle[0], across.low), (rows[-1], middle[-1], across.high)]


def _wide(row: UnitRow, precision: float) -> float:
    """The width of the limits a little beside a unit: its spread between units, and the standard error there."""
    between = max((row.funnel_se or 0.0) ** 2 - (row.direct_se or 0.0) ** 2, 0.0)
    return float((between + precision**-2) ** 0.5)


def _scales(rows: Sequence[UnitRow], across: Axis, up: Axis, statistic: str, pen: Pen) -> list[Html]:
    """Ticks at the left in the gap's unit, and below in its standard error."""
    drawn = []
    for tick in up.ticks:
        y = f"{100 - up.at(tick):.2f}%"
        drawn.append(element("line", x1="0", x2="100%", y1=y, y2=y, class_="grid"))
        text = pen.tick(tick, bare(statistic), up.decimals)
        drawn.append(element("text", text, x="-8", y=y, text_anchor="end", dominant_baseline="middle"))
    for error in _errors(rows, across, factor_of(statistic)):
        x = across.at(1.0 / error)
        text = pen.tick(error, bare(statistic), _decimals(error * factor_of(statistic)))
        drawn.append(element("text", text, x=f"{x}%", y="100%", dy="18", text_anchor="middle"))
        drawn.append(element("line", x1=f"{x}%", x2=f"{x}%", y1="99%", y2="101%", class_="tick"))
    return drawn


def _errors(rows: Sequence[UnitRow], across: Axis, factor: float) -> list[float]:
    """Round standard errors that stand far enough apart: of one significant digit, and halves of it where these are too few."""
    furthest = math.floor(math.log10(factor / _precision(rows[0])))
    kept: list[float] = []
    for digits in (range(9, 0, -1), [half / 2 for half in range(19, 1, -1)]):
        for error in (digit * 10.0**power / factor for power in range(furthest, furthest - 3, -1) for digit in digits):
            inside = across.low <= 1.0 / error <= across.high
            if inside and all(abs(across.at(1.0 / error) - across.at(1.0 / other)) > 14 for other in kept):
                kept.append(error)
        if len(kept) >= _TICKS:
            break
    return kept


def _decimals(value: float) -> int:
    """The fewest decimals that write a round number whole."""
    return next(places for places in range(7) if places == 6 or abs(value - round(value, places)) < 1e-9)


def _where(row: UnitRow) -> str:
    return "inside" if not row.funnel else "outside" if "99.8" in row.funnel else "between"


def _mark(row: UnitRow, across: Axis, up: Axis) -> Html:
    where = _where(row)
    x, y = across.at(_precision(row)), 100 - up.at(row.direct or 0.0)
    return element(
        "svg",
        marks.shape(where),
        x=f"{x}%",
        y=f"{y:.2f}%",
        overflow="visible",
        class_=f"dot {where}",
        aria_hidden="true",
    )


def _numbers(named: Sequence[UnitRow], across: Axis, up: Axis, pen: Pen) -> list[Html]:
    """The numbers of the named units, each at the first side where it meets neither a number nor a named mark."""
    width, height = _SMALL
    spots = [(width * across.at(_precision(row)) / 100, height * (1 - up.at(row.direct or 0.0) / 100)) for row in named]
    texts = [pen.count(place, name="named") for place in range(1, len(spots) + 1)]
    sides = placing.sides(spots, [8.0 * len(text) for text in texts], within=_SMALL)
    drawn = []
    for place, ((x, y), text) in enumerate(zip(spots, texts, strict=True)):
        dx, dy, anchor = sides[place] or placing.PLACES[place % 2]
        at = {"x": f"{100 * x / width:.2f}%", "y": f"{100 * y / height:.2f}%"}
        drawn.append(element("text", text, **at, dx=dx, dy=dy, text_anchor=anchor, class_="number"))
    return drawn


def _legend(rows: Sequence[UnitRow], pen: Pen) -> Html:
    target = pen.signed(rows[0].target or 0.0, rows[0].statistic, name="target")
    stroke = element("line", x1="0", x2="16", y1="8", y2="8", class_="strong")
    present = [where for where in _STANDS if any(_where(row) == where for row in rows)]
    entries = [(frame.swatch(marks.shape(where), where), pen.word(f"funnel.{where}")) for where in present]
    for which, (_, chance) in LIMITS.items():
        shown = pen.number(chance, "percent" if which == "inner" else "r2", name=f"limit/{which}")
        patch = element("rect", x="0", y="2", width="16", height="12", class_=f"within {which} patch")
        entries.append((frame.drawn(patch), pen.word("funnel.limit.inner", chance=shown)))
    return frame.legend([*entries, (frame.drawn(stroke), pen.word("funnel.target", target=target))])


def _names(named: Sequence[UnitRow], outside: int, pen: Pen) -> Html | None:
    """The numbered units: number, name, gap."""
    if not named:
        return None
    lines = []
    for place, row in enumerate(named, start=1):
        gap = pen.signed(row.direct or 0.0, row.statistic, name=f"{row.by}={row.domain}/direct")
        number = element("span", pen.count(place, name="named"), class_=f"number {_where(row)}")
        label = element("span", pen.domain(row.by, row.domain), class_="label")
        lines.append(element("li", number, " ", label, " ", element("span", gap, class_="figure")))
    if outside > len(named):
        lines.append(element("li", pen.word("funnel.rest", count=pen.count(outside - len(named), name="unnamed"))))
    return element("ol", *lines, class_="named", role="list")
