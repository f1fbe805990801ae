"""The numbers behind a draw: a random number that belongs to a person, and how many are drawn where, with what chance.

A person's random number depends on (seed, study, wave, audience, stage, person) alone: not on other people, the order of
rows, the number of cores, the machine or the version of Python.  It is written out here, so that another program can draw
the same sample:

1. the word of a person is the BLAKE2b digest of 8 bytes, without key or salt, read as a big-endian whole number, of the
   UTF-8 text of seven lines joined by a line feed (none at the end): `symmetry draw 1`, the seed in decimal digits, the key
   of the study, of the wave, of the audience, the stage, and the person's identifier as it stands in the frame (Unicode NFC);
2. the uniform number is (the word shifted right by 11 bits, plus one half) / 2^53: between 0 and 1, never either.

The stages: `person` (who is drawn), `choice` (which interaction of a contact), `unit` (which units), `share` (the order in
which drawn units share out the people to draw), and, for the points where a systematic draw begins, `start`, `unit start`
and `share start`, whose "person" is the stratum, or at the second stage the unit.  Ties of words keep the order of
identifiers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from symmetry.spec import Study

__all__ = ["Floats", "Mask", "Wholes", "Words", "allocate", "proportional", "uniform", "words"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Wholes = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]


def words(persons: Iterable[str], *, seed: int, study: Study, wave: str, audience: str, stage: str) -> Words:
    """The random word of each person, as the recipe above makes it.

    Parameters
    ----------
    persons : n identifiers.
    seed, study, wave, audience : of the draw.
    stage : of the draw, one of those above.

    Returns
    -------
    (n,) whole numbers below 2^64.
    """
    lines = ["symmetry draw 1", str(seed), study.key, wave, audience, stage, ""]
    head = hashlib.blake2b("\n".join(lines).encode(), digest_size=8)
    digests = []
    for person in persons:
        one = head.copy()
        one.update(person.encode("utf-8", "surrogatepass"))
        digests.append(one.digest())
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64)


def uniform(drawn: Words) -> Floats:
    """Uniform numbers of words.

    Examples
    --------
    >>> uniform(np.array([0, 2**63, 2**64 - 1], dtype=np.uint64)).round(3).tolist()
    [0.0, 0.5, 1.0]
    """
    return ((drawn >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def proportional(sizes: Floats, count: int) -> Floats:
    """Inclusion probabilities proportional to a size, those that would reach 1 set to 1 and taken out, until none does.

    Parameters
    ----------
    sizes : (n,) above 0.
    count : how many are drawn, at most n.

    Returns
    -------
    (n,) probabilities that sum to `count`.

    Notes
    -----
    R twin: ``sampling::inclusionprobabilities(sizes, count)``.

    Examples
    --------
    >>> proportional(np.array([1.0, 1.0, 2.0, 16.0]), 2).tolist()
    [0.25, 0.25, 0.5, 1.0]
    """
    chance = np.ones(len(sizes))
    free = np.ones(len(sizes), dtype=bool)
    while free.any():
        own = sizes[free] * ((count - np.count_nonzero(~free)) / sizes[free].sum())
        certain = own >= 1
        chance[free] = np.minimum(own, 1.0)
        if not certain.any():
            break
        free[np.flatnonzero(free)[certain]] = False
    return chance


def allocate(weights: Floats, most: Wholes, total: int, *, least: int = 2) -> Wholes:
    """Share out a sample among strata in proportion to their weights, by largest remainders.

    Parameters
    ----------
    weights : (H,) above 0: numbers of people, totals of a size, or ones for equal shares; of no matter where `most` is 0.
    most : (H,) how many each stratum holds.
    total : to share out, at most the sum of `most`.
    least : in every stratum, or all that it holds; lowered to 1, then to 0, where the total does not suffice.

    Returns
    -------
    (H,) whole numbers that sum to `total`, none above `most`.

    Notes
    -----
    Shares are c·weights, held between the two bounds, with the one c that makes them sum to the total.  What remains after
    rounding down goes to the largest fractions, and among equal ones to the larger stratum, then to the first.

    Examples
    --------
    >>> allocate(np.array([700.0, 290.0, 10.0]), np.array([700, 290, 10]), 100).tolist()
    [69, 29, 2]
    """
    live = most > 0
    if not live.all():
        shared: Wholes = np.zeros(len(most), dtype=np.int64)
        shared[live] = allocate(weights[live], most[live], total, least=least)
        return shared
    low = np.zeros(len(most))
    for each in range(least, 0, -1):
        if np.minimum(most, each).sum() <= total:
            low = np.minimum(most, each).astype(np.float64)
            break
    under, over = 0.0, (most.max(initial=0) + 1.0) / weights.min(initial=1.0)
    for _ in range(200):
        middle = (under + over) / 2
        under, over = (middle, over) if np.clip(middle * weights, low, most).sum() < total else (under, middle)
    shares = np.clip(over * weights, low, most)
    whole: Wholes = np.floor(shares + 1e-9).astype(np.int64)
    fractions = np.where(whole < most, np.round(shares - whole, 9), -1.0)
    order = np.lexsort((np.arange(len(most)), -weights, -fractions))
    whole[order[: total - int(whole.sum())]] += 1
    return whole
