"""The room of the field: whom to ask, the pages and the store of a wave, and answers as they come in, from files or simulated.

The door is lazy: a plan that only names a `Source` never pays for pandas, and nobody but a field for a server.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symmetry.fieldwork.cases.caring import mark_called, mark_closed
    from symmetry.fieldwork.cases.nouns import Case, Seen
    from symmetry.fieldwork.cases.reading import cases_of, seen
    from symmetry.fieldwork.collecting import closed_waves, collect
    from symmetry.fieldwork.columns import Column, columns_of
    from symmetry.fieldwork.contacts.erasing import Erased, erase, would_erase
    from symmetry.fieldwork.contacts.explaining import Explained, explain
    from symmetry.fieldwork.contacts.listing import contacted
    from symmetry.fieldwork.drawing import draw, sampling_of
    from symmetry.fieldwork.frames import Frame, read_frame
    from symmetry.fieldwork.importing import import_answers
    from symmetry.fieldwork.inviting.rehearsing import is_rehearsal, moment_in, move
    from symmetry.fieldwork.inviting.running import Ran, alone, run
    from symmetry.fieldwork.nouns import FaceTruth, FieldTruth, Intake, Sample, Truth
    from symmetry.fieldwork.population import expected
    from symmetry.fieldwork.resting import read_contacted
    from symmetry.fieldwork.sampled import read_sample, write_sample
    from symmetry.fieldwork.simulating import simulate
    from symmetry.fieldwork.sources import ColumnRule, Source
    from symmetry.fieldwork.store.failing import StoreAwayError
    from symmetry.fieldwork.store.keeping import check_samples, close_wave, open_wave, write_links
    from symmetry.fieldwork.store.links import check_address
    from symmetry.fieldwork.store.nouns import Store
    from symmetry.fieldwork.store.opening import check_databases, is_store, open_store
    from symmetry.fieldwork.store.opening import close as close_store
    from symmetry.fieldwork.store.opening import create as create_store
    from symmetry.fieldwork.store.releasing import release
    from symmetry.fieldwork.tabulated import PARTS, Tabulated, TabulatedSource, read_tabulated
    from symmetry.fieldwork.taking.callers import new_caller, revoke_caller
    from symmetry.fieldwork.taking.files import take_file
    from symmetry.fieldwork.taking.nouns import Taken
    from symmetry.fieldwork.timing import now_of, stamp
    from symmetry.fieldwork.truth import read_truth
    from symmetry.fieldwork.vendors.importing import read_vendor
    from symmetry.fieldwork.vendors.mapping import mapping_text
    from symmetry.fieldwork.vendors.nouns import Report
    from symmetry.fieldwork.vendors.telling import aside_csv, report_lines
    from symmetry.fieldwork.watching.capacity import BORNE, alerts_a_day, bearable_together, load_hours, most_a_day
    from symmetry.fieldwork.watching.nouns import Status
    from symmetry.fieldwork.watching.paging import page_of as status_page
    from symmetry.fieldwork.watching.saying import Teller, language_of, notices_in, teller_of
    from symmetry.fieldwork.watching.saying import json_of as status_data
    from symmetry.fieldwork.watching.status import status_of
    from symmetry.fieldwork.watching.tabling import Grid, audience_grids, head_of, wave_grids
    from symmetry.fieldwork.web.app import application
    from symmetry.fieldwork.web.serving import serve

__all__ = [
    "BORNE",
    "PARTS",
    "Case",
    "Column",
    "ColumnRule",
    "Erased",
    "Explained",
    "FaceTruth",
    "FieldTruth",
    "Frame",
    "Grid",
    "Intake",
    "Ran",
    "Report",
    "Sample",
    "Seen",
    "Source",
    "Status",
    "Store",
    "StoreAwayError",
    "Tabulated",
    "TabulatedSource",
    "Taken",
    "Teller",
    "Truth",
    "alerts_a_day",
    "alone",
    "application",
    "aside_csv",
    "audience_grids",
    "bearable_together",
    "cases_of",
    "check_address",
    "check_databases",
    "check_samples",
    "close_store",
    "close_wave",
    "closed_waves",
    "collect",
    "columns_of",
    "contacted",
    "create_store",
    "draw",
    "erase",
    "expected",
    "explain",
    "head_of",
    "import_answers",
    "is_rehearsal",
    "is_store",
    "language_of",
    "load_hours",
    "mapping_text",
    "mark_called",
    "mark_closed",
    "moment_in",
    "most_a_day",
    "move",
    "new_caller",
    "notices_in",
    "now_of",
    "open_store",
    "open_wave",
    "read_contacted",
    "read_frame",
    "read_sample",
    "read_tabulated",
    "read_truth",
    "read_vendor",
    "release",
    "report_lines",
    "revoke_caller",
    "run",
    "sampling_of",
    "seen",
    "serve",
    "simulate",
    "stamp",
    "status_data",
    "status_of",
    "status_page",
    "take_file",
    "teller_of",
    "wave_grids",
    "would_erase",
    "write_links",
    "write_sample",
]

_HOME = {
    "BORNE": "watching.capacity",
    "Case": "cases.nouns",
    "Column": "columns",
    "ColumnRule": "sources",
    "Erased": "contacts.erasing",
    "Explained": "contacts.explaining",
    "FaceTruth": "nouns",
    "FieldTruth": "nouns",
    "Frame": "frames",
    "Grid": "watching.tabling",
    "Intake": "nouns",
    "PARTS": "tabulated",
    "Ran": "inviting.running",
    "Report": "vendors.nouns",
    "Sample": "nouns",
    "Seen": "cases.nouns",
    "Source": "sources",
    "Status": "watching.nouns",
    "Store": "store.nouns",
    "StoreAwayError": "store.failing",
    "Tabulated": "tabulated",
    "TabulatedSource": "tabulated",
    "Taken": "taking.nouns",
    "Teller": "watching.saying",
    "Truth": "nouns",
    "alerts_a_day": "watching.capacity",
    "alone": "inviting.running",
    "application": "web.app",
    "aside_csv": "vendors.telling",
    "audience_grids": "watching.tabling",
    "bearable_together": "watching.capacity",
    "cases_of": "cases.reading",
    "check_address": "store.links",
    "check_databases": "store.opening",
    "check_samples": "store.keeping",
    "close_store": "store.opening:close",
    "close_wave": "store.keeping",
    "closed_waves": "collecting",
    "collect": "collecting",
    "columns_of": "columns",
    "contacted": "contacts.listing",
    "create_store": "store.opening:create",
    "draw": "drawing",
    "erase": "contacts.erasing",
    "expected": "population",
    "explain": "contacts.explaining",
    "head_of": "watching.tabling",
    "import_answers": "importing",
    "is_rehearsal": "inviting.rehearsing",
    "is_store": "store.opening",
    "language_of": "watching.saying",
    "load_hours": "watching.capacity",
    "mapping_text": "vendors.mapping",
    "mark_called": "cases.caring",
    "mark_closed": "cases.caring",
    "moment_in": "inviting.rehearsing",
    "most_a_day": "watching.capacity",
    "move": "inviting.rehearsing",
    "new_caller": "taking.callers",
    "notices_in": "watching.saying",
    "now_of": "timing",
    "open_store": "store.opening",
    "open_wave": "store.keeping",
    "read_contacted": "resting",
    "read_frame": "frames",
    "read_sample": "sampled",
    "read_tabulated": "tabulated",
    "read_truth": "truth",
    "read_vendor": "vendors.importing",
    "release": "store.releasing",
    "report_lines": "vendors.telling",
    "revoke_caller": "taking.callers",
    "run": "inviting.running",
    "sampling_of": "drawing",
    "seen": "cases.reading",
    "serve": "web.serving",
    "simulate": "simulating",
    "stamp": "timing",
    "status_data": "watching.saying:json_of",
    "status_of": "watching.status",
    "status_page": "watching.paging:page_of",
    "take_file": "taking.files",
    "teller_of": "watching.saying",
    "wave_grids": "watching.tabling",
    "would_erase": "contacts.erasing",
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
