"""A first study to edit: `symmetry new` writes one that is whole, bilingual and without a fault, under its author's name.

The study is a file of this package, `first_study/study.yaml`, checked like any other; here it only takes its key and title.
"""

from __future__ import annotations

import re
from pathlib import Path

from symmetry.aside import replacing
from symmetry.errors import Place, SpecError
from symmetry.spec.editing.schema import SCHEMA_FILE, schema_text

__all__ = ["new_study"]

_FIRST = Path(__file__).parent / "first_study"
_KEY = re.compile("[a-z][a-z0-9_]*")
_LINES = {
    "study: first_study\n": "study: {key}\n",
    "title: {{fr: Première étude, en: First study}}": "title: {{fr: {title}, en: {title}}}",
}


def new_study(folder: Path | str, key: str | None = None) -> Path:
    """Make a folder with a study to edit: `study.yaml`, its population margins, and its schema for the editor.

    Parameters
    ----------
    folder : to make; its parents are made too.
    key : the key of the study; the name of the folder where it is not given.

    Returns
    -------
    The study written.

    Raises
    ------
    SpecError : NEW01, something of this name is there; NEW02, the key cannot name a study.  Nothing is written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     study = new_study(Path(home) / "survey_specs" / "branch_trust")
    ...     sorted(file.name for file in study.parent.iterdir())
    ['study.yaml', 'symmetry.schema.json', 'targets']
    """
    home = Path(folder)
    name = home.absolute().name if key is None else key
    _check(home, name)
    with replacing(home, holds="a new study") as aside:
        for source in sorted(_FIRST.rglob("*.*")):
            file = aside / source.relative_to(_FIRST)
            file.parent.mkdir(exist_ok=True)
            file.write_text(_named(source.read_text(encoding="utf-8"), name), encoding="utf-8", newline="\n")
        (aside / SCHEMA_FILE).write_text(schema_text(aside), encoding="utf-8", newline="\n")
    return home / "study.yaml"


def _check(home: Path, key: str) -> None:
    """Refuse what cannot be made, before anything is."""
    if home.exists() or home.is_symlink():
        what = "is there already, and is left as it is"
        raise SpecError(what, where=Place(home), mend="name a folder that is not there yet", code="NEW01")
    if not _KEY.fullmatch(key):
        likely = re.sub("[^a-z0-9]+", "_", key.lower()).strip("_") or "my_study"
        likely = likely if likely[0].isalpha() else f"study_{likely}"
        what = f"`{key}` cannot be the key of a study"
        mend = f"use small letters without accents, digits and _: `{likely}`"
        raise SpecError(what, where=Place(home), mend=mend, code="NEW02")


def _named(text: str, key: str) -> str:
    """The first study under another key, and titled with it."""
    title = key.replace("_", " ").capitalize()
    for line, own in _LINES.items():
        text = text.replace(line.format(), own.format(key=key, title=title))
    return text
