"""``python -m constructs_lib recommend`` and ``python -m constructs_lib prices``."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from constructs_lib.advisor.advise import recommend as advise
from constructs_lib.advisor.files import FIELDS, read_workload, workload_of
from constructs_lib.advisor.formats import FORMATS
from constructs_lib.advisor.questions import ask
from constructs_lib.advisor.workload import Compare, Traffic, Workload
from constructs_lib.errors import InferenceError
from constructs_lib.facts.prices import SNAPSHOT_REGION, Prices, document_of, read, snapshot
from constructs_lib.terminal import Parser, print_error, print_output

_DONE, _FAILED, _WRONG = 0, 1, 2
PRICES_FILE = "inference-prices.json"
_VALUES = {
    "latency": ("TIME", "in which an answer has to be there, such as 100ms"),
    "payload": ("SIZE", "of the largest request, such as 8MB"),
    "response": ("SIZE", "of the largest answer"),
    "processing_time": ("TIME", "that the model works on one request, such as 2s"),
    "requests_per_day": ("N", "such as 500 or 10k"),
    "peak_rps": ("N", "most requests in a second"),
    "records_per_run": ("N", "records that are there together"),
    "models": ("N", "models to be asked; 1 by default"),
    "memory": ("SIZE", "that the model needs, such as 3GB"),
    "image": ("SIZE", "of the container image, such as 12GB"),
    "freshness": ("TIME", "that an answer may be old when it is read, such as 1d"),
    "precomputable": ("SHARE", "of the answers that can be computed beforehand, such as 95%%"),
    "traffic": (f"{{{','.join(Traffic)}}}", "how requests come"),
    "compare": (f"{{{','.join(Compare)}}}", "judge a candidate: on users, or unseen"),
    "due": ("HH:MM", "when a scheduled run has to be done"),
    "region": ("REGION", "where it is to run, such as eu-west-1"),
    "instance_type": ("TYPE", "such as ml.m5.large"),
}
_SWITCHES = {
    "independent_scaling": "each model has a capacity of its own",
    "gpu": "the model needs a GPU",
    "scale_to_zero": "nothing may run while nobody asks",
    "vpc": "the model has to be in a VPC",
    "notify": "a notification tells when an answer is there",
    "chained_steps": "each request goes through several containers in a row",
}
_CHOICES: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "cold_start_ok": (
        ("--cold-start-ok", "the first answer after a pause may take seconds longer", True),
        ("--no-cold-start", "it may not", False),
    ),
    "caller_waits": (
        ("--caller-waits", "somebody holds the line until the answer is there", True),
        ("--nobody-waits", "nobody does", False),
    ),
    "same_framework": (
        ("--same-framework", "one container can hold all models", True),
        ("--different-frameworks", "each model needs a container of its own", False),
    ),
}


def recommend(arguments: Sequence[str]) -> int:
    """Print a recommendation. The exit status is 0, or 2 for a workload or a file that cannot be read."""
    given = vars(_recommend_arguments().parse_args(list(_with_signs(arguments))))
    try:
        prices = _prices(given.pop("prices"))
        print_output(FORMATS[given.pop("format")](advise(_workload(given), prices=prices)))
    except (InferenceError, OSError, ValueError) as error:
        print_error(error)
        return _WRONG
    except EOFError:
        print_error("the questions were not answered; give options or --file")
        return _WRONG
    return _DONE


def _workload(given: dict[str, Any]) -> Workload:
    """From the questions, the file, or nothing; what options say comes first."""
    names = [name for name in FIELDS if given[name] is not None]
    said = workload_of({name: given[name] for name in names})
    if not (given["ask"] or given["file"]):
        return said
    known = ask(_answer, _say) if given["ask"] else read_workload(given["file"])
    return replace(known, **{name: getattr(said, name) for name in names})


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _answer(question: str) -> str:
    """What is answered; the question goes where the output does not."""
    print(question, end="", file=sys.stderr, flush=True)
    return input()


def _prices(path: Path | None) -> Prices:
    """Those of the file that was named, else of the one that ``prices refresh`` leaves here, else the library's own."""
    if path is None and not Path(PRICES_FILE).is_file():
        return snapshot()
    return read(path or Path(PRICES_FILE))


