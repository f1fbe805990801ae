"""Pictures of every page of every study, at three widths and in both languages, to be looked at.

`python -m tests.fieldwork.web.pictures FOLDER [WORD …]` takes a picture of each page whose name holds every WORD (of all,
without one), at 320, 390 and 1280 pixels, into FOLDER.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.fieldwork.web.browsers import opened
from tests.fieldwork.web.exhibits import all_asked, every_page, faulty_pages, other_pages

__all__ = ["take", "whole"]

WIDTHS = (320, 390, 1280)


def whole() -> Iterator[tuple[str, str]]:
    """Every page, by name."""
    for asked in all_asked():
        for language in asked.languages:
            yield from every_page(asked, language)
    for language in ("fr", "en"):
        yield from faulty_pages(language)
        yield from other_pages(language)


def take(folder: Path, words: list[str]) -> int:
    """Take the pictures; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = [(name, text) for name, text in whole() if all(word in name for word in words)]
    with opened() as browser:
        for width in WIDTHS:
            tab = browser.new_page(viewport={"width": width, "height": 800}, java_script_enabled=False)
            for name, text in pages:
                tab.set_content(text)
                tab.screenshot(path=folder / f"{name.replace(' ', '-')}-{width}.png", full_page=True)
            tab.close()
    return len(pages) * len(WIDTHS)


if __name__ == "__main__":
    print(f"{take(Path(sys.argv[1]), sys.argv[2:])} pictures in {sys.argv[1]}")
