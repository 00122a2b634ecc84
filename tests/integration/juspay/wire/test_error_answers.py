"""What is read of Juspay's errors."""

from typing import Any

import pytest
from integration.juspay.played import text

from paystate.adapters.juspay import answers


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"status": "error", "error_code": "access_denied", "error_info": {"code": "UNAUTHORIZED"}}, "access_denied"),
        ({"error": True, "error_info": {"code": "BAD_ORIGIN"}}, "BAD_ORIGIN"),
        ({"status": "Bad Request", "error_code": "Mandatory fields are missing"}, "Mandatory fields are missing"),
        ({"status": "ERROR", "status_id": "-1", "error_code": "duplicate.call"}, "duplicate.call"),
        ({"status": "ERROR", "status_id": -1, "error_code": "invalid amount"}, "invalid amount"),
        ({"status": "NOT_FOUND", "status_id": 40, "order_id": "x"}, "NOT_FOUND"),
        ({"status": "DUPLICATE_ORDER_ID", "status_id": 40}, "DUPLICATE_ORDER_ID"),
        ({"errorCode": "camel", "status": "error"}, "camel"),
        ({"error_code": None, "errorInfo": {"code": "CAMEL"}}, "CAMEL"),
        ({"error_info": '{"code": "AS_TEXT"}'}, "AS_TEXT"),
        ({"error_info": "not json", "status": "error"}, "error"),
        ({"error_info": [], "status": "error"}, "error"),
        ({"error_code": 17, "status": "error"}, "error"),
        ({"error_code": "4000001234567899", "status": "error"}, "error"),
        ({"error_code": "card 4000 0012 3456 7899", "status": "error"}, "error"),
        ({"error_code": "two\nlines", "status": "error"}, "error"),
        ({"error_code": "x" * 65, "status": "error"}, "error"),
        ({}, None),
        ({"message": "busy"}, None),
    ],
)
def test_the_code_of_an_error(body: Any, code: str | None) -> None:
    assert next(iter(answers.read_error_codes(text(body))), None) == code


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_error_of_theirs_has_no_code(body: bytes) -> None:
    assert answers.read_error_codes(body) == ()
    assert answers.read_named_order(body) is None
