"""``python -m constructs_lib invoke|submit|results|run-batch``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.client.errors import InferenceFailed, TimedOut
from constructs_lib.client.inference import InferenceClient
from constructs_lib.client.locations import file_name
from constructs_lib.client.notifications import Status
from constructs_lib.client.results import AsyncResult
from constructs_lib.errors import InferenceError
from constructs_lib.terminal import Parser, print_error

_WORKED, _FAILED = 0, 1


def main(command: str, arguments: Sequence[str]) -> int:
    """Run one command; 0 if it worked, 1 with one line on standard error if not, 2 for wrong usage."""
    return run_command(command, *COMMANDS[command], arguments)


def run_command(
    command: str,
    describe: Callable[[argparse.ArgumentParser], None],
    run: Callable[[argparse.Namespace], int],
    arguments: Sequence[str],
) -> int:
    """Run one command that describes itself; what it returns, or 1 with a line for an error that is to be expected."""
    parser = Parser(prog=f"python -m constructs_lib {command}", description=describe.__doc__)
    describe(parser)
    given = parser.parse_args(arguments)
    try:
        return run(given)
    except BrokenPipeError:
        raise  # whoever reads has gone, which is no error of the command's
    except (InferenceError, BotoCoreError, ClientError, OSError, ValueError) as error:
        print_error(error)
        return _FAILED


def _target(parser: argparse.ArgumentParser) -> None:
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--stack", help="the stack that holds it; its outputs say the rest")
    target.add_argument("--endpoint", help="the name of an endpoint")
    parser.add_argument("--prefix", default="", help="the prefix of the stack's outputs (default: none)")


def _client(given: argparse.Namespace) -> InferenceClient:
    if given.stack:
        return InferenceClient.for_stack(given.stack, prefix=given.prefix)
    return InferenceClient(endpoint_name=given.endpoint, input_bucket=getattr(given, "input_bucket", None))


def _request(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--content-type", help="default: by the file's suffix")
    parser.add_argument("--accept", help="the content type wanted back")


def _payload(text: str) -> Path | bytes:
    return sys.stdin.buffer.read() if text == "-" else Path(text)


def _describe_invoke(parser: argparse.ArgumentParser) -> None:
    """Ask a real-time or serverless endpoint for one answer."""
    _target(parser)
    _request(parser)
    parser.add_argument("input", nargs="?", default="-", metavar="FILE", help="the payload; - (default) is stdin")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where the answer goes (default: stdout)")
    parser.add_argument("--target-variant", metavar="NAME")
    parser.add_argument("--target-model", metavar="NAME")
    parser.add_argument("--inference-component", metavar="NAME")
    parser.add_argument("--stream", action="store_true", help="write parts as they come")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="for the whole call")


def _invoke(given: argparse.Namespace) -> int:
    client, payload = _client(given), _payload(given.input)
    common = {"content_type": given.content_type, "accept": given.accept, "timeout": given.timeout}
    common |= {"target_variant": given.target_variant, "inference_component": given.inference_component}
    if given.stream:
        _write(client.predict_stream(payload, **common), given.output)
    else:
        _write([client.predict(payload, target_model=given.target_model, **common).body], given.output)
    return _WORKED


def _write(parts: Iterable[bytes], path: Path | None) -> None:
    if path:
        with path.open("wb") as file:
            file.writelines(parts)
        return
    for part in parts:
        sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()


def _describe_submit(parser: argparse.ArgumentParser) -> None:
    """Hand files to an asynchronous endpoint; prints a line of JSON for each, which results reads."""
    _target(parser)
    _request(parser)
    parser.add_argument("inputs", nargs="+", metavar="FILE", help="a payload each; - is stdin")
    parser.add_argument("--input-bucket", metavar="NAME", help="with --endpoint: where large payloads are put")
    parser.add_argument("--ttl", type=int, metavar="SECONDS", help="how long a request may wait in the queue")
    parser.add_argument("--invocation-timeout", type=int, metavar="SECONDS", help="how long the model may work on it")


def _submit(given: argparse.Namespace) -> int:
    code = _WORKED
    sent = _client(given).submit_all(
        [_payload(text) for text in given.inputs],
        content_type=given.content_type,
        accept=given.accept,
        request_ttl_seconds=given.ttl,
        invocation_timeout_seconds=given.invocation_timeout,
    )
    for text, result in zip(given.inputs, sent, strict=True):
        if result.request.unsent:
            print_error(f"{text}: {result.request.unsent}")
            code = _FAILED
            continue
        line = {"input": text, "inference_id": result.inference_id, "output_location": result.output_location}
        print(json.dumps(line | {"failure_location": result.failure_location}), flush=True)
    return code


def _describe_results(parser: argparse.ArgumentParser) -> None:
    """Say what became of asynchronous requests; prints a line of JSON for each, and fails unless all completed."""
    _target(parser)
    parser.add_argument(
        "requests", nargs="*", metavar="ID", help="where the stack keeps their status; default: submit's lines on stdin"
    )
    parser.add_argument("--wait", type=float, metavar="SECONDS", help="wait so long for each (default: ask once)")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="write answers there as INFERENCE-ID.out")


def _results(given: argparse.Namespace) -> int:
    client, code = _client(given), _WORKED
    for request in [{"inference_id": each} for each in given.requests] or _lines(sys.stdin):
        result = client.result_of(
            request["inference_id"],
            output_location=request.get("output_location") or "",
            failure_location=request.get("failure_location"),
        )
        line, worked = _became(result, given.wait, given.output)
        print(json.dumps(request | line), flush=True)
        code = code if worked else _FAILED
    return code


def _lines(source: Iterable[str]) -> Iterator[dict[str, str]]:
    for line in source:
        if line.strip():
            request = _read(line)
            if not isinstance(request, Mapping) or not isinstance(request.get("inference_id"), str):
                raise ValueError(f"a line must be one of those that submit prints, got {line.strip()[:80]}; give IDs")
            yield dict(request)


def _read(line: str) -> object:
    """The line as JSON, or what is none: None."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _became(result: AsyncResult, wait: float | None, folder: Path | None) -> tuple[dict[str, str], bool]:
    """What to print of a result, and whether it completed."""
    try:
        if wait is None and result.status() not in (Status.COMPLETED, Status.FAILED):
            return {"status": result.request.unsettled_status}, False
        result.wait(wait)
    except InferenceFailed as failure:
        return {"status": "Failed", "reason": failure.reason}, False
    except TimedOut:
        return {"status": result.request.unsettled_status}, False
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{file_name(result.inference_id)}.out").write_bytes(result.result().body)
    return {"status": "Completed"}, True


