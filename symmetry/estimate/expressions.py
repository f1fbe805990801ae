"""Smooth functions of the values of an estimate, and their exact slopes, for contrasts that are not linear.

The slope of text ("log(north / south)") comes from a complex step, f(x + ih) = f(x) + ih f'(x) - …, which loses no digits to a
difference (Squire, Trapp 1998, SIAM Review 40, 110-112).  A Python function may do what has no complex meaning, and is
differenced at five points instead, good to about eleven digits.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symmetry.errors import DesignError

__all__ = ["Rows", "Values", "slope"]

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": np.exp,
    "log": np.log,
    "log10": lambda x: np.log(x) / np.log(10),
    "sqrt": np.sqrt,
}
_STEP = 1e-200


class Rows:
    """Rows of an estimate, found by number or by name."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self._places: dict[str, list[int]] = {}
        for row, name in enumerate(names):
            self._places.setdefault(name, []).append(row)

    def place(self, key: int | str) -> int:
        """Number of a row, counted from 0.

        Raises
        ------
        DesignError : no such row, a name that several rows bear, or a number that is also the name of another row.
        """
        found = self._places.get(str(key), [])
        if isinstance(key, str):
            if len(found) == 1:
                return found[0]
            some = ", ".join(repr(name) for name in self.names[:8]) + (" …" if len(self.names) > 8 else "")
            raise DesignError(
                f"{len(found) or 'no'} row{'s are' if found else ' is'} called {key!r}",
                mend=f"use a row number from 0, or one of {some}",
            )
        if not isinstance(key, (int, np.integer)):
            raise DesignError(f"{key!r} is no row", mend="give a row number from 0, or a row's name")
        if found and found != [key]:
            raise DesignError(
                f"{key} is a row number, and the name of another row", mend=f'write "{key}" for the row of that name'
            )
        if not 0 <= key < len(self.names):
            raise DesignError(
                f"there is no row {key} in an estimate of {len(self.names)} rows",
                mend="rows count from 0, in the order of the estimate's table",
            )
        return int(key)


class Values:
    """Values of an estimate by row number or by name."""

    def __init__(self, values: np.ndarray, rows: Rows) -> None:
        self._values, self._rows = values, rows

    def __getitem__(self, key: int | str) -> Any:
        return self._values[self._rows.place(key)]

    def __len__(self) -> int:
        return len(self._values)


def slope(function: str | Callable[[Values], Any], values: np.ndarray, rows: Rows) -> tuple[float, np.ndarray]:
    """Value of a function of D values, and its derivative by each (D,).

    Raises
    ------
    DesignError : text that is no formula of known rows and functions, or a function with no finite value or slope here.
    """
    exact = isinstance(function, str)
    call = _parsed(function) if isinstance(function, str) else function
    if not callable(call):
        raise DesignError(
            f"{function!r} is no contrast",
            mend='give {row: coefficient}, a formula such as "log(a / b)", or a function of the values',
        )
    with np.errstate(all="ignore"):
        value = call(Values(values, rows))
        found = np.array(
            [(_complex_step if exact else _differences)(call, values, rows, row) for row in range(len(values))]
        )
    if not (np.isfinite(value) and np.isfinite(found).all()):
        raise DesignError(
            "the function has no finite value or slope at these values", mend="check for a division by 0 or a log of 0"
        )
    return float(value), found


def _complex_step(call: Callable[[Values], Any], values: np.ndarray, rows: Rows, row: int) -> float:
    """One partial derivative of an analytic function."""
    moved = values.astype(complex)
    moved[row] += 1j * _STEP
    return float(np.imag(call(Values(moved, rows))) / _STEP)


def _differences(call: Callable[[Values], Any], values: np.ndarray, rows: Rows, row: int) -> float:
    """One partial derivative by (8 f(h) - 8 f(-h) - f(2h) + f(-2h)) / 12h."""
    step = 1e-3 * max(abs(values[row]), 1e-3)
    found = 0.0
    for move, factor in ((1, 8.0), (-1, -8.0), (2, -1.0), (-2, 1.0)):
        shifted = values.copy()
        shifted[row] += move * step
        found += factor * float(call(Values(shifted, rows)))
    return float(found / (12 * step))


def _parsed(text: str) -> Callable[[Values], Any]:
    """A function from a formula; names with blanks or signs stand between backticks."""
    quoted: list[str] = []

    def keep(match: re.Match[str]) -> str:
        quoted.append(match.group(1))
        return f"_quoted{len(quoted) - 1}_"

    plain = re.sub(r"`([^`]+)`", keep, text)
    try:
        tree = ast.parse(plain, mode="eval").body
    except SyntaxError as error:
        raise DesignError(
            f"{text!r} is not a formula ({error.msg})", mend='write one such as "log(north / south)"'
        ) from error
    aliases = {f"_quoted{number}_": name for number, name in enumerate(quoted)}

    def read(node: ast.AST, values: Values) -> Any:
        match node:
            case ast.Constant(value=int() | float() as number):
                return number
            case ast.Name(id=name):
                return values[aliases.get(name, name)]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](read(left, values), read(right, values))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](read(operand, values))
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
                return _FUNCTIONS[name](read(argument, values))
        raise DesignError(
            f"{text!r} holds something that is no formula of rows",
            mend=f"use + - * / **, numbers, row names (in backticks where they hold blanks) and {', '.join(_FUNCTIONS)}",
        )

    return lambda values: read(tree, values)
