"""A store on files alone, for tests of what is read: a database of another kind would read the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Store]:
    """A store on files."""
    from symmetry.fieldwork.store.opening import close, create

    store = create(tmp_path / "store")
    yield store
    close(store)
