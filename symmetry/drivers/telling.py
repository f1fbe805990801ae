"""A progress bar where a person is looking and the wait is worth one, silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress"]

_PATIENCE = 2.0


@contextmanager
def progress(what: str, steps: int, seconds: float) -> Iterator[Callable[[int], None]]:
    """Give what counts steps done on a bar on stderr, if the work is likely to take more than two seconds.

    Parameters
    ----------
    what : said beside the bar.
    steps : in all.
    seconds : that the work may take.

    Examples
    --------
    >>> with progress("16 regressions", 16, 0.1) as done:
    ...     done(16)
    """
    if seconds < _PATIENCE or not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=steps)
        yield lambda count: bar.advance(task, count)
