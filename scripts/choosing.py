"""Writes `docs/choosing.md` and its picture, with every number from the facts: `python -m scripts.choosing`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template

from constructs_lib.advisor import Traffic, Workload, recommend
from constructs_lib.advisor.chart import svg
from constructs_lib.advisor.exclusions import largest_memory_sizes
from constructs_lib.advisor.quantities import size_text, time_text
from constructs_lib.facts import (
    asynchronous,
    containers,
    gateways,
    instance_quotas,
    lambdas,
    realtime,
    serverless,
    serverless_quotas,
    streams,
    transform,
)
from constructs_lib.facts.limit import Limit
from constructs_lib.facts.prices import SNAPSHOT_REGION, snapshot

_ROOT = Path(__file__).resolve().parent.parent
_TEMPLATE = Path(__file__).with_name("choosing.template.md")
_CASES = _ROOT / "tests" / "advisor" / "cases.yaml"
DOCS = _ROOT / "docs"
_MIB = 1024 * 1024
_EXAMPLE = Workload(processing_time=0.1, payload=10 * 1024, traffic=Traffic.INTERMITTENT)
_COLUMNS = ("realtime", "serverless", "async", "batch", "hybrid", "streaming")


def page() -> str:
    """The guide."""
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(_values())


def picture() -> str:
    """The cost of the example by requests a day."""
    return svg(recommend(_EXAMPLE).break_even())


def _values() -> dict[str, object]:
    return {
        "serverless_payload": _size(serverless.PAYLOAD),
        "realtime_payload": _size(realtime.PAYLOAD),
        "api_payload": _size(realtime.PAYLOAD_IN_API_MODEL),
        "lambda_payload": _size(lambdas.PAYLOAD),
        "gateway_payload": _size(gateways.REST_PAYLOAD),
        "gateway_timeout": time_text(gateways.REST_TIMEOUT.maximum / 1000),
        "direct_containers": containers.DIRECT_CONTAINERS.maximum,
        "pipeline_containers": f"{containers.PIPELINE_CONTAINERS.minimum} to {containers.PIPELINE_CONTAINERS.maximum}",
        "new_concurrency": serverless_quotas.NEW_ACCOUNT_CONCURRENCY.maximum,
        "account_memory": size_text(serverless_quotas.ACCOUNT_MEMORY.maximum * _MIB),
        "endpoint_instances": instance_quotas.INSTANCES_OF_AN_ENDPOINT.maximum,
        "chart": _chart(),
        "comparison": _comparison(),
        "example": _example(),
        "prices": snapshot().origin,
        "region": SNAPSHOT_REGION,
        "break_even": _break_even(),
        "cases": _CASES.read_text(encoding="utf-8").count("\n- about: "),
    }


def _chart() -> str:
    """The questions in their order, each with the answer that ends in a way of serving; the other one goes down."""
    payload, duration = _size(realtime.PAYLOAD), time_text(realtime.INVOCATION_TIMEOUT.maximum)
    small, memory = _size(serverless.PAYLOAD), size_text(max(largest_memory_sizes()) * _MIB)
    rows = [
        ("Events without end, and nobody waits?", "yes", "streaming"),
        ("Answers known before they are asked for?", "most of them", "hybrid"),
        ("", "all, or a data set", "batch"),
        (f"Over {payload}, or over {duration} of work?", "yes", "async"),
        ("Time for a queue: minutes, a notification, nobody on the line?", "yes", "async"),
        (f"Over {small} or {memory} of memory, a GPU, a VPC, several models?", "no: go on below", ""),
        (f"    long idle times, and seconds to wait, or over {_size(realtime.PAYLOAD_IN_API_MODEL)}?", "yes", "async"),
        ("    else", "", "realtime"),
        ("Bursts or now and then, and a cold start is bearable?", "yes", "serverless"),
        ("Steady, or answers below a second", "", "realtime"),
    ]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "\n".join(
        f"{question:<{widths[0]}}  {answer:<{widths[1]}}  {f'--> {way}' if way else ''}".rstrip()
        for question, answer, way in rows
    )


def _example() -> str:
    size, time = size_text(_EXAMPLE.payload or 0), time_text(_EXAMPLE.processing_time or 0)
    return f"requests of {size} and {time} each that come now and then"


def _size(limit: Limit) -> str:
    return size_text(limit.maximum)


def _comparison() -> str:
    """Rows by property, columns by way of serving."""
    lines = [f"| | {' | '.join(f'`{name}`' for name in _COLUMNS)} |", "|---" * (len(_COLUMNS) + 1) + "|"]
    for name, cells in _ROWS.items():
        values = cells()
        lines.append(f"| {name} | {' | '.join(values[column] for column in _COLUMNS)} |")
    return "\n".join(lines)


def _payload() -> Mapping[str, str]:
    low, high = _size(realtime.PAYLOAD_IN_API_MODEL), _size(realtime.PAYLOAD)
    return {
        "realtime": f"{high}; see the pitfalls from {low} on",
        "serverless": _size(serverless.PAYLOAD),
        "async": f"{_size(asynchronous.PAYLOAD)} in S3",
        "batch": f"{transform.MAX_PAYLOAD_IN_MB.maximum} MB a request, any data set",
        "hybrid": f"{high} for fresh answers",
        "streaming": f"{size_text(streams.RECORD_FOR_FUNCTION.maximum * 1024)} a record",
    }


def _duration() -> Mapping[str, str]:
    online = time_text(realtime.INVOCATION_TIMEOUT.maximum)
    return {
        "realtime": f"{online}; {time_text(realtime.STREAM_TIMEOUT.maximum)} as a streamed response",
        "serverless": time_text(serverless.INVOCATION_TIMEOUT.maximum),
        "async": time_text(asynchronous.INVOCATION_TIMEOUT.maximum),
        "batch": f"{time_text(transform.INVOCATIONS_TIMEOUT.maximum)} a request, days a job",
        "hybrid": f"{online} for fresh answers",
        "streaming": online,
    }


def _fixed(**cells: str) -> Callable[[], Mapping[str, str]]:
    """A row in words alone; ``queue`` stands for asynchronous inference, whose name Python keeps for itself."""
    return lambda: {"async" if name == "queue" else name: text for name, text in cells.items()}


_ROWS: Mapping[str, Callable[[], Mapping[str, str]]] = {
    "Latency": _fixed(
        realtime="milliseconds",
        serverless="milliseconds; seconds after a pause",
        queue="seconds; minutes from zero",
        batch="when the job is done",
        hybrid="milliseconds",
        streaming="seconds",
    ),
    "Payload": _payload,
    "Duration": _duration,
    "Billing": _fixed(
        realtime="instances, all the time",
        serverless="seconds of work by memory",
        queue="instances, while they run",
        batch="instances, while the job runs",
        hybrid="both of its parts, and a table",
        streaming="instances and shards, all the time",
    ),
    "Scale to zero": _fixed(
        realtime="with inference components only",
        serverless="yes",
        queue="yes",
        batch="yes, between two jobs",
        hybrid="no",
        streaming="no",
    ),
    "Persistent endpoint": _fixed(
        realtime="yes", serverless="yes", queue="yes", batch="no", hybrid="yes, and a table", streaming="yes"
    ),
    "GPU": _fixed(realtime="yes", serverless="no", queue="yes", batch="yes", hybrid="yes", streaming="yes"),
    "VPC": _fixed(realtime="yes", serverless="no", queue="yes", batch="yes", hybrid="yes", streaming="yes"),
    "Several models": _fixed(
        realtime="yes, in every form", serverless="no", queue="pipeline", batch="pipeline", hybrid="no", streaming="no"
    ),
    "Variants": _fixed(
        realtime="A/B and shadow", serverless="no", queue="no", batch="no", hybrid="no", streaming="of its endpoint"
    ),
}


def _break_even() -> str:
    lines = ["| From | the cheaper one is | and no longer | USD a month there |", "|---:|---|---|---:|"]
    for each in recommend(_EXAMPLE).break_even().crossovers:
        at = f"{each.requests_per_day:,.0f} requests a day"
        lines.append(f"| {at} | {each.above.words} | {each.below.words} | {each.usd:,.2f} |")
    return "\n".join(lines)


PAGES: Mapping[str, Callable[[], str]] = {"choosing.md": page, "images/break-even.svg": picture}


def main() -> None:
    """Write the guide and its picture."""
    for name, made in PAGES.items():
        path = DOCS / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    main()
