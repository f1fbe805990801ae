"""Results into pages that a leader reads in two minutes: words, pictures, tables, a notebook as the record, an HTML page.

`render` makes both files; the other verbs are what the notebook's cells call, each returning a block. Everything is
fetched on first use, so that the command line starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symmetry.report.blocks import Block
    from symmetry.report.details import analyst
    from symmetry.report.evidence import method, trust
    from symmetry.report.network import units
    from symmetry.report.notebooks import render
    from symmetry.report.over_time import waves
    from symmetry.report.priority_page import priorities
    from symmetry.report.reading import read
    from symmetry.report.results_view import View
    from symmetry.report.story import findings, levels, levers, opening, pairs, segments, verdicts

__all__ = [
    "Block",
    "View",
    "analyst",
    "findings",
    "levels",
    "levers",
    "method",
    "opening",
    "pairs",
    "priorities",
    "read",
    "render",
    "segments",
    "trust",
    "units",
    "verdicts",
    "waves",
]

_HOMES = {
    "Block": "blocks",
    "View": "results_view",
    "analyst": "details",
    "method": "evidence",
    "priorities": "priority_page",
    "read": "reading",
    "render": "notebooks",
    "trust": "evidence",
    "units": "network",
    "waves": "over_time",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"symmetry.report.{_HOMES.get(name, 'story')}"), name)
