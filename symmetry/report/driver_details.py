"""For analysts, folded: how sure the order of the drivers is, how priorities were tested, penalties and rewards, what-if.

Every number of a move stands under the same caution: a tie is no proof that moving one thing moves the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from symmetry.report import charts, driver_tables
from symmetry.report.charts.frame import same_numbers
from symmetry.report.charts.penalties import fineness
from symmetry.report.driver_rows import PenaltyRow, PriorityRow, WhatIfRow
from symmetry.report.markup import Html, element
from symmetry.report.pen import Pen
from symmetry.report.priority_page import chance_of, counted
from symmetry.report.reasons import reasons
from symmetry.report.results_view import View
from symmetry.report.rows import DriverRow, Row

__all__ = ["driver_parts"]

_A = TypeVar("_A", DriverRow, PenaltyRow, WhatIfRow)
_AUDIENCES = ("customers", "employees")
_TESTS = {
    "joint draws": "joint",
    "equal noise": "levelled",
    "exchangeable": "exchangeable",
}  # what was tested, by its words
_MOVES = 3  # moves told in a sentence, an audience


def driver_parts(view: View, pen: Pen) -> Iterable[tuple[str, Sequence[Html]]]:
    """Title key and content of each part that the results have something for."""
    for title, made in (
        ("standing.title", _standing(view, pen)),
        ("priorities.tested", _tested(view, pen)),
        ("penalties.title", _penalties(view, pen)),
        ("whatif.title", _moves(view, pen)),
    ):
        if made:
            yield title, made


def _standing(view: View, pen: Pen) -> list[Html]:
    rows = [row for row in view.drivers if row.statistic == "lmg" and not row.by and row.wave in ("", view.wave)]
    every = {key: _ranked(row for row in rows if row.audience == key) for key in _AUDIENCES}
    panels = {key: found for key, found in every.items() if any(row.rank_lower is not None for row in found)}
    gone = [row for found in every.values() if not any(row.shown for row in found) for row in found if row.missing]
    said = [_nothing(own, pen, of=audience) for audience in _AUDIENCES if (own := _of(gone, audience))]
    if not panels:
        return said
    said.append(_means("standing.means", pen, level=pen.confidence()))
    for audience, found in panels.items():
        floor = next((row.floor for row in found if row.floor is not None), None)
        if floor is not None:
            shown = pen.number(floor, "lmg", name=f"{audience}/floor")
            said.append(
                element("p", pen.word("standing.floor", audience=pen.audience(audience, running=True), floor=shown))
            )
    return [*said, driver_tables.standing_table(panels, pen)]


def _ranked(rows: Iterable[DriverRow]) -> list[DriverRow]:
    return sorted(rows, key=lambda row: (not row.shown, row.rank or 0.0, row.item))


def _tested(view: View, pen: Pen) -> list[Html]:
    """The comparison on respondents, then the one on units where there is one."""
    rows = [row for row in view.priorities if not row.by and row.b and row.wave in ("", view.wave)]
    if rows and not any(row.shown for row in rows):
        return [_nothing(rows, pen)]
    parts = [part for prefix in ("", "unit_") for part in _compared(rows, prefix, pen)]
    return [_means("priorities.means", pen, level=pen.confidence()), *parts] if parts else []


def _compared(rows: Sequence[PriorityRow], prefix: str, pen: Pen) -> Iterable[Html]:
    items = [row for row in rows if row.statistic == f"{prefix}share_gap"]
    if not items:
        return
    yield element("h4", pen.word("priorities.on.units" if prefix else "priorities.on.respondents"))
    if not any(row.shown for row in items):
        yield _untold(items, prefix, pen)
        return
    for row in rows:
        if row.shown and row.statistic == f"{prefix}total_variation":
            yield element("p", " ".join(_variation(row, pen)))
        elif row.shown and row.statistic == f"{prefix}rank_correlation":
            named = f"{row.statistic}/{row.item}"
            value = pen.number(row.estimate or 0.0, "plain", name=named, signed=True)
            interval = pen.between(row.lower, row.upper, "plain", name=named, signed=True)
            shown = pen.word("table.within", value=value, interval=interval) if interval else value
            yield element("p", pen.word("priorities.ranks", kind=pen.quote(row.item.capitalize()), value=shown))
    ordered = sorted(items, key=lambda row: (not row.shown, -abs(row.estimate or 0.0), row.item))
    yield driver_tables.priorities_table(ordered, pen)


def _untold(items: Sequence[PriorityRow], prefix: str, pen: Pen) -> Html:
    """Why no item has a number: there are too few units to tell that many items apart, or none may be shown."""
    units = next((row.units for row in items if row.units is not None), None)
    if not prefix or units is None or any(row.suppressed for row in items):
        return _nothing(items, pen)
    counts = {"units": pen.count(units, name="units"), "count": pen.count(len(items), name="items")}
    return element("p", pen.word("priorities.units.untold", **counts))


def _variation(row: PriorityRow, pen: Pen) -> Iterable[str]:
    """The total variation beside what it is where priorities are equal, over how many, and what was tested."""
    value = pen.number(row.estimate or 0.0, "percent", name=row.statistic)
    interval = pen.between(row.lower, row.upper, "percent", name=row.statistic)
    yield pen.word("priorities.tv", tv=pen.word("table.within", value=value, interval=interval) if interval else value)
    if row.null is not None and row.p is not None:
        null = pen.number(row.null, "percent", name=f"{row.statistic}/null")
        yield pen.word("priorities.null", null=null, p=chance_of(row.p, pen, name=f"{row.statistic}/p"))
    if row.units is not None:
        yield pen.word("priorities.units", units=pen.count(row.units, name="units"))
    if said := counted(row.a, row.b, [row], pen):
        yield said
    known = next((key for part, key in _TESTS.items() if part in row.test), "")
    if known:
        yield pen.word(f"priorities.test.{known}")
    elif row.test:
        yield pen.word("priorities.test", test=pen.word("quote", text=pen.quote(row.test)))


def _penalties(view: View, pen: Pen) -> list[Html]:
    rows = [row for row in view.penalties if not row.by and row.wave in ("", view.wave)]
    if not rows:
        return []
    outcome = pen.item(rows[0].outcome or view.outcome, quoted=True)
    parts = [_means("penalties.means", pen, outcome=outcome), _means("penalties.kinds", pen)]
    for audience in dict.fromkeys(row.audience for row in rows):
        own = _of(rows, audience)
        if not any(row.shown for row in own):
            parts.append(_nothing(own, pen, of=audience))
            continue
        parts.append(charts.penalties_chart(own, pen, title=pen.audience(audience), among=rows))
        parts += _who(own, pen)
        parts.append(same_numbers(pen, driver_tables.penalties_table(own, pen)))
    return parts


def _moves(view: View, pen: Pen) -> list[Html]:
    rows = [row for row in view.whatif if not row.by and row.wave in ("", view.wave)]
    if not rows:
        return []
    parts = [element("p", pen.word("whatif.caution"), class_="caution", role="note"), _means("whatif.means", pen)]
    for audience in dict.fromkeys(row.audience for row in rows):
        own = _of(rows, audience)
        if not any(row.shown for row in own):
            parts.append(_nothing(own, pen, of=audience))
            continue
        items: dict[str, dict[str, WhatIfRow]] = {}
        for row in own:
            items.setdefault(row.item, {})[row.statistic] = row
        items = dict(sorted(items.items(), key=lambda both: (-_furthest(both[1]), both[0])))
        parts += [element("h4", pen.audience(audience)), *_who(own, pen)]
        told = [text for text in (_move(found, items, pen) for found in items.values()) if text]
        parts.append(element("ul", *(element("li", text) for text in told[:_MOVES]), class_="moves"))
        parts.append(driver_tables.whatif_table(items, pen))
    return parts


def _move(found: Mapping[str, WhatIfRow], items: Mapping[str, Mapping[str, WhatIfRow]], pen: Pen) -> str:
    """One move in words: from the direct end to the total one, each with its interval."""
    direct, total = found.get("direct"), found.get("total")
    if direct is None or total is None or not direct.shown or not total.shown or direct.moved is None:
        return ""
    kind = fineness([end for both in items.values() for row in both.values() for end in (row.lower, row.upper)])
    ends = {}
    for key, row in (("direct", direct), ("total", total)):
        named = f"{row.audience}/{row.item}/{key}"
        ends[key] = pen.number(row.estimate or 0.0, kind, name=named, signed=True)
        ends[f"{key}_interval"] = pen.between(row.lower, row.upper, kind, name=named, signed=True)
    return pen.word(
        "whatif.move",
        audience=pen.audience(direct.audience, running=True),
        item=pen.item(direct.item, quoted=True),
        outcome=pen.item(direct.outcome or pen.view.outcome, quoted=True),
        moved=pen.number(direct.moved, "percent", name=f"{direct.audience}/{direct.item}/moved"),
        **ends,
    )


def _furthest(found: Mapping[str, Row]) -> float:
    return max((abs(row.estimate or 0.0) for row in found.values() if row.shown), default=-1.0)


def _of(rows: Sequence[_A], audience: str) -> list[_A]:
    return [row for row in rows if row.audience == audience]


def _who(rows: Sequence[_A], pen: Pen) -> Iterable[Html]:
    """How many answers the numbers of one audience rest on: complete ones, whatever the bars of the levers do."""
    n = max((row.n for row in rows if row.shown and row.n is not None), default=None)
    if n is not None:
        audience = rows[0].audience
        fields = {"n": pen.count(n, name=f"{audience}/n"), "audience": pen.audience(audience, running=True)}
        yield element("p", pen.word("counted.one", **fields), class_="scale")


def _nothing(rows: Sequence[Row], pen: Pen, *, of: str = "") -> Html:
    """That nothing is shown, of an audience or of all, and why."""
    why = reasons(rows, pen)
    key, fields = ("nothing.shown.of", {"audience": pen.audience(of)}) if of else ("nothing.shown", {})
    return element("p", pen.word(key, reason=why, **fields), class_="aside")


def _means(key: str, pen: Pen, **fields: str) -> Html:
    return element("p", pen.word(key, **fields), class_="means")
