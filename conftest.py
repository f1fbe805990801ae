"""Names that examples in docstrings use without importing them: the libraries, and doors of the statistics wing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def names_in_examples(doctest_namespace: dict[str, Any]) -> None:
    """`np`, `pd`, and each room under its own name, as in `symmetry.estimate`'s examples."""
    import numpy as np
    import pandas as pd

    doctest_namespace.update(np=np, pd=pd)
    for room in ("design", "estimate", "weights"):
        doctest_namespace[room] = import_module(f"symmetry.{room}")
