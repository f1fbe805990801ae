"""The verbs about one person, and about everybody written to: field explain, field erase, field contacted."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.cli.needing import need_web

if TYPE_CHECKING:
    from collections.abc import Iterable

    from symmetry.cli import Verbs
    from symmetry.fieldwork import Erased, Explained

__all__ = ["add"]


def add(field_verbs: Verbs) -> None:
    """Describe the verbs."""
    explains = field_verbs.add_parser("explain", help="say why somebody was asked or was not, and what comes next")
    explains.add_argument("--format", choices=("text", "json"), default="text", help="default %(default)s")
    explains.set_defaults(run=_explain)

    erases = field_verbs.add_parser("erase", help="erase a person, as far as the field can find them")
    erases.add_argument("--yes", action="store_true", help="do it; without it, only say what would be erased")
    erases.set_defaults(run=_erase)

    for verb in (explains, erases):
        verb.add_argument("contact", metavar="CONTACT", help="identifier of the person, as the frame has it")

    lists = field_verbs.add_parser(
        "contacted", help="list who was invited on which day, for `symmetry draw --contacted`"
    )
    lists.add_argument("--out", type=Path, metavar="FILE", help="write it there (default: print it)")
    lists.set_defaults(run=_contacted)
    for verb in (explains, erases, lists):
        verb.add_argument("--store", type=Path, required=True, metavar="FOLDER", help="of the field")


def _explain(options: argparse.Namespace) -> int:
    need_web()
    import json
    from dataclasses import asdict

    from symmetry.fieldwork import close_store, explain, now_of, open_store

    store = open_store(options.store)
    try:
        explained = explain(store, options.contact, now_of(store))
    finally:
        close_store(store)
    if options.format == "json":
        print(json.dumps(asdict(explained), ensure_ascii=False, indent=1))
    else:
        print("\n".join(_lines(explained)))
    return 0


def _lines(explained: Explained) -> Iterable[str]:
    """An explanation as one reads it."""
    yield f"contact {explained.contact}, seen on {explained.day}"
    yield from (f"  {sentence}" for sentence in explained.reached)
    width = max((len(line.wave) for line in explained.timeline), default=0)
    yield from (f"{line.day}  {line.wave:{width}}  {line.what}" for line in explained.timeline)
    yield from (f"next: {sentence}" for sentence in explained.next)


def _erase(options: argparse.Namespace) -> int:
    need_web()
    from symmetry.fieldwork import close_store, erase, now_of, open_store, would_erase

    store = open_store(options.store)
    try:
        found = erase(store, options.contact, now_of(store)) if options.yes else would_erase(store, options.contact)
        embedded = store.embedded
    finally:
        close_store(store)
    told = "erased" if options.yes else "would be erased"
    print(f"{told}: {', '.join(_found(found)) or 'nothing more'}", file=sys.stderr)
    print("\n".join(_left(found)), file=sys.stderr)
    if not options.yes:
        print("nothing was changed: give --yes to erase", file=sys.stderr)
        return 1
    if not found.overwritten:
        later = (
            "when somebody who reads it lets go"
            if embedded
            else "with PostgreSQL's next VACUUM, its log with its copies"
        )
        print(f"the disk is overwritten {later}", file=sys.stderr)
    return 0


def _found(found: Erased) -> list[str]:
    """What is or would be erased."""
    counted = {
        "addresses": int(found.address),
        "invitations that name the person": found.invitations,
        "events": found.events,
        "messages that name the person": found.messages,
        "messages still to be sent": found.dropped,
        "days on which others wrote": found.elsewhere,
        "answers of waves that are not closed": found.answers,
        "cases": found.cases,
    }
    return [f"{count} {what}" for what, count in counted.items() if count]


def _left(found: Erased) -> Iterable[str]:
    """What cannot be erased here, and what is kept and why."""
    yield "kept: a keyed hash of the contact and of each address, so that the person is never written to again"
    if found.closed:
        waves = ", ".join(found.closed)
        yield f"kept: an answer that the person may have given in {waves}, which is closed; no name leads to it"
    if found.sealed:
        waves = ", ".join(found.sealed)
        yield f"cannot be found: what the person may have sent in {waves} as an employee; it is stored without a tie to anybody"
    for file in found.files:
        yield f"not touched: {file} in the store's folder holds the person; delete it, or take the row out"
    yield "not here: frames, samples that `symmetry draw` wrote, frozen answers, backups, the mail server's log"


def _contacted(options: argparse.Namespace) -> int:
    need_web()
    from symmetry.aside import replace_file
    from symmetry.fieldwork import close_store, contacted, open_store

    store = open_store(options.store)
    try:
        text, nameless = contacted(store)
    finally:
        close_store(store)
    if options.out is None:
        sys.stdout.write(text)
    else:
        replace_file(options.out, text, mode=0o600)
        print(options.out)
    if nameless:
        print(f"{nameless} invitations left out: their people have no name here any more", file=sys.stderr)
    return 0
