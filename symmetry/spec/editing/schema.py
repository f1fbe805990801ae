"""The grammar of a study as JSON Schema (draft 07), so that an editor completes it, explains it and checks it while typing.

Made from the models that the checker itself uses, with the words of `describing`.  Given a study, its own ids become
enumerations: `scale:`, `promise:`, `at:` and the rest then offer what this file declares.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from symmetry.aside import replace_file
from symmetry.errors import SpecError
from symmetry.spec.editing.composing import compose
from symmetry.spec.editing.naming import Names, names_of
from symmetry.spec.editing.shapes import Schema
from symmetry.spec.reading import read_yaml

__all__ = ["MODELINE", "SCHEMA_FILE", "schema_of", "schema_text", "write_schema"]

SCHEMA_FILE = "symmetry.schema.json"
MODELINE = f"# yaml-language-server: $schema=./{SCHEMA_FILE}"


def schema_of(study: Path | str | None = None) -> Schema:
    """JSON Schema of the grammar, or of the grammar with the ids of one study.

    Parameters
    ----------
    study : `study.yaml` or its folder; it may be half-written.  None for the grammar alone.

    Raises
    ------
    SpecError : the file is missing, or is not YAML.

    Examples
    --------
    >>> schema_of()["properties"]["title"]["description"]
    'What people call the study.'
    """
    names = {} if study is None else _names(_file_of(study))
    head = {"$schema": "http://json-schema.org/draft-07/schema#"}
    marked: Schema = _marked(head | compose(names))
    return marked


def schema_text(study: Path | str | None = None) -> str:
    """The schema as the text of a JSON file, the same for the same study."""
    import json

    return json.dumps(schema_of(study), ensure_ascii=False, indent=1) + "\n"


def write_schema(study: Path | str) -> Path:
    """Write the schema of a study beside it, where the first line of the study tells editors to look.

    Parameters
    ----------
    study : `study.yaml` or its folder.

    Returns
    -------
    The file written, `symmetry.schema.json`.

    Raises
    ------
    SpecError : the study is missing, or is not YAML; a schema that was there stays as it was.
    """
    file = _file_of(study).parent / SCHEMA_FILE
    replace_file(file, schema_text(study))
    return file


def _marked(made: Any) -> Any:
    """The same schema, where words that hold code are Markdown: else editors show the backticks."""
    if isinstance(made, list):
        return [_marked(each) for each in made]
    if not isinstance(made, dict):
        return made
    words = made.get("description")
    return {key: _marked(each) for key, each in made.items()} | (
        {"markdownDescription": words} if isinstance(words, str) and "`" in words else {}
    )


def _file_of(study: Path | str) -> Path:
    path = Path(study)
    return path if path.suffix in (".yaml", ".yml") else path / "study.yaml"


def _names(file: Path) -> Names:
    document = read_yaml(file)
    if document.data is None:
        raise SpecError(document.problems)
    return names_of(document)
