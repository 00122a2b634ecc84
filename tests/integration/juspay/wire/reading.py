"""Orders as Juspay writes them, with members changed or written to the letter. Owns words, no expectations."""

from typing import Any

from integration.juspay.played import order, text

from paystate.adapters.juspay import answers
from paystate.adapters.juspay.records import objects
from paystate.core.evidence import OrderAnswer


def read(**changes: Any) -> OrderAnswer:
    return answers.read_order(text(order(**changes)))


def raw(member: str, value: bytes) -> bytes:
    """An order body in which one member stands exactly as written."""
    return text(order(**{member: "@"})).replace(b'"@"', value)


def record(**changes: Any) -> objects.OrderRecord:
    return objects.read_order_record(text(order(**changes)))


def each(member: str, *values: Any) -> list[dict[str, Any]]:
    return [{member: value} for value in values]
