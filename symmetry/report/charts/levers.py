"""What goes with the outcome: each driver's part of its differences, audience beside audience on one axis.

Items that cannot be put in order stand under one heading; an item that is not told from chance is grey, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from symmetry.report.charts import marks
from symmetry.report.charts.axis import Axis, axis_of
from symmetry.report.markup import Html, element
from symmetry.report.pen import Pen
from symmetry.report.reasons import reason, reasons
from symmetry.report.rows import DriverRow

__all__ = ["levers_chart"]

_FIRST, _MOST = 8, 10  # bars at first sight, when there are more than `_MOST`


_HALO = 0.60  # share of one general impression from which the order of the items is fragile
_ANSWERED = re.compile(r"\b(\d+) of (\d+) respondents answered every item used")  # notes of results without `asked`
_WAYS = ("listwise", "em", "pairwise", "users", "indicator")


def levers_chart(panels: Mapping[str, Sequence[DriverRow]], wholes: Mapping[str, DriverRow], pen: Pen) -> Html:
    """Bars with intervals, one panel per audience, the same axis in all.

    Parameters
    ----------
    panels : audience → its `lmg` rows.
    wholes : audience → its `r2` row, which tells who was counted and how alike the items were answered.
    """
    values = [value for rows in panels.values() for row in rows if row.shown for value in (row.estimate, row.upper)]
    axis = axis_of([0.0, *values], factor=100.0, floor=0.0, ceiling=1.0, steps=2)
    furthest = 1.03 * max((value for value in values if value is not None), default=1.0)
    axis = Axis(0.0, furthest, tuple(tick for tick in axis.ticks if tick <= furthest), axis.decimals)
    return element(
        "div",
        *(_panel(audience, rows, wholes.get(audience), axis, pen) for audience, rows in panels.items()),
        class_="pair-of-panels",
    )


def _panel(audience: str, rows: Sequence[DriverRow], whole: DriverRow | None, axis: Axis, pen: Pen) -> Html:
    ordered = sorted(rows, key=lambda row: (not row.shown, row.rank or 0.0, row.item))
    r2 = next((row.r2 for row in ordered if row.r2 is not None), None)
    if not any(row.shown for row in ordered):
        why = reasons(ordered or [whole] if whole is not None else ordered, pen)
        nothing = element("p", pen.word("nothing.shown", reason=why), class_="aside")
        return element("div", element("h3", pen.audience(audience)), nothing, class_="panel narrow")
    together = pen.number(r2, "r2", name=f"{audience}/r2") if r2 is not None else ""
    name = (
        pen.word("levers.panel", audience=pen.audience(audience), r2=together) if together else pen.audience(audience)
    )
    said = [element("p", text, class_="scale") for text in _about(audience, ordered, whole, pen)]
    head = marks.axis_row(axis, pen, "lmg")
    cut = _FIRST if len(ordered) > _MOST else len(ordered)
    tiers = [row.tier for row in ordered]
    first = element("ol", *_lines(ordered[:cut], tiers, audience, axis, pen), class_="rows", role="list")
    rest = None
    if ordered[cut:]:
        summary = element("summary", pen.word("levers.rest", count=pen.count(len(ordered) - cut, name="count")))
        lines = _lines(ordered[cut:], tiers, audience, axis, pen)
        rest = element("details", summary, element("ol", *lines, class_="rows", role="list"))
    return element("div", element("h3", name), *said, head, first, rest, class_="panel narrow")


def _about(audience: str, rows: Sequence[DriverRow], whole: DriverRow | None, pen: Pen) -> Iterable[str]:
    """How many are counted, out of how many, and a warning where one general impression holds most of the answers."""
    counts, way = _counted([*rows, *([whole] if whole is not None else [])])
    if pen.view.manifest.get("published") and counts:
        yield pen.n(counts[0])
    elif len(counts) > 1:
        kind = "all" if way == "listwise" and len(set(counts)) == 1 else way
        named = dict(zip(("n", "asked"), counts, strict=True))
        shown = {key: pen.count(count, name=f"{audience}/{key}") for key, count in named.items()}
        yield pen.word(f"levers.counted.{kind}", **shown)
    elif counts:
        yield pen.n(counts[0])
    if whole is not None and (whole.halo or 0.0) > _HALO:
        halo = pen.number(whole.halo or 0.0, "percent", name=f"{audience}/halo")
        yield pen.word("levers.halo", audience=pen.audience(audience, running=True), halo=halo)


def _counted(rows: Sequence[DriverRow]) -> tuple[tuple[float, ...], str]:
    """How many are counted and of how many, as far as is known, and what was done with unanswered items."""
    told = next((row for row in rows if row.shown and row.n is not None), None)
    if told is None:
        return (), ""
    n = told.n or 0.0
    if told.asked is not None and told.missing in _WAYS:
        return (n, told.asked), told.missing
    noted = next((found for row in rows if row.shown and (found := _ANSWERED.search(row.note))), None)
    return ((float(noted[1]), float(noted[2])) if noted and not told.missing else (n,)), "listwise"


def _lines(
    rows: Sequence[DriverRow], tiers: Sequence[float | None], audience: str, axis: Axis, pen: Pen
) -> Iterable[Html]:
    """The rows, with a heading where another group begins; there is none where all items make one group of one."""
    before: float | None = None
    for row in rows:
        if row.tier is not None and row.tier != before:
            count, number = tiers.count(row.tier), pen.count(row.tier, name=f"{audience}/tier")
            key = "levers.tier.one" if count == 1 else "levers.tier.many"
            said = pen.word(key, tier=number, count=pen.count(count, name=f"{audience}/tier/{number}"))
            yield element("li", said, class_="tier")
        before = row.tier
        yield _line(row, audience, axis, pen)


def _line(row: DriverRow, audience: str, axis: Axis, pen: Pen) -> Html:
    name = element("span", pen.item(row.item), class_="name")
    if row.estimate is None or row.lower is None or row.upper is None:
        return element("li", name, element("span", reason(row, pen), class_="plot hidden"), class_="row")
    estimate, interval = pen.number(row.estimate, "lmg", name=f"{audience}/{row.item}/lmg"), pen.interval(row)
    drawn = [
        *marks.grid(axis),
        marks.bar(axis.at(row.estimate), "noise" if row.noise or row.borrowed else audience),
        marks.whisker(axis.at(row.lower), axis.at(row.upper), audience),
    ]
    said = pen.word("levers.row", item=pen.item(row.item), estimate=estimate, interval=interval)
    if row.noise or row.borrowed:
        word = pen.word("levers.noise" if row.noise else "levers.borrowed")
        said += f" {word}."
        untold = element("span", word, class_="untold")
        name = element("span", pen.item(row.item), " ", untold, class_="name")
    value = element(
        "span", element("strong", estimate), " ", element("span", interval, class_="interval"), class_="value"
    )
    return element("li", name, marks.picture(drawn, title=said), value, class_="row")
