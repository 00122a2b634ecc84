"""Where the command `paystate` begins: an installation of the rules alone has the command, and not what it runs on."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, or say what to install for it."""
    try:
        from paystate.entrypoints.cli.main import main as run
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("paystate"):
            raise
        print(  # noqa: T201 - what prints in colour is not there
            f"paystate: {missing.name} is not installed; this is an installation of the rules alone (paystate.core).\n"
            '    to fix it: pip install "paystate[service]"',
            file=sys.stderr,
        )
        sys.exit(1)
    run()
