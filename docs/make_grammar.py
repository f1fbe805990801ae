"""Writes docs/how-to/study-grammar.md: every key of a study, from the schema that editors are given.

`python docs/make_grammar.py` writes, `--check` (in the tests) only compares.  The words are those of the hover
(`symmetry/spec/editing/describing.py`), the examples are sections of `tests/spec/full/study.yaml`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from symmetry.spec import models
from symmetry.spec import models_running as running
from symmetry.spec.editing.composing import schema_of_model
from symmetry.spec.editing.describing import KINDS, ROLES, described
from symmetry.spec.editing.referring import KEYS, NEEDED, ROLE_MODELS, VALUES
from symmetry.spec.forms import PATTERNS
from symmetry.spec.scaling import OWN_KEYS
from symmetry.spec.validating import Strict

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "how-to" / "study-grammar.md"
FULL = DOCS.parent / "tests" / "spec" / "full" / "study.yaml"
HEAD = """# The grammar, key by key

Every key that a study may have; made from the grammar itself by `python docs/make_grammar.py`, not edited by hand. The same
words are shown by an editor (see [write a study](write-a-study.md)). An unknown key is an error, and so is a text in a language
that the study does not have. The examples are parts of one study, `tests/spec/full/study.yaml`, which has them all.

- A **text** is `{fr: …, en: …}`, one for each of `languages` that has no `i18n/<language>.po`; a study of one language may write
  the words alone.
- A **key** that names something is small letters without accents, digits and `_`; those of waves may have `-` too.
- A **wait** is a number with its unit: `30 min`, `2h`, `7d`.
- Quote a text with `, ` inside braces, with `: ` or with ` #`: YAML would cut it there. A French ` ?` needs no quotes.
- Anchors, aliases, tags and merge keys of YAML are not part of the grammar. `no`, `yes`, `1:30` and `01` are words.

Keys with a • are needed.
"""
MIRROR = """Each employee-side face says how it mirrors the customer face, because that decides which comparisons are lawful:

| mirror | when | verdict |
|---|---|---|
| `literal` | the same sentence about the same object | absolute gap |
| `parallel` | the same promise in one's own relation | relative gap |
| `projection` | what we think they say (`guess`, always) | accuracy of perception |
| `loose` | related, not the same | none |

In doubt choose the weaker. The formulas are in [dissonance](../methods/dissonance.md); what routes may say is in
[routing](../methods/routing.md). Once fielded, a new wording takes a new key.
"""
TARGETS = """A file of targets is a small CSV beside the study that says where its figures come from:

```text
# source: national statistics office, population by region
# date: 2026-01-01
category,share
north,0.42
south,0.58
```

