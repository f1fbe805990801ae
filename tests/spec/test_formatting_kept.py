"""What `symmetry fmt` may not lose: comments strewn at random, and any data that another library writes."""

from __future__ import annotations

import io
import random
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from symmetry.spec.editing.formatting import format_study

FULL = Path(__file__).parent / "full" / "study.yaml"


def data_by_ruamel(text: str) -> Any:
    """What another library makes of a text, by the rules of YAML 1.2."""
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(io.StringIO(text))


def mutated(text: str, rng: random.Random) -> tuple[str, dict[str, str]]:
    """A study with comments and empty lines strewn in, some keys moved; and the key below each comment of ours."""
    lines = text.splitlines()
    below: dict[str, str] = {}
    for number in sorted(rng.sample(range(1, len(lines)), 25), reverse=True):
        line = lines[number]
        found = re.match(r"( *)(- )?([a-z_0-9-]+):", line)
        if not found or "#" in line:
            continue
        mark = f"# mark {number}"
        turn = rng.random()
        if turn < 0.5:
            lines.insert(number, f"{found[1]}{mark}")
            below[mark] = found[3]
        elif turn < 0.7:
            lines[number] += f"   {mark}"
        elif turn < 0.8:
            lines.insert(number, " " * rng.choice([0, 4]))
        elif "{" in line and '"' not in line:
            lines[number] = line.replace("{", "{\n" + " " * (len(found[1]) + 6), 1) + (f" {mark}" if turn < 0.9 else "")
    return "\n".join(lines), below


@pytest.mark.parametrize("seed", range(12))
def test_comments_stay_with_what_they_speak_of(seed: int) -> None:
    """In a study strewn with comments each is there once after, above the same key; data and a second run are the same."""
    rng = random.Random(seed)
    before, below = mutated(FULL.read_text(encoding="utf-8"), rng)
    after = format_study(before)
    assert after == format_study(after)
    assert data_by_ruamel(before) == data_by_ruamel(after)
    assert sorted(re.findall(r"#.*?(?=\s*$)", before, re.M)) == sorted(re.findall(r"#.*?(?=\s*$)", after, re.M))
    lines = after.splitlines()
    for mark, key in below.items():
        (place,) = [number for number, line in enumerate(lines) if line.strip() == mark]
        following = next(line for line in lines[place + 1 :] if line.strip() and not line.strip().startswith("#"))
        assert re.match(rf" *(- \{{?)?{key}:", following), (mark, key, following)


WORDS = st.text(st.sampled_from(list("ab zé1.0:#,{}[]?&*!|>'\"%@`-~\\\n\t  …œ\u00a0\u202f😀no")), max_size=12)
KEYS = st.text(st.sampled_from(list("abcé1 :#,-?'")), min_size=1, max_size=6).filter(lambda key: key != "<<")
PLAIN = st.one_of(WORDS, st.integers(-9, 999), st.booleans(), st.none(), st.sampled_from([0.5, 1e20, -2.25]))
TREES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)


def dumped(tree: Any, flow: bool | None, style: str | None, width: int) -> str:
    """Data as PyYAML writes them: in braces or not, texts in a style, folded at a width."""

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, _: Any) -> bool:
            return True

    Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style))
    return str(
        yaml.dump(tree, Dumper=Dumper, default_flow_style=flow, width=width, allow_unicode=True, sort_keys=False)
    )


@given(
    st.dictionaries(KEYS, TREES, min_size=1, max_size=4),
    st.sampled_from([True, False, None]),
    st.sampled_from([None, "'", '"', "|", ">"]),
    st.sampled_from([20, 80, 4000]),
)
def test_whatever_is_written_is_read_again(tree: Any, flow: bool | None, style: str | None, width: int) -> None:
    """Any data, as another library writes them in any style, are the same after, and a second run changes nothing."""
    text = dumped(tree, flow, style, width)
    after = format_study(text)
    assert after == format_study(after)
    assert yaml.load(after, yaml.CBaseLoader) == yaml.load(text, yaml.CBaseLoader)
