"""Disclosure: what may be shown.  Small cells are hidden, with the companions that would give them away by subtraction."""

from symmetry.disclosure.auditing import audit
from symmetry.disclosure.cells import Cells, cells_of
from symmetry.disclosure.ledger import Entry, Ledger
from symmetry.disclosure.subtracting import recoverable, small_remainder
from symmetry.disclosure.suppressing import HELD_BACK, hidden_cells, suppress
from symmetry.disclosure.tables import blank

__all__ = [
    "HELD_BACK",
    "Cells",
    "Entry",
    "Ledger",
    "audit",
    "blank",
    "cells_of",
    "hidden_cells",
    "recoverable",
    "small_remainder",
    "suppress",
]
