"""`python -m symmetry` is the command `symmetry`."""

from symmetry.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
