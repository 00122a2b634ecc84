"""Faults carry what a caller needs to go on."""

from paystate.core.errors import GatewayRejected, ValueInvalid


def test_a_refused_value_is_located_without_losing_its_code() -> None:
    located = ValueInvalid("invalid_amount").at("/amount")
    assert ("invalid_amount", "/amount", "invalid_amount") == (located.code, located.pointer, str(located))


def test_a_refused_value_stands_for_itself_until_it_is_located() -> None:
    assert "" == ValueInvalid("invalid_amount").pointer


def test_a_no_of_the_gateway_keeps_its_code_and_its_http_status() -> None:
    rejected = GatewayRejected("access_denied", 401)
    assert ("access_denied", 401, "access_denied (401)") == (rejected.code, rejected.http_status, str(rejected))
