"""Units on one axis with their intervals and the line of the whole: the shape of the network, not a league table."""

from __future__ import annotations

from collections.abc import Sequence

from symmetry.report.charts import frame, marks
from symmetry.report.charts.axis import Axis, axis_of, bare, factor_of
from symmetry.report.markup import Html, element, join
from symmetry.report.pen import Pen
from symmetry.report.reasons import kinds, reason
from symmetry.report.rows import GapRow, LevelRow, Row

__all__ = ["units_chart", "unseen"]


def units_chart(rows: Sequence[GapRow] | Sequence[LevelRow], overall: Row, pen: Pen) -> Html:
    """One row per unit, sorted by its number, hidden units last.

    Parameters
    ----------
    rows : the same item and statistic in every unit.
    overall : the same number for the whole; its line runs through all rows.  A mark is full where the unit's interval
        leaves it out.
    """
    gap = isinstance(overall, GapRow)
    ordered = sorted(rows, key=lambda row: (not row.shown, row.estimate or 0.0, row.domain))
    values = [value for row in ordered if row.shown for value in (row.lower, row.estimate, row.upper)]
    axis = axis_of([*values, overall.estimate], factor=factor_of(overall.statistic), steps=4)
    lines = [_line(row, overall, axis, pen, gap=gap) for row in ordered if row.shown]
    hidden = sorted((row for row in ordered if not row.shown), key=lambda row: row.domain)
    legend = frame.legend(
        [
            (frame.swatch(marks.shape("plain"), "unit"), pen.word("units.full")),
            (frame.swatch(marks.shape("hollow"), "unit"), pen.word("units.hollow")),
        ]
    )
    unit = element("p", pen.unit(overall.item, overall.statistic, of="gap" if gap else "level"), class_="scale")
    head = marks.axis_row(axis, pen, overall.statistic if not gap else bare(overall.statistic))
    rows_ = element("ol", *lines, class_="rows", role="list")
    return element("div", legend, unit, head, rows_, _unseen(hidden, pen), class_="panel units")


def _unseen(rows: Sequence[Row], pen: Pen) -> Html | None:
    """The units without a number, a sentence each reason: their names, never their numbers."""
    if not rows:
        return None
    said: list[Html] = []
    for kind, found in kinds(rows).items():
        names = ", ".join(pen.domain(row.by, row.domain) for row in found)
        said.append(element("p", unseen(kind, found[0], names, pen), class_="aside"))
    return join(said)


def unseen(kind: str, first: Row, names: str, pen: Pen) -> str:
    """Why some units are not among the rows, and which: `kind` is what keeps their number."""
    if kind == "hidden":
        threshold = pen.count(pen.view.manifest.get("min_cell", 10), name="min_cell")
        return pen.word("units.hidden", min_cell=threshold, names=names)
    if kind == "unmeasured":
        return pen.word("units.unmeasured", names=names)
    return pen.word("units.kept", reason=reason(first, pen), names=names)


def _line(row: Row, overall: Row, axis: Axis, pen: Pen, *, gap: bool) -> Html:
    label = pen.domain(row.by, row.domain)
    name = element("span", label, class_="name")
    estimate, interval = pen.gap(row) if gap else pen.level(row), pen.interval(row, gap=gap)
    drawn = marks.grid(axis, strong=overall.estimate)
    shape = "hollow"
    if row.lower is not None and row.upper is not None and overall.estimate is not None:
        shape = "hollow" if row.lower <= overall.estimate <= row.upper else "plain"
        drawn.append(marks.whisker(axis.at(row.lower), axis.at(row.upper), "unit"))
    drawn.append(marks.dot(axis.at(row.estimate or 0.0), shape, "unit"))
    said = pen.word("units.row", unit=label, estimate=estimate, interval=interval)
    value = element(
        "span", element("strong", estimate), " ", element("span", interval, class_="interval"), class_="value"
    )
    return element("li", name, marks.picture(drawn, title=said), value, class_="row")
