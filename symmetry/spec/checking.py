"""The whole study in one pass: read, hold against the form and against itself, and give every problem at once.

`check` is what an author runs; `load` is what an analysis runs, and refuses a study with an error in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from symmetry.errors import Place, Problem, SpecError
from symmetry.spec.asking import Known, read_items
from symmetry.spec.fielding import read_contact, read_rotation, read_waves
from symmetry.spec.mirroring import check_faces
from symmetry.spec.models import StudyModel
from symmetry.spec.nouns import Item, Study
from symmetry.spec.phrased import check_wordings
from symmetry.spec.piping import piping_problems
from symmetry.spec.planning import read_owners, read_privacy, read_registered, read_weights
from symmetry.spec.promising import (
    read_audiences,
    read_grids,
    read_journeys,
    read_mirrored,
    read_promise,
    read_service,
)
from symmetry.spec.reading import Document, read_text, read_yaml
from symmetry.spec.rotating import WARNED, rotation_problems
from symmetry.spec.scaling import read_scales
from symmetry.spec.translating.nouns import Completed
from symmetry.spec.validating import Faults, in_order
from symmetry.spec.waiving import check_waivers, read_waivers
from symmetry.spec.wording import check_key, entries_of, text

__all__ = ["check", "load"]


def check(path: Path | str) -> list[Problem]:
    """Every problem of a study, errors and warnings, in the order of the file.

    Parameters
    ----------
    path : `study.yaml` or its folder.

    Examples
    --------
    >>> [str(problem.where) for problem in check("nowhere")]
    ['nowhere/study.yaml']
    """
    return _examine(path)[1]


def load(path: Path | str, *, fielded: bool = True) -> Study:
    """Read a study, to be used.

    Parameters
    ----------
    path : `study.yaml` or its folder.
    fielded : whether it must still be what its fielded waves asked; to compare versions it need not.

    Raises
    ------
    SpecError : the study has errors; it carries every one of them, with its place.
    """
    study, problems = _examine(path, fielded)
    errors = [problem for problem in problems if problem.severity == "error"]
    if study is None or errors:
        raise SpecError(errors)
    return study


def _examine(path: Path | str, fielded: bool = True) -> tuple[Study | None, list[Problem]]:
    """The study, where its head can be read, and every problem."""
    file = Path(path)
    if file.is_file() and file.suffix not in (".yaml", ".yml"):
        what = f"a study is a file .yaml, this is `{file.name}`"
        return None, [Problem(Place(file), what, "name `study.yaml`, or its folder", "YAML08")]
    file = file if file.suffix in (".yaml", ".yml") else file / "study.yaml"
    read = read_yaml(file)
    mistaken = _mistaken_languages(read)
    whole = _translated(read)
    document = whole.document
    faults = Faults(document, [*document.problems, *mistaken], told=whole.told, whole=True)
    if not isinstance(document.data, dict):
        if not document.problems:
            faults.add("SPEC03", (), "a study is a mapping: {key: value}", "begin with `symmetry: 1`")
        return None, faults.problems
    read_waivers(faults)
    for problem in whole.problems:
        faults.take(problem)
    head = faults.model(StudyModel, ())
    parts = _parts(faults, file)
    _check_together(faults, parts)
    languages: tuple[str, ...] = parts["languages"]
    title = text(faults, head.title, languages, ("title",)) if head else {}
    source = text(faults, head.source, languages, ("source",)) if head else {}
    if document.at(("symmetry",)) is True:
        faults.add("SPEC03", ("symmetry",), "`symmetry` is the number of the grammar", "write `symmetry: 1`")
    if head and ("study",) in document.values:
        check_key(faults, ("study",), word=head.study)
    check_waivers(faults)
    problems = in_order(faults.problems, file)
    if head is None:
        return None, problems
    digest = _digest((file, *parts.pop("files"), *whole.files))
    head_parts: dict[str, Any] = {"key": head.study, "title": title, "source": source, "waived": head.waive}
    study = Study(path=file, digest=digest, **head_parts, **parts)
    return study, in_order([*problems, *(_fielded(study, document) if fielded else [])], file)


def _mistaken_languages(document: Document) -> list[Problem]:
    """A language that is listed otherwise than it is written, told once; it is read as the texts have it."""
    title, listed = document.at(("title",)), document.at(("languages",))
    if not isinstance(title, dict) or not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        return []
    idle = [index for index, each in enumerate(listed) if each not in title and not _catalogued(document, each)]
    found = []
    for index, written in zip(idle, [each for each in title if each not in listed], strict=False):
        what = f"`{listed[index]}` is listed, and the title is in `{written}`"
        found.append(Problem(document.place(("languages", index)), what, f"did you mean `{written}`?", "SPEC05"))
        listed[index] = written
    return found


def _catalogued(document: Document, language: str) -> bool:
    return (document.file.parent / "i18n" / f"{language}.po").exists()


def _fielded(study: Study, document: Document) -> list[Problem]:
    """Where the study no longer is what some wave of it asked."""
    if not (study.path.parent / "fielded").is_dir():
        return []
    from symmetry.spec.changing.guarding import check_fielded

    return check_fielded(study, document)


def _translated(document: Document) -> Completed:
    """The document with the texts of its catalogues; a study in which every language stands beside the others has none."""
    if isinstance(document.data, dict):
        title, languages = document.at(("title",)), document.at(("languages",))
        listed = [each for each in languages if isinstance(each, str)] if isinstance(languages, list) else []
        beside = isinstance(title, dict) and bool(listed) and all(each in title for each in listed)
        if not beside or (document.file.parent / "i18n").is_dir():
            from symmetry.spec.translating.completing import complete

            return complete(document, document.file.parent)
    return Completed(document)


def _parts(faults: Faults, file: Path) -> dict[str, Any]:
    """Every section of a study as nouns, under the names that `Study` gives them."""
    languages = _languages(faults)
    audiences = read_audiences(faults, languages)
    promise = read_promise(faults, languages)
    journeys, moments = read_journeys(faults, languages)
    service = read_service(faults, languages, promise, moments)
    scales = read_scales(faults, languages)
    items = read_items(faults, Known(languages, tuple(audiences), tuple(promise), tuple(moments), scales))
    targets, trims, files = read_weights(faults, file.parent, tuple(audiences), items)
    return {
        "languages": languages,
        "audiences": audiences,
        "promise": promise,
        "journeys": journeys,
        "moments": moments,
        "service": service,
        "management": read_mirrored(faults, "management", languages, service),
        "cooperation": read_mirrored(faults, "cooperation", languages, service),
        "scales": scales,
        "items": items,
        "grids": read_grids(faults, languages, items),
        "rotation": read_rotation(faults),
        "waves": read_waves(faults, languages, tuple(audiences), items),
        "contact": read_contact(faults),
        "owners": read_owners(faults, languages, items, tuple(audiences)),
        "privacy": read_privacy(faults),
        "targets": targets,
        "trims": trims,
        "registered": read_registered(faults, items, tuple(audiences)),
        "files": files,
    }


def _check_together(faults: Faults, parts: Mapping[str, Any]) -> None:
    """What no section shows alone."""
    items, audiences = parts["items"], tuple(parts["audiences"])
    if faults.unreadable("item"):
        return
    _check_promises(faults, items, tuple(parts["promise"]), audiences)
    _check_directions(faults, items)
    outcome = parts["registered"].outcome
    if outcome in items and parts["waves"] and not any(outcome in wave.items for wave in parts["waves"].values()):
        what = f"no wave asks the outcome `{outcome}`"
        faults.add("WAV10", ("plan", "outcome"), what, "add it to the items of a wave", severity="warning")
    if parts["registered"].alerts or any(item.ask_if is not None for item in items.values()):
        from symmetry.spec.routed import check_routes

        check_routes(faults, items, parts["waves"], parts["registered"], audiences)
    spared = {key for key in entries_of(faults, "items") if key not in items}
    for code, at, offset, what, mend in piping_problems(items, parts["waves"], spared):
        faults.once(code, at, what, mend, offset=offset)
    for code, at, what, mend in rotation_problems(parts["rotation"], items, parts["waves"]):
        faults.once(code, at, what, mend, severity="warning" if code in WARNED else "error")
    check_wordings(faults, items, parts["waves"], parts["contact"])
    if {"customers", "employees"} <= set(audiences):
        check_faces(faults, items, [key for key, item in items.items() if item.role == "driver"])


def _languages(faults: Faults) -> tuple[str, ...]:
    """The languages of the study; none where the list itself is at fault, which is reported with the head."""
    raw = faults.document.at(("languages",))
    languages = [each for each in raw if isinstance(each, str)] if isinstance(raw, list) else []
    if isinstance(raw, list) and len(languages) < len(raw):
        return ()
    for index, language in enumerate(languages):
        if language in languages[:index]:
            faults.add("SPEC05", ("languages", index), f"`{language}` is listed twice", "delete one")
    return tuple(dict.fromkeys(languages))


def _check_promises(
    faults: Faults, items: Mapping[str, Item], promise: Sequence[str], audiences: Sequence[str]
) -> None:
    """An attitude promised to customers is asked inside too, of management and of cooperation."""
    if any(item.promise is not None and item.promise not in promise for item in items.values()):
        return  # a mistyped promise would show here as one that nothing is under
    for key in promise:
        under = [item for item in items.values() if item.promise == key]
        lacking = [face for face in ("management", "cooperation") if not any(face in item.faces for item in under)]
        if {"customers", "employees"} <= set(audiences) and lacking and len(items) == len(entries_of(faults, "items")):
            what = f"the promise `{key}` is not turned inwards: no item under it has a {' or '.join(lacking)} face"
            mend = "write the face on one of its items"
            faults.add("MIR06", ("promise", key), what, mend, key=True, severity="warning")


def _check_directions(faults: Faults, items: Mapping[str, Item]) -> None:
    """One direction of scales in a survey: a mix of them is answered by mistake."""
    used = {item.scale.key: item.scale for item in items.values() if item.scale and item.scale.rated}
    turned = [scale.key for scale in used.values() if scale.reversed]
    if turned and len(turned) < len(used):
        for key in turned:
            what = f"the scale `{key}` runs against the others of this study"
            mend = "turn it, so that the highest code is always the best"
            faults.add("SCA06", ("scales", key, "reversed"), what, mend, key=True, severity="warning")


def _digest(files: Iterable[Path]) -> str:
    """One hash of the study and its targets: names and texts, whatever the line ends of the system."""
    sha = hashlib.sha256()
    for file in files:
        content = "\n".join(read_text(file).splitlines()).encode()
        sha.update(f"{file.name}\n{len(content)}\n".encode() + content)
    return sha.hexdigest()
