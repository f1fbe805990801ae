"""Disclosure: what may be shown.  Small cells are hidden, with the companions that would give them away by subtraction."""

from symmetry.disclosure.auditing import Cells, cells_of, recoverable, small_remainder
from symmetry.disclosure.suppressing import blank, hidden_cells, suppress

__all__ = ["Cells", "blank", "cells_of", "hidden_cells", "recoverable", "small_remainder", "suppress"]
