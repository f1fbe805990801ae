"""The verb `field status`: how waves stand, in a terminal, as text, as JSON and as a page; exit code 4 asks for attention."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from symmetry.cli.needing import need_web

if TYPE_CHECKING:
    from rich.console import Group

    from symmetry.cli import Verbs
    from symmetry.fieldwork import Grid, Status

__all__ = ["add", "drawn"]

_ATTENTION = 4


def add(verbs: Verbs) -> None:
    """Describe the verb."""
    status = verbs.add_parser(
        "status",
        help="say how waves stand: who answered, how many a day, what needs attention",
        epilog="exit codes: 0 all is well, 4 something needs attention",
    )
    status.add_argument("--store", type=Path, required=True, metavar="FOLDER", help="of the field")
    status.add_argument("--study", type=Path, metavar="STUDY", help="for what it expects, and the hours of its owners")
    status.add_argument("--wave", help="of this wave alone")
    status.add_argument("--format", choices=("text", "json"), default="text", help="on stdout (default %(default)s)")
    status.add_argument("--page", type=Path, metavar="FILE", help="write a page of HTML as well")
    status.add_argument("--lang", choices=("fr", "en"), help="of text and page (default: the study's first)")
    status.set_defaults(run=_status)


def _status(options: argparse.Namespace) -> int:
    from symmetry import spec

    need_web()
    from symmetry.aside import replace_file
    from symmetry.fieldwork import (
        close_store,
        language_of,
        now_of,
        open_store,
        status_data,
        status_of,
        status_page,
    )

    study = spec.load(options.study) if options.study is not None else None
    store = open_store(options.store)
    try:
        status = status_of(store, now_of(store), study=study, wave=options.wave)
    finally:
        close_store(store)
    language = options.lang or language_of(status)
    if options.format == "json":
        print(status_data(status))
    else:
        _print(status, language)
    if options.page is not None:
        replace_file(options.page, status_page(status, language))
        print(f"a page: {options.page}", file=sys.stderr)
    return _ATTENTION if status.attention else 0


def _print(status: Status, language: str) -> None:
    """Tables where a person is looking; tabs between the cells elsewhere."""
    from symmetry.fieldwork import audience_grids, head_of, notices_in, teller_of, wave_grids

    show = _drawn if sys.stdout.isatty() else _plain
    for wave in status.waves:
        say = teller_of(language).knowing(wave.names)
        print(f"{wave.wave}: {head_of(wave, say)}", end="\n\n" if sys.stdout.isatty() else "\n")
        for grid in wave_grids(wave, say):
            show(wave.wave, grid)
        for each in wave.audiences:
            for grid in audience_grids(each, say):
                show(f"{wave.wave}/{each.audience}", grid)
    for notice in notices_in(status, language):
        print(f"! {notice}")
    if not status.attention:
        print(teller_of(language).say("well"))


def _plain(where: str, grid: Grid) -> None:
    """A line a row: where, which table, then the cells."""
    for row in (grid.head, *grid.rows) if grid.rows else ():
        print("\t".join((where, grid.title, *row)))
    for note in grid.notes:
        print("\t".join((where, grid.title, note)))


def _drawn(where: str, grid: Grid) -> None:
    from rich.console import Console

    Console().print(drawn(where, grid))


def drawn(where: str, grid: Grid) -> Group:
    """A table for a terminal: its title above and its notes below, the first column naming its rows."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_header=any(grid.head), pad_edge=False)
    for number, name in enumerate(grid.head):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in grid.rows:
        table.add_row(*row)
    notes = [Text(note, style="italic") for note in grid.notes]
    return Group(Text(f"{where}: {grid.title}", style="bold"), *([table] if grid.rows else []), *notes, Text(""))
