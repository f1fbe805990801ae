"""The room of the field: whom to ask, the pages and the store of a wave, and answers as they come in, from files or simulated.

The door is lazy: a plan that only names a `Source` never pays for pandas, and nobody but a field for a server.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symmetry.fieldwork.collecting import closed_waves, collect
    from symmetry.fieldwork.columns import Column, columns_of
    from symmetry.fieldwork.drawing import draw, sampling_of
    from symmetry.fieldwork.frames import Frame, read_frame
    from symmetry.fieldwork.importing import import_answers
    from symmetry.fieldwork.nouns import FaceTruth, FieldTruth, Intake, Sample, Truth
    from symmetry.fieldwork.population import expected
    from symmetry.fieldwork.resting import read_contacted
    from symmetry.fieldwork.sampled import read_sample, write_sample
    from symmetry.fieldwork.simulating import simulate
    from symmetry.fieldwork.sources import ColumnRule, Source
    from symmetry.fieldwork.store.keeping import check_samples, close_wave, open_wave, write_links
    from symmetry.fieldwork.store.links import check_address
    from symmetry.fieldwork.store.nouns import Store
    from symmetry.fieldwork.store.opening import check_databases, is_store, open_store
    from symmetry.fieldwork.store.opening import close as close_store
    from symmetry.fieldwork.store.opening import create as create_store
    from symmetry.fieldwork.store.releasing import release
    from symmetry.fieldwork.tabulated import PARTS, Tabulated, TabulatedSource, read_tabulated
    from symmetry.fieldwork.truth import read_truth
    from symmetry.fieldwork.web.app import application
    from symmetry.fieldwork.web.serving import serve

__all__ = [
    "PARTS",
    "Column",
    "ColumnRule",
    "FaceTruth",
    "FieldTruth",
    "Frame",
    "Intake",
    "Sample",
    "Source",
    "Store",
    "Tabulated",
    "TabulatedSource",
    "Truth",
    "application",
    "check_address",
    "check_databases",
    "check_samples",
    "close_store",
    "close_wave",
    "closed_waves",
    "collect",
    "columns_of",
    "create_store",
    "draw",
    "expected",
    "import_answers",
    "is_store",
    "open_store",
    "open_wave",
    "read_contacted",
    "read_frame",
    "read_sample",
    "read_tabulated",
    "read_truth",
    "release",
    "sampling_of",
    "serve",
    "simulate",
    "write_links",
    "write_sample",
]

_HOME = {
    "PARTS": "tabulated",
    "Column": "columns",
    "ColumnRule": "sources",
    "FaceTruth": "nouns",
    "FieldTruth": "nouns",
    "Frame": "frames",
    "Intake": "nouns",
    "Sample": "nouns",
    "Source": "sources",
    "Store": "store.nouns",
    "Tabulated": "tabulated",
    "TabulatedSource": "tabulated",
    "Truth": "nouns",
    "application": "web.app",
    "check_address": "store.links",
    "check_databases": "store.opening",
    "check_samples": "store.keeping",
    "close_store": "store.opening:close",
    "close_wave": "store.keeping",
    "closed_waves": "collecting",
    "collect": "collecting",
    "columns_of": "columns",
    "create_store": "store.opening:create",
    "draw": "drawing",
    "expected": "population",
    "import_answers": "importing",
    "is_store": "store.opening",
    "open_store": "store.opening",
    "open_wave": "store.keeping",
    "read_contacted": "resting",
    "read_frame": "frames",
    "read_sample": "sampled",
    "read_tabulated": "tabulated",
    "read_truth": "truth",
    "release": "store.releasing",
    "sampling_of": "drawing",
    "serve": "web.serving",
    "simulate": "simulating",
    "write_links": "store.keeping",
    "write_sample": "sampled",
}


def __getattr__(name: str) -> object:
    """Fetch a public name from its file the first time it is used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    file, _, own = _HOME[name].partition(":")
    value: object = getattr(import_module(f"{__name__}.{file}"), own or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, fetched or not."""
    return sorted(__all__)