def _with_signs(arguments: Sequence[str]) -> Iterator[str]:
    """``--payload -8MB`` as ``--payload=-8MB``: otherwise a negative number would be taken for an option."""
    rest = list(arguments)
    while rest:
        first = rest.pop(0)
        if rest and first.startswith("--") and "=" not in first and re.match(r"-\d", rest[0]):
            first = f"{first}={rest.pop(0)}"
        yield first


def _recommend_arguments() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m constructs_lib recommend",
        usage="%(prog)s [options]",
        description="Say which way of serving fits a workload, why the others do not, and what each costs.",
        epilog="A TIME without a unit is in seconds, a SIZE in bytes. What is not given is not known: it is assumed, "
        "and said to be.",
    )
    for name, (metavar, told) in _VALUES.items():
        parser.add_argument(_option(name), metavar=metavar, help=told)
    for name, told in _SWITCHES.items():
        parser.add_argument(_option(name), action="store_const", const=True, help=told)
    for name, pair in _CHOICES.items():
        either = parser.add_mutually_exclusive_group()
        for option, told, value in pair:
            either.add_argument(option, dest=name, action="store_const", const=value, help=told)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--file", type=Path, help="a workload in YAML, by the names of these options")
    source.add_argument("--ask", action="store_true", help="ask a few questions")
    parser.add_argument("--prices", type=Path, metavar="FILE", help=f"prices to use; {PRICES_FILE} if it is here")
    parser.add_argument("--format", choices=list(FORMATS), default="text", help="how to print (default: text)")
    return parser


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def prices(arguments: Sequence[str]) -> int:
    """List the known prices, or fetch those of today. The exit status is 1 if AWS cannot be asked."""
    parser = Parser(prog="python -m constructs_lib prices", description="Show or renew the prices.")
    parser.add_argument(
        "action", nargs="?", choices=("show", "refresh"), default="show", help="show (default) or refresh"
    )
    parser.add_argument("--region", default=SNAPSHOT_REGION, help=f"of which Region ({SNAPSHOT_REGION} by default)")
    parser.add_argument("--output", type=Path, default=Path(PRICES_FILE), help=f"refresh: where to ({PRICES_FILE})")
    parser.add_argument("--prices", type=Path, metavar="FILE", help=f"show: which ones; {PRICES_FILE} if it is here")
    given = parser.parse_args(arguments)
    try:
        return _refresh(given.region, given.output) if given.action == "refresh" else _show(given.region, given.prices)
    except (InferenceError, OSError, ValueError) as error:
        print_error(error)
        return _FAILED


def _show(region: str, path: Path | None) -> int:
    known = _prices(path)
    places = sorted(known.regions)
    if region not in {place for place, _ in known.rows}:
        raise ValueError(
            f"no price of {region!r} is known, only those of {', '.join(places)}; "
            f"fetch them with: prices refresh --region {region}"
        )
    rows = sorted((price for (place, _), price in known.rows.items() if place == region), key=lambda price: price.name)
    lines = [f"{len(rows)} prices of {region} in USD, from {known.origin}"]
    width = max(len(price.unit) for price in rows)
    for price in rows:
        lines.append(
            f"{price.name:32}{price.usd:>16.10g}  {price.unit:{width}}  {price.on.isoformat()}  {price.source}"
        )
    print_output("\n".join(lines))
    return _DONE


def _refresh(region: str, output: Path) -> int:
    from constructs_lib.advisor.price_list import fetch  # boto3 takes its time to load

    today = datetime.now(UTC).date()
    found = fetch(region, today=today)
    output.write_text(json.dumps(document_of(found, today), indent=1) + "\n", encoding="utf-8")
    print(f"{len(found)} prices of {region} written to {output}")
    return _DONE
