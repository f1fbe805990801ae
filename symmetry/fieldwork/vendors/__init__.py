"""Answers that were given in another tool: LimeSurvey, Qualtrics, Google Forms, SPSS."""

__all__ = ()
