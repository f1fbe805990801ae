"""Conditions and constraints of others in our words: the same truth of every answer, by two roads, and drafts that read back."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from symmetry.spec.exchange.drafting_forms import flat, holds
from symmetry.spec.exchange.drafting_routes import Untranslatable, route_of, variable_of, words_of
from symmetry.spec.exchange.drafting_scales import Choice, listed
from symmetry.spec.exchange.drafting_yaml import emit
from symmetry.spec.exchange.xlsform_constraints import Limits, constraint_of, limits_of
from symmetry.spec.exchange.xlsform_routes import Asked, meaning_of, xpath_of
from symmetry.spec.exchange.xlsform_xpath import XPathError, read_xpath
from symmetry.spec.nouns import Scale
from symmetry.spec.reading import read_yaml
from symmetry.spec.routing.binding import bind
from symmetry.spec.routing.meaning import Among, And, Beside, Form, Has, Not, Or, Picks, Than, truth
from symmetry.spec.routing.nouns import Variable
from symmetry.spec.routing.reading import read_condition

AGE = Variable("age", "number", low=0, high=120, whole=True, missing={"dk": -1})
MOOD = Variable("mood", "number", low=1, high=5, whole=True)
SEX = Variable("sex", "category", ("c1", "c2", "c3"), missing={"refused": -99})
WHY = Variable("why", "set", ("price", "wait", "none"), missing={"dk": -1})
DAY = Variable("day", "date", low="2026-01-01", high="2026-12-31", missing={"dk": -1})
NAME = Variable("name", "text")
VARIABLES = {each.name: each for each in (AGE, MOOD, SEX, WHY, DAY, NAME)}
ASKED = {
    "Age": Asked(AGE, {"-1": -1.0}),
    "mood": Asked(MOOD, {str(n): float(n) for n in range(1, 6)}),
    "sex": Asked(SEX, {"1": "c1", "2": "c2", "3": "c3", "-99": "-99"}),
    "why": Asked(WHY, {"price": "price", "The wait": "wait", "none": "none", "-1": "-1"}),
    "day": Asked(DAY, {"-1": "-1"}),
    "name": Asked(NAME, {}),
}
OWN = {
    "Age" if name == "age" else name: Asked(each, {str(v): v for v in each.values}) for name, each in VARIABLES.items()
}
OWN |= {
    name: Asked(each.variable, {**each.codes, **{str(int(float(c))): c for c in each.variable.codes}})
    for name, each in OWN.items()
}
NAMES = {"age": "Age", "mood": "mood", "sex": "sex", "why": "why", "day": "day", "name": "name"}
ANSWERS: dict[str, list[Any]] = {
    "age": [None, -1.0, 0.0, 17.0, 18.0, 19.0, 120.0],
    "mood": [None, 1.0, 2.0, 3.0, 4.0, 5.0],
    "sex": [None, "-99", "c1", "c2", "c3"],
    "why": [None, "-1", "price", "wait", "none", "price wait"],
    "day": [None, "-1", "2026-01-01", "2026-06-30", "2026-07-01", "2026-12-31"],
    "name": [None, "Ana", "l'app", 'it\'s "so"'],
}

numbers = st.sampled_from([-1.0, 0.0, 1.0, 3.0, 5.0, 18.0])
orders = st.sampled_from(["<", "<=", ">", ">="])
atoms = st.one_of(
    st.builds(Has, st.sampled_from(list(VARIABLES))),
    st.builds(Than, st.just("age"), orders, st.sampled_from([0.0, 18.0, 120.0])),
    st.builds(Than, st.just("mood"), orders, st.sampled_from([1.0, 3.0, 5.0])),
    st.builds(Than, st.just("day"), orders, st.sampled_from(["2026-06-30", "2026-07-01"])),
    st.builds(Among, st.just("age"), st.lists(st.sampled_from([-1.0, 18.0, 19.0]), min_size=1, max_size=2).map(tuple)),
    st.builds(Among, st.just("mood"), st.lists(st.sampled_from([1.0, 4.0]), min_size=1, max_size=2).map(tuple)),
    st.builds(Among, st.just("sex"), st.lists(st.sampled_from(["c1", "c3", "-99"]), min_size=1, max_size=3).map(tuple)),
    st.builds(Among, st.just("day"), st.sampled_from([("-1",), ("2026-07-01",)])),
    st.builds(Among, st.just("why"), st.just(("-1",))),
    st.builds(Among, st.just("name"), st.sampled_from([("Ana",), ("l'app",), ('it\'s "so"', "Ana")])),
    st.builds(Picks, st.just("why"), st.sampled_from(["price", "none"])),
    st.just(Beside("mood", "<", "mood")).map(lambda pair: Beside("mood", pair.order, "mood")),
)
forms = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


def true_of(form: Form, person: dict[str, Any]) -> bool:
    """Whether a meaning is true of one person."""
    if isinstance(form, And | Or):
        return (all if isinstance(form, And) else any)(true_of(part, person) for part in form.parts)
    return not true_of(form.part, person) if isinstance(form, Not) else truth(form, person.get)


def people(count: int = 150) -> list[dict[str, Any]]:
    """People whose answers lie on both sides of every bound, and some who did not answer."""
    rng = random.Random(7)
    return [{name: rng.choice(answers) for name, answers in ANSWERS.items()} for _ in range(count)]


PEOPLE = people()


@settings(max_examples=150, deadline=None)
@given(forms)
@example(And((Has("age"), Not(Among("age", (18.0, -1.0))))))
@example(Than("age", "<", 18.0))
@example(And((Not(Picks("why", "price")), Has("why"))))
@example(Not(And((Than("age", "<", 18.0), Not(Among("age", (-1.0,)))))))
def test_any_meaning_is_said_in_words_that_mean_it(form: Form) -> None:
    """Read and bound by the routing room itself, the words are true of exactly the people of whom the meaning is."""
    words = words_of(form, VARIABLES)
    said = bind(read_condition(words), VARIABLES)
    assert [true_of(form, person) for person in PEOPLE] == [true_of(said, person) for person in PEOPLE], words


@settings(max_examples=150, deadline=None)
@given(forms)
def test_any_meaning_comes_back_from_xpath(form: Form) -> None:
    """Written as XPath and read again, it is true of the same people."""
    xpath = xpath_of(form, NAMES, VARIABLES)
    again = meaning_of(xpath, OWN)
    assert [true_of(form, person) for person in PEOPLE] == [true_of(again, person) for person in PEOPLE], xpath


@settings(max_examples=100, deadline=None)
@given(forms)
def test_the_shortest_form_means_the_same(form: Form) -> None:
    """Flattened, merged, and paired."""
    assert [true_of(form, person) for person in PEOPLE] == [true_of(flat(form), person) for person in PEOPLE]


def test_two_roads_agree_on_one_column() -> None:
    """The judge of short words against the truth of the routing room."""
    for value in ANSWERS["age"]:
        for form in (Than("age", "<", 18.0), Or((Has("age"), Among("age", (-1.0,)))), Not(Among("age", (18.0,)))):
            assert true_of(form, {"age": value}) == holds(form, "age", value)


@pytest.mark.parametrize(
    ("xpath", "words"),
    [
        ("${Age} >= 18", "age >= 18"),
        ("${Age}>=18 and ${sex}='1'", 'age >= 18 and sex == "c1"'),
        ("18 <= ${ Age }", "age >= 18"),
        ("${Age} < 18", 'age < 18 or age == "dk"'),
        ("${Age} = -1", 'age == "dk"'),
        ("${Age} = '18'", "age == 18"),
        ("${Age} != 18", "not age == 18"),
        ("${Age} != '' and ${Age} != 18 and ${Age} != -1", "age != 18"),
        ("${Age} != ''", "age is not None"),
        ("string-length(${name}) > 0", "name is not None"),
        ("${name} = ''", "name is None"),
        ("${sex} > 1", 'sex in ["c2", "c3"]'),
        ("selected(${sex}, '2')", 'sex == "c2"'),
        ("selected(${why}, 'The wait')", '"wait" in why'),
        ("not(selected(${why}, 'price'))", 'not "price" in why'),
        ("${why} != '' and not(selected(${why}, 'price')) and ${why} != '-1'", '"price" not in why'),
        ("count-selected(${why}) >= 1", "why is not None"),
        ("${day} >= date('2026-07-01')", 'day >= "2026-07-01"'),
        ("(${mood} = 1 or ${mood} = 2) and (${sex} = '1')", 'mood in [1, 2] and sex == "c1"'),
        ("${mood} = 1 or ${mood} = 2 and ${sex} = '1'", 'mood == 1 or mood == 2 and sex == "c1"'),
        ("true() and ${mood} = 1", "mood == 1"),
        ("number(${mood}) > 3", "mood > 3"),
        ('${name} = "l\'app"', 'name == "l\'app"'),
    ],
)
def test_the_xpath_of_others_in_our_words(xpath: str, words: str) -> None:
    """As authors of forms write it; a missing code that XPath lets pass is named."""
    said = words_of(meaning_of(xpath, ASKED), VARIABLES)
    assert bind(read_condition(words), VARIABLES) == bind(read_condition(said), VARIABLES)
    wanted = bind(read_condition(words), VARIABLES)
    assert [true_of(wanted, person) for person in PEOPLE] == [
        true_of(meaning_of(xpath, ASKED), person) for person in PEOPLE
    ]


@pytest.mark.parametrize(
    ("xpath", "why"),
    [
        ("${Age} + 1 > 18", "it does arithmetic"),
        ("${nobody} = 1", "`${nobody}` is no question of this draft that is asked before"),
        ("${why} = 'price'", "`why` is a multiple choice: `=` asks for that choice and no other"),
        ("${sex} = '7'", "`sex` has no choice `7`"),
        ("${name} > 'a'", "`name` is no number: none of its answers is larger than another"),
        ("count-selected(${why}) > 1", "`count-selected(…)` is no value that our conditions can compare"),
        ("regex(${name}, 'a.*')", "`regex(…)` is no question that our conditions can ask"),
        ("${Age} > ${mood}", "two answers are compared, and that of `age` may be a missing code"),
        ("../age > 3", "`../` is a path, or a sign that only XPath knows"),
        ("age > 3", "`age` is a path, or a question without `${…}` around it"),
        ("${Age} >", "`more` is wanted where `the end` stands"),
        ("${Age} > 3 3", "`3` stands where the expression should end"),
        ("'a' = 'b'", "a comparison without a question"),
        ("${Age}", "a value alone is no condition"),
        ("(" * 60 + "${Age} = 1" + ")" * 60, "it is nested too deep"),
        ("${Age} = 1 or " * 400 + "${Age} = 1", "it is longer than 4000 characters"),
        ("${Age} > abs(${mood})", "the other side of a comparison is no literal"),
        ("${Age} = 'old'", "`age` is a number, `old` is not"),
        ("${mood} > 4 and ${mood} < 2", "are never true together"),
        ("${mood} = 9", "`mood` runs from 1 to 5: it is never 9"),
    ],
)
def test_what_our_conditions_cannot_ask_is_told(xpath: str, why: str) -> None:
    """In a sentence, never a traceback."""
    with pytest.raises(Untranslatable) as caught:
        route_of(meaning_of(xpath, ASKED), VARIABLES)
    assert str(caught.value).startswith(why.removesuffix("…")) or why in str(caught.value)


def test_xpath_binds_as_the_standard_says() -> None:
    """`and` before `or`, comparisons before both; both kinds of quotes; a sign before a number."""
    assert read_xpath("${a}=1 or ${b}=2 and ${c}=3") == read_xpath("(${a} = 1) or ((${b} = 2) and (${c} = 3))")
    assert read_xpath("""${a} = "it's" """) == read_xpath("""${a}="it's\"""")
    assert read_xpath("${a} = -1") == read_xpath("${a}=-1")
    with pytest.raises(XPathError, match="cannot be read|only XPath"):
        read_xpath("${a} ~ 3")


