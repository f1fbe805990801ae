"""What counts against how it is rated: one dot an audience, an arrow from one to the other, and how sure each place is.

Every item has a number in the picture and its name in the list below; where the page is wide and there is room, the name
stands beside the number.  Shapes differ, so that the audiences are told apart in black and white.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symmetry.report.charts import frame, marks, placing
from symmetry.report.charts.axis import Axis, axis_of
from symmetry.report.driver_rows import PriorityRow
from symmetry.report.markup import Html, element
from symmetry.report.pen import Pen

__all__ = ["Spot", "importance_map", "spots_of"]

_SMALL, _WIDE = (280.0, 360.0), (940.0, 460.0)  # the plot on a phone and on a desk, in pixels
_LETTER, _NAME = 8.0, 7.1  # how long a digit and a letter of a name are, in pixels
_HEAD, _ROOM = "arrow-head", 26.0  # the arrow's head, and how far apart the dots must be for it, in pixels
_SIDES: tuple[placing.Side, ...] = (  # beside the whiskers rather than on them
    *((8, -7, "start"), (-8, -7, "end"), (8, 17, "start"), (-8, 17, "end")),
    *placing.PLACES,
)


@dataclass(frozen=True)
class Spot:
    """Where one audience puts one item: estimate, lower and upper end of its weight and of its level."""

    audience: str
    weight: tuple[float | None, float | None, float | None]
    level: tuple[float | None, float | None, float | None]

    @property
    def x(self) -> float:
        """The level, from 0 to 100."""
        return self.level[0] or 0.0

    @property
    def y(self) -> float:
        """The weight, between 0 and 1."""
        return self.weight[0] or 0.0


def spots_of(row: PriorityRow) -> dict[str, Spot]:
    """Audience → where it puts the item, for each side that has both numbers."""
    found = {}
    for side, audience in (("a", row.a), ("b", row.b)):
        weight, level = row.number("importance", side), row.number("level", side)
        if audience and not row.suppressed and weight[0] is not None and level[0] is not None:
            found[audience] = Spot(audience, weight, level)
    return found


def importance_map(rows: Sequence[PriorityRow], pen: Pen, *, title: str) -> Html:
    """The map and the names of its numbers.

    Parameters
    ----------
    rows : the items that stand on the map, in the order of their numbers.
    title : the picture in words.
    """
    items = {row.item: spots_of(row) for row in rows}
    every = [spot for spots in items.values() for spot in spots.values()]
    weights = [0.0, *(end for spot in every for end in spot.weight if end is not None)]
    levels = [end for spot in every for end in spot.level if end is not None]
    up = _trimmed(axis_of(weights, factor=100.0, floor=0.0, ceiling=1.0, steps=4), weights)
    across = _trimmed(axis_of(levels, floor=0.0, ceiling=100.0, steps=4), levels)
    drawn = [
        _arrow_head(),
        *_scales(across, up, pen),
        *_means(every, across, up),
        *(line for spots in items.values() if len(spots) > 1 for line in _arrow(spots, across, up)),
        *(line for spot in every for line in _whiskers(spot, across, up)),
        *(_dot(spot, across, up) for spot in sorted(every, key=lambda spot: spot.audience != "employees")),
        *_labels(items, across, up, pen),
    ]
    picture = element("svg", element("title", title), *drawn, role="img", aria_label=title)
    numbers = [
        element(
            "li",
            element("span", pen.count(place, name="named"), class_="number"),
            " ",
            element("span", pen.item(row.item), class_="label"),
        )
        for place, row in enumerate(rows, start=1)
    ]
    outcome = pen.item(pen.view.outcome or rows[0].outcome, quoted=True)
    return element(
        "div",
        _legend(every, pen),
        element("div", element("p", pen.word("map.up", outcome=outcome)), class_="scale"),
        element("div", picture, class_="field map"),
        element("p", pen.word("map.across" if across.high - across.low > 99 else "map.across.closer"), class_="across"),
        element("ol", *numbers, class_="named", role="list"),
        class_="panel map",
    )


def _trimmed(axis: Axis, values: Sequence[float]) -> Axis:
    """The axis without the room beyond its values: a map needs it inside."""
    room = 0.05 * ((max(values) - min(values)) or 1.0)
    low, high = max(axis.low, min(values) - room), min(axis.high, max(values) + room)
    return Axis(low, high, tuple(tick for tick in axis.ticks if low <= tick <= high), axis.decimals)


def _at(spot: Spot, across: Axis, up: Axis) -> tuple[float, float]:
    """Percents from the left and from the top."""
    return across.at(spot.x), round(100 - up.at(spot.y), 2)


def _arrow_head() -> Html:
    """The head ends nine pixels before the line does, so that the dot does not cover it."""
    size = {"viewBox": "0 0 19 10", "markerUnits": "userSpaceOnUse", "markerWidth": "19", "markerHeight": "10"}
    place = {"refX": "19", "refY": "5", "orient": "auto"}
    return element("defs", element("marker", element("path", d="M0 0 10 5 0 10Z"), id=_HEAD, **size, **place))


def _scales(across: Axis, up: Axis, pen: Pen) -> list[Html]:
    drawn = []
    for tick in up.ticks:
        y = f"{100 - up.at(tick):.2f}%"
        drawn.append(element("line", x1="0", x2="100%", y1=y, y2=y, class_="grid"))
        text = pen.tick(tick, "percent", up.decimals)
        drawn.append(element("text", text, x="-8", y=y, text_anchor="end", dominant_baseline="middle"))
    for tick in across.ticks:
        x = f"{across.at(tick)}%"
        drawn.append(element("line", x1=x, x2=x, y1="0", y2="100%", class_="grid"))
        text = pen.tick(tick, "count", across.decimals)
        drawn.append(element("text", text, x=x, y="100%", dy="18", text_anchor="middle"))
    return drawn


def _means(spots: Sequence[Spot], across: Axis, up: Axis) -> list[Html]:
    """A line at the mean weight, and at each audience's mean level; none ends in a mark, which would be read as an item."""
    y = f"{100 - up.at(sum(spot.y for spot in spots) / len(spots)):.2f}%"
    drawn = [element("line", x1="0", x2="100%", y1=y, y2=y, class_="strong")]
    for audience in dict.fromkeys(spot.audience for spot in spots):
        own = [spot.x for spot in spots if spot.audience == audience]
        x = f"{across.at(sum(own) / len(own))}%"
        drawn.append(element("line", x1=x, x2=x, y1="0", y2="100%", class_=f"mean {audience}"))
    return drawn


