"""Why a row has no number, in words: too few people, an earlier release beside it, unlike questions, nothing to rank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symmetry.report.pen import Pen
from symmetry.report.rows import Row

__all__ = ["kinds", "reason", "reasons"]

_HELD = "held back: with an earlier release"
_ALONE = "alone in its family"


def reason(row: Row, pen: Pen) -> str:
    """Why this row has no number: it may not be shown, or the answers do not tell."""
    return _said(_kind(row), pen)


def reasons(rows: Iterable[Row], pen: Pen) -> str:
    """Why some rows have no number, each reason once."""
    return "; ".join(_said(kind, pen) for kind in kinds(rows))


def kinds(rows: Iterable[Row]) -> dict[str, Sequence[Row]]:
    """Rows without a number by what keeps it: hidden, held, loose, rank or unmeasured."""
    found: dict[str, list[Row]] = {kind: [] for kind in ("hidden", "held", "loose", "rank", "unmeasured")}
    for row in rows:
        found[_kind(row)].append(row)
    return {kind: same for kind, same in found.items() if same}


def _kind(row: Row) -> str:
    if _HELD in row.note:
        return "held"
    if row.suppressed:
        return "hidden"
    if getattr(row, "mirror", "") == "loose":
        return "loose"
    return "rank" if _ALONE in row.note else "unmeasured"


def _said(kind: str, pen: Pen) -> str:
    if kind == "hidden":
        return pen.hidden()
    if kind != "held":
        return pen.word({"loose": "unlike", "rank": "alone"}.get(kind, kind))
    names = [pen.word("quote", text=pen.quote(str(name))) for name in pen.view.manifest.get("releases") or ()]
    if len(names) < 2:
        return pen.word("held.one", release=names[0]) if names else pen.word("held")
    return pen.word("held.many", releases=pen.word("number.list", first=", ".join(names[:-1]), last=names[-1]))
