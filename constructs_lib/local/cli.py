"""`python -m constructs_lib local up|deploy|status|down`: the local AWS for apps of one's own."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from constructs_lib.local import environment
from constructs_lib.local.arns import ACCOUNT, REGION
from constructs_lib.local.aws import LocalAws, end_group, is_healthy
from constructs_lib.local.containers.process import HOST
from constructs_lib.local.errors import LocalAwsError
from constructs_lib.local.server import is_free
from constructs_lib.local.state import Running
from constructs_lib.terminal import Parser

DEFAULT_PORT = 4566


def main(argv: list[str]) -> int:
    """Run one command; 0 when it worked, 1 with one clear line on standard error when it did not."""
    options = _parser().parse_args(argv)
    try:
        code: int = options.run(options)
    except LocalAwsError as error:
        print(f"local: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("local: interrupted", file=sys.stderr)
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m constructs_lib local", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="start the local AWS in the background")
    up.add_argument("--port", type=_port, default=DEFAULT_PORT)
    up.add_argument("--container", type=_container, action="append", default=[], metavar="NAME=COMMAND")
    up.add_argument("--time-scale", type=_speed, default=1.0, metavar="N", help="speed of scaling's clock, default 1")
    up.set_defaults(run=_up)

    deploy = commands.add_parser("deploy", help="deploy stacks of a CDK app to it")
    deploy.add_argument("--app", help="the command that makes the stacks; default: the one in cdk.json")
    deploy.add_argument("stacks", nargs="*", metavar="STACK", help="default: all of them")
    deploy.set_defaults(run=_deploy)

    commands.add_parser("status", help="say whether it runs, and how to call it").set_defaults(run=_status)
    commands.add_parser("down", help="stop it and everything in it").set_defaults(run=_down)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, got '{text}'")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise argparse.ArgumentTypeError(f"the time scale is a number above 0, got '{text}'")
    return speed


def _container(text: str) -> tuple[str, list[str]]:
    name, equals, command = text.partition("=")
    if not (name and equals and command.strip()):
        raise argparse.ArgumentTypeError(
            f"a container is NAME=COMMAND, such as classifier='python serve.py', got '{text}'"
        )
    return name, shlex.split(command)


def _up(options: argparse.Namespace) -> int:
    running = Running.load()
    if running is not None:
        raise LocalAwsError(f"it already runs on port {running.port}; stop it with `local down`")
    if not is_free(options.port):
        raise LocalAwsError(f"port {options.port} of {HOST} is busy; choose another one with --port")
    log = Running.log_path()
    log.unlink(missing_ok=True)
    aws = LocalAws(dict(options.container), options.port, options.time_scale, detached=True, log=log)
    Running(aws.pid, aws.port).save()
    print(f"the local AWS runs at {aws.endpoint_url} (account {ACCOUNT}, region {REGION}); its log is {log}")
    return 0


def _running() -> Running:
    running = Running.load()
    if running is None:
        raise LocalAwsError("it does not run; start it with: python -m constructs_lib local up")
    return running


def _deploy(options: argparse.Namespace) -> int:
    running = _running()
    cdk = _cdk()
    variables = environment.for_clients(running.endpoint_url, os.environ)
    # Elsewhere than beside cdk.json, which would make the CLI run the app for nothing.
    with tempfile.TemporaryDirectory() as empty:
        bootstrap = subprocess.run(
            [cdk, "bootstrap", f"aws://{ACCOUNT}/{REGION}"], cwd=empty, env=variables, capture_output=True, text=True
        )
    if bootstrap.returncode:
        last = _last_line(bootstrap.stderr or bootstrap.stdout)
        raise LocalAwsError(f"cdk bootstrap failed: {last}; run it by hand to see all of it")
    command = [cdk, "deploy", "--require-approval", "never"]
    command += ["--app", options.app] if options.app else []
    command += options.stacks or ["--all"]
    return subprocess.run(command, env=variables).returncode


def _cdk() -> str:
    """The CDK CLI: this folder's own, or the one on the PATH."""
    own = Path("node_modules/.bin/cdk")
    found = str(own.resolve()) if own.exists() else shutil.which("cdk")
    if found is None:
        raise LocalAwsError("the cdk CLI is neither in node_modules/.bin nor on the PATH; install aws-cdk 2.x with npm")
    return found


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


def _status(_options: argparse.Namespace) -> int:
    running = Running.load()
    if running is None:
        print("the local AWS does not run; start it with: python -m constructs_lib local up")
        return 1
    health = "healthy" if is_healthy(running.port) else "not answering"
    print(f"the local AWS runs at {running.endpoint_url} (process {running.pid}, {health})")
    print(f"call it with AWS_ENDPOINT_URL={running.endpoint_url} AWS_DEFAULT_REGION={REGION} and any access keys")
    return 0


def _down(_options: argparse.Namespace) -> int:
    running = _running()
    end_group(running.pid)
    Running.forget()
    print("the local AWS is stopped")
    return 0
