"""The tables of the page: every number of a picture again, and segments, which are a table from the start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symmetry.report.charts.frame import table
from symmetry.report.charts.strip import quadrant_word, standing, verdict_word
from symmetry.report.choosing import leading_pair
from symmetry.report.markup import Html, element
from symmetry.report.pen import Pen
from symmetry.report.reasons import reason
from symmetry.report.results_view import View
from symmetry.report.rows import DriverRow, GapRow, LevelRow, Row

__all__ = ["level_cell", "levels_table", "levers_table", "pairs_table", "segments_table", "stack", "units_table"]


def pairs_table(rows: Sequence[GapRow], pen: Pen) -> Html:
    """Both levels, the gap, its interval, verdict and n of each pair."""
    heads = [
        pen.word("table.item"),
        pen.audience("customers"),
        pen.audience("employees"),
        pen.word("table.gap"),
        pen.word("table.interval"),
        pen.word("table.smallest"),
        pen.word("table.verdict"),
        pen.word("table.quadrant"),
        pen.word("table.n"),
    ]
    body: list[list[str]] = []
    for face in dict.fromkeys(row.b for row in rows):
        body.append([pen.face(face)])
        body += [_pair(row, pen) for row in rows if row.b == face]
    return table(heads, body, name=pen.word("pairs.title"))


def levels_table(rows: Sequence[LevelRow], pen: Pen) -> Html:
    """Level, interval and n of each item."""
    heads = [pen.word(f"table.{key}") for key in ("item", "level", "interval", "n")]
    return table(heads, [[pen.item(row.item), *_numbers(row, pen)] for row in rows], name=heads[1])


def levers_table(panels: Mapping[str, Sequence[DriverRow]], pen: Pen) -> Html:
    """Each driver's part of the differences, its interval, and its share of R²."""
    heads = [pen.word(f"table.{key}") for key in ("item", "estimate", "interval", "share", "n")]
    body: list[list[str]] = []
    for audience, rows in panels.items():
        body.append([pen.audience(audience)])
        ordered = sorted(rows, key=lambda one: (not one.shown, one.rank or 0.0, one.item))
        body += [[pen.item(row.item), *_driver(row, pen)] for row in ordered]
    return table(heads, body, name=pen.word("table.estimate"))


def units_table(rows: Sequence[GapRow] | Sequence[LevelRow], pen: Pen) -> Html:
    """Number, interval and n of each unit, in the units' own order."""
    head = "gap" if rows and isinstance(rows[0], GapRow) else "level"
    heads = [pen.frame(pen.view.unit), *(pen.word(f"table.{key}") for key in (head, "interval", "n"))]
    body = [[pen.domain(row.by, row.domain), *_numbers(row, pen)] for row in sorted(rows, key=lambda one: one.domain)]
    return table(heads, body, name=heads[0])


def segments_table(view: View, pen: Pen) -> tuple[Html | None, GapRow | None]:
    """The outcome's level for each audience, and the widest gap, in every category of every segment."""
    segments = [key for key in view.manifest.get("segments") or () if key != view.unit]
    faces = [
        (audience, face)
        for audience, face in (("customers", "customer"), ("employees", "employee"))
        if any(row.item == view.outcome and row.by in segments and row.face == face for row in view.levels)
    ]
    lead = leading_pair(view)
    cuts = {by: view.pairs(by=by) for by in segments}
    if lead is not None and not any(_same(row, lead) for rows in cuts.values() for row in rows):
        lead = None
    if not segments or not (faces or lead):
        return None, None
    heads = [pen.word("segments.head"), *(pen.audience(audience) for audience, _ in faces)]
    if lead is not None:
        heads.append(pen.word("segments.gap", item=pen.item(lead.item, quoted=True)))
    whole: list[str] = [element("strong", pen.word("segments.all")), *_outcomes(view, faces, "", "", pen)]
    body = [[*whole, _gap(lead, pen)] if lead is not None else whole]
    for by in segments:
        domains = _domains(view, by)
        if not domains:
            continue
        body.append([pen.frame(by)])
        for domain in domains:
            gap = next((row for row in cuts[by] if lead and row.domain == domain and _same(row, lead)), None)
            cells = [pen.domain(by, domain), *_outcomes(view, faces, by, domain, pen)]
            body.append([*cells, _gap(gap, pen)] if lead is not None else cells)
    return table(heads, body, name=heads[0], stacked=True), lead


