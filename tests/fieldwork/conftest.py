"""What tests of the field share: a PostgreSQL server, and fresh stores on it and in files."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fieldwork import postgresql

if TYPE_CHECKING:
    from symmetry.fieldwork.store.nouns import Store


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgresql.Server]:
    """A running server, one for each worker of the tests; whoever stops it starts it again."""
    programs = postgresql.programs()
    if programs is None:
        pytest.skip("NO POSTGRESQL HERE: install Debian's package postgresql, or this half of the store goes untested")
    server = postgresql.Server(programs)
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Iterator[Callable[[], dict[str, str]]]:
    """Give where a new store's databases shall be, as `create` takes it; databases on the server are dropped afterwards."""
    if request.param == "sqlite":
        yield dict
        return
    server: postgresql.Server = request.getfixturevalue("postgres")
    made: list[str] = []

    def fresh() -> dict[str, str]:
        names = [f"{kind}_{uuid.uuid4().hex[:12]}" for kind in ("field", "sealed")]
        server.execute(*(f"CREATE DATABASE {name}" for name in names))
        made.extend(names)
        return {"database": server.url(names[0]), "sealed_database": server.url(names[1])}

    yield fresh
    server.execute(*(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in made))


@pytest.fixture
def new_store(databases: Callable[[], dict[str, str]], tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Make stores, each in a folder and databases of its own, on SQLite and on PostgreSQL."""
    from symmetry.fieldwork.store.opening import close, create

    made: list[Store] = []

    def make() -> Store:
        made.append(create(tmp_path / f"store-{len(made)}", **databases()))
        return made[-1]

    yield make
    for store in made:
        close(store)


@pytest.fixture
def store(new_store: Callable[[], Store]) -> Store:
    """A new store, on SQLite and on PostgreSQL in turn."""
    return new_store()
