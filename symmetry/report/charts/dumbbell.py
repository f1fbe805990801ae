"""Both audiences on one line, item by item; and one audience alone, where nothing is mirrored."""

from __future__ import annotations

from collections.abc import Sequence

from symmetry.report.charts import frame, marks
from symmetry.report.charts.axis import Axis, axis_of, factor_of
from symmetry.report.charts.strip import standing, verdict_word
from symmetry.report.markup import Html, element
from symmetry.report.pen import Pen
from symmetry.report.reasons import reason
from symmetry.report.rows import GapRow, LevelRow, Row

__all__ = ["levels_chart", "pairs_chart"]

_ENDS = {"favourable": (0.0, 1.0), "top_box": (0.0, 1.0), "score": (0.0, 100.0), "nps": (-100.0, 100.0)}
_FIRST, _MOST = 8, 12  # pairs of a group at first sight, when it has more than `_MOST`


def pairs_chart(groups: Sequence[Sequence[GapRow]], pen: Pen, *, title: str) -> Html:
    """Mirrored pairs of one kind under one title, one axis per group, the widest gap of a group first.

    Parameters
    ----------
    groups : pairs of one mirror type and employee face, a group for each statistic and scale; hidden ones keep their name and
        say why they are empty.
    title : what the pairs have in common.
    """
    face = pen.face(groups[0][0].b)
    legend = frame.legend(
        [
            (frame.swatch(marks.shape("customers"), "customers"), pen.audience("customers")),
            (frame.swatch(marks.shape("employees"), "employees"), face),
        ]
    )
    parts = [part for rows in groups for part in _group(rows, pen, face)]
    return element("div", element("h3", title), legend, *parts, class_="panel")


def levels_chart(rows: Sequence[LevelRow], pen: Pen) -> Html:
    """Levels of one audience with their intervals, the most favourable first."""
    ordered = sorted(rows, key=lambda row: (not row.shown, -(row.estimate or 0.0), row.item))
    axis = _axis([row for row in ordered if row.shown], rows[0], pen)
    lines = [_single(row, axis, pen) for row in ordered]
    head = marks.axis_row(axis, pen, rows[0].statistic, tail=pen.word("table.level"))
    unit = element("p", _scale(rows[0], axis, pen), class_="scale")
    return element("div", unit, head, element("ol", *lines, class_="rows", role="list"), class_="panel")


def _group(rows: Sequence[GapRow], pen: Pen, face: str) -> list[Html | None]:
    """Pairs on one axis: what it counts, the general difference that relative gaps are counted beyond, and the rows."""
    ordered = sorted(rows, key=lambda row: (not row.shown, -abs(row.estimate or 0.0), row.item))
    ends = {row.item: (_level(row, row.a or "customer", pen), _level(row, row.b, pen)) for row in ordered}
    axis = _axis([level for row in ordered if row.shown for level in ends[row.item] if level is not None], rows[0], pen)
    lines = [_pair(row, *ends[row.item], axis, pen, face) for row in ordered]
    cut = len(lines)
    if cut > _MOST:
        cut = max(_FIRST, sum(row.verdict in ("dissonant", "misjudged") for row in ordered))
    relative = next((row for row in ordered if row.general is not None), None)
    said = pen.word("pairs.general", general=pen.general(relative)) if relative else ""
    return [
        element("p", said, class_="means") if said else None,
        element("p", _scale(rows[0], axis, pen), class_="scale"),
        marks.axis_row(axis, pen, rows[0].statistic, tail=_tail(ordered, pen)),
        element("ol", *lines[:cut], class_="rows", role="list"),
        _rest(lines[cut:], pen),
    ]


def _rest(lines: Sequence[Html], pen: Pen) -> Html | None:
    """The narrowest gaps of a long group, folded; their verdicts are on the strip."""
    if not lines:
        return None
    summary = element("summary", pen.word("pairs.rest", count=pen.count(len(lines), name="rest")))
    return element("details", summary, element("ol", *lines, class_="rows", role="list"), class_="more")


