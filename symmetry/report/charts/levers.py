"""What goes with the outcome: each driver's part of its differences, audience beside audience on one axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symmetry.report.charts import marks
from symmetry.report.charts.axis import Axis, axis_of
from symmetry.report.markup import Html, element
from symmetry.report.pen import Pen
from symmetry.report.reasons import reason
from symmetry.report.rows import DriverRow

__all__ = ["levers_chart"]

_FIRST, _MOST = 8, 10  # bars at first sight, when there are more than `_MOST`


def levers_chart(panels: Mapping[str, Sequence[DriverRow]], pen: Pen) -> Html:
    """Bars with intervals, one panel per audience, the same axis in all.

    Parameters
    ----------
    panels : audience → its `lmg` rows.
    """
    values = [value for rows in panels.values() for row in rows if row.shown for value in (row.estimate, row.upper)]
    axis = axis_of([0.0, *values], factor=100.0, floor=0.0, ceiling=1.0, steps=2)
    furthest = 1.03 * max((value for value in values if value is not None), default=1.0)
    axis = Axis(0.0, furthest, tuple(tick for tick in axis.ticks if tick <= furthest), axis.decimals)
    return element(
        "div", *(_panel(audience, rows, axis, pen) for audience, rows in panels.items()), class_="pair-of-panels"
    )


def _panel(audience: str, rows: Sequence[DriverRow], axis: Axis, pen: Pen) -> Html:
    ordered = sorted(rows, key=lambda row: (not row.shown, row.rank or 0.0, row.item))
    r2 = next((row.r2 for row in ordered if row.r2 is not None), None)
    together = pen.number(r2, "r2", name=f"{audience}/r2") if r2 is not None else ""
    n = next((row.n for row in ordered if row.n is not None), None)
    title = element("h3", pen.word("levers.panel", audience=pen.audience(audience), r2=together))
    counted = element("p", pen.n(n), class_="scale") if n is not None else None
    lines = [_line(row, audience, axis, pen) for row in ordered]
    head = marks.axis_row(axis, pen, "lmg")
    cut = _FIRST if len(lines) > _MOST else len(lines)
    first = element("ol", *lines[:cut], class_="rows", role="list")
    rest = None
    if lines[cut:]:
        summary = element("summary", pen.word("levers.rest", count=pen.count(len(lines) - cut, name="count")))
        rest = element("details", summary, element("ol", *lines[cut:], class_="rows", role="list"))
    return element("div", title, counted, head, first, rest, class_="panel narrow")


def _line(row: DriverRow, audience: str, axis: Axis, pen: Pen) -> Html:
    name = element("span", pen.item(row.item), class_="name")
    if row.estimate is None or row.lower is None or row.upper is None:
        return element("li", name, element("span", reason(row, pen), class_="plot hidden"), class_="row")
    estimate, interval = pen.number(row.estimate, "lmg", name=f"{audience}/{row.item}/lmg"), pen.interval(row)
    drawn = [
        *marks.grid(axis),
        marks.bar(axis.at(row.estimate), audience),
        marks.whisker(axis.at(row.lower), axis.at(row.upper), audience),
    ]
    said = pen.word("levers.row", item=pen.item(row.item), estimate=estimate, interval=interval)
    value = element(
        "span", element("strong", estimate), " ", element("span", interval, class_="interval"), class_="value"
    )
    return element("li", name, marks.picture(drawn, title=said), value, class_="row")
