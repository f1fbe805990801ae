"""Unit gaps drawn towards each other, with their intervals, the gaps as measured, and the band of gaps too small to matter.

Where there are many units the picture shows both ends and folds what is between them: the shape can be seen, and nobody is
given a rank.
"""

from __future__ import annotations

from collections.abc import Sequence

from symmetry.report.charts import frame, marks
from symmetry.report.charts.axis import Axis, axis_of, bare, factor_of
from symmetry.report.markup import Html, element
from symmetry.report.pen import Pen
from symmetry.report.rows import Row, UnitRow

__all__ = ["posterior_chart"]

_ALL, _EACH_END = 16, 6  # units drawn at once, and at each end when there are more
_FOLDED = 100  # the most that are drawn between the ends; beyond, they are in the table alone
_VERDICTS = ("dissonant", "misjudged", "aligned", "accurate", "undetermined")


def posterior_chart(rows: Sequence[UnitRow], overall: Row, pen: Pen) -> Html:
    """One row per unit, sorted by its drawn gap, with a sign for its verdict.

    Parameters
    ----------
    rows : the units of one pair that have a number.
    overall : the same gap for the whole; its line runs through all rows.
    """
    ordered = sorted(rows, key=lambda row: (row.estimate or 0.0, row.domain))
    whole = len(ordered) <= _ALL
    between = [] if whole else ordered[_EACH_END:-_EACH_END]
    folded = between if len(between) <= _FOLDED else []
    drawn = ordered if whole else [*ordered[:_EACH_END], *folded, *ordered[-_EACH_END:]]
    margin = max((row.smallest or 0.0 for row in ordered), default=0.0)
    values = [value for row in drawn for value in (row.lower, row.estimate, row.upper, row.direct)]
    axis = axis_of([*values, overall.estimate, -margin, margin], factor=factor_of(overall.statistic), steps=4)
    lines = {row.domain: _line(row, overall, margin, axis, pen) for row in drawn}

    def listed(some: Sequence[UnitRow]) -> Html:
        return element("ol", *(lines[row.domain] for row in some), class_="rows", role="list")

    if whole:
        parts = [listed(ordered)]
    else:
        count = pen.count(len(between), name="between")
        rest = element(
            "details", element("summary", pen.word("units.between", count=count)), listed(folded), class_="more"
        )
        if not folded:
            rest = element("p", pen.word("units.between.table", count=count), class_="aside")
        parts = [listed(ordered[:_EACH_END]), rest, listed(ordered[-_EACH_END:])]
    unit = element("p", pen.unit(overall.item, overall.statistic, of="gap"), class_="scale")
    head = marks.axis_row(axis, pen, bare(overall.statistic), tail=pen.word("table.posterior"))
    return element("div", _tally(ordered, pen), _legend(margin, overall, pen), unit, head, *parts, class_="panel units")


def _tally(rows: Sequence[UnitRow], pen: Pen) -> Html:
    """How many units have each verdict, with the sign that their rows carry."""
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in _VERDICTS}
    entries = [
        (frame.key_mark(verdict), _counted(verdict, count, pen)) for verdict, count in counts.items() if count > 0
    ]
    return element("div", frame.legend(entries), class_="unit-verdicts")


def _counted(verdict: str, count: int, pen: Pen) -> str:
    shown = pen.count(count, name=f"count/{verdict}")
    return pen.word("units.tally", verdict=pen.word(f"verdict.{verdict}"), count=shown)


def _legend(margin: float, overall: Row, pen: Pen) -> Html:
    """Marks of the rows: the drawn gap, the gap as measured, the whole, the band of gaps too small to matter."""
    band = element("rect", x="0", y="0", width="16", height="16", class_="margin")
    stroke = element("line", x1="8", x2="8", y1="0", y2="16", class_="strong")
    return frame.legend(
        [
            (frame.swatch(marks.shape("plain"), "unit"), pen.word("units.mark")),
            (frame.swatch(marks.shape("raw"), "raw"), pen.word("units.raw")),
            (frame.drawn(stroke), pen.word("units.whole")),
            (frame.drawn(band), pen.word("units.margin", smallest=pen.smallest(margin, overall.statistic))),
        ]
    )


def _line(row: UnitRow, overall: Row, margin: float, axis: Axis, pen: Pen) -> Html:
    label, verdict = pen.domain(row.by, row.domain), row.verdict or "loose"
    estimate, interval = pen.gap(row), pen.interval(row, gap=True)
    drawn = [marks.margin(axis.at(-margin), axis.at(margin)), *marks.grid(axis, strong=overall.estimate)]
    direct = ""
    if row.direct is not None:
        direct = pen.signed(row.direct, row.statistic, name=f"{row.by}={row.domain}/direct")
        drawn.append(marks.dot(axis.at(row.direct), "raw", "raw"))
    if row.lower is not None and row.upper is not None:
        drawn.append(marks.whisker(axis.at(row.lower), axis.at(row.upper), "unit"))
    drawn.append(marks.dot(axis.at(row.estimate or 0.0), "plain", "unit"))
    word = pen.word(f"verdict.{verdict}")
    said = pen.word(
        "units.row.posterior", unit=label, estimate=estimate, interval=interval, direct=direct, verdict=word
    )
    value = element(
        "span",
        frame.key_mark(verdict),
        " ",
        element("strong", estimate),
        " ",
        element("span", interval, class_="interval"),
        class_="value",
    )
    return element("li", element("span", label, class_="name"), marks.picture(drawn, title=said), value, class_="row")
