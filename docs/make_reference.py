"""Writes docs/reference/: one page a room, an entry for every public name of its door, from the docstrings.

`just reference` writes, `--check` (in the tests) only compares and says which pages are behind.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from pathlib import Path

PAGES = Path(__file__).resolve().parent / "reference"
SURVEY = ("spec", "fieldwork", "responses")
STATISTICS = ("weights", "design", "estimate", "measurement", "dissonance", "drivers")
ROOMS = ("errors", *SURVEY, *STATISTICS, "disclosure", "analyse", "report")
HEAD = "# Reference\n\nMade from the docstrings by `just reference`; not edited by hand.\n\n"


def page(room: str) -> str:
    """Write one room's page."""
    door = importlib.import_module(f"symmetry.{room}")
    entries = [entry(name, getattr(door, name)) for name in door.__all__]
    return "\n\n".join([f"# `symmetry.{room}`", (inspect.getdoc(door) or "").strip(), *entries]) + "\n"


def entry(name: str, thing: object) -> str:
    """One name: how it is called, and its docstring as written."""
    if not (inspect.isclass(thing) or inspect.isfunction(thing)):
        return f"## `{name}`\n\nA value of type `{type(thing).__name__}`."
    return f"## `{name}`\n\n```text\n{called(name, thing)}\n\n{inspect.getdoc(thing) or ''}\n```"


def called(name: str, thing: Callable[..., object]) -> str:
    """The name with its parameters and their defaults; the docstring says what they are."""
    signature = inspect.signature(thing)
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    return f"{name}{signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)}"


def index() -> str:
    """The page that lists the rooms."""
    lines = []
    for room in ROOMS:
        first = (inspect.getdoc(importlib.import_module(f"symmetry.{room}")) or "").splitlines()[0]
        lines.append(f"- [`symmetry.{room}`]({room}.md): {first}")
    lines.append("- [Codes](codes.md): everything that `symmetry check` can say, each with a page")
    return HEAD + "\n".join(lines) + "\n"


def codes() -> str:
    """The page that lists every code of the checker, each with a link to its own page."""
    from symmetry.spec import codes, explain

    lines = []
    for code in codes():
        title = explain(code).splitlines()[0].removeprefix(f"# {code} ")
        lines.append(f"- [`{code}`](../../symmetry/spec/explained/{code}.md): {title}")
    told = "What `symmetry check` can say. Each page has a wrong example and its mended form, as `--explain CODE` prints it."
    return HEAD.replace("# Reference", "# Codes") + told + "\n\n" + "\n".join(lines) + "\n"


def main() -> int:
    """Write the pages, or compare them."""
    wanted = {f"{room}.md": page(room) for room in ROOMS} | {"index.md": index(), "codes.md": codes()}
    behind = [
        name
        for name, text in wanted.items()
        if not (PAGES / name).is_file() or (PAGES / name).read_text(encoding="utf-8") != text
    ]
    behind += sorted({path.name for path in PAGES.glob("*.md")} - set(wanted))
    if "--check" in sys.argv:
        print(f"behind the docstrings: {', '.join(behind)}; run `just reference`" if behind else "up to date")
        return bool(behind)
    PAGES.mkdir(exist_ok=True)
    for stale in set(behind) - set(wanted):
        (PAGES / stale).unlink()
    for name, text in wanted.items():
        (PAGES / name).write_text(text, encoding="utf-8")
    print(f"{len(wanted)} pages in docs/reference/")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
