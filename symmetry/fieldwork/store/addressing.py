"""Where the two databases are: URLs given or found in the environment, and what `store.json` remembers, never a password."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from symmetry.errors import DataError, Place

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["VARIABLES", "Address", "address_of", "addressed", "remembered", "same_database"]

VARIABLES = ("SYMMETRY_DATABASE", "SYMMETRY_SEALED_DATABASE")
_NAMES = ("field", "sealed")
_FORMAT = 1
_PORT = re.compile("[0-9]+(,[0-9]+)*")
_SECRETS = ("password", "sslpassword")


@dataclass(frozen=True)
class Address:
    """A PostgreSQL database: its URL, and the environment's variable that named it ("" where it was given)."""

    url: URL
    variable: str = ""

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Server, port, database and options (among them the schema): what makes it another database."""
        host = self.url.host or str(self.url.query.get("host", ""))
        port = str(self.url.port or self.url.query.get("port", 5432))
        return host, port, self.url.database or self.url.username or "", str(self.url.query.get("options", ""))


def addressed(database: str | None, sealed_database: str | None) -> tuple[Address, Address] | None:
    """Take two URLs, or what the environment names where none is given; None: both databases are files.

    Raises
    ------
    DataError : only one of the two is named, one is no PostgreSQL URL, or both are the same.
    """
    given = (database, sealed_database)
    variables = ("", "") if any(given) else VARIABLES
    texts = given if any(given) else tuple(os.environ.get(name) for name in VARIABLES)
    if not any(texts):
        return None
    if not all(texts):
        raise DataError(
            "one database is named, and the other is not: employees' answers stand in a database of their own",
            mend=f"give both --database and --sealed-database, or both {VARIABLES[0]} and {VARIABLES[1]}, or none",
            code="STO05",
        )
    field, sealed = (Address(_url(text or ""), variable) for text, variable in zip(texts, variables, strict=True))
    if field.place == sealed.place:
        raise same_database()
    return field, sealed


def remembered(addresses: tuple[Address, Address] | None) -> dict[str, object]:
    """What `store.json` says."""
    said: dict[str, object] = {"holds": "field store", "format": _FORMAT}
    for name, address in zip(_NAMES, addresses or (), strict=addresses is not None):
        said[name] = {"url": _without_password(address.url), "variable": address.variable}
    return said


def address_of(said: object, path: Path) -> tuple[Address, Address] | None:
    """Find the databases of a store again, with the passwords that the environment holds.

    Parameters
    ----------
    said : content of `store.json`.
    path : where it stands, for messages.

    Raises
    ------
    DataError : it is no such file, a variable is missing, or names another database now.
    """
    if not isinstance(said, Mapping) or said.get("holds") != "field store" or said.get("format") != _FORMAT:
        raise DataError(
            "does not say where a field store is",
            where=Place(path),
            mend="bring the file back from a copy, or open the store with the version of symmetry that made it",
            code="STO06",
        )
    if not any(name in said for name in _NAMES):
        return None
    field, sealed = (_again(said.get(name), variable, path) for name, variable in zip(_NAMES, VARIABLES, strict=True))
    return field, sealed


def _again(entry: object, variable: str, path: Path) -> Address:
    """The address of an entry; with the environment's password where the environment names the same place."""
    known = entry if isinstance(entry, Mapping) else {}
    address = Address(_url(str(known.get("url", ""))), str(known.get("variable", "")))
    text = os.environ.get(variable)
    if not text:
        if not address.variable:
            return address
        raise DataError(
            f"the environment's {variable} named this store's database, and is not set now",
            where=Place(path),
            mend=f"set {variable} to the URL of {_public(address)}",
            code="STO07",
        )
    now = Address(_url(text), variable)
    if now.place != address.place:
        raise DataError(
            f"the environment's {variable} names {_public(now)}, and this store is in {_public(address)}",
            where=Place(path),
            mend=f"set {variable} to this store's database",
            code="STO07",
        )
    return now


def _without_password(url: URL) -> str:
    """A URL as it may be written down."""
    public = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return public.difference_update_query(_SECRETS).render_as_string(hide_password=False)


def _url(text: str) -> URL:
    """Read a URL; a message never repeats one that may hold a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        kind = text.partition(":")[0] if "://" in text else "text"
        raise DataError(
            f"this is not the URL of a PostgreSQL database, but a `{kind}`",
            mend="write postgresql://user@server:5432/database; without a URL the databases are SQLite files",
            code="STO08",
        )
    if not _PORT.fullmatch(str(url.query.get("port", 5432))):
        raise DataError("the port in this URL of a database is no number", mend="write it as ?port=5432", code="STO08")
    return url


def _public(address: Address) -> str:
    """Server and database, as a message may name them."""
    host, port, database, options = address.place
    return f"{host or 'localhost'}:{port}/{database}{' ' + options if options else ''}"


def same_database() -> DataError:
    """What is said when the field and the sealed database are one."""
    return DataError(
        "both URLs name the same database: whoever reads the roster would find the employees' answers beside it",
        mend="name two databases, better still on two servers, or two schemas (?options=-csearch_path=sealed)",
        code="STO09",
    )
