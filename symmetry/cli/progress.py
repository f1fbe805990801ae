"""A progress bar where a person is looking, silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Tell", "progress"]

Tell = Callable[[str], None]


@contextmanager
def progress(what: str, steps: int) -> Iterator[Tell]:
    """Show a progress bar on stderr where a person is looking; say nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<44}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=steps)
        started = [False]

        def tell(step: str) -> None:
            bar.update(task, description=step, advance=1 if started[0] else 0)
            started[0] = True

        yield tell
