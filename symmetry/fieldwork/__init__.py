"""The room where answers come in: imported from files, or simulated from a known truth.

The door is lazy: a plan that only names a `Source` never pays for pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symmetry.fieldwork.columns import Column, columns_of
    from symmetry.fieldwork.importing import import_answers
    from symmetry.fieldwork.nouns import FaceTruth, FieldTruth, Intake, Truth
    from symmetry.fieldwork.population import expected
    from symmetry.fieldwork.simulating import simulate
    from symmetry.fieldwork.sources import ColumnRule, Source
    from symmetry.fieldwork.tabulated import PARTS, Tabulated, TabulatedSource, read_tabulated
    from symmetry.fieldwork.truth import read_truth

__all__ = [
    "PARTS",
    "Column",
    "ColumnRule",
    "FaceTruth",
    "FieldTruth",
    "Intake",
    "Source",
    "Tabulated",
    "TabulatedSource",
    "Truth",
    "columns_of",
    "expected",
    "import_answers",
    "read_tabulated",
    "read_truth",
    "simulate",
]

_HOME = {
    "PARTS": "tabulated",
    "Column": "columns",
    "ColumnRule": "sources",
    "FaceTruth": "nouns",
    "FieldTruth": "nouns",
    "Intake": "nouns",
    "Source": "sources",
    "Tabulated": "tabulated",
    "TabulatedSource": "tabulated",
    "Truth": "nouns",
    "columns_of": "columns",
    "expected": "population",
    "import_answers": "importing",
    "read_tabulated": "tabulated",
    "read_truth": "truth",
    "simulate": "simulating",
}


def __getattr__(name: str) -> object:
    """Fetch a public name from its file the first time it is used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, fetched or not."""
    return sorted(__all__)
