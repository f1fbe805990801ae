"""The units' section: each unit's gap with what one may say of it, and the funnel of what chance explains.

Results of an older `analyse` have no table `units`: then each unit stands with its own interval and no verdict.
"""

from __future__ import annotations

from collections.abc import Sequence

from symmetry.report import charts, tables, unit_tables
from symmetry.report.blocks import Block, written
from symmetry.report.charts.frame import figure, same_numbers
from symmetry.report.charts.funnel import LIMITS, named_outside, weighed
from symmetry.report.charts.units import unseen
from symmetry.report.choosing import followed_pair, leading_pair
from symmetry.report.markup import Html, element, join
from symmetry.report.pen import Pen
from symmetry.report.reasons import kinds
from symmetry.report.results_view import View
from symmetry.report.rows import GapRow, LevelRow, UnitRow
from symmetry.report.sentences import beyond

__all__ = ["units"]

_FUNNEL = 5  # the fewest units that make a funnel
_SAID = 6  # units outside whose names stand in the sentence
_LISTED = 30  # units without a number that are named
_OUTER = f"{100 * LIMITS['outer'][1]:g}"  # how the table writes the outer limits


def units(view: View) -> Block | None:
    """The widest gap unit by unit, or the outcome where there is no gap to follow."""
    if not view.unit:
        return None
    pair, found = followed_pair(view)
    if pair is not None:
        return _posterior(pair, found, Pen(view))
    lead = leading_pair(view)
    rows: Sequence[GapRow] | Sequence[LevelRow] = ()
    overall: GapRow | LevelRow | None = lead
    if lead is not None:
        rows = [
            row
            for row in view.pairs(by=view.unit)
            if (row.item, row.b, row.statistic) == (lead.item, lead.b, lead.statistic)
        ]
    if not any(row.shown for row in rows):
        overall = next((row for row in view.main_levels("customers") if row.item == view.outcome and row.shown), None)
        rows = [row for row in view.main_levels("customers", by=view.unit) if row.item == view.outcome]
    if overall is None or not any(row.shown for row in rows):
        return None
    return _measured(rows, overall, Pen(view))


def _posterior(pair: GapRow, rows: Sequence[UnitRow], pen: Pen) -> Block:
    """Units with a verdict each, then their funnel."""
    unit = _unit(pen)
    chance = pen.number(pen.view.unit_level, "percent", name="unit_level")
    caption = pen.word("units.caption.posterior", unit=unit, overall=pen.gap(pair), level=chance, **pen.audiences())
    caption += beyond(pair, pen)
    told = [row for row in rows if row.shown]
    pictures = figure(
        element("p", pen.word("units.verdicts", chance=chance), class_="means"),
        charts.posterior_chart(told, pair, pen),
        _unseen([row for row in rows if not row.shown], pen),
        element("p", pen.word("units.note") + _inside(unit, pen), class_="aside"),
        same_numbers(pen, unit_tables.posterior_table(rows, pen)),
        caption=caption,
        name="units",
    )
    title = element("h2", pen.word("units.title.gap", item=pen.item(pair.item, quoted=True), unit=unit))
    html = join([title, pictures, _funnel(told, pair, pen)])
    return written(pen, "chart", "units", html, alt=caption, caption=caption, n={"n": pair.n}, method="empirical Bayes")


def _funnel(rows: Sequence[UnitRow], pair: GapRow, pen: Pen) -> Html:
    """What stands outside what chance explains, in a sentence and a picture."""
    inside = weighed(rows)
    title = element("h3", pen.word("funnel.title"))
    if len(inside) < _FUNNEL:
        return element("div", title, element("p", pen.word("funnel.absent"), class_="aside"), class_="under")
    caption = _outside(inside, pen)
    places = {place: sum(_place(row) == place for row in inside) for place in ("outside", "between", "inside")}
    counts = {place: pen.count(count, name=f"count/{place}") for place, count in places.items()}
    target = pen.signed(inside[0].target or 0.0, pair.statistic, name="target")
    said = pen.word("funnel.picture", total=pen.count(len(inside), name="units"), target=target, **counts)
    return element(
        "div",
        title,
        figure(
            charts.funnel_chart(inside, pair, pen, title=said),
            same_numbers(pen, unit_tables.funnel_table(inside, pen)),
            caption=caption,
            name="funnels",
        ),
        class_="under",
    )


