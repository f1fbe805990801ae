"""A progress bar where a person is looking and has waited two seconds, silence elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["progress", "watched"]

_PATIENCE = 2.0
T = TypeVar("T")


@contextmanager
def progress(what: str, steps: int) -> Iterator[Callable[[int], None]]:
    """Give what counts steps done, which shows them on a bar on stderr once the work has taken two seconds.

    Parameters
    ----------
    what : said beside the bar.
    steps : in all.

    Examples
    --------
    >>> with progress("16 regressions", 16) as done:
    ...     done(16)
    """
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    started, so_far, bars = time.monotonic(), 0, list["Progress"]()
    with ExitStack() as stack:

        def done(count: int) -> None:
            nonlocal so_far
            so_far += count
            if not bars and time.monotonic() - started >= _PATIENCE and so_far < steps:
                bars.append(stack.enter_context(_bar()))
                bars[0].add_task(what, total=steps)
            for bar in bars:
                bar.update(bar.task_ids[0], completed=so_far)

        yield done


def watched(items: Sequence[T], what: str) -> Iterator[T]:
    """The items one after the other, counted on such a bar.

    Examples
    --------
    >>> list(watched([1, 2], "numbers"))
    [1, 2]
    """
    with progress(what, len(items)) as done:
        for item in items:
            yield item
            done(1)


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), transient=True)
