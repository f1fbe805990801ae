"""The three studies of the repository, and their results computed once a worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from symmetry.analyse import Results, collect, load_plan, run

REPO = Path(__file__).parents[2]
SHARED = REPO.parent / "shared" / "data"


def results_of(name: str, folder: Path) -> Results:
    """Run a plan of the repository on its own data."""
    plan = load_plan(REPO / "analyses" / name)
    return run(plan, collect(plan, folder))


def _real(name: str, data: str, folder: Path) -> Results:
    if not (SHARED / data).is_dir():
        pytest.skip(f"REAL DATA ABSENT: {SHARED / data} is not there, so {name} was NOT run end to end")
    return results_of(name, folder)


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Results of the demonstration."""
    return results_of("everyday_bank", tmp_path_factory.mktemp("bank") / "responses")


@pytest.fixture(scope="session")
def nyc(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Results of the New York schools."""
    return _real("nyc_schools_2015", "nyc_school_2015", tmp_path_factory.mktemp("nyc") / "responses")


@pytest.fixture(scope="session")
def sfo(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Results of the San Francisco airport."""
    return _real("sfo_airport_2017", "sfo_airport", tmp_path_factory.mktemp("sfo") / "responses")