def _outside(rows: Sequence[UnitRow], pen: Pen) -> str:
    """How many units stand outside, who they are, and how to take it."""
    outer = named_outside([row for row in rows if _place(row) == "outside"])
    count, between = (sum(_place(row) == place for row in rows) for place in ("outside", "between"))
    total = pen.count(len(rows), name="units")
    key = "none" if not count else "one" if count == 1 else "few" if count <= _SAID else "many"
    names = ", ".join(pen.domain(row.by, row.domain) for row in outer) if 0 < count <= _SAID else ""
    said = [pen.word(f"funnel.{key}", total=total, names=names, count=pen.count(count, name="outside"))]
    if between:
        said.append(pen.word("funnel.outer", count=pen.count(between, name="between")))
    if any((row.funnel_se or 0.0) > (row.direct_se or 0.0) * (1 + 1e-6) for row in rows):
        said.append(pen.word("funnel.spread"))
    if count or between:
        said.append(pen.word("funnel.tact"))
    return " ".join(said)


def _place(row: UnitRow) -> str:
    return "inside" if not row.funnel else "outside" if _OUTER in row.funnel else "between"


def _unseen(rows: Sequence[UnitRow], pen: Pen) -> Html | None:
    """Units without a number, a sentence each reason: hidden, held back, or nothing can be told of them."""
    said: list[Html] = []
    for kind, unsorted in kinds(rows).items():
        found = sorted(unsorted, key=lambda row: row.domain)
        names = ", ".join(pen.domain(row.by, row.domain) for row in found[:_LISTED])
        if len(found) > _LISTED:
            names = pen.word("units.many", names=names, count=pen.count(len(found) - _LISTED, name="unlisted"))
        said.append(element("p", unseen(kind, found[0], names, pen), class_="aside"))
    return join(said) if said else None


def _measured(rows: Sequence[GapRow] | Sequence[LevelRow], overall: GapRow | LevelRow, pen: Pen) -> Block:
    """Units as measured, each with its own interval."""
    unit = _unit(pen)
    gap = isinstance(overall, GapRow)
    said = pen.gap(overall) if gap else pen.level(overall)
    fields = {"unit": unit, "overall": said, "level": pen.confidence()}
    if gap:
        title = pen.word("units.title.gap", item=pen.item(overall.item, quoted=True), unit=unit)
        caption = pen.word("units.caption.gap", **fields, **pen.audiences())
        caption += beyond(overall, pen)
    else:
        title = pen.word("units.title.level", outcome=pen.item(overall.item, quoted=True), unit=unit)
        caption = pen.word("units.caption.level", **fields, audience=pen.audience("customers", running=True))
    html = join(
        [
            element("h2", title),
            figure(
                charts.units_chart(rows, overall, pen),
                element("p", pen.word("units.note") + _inside(unit, pen), class_="aside"),
                same_numbers(pen, tables.units_table(rows, pen)),
                caption=caption,
                name="units",
            ),
        ]
    )
    return written(pen, "chart", "units", html, alt=caption, caption=caption, n={"n": overall.n})


def _unit(pen: Pen) -> str:
    name = pen.frame(pen.view.unit)
    return name[:1].lower() + name[1:]


def _inside(unit: str, pen: Pen) -> str:
    """How errors are made inside a unit that the whole counts as one draw."""
    design = pen.view.manifest.get("design") or {}
    if not any((roles or {}).get("psu") == pen.view.unit for roles in design.values()):
        return ""
    return " " + pen.word("units.inside.two" if pen.view.mirrored else "units.inside.one", unit=unit)
