"""What a code of the checker means: one page a code, with a wrong example and its mended form.

The pages are Markdown files in `explained/`, so that the terminal, an editor and the documentation show the same words.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from symmetry.errors import SpecError
from symmetry.spec.validating import nearest

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["codes", "explain"]

_SHORTEST = 3


def explain(code: str) -> str:
    """The page of one code, as Markdown.

    Parameters
    ----------
    code : as a problem gives it; small letters and spaces around it do no harm.

    Raises
    ------
    SpecError : there is no such code (COD01); the remedy names the nearest.

    Examples
    --------
    >>> explain("mir02").splitlines()[0]
    '# MIR02 A mirror type without its face'
    """
    wanted = code.strip().upper()
    if wanted not in codes():
        raise SpecError(f"there is no code `{code}`", mend=_nearest(wanted), code="COD01")
    return (_pages() / f"{wanted}.md").read_text(encoding="utf-8")


def codes() -> tuple[str, ...]:
    """Every code that has a page, in alphabetical order.

    Examples
    --------
    >>> codes()[:2]
    ('ALT01', 'ALT02')
    """
    return _listed()


@cache
def _listed() -> tuple[str, ...]:
    names = (page.name for page in _pages().iterdir())
    return tuple(sorted(name.removesuffix(".md") for name in names if name.endswith(".md")))


def _nearest(code: str) -> str:
    """The code that was meant: its number without a zero, its nearest in the family, else what codes begin with."""
    letters = code.rstrip("0123456789")
    family = [known for known in codes() if known.rstrip("0123456789") == letters]
    padded = f"{letters}{code[len(letters) :].zfill(2)}"
    if padded in family:
        return f"did you mean `{padded}`?"
    if family or len(code) > _SHORTEST:
        return nearest(code, family or codes())
    families = dict.fromkeys(known.rstrip("0123456789") for known in codes())
    return f"codes begin with {', '.join(families)}"


def _pages() -> Traversable:
    from importlib.resources import files

    return files("symmetry.spec") / "explained"
