"""`make soak`: a fleet under load, to which things happen, and three ledgers that must agree in the end."""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from soak.soak import soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3, help="how long things happen; then all is drained")
    parser.add_argument("--seed", type=int, default=14, help="of the dice")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    given = parser.parse_args()
    ends = time.monotonic() + 60 * given.minutes
    with tempfile.TemporaryDirectory(prefix="paystate-soak-") as folder:
        running = soak(
            Path(folder),
            postgres=given.database == "postgresql",
            seed=given.seed,
            is_over=lambda _: time.monotonic() > ends,
        )
        report = asyncio.run(running)
    print(report.text())
    return 0 if report.agrees else 1


if __name__ == "__main__":
    sys.exit(main())
