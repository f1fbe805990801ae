"""From the models of the grammar to JSON Schema, section by section; which ids stand where is looked up in `referring`.

`role`, `type` and `kind` are one enumeration each, and what follows from them stands in `if`/`then`: language servers narrow
a union of forms as soon as one key is typed, and then offer too few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from symmetry.spec import models, models_running
from symmetry.spec.editing.describing import ROLES, TITLES, described
from symmetry.spec.editing.naming import Names
from symmetry.spec.editing.referring import ENTRIES, KEYS, NEEDED, PARTS, ROLE_MODELS, VALUES
from symmetry.spec.editing.shapes import Schema, keyed, shape, text_of
from symmetry.spec.nouns import AUDIENCES, FACES
from symmetry.spec.planning import FLOOR
from symmetry.spec.scaling import OWN_KEYS
from symmetry.spec.validating import Strict

__all__ = ["compose", "schema_of_model"]

_LIMITS: Mapping[str, Schema] = {
    "ServiceModel.attitudes": {"minItems": 3, "maxItems": 3, "uniqueItems": True},
    "PrivacyModel.min_cell": {"minimum": FLOOR},
    "ScaleModel.choices": {"minProperties": 2},
}
_TEXT: Schema = {"$ref": "#/definitions/text"}
_KEY = "^(?!(?:all|audience|face|item|respondent|wave)$)[a-z][a-z0-9_]*$"
_WAVE = _KEY.replace("0-9_", "0-9_-")
_CODE = "^[A-Z]{3,4}[0-9]{2}$"
_CATEGORY = r"^(?=.*\S)[^×]*$"
_PATTERNS = {
    "AskedModel.waive": _CODE,
    "StudyModel.waive": _CODE,
    "FrameModel.values": _CATEGORY,
    "ScaleModel.choices": _KEY.replace("all|", "all|na|dk|refused|"),
    "RotationModel.blocks": _KEY,
}


def compose(names: Names) -> Schema:
    """The grammar, with the ids of a study where it has some.

    Parameters
    ----------
    names : as `names_of` gives them; nothing for the grammar alone.

    Examples
    --------
    >>> compose({"promise": {"attentive": "Attentive"}})["definitions"]["rated"]["properties"]["promise"]["enum"]
    ['attentive']
    """
    definitions = {
        "text": text_of(names.get("languages")),
        "moment": schema_of_model(models.MomentModel, names),
        "lived": schema_of_model(models.MomentModel, names) | {"required": ["name", "channel"]},
        **{_title(model): _item(model, names) for model in dict.fromkeys(ROLE_MODELS.values())},
    }
    whole = schema_of_model(models.StudyModel, names)
    whole["properties"]["study"]["pattern"] = _KEY
    return {"definitions": definitions} | whole


def _title(model: type[Strict]) -> str:
    return model.__name__.removesuffix("Model").lower()


def schema_of_model(model: type[Strict], names: Names) -> Schema:
    """A mapping with the keys of one model and no other.

    Parameters
    ----------
    model : one of the models of the grammar.
    names : the ids of a study, or nothing.

    Examples
    --------
    >>> schema_of_model(models_running.RotationModel, {})["required"]
    ['seed', 'blocks']
    """
    hints = get_type_hints(model, include_extras=True)
    properties: Schema = {}
    for key, field in model.model_fields.items():
        words = {"description": described(model, key)}
        default = field.default if isinstance(field.default, (str, bool, int)) else None
        made = _key(model, key, hints[key], names) | words
        made |= _LIMITS.get(f"{model.__name__}.{key}", {})
        properties[key] = made | ({} if default is None else {"default": default})
    return {
        "title": TITLES[model.__name__],
        "type": "object",
        "description": (model.__doc__ or "").strip(),
        "properties": properties,
        "required": [key for key, field in model.model_fields.items() if field.is_required()],
        "additionalProperties": False,
    }


def _key(model: type[Strict], key: str, form: Any, names: Names) -> Schema:
    """What may stand under one key of a model."""
    own = [f"{each.__name__}.{key}" for each in model.__mro__]
    name = own[0]
    keys = next((names.get(KEYS[each]) for each in own if each in KEYS), None)
    ids = next((names.get(VALUES[each]) for each in own if each in VALUES), None)
    words = {"description": described(model, f"{key}[]")}
    if name in _BY_HAND:
        return _BY_HAND[name](names)
    if name in PARTS:
        return schema_of_model(PARTS[name], names)
    if name in ENTRIES:
        held = ENTRIES[name]
        moment = {"$ref": f"#/definitions/{'lived' if model is models.JourneyModel else 'moment'}"}
        entry = moment if held is models.MomentModel else schema_of_model(held, names)
        return keyed(entry, keys, _KEY)
    made = shape(form, ids, keys, _TEXT)
    if words["description"]:
        made = _explained(made, words)
    pattern = next((_PATTERNS[each] for each in own if each in _PATTERNS), "")
    return made | ({"propertyNames": {"pattern": pattern}} if pattern else {})


def _explained(made: Schema, words: Schema) -> Schema:
    """A mapping whose entries say what they are."""
    if "anyOf" in made:
        return made | {"anyOf": [_explained(each, words) for each in made["anyOf"]]}
    if "properties" in made:
        return made | {"properties": {key: words | entry for key, entry in made["properties"].items()}}
    if made.get("type") == "object":
        return made | {"additionalProperties": words | made["additionalProperties"]}
    return made


def _item(model: type[Strict], names: Names) -> Schema:
    """An item of one role: the faces of audiences that the study asks, and what follows from its type."""
    made = schema_of_model(model, names)
    faces = names.get("faces")
    dropped = [face for face in FACES if faces and face not in faces]
    made["properties"] = {key: each for key, each in made["properties"].items() if key not in dropped} | {"role": {}}
    if model is models.FrameModel:
        bare = {"properties": {"type": {"enum": ["number", "text"]}}, "required": ["type"]}
        made |= {"if": bare, "then": {"properties": {"values": False}}, "else": {"required": ["values"]}}
    return made


def _items(names: Names) -> Schema:
    """Items, each with the keys of its role."""
    kinds = {role: {"$ref": f"#/definitions/{_title(model)}"} for role, model in ROLE_MODELS.items()}
    union: Schema = {}
    for model in ROLE_MODELS.values():
        union = {**_item(model, names)["properties"], **union}
    role: Schema = {"enum": list(ROLES), "enumDescriptions": list(ROLES.values())}
    role["description"] = described(models.AskedModel, "role")
    return keyed({"title": "Item"} | _by_kind("role", role, kinds, union), None, _KEY)


def _scales(names: Names) -> Schema:
    """Scales, each with the keys of its type."""
    made = schema_of_model(models.ScaleModel, names)
    for name in ("ends", "labels"):
        spoken = made["properties"][name]
        for listed in (*spoken.get("properties", {}).values(), spoken.get("additionalProperties")):
            if listed:
                listed["items"] |= {"pattern": r"\S", "patternErrorMessage": "write the word"}
    union = made["properties"]
    number, day = union["min"]["anyOf"]
    kinds = {}
    for kind, own in OWN_KEYS.items():
        held = {key: union[key] for key in (*own, "missing")} | {"type": {}}
        for bound in {"min", "max"} & set(own):
            held[bound] = (day if kind == "date" else number) | {"description": union[bound]["description"]}
        required = ["type", *NEEDED.get(kind, ())]
        kinds[kind] = {"properties": held, "required": required, "additionalProperties": False}
    said = {"title": made["title"], "description": made["description"]}
    return keyed(said | _by_kind("type", union["type"], kinds, union), None, _KEY)


def _waves(names: Names) -> Schema:
    """Waves: a hot one follows an event, a cold one does not."""
    made = schema_of_model(models_running.WaveModel, names)
    held: Schema = made["properties"] | {"kind": {}}
    hot = {key: each for key, each in held.items() if key != "window"}
    cold = {key: each for key, each in held.items() if key not in ("after", "delay", "arms")}
    kinds = {
        "hot": made | {"properties": hot, "required": [*made["required"], "after", "delay"]},
        "cold": made | {"properties": cold},
    }
    said = {"title": made["title"], "description": made["description"]}
    return keyed(said | _by_kind("kind", made["properties"]["kind"], kinds, held), None, _WAVE)


def _by_kind(key: str, kind: Schema, kinds: Mapping[str, Schema], union: Schema) -> Schema:
    """A mapping whose other keys follow from one of them; until that one is typed, it may have them all."""
    alike: dict[str, tuple[list[str], Schema]] = {}
    for each, held in kinds.items():
        alike.setdefault(repr(held), ([], held))[0].append(each)
    branches = [
        {"if": {"properties": {key: {"enum": some}}, "required": [key]}, "then": held} for some, held in alike.values()
    ]
    open_yet = {
        "if": {"not": {"required": [key]}},
        "then": {"properties": {k: v for k, v in union.items() if k != key}},
    }
    return {"type": "object", "properties": {key: kind}, "required": [key], "allOf": [*branches, open_yet]}


def _sample(names: Names) -> Schema:
    """Whom a wave invites: a number, everybody, or the whole of it; for each audience."""
    size = {
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {"enum": ["census"]},
            schema_of_model(models_running.SampleModel, names),
        ]
    }
    entry = size | {"description": described(models_running.WaveModel, "sample[]")}
    return keyed(entry, dict.fromkeys(names.get("audiences") or AUDIENCES, ""))


def _audiences(names: Names) -> Schema:
    return keyed(_TEXT, dict.fromkeys(AUDIENCES, described(models.StudyModel, "audiences[]"))) | {"minProperties": 1}


def _promise(names: Names) -> Schema:
    return keyed(_TEXT | {"description": described(models.StudyModel, "promise[]")}, None, _KEY)


def _dissonance(names: Names) -> Schema:
    return {"type": "array", "items": schema_of_model(models_running.ComparisonModel, names)}


_BY_HAND: Mapping[str, Callable[[Names], Schema]] = {
    "StudyModel.audiences": _audiences,
    "StudyModel.promise": _promise,
    "StudyModel.scales": _scales,
    "StudyModel.items": _items,
    "StudyModel.waves": _waves,
    "WaveModel.sample": _sample,
    "PlanModel.dissonance": _dissonance,
}
