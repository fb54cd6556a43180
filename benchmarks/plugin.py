"""What the limit check adds to a synthesis of 70 endpoints, as a plugin of CDK."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.cases import synthesize
from benchmarks.measure import Figure, Row, Target, Value, progress

ENDPOINTS = 70
ADDED = Target(3, is_least=False)
PLAIN, LIMITS, LINES = "without InferenceLimits", "with InferenceLimits", "with JSII_HOST_STACK_TRACES=1 too"


@dataclass(frozen=True)
class Seconds:
    """One synthesis: ``app.synth()`` alone, the whole process, and what all processors together worked for it.

    The last depends least on what else the machine does.
    """

    synth: float
    process: float
    processors: float


@dataclass(frozen=True)
class Way:
    """A way to synthesize the app, and in how many of the rounds it takes part."""

    name: str
    once: Callable[[], Seconds]
    rounds: int = 5


def synthesized(*options: str, lines: bool = False) -> Seconds:
    """Synthesize the app once, with CDK's own validation as ``cdk.json`` has it."""
    started, worked = time.perf_counter(), _worked()
    arguments = ("-m", "benchmarks.fleet", str(ENDPOINTS), *options)
    printed = synthesize(*arguments, validation=True, JSII_HOST_STACK_TRACES="1" if lines else "")
    return Seconds(float(printed.split()[-1]), time.perf_counter() - started, _worked() - worked)


def _worked() -> float:
    """The processor seconds of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


WAYS = (
    Way(PLAIN, synthesized),
    Way(LIMITS, lambda: synthesized("--limits")),
    Way(LINES, lambda: synthesized("--limits", lines=True), rounds=3),
)


def rows(ways: Sequence[Way] = WAYS) -> Iterator[Row]:
    """The seconds of each way, and what each adds."""
    runs = _interleaved(ways)
    synths = _figures("app.synth()", {name: [run.synth for run in done] for name, done in runs.items()})
    wholes = _figures("process", {name: [run.process for run in done] for name, done in runs.items()})
    worked = _figures("processors", {name: [run.processors for run in done] for name, done in runs.items()})
    for figures in (synths, wholes, worked):
        yield from figures.values()
    yield Value("InferenceLimits adds to app.synth()", _added(synths, PLAIN, LIMITS), "%")
    yield Value("InferenceLimits adds to the whole process", _added(wholes, PLAIN, LIMITS), "%", ADDED)
    yield Value("InferenceLimits adds to the processors' work", _added(worked, PLAIN, LIMITS), "%", ADDED)
    yield Value("JSII_HOST_STACK_TRACES=1 adds to the whole process", _added(wholes, LIMITS, LINES), "%")
    yield Value("JSII_HOST_STACK_TRACES=1 adds to the processors' work", _added(worked, LIMITS, LINES), "%")


def _interleaved(ways: Sequence[Way]) -> dict[str, list[Seconds]]:
    """The runs of each way. They take turns, so that all meet the same machine."""
    runs: dict[str, list[Seconds]] = {way.name: [] for way in ways}
    rounds = max(way.rounds for way in ways)
    for turn in range(rounds):
        progress(f"synthesis of {ENDPOINTS} endpoints, round {turn + 1} of {rounds}")
        for way in ways:
            if turn < way.rounds:
                runs[way.name].append(way.once())
    return runs


def _figures(of: str, seconds: Mapping[str, Sequence[float]]) -> dict[str, Figure]:
    return {name: Figure(f"{of} {name}", tuple(taken)) for name, taken in seconds.items()}


def _added(figures: Mapping[str, Figure], before: str, after: str) -> float:
    return 100 * (figures[after].median / figures[before].median - 1)