scales = st.one_of(
    st.builds(
        lambda low, size, places, missing: Scale("n", "number", low, low + size, decimals=places, missing=missing),
        st.integers(-50, 50),
        st.integers(1, 500),
        st.sampled_from([0, 2]),
        st.sampled_from([{}, {"dk": -99}, {"dk": -98, "refused": -99}]),
    ),
    st.builds(lambda low: Scale("n", "number", low, math.inf), st.integers(-5, 5)),
    st.builds(lambda high: Scale("n", "number", -math.inf, high), st.integers(-5, 5)),
    st.builds(lambda n: Scale("t", "text", longest=n), st.integers(1, 5000)),
    st.builds(
        lambda days: Scale("d", "date", earliest=min(days).isoformat(), latest=max(days).isoformat()),
        st.tuples(st.dates(), st.dates()),
    ),
    st.builds(
        lambda alone: Scale("m", "multiple", choices={key: {} for key in "abcd"}, exclusive=tuple(alone)),
        st.sets(st.sampled_from("abcd")).map(sorted),
    ),
)


@settings(max_examples=150, deadline=None)
@given(scales)
def test_a_constraint_comes_back(scale: Scale) -> None:
    """Bounds, decimals, days, lengths, choices that stand alone and codes beside the bounds."""
    text = constraint_of(scale)
    limits = limits_of(text, whole=scale.decimals == 0) if text else Limits()
    assert () == limits.lost
    if scale.kind == "number":
        assert (scale.low, scale.high) == (
            -math.inf if limits.low is None else limits.low,
            math.inf if limits.high is None else limits.high,
        )
        assert (scale.decimals or None, tuple(map(float, scale.missing.values()))) == (limits.decimals, limits.codes)
    assert (scale.earliest, scale.latest, scale.longest) == (limits.earliest, limits.latest, limits.longest)
    assert scale.exclusive == limits.exclusive


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        (". > 0 and . < 120", Limits(low=1, high=119)),
        ("0 <= . and 120 >= .", Limits(low=0, high=120)),
        (". >= 0 or . = -99", Limits(low=0, codes=(-99,))),
        (".>='2026-01-01'", Limits(earliest="2026-01-01")),
        (". < date('2026-03-01')", Limits(latest="2026-02-28")),
        ("string-length(.) < 10", Limits(longest=9)),
        ("not(selected(., 'none') and count-selected(.) > 1)", Limits(exclusive=("none",))),
        ("count-selected(.) = 1 or not(selected(., 'none'))", Limits(exclusive=("none",))),
        (". >= 1 and regex(., 'x')", Limits(low=1, lost=("it is no comparison of the answer with a bound",))),
    ],
)
def test_the_constraints_of_others(text: str, limits: Limits) -> None:
    """As authors of forms write them."""
    assert limits == limits_of(text, whole=True)


