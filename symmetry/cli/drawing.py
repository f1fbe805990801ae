"""The verb of those who decide whom to ask: draw."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symmetry.cli.needing import day, first_day

if TYPE_CHECKING:
    from symmetry.cli import Verbs

__all__ = ["add"]

_MOST = 30
_DIGITS = 18
_UNEQUAL = 1.02  # nearer than this, probabilities differ by the rounding of sizes


def add(verbs: Verbs) -> None:
    """Describe the verb."""
    draw = verbs.add_parser("draw", help="draw a wave's sample from a frame, with everybody's probability")
    draw.add_argument("study", type=Path, help="a study.yaml, or its folder")
    draw.add_argument("wave", help="key of one of its waves")
    draw.add_argument("--audience", required=True, help="whom the frame lists: customers, employees or observers")
    draw.add_argument("--frame", type=Path, required=True, help="CSV or Parquet of people, or of interactions")
    draw.add_argument("--units", type=Path, help="CSV or Parquet of units, where units are drawn first")
    draw.add_argument(
        "--seed", type=_seed, required=True, help="of the draw: keep it, the same seed draws the same people"
    )
    draw.add_argument(
        "--after", type=Path, action="append", default=[], metavar="DIR", help="an earlier sample of the same people"
    )
    draw.add_argument("--contacted", type=Path, metavar="FILE", help="contacts made elsewhere: columns contact, day")
    draw.add_argument("--encoding", default="utf-8", help="of the CSV files (default utf-8), for example cp1252")
    draw.add_argument(
        "--on", type=day, metavar="DAY", help="day of the draw (default: first of the wave's window, or today)"
    )
    draw.add_argument("--out", type=Path, required=True, help="folder to write, which only its owner may open")
    draw.set_defaults(run=_draw)


def _seed(text: str) -> int:
    """Read a whole number from 0, of a length that can be written down."""
    if not text.isascii() or not text.isdecimal() or len(text) > _DIGITS:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number from 0, of at most {_DIGITS} digits")
    return int(text)


def _draw(options: argparse.Namespace) -> int:
    from symmetry import spec
    from symmetry.fieldwork import draw, read_contacted, read_frame, read_sample, sampling_of, write_sample

    study = spec.load(options.study)
    sampling_of(study, options.wave, options.audience)
    on = options.on or first_day(study, options.wave, datetime.now(UTC))
    history = [read_sample(folder, study) for folder in options.after]
    contacted, coded = None, options.encoding
    if options.contacted is not None:
        contacted = read_contacted(options.contacted, on=on, encoding=coded)
    wave, audience = options.wave, options.audience
    frame = read_frame(options.frame, study, audience, wave=wave, units=options.units, on=on, encoding=coded)
    sample = draw(study, wave, audience, frame, seed=options.seed, on=on, history=history, contacted=contacted)
    write_sample(sample, options.out)
    _tell(sample.manifest)
    _warn(sample.manifest)
    print(options.out)
    return 0


def _tell(facts: Any) -> None:
    """Sizes and probabilities by stratum, on stderr; nobody is named."""
    rows: list[tuple[str, ...]] = [
        (
            each["stratum"] or "all",
            f"{each['frame']:,}",
            f"{each['could']:,}",
            f"{each['drawn']:,}",
            _span(each["lowest"], each["highest"]),
        )
        for each in facts["strata"]
    ]
    head = ("stratum", "frame", "could be drawn", "drawn", "probability")
    rows, hidden = rows[:_MOST], len(rows) - _MOST
    total = [sum(each[name] for each in facts["strata"]) for name in ("frame", "could", "drawn")]
    if len(facts["strata"]) > 1:
        rows.append(("all", *(f"{number:,}" for number in total), ""))
    print(f"{facts['wave']}/{facts['audience']}: drawn on {facts['on']} with the seed {facts['seed']}", file=sys.stderr)
    _table(head, rows)
    if hidden > 0:
        print(f"and {hidden:,} more strata, in the manifest", file=sys.stderr)
    for reason, count in facts["reasons"].items():
        print(f"{count:,} could not be drawn: {reason}", file=sys.stderr)
    if facts["never"]:
        print(f"{facts['never']:,} had no chance at all: the sample does not stand for them", file=sys.stderr)
    if facts["contacted"] is not None:
        told = f"{facts['contacted']['in_frame']:,} of {facts['contacted']['people']:,} contacts made elsewhere"
        print(f"{told} are in the frame", file=sys.stderr)
    if facts["frame"]["ignored"]:
        print(f"columns left alone: {', '.join(facts['frame']['ignored'])}", file=sys.stderr)
    absent = [name for name in facts["frame"]["absent"] if name != "weight"]
    if absent:
        print(f"frame items without a column: {', '.join(absent)}", file=sys.stderr)


def _warn(facts: Any) -> None:
    """What stops no draw and may be a mistake, on stderr; nobody is named."""
    warnings = list(facts["frame"]["notes"])
    if facts["contacted"] is not None and not facts["contacted"]["in_frame"]:
        warnings.append("nobody whom `--contacted` names is in the frame: are they the same identifiers?")
    lowest = min((each["lowest"] for each in facts["strata"] if each["lowest"] > 0), default=0.0)
    if not facts["weighted"] and any(each["highest"] > lowest * _UNEQUAL for each in facts["strata"]):
        warnings.append(
            "probabilities differ, and the study has no frame item `weight` that would take 1/probability to the analysis"
        )
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _span(lowest: float, highest: float) -> str:
    """A probability, or from the lowest to the highest."""
    low, high = f"{lowest:.4f}", f"{highest:.4f}"
    return low if low == high else f"{low} to {high}"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """A table where a person is looking, tabulated text elsewhere."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None)
        for number, name in enumerate(head):
            table.add_column(name, justify="left" if number == 0 else "right")
        for row in rows:
            table.add_row(*row)
        Console(stderr=True).print(table)
        return
    for row in (head, *rows):
        print("\t".join(row), file=sys.stderr)
