"""The server process of the local AWS: `python -m constructs_lib.local.server --port 4566 --containers JSON`."""

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
import threading
import time
from importlib.util import find_spec

from constructs_lib.local import environment
from constructs_lib.local.containers.process import HOST

BUSY_PORT = 3
MISSING_PACKAGE = 4
PARENT_EVERY = 0.5


def main(argv: list[str]) -> int:
    """Serve until SIGTERM or SIGINT, or until the process named by --parent is gone; 3 when the port is busy."""
    parser = argparse.ArgumentParser(prog="constructs_lib.local.server")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--containers", default="{}", help="JSON: repository name to command")
    parser.add_argument("--time-scale", type=float, default=1.0)
    parser.add_argument("--parent", type=int, default=0, help="process id with which this one ends")
    parser.add_argument("--permissions", action="store_true", help="functions may do what their roles may, and no more")
    options = parser.parse_args(argv)
    if not is_free(options.port):
        print(f"port {options.port} of {HOST} is busy: choose another one with --port", file=sys.stderr)
        return BUSY_PORT
    if find_spec("ministack") is None:
        print("ministack is missing: install sagemaker-inference-constructs[local]", file=sys.stderr)
        return MISSING_PACKAGE
    serve(options.port, json.loads(options.containers), options.time_scale, options.parent, options.permissions)
    return 0


def is_free(port: int) -> bool:
    """Whether this process could listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def serve(
    port: int, containers: dict[str, list[str]], time_scale: float, parent: int = 0, permissions: bool = False
) -> None:
    """Serve on 127.0.0.1; the environment is replaced by the server's own before ministack reads it."""
    wanted = environment.for_server(port, os.environ) | {"AUTH": str(permissions).lower()}
    os.environ.clear()
    os.environ.update(wanted)

    # Ministack reads its settings while it is imported, so it is imported only now.
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config
    from ministack.app import app

    from constructs_lib.local.plugin import functions
    from constructs_lib.local.plugin.install import install

    sagemaker = install(containers, f"http://{HOST}:{port}", time_scale)
    config = Config()
    config.bind = [f"{HOST}:{port}"]
    config.loglevel = "WARNING"
    config.graceful_timeout = 0.2
    config.keep_alive_timeout = 75
    if parent:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    try:
        asyncio.run(hypercorn_serve(app, config))
    finally:
        sagemaker.close()
        functions.stop()
        # Functions and timers of ministack may still hold threads; nothing of theirs is worth waiting for.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
