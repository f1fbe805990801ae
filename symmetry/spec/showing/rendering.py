"""A study as one self-contained page: to read on any screen, to print, to approve.

The page needs no network and no script, and forbids itself both (its content policy names its own style sheet by hash).  The
same study, remarks and language give the same bytes: no date and no path is in it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from symmetry.errors import Place, Problem, SpecError
from symmetry.spec.nouns import Study
from symmetry.spec.showing.invited import invites_of
from symmetry.spec.showing.placing import sorted_by_item
from symmetry.spec.showing.promised import matrix_of, referential_of
from symmetry.spec.showing.questions import grids_of, known_of, legend_of, questions_of
from symmetry.spec.showing.running import owners_of, plan_of, rules_of, waves_of, weights_of
from symmetry.spec.showing.setting import Setter, coded
from symmetry.spec.showing.speaking import LANGUAGES, Speaker

__all__ = ["preview"]

_FOLDER = Path(__file__).parent
_SHORT = 12


def preview(study: Study, problems: Sequence[Problem] = (), *, lang: str | None = None) -> str:
    """Draw the page of a study.

    Parameters
    ----------
    study : the study; every language it has is shown.
    problems : what `check` found; each is shown at its item.
    lang : "fr" or "en", the language of the page's own words; that of the study's source where this is None, or English.

    Returns
    -------
    The page as HTML.

    Raises
    ------
    SpecError : SHO01, `lang` is no language of the page.
    """
    if lang is not None and lang not in LANGUAGES:
        what = f"the page speaks {' and '.join(LANGUAGES)}, not `{lang}`"
        mend = "take one of them: the questions are shown in every language of the study all the same"
        raise SpecError(what, where=Place(study.path), mend=mend, code="SHO01")
    base = study.languages[0].split("-")[0] if study.languages else ""
    speaker = Speaker(study, lang or (base if base in LANGUAGES else "en"))
    style = _style(study)
    page = (
        _environment(speaker)
        .get_template("page.html.j2")
        .render(style=style, policy=_policy(style), **_view(study, problems, Setter(study, speaker)))
    )
    return _tight(page)


def _view(study: Study, problems: Sequence[Problem], setter: Setter) -> dict[str, Any]:
    """All that the page shows."""
    speaker = setter.speaker
    inside, others = sorted_by_item(study, problems)
    blocks = study.rotation.blocks if study.rotation else {}
    return {
        "study": study,
        "set": setter,
        "short": study.digest[:_SHORT],
        "languages": [(place, language, _own_name(language)) for place, language in enumerate(study.languages)],
        "title": speaker.of(study.title),
        "audiences": [setter.inline(audience.name) for audience in study.audiences.values()],
        "wordings": sum(len(item.faces) for item in study.items.values()) * len(study.languages),
        "remarks": others,
        "remarked": sum(map(len, inside.values())),
        "referential": referential_of(study, setter),
        "matrix": matrix_of(study, setter),
        "legend": legend_of(study, setter),
        "questions": questions_of(study, setter, inside),
        "known": known_of(study, setter),
        "grids": grids_of(study, setter),
        "waves": waves_of(study, speaker),
        "blocks": {
            key: [(f"item-{item}", setter.one(study.items[item].label)) for item in members if item in study.items]
            for key, members in blocks.items()
        },
        "invites": invites_of(study, setter),
        "rules": rules_of(study, speaker),
        "owners": owners_of(study, setter),
        "weights": weights_of(study, speaker),
        "plan": plan_of(study, setter),
        "waivers": [
            *((speaker.say("waived.study"), "", code, reason) for code, reason in study.waived.items()),
            *(
                (speaker.of(item.label), f"item-{item.key}", code, reason)
                for item in study.items.values()
                for code, reason in item.waived.items()
            ),
        ],
    }


def _environment(speaker: Speaker) -> Any:
    """Templates that escape whatever is not markup, and fail on a name that is not there."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(say=speaker.say, lang=speaker.language)
    made.filters.update(coded=coded, basename=lambda path: Path(path).name)
    return made


def _style(study: Study) -> str:
    """The style sheet, with what depends on the study: the choice of languages, and the foot of a printed page."""
    fixed = (_FOLDER / "style.css").read_text(encoding="utf-8")
    chosen = "".join(
        f"body:has(#show-{place}:checked) .t:not(.l{place}) {{ display: none; }}\n"
        for place in range(len(study.languages) if len(study.languages) > 1 else 0)
    )
    if len(study.languages) == 1:
        chosen = ".t::before { content: none; }\n"
    foot = _quoted(f"{study.key} · {study.digest[:_SHORT]}")
    printed = f"@page {{ @bottom-left {{ content: {foot}; }} }}\n"
    return _tight(f"{fixed}{chosen}{printed}")


def _tight(text: str) -> str:
    """A text without its empty lines and without blanks at the end of a line."""
    return "".join(f"{line}\n" for line in map(str.rstrip, text.split("\n")) if line)


def _quoted(text: str) -> str:
    r"""A text as CSS quotes it; whatever is no plain letter goes by its number.

    Examples
    --------
    >>> _quoted("bank </style>")
    '"bank \\00003c \\00002f style\\00003e "'
    """
    return '"' + "".join(each if each.isalnum() or each in " _-" else f"\\{ord(each):06x} " for each in text) + '"'


def _policy(style: str) -> str:
    """What the page may load: nothing but its own style."""
    digest = base64.b64encode(hashlib.sha256(f"\n{style}".encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _own_name(language: str) -> str:
    """What a language calls itself, where we know it."""
    names = {"de": "Deutsch", "en": "English", "es": "Español", "fr": "Français", "it": "Italiano", "nl": "Nederlands"}
    return {**names, "pt": "Português"}.get(language.split("-")[0], language)
