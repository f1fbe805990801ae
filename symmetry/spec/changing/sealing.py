"""A wave that goes to people is sealed: what it asks and promises is written beside the study, and stays.

`survey_specs/<study>/fielded/<wave>.json` holds the compiled wave, the day, the hash of the wave (its identity) and the hash
of the whole (its integrity).  It belongs under version control with the study, and is never edited.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symmetry.aside import replace_file
from symmetry.errors import Place, SpecError
from symmetry.spec.changing.compiling import compile_wave, hash_of, on_one_form, study_in
from symmetry.spec.changing.packing import Unreadable, pack
from symmetry.spec.changing.walking import differences
from symmetry.spec.forms import is_day
from symmetry.spec.nouns import Study
from symmetry.spec.reading import read_text

__all__ = ["HOLDS", "Seal", "fielded_in", "read_seal", "seal", "sealed_in"]

HOLDS = "a fielded wave"


@dataclass(frozen=True)
class Seal:
    """A wave as it was fielded: the study cut down to it, the day it was sealed, and the hash that names its content."""

    path: Path
    wave: str
    on: str
    sha256: str
    study: Study
    compiled: Mapping[str, Any]


def seal(study: Study, wave: str, *, on: str) -> Path:
    """Write what a wave asks and promises beside its study, once and for ever.

    Parameters
    ----------
    study : the study, without errors.
    wave : key of the wave that is about to be fielded.
    on : the day, as 2027-03-01; given, so that the same call writes the same bytes.

    Returns
    -------
    The file.  Where the wave was sealed before with the same content, nothing is written and its day stays.

    Raises
    ------
    SpecError : FLD05, the wave was sealed with another content; FLD04, the file there is damaged; FLD08, that is no day;
        SPEC04, the study has no such wave.
    """
    path = study.path.parent / "fielded" / f"{wave}.json"
    compiled = compile_wave(study, wave)
    if not is_day(on):
        raise SpecError(f"`{on}` is no day of the calendar", mend="write it as 2027-03-01", code="FLD08")
    if path.exists():
        before = read_seal(path)
        was, now = on_one_form(before.study, study_in(compiled, path))
        if hash_of(pack(was)) != hash_of(pack(now)):
            raise _sealed_otherwise(before, was, now)
        return path
    body = {"symmetry": compiled["symmetry"], "holds": HOLDS, "on": on, "sha256": hash_of(compiled), "wave": compiled}
    path.parent.mkdir(exist_ok=True)
    replace_file(path, json.dumps(body | {"seal": hash_of(body)}, ensure_ascii=False, indent=1) + "\n")
    return path


def read_seal(path: Path | str) -> Seal:
    """A wave as it was fielded.

    Parameters
    ----------
    path : a file that `seal` wrote.

    Raises
    ------
    SpecError : FLD04, the file is missing, damaged, or written by a later version.
    """
    file = Path(path)
    body = sealed_in(file)
    compiled = body["wave"]
    try:
        study = study_in(compiled, file)
    except Unreadable as error:
        raise _damaged(file, str(error)) from error
    return Seal(file, str(compiled["wave"]), str(body.get("on")), str(body["sha256"]), study, compiled)


def sealed_in(file: Path) -> dict[str, Any]:
    """The content of a sealed file, its hashes verified and its nouns not yet made.

    Raises
    ------
    SpecError : FLD04, as `read_seal`.
    """
    try:
        body = json.loads(read_text(file), parse_constant=_refuse)
    except SpecError as error:
        raise _damaged(file, error.problems[0].what, error.problems[0].where) from error
    except (ValueError, RecursionError) as error:
        where = Place(file, getattr(error, "lineno", 1), getattr(error, "colno", 1))
        raise _damaged(file, "it is not JSON", where) from error
    if not isinstance(body, dict) or body.get("holds") != HOLDS:
        raise _damaged(file, f"it does not hold {HOLDS}")
    rest = {key: value for key, value in body.items() if key != "seal"}
    compiled = body.get("wave")
    if not isinstance(compiled, dict) or body.get("seal") != hash_of(rest) or body.get("sha256") != hash_of(compiled):
        raise _damaged(file, "its content does not fit its hash")
    return body


def fielded_in(folder: Path) -> list[Path]:
    """The sealed waves beside a study, in the order of their names.

    Parameters
    ----------
    folder : the folder of `study.yaml`.
    """
    return sorted((folder / "fielded").glob("*.json"))


def _sealed_otherwise(before: Seal, was: Study, now: Study) -> SpecError:
    """The refusal to seal a wave twice, with what differs."""
    found = [each.what for each in differences(was, now)]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return SpecError(
        f"the wave `{before.wave}` was sealed on {before.on} with another content: {'; '.join(found[:3])}{more}",
        where=Place(before.path, 1, 1),
        mend="a fielded wave stays as it is: put back what it asked, and let a new wave ask the new",
        code="FLD05",
    )


def _damaged(file: Path, what: str, where: Place | None = None) -> SpecError:
    return SpecError(
        f"the sealed wave cannot be trusted: {what}",
        where=where or Place(file, 1, 1),
        mend="bring the file back from history; it is never edited by hand",
        code="FLD04",
    )


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")
