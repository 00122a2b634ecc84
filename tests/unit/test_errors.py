"""Faults carry what a caller needs to go on."""

import re

from paystate.core import errors
from paystate.core.errors import GatewayRejected, ValueInvalid

DRAWN = re.findall(r"^ {4}(\W*)(\w+)", (errors.__doc__ or "").partition("\n\n")[2].partition("\n\n")[2], re.MULTILINE)


def test_a_refused_value_is_located_without_losing_its_code() -> None:
    located = ValueInvalid("invalid_amount").at("/amount")
    assert ("invalid_amount", "/amount", "invalid_amount at /amount") == (located.code, located.pointer, str(located))


def test_a_refused_value_says_what_it_breaks() -> None:
    assert "invalid_amount: is too much" == str(ValueInvalid("invalid_amount", rule="is too much"))
    assert "invalid_amount" == str(ValueInvalid("invalid_amount"))


def test_a_refused_value_stands_for_itself_until_it_is_located() -> None:
    assert "" == ValueInvalid("invalid_amount").pointer


def test_a_no_of_the_gateway_keeps_its_code_and_its_http_status() -> None:
    rejected = GatewayRejected("access_denied", 401)
    assert ("access_denied", 401, "access_denied (401)") == (rejected.code, rejected.http_status, str(rejected))


def test_the_tree_that_is_drawn_is_the_tree_that_there_is() -> None:
    above: list[str] = []
    drawn = {}
    for branches, name in DRAWN:
        depth = len(branches) // 4
        above[depth:] = [name]
        drawn[name] = above[depth - 1] if depth else "Exception"
    classes = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    assert {one.__name__: one.__base__.__name__ for one in classes if one.__base__} == drawn
