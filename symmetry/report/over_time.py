"""Wave beside wave: waves of one kind with what moved between them, hot beside cold without a test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from symmetry.report.blocks import Block, written
from symmetry.report.charts.frame import figure, table
from symmetry.report.markup import Html, element, join
from symmetry.report.pen import Pen
from symmetry.report.reasons import reason
from symmetry.report.results_view import View
from symmetry.report.rows import LevelRow, TrendRow
from symmetry.report.tables import level_cell, stack

__all__ = ["waves"]

_MOST = 12  # rows of a table at first sight
_FACES = {"customers": "customer", "employees": "employee"}
_WORDS = {"dissonant": "moved", "misjudged": "moved", "aligned": "steady", "accurate": "steady", "undetermined": "open"}


@dataclass(frozen=True)
class _Line:
    """One item in a row of cells, and whether none of its changes is more than steady."""

    cells: Sequence[str]
    steady: bool


def waves(view: View) -> Block | None:
    """Levels wave by wave, and the change since another wave of the same kind with its interval and verdict."""
    others = [wave for wave in view.waves[1:] if view.main_levels("customers", wave=wave) or _changes(view, wave)]
    if not others:
        return None
    pen = Pen(view)
    parts = {audience: _rows(view, audience, others, pen) for audience in _FACES}
    parts = {audience: rows for audience, rows in parts.items() if rows}
    if not parts:
        return None
    heads = [pen.word("table.item"), pen.wave(view.wave)]
    for wave in others:
        heads += [pen.wave(wave), *([_change_head(view, wave, pen)] if _changes(view, wave) else [])]
    title = pen.word("waves.title" if _unlike(view, others) else "waves.title.alike")
    caption = _caption(view, others, list(parts), pen)
    html = join([element("h2", title), figure(*_sheets(parts, heads, title, pen), caption=caption, name="waves")])
    return written(pen, "table", "waves", html, alt=caption, caption=caption)


def _sheets(parts: Mapping[str, Sequence[_Line]], heads: Sequence[str], title: str, pen: Pen) -> Iterable[Html]:
    """One table; a long one keeps what moved or cannot be told, and folds the items that are steady."""
    lines = [line for rows in parts.values() for line in rows]
    steady = sum(line.steady for line in lines)
    if len(lines) <= _MOST or not steady:
        yield _sheet(parts, heads, title, pen)
        return
    rest = {audience: [line for line in rows if not line.steady] for audience, rows in parts.items()}
    if steady < len(lines):
        yield _sheet(rest, heads, title, pen)
    else:
        yield element("p", pen.word("waves.still"))
    folded = {audience: [line for line in rows if line.steady] for audience, rows in parts.items()}
    summary = element("summary", pen.word("waves.rest", count=pen.count(steady, name="steady")))
    yield element("details", summary, _sheet(folded, heads, title, pen), class_="more")


def _sheet(parts: Mapping[str, Sequence[_Line]], heads: Sequence[str], title: str, pen: Pen) -> Html:
    body: list[Sequence[str]] = []
    for audience, rows in parts.items():
        if rows and (len(parts) > 1 or audience != "customers"):
            body.append([pen.audience(audience)])
        body += [line.cells for line in rows]
    return table(heads, body, name=title, stacked=True)


def _caption(view: View, others: Sequence[str], audiences: Sequence[str], pen: Pen) -> str:
    """Whose answers, what the words of a change mean, and what is not tested."""
    key = "waves.caption.two" if len(audiences) > 1 else "waves.caption"
    named = {"who": pen.audience(audiences[0], running=True)} if len(audiences) == 1 else pen.audiences()
    said = [pen.word(key, level=pen.confidence(), **named)]
    compared = [wave for wave in others if _changes(view, wave)]
    if compared:
        said.append(pen.word("waves.means"))
    if _unlike(view, others):
        said.append(pen.word("waves.unlike.beside" if compared else "waves.unlike"))
    elif not compared:
        said.append(pen.word("waves.untested"))
    return " ".join(said)


def _rows(view: View, audience: str, others: Sequence[str], pen: Pen) -> list[_Line]:
    """Customers on each item that another wave asks too; employees on those whose change is told."""
    face = _FACES[audience]
    changes = {wave: {(row.item, row.statistic): row for row in _changes(view, wave, face)} for wave in others}
    found = {wave: {row.item: row for row in view.main_levels(audience, wave=wave)} for wave in others}
    rows: list[_Line] = []
    for own in view.main_levels(audience):
        key = (own.item, own.statistic)
        told = any(key in changes[wave] for wave in others)
        if not told and (audience != "customers" or not any(own.item in found[wave] for wave in others)):
            continue
        cells = [pen.item(own.item), level_cell(own, pen)]
        for wave in others:
            cells.append(level_cell(_alike(found[wave].get(own.item), own), pen))
            if _changes(view, wave):
                cells.append(_change(changes[wave].get(key), pen))
        compared = [changes[wave].get(key) for wave in others if changes[wave]]
        rows.append(_Line(cells, bool(compared) and all(row and _word(row) == "steady" for row in compared)))
    return rows


def _alike(other: LevelRow | None, own: LevelRow) -> LevelRow | None:
    return other if other is not None and other.statistic == own.statistic else None


def _change(row: TrendRow | None, pen: Pen) -> Html:
    if row is None:
        return element("span", pen.word("waves.change.none"), class_="hidden")
    if not row.shown:
        return element("span", reason(row, pen), class_="hidden")
    word = _word(row)
    if word == "moved" and row.grade == "material":
        word = "moved.material"
    return stack(pen.gap(row), pen.interval(row, gap=True), pen.word(f"waves.{word}") if word else "")


def _word(row: TrendRow) -> str:
    return _WORDS.get(row.verdict, "") if row.shown else ""


def _changes(view: View, wave: str, face: str = "") -> list[TrendRow]:
    """Changes of the main wave against another, whole and as measured: of one face, or of any face the table shows."""
    faces = (face,) if face else tuple(_FACES.values())
    kept = [row for row in view.trends if row.earlier == wave and row.wave in ("", view.wave) and not row.by]
    return [row for row in kept if row.face in faces and row.reading in ("", "absolute")]


def _change_head(view: View, wave: str, pen: Pen) -> str:
    """What the change is counted from; where the other wave is the later one, which is taken from which."""
    named = {"wave": _moment(view.wave, pen), "other": _moment(wave, pen)}
    later = pen.window(wave)[0] > pen.window(view.wave)[0] if pen.window(view.wave)[0] else False
    return pen.word("waves.minus" if later else "waves.since", **named)


def _moment(wave: str, pen: Pen) -> str:
    """When a wave was: its month, its days where another wave of the page has the same month, else its key."""
    start, end = pen.window(wave)
    if not (start and end):
        return pen.quote(wave)
    months = [pen.months(*window) for other in pen.view.waves if all(window := pen.window(other))]
    said = pen.months(start, end)
    return said if months.count(said) == 1 else pen.days(start, end)


def _unlike(view: View, others: Sequence[str]) -> bool:
    """Whether the waves are of two kinds: hot and cold ask at different distances."""
    kinds = {(view.study.get("waves", {}).get(wave) or {}).get("kind") for wave in (view.wave, *others)}
    return len(kinds) > 1
