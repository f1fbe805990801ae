"""Weights: standing for whom.  Verbs take a frame and return a weighted frame that carries what its variance must know."""

from symmetry.weights.balancing import balance
from symmetry.weights.calibrating import calibrate
from symmetry.weights.calibration import Calibration, Replay, forget, memory_of
from symmetry.weights.describing import describe
from symmetry.weights.drawing import plot
from symmetry.weights.nonresponse import adjust_nonresponse
from symmetry.weights.poststratifying import poststratify
from symmetry.weights.raking import rake
from symmetry.weights.recipe import Recipe, Step
from symmetry.weights.replaying import apply, recipe_cells, replay, replay_in_cells
from symmetry.weights.trimming import trim

__all__ = [
    "Calibration",
    "Recipe",
    "Replay",
    "Step",
    "adjust_nonresponse",
    "apply",
    "balance",
    "calibrate",
    "describe",
    "forget",
    "memory_of",
    "plot",
    "poststratify",
    "rake",
    "recipe_cells",
    "replay",
    "replay_in_cells",
    "trim",
]