def _pair(row: GapRow, pen: Pen) -> list[str]:
    name = pen.item(row.item)
    verdict, quadrant = verdict_word(row, pen), quadrant_word(row, pen)
    if not row.shown:
        return [name, "", "", "", "", "", reason(row, pen), "", ""]
    if quadrant and row.quadrant_chance is not None:
        chance = pen.chance(row.quadrant_chance, name="quadrant_chance")
        quadrant = pen.word("quadrant.chance", quadrant=quadrant, chance=chance)
    a, b = (pen.view.find_level(row.item, face, row.statistic) for face in (row.a or "customer", row.b))
    counts = pen.word("number.list", first=pen.count(row.n_a, name="n_a"), last=pen.count(row.n_b, name="n_b"))
    smallest = pen.smallest(row.smallest, row.statistic) if row.smallest is not None else ""
    if row.estimate is None:
        return [name, pen.level(a), pen.level(b), "", "", "", verdict, quadrant, counts]
    gap = pen.gap(row)
    if row.reading == "relative":
        gap = pen.word("table.beyond", gap=gap, general=pen.general(row))
    return [name, pen.level(a), pen.level(b), gap, pen.interval(row, gap=True), smallest, verdict, quadrant, counts]


def _numbers(row: Row, pen: Pen) -> list[str]:
    gap = isinstance(row, GapRow)
    if not row.shown:
        return [reason(row, pen), "", ""]
    return [pen.gap(row) if gap else pen.level(row), pen.interval(row, gap=gap), pen.count(row.n)]


def _driver(row: DriverRow, pen: Pen) -> list[str]:
    if row.estimate is None:
        return [reason(row, pen), "", "", ""]
    share = (
        pen.number(row.share_of_r2, "percent", name=f"{row.audience}/{row.item}/share")
        if row.share_of_r2 is not None
        else ""
    )
    estimate = pen.number(row.estimate, "lmg", name=f"{row.audience}/{row.item}/lmg")
    return [estimate, pen.interval(row), share, pen.count(row.n)]


def _outcomes(view: View, faces: Sequence[tuple[str, str]], by: str, domain: str, pen: Pen) -> list[Html]:
    statistic = view.statistic(view.outcome)
    return [level_cell(view.find_level(view.outcome, face, statistic, by=by, domain=domain), pen) for _, face in faces]


def _domains(view: View, by: str) -> list[str]:
    named = (view.study.get("frames", {}).get(by, {}).get("values") or {}).keys()
    seen = {row.domain for row in (*view.levels, *view.gaps) if row.by == by}
    return [domain for domain in named if domain in seen] + sorted(seen - set(named))


def level_cell(row: LevelRow | None, pen: Pen) -> Html:
    """A level with its interval and n, or why it is not there."""
    if row is None:
        return element("span", pen.word("absent"), class_="hidden")
    if not row.shown:
        return element("span", reason(row, pen), class_="hidden")
    return stack(pen.level(row), pen.interval(row), pen.n(row.n))


def _gap(row: GapRow | None, pen: Pen) -> Html:
    if row is None or not row.shown:
        return element("span", reason(row, pen) if row else pen.word("absent"), class_="hidden")
    verdict = standing(row)
    word = "" if verdict == "loose" else verdict_word(row, pen)
    return stack(pen.gap(row), pen.interval(row, gap=True), word)


def stack(number: str, interval: str, under: str) -> Html:
    """A number in a cell, with its interval and one more line under it."""
    rest = [element("span", text, class_="interval") for text in (interval, under) if text]
    return element("span", element("strong", number), *(part for one in rest for part in (" ", one)), class_="stack")


def _same(row: GapRow, lead: GapRow) -> bool:
    return (row.item, row.b, row.statistic) == (lead.item, lead.b, lead.statistic)
