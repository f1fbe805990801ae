"""A route in LimeSurvey's ExpressionScript, written so that no loose comparison of PHP or JavaScript can change its meaning.

Every name has `.NAOK`, or a single irrelevant question would make the whole expression false; what is unanswered is an empty
text, and is guarded.  Codes are compared as texts, texts by `strcmp`, days by `strtotime`; an order among codes is written out
code by code.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from symmetry.errors import Place, SpecError
from symmetry.spec.exchange.limesurvey_codes import Codes
from symmetry.spec.exchange.routes import digits
from symmetry.spec.routing.meaning import Among, And, Beside, Form, Has, Not, Or, Picks, Than, truth
from symmetry.spec.routing.nouns import Variable

__all__ = ["Relevance"]


class Relevance:
    """Writes the routes of one questionnaire.

    Parameters
    ----------
    variables : the columns of the study, by name.
    codes : what they and their answers are called in LimeSurvey.
    path : the study's file, for the error.
    """

    def __init__(self, variables: Mapping[str, Variable], codes: Codes, path: Path) -> None:
        self.variables = variables
        self.codes = codes
        self.path = path

    def of(self, form: Form) -> str:
        """Write one route.

        Raises
        ------
        SpecError : EXP04, a text with a backslash, or with both kinds of quotes, which ExpressionScript cannot hold.
        """
        if isinstance(form, And | Or):
            if not form.parts:
                return "1" if isinstance(form, And) else "0"
            joint = " and " if isinstance(form, And) else " or "
            return f"({joint.join(self.of(part) for part in form.parts)})"
        if isinstance(form, Not):
            return f"!({self.of(form.part)})"
        if isinstance(form, Beside):
            return self._beside(form)
        if isinstance(form, Has):
            return self.answered(form.column)
        if isinstance(form, Picks):
            return f"({self._ticked(form.column, form.choice)})"
        return self._among(form) if isinstance(form, Among) else self._than(form)

    def answered(self, column: str) -> str:
        """Whether anything was answered, be it a reason for not answering."""
        if self.variables[column].kind == "set":
            return f"({' or '.join(self._ticked(column, code) for code in self.codes.answers[column])})"
        aside = f" or !is_empty({self._name(f'{column}.missing')})" if self._aside(column) else ""
        return f"(!is_empty({self._name(column)}){aside})"

    def _among(self, form: Among) -> str:
        """One of several values."""
        parts = []
        variable = self.variables[form.column]
        codes = {variable.code(word): _stored(variable, word) for word in variable.missing}
        for value in form.values:
            if variable.kind == "set":
                parts.append(self._ticked(form.column, codes.get(value, str(value))))
            elif value in codes and self._aside(form.column):
                parts.append(self._is(f"{form.column}.missing", codes[value]))
            elif form.column in self._coded:
                parts.append(self._is(form.column, codes.get(value) or _plain(value)))
            else:
                parts.append(self._typed(form.column, "==", value))
        return f"({' or '.join(parts)})"

    def _than(self, form: Than) -> str:
        """Smaller or larger than a value: of a number or a day as such, of codes by naming those that are."""
        if form.column not in self._coded:
            return f"({self._typed(form.column, form.order, form.value)})"
        passing = [code for code in self.codes.answers[form.column] if truth(form, {form.column: float(code)}.get)]
        return f"({' or '.join(self._is(form.column, code) for code in passing) or '0'})"

    def _beside(self, form: Beside) -> str:
        """Two columns, both with a value."""
        kind = self.variables[form.left].kind
        left, right = self._name(form.left), self._name(form.right)
        both = f"{self.answered(form.left)} and {self.answered(form.right)}"
        if kind == "number":
            both = f"is_numeric({left}) and is_numeric({right})"
            return f"({both} and floatval({left}) {form.order} floatval({right}))"
        both = f"!is_empty({left}) and !is_empty({right})"
        if kind == "date":
            return f"({both} and strtotime({left}) {form.order} strtotime({right}))"
        return f"({both} and strcmp({left}, {right}) {form.order} 0)"

    def _typed(self, column: str, order: str, value: float | str) -> str:
        """What was typed, beside a value."""
        name = self._name(column)
        if not isinstance(value, str):
            return f"(is_numeric({name}) and floatval({name}) {order} {digits(value)})"
        if self.variables[column].kind == "date":
            return f"(!is_empty({name}) and strtotime({name}) {order} strtotime({self._quoted(value)}))"
        return f"strcmp({name}, {self._quoted(value)}) {order} 0"

    def _is(self, column: str, code: str) -> str:
        """An answer chosen from a list."""
        return f"{self._name(column)} == '{self.codes.answers[column][code]}'"

    def _ticked(self, column: str, code: str) -> str:
        """A choice ticked."""
        return f"{self.codes.questions[column]}_{self.codes.answers[column][code]}.NAOK == 'Y'"

    def _name(self, column: str) -> str:
        """A question's name in an expression."""
        return f"{self.codes.questions[column]}.NAOK"

    def _aside(self, column: str) -> bool:
        """Whether the reasons for not answering are asked in a question of their own."""
        return f"{column}.missing" in self.codes.questions

    @property
    def _coded(self) -> set[str]:
        """The columns that are answered by choosing one of a list."""
        return {name for name, codes in self.codes.answers.items() if codes}

    def _quoted(self, text: str) -> str:
        """A text in quotes."""
        if "\\" in text or ("'" in text and '"' in text):
            what = f"a route compares with “{text}”, whose signs ExpressionScript would not take as they are"
            mend = "compare with another text, or leave this route out"
            raise SpecError(what, where=Place(self.path), mend=mend, code="EXP04")
        return f'"{text}"' if "'" in text else f"'{text}'"


def _stored(variable: Variable, word: str) -> str:
    """How a cell says a reason for not answering: by its code where cells are numbers, by its word elsewhere."""
    return _plain(variable.code(word)) if variable.kind == "number" else word


def _plain(value: float | str) -> str:
    """The code that a value is."""
    return value if isinstance(value, str) else digits(value)
