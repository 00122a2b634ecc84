"""`make bench`: one line per goal."""

import argparse

from bench.goals import results


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="each side is timed once in each round")
    parser.add_argument("--repeats", type=int, default=2000, help="runs of one side in one round")
    given = parser.parse_args()
    for result in results(rounds=given.rounds, repeats=given.repeats):
        print(result.line())


main()
