"""Times completion in an editor: milliseconds a request on the study with every key, with the schema of its own ids.

    python -m tests.benchmarks.completion [--times 30]

Drives the unmodified npm package yaml-language-server over stdio.  Each request follows a keystroke, so that the server
reads the changed study again, as it does while an author types.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from symmetry.spec.editing.schema import MODELINE, write_schema
from tests.language_server import VERSION, LanguageServer

__all__ = ["medians"]

FULL = Path(__file__).parents[1] / "spec" / "full" / "study.yaml"
PLACES = {
    "a section": ("\nprivacy:", "\npri"),
    "`scale:`": ("\n    scale: agree5", "\n    scale: "),
    "`promise:`": ("\n    promise: attentive", "\n    promise: "),
    "`at:`": ("\n    at: visit.welcome", "\n    at: "),
    "`role:`": ("\n    role: driver", "\n    role: "),
    "a key of an item": ("\n    owner: quality", "\n    ow"),
    "`items:` of a wave": ("\n    items: [recommend, listened, why]", "\n    items: [recommend, ]"),
    "`owner:`": ("\n    owner: quality", "\n    owner: "),
}


def medians(times: int = 30) -> list[tuple[str, float]]:
    """Median milliseconds of a completion at each kind of place, over so many keystrokes."""
    found = []
    with tempfile.TemporaryDirectory() as folder, LanguageServer() as server:
        study = Path(folder) / "study.yaml"
        text = f"{MODELINE}\n{FULL.read_text(encoding='utf-8')}"
        study.write_text(text, encoding="utf-8")
        write_schema(study)
        server.open(study)
        server.diagnostics(study)
        for what, (line, typed) in PLACES.items():
            start = text.index(line)
            end = text.index("\n", start + 1)
            spent = []
            for turn in range(times + 3):
                before = text[:start] + typed.removesuffix("]")
                after = "]" * typed.endswith("]") + text[end:] + f"# {turn}\n"
                server.change(study, before + after)
                place = before.count("\n"), len(before) - before.rfind("\n") - 1
                began = time.perf_counter()
                offered = server.completions(study, *place)
                spent.append(1000 * (time.perf_counter() - began))
                if not offered:
                    raise SystemExit(f"nothing is offered at {what}")
            found.append((what, statistics.median(spent[3:])))
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=30, help="requests at each place (default 30)")
    lines = FULL.read_text(encoding="utf-8").count("\n")
    print(f"yaml-language-server {VERSION}, a study of {lines} lines\n\n| completion at | median ms |\n|---|---|")
    for what, value in medians(parser.parse_args().times):
        print(f"| {what} | {value:.1f} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
