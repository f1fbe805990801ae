"""Studies with the texts of one language taken out of the file, and catalogues filled by polib, a reader that is not ours."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polib

from symmetry.spec import read_yaml

__all__ = ["ROOT", "copied", "filled", "line_of", "stripped", "text_at", "without"]

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"full": ROOT / "tests" / "spec" / "full", "bank": ROOT / "survey_specs" / "everyday_bank"}


def copied(folder: Path, name: str = "full") -> Path:
    """A copy of a study to change at will."""
    shutil.copytree(FOLDERS[name], folder)
    return folder


def without(data: Any, language: str, source: str = "fr") -> Any:
    """Data of a study without the texts of one language; the list of languages stays as it is."""
    if isinstance(data, dict):
        text = source in data and language in data
        return {key: without(each, language) for key, each in data.items() if not (text and key == language)}
    return [without(each, language) for each in data] if isinstance(data, list) else data


def stripped(folder: Path, language: str = "en") -> Mapping[str, Any]:
    """Take one language out of the study file (written again as JSON, which is YAML), and give the data as they were."""
    file = folder / "study.yaml"
    data = read_yaml(file).data
    file.write_text(json.dumps(without(data, language), ensure_ascii=False, indent=1), encoding="utf-8")
    return dict(data)


def text_at(data: Any, context: str, language: str) -> str:
    """The text that a context names, walked by hand in the data of a study."""
    *keys, last = re.findall(r"[^.\[\]]+", context)
    listed = context.endswith("]") and ("ends" in keys or "labels" in keys)
    for key in keys if listed else [*keys, last]:
        data = data[int(key)] if isinstance(data, list) else data[key]
    return str(data[language][int(last)] if listed else data[language])


def filled(file: Path, texts: Mapping[str, str], *, wrap: int = 78) -> None:
    """Put translations in a catalogue, by context, as an editor of catalogues would."""
    catalogue = polib.pofile(str(file), wrapwidth=wrap)
    for entry in catalogue:
        if entry.msgctxt in texts:
            entry.msgstr = texts[entry.msgctxt]
    catalogue.save()


def line_of(file: Path, context: str) -> int:
    """The line on which a translation stands, as polib tells it."""
    (entry,) = [each for each in polib.pofile(str(file)) if each.msgctxt == context]
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(number for number in range(entry.linenum, len(lines) + 1) if lines[number - 1].startswith("msgstr"))
