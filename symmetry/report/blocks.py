"""A block: what one cell of a report displays, as HTML and as data.

Later shapes (slides, spreadsheets, posters) read the JSON part and need no recomputation. Every number in the HTML is
in `numbers`, since both come from the block's pen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from symmetry.report.markup import Html
from symmetry.report.pen import Pen

__all__ = ["MIME", "Block", "written"]

MIME = "application/vnd.symmetry.block+json"


@dataclass(frozen=True)
class Block:
    """One piece of a page.

    kind : opening, finding, chart, table or text.
    key : its name on the page, unique in a report.
    unit : the organisational unit it speaks of ("all" for the whole).
    numbers : every number in `html`, in reading order: name, raw value, shown form.
    labels : texts of the study that hold digits of their own ("District 7").
    alt, caption : the picture in words, computed from the data; what to see in it.
    n, interval, method : what the numbers rest on.
    """

    kind: str
    key: str
    html: Html
    unit: str = "all"
    numbers: tuple[Mapping[str, Any], ...] = ()
    labels: tuple[str, ...] = ()
    alt: str = ""
    caption: str = ""
    n: Mapping[str, float] = field(default_factory=dict)
    interval: float = 0.95
    method: str = ""

    def data(self) -> dict[str, Any]:
        """The block without its HTML, ready for JSON."""
        names = ("kind", "key", "unit", "numbers", "labels", "alt", "caption", "n", "interval", "method")
        values = {name: getattr(self, name) for name in names}
        return values | {
            "numbers": [dict(entry) for entry in self.numbers],
            "labels": list(self.labels),
            "n": dict(self.n),
        }

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {"text/html": str(self.html), "text/plain": self.alt or self.caption or self.key, MIME: self.data()}


def written(
    pen: Pen,
    kind: str,
    key: str,
    html: Html,
    *,
    alt: str = "",
    caption: str = "",
    n: Mapping[str, float | None] | None = None,
    method: str = "",
) -> Block:
    """A block with the ledger of the pen that wrote its HTML."""
    counted = {name: value for name, value in (n or {}).items() if value is not None}
    labels = tuple(dict.fromkeys(pen.labels))
    return Block(kind, key, html, "all", tuple(pen.numbers), labels, alt, caption, counted, pen.view.level, method)
