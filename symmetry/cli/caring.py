"""The verbs of the closed loop: field case list, show, called and close."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symmetry.cli.needing import need_web

if TYPE_CHECKING:
    from collections.abc import Callable

    from symmetry.cli import Verbs
    from symmetry.fieldwork import Case, Seen, Store

__all__ = ["add"]

_HEAD = ("case", "wave", "alert", "owner", "unit", "next", "until", "clock", "by")


def add(field_verbs: Verbs) -> None:
    """Describe the verb and what it can do."""
    case = field_verbs.add_parser("case", help="call back who was unhappy, and close the loop")
    verbs = case.add_subparsers(title="verbs", metavar="VERB", required=True)

    lists = verbs.add_parser("list", help="cases with their clocks, those due first at the top")
    _common(lists, _list)
    lists.add_argument("--owner", metavar="KEY", help="whose alone")
    lists.add_argument("--late", action="store_true", help="only those on which a clock has run out")
    lists.add_argument("--all", action="store_true", help="closed ones too")

    shows = verbs.add_parser("show", help="one case: whom to call, and the answers that its owner may see")
    shows.add_argument("case", metavar="CASE")
    _common(shows, _show)

    for name, run, help_ in (
        ("called", _called, "note that the person was called back"),
        ("close", _close, "close a case; also one that needed no call"),
    ):
        marks = verbs.add_parser(name, help=help_)
        marks.add_argument("case", metavar="CASE")
        marks.add_argument("--by", metavar="NAME", help="who did")
        _common(marks, run)


def _common(parser: argparse.ArgumentParser, run: Callable[[argparse.Namespace, Store, datetime], int]) -> None:
    """What each of the verbs takes."""
    parser.add_argument("--store", type=Path, required=True, metavar="FOLDER", help="of the field")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    parser.set_defaults(run=lambda options: _with_store(options, run))


def _with_store(options: argparse.Namespace, run: Callable[[argparse.Namespace, Store, datetime], int]) -> int:
    need_web()
    from symmetry.fieldwork import close_store, now_of, open_store

    store = open_store(options.store)
    try:
        return run(options, store, now_of(store))
    finally:
        close_store(store)


def _list(options: argparse.Namespace, store: Store, now: datetime) -> int:
    from symmetry.fieldwork import cases_of

    cases = cases_of(store, owner=options.owner)
    cases = [case for case in cases if (case.todo or options.all) and (case.late(now) or not options.late)]
    if options.format == "json":
        print(json.dumps([_data(case, now) for case in cases], ensure_ascii=False, indent=2))
        return 0
    _table([_row(case, now) for case in cases])
    late = sum(bool(case.late(now)) for case in cases)
    print(f"{len(cases)} cases, {late} of them late", file=sys.stderr)
    return 0


def _row(case: Case, now: datetime) -> tuple[str, ...]:
    """A case as a row of the table."""
    what = (case.case, case.wave, case.alert, case.owner, case.unit, case.todo or "closed")
    return (*what, _minute(case.due), _clock(case, now), case.by or "")


def _table(rows: list[tuple[str, ...]]) -> None:
    """A table where a person is looking, tabulated text elsewhere."""
    if not sys.stdout.isatty():
        for row in (_HEAD, *rows):
            print("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None)
    for name in _HEAD:
        table.add_column(name)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def _show(options: argparse.Namespace, store: Store, now: datetime) -> int:
    from symmetry.fieldwork import seen

    found = seen(store, options.case)
    if options.format == "json":
        print(json.dumps(_seen_data(found, now), ensure_ascii=False, indent=2))
        return 0
    case = found.case
    lines = {
        "case": f"{case.case} (wave {case.wave}, alert {case.alert})",
        "owner": f"{case.owner}{f', {case.unit}' if case.unit else ''}{f', taken by {case.by}' if case.by else ''}",
        "contact": found.contact or "forgotten",
        "email": found.email or "",
        "phone": found.phone or "",
        "language": found.language or "",
        "opened": _minute(case.opened),
        "call back by": _minute(case.call_back_by)
        + (f", done {_minute(case.called_back)}" if case.called_back else ""),
        "close by": _minute(case.close_by) + (f", done {_minute(case.closed)}" if case.closed else ""),
        "clock": _clock(case, now),
    }
    for name, said in {**lines, **{name: str(answer) for name, answer in found.answers.items()}}.items():
        if said:
            print(f"{name}: {said}")
    return 0


def _called(options: argparse.Namespace, store: Store, now: datetime) -> int:
    from symmetry.fieldwork import mark_called

    case, new = mark_called(store, options.case, now, by=options.by)
    return _marked(options, case, now, "called back", case.called_back, new)


def _close(options: argparse.Namespace, store: Store, now: datetime) -> int:
    from symmetry.fieldwork import mark_closed

    case, new = mark_closed(store, options.case, now, by=options.by)
    return _marked(options, case, now, "closed", case.closed, new)


def _marked(options: argparse.Namespace, case: Case, now: datetime, done: str, at: datetime | None, new: bool) -> int:
    """Tell what was marked, or had been."""
    if options.format == "json":
        print(json.dumps(_data(case, now), ensure_ascii=False, indent=2))
    when = "now" if new else f"before, on {_minute(at)}" if at else ""
    print(f"case {case.case} was {done} {when}", file=sys.stderr)
    return 0


def _clock(case: Case, now: datetime) -> str:
    """The clock in words: no colour says what is late."""
    late = case.late(now)
    if not case.todo:
        return f"late by {_length(late)}" if late else "in time"
    left = case.due - now
    return f"LATE by {_length(late)}" if late else f"{_length(left)} left"


def _length(span: timedelta) -> str:
    """A length of time, as 3 h 05 min or 2 d 4 h.

    Examples
    --------
    >>> _length(timedelta(hours=3, minutes=5)), _length(timedelta(days=2, hours=4))
    ('3 h 05 min', '2 d 4 h')
    """
    minutes = int(span.total_seconds() // 60)
    if minutes >= 48 * 60:
        return f"{minutes // 1440} d {minutes % 1440 // 60} h"
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""


def _data(case: Case, now: datetime) -> dict[str, Any]:
    """A case as plain data."""
    from dataclasses import asdict

    from symmetry.fieldwork import stamp

    said = {name: stamp(value) if isinstance(value, datetime) else value for name, value in asdict(case).items()}
    return said | {
        "todo": case.todo,
        "due": stamp(case.due),
        "late_hours": round(case.late(now).total_seconds() / 3600, 2),
    }


def _seen_data(found: Seen, now: datetime) -> dict[str, Any]:
    reach = {"contact": found.contact, "email": found.email, "phone": found.phone, "language": found.language}
    return _data(found.case, now) | reach | {"answers": dict(found.answers)}
