"""Do both audiences hold the same things important?  The answer in words, then the map of what counts and how it is rated.

Weights are shares of R², so a difference says where to look, never who is right.  Large chances are said as "these answers
do not tell", never as agreement: the test can tell two sets of priorities apart, not prove them alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symmetry.report import charts
from symmetry.report.blocks import Block, written
from symmetry.report.charts.frame import figure, same_numbers
from symmetry.report.driver_rows import PriorityRow
from symmetry.report.driver_tables import map_table
from symmetry.report.markup import element, join
from symmetry.report.pen import Pen
from symmetry.report.reasons import kinds, reason, reasons
from symmetry.report.results_view import View

__all__ = ["DIFFERS", "chance_of", "counted", "priorities"]

DIFFERS = 0.05  # probability under which weights are said to differ; of one item, corrected over all (max-T)
_FEWEST = 10  # units under which no sentence on priorities is made
_NAMED = 3  # items named in a sentence


def priorities(view: View) -> Block | None:
    """Whether both hold the same things important, and the map of weight against level; None where nothing tells of it."""
    rows = [row for row in view.priorities if not row.by and row.wave in ("", view.wave)]
    items = sorted((row for row in rows if row.statistic == "share_gap"), key=_heaviest)
    placed = [row for row in items if charts.spots_of(row)]
    if not rows:
        return None
    pen = Pen(view)
    outcome = pen.item(view.outcome or rows[0].outcome, quoted=True)
    if not placed:
        return _unplaced(rows, pen, outcome)
    both = any(len(charts.spots_of(row)) > 1 for row in placed)
    title = pen.word("priorities.title" if both else "priorities.title.one", outcome=outcome)
    said = list(_said(rows, items, pen)) if both else []
    caption = pen.word("map.caption", outcome=outcome)
    sides = counted(placed[0].a, placed[0].b if both else "", placed, pen)
    if sides and _otherwise(placed, view):
        sides += " " + pen.word("counted.other")
    picture = pen.word("map.picture", count=pen.count(len(placed), name="items"), outcome=outcome)
    left_out = list(_left_out([row for row in items if row not in placed], placed, pen, both=both))
    drawn = figure(
        charts.importance_map(placed, pen, title=picture),
        element("p", sides, class_="aside") if sides else None,
        *(element("p", text, class_="aside") for text in left_out),
        same_numbers(pen, map_table(placed, pen)),
        caption=caption,
        name="maps",
    )
    html = join([element("h2", title), *(element("p", text, class_="told") for text in said), drawn])
    n = {row.a: _largest(one.n_a for one in rows) for row in placed[:1]}
    n |= {row.b: _largest(one.n_b for one in rows) for row in placed[:1] if row.b}
    alt = " ".join([*said, caption])
    return written(pen, "chart", "priorities", html, alt=alt, caption=caption, n=n, method="total variation, max-T")


def counted(a: str, b: str, rows: Sequence[PriorityRow], pen: Pen) -> str:
    """How many answers of one audience, or of both, weights and levels rest on: complete ones, whatever the bars do."""
    n_a, n_b = _largest(row.n_a for row in rows), _largest(row.n_b for row in rows)
    units = ".units" if pen.view.manifest.get("published") else ""
    if n_a is None or (b and n_b is None):
        return ""
    one = {"n": pen.count(n_a, name="n_a"), "audience": pen.audience(a, running=True)}
    if not b:
        return pen.word(f"counted.one{units}", **one)
    counts = {"n_a": one["n"], "n_b": pen.count(n_b, name="n_b")}
    return pen.word(f"counted.both{units}", **counts, a=one["audience"], b=pen.audience(b, running=True))


def _otherwise(rows: Sequence[PriorityRow], view: View) -> bool:
    """Whether the bars of the levers count more than the complete answers that the map rests on."""
    own = {rows[0].a: _largest(row.n_a for row in rows), rows[0].b: _largest(row.n_b for row in rows)}
    told = [row for row in view.drivers if row.shown and row.missing not in ("", "listwise")]
    return any((row.n or 0.0) > (own.get(row.audience) or row.n or 0.0) for row in told)


def _unplaced(rows: Sequence[PriorityRow], pen: Pen, outcome: str) -> Block:
    """A sentence where no item has a weight and a level that may be shown."""
    whole = next((row for row in rows if row.statistic == "total_variation"), rows[0])
    title = pen.word("priorities.title" if whole.b else "priorities.title.one", outcome=outcome)
    said = list(_said(rows, [], pen)) if whole.b else []
    said = said or [pen.word("nothing.shown", reason=reasons(rows, pen))]
    html = join([element("h2", title), *(element("p", text, class_="told") for text in said)])
    return written(pen, "text", "priorities", html, alt=" ".join(said))


def chance_of(value: float, pen: Pen, *, name: str) -> str:
    """A probability of a test: p = 0.023, or p < 0.001."""
    return pen.word("priorities.p" if value >= 0.0005 else "priorities.p.less", p=pen.p(value, name=name))


def _said(rows: Sequence[PriorityRow], items: Sequence[PriorityRow], pen: Pen) -> Iterable[str]:
    """Whether the priorities differ, on which items, and how to take it."""
    whole = next((row for row in rows if row.statistic == "total_variation"), None)
    if whole is None:
        return
    who = {**pen.audiences(), "outcome": pen.item(pen.view.outcome or whole.outcome, quoted=True)}
    if whole.suppressed:
        yield pen.word("priorities.hidden", reason=reason(whole, pen), **who)
        return
    if whole.estimate is None or whole.p is None or (whole.units is not None and whole.units < _FEWEST):
        counted = {"units": pen.count(whole.units, name="units")} if whole.units is not None else {}
        yield pen.word("priorities.few" if counted else "priorities.untold", **counted, **who)
        return
    differ = [row for row in items if row.shown and row.p is not None and row.p < DIFFERS]
    numbers = {
        "tv": pen.number(whole.estimate, "percent", name="total_variation"),
        "p": chance_of(whole.p, pen, name="total_variation/p"),
    }
    if whole.null is not None:
        numbers["null"] = pen.number(whole.null, "percent", name="total_variation/null")
    key = "differ" if whole.p < DIFFERS else "open"
    yield pen.word(f"priorities.{key}{'' if 'null' in numbers else '.bare'}", **numbers, **who)
    if key == "open" and differ:
        yield pen.word("priorities.single")
    yield from _heavier(differ, pen)
    if key == "differ" and not differ:
        yield pen.word("priorities.spread")
    if key == "differ" or differ:
        yield pen.word("priorities.tact")


def _heavier(rows: Sequence[PriorityRow], pen: Pen) -> Iterable[str]:
    """The items that weigh more for one audience, the widest differences first."""
    for sign, name in ((1, "a"), (-1, "b")):
        found = sorted(
            (row for row in rows if sign * (row.estimate or 0.0) > 0), key=lambda row: -abs(row.estimate or 0)
        )
        if not found:
            continue
        audience = found[0].a if name == "a" else found[0].b
        told = []
        for row in found[:_NAMED]:
            own, other = (row.importance_a, row.importance_b) if name == "a" else (row.importance_b, row.importance_a)
            shares = {
                key: pen.number(value or 0.0, "percent", name=f"{row.item}/weight/{key}/{name}")
                for key, value in (("own", own), ("other", other))
            }
            told.append(pen.word("priorities.item", item=pen.item(row.item, quoted=True), **shares))
        rest = len(found) - _NAMED
        items = ", ".join(told)
        if rest > 0:
            items = pen.word("priorities.more", items=items, count=pen.count(rest, name="unnamed"))
        elif len(told) > 1:
            items = pen.word("number.list", first=", ".join(told[:-1]), last=told[-1])
        yield pen.word("priorities.heavier", audience=pen.audience(audience, running=True), items=items)


def _left_out(absent: Sequence[PriorityRow], placed: Sequence[PriorityRow], pen: Pen, *, both: bool) -> Iterable[str]:
    """Items that are not on the map and why, and items of which one side alone is."""
    for found in kinds(absent).values():
        names = ", ".join(pen.item(row.item) for row in found)
        yield pen.word("map.absent", names=names, reason=reason(found[0], pen))
    alone = [row for row in placed if len(charts.spots_of(row)) == 1] if both else []
    for audience in dict.fromkeys(next(iter(charts.spots_of(row))) for row in alone):
        names = ", ".join(pen.item(row.item) for row in alone if audience in charts.spots_of(row))
        yield pen.word("map.alone", names=names, audience=pen.audience(audience, running=True))


def _heaviest(row: PriorityRow) -> tuple[float, str]:
    """The item that weighs most on either side first."""
    return -max(row.importance_a or 0.0, row.importance_b or 0.0), row.item


def _largest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
