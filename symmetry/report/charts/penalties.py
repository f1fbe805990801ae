"""What a low answer costs, to the left, and what a high one earns, to the right: one row an item, the same axis in all."""

from __future__ import annotations

from collections.abc import Sequence

from symmetry.report.charts import frame, marks
from symmetry.report.charts.axis import Axis, axis_of
from symmetry.report.driver_rows import PenaltyRow
from symmetry.report.markup import Html, element
from symmetry.report.pen import Pen

__all__ = ["KINDS", "fineness", "penalties_chart"]

_HEIGHTS = {"penalty": "36%", "reward": "64%"}  # one above the other: their intervals may meet
KINDS = ("basic", "performance", "excitement", "indifferent", "undetermined")


def fineness(values: Sequence[float | None]) -> str:
    """How numbers of one outcome are written: two decimals, one where they pass ten (an NPS)."""
    return "tenths" if max((abs(value) for value in values if value is not None), default=0.0) >= 10 else "plain"


def penalties_chart(rows: Sequence[PenaltyRow], pen: Pen, *, title: str, among: Sequence[PenaltyRow] = ()) -> Html:
    """Bars on either side of an answer in between, with their intervals; the widest bars first.

    Parameters
    ----------
    rows : the items of one audience.
    title : whose answers they are.
    among : the items of all audiences, for one axis in all panels.
    """
    ordered = sorted(rows, key=lambda row: (not row.shown, -_width(row), row.item))
    ends = [
        end
        for row in (*ordered, *among)
        for end in (row.penalty, row.penalty_lower, row.penalty_upper, row.reward, row.reward_lower, row.reward_upper)
    ]
    axis, kind = axis_of([0.0, *ends], steps=3), fineness(ends)
    head = marks.axis_row(axis, pen, kind)
    entries = [
        (_patch("penalty"), pen.word("penalties.penalty")),
        (_patch("reward"), pen.word("penalties.reward")),
    ]
    lines = [_line(row, axis, kind, pen) for row in ordered]
    rows_ = element("ol", *lines, class_="rows", role="list")
    return element("div", element("h4", title), frame.legend(entries), head, rows_, class_="panel penalties")


def _width(row: PenaltyRow) -> float:
    return abs(row.penalty or 0.0) + abs(row.reward or 0.0)


def _patch(tone: str) -> Html:
    return frame.drawn(element("rect", x="0", y="2", width="16", height="12", class_=f"bar {tone}"))


def _line(row: PenaltyRow, axis: Axis, kind: str, pen: Pen) -> Html:
    name = element("span", pen.item(row.item), class_="name")
    if not row.shown:
        return element("li", name, element("span", frame.why(row, pen), class_="plot hidden"), class_="row")
    drawn = marks.grid(axis, strong=0.0)
    for tone, value, low, high in (
        ("penalty", row.penalty, row.penalty_lower, row.penalty_upper),
        ("reward", row.reward, row.reward_lower, row.reward_upper),
    ):
        if value is None:
            continue
        ends = sorted((axis.at(0.0), axis.at(value)))
        y = _HEIGHTS[tone]
        size = {"width": f"{max(ends[1] - ends[0], 0.2):.2f}%", "height": 9, "transform": "translate(0,-4.5)"}
        drawn.append(element("rect", x=f"{ends[0]}%", y=y, **size, class_=f"bar {tone}"))
        if low is not None and high is not None:
            x = {"x1": f"{axis.at(low)}%", "x2": f"{axis.at(high)}%"}
            drawn.append(element("line", **x, y1=y, y2=y, class_="whisker"))
    named = f"{row.audience}/{row.item}"
    penalty, reward = (
        pen.number(value, kind, name=f"{named}/{side}", signed=True)
        if value is not None
        else pen.word("penalties.none")
        for side, value in (("penalty", row.penalty), ("reward", row.reward))
    )
    word = pen.word(f"penalties.kind.{row.kind if row.kind in KINDS else 'undetermined'}")
    said = pen.word("penalties.row", item=pen.item(row.item), penalty=penalty, reward=reward, kind=word)
    both = pen.word("penalties.both", penalty=penalty, reward=reward)
    shown = element("span", both, " ", element("span", word, class_="word"), class_="value")
    return element("li", name, marks.picture(drawn, title=said), shown, class_="row")
