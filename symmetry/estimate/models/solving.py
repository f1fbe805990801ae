"""The equations of a step, solved after scaling by their diagonal; columns that determine each other are named."""

from __future__ import annotations

import numpy as np

from symmetry.errors import ConvergenceError, DesignError

__all__ = ["Faults", "inverted"]

Faults = dict[int, ConvergenceError | DesignError]


def inverted(cross: np.ndarray, names: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray, Faults]:
    """Sizes of columns (D, p), inverses (D, p, p) of products scaled by them, least eigenvalues (D,), and what has no inverse."""
    size = np.sqrt(np.maximum(np.diagonal(cross, axis1=1, axis2=2), 0.0))
    whole = (size > 0).all(axis=1) & np.isfinite(cross).all(axis=(1, 2))
    safe = np.where(whole[:, None], size, 1.0)
    scaled = np.where(whole[:, None, None], cross / safe[:, None, :] / safe[..., None], np.eye(cross.shape[1]))
    values, vectors = np.linalg.eigh(scaled)
    told: Faults = {}
    for place in np.flatnonzero(~whole | (values[:, 0] < 1e-11)):
        zero = [f"`{name}`" for name, length in zip(names, size[place], strict=True) if not length > 0]
        tied = [f"`{name}`" for name, part in zip(names, vectors[place][:, 0], strict=True) if abs(part) > 1e-4]
        told[int(place)] = (
            DesignError(f"{', '.join(tied)} determine each other exactly", mend="leave one of them out, or centre it")
            if whole[place]
            else DesignError(
                f"{', '.join(zero) or 'a column'} is 0 for all respondents used", mend="leave it out: an empty level"
            )
        )
    inverse = (vectors / np.maximum(values, 1e-11)[:, None, :]) @ vectors.swapaxes(1, 2)
    return size, inverse / safe[:, None, :] / safe[..., None], values[:, 0], told