def _arrow(spots: Mapping[str, Spot], across: Axis, up: Axis) -> list[Html]:
    """From employees to customers; where the dots are too close for a head, a line."""
    ends = sorted(spots.values(), key=lambda spot: spot.audience != "employees")
    (x1, y1), (x2, y2) = (_at(spot, across, up) for spot in ends)
    place = {"x1": f"{x1}%", "y1": f"{y1}%", "x2": f"{x2}%", "y2": f"{y2}%"}
    heads = {}
    for kind, (width, height) in (("near", _SMALL), ("far", _WIDE)):
        heads[kind] = math.hypot(width * (x2 - x1), height * (y2 - y1)) / 100 > _ROOM
    kinds = [("arrow", heads["near"])] if heads["near"] == heads["far"] else [(f"arrow {k}", heads[k]) for k in heads]
    return [
        element("line", **place, class_=kind, marker_end=f"url(#{_HEAD})" if head else None) for kind, head in kinds
    ]


def _whiskers(spot: Spot, across: Axis, up: Axis) -> list[Html]:
    x, y = (f"{place}%" for place in _at(spot, across, up))
    drawn = []
    _, low, high = spot.level
    if low is not None and high is not None:
        ends = {"x1": f"{across.at(low)}%", "x2": f"{across.at(high)}%"}
        drawn.append(element("line", **ends, y1=y, y2=y, class_=f"thin {spot.audience}"))
    _, low, high = spot.weight
    if low is not None and high is not None:
        ends = {"y1": f"{100 - up.at(low):.2f}%", "y2": f"{100 - up.at(high):.2f}%"}
        drawn.append(element("line", x1=x, x2=x, **ends, class_=f"thin {spot.audience}"))
    return drawn


