"""How two sides of a signature are compared: steps, the ways to do each, and where they differ.

This searches for the fewest mistakes with which a signature would be right, and records what was found. `return_url`
and `payload` beside it know the ways. None of them puts a key, a digest or a signature into words.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import combinations, product
from typing import Any, Final, Generic, TypeVar

from attrs import frozen

R = TypeVar("R")
T = TypeVar("T")

MISTAKES_MAX: Final = 2
"""So many at once are looked for."""
_READINGS_TOLD: Final = 3


class Verdict(StrEnum):
    """How the other side's step compares with ours."""

    SAME = "same"
    DIFFERS = "differs"
    UNKNOWN = "not known"


@frozen
class Step:
    """One step.

    Attributes:
        message: What the other side does, where it differs.
        ours: What the step comes to here.
    """

    number: int
    name: str
    verdict: Verdict
    message: str = ""
    ours: str = ""


@frozen(kw_only=True)
class Explanation:
    """What was found.

    Attributes:
        is_good: The signature is taken as it stands.
    """

    steps: tuple[Step, ...]
    conclusion: str
    is_good: bool


@frozen
class Mistake:
    """One step done in another way than ours.

    Attributes:
        message: What the other side does, or why nothing can be compared.
    """

    step: int
    message: str


@frozen
class Way(Generic[T]):
    """One way to do a step: the right one, or a mistake."""

    does: T
    mistake: Mistake | None = None


def wrong(step: int, ways: Mapping[str, T]) -> tuple[Way[T], ...]:
    """Ways that are mistakes, by what they are called."""
    return tuple(Way(does, Mistake(step, says)) for says, does in ways.items())


def readings(step: int, read: Mapping[str, Callable[[R], T]], raw: R) -> Iterator[Way[T]]:
    """What `raw` may stand for, each once; the right way to read has no name, and one that fails is passed over."""
    seen: set[T] = set()
    for says, reading in read.items():
        try:
            found = reading(raw)
        except ValueError:
            continue
        if found not in seen:
            seen.add(found)
            yield Way(found, Mistake(step, says) if says else None)


def loose_base64(text: str) -> bytes:
    """The bytes of base64 in whatever spelling: the URL's own alphabet, without padding, with white space."""
    kept = re.sub(r"[\s=]", "", text.translate({ord("-"): "+", ord("_"): "/"}))
    return b64decode(kept + "=" * (-len(kept) % 4), validate=True)


def fewest_mistakes(choices: Sequence[Sequence[Way[Any]]], fits: Callable[..., bool]) -> list[tuple[Mistake, ...]]:
    """Every set of mistakes with which the signature fits, of those with the fewest; one empty set if it is right.

    Args:
        choices: For each thing that can be done in several ways: all of them.
        fits: Takes one way of each.
    """
    for count in range(MISTAKES_MAX + 1):
        found = dict.fromkeys(
            tuple(way.mistake for way in chosen if way.mistake)
            for places in combinations(range(len(choices)), count)
            for chosen in product(*(_allowed(choice, at in places) for at, choice in enumerate(choices)))
            if fits(*(way.does for way in chosen))
        )
        if found:
            return list(found)
    return []


def _allowed(choice: Sequence[Way[Any]], is_mistaken: bool) -> list[Way[Any]]:
    return [way for way in choice if (way.mistake is not None) == is_mistaken]


def stopped(names: Mapping[int, str], at: Mistake, ours: Mapping[int, str]) -> Explanation:
    """An explanation that ends at a step, where nothing more can be compared."""
    verdicts = {number: Verdict.DIFFERS if number == at.step else Verdict.UNKNOWN for number in names}
    steps = (Step(number, name, verdicts[number], ours=ours.get(number, "")) for number, name in names.items())
    return Explanation(steps=tuple(steps), conclusion=at.message, is_good=False)


def compared(names: Mapping[int, str], mistakes: Sequence[Mistake], ours: Mapping[int, str]) -> Iterator[Step]:
    """Each step with its verdict; the last one is the comparison itself, and differs if any does."""
    message = {mistake.step: mistake.message for mistake in mistakes}
    for number, name in names.items():
        differs = number in message or (number == len(names) and bool(message))
        verdict = Verdict.DIFFERS if differs else Verdict.SAME
        yield Step(number, name, verdict, message=message.get(number, ""), ours=ours.get(number, ""))


def where_they_part(fits: Sequence[Sequence[Mistake]]) -> str:
    """The mistakes that were found, in words."""
    told = "; or: ".join(" and ".join(mistake.message for mistake in fit) for fit in fits[:_READINGS_TOLD])
    steps = " and ".join(f"step {number}" for number in sorted({mistake.step for mistake in fits[0]}))
    return f"The two sides differ at {steps}: {told}. With that, the signature is right."
