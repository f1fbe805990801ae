"""One fault in a file: one message, at its line and column, with the remedy.

Each file of `faults/` begins with what it must provoke: `# expect: CODE line:column words of the remedy`, one line a problem,
in the order of the report.  Places were marked by hand in the text, not copied from the checker.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from symmetry.spec import check

FOLDER = Path(__file__).parent / "faults"
FILES = sorted(FOLDER.glob("*.yaml"))


def expected(file: Path) -> list[tuple[str, str, str]]:
    """Code, place and remedy that the head of a file announces."""
    lines = file.read_text(encoding="latin-1").splitlines()
    heads = [line.removeprefix("# expect: ") for line in lines if line.startswith("# expect: ")]
    parts = [[*head.encode("latin-1").decode().split(" ", 2), ""] for head in heads]
    return [(code, place, remedy) for code, place, remedy, *_ in parts]


def test_there_are_enough_faults() -> None:
    """At least 130 kinds of fault are seeded, of 60 codes or more; four in five have a remedy to be held to."""
    heads = [head for file in FILES for head in expected(file)]
    assert len(FILES) >= 130
    assert len({code for code, _, _ in heads}) >= 60
    assert sum(bool(remedy) for _, _, remedy in heads) / len(heads) >= 0.8


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_fault_is_found_where_it_is(file: Path) -> None:
    """A fault gives its own message and no other, at its place, and says how to mend it."""
    problems = check(file)
    found = []
    for problem in problems:
        place = problem.where
        here = "" if place.file == file else f"{Path(place.file).relative_to(FOLDER).as_posix()}:"
        found.append((problem.code, f"{here}{place.line}:{place.column}"))
    assert [each[:2] for each in expected(file)] == found, "\n".join(map(str, problems))
    for (_, _, remedy), problem in zip(expected(file), problems, strict=True):
        assert remedy in problem.mend, problem
