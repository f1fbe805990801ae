"""Missing answers: imputation, and estimates combined over imputations."""

__all__ = ()
