"""For analysts, folded: effect sizes, ranks, agreement inside units, where differences lie, drivers, answers come as counts.

A leader may pass it by; each part stays away where the results have no table for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from symmetry.report import charts, detail_tables
from symmetry.report.blocks import Block, written
from symmetry.report.charts.frame import same_numbers
from symmetry.report.driver_details import driver_parts
from symmetry.report.markup import Html, element, join
from symmetry.report.pen import Pen
from symmetry.report.results_view import View
from symmetry.report.rows import AgreementRow, EffectRow, PartitionRow, Row

__all__ = ["analyst"]

_R = TypeVar("_R", bound=Row)
_RELIABLE = 0.70  # ICC(2) from which unit averages are customarily taken to tell units apart


def analyst(view: View) -> Block | None:
    """What an analyst asks next; None where the results hold none of it."""
    pen = Pen(view)
    drivers = [_folded(pen, title, *content) for title, content in driver_parts(view, pen)]
    made = (_effects(view, pen), _ranks(view, pen), *_agreement(view, pen), *drivers, _tabulated(view, pen))
    parts = [part for part in made if part is not None]
    if not parts:
        return None
    title = pen.word("analyst.title")
    html = join([element("h2", title), element("p", pen.word("analyst.means"), class_="means"), *parts])
    return written(pen, "text", "analyst", html, alt=title)


def _effects(view: View, pen: Pen) -> Html | None:
    rows = [row for row in _main(view, view.effects) if not row.by]
    if not any(row.shown for row in rows):
        return None
    said = [element("p", pen.word("effects.means", **pen.audiences()), class_="means")]
    drawn = [row for row in rows if row.statistic == "superiority" and row.shown and row.b == "employee"]
    if drawn:
        furthest = max(drawn, key=lambda row: (abs((row.estimate or 0.5) - 0.5), row.item))
        said.append(element("p", _superiority(furthest, pen)))
    return _folded(pen, "effects.title", *said, detail_tables.effects_table(rows, pen))


def _superiority(row: EffectRow, pen: Pen) -> str:
    """The widest effect as a draw of two people, from the side that comes out above."""
    above = (row.estimate or 0.5) >= 0.5
    names = pen.audiences()
    first, second = ("customers", "employees") if above else ("employees", "customers")
    chance = row.estimate or 0.5
    times = pen.number(10 * (chance if above else 1 - chance), "tenths", name=f"{row.item}/superiority/tenths")
    fields = {"item": pen.item(row.item, quoted=True), "first": names[first], "second": names[second], "times": times}
    return pen.word("effects.drawn", **fields)


def _ranks(view: View, pen: Pen) -> Html | None:
    rows = [row for row in _main(view, view.ranks) if not row.by]
    if not any(row.shown for row in rows):
        return None
    means = element("p", pen.word("ranks.means", **pen.audiences()), class_="means")
    return _folded(pen, "ranks.title", means, detail_tables.ranks_table(rows, pen))


def _agreement(view: View, pen: Pen) -> Iterable[Html]:
    """Whether unit averages may be trusted, and where the differences lie."""
    rows = _main(view, view.agreement)
    if rows:
        unit = pen.frame(rows[0].unit or view.unit)
        means = element("p", pen.word("agreement.means", unit=unit[:1].lower() + unit[1:]), class_="means")
        said = [element("p", text) for text in _trusted(rows, pen)]
        untold = any(row.shown and (row.rwg is None or row.ad is None) for row in rows)
        if untold:
            key = "agreement.untold.units" if view.manifest.get("published") else "agreement.untold"
            said.append(element("p", pen.word(key, unit=unit[:1].lower() + unit[1:])))
        yield _folded(pen, "agreement.title", *said, means, detail_tables.agreement_table(rows, pen))
    parts = _main(view, view.partition)
    if parts:
        means = element(
            "p", pen.word("shares.means.units" if view.manifest.get("published") else "shares.means"), class_="means"
        )
        numbers = same_numbers(pen, detail_tables.partition_table(parts, pen))
        yield _folded(pen, "shares.title", means, *_bars(parts, pen), numbers)


def _trusted(rows: Sequence[AgreementRow], pen: Pen) -> Iterable[str]:
    """Of how many items the unit averages tell units apart, audience by audience."""
    for audience in dict.fromkeys(row.audience for row in rows):
        own = [row for row in rows if row.audience == audience and row.icc2 is not None]
        if not own:
            continue
        good = sum(round(row.icc2 or 0.0, 2) >= _RELIABLE for row in own)
        counts = {"good": pen.count(good, name="reliable"), "total": pen.count(len(own), name="items")}
        key = "none" if not good else "all" if good == len(own) else "some"
        level = pen.number(_RELIABLE, "plain", name="reliable")
        yield pen.word(f"agreement.trusted.{key}", audience=pen.audience(audience, running=True), level=level, **counts)


def _bars(rows: Sequence[PartitionRow], pen: Pen) -> Iterable[Html]:
    for voice in dict.fromkeys((row.audience, row.face) for row in rows):
        items: dict[str, list[PartitionRow]] = {}
        for row in rows:
            if (row.audience, row.face) == voice:
                items.setdefault(row.item, []).append(row)
        yield charts.shares_chart(items, pen, title=pen.voice(*voice))


def _tabulated(view: View, pen: Pen) -> Html | None:
    rows = view.tabulated
    if not rows:
        return None
    means = element("p", pen.word("tabulated.means"), class_="means")
    return _folded(pen, "tabulated.title", means, detail_tables.tabulated_table(rows, pen))


def _main(view: View, rows: Sequence[_R]) -> list[_R]:
    """Rows of the main wave."""
    return [row for row in rows if row.wave in ("", view.wave)]


def _folded(pen: Pen, title: str, *parts: Html) -> Html:
    return element("details", element("summary", pen.word(title)), *parts, class_="deeper")
