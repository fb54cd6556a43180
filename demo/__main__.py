"""`python -m demo`: see `demo/run.py`. This file alone is written so that an older Python can still read it."""

import sys

OLDEST = (3, 11)


def start():
    # type: () -> int
    """Run the demo, unless this Python is too old for it."""
    if sys.version_info[:2] < OLDEST:
        wanted, found = "{}.{}".format(*OLDEST), "{}.{}".format(*sys.version_info[:2])
        sys.stderr.write(f"demo: needs python {wanted} or later, this is {found}; run `make setup` with one\n")
        return 1
    from demo.run import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(start())
