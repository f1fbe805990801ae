# Recipes for whoever works on symmetry. In the environment: `.venv/bin/pip install -c constraints.txt -e '.[dev]'`, then `just`.

export PATH := justfile_directory() / ".venv/bin:" + env("PATH")

# show the recipes
default:
    @just --list

# the quick tests, docstring examples among them
test *args:
    python -m pytest {{args}}

# style, types, room order
lint:
    ruff format --check .
    ruff check .
    mypy
    lint-imports

# mend what can be mended mechanically
format:
    ruff format .
    ruff check --fix .

# the reference pages again, from the docstrings
reference:
    python docs/make_reference.py
    python docs/make_grammar.py

# README, docs and the examples in docstrings
docs:
    python -m pytest tests/test_readme.py symmetry

# the slow tests: planted dissonances found, intervals that cover as often as they promise
rehearse:
    python -m pytest -m slow

# times and memory, into tests/benchmarks/results.md
bench:
    python tests/benchmarks/run.py

# survey statistics side by side with R survey and svy, into tests/benchmarks/results-statistics.md (--sizes --times --tools)
bench-statistics *args:
    python -m tests.benchmarks.side_by_side {{args}}

# the checker and completion in an editor, into tests/benchmarks/results-spec.md
bench-spec *args:
    python -m tests.benchmarks.checking --page {{args}}

# gaps, verdicts and shrinkage of a thousand units, and New York, into tests/benchmarks/results-dissonance.md
bench-dissonance *args:
    python -m tests.benchmarks.dissonance --page {{args}}

# shares of drivers with errors, replicates and the test of priorities, into tests/benchmarks/results-drivers.md
bench-drivers *args:
    python -m tests.benchmarks.drivers --page {{args}}

# answers a second through the real server, into tests/benchmarks/results-field.md (two minutes)
bench-field *args:
    python -m tests.benchmarks.fielding --page {{args}}

# a hundred times SIGKILL under load: nothing lost, half-written or twice, into tests/benchmarks/results-killing.md (ten minutes)
kill *args:
    python -m tests.benchmarks.killing --page {{args}}

# 100,000 invitations planned and as many events decided, into tests/benchmarks/results-inviting.md (a minute)
bench-inviting *args:
    python -m tests.benchmarks.inviting --page {{args}}

# two senders, fifty kills, a real mail server, into tests/benchmarks/results-sending.md (five minutes)
kill-senders *args:
    python -m tests.benchmarks.sending --page {{args}}

# a million answers written in each format, into tests/benchmarks/results-exporting.md
bench-exporting *args:
    python -m tests.benchmarks.exporting --page tests/benchmarks/results-exporting.md {{args}}

# a whole wave with people who answer over HTTP, into a folder (ten minutes)
rehearse-field out *args:
    python -m tests.rehearsal {{out}} {{args}}

# how often intervals hold the truth, into docs/coverage.md (ten minutes)
coverage *args:
    python tests/benchmarks/coverage.py {{args}}

# the golden values again, from R (Debian: r-base-core r-cran-survey)
golden:
    sh tests/golden/make.sh

# the wheel, and that the notebook templates travel in it
wheel:
    uv build --wheel --quiet --out-dir dist
    python -m zipfile --list dist/symmetry-*.whl | grep -q symmetry/notebooks/report.ipynb

# what CI runs
ci:
    bash .ci/run

# pin every package again
lock:
    (sed -n '/^#/p' constraints.txt; uv pip compile --universal --python-version 3.11 --all-extras --upgrade --no-header --no-annotate --quiet pyproject.toml) > constraints.new
    mv constraints.new constraints.txt
