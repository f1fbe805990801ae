"""Results folders and blocks that the tests of the report share: fabricated once, read in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from symmetry import report
from symmetry.report import Block, View
from tests.report import later, sample, tied

VARIANTS = {**sample.VARIANTS, "network": later.network, "tied": tied.bank, "tied_airport": tied.airport}
CASES = [(variant, language) for variant in VARIANTS for language in ("fr", "en")]
_CELLS = (
    "opening",
    "verdicts",
    "pairs",
    "levels",
    "levers",
    "priorities",
    "units",
    "segments",
    "waves",
    "trust",
    "analyst",
    "method",
)


def blocks_of(view: View) -> list[Block]:
    """Every block of the page, as the notebook's cells make them."""
    made = [getattr(report, name)(view) for name in _CELLS]
    return [*report.findings(view), *(block for block in made if block is not None)]


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """One fabricated results folder of each kind."""
    folder = tmp_path_factory.mktemp("results")
    return {name: make(folder / name) for name, make in VARIANTS.items()}


@pytest.fixture(params=CASES, ids=lambda case: "-".join(case))
def view(request: pytest.FixtureRequest, results: Mapping[str, Path]) -> View:
    """Each kind of results in each language."""
    variant, language = request.param
    return report.read(results[variant], language=language)


@pytest.fixture
def blocks(view: View) -> list[Block]:
    """The blocks of a view."""
    return blocks_of(view)
