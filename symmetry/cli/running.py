"""The verb that a clock starts: field run."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.cli.needing import need_web
from symmetry.cli.progress import progress

if TYPE_CHECKING:
    from symmetry.cli import Verbs
    from symmetry.fieldwork import Ran, Store

__all__ = ["add"]

_STEPS = 7


def add(field_verbs: Verbs) -> None:
    """Describe the verb."""
    runs = field_verbs.add_parser("run", help="do what is due: decide events, plan, mind cases, release, forget, send")
    runs.add_argument("--store", type=Path, required=True, metavar="FOLDER", help="of the field")
    runs.add_argument(
        "--at", metavar="MOMENT", help="of a rehearsal alone: move its day on to this one (2027-03-04, or with T18:00)"
    )
    only = runs.add_mutually_exclusive_group()
    only.add_argument("--plan-only", action="store_true", help="send nothing")
    only.add_argument("--send-only", action="store_true", help="do nothing but send; several may do so at once")
    runs.add_argument("--sender", metavar="NAME", help="of whoever sends (default: the machine and the process)")
    runs.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    need_web()
    from symmetry.fieldwork import close_store, open_store

    store = open_store(options.store)
    try:
        return _told(_ran(store, options))
    finally:
        close_store(store)


def _ran(store: Store, options: argparse.Namespace) -> Ran:
    """Run, by the clock or at the moment of a rehearsal."""
    from symmetry.fieldwork import alone, is_rehearsal, moment_in, move, now_of, run

    if options.at is None:
        at = now_of(store)
    else:
        at = moment_in(store, options.at)
        with alone(store) as mine:
            if mine:
                move(store, at)
    rehearsed = is_rehearsal(store)
    with progress(f"running {store.folder.name}", _STEPS) as step:

        def tell(line: str) -> None:
            step(line)
            print(line, file=sys.stderr)

        return run(
            store,
            at,
            plan=not options.send_only,
            send=not options.plan_only,
            tell=tell,
            sender=options.sender or f"{socket.gethostname()}-{os.getpid()}",
            clock=None if rehearsed else lambda: datetime.now(UTC),
        )


def _told(ran: Ran) -> int:
    """Print what was done, and what failed; the exit code."""
    for name, error in ran.failed.items():
        print(f"{name}: {error}", file=sys.stderr)
    print(json.dumps({**ran.done, "failed": sorted(ran.failed)}, ensure_ascii=False))
    return 1 if ran.failed else 0
