"""One family of errors: each says where, what is wrong, and how to mend it.

A `Problem` is data, an error carries one or more of them, and the terminal prints them one a line, so that an editor can jump
to the place.  The exit code of the command line follows from the family: what the reader of the message can mend is 1, a
fault of ours is 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "ConvergenceError",
    "DataError",
    "DesignError",
    "DisclosureError",
    "Place",
    "Problem",
    "ReportError",
    "SpecError",
    "SymmetryError",
]


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands: a file, and if known its line and column (both from 1) or a row of data."""

    file: Path | str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [str(self.file), *(str(number) for number in (self.line, self.column) if number)]
        return ":".join(parts)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: its place, a stable code, the fault, and the remedy."""

    where: Place | None
    what: str
    mend: str = ""
    code: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        code = f" {self.code}" if self.code else ""
        mend = f"\n  mend: {self.mend}" if self.mend else ""
        return f"{place}{self.severity}{code} {self.what}{mend}"


class SymmetryError(Exception):
    """The root of the family: a message, or several problems found in one pass.

    Parameters
    ----------
    what : the fault in words, or every `Problem` found.
    where, mend, code : of a single fault given in words.
    """

    def __init__(
        self, what: str | Sequence[Problem], *, where: Place | None = None, mend: str = "", code: str = ""
    ) -> None:
        if isinstance(what, str):
            self.problems: tuple[Problem, ...] = (Problem(where, what, mend, code),)
        else:
            self.problems = tuple(what)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SpecError(SymmetryError):
    """The author of a study or of a plan can mend it."""


class DataError(SymmetryError):
    """Answers do not fit their codebook, or files do not fit their manifest."""


class DesignError(SymmetryError):
    """The design cannot bear this estimate."""


class ConvergenceError(SymmetryError):
    """Raking or fitting stopped: after how many steps, and how far from the target."""


class DisclosureError(SymmetryError):
    """The number exists and may not be shown."""


class ReportError(SymmetryError):
    """A notebook could not be executed or rendered: notebook, cell, and what failed."""
