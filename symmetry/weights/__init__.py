"""Weights: standing for whom.  Verbs take a frame and return a weighted frame that carries what its variance must know."""

from symmetry.weights.calibration import Calibration, calibration_of
from symmetry.weights.describing import describe
from symmetry.weights.raking import rake
from symmetry.weights.recipe import Recipe, apply

__all__ = ["Calibration", "Recipe", "apply", "calibration_of", "describe", "rake"]
