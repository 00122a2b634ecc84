"""Whether a handler's transaction is open around a call: a write through the store would wait for that."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from attrs import define

from paystate.core.errors import WrongPlace


@define
class _Around:
    store: object
    is_open: bool = True


_around: ContextVar[_Around | None] = ContextVar("paystate_handler", default=None)
"""Tasks and threads that the handler starts take it along, and see it end."""


@contextmanager
def transaction_open(store: object) -> Generator[None]:
    """Everything that is called inside is called by a handler whose transaction is open.

    Args:
        store: What stands for the database: another one can be written to meanwhile.
    """
    around = _Around(store)
    _around.set(around)
    try:
        yield
    finally:
        around.is_open = False


def refuse_in_handler(store: object) -> None:
    """Raise WrongPlace where a handler asks for a write to `store` while its own transaction there is open."""
    around = _around.get()
    if around is not None and around.is_open and around.store == store:
        raise WrongPlace(
            "a handler cannot let Paystate write while its own transaction is open: that would wait for the handler. "
            "Write what is to be done to a table of yours, and do it after the transaction"
        )
