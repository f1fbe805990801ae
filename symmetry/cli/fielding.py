"""The verbs of the field: open a wave for the people drawn or for events to come, serve its pages, close it for good."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.cli import caring, contacting, running, serving, taking, watching
from symmetry.cli.needing import day, first_day, need_web
from symmetry.cli.progress import progress

if TYPE_CHECKING:
    from symmetry.cli import Verbs
    from symmetry.fieldwork import Store

__all__ = ["add"]

_CHUNK = 5000
_HIDDEN = "where a password belongs: on the command line others on the machine can read it"


def add(verbs: Verbs) -> None:
    """Describe the verb and what it can do."""
    field = verbs.add_parser("field", help="ask people: open a wave, serve its pages, close it")
    field_verbs = field.add_subparsers(title="verbs", metavar="VERB", required=True)

    opens = field_verbs.add_parser("open", help="open a wave for the people drawn, and write their links")
    opens.add_argument("study", type=Path, help="the study.yaml, or its folder")
    opens.add_argument("wave", help="key of the wave")
    opens.add_argument(
        "--sample",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="that `draw` wrote, one an audience; an audience of a hot wave without one is asked as events happen",
    )
    opens.add_argument(
        "--store", type=Path, required=True, metavar="FOLDER", help="of the field; made where there is none"
    )
    opens.add_argument(
        "--database", metavar="URL", help=f"PostgreSQL instead of a file (or SYMMETRY_DATABASE, {_HIDDEN})"
    )
    opens.add_argument(
        "--sealed-database",
        metavar="URL",
        help=f"another, for employees' answers (or SYMMETRY_SEALED_DATABASE, {_HIDDEN})",
    )
    opens.add_argument("--on", type=day, metavar="DAY", help="of sealing (default: the wave's first day, or today)")
    opens.add_argument(
        "--rehearse-on", type=day, metavar="DAY", help="only try the wave out, as if today were that day"
    )
    opens.add_argument(
        "--address", metavar="URL", default="http://127.0.0.1:8000", help="how links begin (default %(default)s)"
    )
    opens.set_defaults(run=_open)

    closes = field_verbs.add_parser(
        "close", help="close a wave for good: no more answers, no more drafts, no more links"
    )
    closes.add_argument("wave", help="key of the wave")
    closes.add_argument("--store", type=Path, required=True, metavar="FOLDER", help="of the field")
    closes.add_argument("--backup", type=Path, metavar="DIR", help="folder for copies of the databases after the close")
    closes.set_defaults(run=_close)

    serving.add(field_verbs)
    watching.add(field_verbs)
    contacting.add(field_verbs)
    taking.add(field_verbs)
    caring.add(field_verbs)
    running.add(field_verbs)


def _open(options: argparse.Namespace) -> int:
    from symmetry import spec

    need_web()
    from symmetry.fieldwork import check_address, check_samples, close_store, open_wave, read_sample, write_links

    study = spec.load(options.study)
    samples = [read_sample(folder, study) for folder in options.sample]
    address = check_address(options.address)
    now = datetime.now(UTC)
    check_samples(study, options.wave, samples)
    on = options.on or first_day(study, options.wave, now, rehearsed=options.rehearse_on)
    store = _store(options)
    people = sum(int(sample.units["drawn"].sum()) for sample in samples)
    try:
        with progress(f"opening {options.wave}", people // _CHUNK + len(samples)) as tell:
            opened = open_wave(
                store,
                study,
                options.wave,
                samples,
                on=on,
                rehearse_on=options.rehearse_on,
                now=now,
                tell=lambda rows: tell(f"inviting {people} people"),
            )
        files = [write_links(store, options.wave, audience, address) for audience in opened.invited]
    finally:
        close_store(store)
    for audience, invited in opened.invited.items():
        done = "invited" if audience in opened.added else "were invited before; nothing has changed"
        print(f"{options.wave}/{audience}: {invited} people {done}", file=sys.stderr)
    for audience in opened.triggered:
        print(
            f"{options.wave}/{audience}: asked as `{study.waves[options.wave].after}` happens; see `symmetry field run`",
            file=sys.stderr,
        )
    if opened.seal is not None:
        print(f"sealed, keep it under version control with the study: {opened.seal}", file=sys.stderr)
    else:
        print(f"a rehearsal, as if today were {options.rehearse_on}: its answers are simulated ones", file=sys.stderr)
    for wave in opened.closing:
        again = f"symmetry field close {wave} --store {options.store}"
        print(f"the close of {wave} was cut off; complete it: {again}", file=sys.stderr)
    for file in files:
        print(file)
    return 0


def _close(options: argparse.Namespace) -> int:
    need_web()
    from symmetry.fieldwork import close_store, close_wave, now_of, open_store

    store = open_store(options.store)
    try:
        closed = close_wave(store, options.wave, now=now_of(store), backup=options.backup)
    finally:
        close_store(store)
    for audience, states in closed.states.items():
        told = ", ".join(f"{people} {state}" for state, people in states.items())
        print(f"{options.wave}/{audience}: {told}", file=sys.stderr)
    print("closed: no link of this wave leads anywhere now", file=sys.stderr)
    for path in (closed.counts, options.backup):
        if path is not None:
            print(path)
    return 0


def _store(options: argparse.Namespace) -> Store:
    """Open the store, or make it where there is none; one that is there stays where its databases are."""
    from symmetry.fieldwork import check_databases, create_store, is_store, open_store

    if not is_store(options.store):
        return create_store(options.store, database=options.database, sealed_database=options.sealed_database)
    if options.database or options.sealed_database:
        check_databases(options.store, options.database, options.sealed_database)
    return open_store(options.store)
