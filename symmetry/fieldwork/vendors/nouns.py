"""The nouns of a file of another tool: its grid of texts, its columns, what feeds what, and the report of an import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from symmetry.fieldwork.files import Texts

__all__ = ["VENDORS", "Aside", "Fed", "Feed", "FileColumn", "Grid", "Report", "Unused", "VendorTable"]

VENDORS = ("limesurvey", "qualtrics", "google", "spss", "plain")


@dataclass(frozen=True)
class Grid:
    """The texts of a file, row by row: a header of any height is still in it.

    `lines` says where each row begins; `french` that numbers may be written with a comma; `notes` what the reader of the
    file should know.
    """

    path: Path
    rows: list[list[str]]
    lines: list[int]
    sha256: str
    french: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileColumn:
    """One column of a file.

    Attributes
    ----------
    name : as the file has it, once in the file.
    code, sub : what the tool calls the question, and the row or choice of it.
    wording, row : the words of the question, and of the row or choice; may hold HTML.
    role : what the tool itself wrote into it ("response id", "date submitted"…), "" for answers.
    labels : value → its label, where the file says so (SPSS).
    missing : values that the file calls user-missing (SPSS).
    """

    name: str
    code: str = ""
    sub: str = ""
    wording: str = ""
    row: str = ""
    role: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class VendorTable:
    """A file whose header is understood: columns, their cells as text, and where each row stands.

    `asides` are rows that are no answers (preview, spam), with the reason; `unfinished` those that were not sent to the end;
    `simulated` whether the file says that its answers are.
    """

    path: Path
    vendor: str
    mark: str
    columns: tuple[FileColumn, ...]
    cells: Mapping[str, Texts]
    lines: tuple[int, ...]
    sha256: str
    french: bool = False
    notes: tuple[str, ...] = ()
    asides: Mapping[int, str] = field(default_factory=dict)
    unfinished: frozenset[int] = frozenset()
    simulated: bool = False

    def with_role(self, role: str) -> FileColumn | None:
        """The first column of a role."""
        return next((column for column in self.columns if column.role == role), None)


@dataclass(frozen=True)
class Feed:
    """What feeds one column of the study.

    Attributes
    ----------
    name : of the study's column.
    rule : by which it was found.
    column : file column; none where each choice has its own.
    choices : choice → file column.
    aside : file column of the reasons for not answering.
    values : text in the file → value in the study, from a mapping; any other text is a fault.
    dates : "dmy" or "mdy", where the mapping says how days are written.
    """

    name: str
    rule: str
    column: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    aside: str | None = None
    values: Mapping[str, str] | None = None
    dates: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every file column it reads."""
        return tuple(each for each in (self.column, *self.choices.values(), self.aside) if each)


@dataclass(frozen=True)
class Unused:
    """A file column that fed nothing: why, and how many of its cells hold something."""

    column: str
    why: str
    filled: int


@dataclass(frozen=True)
class Aside:
    """A row set aside: where it stands in the file, and why."""

    row: int
    reason: str


@dataclass(frozen=True)
class Fed:
    """One column of the study, the file columns that fed it, by which rule, and what was noted on the way."""

    name: str
    columns: tuple[str, ...]
    rule: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What became of a file, whole: every column is fed or unused, every row kept or aside.

    `vendor` and `mark` say as what it was recognised, and by what; `absent` are columns of the study that were knowingly not
    fed; `respondent` is the file column of the ids, "" where a row is one person.
    """

    vendor: str
    mark: str
    respondent: str
    read: int
    kept: int
    fed: tuple[Fed, ...]
    unused: tuple[Unused, ...]
    aside: tuple[Aside, ...]
    absent: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    feeds: tuple[Feed, ...] = ()
