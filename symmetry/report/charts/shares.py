"""How the differences between answers divide over the levels of the company: one stacked bar an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symmetry.report.charts import frame, marks
from symmetry.report.markup import Html, element
from symmetry.report.pen import Pen
from symmetry.report.rows import PartitionRow

__all__ = ["shares_chart"]

_TONES = 4  # shades there are; the last level, the person, has the palest


def shares_chart(items: Mapping[str, Sequence[PartitionRow]], pen: Pen, *, title: str) -> Html:
    """One bar per item, the same levels in the same order.

    Parameters
    ----------
    items : item → its levels, the widest level (region) first and the person last.
    title : whose answers they are.
    """
    levels = list(dict.fromkeys(row.level for rows in items.values() for row in rows))
    tones = {level: _tone(place, len(levels)) for place, level in enumerate(levels)}
    legend = frame.legend([(_patch(tones[level]), pen.level_name(level)) for level in levels])
    lines = [_line(item, rows, tones, pen) for item, rows in items.items()]
    return element(
        "div", element("h4", title), legend, element("ol", *lines, class_="rows", role="list"), class_="panel shares"
    )


def _tone(place: int, levels: int) -> str:
    return f"level-{_TONES - 1 if place == levels - 1 else min(place, _TONES - 2)}"


def _patch(tone: str) -> Html:
    return frame.drawn(element("rect", x="0", y="2", width="16", height="12", class_=tone))


def _line(item: str, rows: Sequence[PartitionRow], tones: Mapping[str, str], pen: Pen) -> Html:
    name = element("span", pen.item(item), class_="name")
    if not all(row.shown for row in rows):
        first = next((row for row in rows if row.suppressed), rows[0])
        return element("li", name, element("span", frame.why(first, pen), class_="plot hidden"), class_="row")
    drawn, said, start = [], [], 0.0
    for row in rows:
        width = 100 * min(max(row.share or 0.0, 0.0), 1.0)
        drawn.append(
            element("rect", x=f"{start:.2f}%", width=f"{width:.2f}%", y="25%", height="50%", class_=tones[row.level])
        )
        share = pen.number(row.share or 0.0, "percent", name=f"{row.audience}/{item}/{row.level}/share")
        said.append(pen.word("shares.part", level=pen.level_name(row.level), share=share))
        start += width
    title = pen.word("shares.row", item=pen.item(item), parts=", ".join(said))
    value = element("span", ", ".join(said[:-1]) or said[-1], class_="value")
    return element("li", name, marks.picture(drawn, title=title), value, class_="row")
