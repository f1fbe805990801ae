"""Answers of one audience in one wave from a file of another tool: every cell comes in, or is told where it stayed.

The same `Intake` as `import_answers` gives: the study's columns, checked cell by cell, with a log of rows and cells.  What
does not fit is refused with its row, all in one and nothing half taken; what is no answer (previews, spam, rows without
any, the same respondent again) is set aside with its row and reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from symmetry.errors import DataError, Place, Problem
from symmetry.fieldwork.cells import typed
from symmetry.fieldwork.columns import Column, cell_counts, columns_of
from symmetry.fieldwork.nouns import Intake
from symmetry.fieldwork.vendors.checks import check_columns, check_labels, check_shift, several_of
from symmetry.fieldwork.vendors.mapping import Mapped, read_mapping
from symmetry.fieldwork.vendors.matching import Matched, match
from symmetry.fieldwork.vendors.nouns import Aside, Fed, Feed, Report, Unused, VendorTable
from symmetry.fieldwork.vendors.people import People, people_of, with_people
from symmetry.fieldwork.vendors.recognising import read_table
from symmetry.fieldwork.vendors.simulating import made_up
from symmetry.fieldwork.vendors.ticking import read_ticks
from symmetry.fieldwork.vendors.values import Cells, Misfit, read_cells
from symmetry.spec import Answered, Study, answered_elsewhere, nearest

__all__ = ["read_vendor"]

_MOST = 20
_SILENT = "no answer at all"


def read_vendor(
    path: Path,
    study: Study,
    wave: str,
    audience: str,
    *,
    vendor: str | None = None,
    mapping: Path | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    allow_missing: Collection[str] = (),
) -> tuple[Intake, Report]:
    """Bring in answers from a file of LimeSurvey, Qualtrics, Google Forms or SPSS.

    Parameters
    ----------
    path : a CSV, TSV, XLSX or SAV file.
    study, wave, audience : what was asked, when, of whom.
    vendor, encoding, sheet : the tool (without, by the file's marks), of a text file, of a workbook with several sheets.
    mapping : a YAML file that says what names and words do not tell.
    allow_missing : columns of the study that the file may lack; they stay empty.

    Returns
    -------
    The answers in the order of the file, and the report, which names every file column and row that did not come in, and why.

    Raises
    ------
    DataError : VEN01 to VEN06 an unreadable file, VEN08 another survey, VEN09 and VEN10 columns lacking or twice, VEN11 the
        mapping, VEN14 cells that shifted, VEN07, VEN12 and VEN13 values: at most 20 are named, the rest counted.
    """
    expected = columns_of(study, wave, audience)
    answered = answered_elsewhere(study, wave, audience)
    table = read_table(path, vendor=vendor, encoding=encoding, sheet=sheet)
    known, names = [column.name for column in expected], [column.name for column in table.columns]
    given = Mapped() if mapping is None else read_mapping(mapping, table.vendor, names, known)
    absent = _absent(known, given, allow_missing)
    anonymous = audience == "employees" and study.privacy.employees == "anonymous"
    people = people_of(table, given.respondent, anonymous=anonymous)
    table = with_people(table, people)
    matched = match(table, answered, several_of(expected), given.feeds)
    _refuse(matched.problems, table)
    feeds = {name: feed for name, feed in matched.feeds.items() if name not in given.absent}
    check_columns(study, wave, audience, table, feeds, absent)
    check_shift(expected, answered, feeds, table)
    return _taken(_Taking(study, wave, audience, expected, answered, table, feeds, absent), people, matched)


@dataclass(frozen=True)
class _Taking:
    """One import: what is asked, and what feeds it."""

    study: Study
    wave: str
    audience: str
    expected: Sequence[Column]
    answered: Mapping[str, Answered]
    table: VendorTable
    feeds: Mapping[str, Feed]
    absent: Sequence[str]


def _absent(known: Sequence[str], given: Mapped, allowed: Collection[str]) -> tuple[str, ...]:
    """The columns that the file may lack, in the order of the study."""
    for name in allowed:
        if name not in known:
            what = f"the study has no column `{name}` for this audience in this wave"
            raise DataError(what, mend=nearest(name, known), code="VEN11")
    return tuple(name for name in known if name not in given.feeds and name in {*allowed, *given.absent})


def _refuse(problems: Sequence[Problem], table: VendorTable) -> None:
    """Raise when there is any problem: the first 20, and how many more."""
    rest = len(problems) - _MOST
    if rest > 0:
        more = Problem(Place(table.path), f"and {rest} more problems", "mend these first, then import again", "VEN20")
        raise DataError([*problems[:_MOST], more])
    if problems:
        raise DataError(list(problems))


def _taken(taking: _Taking, people: People, matched: Matched) -> tuple[Intake, Report]:
    """Read the cells of the rows that are answers, and say what became of everything else."""
    table = taking.table
    rows: npt.NDArray[np.intp] = np.array([n for n in range(len(table.lines)) if n not in table.asides], dtype=np.intp)
    files = {column.name: column for column in table.columns}
    cells: dict[str, Cells] = {}
    problems: list[Problem] = []
    for column in taking.expected:
        feed = taking.feeds.get(column.name)
        if feed is None:
            cells[column.name] = Cells([None] * len(rows))
            continue
        back = taking.answered[column.name]
        read = cells[column.name] = _read(taking, column, feed, rows)
        said = check_labels(column, back, feed, files[feed.column], table) if feed.column else []
        problems += [each for each in said if each.severity == "error"]
        read.notes += [each.what for each in said if each.severity == "note"]
        problems += [_told(table, column, each) for each in read.misfits]
    _refuse(problems, table)
    frame = {column.name: cells[column.name].values for column in taking.expected}
    asides = dict(table.asides) | _set_aside(taking, people, rows, frame)
    kept = np.array([place for place, row in enumerate(rows) if int(row) not in asides], dtype=np.intp)
    if not len(kept):
        what, mend = f"{table.path.name} holds no answer at all", "export the answers again, those that were sent"
        raise DataError(what, where=Place(table.path), mend=mend, code="VEN15")
    made: dict[str, Any] = {"respondent": pd.array([people.kept[rows[place]] for place in kept], dtype="str")}
    for column in taking.expected:
        made[column.name] = typed(column, [frame[column.name][place] for place in kept])
    answers = pd.DataFrame(made)
    broken = len(table.unfinished & {int(rows[place]) for place in kept})
    report = _report(taking, people, matched, cells, asides, len(answers))
    counts = cell_counts(taking.study, taking.audience, tuple(taking.expected), answers)
    log = _log(counts, report, broken)
    source = f"{table.path.name}, sha256 {table.sha256}"
    simulated = table.simulated or made_up(table, taking.wave, taking.audience)
    return Intake(taking.wave, taking.audience, answers, simulated, source, log), report


def _read(taking: _Taking, column: Column, feed: Feed, rows: npt.NDArray[np.intp]) -> Cells:
    """The cells of one column, with its reasons where they stand apart."""
    table, back = taking.table, taking.answered[column.name]
    files = {each.name: each for each in table.columns}
    if feed.column:
        found = read_cells(column, back, feed, files[feed.column], table, rows)
    else:
        found = read_ticks(column, back, feed, files, table, rows)
    if feed.aside:
        listed = replace(back, answers={code: back.answers[code] for code in back.reasons})
        apart = read_cells(
            _of_reasons(column), listed, Feed(column.name, feed.rule, feed.aside), files[feed.aside], table, rows
        )
        found.misfits += apart.misfits
        both = [
            n
            for n, (a, b) in enumerate(zip(found.values, apart.values, strict=True))
            if a is not None and b is not None
        ]
        if both:
            text = str(table.cells[feed.aside][rows[both[0]]])
            found.misfits.append(Misfit(feed.aside, text, rows[both], "the row has an answer: keep one of both"))
        found.values = [b if a is None else a for a, b in zip(found.values, apart.values, strict=True)]
    return found


def _of_reasons(column: Column) -> Column:
    """A typed column as if its reasons were all its answers."""
    scale = column.scale
    if scale is None:
        return column
    listed = replace(scale, kind="likert" if column.kind in ("number", "share") else "single")
    return Column(column.name, replace(column.item, scale=listed, scales={}, negative=()), column.face)


def _told(table: VendorTable, column: Column, each: Misfit) -> Problem:
    """A misfit with its line."""
    others = len(each.rows) - 1
    more = f" (and {others} other row{'s' if others > 1 else ''})" if others else ""
    what = f"column `{each.column}` holds “{each.text[:200]}” for `{column.name}`{more}"
    return Problem(Place(table.path, table.lines[int(each.rows[0])]), what, each.mend, each.code)


def _set_aside(
    taking: _Taking, people: People, rows: npt.NDArray[np.intp], frame: Mapping[str, Sequence[Any]]
) -> dict[int, str]:
    """Rows without any answer, and those of a respondent who has a better one: finished before unfinished, then the first."""
    asked = [column.name for column in taking.expected if column.asked]
    found: dict[int, str] = {}
    spoken = []
    places = {int(row): place for place, row in enumerate(rows)}
    for place, row in enumerate(map(int, rows)):
        if all(frame[name][place] is None for name in asked):
            found[row] = f"{_SILENT}, and not finished" if row in taking.table.unfinished else _SILENT
        else:
            spoken.append(row)
    kept: dict[str, int] = {}
    for row in sorted(spoken, key=lambda each: (each in taking.table.unfinished, each)):
        first = kept.setdefault(people.ids[row], row)
        if first != row:
            found[row] = f"the respondent of row {taking.table.lines[first]} again"
            here, there = places[row], places[first]
            found[row] += "" if all(frame[n][here] == frame[n][there] for n in asked) else ", with other answers"
    return found


def _report(
    taking: _Taking, people: People, matched: Matched, cells: Mapping[str, Cells], asides: Mapping[int, str], kept: int
) -> Report:
    """What became of everything."""
    table = taking.table
    used = {column for feed in taking.feeds.values() for column in feed.columns} | {people.column}
    unused = []
    for column in table.columns:
        if column.name not in used:
            why = matched.whys.get(column.name, "the mapping calls what it feeds absent")
            unused.append(Unused(column.name, why, int((table.cells[column.name] != "").sum())))
    feeds = tuple(taking.feeds[column.name] for column in taking.expected if column.name in taking.feeds)
    fed = tuple(Fed(feed.name, feed.columns, feed.rule, tuple(cells[feed.name].notes)) for feed in feeds)
    aside = tuple(Aside(table.lines[row], why) for row, why in sorted(asides.items()))
    notes = (*table.notes, *people.notes, *_alike(table, people, asides))
    absent = tuple(name for name in taking.absent if name not in taking.feeds)
    size = len(table.lines)
    return Report(table.vendor, table.mark, people.column, size, kept, fed, tuple(unused), aside, absent, notes, feeds)


def _alike(table: VendorTable, people: People, asides: Mapping[int, str]) -> list[str]:
    """Rows that are the same in every cell, where nothing tells people apart."""
    kept = [row for row in range(len(table.lines)) if row not in asides]
    twice = 0 if people.column else int(pd.DataFrame(table.cells).iloc[kept].duplicated().sum())
    return [f"{twice} rows are the same in every cell as one before them: all are kept"] if twice else []


def _log(counts: list[tuple[str, str, int, str]], report: Report, broken: int) -> pd.DataFrame:
    """Count what became of every row and of every cell."""
    rows: list[tuple[str, str, int, str]] = [("read", "", report.read, report.vendor)]
    reasons = Counter(
        "the same respondent again" if each.reason.startswith("the respondent") else each.reason
        for each in report.aside
    )
    rows += [("set aside", "", n, reason) for reason, n in reasons.items()]
    rows += [("broken off", "", broken, "among the kept: not everything was answered")] if broken else []
    rows.append(("kept", "", report.kept, ""))
    return pd.DataFrame(rows + counts, columns=["measure", "item", "n", "note"])