def _dot(spot: Spot, across: Axis, up: Axis) -> Html:
    x, y = (f"{place}%" for place in _at(spot, across, up))
    shape = marks.shape(spot.audience if spot.audience in ("customers", "employees") else "plain")
    return element("svg", shape, x=x, y=y, overflow="visible", class_=f"dot {spot.audience}", aria_hidden="true")


def _labels(items: Mapping[str, Mapping[str, Spot]], across: Axis, up: Axis, pen: Pen) -> list[Html]:
    """The items' numbers for a narrow plot; for a wide one the names too, where they meet nothing."""
    heads = {item: spots.get("customers") or next(iter(spots.values())) for item, spots in items.items()}
    tails = [spot for item, spots in items.items() for spot in spots.values() if spot is not heads[item]]
    numbers = [pen.count(place, name="named") for place in range(1, len(heads) + 1)]
    names = [pen.item(item) for item in heads]

    def placed(size: tuple[float, float], lengths: Sequence[float]) -> list[placing.Side | None]:
        def pixels(spot: Spot) -> tuple[float, float]:
            x, y = _at(spot, across, up)
            return size[0] * x / 100, size[1] * y / 100

        spots, others = [pixels(spot) for spot in heads.values()], [pixels(spot) for spot in tails]
        return placing.sides(spots, lengths, within=size, others=others, order=_SIDES)

    short = [_LETTER * len(number) for number in numbers]
    long = [start + _NAME * (len(name) + 1) for start, name in zip(short, names, strict=True)]
    told = [side is not None for side in placed(_WIDE, long)]
    wide = placed(_WIDE, [whole if fits else start for whole, start, fits in zip(long, short, told, strict=True)])
    drawn = []
    for place, (spot, near) in enumerate(zip(heads.values(), placed(_SMALL, short), strict=True)):
        drawn.append(_label(_at(spot, across, up), near or _SIDES[place % 2], numbers[place], "near"))
        far = wide[place] or _SIDES[place % 2]
        name = names[place] if told[place] and wide[place] else ""
        drawn.append(_label(_at(spot, across, up), far, numbers[place], "far", name=name))
    return drawn


def _label(at: tuple[float, float], side: placing.Side, number: str, kind: str, *, name: str = "") -> Html:
    dx, dy, anchor = side
    parts = [element("tspan", number, class_="number"), f" {name}" if name else None]
    place = {"x": f"{at[0]}%", "y": f"{at[1]}%", "dx": dx, "dy": dy}
    return element("text", *parts, **place, text_anchor=anchor, class_=f"label {kind}")


def _legend(spots: Sequence[Spot], pen: Pen) -> Html:
    audiences = list(dict.fromkeys(spot.audience for spot in spots))
    entries = [(frame.swatch(marks.shape(key), key), pen.audience(key)) for key in audiences]
    if len(audiences) > 1:
        arrow = element("path", d="M0 8H8M7 4 15 8 7 12Z", class_="arrow")
        entries.append((frame.drawn(arrow), pen.word("map.arrow", **pen.audiences())))
    cross = element("path", d="M0 8H16M8 0V16", class_="thin customers")
    entries += [(frame.drawn(cross), pen.word("map.intervals", level=pen.confidence()))]
    stroke = element("line", x1="0", x2="16", y1="8", y2="8", class_="strong")
    entries += [(frame.drawn(stroke), pen.word("map.mean.weight"))]
    for key in audiences:
        upright = element("line", x1="8", x2="8", y1="-1", y2="17", class_=f"mean {key}")
        entries += [(frame.drawn(upright), pen.word("map.mean.level", audience=pen.audience(key, running=True)))]
    return frame.legend(entries)
