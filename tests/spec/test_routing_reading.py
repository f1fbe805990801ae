"""The text of a condition: read where it is in the language, refused at its column where it is not."""

from __future__ import annotations

import ast
import random

import pytest

from symmetry.spec.routing.nouns import Answered, Chosen, Compared, Every, Fault, Listed, Opposite
from symmetry.spec.routing.reading import COMPARISONS, read_condition
from symmetry.spec.routing.scanning import CHARACTERS, DEPTH
from tests.spec.routing_truth import WORLD, expression

REFUSED = [
    # text, code, column, a word of what is wrong, a word of the remedy
    ("", "RTE02", 1, "empty", "delete the key"),
    ("  \n ", "RTE02", 1, "empty", "delete the key"),
    ("nps <=", "RTE02", 7, "ends too early", "comparisons"),
    ("nps > 3 and\n", "RTE02", 12, "ends too early", "comparisons"),
    ("nps > 3 nps", "RTE02", 9, "cannot be read from here", "comparisons"),
    ("(nps > 3", "RTE02", 1, "`(` is not closed", "`)`"),
    ("nps > 3)", "RTE02", 8, "`)` closes", "delete"),
    ("nps in [1, 2)", "RTE02", 13, "`)` closes", "delete"),
    ("nps = 8", "RTE02", 5, "single `=`", "`==`"),
    ("nps => 8", "RTE02", 5, "`>=`", "`>=`"),
    ("nps =< 8", "RTE02", 5, "`<=`", "`<=`"),
    ("nps <> 8", "RTE02", 5, "`!=`", "`!=`"),
    ("nps ≤ 8", "RTE02", 5, "`<=`", "`<=`"),
    ("nps ≥ 8", "RTE02", 5, "`>=`", "`>=`"),
    ("nps ≠ 8", "RTE02", 5, "`!=`", "`!=`"),
    ("nps === 8", "RTE02", 5, "another language", "`==`"),
    ("nps > 8 && agree > 1", "RTE02", 9, "`and`", "`and`"),
    ("nps > 8 || agree > 1", "RTE02", 9, "`or`", "`or`"),
    ("!(nps > 8)", "RTE02", 1, "`not`", "`not`"),
    ("nps > 8 AND agree > 1", "RTE02", 9, "capitals", "small letters"),
    ("region == “north”", "RTE02", 11, "typographic quote", '"straight" quotes'),
    ("region == « north »", "RTE02", 11, "typographic quote", '"straight" quotes'),
    ("nps\u00a0<= 8", "RTE02", 4, "special space", "plain space"),
    ("nps\u202f<= 8", "RTE02", 4, "special space", "plain space"),
    ("nps\x00 > 8", "RTE02", 4, "U+0000", "delete"),
    ('why == "a\ud800"', "RTE02", 10, "U+D800", "delete"),
    ('why == "a\nb"', "RTE02", 8, "not closed", "same line"),
    ('why == "slow', "RTE02", 8, "not closed", "close it"),
    (r'why == "\d"', "RTE02", 9, "backslash", "twice"),
    ("class == 3", "RTE02", 1, "`class` is a word of the language", "another key"),
    ("nps > 8; nps", "RTE02", 8, "cannot be read from here", "comparisons"),
    ("nps > 8 # promoters", "RTE03", 9, "comment", "outside"),
    ('why == """slow"""', "RTE03", 8, "triple quotes", "one pair"),
    ("len(why) > 3", "RTE03", 1, "a call", "without a function"),
    ("__import__('os').system('x') == 0", "RTE03", 1, "a call", "without a function"),
    ("nps + 1 > 3", "RTE03", 1, "arithmetic", "compare with a number"),
    ("(nps > 1) & (nps < 3)", "RTE03", 1, "`&` or `|`", "`and`"),
    ("nps[0] > 3", "RTE03", 1, "square brackets", "item.guess"),
    ("lambda: nps", "RTE03", 1, "a lambda", "comparison itself"),
    ("(lambda: 1) > nps", "RTE03", 2, "a lambda", "comparison itself"),
    ("nps > 3 if nps else 2", "RTE03", 1, "`if`", "and, or, not"),
    ("(nps := 3) > 2", "RTE03", 2, "an assignment", "`==`"),
    ('f"{nps}" == why', "RTE03", 1, "`f`", "plain quotes"),
    ('why == b"x"', "RTE03", 8, "no value to compare", "text"),
    ('why == r"x"', "RTE03", 8, "a letter before it", "plain quotes"),
    ('region in ["north" "south"]', "RTE03", 12, "side by side", "comma"),
    ('why == "\\x07"', "RTE03", 8, "unseen character", "delete"),
    ('why == "\\ud800"', "RTE03", 8, "unseen character", "delete"),
    ("nps is 3", "RTE03", 1, "`is` asks only", "`item is None`"),
    ('nps is not "na"', "RTE03", 1, "`is` asks only", "`!=`"),
    ("nps == None", "RTE03", 8, "`None`", "`item is None`"),
    ("None is nps", "RTE03", 1, "`None`", "`item is None`"),
    ("nps == True", "RTE03", 8, "`True`", "number"),
    ("nps == ...", "RTE03", 8, "`...`", "number"),
    ("nps", "RTE03", 1, "`nps` alone", "`nps is not None`"),
    ("nps.guess", "RTE03", 1, "`nps.guess` alone", "`nps.guess is not None`"),
    ("not nps", "RTE03", 5, "`nps` alone", "`nps is not None`"),
    ("True", "RTE03", 1, "a value alone", "compare an item"),
    ("[1]", "RTE03", 1, "a value alone", "compare an item"),
    ("nps <= 3,5", "RTE03", 1, "a comma", "decimal point"),
    ("nps.guess.x > 3", "RTE03", 1, "a dot", "`item.guess`"),
    ("(1).real > nps", "RTE03", 1, "a dot", "`item.guess`"),
    ('region in "north"', "RTE03", 11, "list of literals", '["north"]'),
    ('region in ("north")', "RTE03", 12, "list of literals", '["north"]'),
    ("nps in agree", "RTE03", 8, "list of literals", "a list"),
    ("region in []", "RTE03", 11, "empty list", "at least one"),
    ("region in ()", "RTE03", 11, "empty list", "at least one"),
    ("nps in [agree]", "RTE03", 9, "no literal", "numbers or texts"),
    ("nps in [[1]]", "RTE03", 9, "no literal", "numbers or texts"),
    ("nps in [*(1, 2)]", "RTE03", 9, "no literal", "numbers or texts"),
    ("nps in {1: 2}", "RTE03", 8, "list of literals", "a list"),
    ("3 in [3]", "RTE03", 1, "no item", "name an item"),
    ('"a" in "abc"', "RTE03", 8, "a list or an item", "name an item"),
    ("1 < 2", "RTE03", 1, "two literals", "an item"),
    ("1 < 2 <= nps", "RTE03", 1, "two literals", "an item"),
    ("nps == (agree > 3)", "RTE03", 9, "a condition compared", "and, or, not"),
    ("[1] == nps", "RTE03", 1, "a list compared", "`in`"),
    ("nps is None is None", "RTE03", 1, "chain", "`and`"),
    ("nps in [1] == agree", "RTE03", 1, "chain", "`and`"),
    ("nps == --3", "RTE03", 8, "a sign", "one minus"),
    ("nps == +3", "RTE03", 8, "a sign", "one minus"),
    ("nps == -agree", "RTE03", 8, "a sign", "one minus"),
    ("nps == 0x10", "RTE03", 8, "`0x10`", "decimal"),
    ("nps == 1_0", "RTE03", 8, "`1_0`", "decimal"),
    ("nps == 3j", "RTE03", 8, "`3j`", "number"),
    ("nps == 1e999", "RTE03", 8, "too large", "9007199254740992"),
    ("nps == -9007199254740993", "RTE03", 8, "too large", "9007199254740992"),
    ("nps == " + "9" * 3000, "RTE03", 8, "too large", "9007199254740992"),
    ("[x for x in nps] == 3", "RTE03", 1, "something else of Python", "comparisons"),
    ("x" * (CHARACTERS + 1), "RTE08", CHARACTERS + 1, "characters", "split"),
    ("(" * (DEPTH + 1) + "nps > 3" + ")" * (DEPTH + 1), "RTE08", DEPTH + 1, "brackets within", "flatter"),
    ("not " * (DEPTH + 1) + "nps > 3", "RTE08", 4 * (DEPTH + 1) + 1, "conditions within", "flatter"),
    ("-" * 3000 + "3 < nps", "RTE08", 1, "signs", "one minus"),
    (" and ".join(["nps > 3"] * (COMPARISONS + 9)), "RTE08", 12 * COMPARISONS + 1, "comparisons", "split"),
]


