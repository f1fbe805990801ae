"""What every picture has around its rows: a caption that says what to see, a legend, and the same numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence

from symmetry.report.markup import Html, element
from symmetry.report.pen import Pen
from symmetry.report.reasons import reason
from symmetry.report.rows import Row

__all__ = ["drawn", "figure", "key_mark", "legend", "same_numbers", "swatch", "table", "why"]

_SIGNS = {
    "dissonant": "≠",
    "misjudged": "≠",
    "aligned": "=",
    "accurate": "=",
    "undetermined": "?",
    "loose": "~",
    "hidden": "·",
}


def figure(*parts: str | None, caption: str, name: str) -> Html:
    """A figure with its caption first: the reader knows what to look for."""
    return element("figure", element("figcaption", caption), *parts, class_=f"chart {name}")


def key_mark(verdict: str) -> Html:
    """The sign of a verdict: readable without colour."""
    return element("span", _SIGNS.get(verdict, ""), class_=f"sign {verdict}", aria_hidden="true")


def legend(entries: Sequence[tuple[Html, str]]) -> Html:
    """Marks and what they stand for."""
    return element("p", *(element("span", mark, " ", text, class_="entry") for mark, text in entries), class_="legend")


def swatch(shape: Html, tone: str) -> Html:
    """A mark outside its picture."""
    inner = element("svg", shape, x="50%", y="50%", overflow="visible", class_=f"dot {tone}")
    return element("svg", inner, class_="swatch", width="16", height="16", aria_hidden="true", focusable="false")


def drawn(shape: Html) -> Html:
    """A piece of a picture beside its legend, in a square of 16 pixels."""
    return element("svg", shape, class_="swatch", width="16", height="16", aria_hidden="true", focusable="false")


def same_numbers(pen: Pen, content: Html) -> Html:
    """The table of a picture, folded."""
    return element("details", element("summary", pen.word("table.same")), content)


def why(row: Row, pen: Pen) -> Html:
    """Why a row has no number: it may not be shown, or the answers do not tell."""
    return element("span", reason(row, pen), class_="hidden")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, name: str, stacked: bool = False) -> Html:
    """A table whose first cell is the name of its row.

    Parameters
    ----------
    heads : one title a column; the first may not be empty.
    rows : cells; a row of one cell is a heading inside the table.
    name : what a screen reader calls it.
    stacked : on a narrow screen each row becomes a small card instead of scrolling.
    """
    titles = element("tr", *(element("th", head, scope="col") for head in heads))
    body = [_group(row[0], len(heads)) if len(row) == 1 else _row(heads, row) for row in rows]
    inner = element("table", element("thead", titles), element("tbody", *body), class_="stacked" if stacked else None)
    if stacked:
        return element("div", inner, class_="sheet")
    return element("div", inner, class_="sheet scroll", role="region", aria_label=name, tabindex="0")


def _row(heads: Sequence[str], row: Sequence[str]) -> Html:
    cells = [element("td", cell, data_head=head) for head, cell in zip(heads[1:], row[1:], strict=True)]
    return element("tr", element("th", row[0], scope="row"), *cells)


def _group(title: str, width: int) -> Html:
    return element("tr", element("th", title, scope="colgroup", colspan=width), class_="group")
