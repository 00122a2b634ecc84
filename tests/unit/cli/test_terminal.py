"""What commands print: nothing that came from outside is taken for markup, and nothing is cut off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.console import Console

from paystate.entrypoints.cli.common import out
from paystate.entrypoints.cli.terminal import print_rows, print_values, say

ODD = "[red]theirs[/nothing]"


@pytest.mark.parametrize(
    "show",
    [
        lambda console: say((ODD,), console),
        lambda console: print_values((("a person must look", ODD),), console),
        lambda console: print_rows(("order", "why"), (("A1", ODD),), console),
    ],
    ids=["a sentence", "a value", "a row"],
)
def test_what_looks_like_markup_is_shown_as_it_is(show: Callable[[Console], None]) -> None:
    console = Console(width=80)
    with console.capture() as shown:
        show(console)
    assert ODD in shown.get()


def test_a_long_value_goes_on_in_the_next_line() -> None:
    console = Console(width=30)
    with console.capture() as shown:
        print_values((("key", "x" * 100),), console)
        print_rows(("key",), (("x" * 100,),), console)
    assert 200 == shown.get().count("x")


def test_a_key_is_printed_letter_for_letter(capsys: pytest.CaptureFixture[str]) -> None:
    key = "over_refunded:100:50"
    say((key,), out)
    print_values((("key", key),), out)
    assert 2 == capsys.readouterr().out.count(key)
