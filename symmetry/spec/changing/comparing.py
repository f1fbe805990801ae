"""`symmetry diff`: what a new version of a study does to its trends, change by change.

A change is cosmetic, comparable or breaking (`judging`), by one table of rules (`rules`).  Comments, the order of sections and
the spacing of a file are no part of a study and are no change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symmetry.errors import Place, SpecError
from symmetry.spec.changing.compiling import cut_to, on_one_form
from symmetry.spec.changing.judging import Kind
from symmetry.spec.changing.telling import Difference
from symmetry.spec.changing.walking import differences
from symmetry.spec.nouns import Study
from symmetry.spec.reading import Document, read_yaml
from symmetry.spec.validating import dotted, nearest

__all__ = ["KINDS", "Change", "as_data", "breaks", "changes", "describe"]

KINDS: tuple[Kind, ...] = ("breaking", "comparable", "cosmetic")
_HEADS = {
    "breaking": "Breaks a trend",
    "comparable": "Leaves trends comparable",
    "cosmetic": "Cosmetic",
}


@dataclass(frozen=True)
class Change:
    """One change between two versions of a study: how much it matters, where it stands, what it is, and why it matters so.

    `where` is a place of the new file, of the old one for what is gone; `path` the keys that lead there.
    """

    kind: Kind
    where: Place
    path: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.path}: {self.what}\n  {self.why}"


def changes(old: Study, new: Study) -> tuple[Change, ...]:
    """Every change between two versions of a study.

    Parameters
    ----------
    old : the version that was asked, or is about to be replaced.
    new : the version that takes its place.  Where one of the two is a sealed wave, the other is cut down to that wave; two
        sealed waves are compared as one wave at two times.

    Returns
    -------
    The changes in the order of the new file, then what is gone in the order of the old one; none if both say the same.

    Raises
    ------
    SpecError : SPEC04, a study has no such wave as the sealed one that it is compared with.

    Notes
    -----
    A wording is the same as long as only its typography differs (spaces, quotes, dashes, an ellipsis); any other edit of
    what respondents read is breaking, a mended typo too, since nothing but a reader can tell it from a new question.  A new
    key for the same words is told as such, and what refers to it is no change.
    """
    old, new = _on_one_footing(old, new)
    documents = _document(old), _document(new)
    made = [(each.new_at is None, _change(each, *documents)) for each in differences(old, new)]
    return tuple(change for _, change in sorted(made, key=lambda pair: (pair[0], pair[1].where)))


def breaks(found: Sequence[Change]) -> bool:
    """Whether some change breaks a trend: `symmetry diff` then ends with 1, so that a script can stop on it."""
    return any(change.kind == "breaking" for change in found)


def describe(found: Sequence[Change]) -> str:
    """The changes as the terminal prints them: the gravest first, under their reasons, and a count at the end."""
    lines: list[str] = []
    for kind in KINDS:
        chosen = [change for change in found if change.kind == kind]
        lines += [f"{_HEADS[kind]} ({len(chosen)})"] if chosen else []
        for why in dict.fromkeys(change.why for change in chosen):
            lines.append(f"  {why}:")
            lines += [f"    {change.where}: {change.path}: {change.what}" for change in chosen if change.why == why]
        lines += [""] if chosen else []
    counts = {kind: sum(change.kind == kind for change in found) for kind in KINDS}
    if not found:
        return "No change: both versions ask, promise and plan the same.\n"
    total = f"{len(found)} change{'s' * (len(found) > 1)}"
    lines.append(f"{total}: {', '.join(f'{count} {kind}' for kind, count in counts.items())}")
    return "\n".join(lines) + "\n"


def as_data(found: Sequence[Change]) -> list[dict[str, str | int]]:
    """The changes as plain data, for JSON."""
    return [
        {
            "kind": change.kind,
            "path": change.path,
            "file": str(change.where.file),
            "line": change.where.line,
            "column": change.where.column,
            "what": change.what,
            "why": change.why,
        }
        for change in found
    ]


def _on_one_footing(old: Study, new: Study) -> tuple[Study, Study]:
    """Two studies that hold the same wave, where one or both are sealed waves."""
    sealed = [_sealed(study) for study in (old, new)]
    if sealed == [True, True]:
        (was, now) = (next(iter(study.waves)) for study in (old, new))
        return on_one_form(replace(old, waves={now: replace(old.waves[was], key=now)}), new)
    if True in sealed:
        wave = next(iter((old if sealed[0] else new).waves))
        return on_one_form(_cut(old, wave), _cut(new, wave))
    return old, new


def _cut(study: Study, wave: str) -> Study:
    if wave not in study.waves:
        what = f"study `{study.key}` has no wave `{wave}` to compare"
        raise SpecError(what, where=Place(study.path), mend=nearest(wave, study.waves), code="SPEC04")
    return study if _sealed(study) else cut_to(study, wave)


def _sealed(study: Study) -> bool:
    return study.path.suffix == ".json"


def _document(study: Study) -> Document:
    """The file of a study with its places; a sealed wave has none but itself."""
    return Document(study.path, None) if _sealed(study) else read_yaml(study.path)


def _change(each: Difference, old: Document, new: Document) -> Change:
    """One difference at its place."""
    document, at = (new, each.new_at) if each.new_at is not None else (old, each.old_at or ())
    where = document.place(at, key=each.how in ("added", "removed", "renamed"))
    return Change(each.kind, where, dotted(at), each.what, each.why)
