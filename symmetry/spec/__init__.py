"""What a study asks: from `study.yaml` to frozen nouns, with every problem at its place.

`load` reads a study to be used, `check` lists what is wrong with one, `pairs` says which questions answer each other.
`read_yaml` and `validate` serve other files of the same grammar (plans, truths).
"""

from __future__ import annotations

from symmetry.spec.checking import check, load
from symmetry.spec.forms import ALL, MarginText, Words, is_day
from symmetry.spec.mirroring import MirroredPair, pairs
from symmetry.spec.nouns import AUDIENCE_OF, FACES, Audience, Face, Item, MirrorType, Scale, Study, column_of
from symmetry.spec.planning import FLOOR, check_units, units_of
from symmetry.spec.reading import Document, Route, read_yaml
from symmetry.spec.running import Comparison, Margin, Privacy, Registered, Target, Wave
from symmetry.spec.texts import Text
from symmetry.spec.validating import Faults, Strict, in_order, nearest, validate
from symmetry.spec.wording import text as check_text

__all__ = [
    "ALL",
    "AUDIENCE_OF",
    "FACES",
    "FLOOR",
    "Audience",
    "Comparison",
    "Document",
    "Face",
    "Faults",
    "Item",
    "Margin",
    "MarginText",
    "MirrorType",
    "MirroredPair",
    "Privacy",
    "Registered",
    "Route",
    "Scale",
    "Strict",
    "Study",
    "Target",
    "Text",
    "Wave",
    "Words",
    "check",
    "check_text",
    "check_units",
    "column_of",
    "in_order",
    "is_day",
    "load",
    "nearest",
    "pairs",
    "read_yaml",
    "units_of",
    "validate",
]
