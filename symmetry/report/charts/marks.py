"""Marks on one row: dots of several shapes, bands, bars, lines.  Positions are percents of the width; sizes are pixels."""

from __future__ import annotations

from collections.abc import Iterable

from symmetry.report.charts.axis import Axis
from symmetry.report.markup import Html, element
from symmetry.report.pen import Pen

__all__ = ["axis_row", "band", "bar", "dot", "grid", "link", "margin", "picture", "shape", "whisker"]

_SHAPES = {
    "customers": element("circle", r="6"),
    "employees": element("path", d="M-7 0 0-7 7 0 0 7Z"),
    "plain": element("circle", r="5.5"),
    "hollow": element("circle", r="4.75", class_="hollow"),
    "raw": element("circle", r="3.5"),
    "inside": element("circle", r="4.5"),
    "between": element("circle", r="5.5"),
    "outside": element("path", d="M-7.5 0 0-7.5 7.5 0 0 7.5Z"),
}


def shape(name: str) -> Html:
    """The bare outline of a mark, for a legend."""
    return _SHAPES[name]


def dot(x: float, shape: str, tone: str) -> Html:
    """A mark in the middle of the row."""
    return element("svg", _SHAPES[shape], x=f"{x}%", y="50%", overflow="visible", class_=f"dot {tone}")


def band(low: float, high: float, tone: str, *, height: int = 14) -> Html:
    """A pale interval behind a mark."""
    return _box(low, high, f"band {tone}", height)


def bar(high: float, tone: str, *, low: float = 0.0, height: int = 14) -> Html:
    """A bar from the left end of the axis."""
    return _box(low, high, f"bar {tone}", height)


def margin(low: float, high: float) -> Html:
    """A pale ground over the whole height of the row, from row to row without a gap."""
    return element(
        "rect", x=f"{low}%", width=f"{round(max(high - low, 0.2), 2)}%", y="0", height="100%", class_="margin"
    )


def link(low: float, high: float) -> Html:
    """The line between two marks of one row."""
    return _line(low, high, "link")


def whisker(low: float, high: float, tone: str) -> Html:
    """A thin interval through a mark."""
    return _line(low, high, f"whisker {tone}")


def grid(axis: Axis, *, strong: float | None = None) -> list[Html]:
    """Vertical lines at the ticks, over the whole height of the row, and one strong line."""
    lines = [
        element("line", x1=f"{x}%", x2=f"{x}%", y1="0", y2="100%", class_="grid") for x in map(axis.at, axis.ticks)
    ]
    if strong is not None:
        x = axis.at(strong)
        lines.append(element("line", x1=f"{x}%", x2=f"{x}%", y1="0", y2="100%", class_="strong"))
    return lines


def picture(marks: Iterable[Html], *, title: str = "") -> Html:
    """The SVG of one row; without a title it is decoration that a screen reader passes over."""
    if not title:
        return element("span", element("svg", *marks, aria_hidden="true", focusable="false"), class_="plot")
    return element("span", element("svg", element("title", title), *marks, role="img", aria_label=title), class_="plot")


def axis_row(axis: Axis, pen: Pen, kind: str, *, head: str = "", tail: str = "") -> Html:
    """The row that carries the ticks, each centred on its line: the page leaves half a label of room on both sides."""
    middle = {"y": "50%", "dominant_baseline": "middle", "text_anchor": "middle"}
    texts = [
        element(
            "text",
            pen.tick(tick, kind, axis.decimals),
            x=f"{axis.at(tick)}%",
            **middle,
            class_="between" if place % 2 and len(axis.ticks) > 3 else None,
        )
        for place, tick in enumerate(axis.ticks)
    ]
    cells = (element("span", head, class_="name"), picture(texts), element("span", tail, class_="value"))
    return element("div", *cells, class_="row axis", aria_hidden="true")


def _box(low: float, high: float, tone: str, height: int) -> Html:
    x, width = f"{low}%", f"{round(max(high - low, 0.2), 2)}%"
    shift = f"translate(0,{-height // 2})"
    return element("rect", x=x, width=width, y="50%", height=height, transform=shift, class_=tone)


def _line(low: float, high: float, tone: str) -> Html:
    return element("line", x1=f"{low}%", x2=f"{high}%", y1="50%", y2="50%", class_=tone)
