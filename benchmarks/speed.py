"""How long the limit check takes for large templates, as whole processes, beside cfn-lint in the same run."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.cases import run
from benchmarks.large import as_yaml, endpoints
from benchmarks.measure import Case, Figure, Ratio, Row, Target, Value, measure, progress, timed

FASTER = Target(40, is_least=True)
GROWTH = Target(12, is_least=False)


def rows() -> Iterator[Row]:
    """The seconds of the limit check and of cfn-lint, and the ratios that have a target."""
    with TemporaryDirectory() as folder:
        small, large, yaml = (Path(folder, name) for name in ("490.json", "4900.json", "490.yaml"))
        small.write_text(json.dumps(endpoints(70), indent=1), encoding="utf-8")
        large.write_text(json.dumps(endpoints(700), indent=1), encoding="utf-8")
        yaml.write_text(as_yaml(endpoints(70)), encoding="utf-8")
        yield from compare(partial(_check, small), partial(_check, large), partial(_check, yaml), partial(_lint, small))


Once = Callable[[], object]


def compare(small: Once, large: Once, yaml: Once, lint: Once) -> Iterator[Row]:
    """The rows, as soon as each is known. cfn-lint runs twice, without a warm-up: it takes a quarter of a minute."""
    progress("limit check of 490 and of 4,900 resources")
    figure = measure(Case("limit check, 490 resources", small))
    yield figure
    many = measure(Case("limit check, 4,900 resources", large))
    yield many
    yield measure(Case("limit check, 490 resources in YAML", yaml))
    progress("cfn-lint of 490 resources")
    theirs = Figure("cfn-lint, 490 resources", (timed(lint), timed(lint)))
    yield theirs
    yield Value("faster than cfn-lint", theirs.median / figure.median, "times", FASTER)
    yield Ratio("check of 490 resources, to cfn-lint", figure.median, theirs.median)
    yield Ratio("check of 4,900 resources, to one of 490", many.median, figure.median, GROWTH)


def _check(template: Path) -> None:
    run("-m", "constructs_lib", "check", str(template))


def _lint(template: Path) -> None:
    cfn_lint = str(Path(sys.executable).with_name("cfn-lint"))
    run(cfn_lint, "--non-zero-exit-code", "none", str(template))
