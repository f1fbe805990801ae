"""What a study asks: from `study.yaml` to frozen nouns, with every problem at its place.

`load` reads a study to be used, `check` lists what is wrong with one, `pairs` says which questions answer each other.
`read_yaml` and `validate` serve other files of the same grammar (plans, truths).  What only authors need (editing, preview,
versions, translation, exchange) is fetched on first use, so that a check starts in a blink.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from symmetry.spec.checking import check, load
from symmetry.spec.forms import ALL, MarginText, Words, is_day
from symmetry.spec.mirroring import MirroredPair, pairs
from symmetry.spec.nouns import AUDIENCE_OF, FACES, Audience, Face, Item, MirrorType, Scale, Study, column_of
from symmetry.spec.planning import FLOOR, check_units, units_of
from symmetry.spec.reading import Document, Route, read_yaml
from symmetry.spec.running import (
    COLD_FIRST,
    Alert,
    Comparison,
    Contact,
    Expectation,
    ExpectedHot,
    Invite,
    Margin,
    Owner,
    Privacy,
    Quota,
    Registered,
    SampledUnits,
    Sampling,
    Target,
    Wave,
)
from symmetry.spec.texts import Text
from symmetry.spec.validating import Faults, Strict, in_order, nearest, validate
from symmetry.spec.wording import text as check_text

if TYPE_CHECKING:
    from symmetry.spec.changing.comparing import Change, breaks, changes
    from symmetry.spec.changing.comparing import as_data as changes_as_data
    from symmetry.spec.changing.comparing import describe as describe_changes
    from symmetry.spec.changing.compiling import compile_wave, study_in
    from symmetry.spec.changing.compiling import hash_of as hash_of_wave
    from symmetry.spec.changing.sealing import read_seal, seal
    from symmetry.spec.changing.versions import read_version
    from symmetry.spec.covering import Matrix, matrix
    from symmetry.spec.editing.formatting import format_file, format_study
    from symmetry.spec.editing.schema import schema_of, schema_text, write_schema
    from symmetry.spec.editing.starting import new_study
    from symmetry.spec.exchange.answered import Answered, answered_elsewhere
    from symmetry.spec.exchange.choosing import draft, export
    from symmetry.spec.exchange.nouns import Draft, Exported
    from symmetry.spec.exchange.questionnaire import frame_of, questionnaire_of, unbraced
    from symmetry.spec.expecting import impossible
    from symmetry.spec.explaining import codes, explain
    from symmetry.spec.piping import fill as fill_in
    from symmetry.spec.rotating import order_of
    from symmetry.spec.routed import route_of
    from symmetry.spec.routing.javascript import to_javascript
    from symmetry.spec.routing.nouns import Condition, Variable
    from symmetry.spec.routing.python import to_python
    from symmetry.spec.routing.reading import read_condition
    from symmetry.spec.routing.sql import to_sql
    from symmetry.spec.showing.rendering import preview
    from symmetry.spec.translating.counting import status as translation_status
    from symmetry.spec.translating.writing import write_catalogue

__all__ = [
    "ALL",
    "AUDIENCE_OF",
    "COLD_FIRST",
    "FACES",
    "FLOOR",
    "Alert",
    "Answered",
    "Audience",
    "Change",
    "Comparison",
    "Condition",
    "Contact",
    "Document",
    "Draft",
    "Expectation",
    "ExpectedHot",
    "Exported",
    "Face",
    "Faults",
    "Invite",
    "Item",
    "Margin",
    "MarginText",
    "Matrix",
    "MirrorType",
    "MirroredPair",
    "Owner",
    "Privacy",
    "Quota",
    "Registered",
    "Route",
    "SampledUnits",
    "Sampling",
    "Scale",
    "Strict",
    "Study",
    "Target",
    "Text",
    "Variable",
    "Wave",
    "Words",
    "answered_elsewhere",
    "breaks",
    "changes",
    "changes_as_data",
    "check",
    "check_text",
    "check_units",
    "codes",
    "column_of",
    "compile_wave",
    "describe_changes",
    "draft",
    "explain",
    "export",
    "fill_in",
    "format_file",
    "format_study",
    "frame_of",
    "hash_of_wave",
    "impossible",
    "in_order",
    "is_day",
    "load",
    "matrix",
    "nearest",
    "new_study",
    "order_of",
    "pairs",
    "preview",
    "questionnaire_of",
    "read_condition",
    "read_seal",
    "read_version",
    "read_yaml",
    "route_of",
    "schema_of",
    "schema_text",
    "seal",
    "study_in",
    "to_javascript",
    "to_python",
    "to_sql",
    "translation_status",
    "unbraced",
    "units_of",
    "validate",
    "write_catalogue",
    "write_schema",
]

_LATER = {
    "Answered": "exchange.answered:Answered",
    "answered_elsewhere": "exchange.answered:answered_elsewhere",
    "Change": "changing.comparing:Change",
    "Condition": "routing.nouns:Condition",
    "Draft": "exchange.nouns:Draft",
    "Exported": "exchange.nouns:Exported",
    "Matrix": "covering:Matrix",
    "Variable": "routing.nouns:Variable",
    "breaks": "changing.comparing:breaks",
    "changes": "changing.comparing:changes",
    "changes_as_data": "changing.comparing:as_data",
    "codes": "explaining:codes",
    "compile_wave": "changing.compiling:compile_wave",
    "describe_changes": "changing.comparing:describe",
    "draft": "exchange.choosing:draft",
    "explain": "explaining:explain",
    "export": "exchange.choosing:export",
    "fill_in": "piping:fill",
    "format_file": "editing.formatting:format_file",
    "format_study": "editing.formatting:format_study",
    "frame_of": "exchange.questionnaire:frame_of",
    "hash_of_wave": "changing.compiling:hash_of",
    "impossible": "expecting:impossible",
    "matrix": "covering:matrix",
    "new_study": "editing.starting:new_study",
    "order_of": "rotating:order_of",
    "preview": "showing.rendering:preview",
    "questionnaire_of": "exchange.questionnaire:questionnaire_of",
    "read_condition": "routing.reading:read_condition",
    "read_seal": "changing.sealing:read_seal",
    "read_version": "changing.versions:read_version",
    "route_of": "routed:route_of",
    "schema_of": "editing.schema:schema_of",
    "schema_text": "editing.schema:schema_text",
    "seal": "changing.sealing:seal",
    "study_in": "changing.compiling:study_in",
    "to_javascript": "routing.javascript:to_javascript",
    "to_python": "routing.python:to_python",
    "to_sql": "routing.sql:to_sql",
    "translation_status": "translating.counting:status",
    "unbraced": "exchange.questionnaire:unbraced",
    "write_catalogue": "translating.writing:write_catalogue",
    "write_schema": "editing.schema:write_schema",
}


def __getattr__(name: str) -> object:
    """Fetch what only authors need, once."""
    if name not in _LATER:
        raise AttributeError(f"module 'symmetry.spec' has no attribute {name!r}")
    module, _, thing = _LATER[name].partition(":")
    found: object = getattr(import_module(f"symmetry.spec.{module}"), thing)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Every name of the door, fetched or not."""
    return sorted({*globals(), *__all__})
