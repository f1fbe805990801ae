"""A month of the exhibit that is written once and read by many tests, and a copy of it for each test that changes something."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from symmetry.fieldwork.store import opening
from symmetry.fieldwork.store.nouns import Store
from symmetry.spec import Study
from tests.fieldwork.watching import exhibit


@dataclass(frozen=True)
class Month:
    """A store of files with a month of a hot wave and a week of a cold one, in a folder with its study; the rows as written."""

    home: Path
    store: Store
    study: Study
    rows: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    """To be read; nobody writes to it."""
    home = tmp_path_factory.mktemp("month")
    store, study = opening.create(home / "store"), exhibit.study_in(home)
    rows = exhibit.month(store, study)
    exhibit.employees(store, study)
    opening.close(store)  # nothing is left in the journal, so the files can be copied
    store = opening.open_store(home / "store")
    yield Month(home, store, study, rows)
    opening.close(store)


@pytest.fixture
def filled(month: Month, tmp_path: Path) -> Iterator[Store]:
    """The same store, for this test alone."""
    shutil.copytree(month.home, tmp_path, dirs_exist_ok=True)
    store = opening.open_store(tmp_path / "store")
    yield store
    opening.close(store)