def _describe_run_batch(parser: argparse.ArgumentParser) -> None:
    """Run a batch pipeline once and wait for its end; prints where its answers are."""
    parser.add_argument("--stack", required=True, help="the stack that holds the pipeline")
    parser.add_argument("--prefix", default="", help="the prefix of the stack's outputs (default: none)")
    parser.add_argument("input", nargs="?", type=Path, metavar="PATH", help="a file or a folder to upload")
    parser.add_argument("--input-prefix", metavar="PREFIX", help="in place of PATH: the part of the bucket to read")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="download the answers there")
    parser.add_argument("--timeout", type=float, default=86_400.0, metavar="SECONDS", help="default: a day")


def _run_batch(given: argparse.Namespace) -> int:
    client = InferenceClient.for_stack(given.stack, prefix=given.prefix)
    done = client.run_batch(given.input, input_prefix=given.input_prefix, timeout=given.timeout)
    if given.output:
        done.download(given.output)
    print(json.dumps({"execution_arn": done.execution_arn, **done.output}))
    return _WORKED


COMMANDS: dict[str, tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]] = {
    "invoke": (_describe_invoke, _invoke),
    "submit": (_describe_submit, _submit),
    "results": (_describe_results, _results),
    "run-batch": (_describe_run_batch, _run_batch),
}
invoke, submit, results, run_batch = (partial(main, command) for command in COMMANDS)