@pytest.mark.parametrize(("text", "code", "column", "what", "mend"), REFUSED, ids=lambda value: str(value)[:24])
def test_what_is_outside_is_refused_where_it_stands(text: str, code: str, column: int, what: str, mend: str) -> None:
    """One finding, with its code, its column, what is wrong and how to mend it."""
    (finding,) = read_condition(text).findings
    assert (code, column) == (finding.code, finding.column)
    assert what in finding.what
    assert mend in finding.mend


def test_a_text_that_cannot_be_read_has_no_tree() -> None:
    """The whole text is a fault, and names nothing."""
    condition = read_condition("nps >")
    assert (Fault(0, 5), ()) == (condition.tree, condition.names)


def test_all_faults_of_form_come_in_one_pass() -> None:
    """Each in its place, in the order of the text."""
    found = read_condition("len(why) > 3 or nps + 1 > 2 or agree or region in []").findings
    assert [("RTE03", 1), ("RTE03", 17), ("RTE03", 32), ("RTE03", 51)] == [(each.code, each.column) for each in found]


def test_the_tree_is_what_python_understands() -> None:
    """`not` binds closer than `and`, `and` than `or`; a chain is one part."""
    condition = read_condition('not nps > 3 and 1 <= agree <= 3 or "price" in reasons or why is None')
    last = condition.tree.parts
    assert [Every, Chosen, Answered] == [type(part) for part in last]
    assert [Opposite, Every] == [type(part) for part in last[0].parts]
    assert last[0].parts[1].chain
    assert ["not nps > 3 and 1 <= agree <= 3", '"price" in reasons', "why is None"] == [
        condition.source(part) for part in last
    ]


