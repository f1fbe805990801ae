"""Hadamard matrices: square, of +1 and -1, every two rows orthogonal.  Half samples and successive differences balance on them.

Orders are reached by doubling [1]_ and by the two constructions of Paley over a prime [2]_, alone or multiplied.  An order that
these do not reach (92 is the first that nobody reached before 1962) gives way to the next one: a few more replicates.

References
----------
.. [1] Sylvester (1867). Thoughts on inverse orthogonal matrices. Philosophical Magazine 34, 461-475.
.. [2] Paley (1933). On orthogonal matrices. Journal of Mathematics and Physics 12, 311-320.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

__all__ = ["hadamard"]


@lru_cache(maxsize=8)
def hadamard(least: int) -> np.ndarray:
    """Make a Hadamard matrix of the smallest order in reach that is not below `least`.

    Parameters
    ----------
    least : smallest order wanted, at least 1.

    Returns
    -------
    (R, R) of +1 and -1, R = 1, 2 or a multiple of 4, with a first row and a first column of +1; not to be written to.

    Examples
    --------
    >>> hadamard(3)
    array([[ 1,  1,  1,  1],
           [ 1, -1,  1, -1],
           [ 1,  1, -1, -1],
           [ 1, -1, -1,  1]], dtype=int8)
    >>> hadamard(50).shape
    (56, 56)
    """
    order = least if least <= 2 else -4 * (-least // 4)
    while (found := _of_order(order)) is None:
        order += 4
    found = found * found[:1] * (found[:, :1] * found[0, 0])
    found.setflags(write=False)
    return np.asarray(found)


def _of_order(order: int) -> np.ndarray | None:
    """A Hadamard matrix of just this order, or None where no construction reaches it."""
    if order == 1:
        return np.ones((1, 1), np.int8)
    if order & (order - 1) == 0:
        return np.kron(np.array([[1, 1], [1, -1]], np.int8), _of_order(order // 2))
    if order % 4:
        return None
    if _is_prime(order - 1):  # order - 1 = 3 modulo 4
        core = np.zeros((order, order), np.int8)
        core[0, 1:], core[1:, 0], core[1:, 1:] = 1, -1, _residues(order - 1)
        return core + np.eye(order, dtype=np.int8)
    half = order // 2
    if half % 4 == 2 and _is_prime(half - 1):  # half - 1 = 1 modulo 4
        core = np.zeros((half, half), np.int8)
        core[0, 1:], core[1:, 0], core[1:, 1:] = 1, 1, _residues(half - 1)
        diagonal = np.kron(np.eye(half, dtype=np.int8), np.array([[1, -1], [-1, -1]], np.int8))
        return np.kron(core, np.array([[1, 1], [1, -1]], np.int8)) + diagonal
    for small in range(2, int(order**0.5) + 1):
        if order % small or not (small == 2 or small % 4 == 0):
            continue
        left, right = _of_order(small), _of_order(order // small)
        if left is not None and right is not None:
            return np.kron(left, right)
    return None


def _residues(prime: int) -> np.ndarray:
    """Whether i - j is a square modulo a prime: 1 where it is, -1 where it is not, 0 on the diagonal; (prime, prime)."""
    square = np.full(prime, -1, np.int8)
    square[np.arange(prime, dtype=np.int64) ** 2 % prime] = 1
    square[0] = 0
    numbers = np.arange(prime)
    return np.asarray(square[(numbers[:, None] - numbers) % prime])


def _is_prime(number: int) -> bool:
    """Whether a number is prime."""
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))
