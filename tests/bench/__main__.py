"""`make bench`: one line per goal, and how many calls each client makes."""

import argparse

from bench import calls, finding, goals, receiving, sdks, sealing, settling


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="each side is timed once in each round")
    parser.add_argument("--repeats", type=int, default=2000, help="runs of one side in one round")
    given = parser.parse_args()
    found = goals.results(rounds=given.rounds, repeats=given.repeats)
    # A signature takes some ten times as long as a decision.
    found += sealing.results(rounds=given.rounds, repeats=max(1, given.repeats // 10))
    # A call goes through the kernel twice; one of Juspay's own clients makes a connection for each.
    found += calls.results(rounds=given.rounds, repeats=max(1, given.repeats // 5))
    found += settling.results(rounds=given.rounds)
    found += receiving.results(rounds=given.rounds)
    for result in found:
        print(result.line())
    for search in finding.results(rounds=given.rounds):
        print(search.line())
    for line in sdks.lines(rounds=given.rounds, repeats=max(1, given.repeats // 10)):
        print(line)


main()