def _tail(rows: Sequence[GapRow], pen: Pen) -> str:
    """The head over the gaps of a group; a group of loose pairs has none."""
    if all(row.estimate is None for row in rows):
        return ""
    return pen.word("pairs.gap.relative" if any(row.general is not None for row in rows) else "pairs.gap")


def _level(row: GapRow, face: str, pen: Pen) -> LevelRow | None:
    found = pen.view.find_level(row.item, face, row.statistic, by=row.by, domain=row.domain)
    return found if found is not None and found.shown else None


def _axis(shown: Sequence[Row], first: Row, pen: Pen) -> Axis:
    low, high = _span(first, pen)
    values = [value for row in shown for value in (row.lower, row.estimate, row.upper)]
    return axis_of(values, factor=factor_of(first.statistic), floor=low, ceiling=high)


def _scale(first: Row, axis: Axis, pen: Pen) -> str:
    """What the axis counts; it says so when it shows only a part of the scale."""
    unit = pen.unit(first.item, first.statistic, of="level")
    low, high = _span(first, pen)
    whole = low is None or high is None or (axis.low <= low and axis.high >= high)
    return unit if whole else pen.word("unit.closer", unit=unit)


def _span(first: Row, pen: Pen) -> tuple[float | None, float | None]:
    scale = pen.view.scale(first.item)
    return _ENDS.get(first.statistic, (scale.get("low"), scale.get("high")))


def _pair(row: GapRow, a: LevelRow | None, b: LevelRow | None, axis: Axis, pen: Pen, face: str) -> Html:
    name = element("span", pen.item(row.item), class_="name")
    if not row.shown:
        return _hidden(name, row, pen)
    drawn = list(marks.grid(axis))
    gapped = row.estimate is not None  # a loose pair has two levels and no gap: no line joins them
    if gapped and a and b and a.estimate is not None and b.estimate is not None:
        drawn.append(marks.link(*sorted((axis.at(a.estimate), axis.at(b.estimate)))))
    for level, tone in ((b, "employees"), (a, "customers")):
        drawn += _mark(level, tone, axis)
    verdict = standing(row)
    word = verdict_word(row, pen)
    sign = element("span", frame.key_mark(verdict), " ", word, class_=f"word {verdict}")
    if not gapped:
        both = {"customers": pen.audience("customers"), "face": face, "a": pen.level(a), "b": pen.level(b)}
        said = pen.word("pairs.row.loose", item=pen.item(row.item), verdict=word, **both)
        return element(
            "li", name, marks.picture(drawn, title=said), element("span", sign, class_="value"), class_="row"
        )
    gap, interval = pen.gap(row), pen.interval(row, gap=True)
    said = pen.word(
        "pairs.row",
        item=pen.item(row.item),
        customers=pen.audience("customers"),
        face=face,
        a=pen.level(a),
        b=pen.level(b),
        gap=gap,
        interval=interval,
        verdict=word,
    )
    value = element(
        "span",
        element("strong", gap),
        " ",
        element("span", interval, class_="interval"),
        " ",
        sign,
        class_="value",
    )
    return element("li", name, marks.picture(drawn, title=said), value, class_="row")


def _single(row: LevelRow, axis: Axis, pen: Pen) -> Html:
    name = element("span", pen.item(row.item), class_="name")
    if not row.shown:
        return _hidden(name, row, pen)
    level, interval = pen.level(row), pen.interval(row)
    said = pen.word("levels.row", item=pen.item(row.item), a=level, interval=interval)
    value = element("span", element("strong", level), " ", element("span", interval, class_="interval"), class_="value")
    return element(
        "li", name, marks.picture([*marks.grid(axis), *_mark(row, "customers", axis)], title=said), value, class_="row"
    )


def _mark(level: LevelRow | None, tone: str, axis: Axis) -> list[Html]:
    if level is None or level.estimate is None:
        return []
    drawn = []
    if level.lower is not None and level.upper is not None:
        drawn.append(marks.band(axis.at(level.lower), axis.at(level.upper), tone))
    return [*drawn, marks.dot(axis.at(level.estimate), tone, tone)]


def _hidden(name: Html, row: Row, pen: Pen) -> Html:
    return element("li", name, element("span", reason(row, pen), class_="plot hidden"), class_="row")