def test_a_bound_that_is_left_out_is_no_bound_of_a_scale() -> None:
    """Of whole numbers the next one is; of others there is no next one."""
    assert () == limits_of(". > 0", whole=True).lost
    assert limits_of(". > 0", whole=False).lost
    with pytest.raises(Untranslatable, match="two rules"):
        limits_of(". < 3 or . > 5", whole=True)


def choices(*codes: str, words: str = "choice") -> list[Choice]:
    """Choices in one language."""
    return [Choice(code, {"en": f"{words} {code}"}) for code in codes]


def test_a_list_is_a_scale_by_its_codes_and_its_words() -> None:
    """0 to 10 a score, 1 to n with words of degree a Likert scale, numbers that only name things a choice."""
    kinds = {
        "nps": listed("q", choices(*map(str, range(11))), several=False),
        "likert": listed("q", choices("1", "2", "3", words="very"), several=False),
        "single": listed("q", choices("1", "2", "3"), several=False),
        "multiple": listed("q", choices("1", "2", "3", words="very"), several=True),
    }
    assert {kind: kind for kind in kinds} == {kind: made.scale.kind for kind, made in kinds.items()}
    numbered = [
        Choice("1", {"en": "Bad"}),
        *(Choice(str(n), {"en": str(n)}) for n in (2, 3, 4)),
        Choice("5", {"en": "Good"}),
    ]
    made = listed("q", numbered, several=False).scale
    assert ("likert", {"en": ("Bad", "Good")}, {}) == (made.kind, made.ends, made.labels)