Every category has a share, and the shares add up to 1.
"""
NAMED = {
    "alerts": "an alert",
    "asked": "an item that is asked",
    "audiences": "an audience",
    "categorised": "a frame item with values",
    "channels": "a channel",
    "drivers": "a driver",
    "faces": "a face",
    "frames": "a frame item",
    "hot": "a hot wave",
    "languages": "a language",
    "moments": "`journey.moment`",
    "numbers": "a frame item of type number",
    "observations": "an observation",
    "outcomes": "an outcome",
    "owners": "a key of `owners`",
    "promise": "a key of `promise`",
    "scales": "a key of `scales`",
}
FORMS = {
    "a wait": "a wait",
    "two days": "two days",
    "a margin": "a margin",
    "a number, frame": "a quota",
    "two times": "hours",
}
ITEMS = (models.RatedModel, models.VerbatimModel, models.DemographicModel, models.ObservationModel, models.FrameModel)
REST: Mapping[str, Mapping[str, type[Strict]]] = {  # section → the models under it, each with what it stands for
    "grids": {"": models.GridModel},
    "rotation": {"": running.RotationModel},
    "waves": {
        "": running.WaveModel,
        "`invite:`": running.InviteModel,
        "`sample:` of an audience": running.SampleModel,
        "`units:` of a sample": running.SampledUnitsModel,
    },
    "contact": {"": running.ContactModel},
    "owners": {"": running.OwnerModel},
    "privacy": {"": running.PrivacyModel},
    "weights": {"": running.WeightingModel},
    "plan": {
        "": running.PlanModel,
        "`dissonance:`, each comparison": running.ComparisonModel,
        "`expect:`": running.ExpectModel,
        "`units:` of `expect:`": running.ExpectedUnitsModel,
        "`customers:` and `employees:` of `expect:`": running.ExpectedModel,
        "`hot:` of `expect:`, each hot wave": running.ExpectedHotModel,
        "`alerts:`, each alert": running.AlertModel,
    },
}


def page() -> str:
    """The whole page."""
    parts = [HEAD, "## The whole file\n", table(models.StudyModel)]
    parts += [example("symmetry", "study", "title", "languages", "source", "waive", "audiences", "promise")]
    parts += ["## The referentials: `service:`, `management:`, `cooperation:`\n", table(models.ServiceModel)]
    parts += ["### Turned inwards\n", table(models.MirroredReferentialModel), example("service", "management")]
    parts += ["## `journeys:` and moments of truth\n", section("journeys"), table(models.JourneyModel)]
    parts += ["### A moment\n", "In a journey it has a channel.\n", table(models.MomentModel), example("journeys")]
    parts += [*scales(), *items()]
    for name, held in REST.items():
        parts += [f"## `{name}:`\n", section(name)]
        for title, model in held.items():
            parts += [f"### {title}\n"] * bool(title) + [table(model)]
        parts += [TARGETS] * (name == "weights") + [example(name)]
    return "\n".join(parts).rstrip() + "\n"


def section(name: str) -> str:
    """What a section is."""
    return f"{described(models.StudyModel, name)}\n"


def scales() -> list[str]:
    """The scales: the keys, and which type has which."""
    lines = ["| `type` | what | its keys, besides `missing` |", "|---|---|---|"]
    for kind, own in OWN_KEYS.items():
        keys = ", ".join(f"`{key}`{' •' * (key in NEEDED.get(kind, ()))}" for key in own)
        lines.append(f"| `{kind}` | {KINDS[kind]} | {keys} |")
    return ["## `scales:`\n", section("scales"), table(models.ScaleModel), "\n".join(lines) + "\n", example("scales")]


def items() -> list[str]:
    """The items: the roles, the keys, and which role has which."""
    lines = ["| `role` | what for |", "|---|---|"]
    lines += [f"| `{role}` | {words} |" for role, words in ROLES.items()]
    parts = ["## `items:`\n", section("items"), "\n".join(lines) + "\n"]
    seen: set[str] = set()
    for model in ITEMS:
        roles = " · ".join(f"`{role}`" for role, held in ROLE_MODELS.items() if held is model)
        new = table(model, [key for key in model.model_fields if f"{key}{described(model, key)}" not in seen])
        also = (
            "The keys above that are not of one role alone, and:\n" if seen and model is not models.FrameModel else ""
        )
        parts += [f"### {roles}\n", *[also] * bool(also), new]
        seen |= {f"{key}{described(model, key)}" for key in models.AskedModel.model_fields}
        parts += [MIRROR] * (model is models.RatedModel)
    return [
        *parts,
        example(
            "items", only=("recommend", "listened", "answered", "why", "seniority", "entrance", "region", "branch")
        ),
    ]


def example(*sections: str, only: Sequence[str] = ()) -> str:
    """Sections of the study that has every key, as they stand there, or some entries of one."""
    text = FULL.read_text(encoding="utf-8")
    found = [re.findall(rf"^{name}:.*\n(?:(?:[ ].*)?\n)*", text, re.MULTILINE)[0].rstrip() for name in sections]
    if only:
        entries = [re.findall(rf"^  {key}:.*\n(?:   .*\n)*", found[0] + "\n", re.MULTILINE)[0].rstrip() for key in only]
        found = [f"{sections[0]}:", *entries]
    return "```yaml\n" + "\n".join(found) + "\n```\n"


def table(model: type[Strict], keys: Sequence[str] | None = None) -> str:
    """The keys of a model (or some): what may stand there, what it means."""
    made = schema_of_model(model, {})
    lines = ["| key | what stands there | what it means |", "|---|---|---|"]
    for key in model.model_fields if keys is None else keys:
        needed = " •" if key in made["required"] else ""
        held = form(made["properties"][key], [f"{each.__name__}.{key}" for each in model.__mro__])
        lines.append(f"| `{key}`{needed} | {held} | {described(model, key)} |")
    return "\n".join(lines).replace(" | |", " | |") + "\n"


def form(held: Mapping[str, Any], names: Sequence[str]) -> str:
    """What may stand at a key, in words; `names` are those of the key in its model and the models it extends."""
    if "$ref" in held:
        return "a text" if held["$ref"].endswith("text") else "see below"
    if "anyOf" in held:
        return ", or ".join(dict.fromkeys(form(each, names) for each in held["anyOf"]))
    if "enum" in held:
        return " · ".join(f"`{word}`" for word in held["enum"])
    kind = held.get("type")
    if kind == "array":
        count = (
            f", {held['minItems']} of them"
            if "minItems" in held and held.get("minItems") == held.get("maxItems")
            else ""
        )
        return f"[{form(held['items'], names)}, …]{count}"
    if kind == "object" and "title" not in held:
        free = "a wait" if PATTERNS["wait"] in held.get("propertyNames", {}).get("pattern", "") else "key"
        keys = next((NAMED[KEYS[name]] for name in names if name in KEYS), free)
        known = held.get("properties", {})
        entry = next(iter(known.values())) if known else held["additionalProperties"]
        return f"{{{' · '.join(f'`{key}`' for key in known) or keys}: {form(entry, names)}}}"
    if kind == "string" and "patternErrorMessage" in held:
        said = held["patternErrorMessage"]
        return next((words for start, words in FORMS.items() if said.startswith(start)), said.split(":")[0])
    if kind in ("integer", "number"):
        return ("a whole number" if kind == "integer" else "a number") + bounds(held)
    words = next((NAMED[VALUES[name]] for name in names if name in VALUES), "words")
    return {"string": words, "boolean": "`true` or `false`"}.get(str(kind), "see below")


def bounds(held: Mapping[str, Any]) -> str:
    """The bounds of a number."""
    names = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
    low, above, high, below = (held.get(each) for each in names)
    said = [f"from {low}" if low is not None else "", f"above {above}" if above is not None else ""]
    said += [f"up to {high}" if high is not None else "", f"below {below}" if below is not None else ""]
    return "".join(f", {each}" for each in said if each)


def main() -> int:
    """Write the page, or compare it."""
    wanted = page()
    if "--check" in sys.argv:
        same = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == wanted
        print("up to date" if same else f"{PAGE.name} is behind the grammar; run `python docs/make_grammar.py`")
        return int(not same)
    PAGE.write_text(wanted, encoding="utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