def test_names_are_listed_as_they_appear() -> None:
    """With their columns, faces among them; each column once in `columns`."""
    condition = read_condition('nps.guess > nps and "x" in reasons and nps in [3] and 2 < agree')
    assert [("nps.guess", 0, 9), ("nps", 12, 15), ("reasons", 27, 34), ("nps", 39, 42), ("agree", 58, 63)] == [
        (name.column, name.start, name.stop) for name in condition.names
    ]
    assert ("nps.guess", "nps", "reasons", "agree") == condition.columns


def test_columns_count_characters() -> None:
    """Neither the bytes of letters with accents, nor lines, nor spaces before the text move a column."""
    condition = read_condition('\n  "é😀" == why and\n\tf(1) > 2 and nps > 3')
    assert [("RTE03", 21)] == [(each.code, each.column) for each in condition.findings]
    assert [(11, 14), (33, 36)] == [(name.start, name.stop) for name in condition.names]


@pytest.mark.parametrize("text", ["nps in [1, 2]", "nps in (1, 2)", "nps in {1, 2}", "nps in (1, 2,)"])
def test_a_list_may_have_any_brackets(text: str) -> None:
    """Square, round, curly."""
    tree = read_condition(text).tree
    assert isinstance(tree, Listed)
    assert [1, 2] == [constant.value for constant in tree.constants]


@pytest.mark.parametrize("value", [0, -3, 2.5, -0.5, 1e-7, 9007199254740992, -9007199254740992, 1e300, "a#b", "é'\"\\"])
def test_literals_are_what_python_reads(value: object) -> None:
    """Numbers and texts, with at most one minus."""
    tree = read_condition(f"x == {value!r}").tree
    assert isinstance(tree, Compared)
    assert value == ast.literal_eval(repr(tree.right.value))


def test_random_conditions_of_the_language_are_read_whole() -> None:
    """Nothing that the generator of the language makes is refused, and every part knows its own words."""
    rng = random.Random(5)
    for _ in range(300):
        text = expression(rng, WORLD)
        condition = read_condition(text)
        assert () == condition.findings
        assert [name.column for name in condition.names] == [text[name.start : name.stop] for name in condition.names]


def test_random_garbage_never_breaks_the_reader() -> None:
    """Whatever the text, there is a condition, with a finding inside its columns or none."""
    rng = random.Random(11)
    bits = [*".=<()[]{},:'#-*;@\\ \n\x0cé3", "==", " in ", "not ", "is", "None", '"a"', "nps", "agree", "guess"]
    bits += ["lambda", "if", "f'", "0x", "1e"]
    for _ in range(3000):
        text = "".join(rng.choices(bits, k=rng.randint(1, 12)))
        condition = read_condition(text)
        assert all(1 <= finding.column <= len(text) + 1 for finding in condition.findings), text
        assert bool(condition.findings) or not isinstance(condition.tree, Fault), text
