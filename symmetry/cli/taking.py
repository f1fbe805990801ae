"""The verbs by which other systems tell the field what happened: field take, and field key for those that post it."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.cli.needing import need_web
from symmetry.errors import DataError, Problem

if TYPE_CHECKING:
    from symmetry.cli import Verbs
    from symmetry.fieldwork import Taken

__all__ = ["add"]

_KINDS = ("addresses", "interactions", "bounced", "opted-out", "contacted")
_MOST = 10


def add(field_verbs: Verbs) -> None:
    """Describe the verbs."""
    take = field_verbs.add_parser(
        "take", help="take files of addresses, interactions, bounces, opt-outs or other contacts"
    )
    take.add_argument("kind", choices=_KINDS, metavar="KIND", help=", ".join(_KINDS))
    take.add_argument("files", type=Path, nargs="+", metavar="FILE", help="CSV or Parquet")
    take.add_argument("--store", type=Path, required=True, metavar="FOLDER", help="of the field")
    take.add_argument("--encoding", default="utf-8", metavar="NAME", help="of CSV files (default utf-8)")
    take.add_argument(
        "--country", metavar="CODE", help="of telephone numbers that begin with one 0, such as FR (default: set aside)"
    )
    take.set_defaults(run=_take)

    key = field_verbs.add_parser("key", help="give a system a key with which it may post events; it is shown once")
    key.add_argument("name", help="of the system; a key that it had before opens nothing any more")
    key.add_argument("--store", type=Path, required=True, metavar="FOLDER", help="of the field")
    key.add_argument("--revoke", action="store_true", help="take its key away instead")
    key.set_defaults(run=_key)


def _take(options: argparse.Namespace) -> int:
    need_web()
    from symmetry.fieldwork import StoreAwayError, close_store, now_of, open_store, take_file

    problems: list[Problem] = []
    store = open_store(options.store)
    try:
        for file in options.files:
            try:
                taken = take_file(
                    store, options.kind, file, at=now_of(store), encoding=options.encoding, country=options.country
                )
            except StoreAwayError:
                raise
            except DataError as error:
                problems += error.problems
                continue
            _tell(taken)
    finally:
        close_store(store)
    if problems:
        raise DataError(problems)
    return 0


def _tell(taken: Taken) -> None:
    """What came of a file on stderr, rows by their reasons; the file of those set aside on stdout."""
    print(taken, file=sys.stderr)
    for rows, said in ((taken.set_aside, "set aside"), (taken.told, "taken, but")):
        first = {each.reason: each.row for each in reversed(rows)}
        for reason, count in Counter(each.reason for each in rows).most_common(_MOST):
            more = f" and {count - 1:,} more" if count > 1 else ""
            print(f"  row {first[reason]}{more}: {said}: {reason}", file=sys.stderr)
    if taken.aside is not None:
        print(taken.aside)


def _key(options: argparse.Namespace) -> int:
    need_web()
    from symmetry.fieldwork import close_store, new_caller, open_store, revoke_caller

    store = open_store(options.store)
    try:
        if options.revoke:
            had = revoke_caller(store, options.name)
            print(f"{options.name} {'may post no events any more' if had else 'had no key'}", file=sys.stderr)
            return 0
        key = new_caller(store, options.name)
    finally:
        close_store(store)
    print(
        f"{options.name} may post events with this key; it is not kept here, and nobody can be told it again",
        file=sys.stderr,
    )
    print(key)
    return 0