def test_descending_choices_are_turned_round_and_said() -> None:
    """The code is what it was; the order in which it is shown is not."""
    made = listed(
        "q", [Choice("3", {"en": "Agree"}), Choice("2", {"en": "2"}), Choice("1", {"en": "Disagree"})], several=False
    )
    assert {"en": ("Disagree", "Agree")} == made.scale.ends
    assert any("from the lowest code to the highest" in note for note in made.notes)


@pytest.mark.parametrize(
    "words", ["Don’t know", "N/A", "Prefer not to say.", "Ne sait pas", "Sans objet", "Keine Angabe"]
)
def test_a_reason_for_not_answering_is_kept_apart(words: str) -> None:
    """In several languages; a code that is no number gets one that no choice has."""
    made = listed("q", [*choices("a", "b"), Choice("x", {"en": words})], several=False)
    assert (["a", "b"], [-1]) == (list(made.scale.choices), list(made.scale.missing.values()))
    assert "-1" == made.codes["x"]


def test_two_choices_are_never_reasons_alone() -> None:
    """A list of yes and don't know stays a choice between two."""
    made = listed("q", [Choice("y", {"en": "Yes"}), Choice("dk", {"en": "Don't know"})], several=False)
    assert {} == made.scale.missing
    assert ["y", "dk_c"] == list(made.scale.choices)


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)
leaves = st.one_of(texts, st.integers(-999, 999), st.booleans(), st.floats(0.01, 99.99).map(lambda x: round(x, 2)))
keys = st.one_of(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), texts.filter(lambda key: key != "<<"))
data = st.dictionaries(
    st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True),
    st.one_of(
        leaves, st.dictionaries(keys, st.one_of(leaves, st.lists(leaves, max_size=3), st.dictionaries(keys, leaves)))
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(data, st.lists(texts, max_size=2))
@example(
    {"a": {"x": "no", "y": "1:30", "z": "Oui, mais # non", "w": " ?", "v": "a: b", "u": "-", "t": "'", "s": '"\\'}}, []
)
@example(
    {"a": {"b": "\u2028\x85\ufeff\x00\x7f", "c": "0123", "d": "1e3", "e": "~", "f": "null", "g": "=", "h": "<<"}},
    ["x\ny"],
)
@example({"a": {"b": 'say "hi" to you', "c": 'it\'s "so"', "d": '"price" in why', "e": "2026-01-01", "f": "2h"}}, [])
def test_what_is_written_is_what_our_reader_reads(data: dict[str, Any], head: list[str]) -> None:
    """Every text, number and key, whatever its characters, with comments that hold anything."""
    import tempfile

    comments = {(key,): ["gap: # x", *head] for key in data}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "draft.yaml"
        file.write_text(emit(data, head=head, comments=comments), encoding="utf-8")
        read = read_yaml(file)
    assert () == read.problems
    assert data == read.data


def test_a_variable_is_as_its_scale_is() -> None:
    """Whole numbers for marks, decimals where there are some, no bound where there is none."""
    assert (1, 7, True) == (lambda v: (v.low, v.high, v.whole))(variable_of("x", Scale("s", "ces", 1, 7)))
    free = variable_of("x", Scale("s", "number", -math.inf, math.inf, decimals=2))
    assert (None, None, False) == (free.low, free.high, free.whole)
