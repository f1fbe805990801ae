"""A questionnaire that goes out as an XLSForm and comes back as a draft."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from symmetry.spec import Study, load
from symmetry.spec.exchange.nouns import Draft
from symmetry.spec.exchange.xlsform import to_xlsform
from symmetry.spec.exchange.xlsform_import import from_xlsform

__all__ = ["back", "legal", "loaded"]


def legal(study: Study) -> Study:
    """The hard study without its one item that no study file could hold: a demographic share."""
    items = {key: replace(item, role="driver") if key == "share_of" else item for key, item in study.items.items()}
    return replace(study, items=items)


def back(folder: Path, study: Study, wave: str, audience: str) -> tuple[Draft, Study]:
    """The draft of an exported questionnaire, and the study that it is."""
    made = to_xlsform(study, wave, audience)
    file = folder / made.name
    file.write_bytes(made.content)
    draft = from_xlsform(file, audience)
    return draft, loaded(folder, draft)


def loaded(folder: Path, draft: Draft) -> Study:
    """A draft as a study."""
    (folder / "study.yaml").write_text(draft.text, encoding="utf-8")
    return load(folder)
