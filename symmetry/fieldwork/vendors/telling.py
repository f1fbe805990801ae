"""The report of an import in a few lines for people, and the rows set aside as a file."""

from __future__ import annotations

import csv
import io
from collections import Counter

from symmetry.fieldwork.vendors.nouns import Report

__all__ = ["aside_csv", "report_lines"]


def report_lines(report: Report) -> list[str]:
    """The report line by line: as what the file was recognised, rows, columns by rule, what was not used."""
    lines = [f"recognised as {report.vendor}, by {report.mark}"]
    lines += [f"  {note}" for note in report.notes]
    lines.append(f"rows: {report.read} read, {report.kept} kept, {len(report.aside)} set aside")
    rules = Counter(fed.rule for fed in report.fed)
    lines.append("columns: " + ", ".join(f"{n} by {rule}" for rule, n in rules.items()))
    lines += [f"  `{fed.name}`: {note}" for fed in report.fed for note in fed.notes]
    lines += [f"left empty, as allowed: {', '.join(f'`{name}`' for name in report.absent)}"] if report.absent else []
    for unused in report.unused:
        filled = f"{unused.filled} cells" if unused.filled else "empty"
        lines.append(f"not used: `{unused.column}` ({filled}): {unused.why}")
    return lines


def aside_csv(report: Report) -> str:
    """The rows set aside, each with its reason."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["row", "reason"])
    table.writerows([each.row, each.reason] for each in report.aside)
    return out.getvalue()
