"""Handlers: the merchant's own functions, called inside the transaction in which an announcement is delivered.

An async one runs in the worker's event loop, any other in a thread of its own.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from typing import Any, Final, TypeVar

import msgspec
from attrs import define, field

from paystate.core.announcements.subscription import kinds_wanted
from paystate.core.errors import ValueInvalid, WrongPlace
from paystate.core.ports.notifier import Handler, HandlerFailed, Message, Subscriber
from paystate.entrypoints.interface.views.announcement_models import EventView
from paystate.entrypoints.setup.endpoint_checks import ENDPOINTS_MAX, is_endpoint_name
from paystate.entrypoints.setup.logs import Logger, place_of
from paystate.entrypoints.setup.runtime import Runtime

_log: Final = Logger("paystate.handlers")

HANDLER_TIMEOUT_S: Final = 2
"""What one call of a handler may take. Its transaction has the database's only write lock, and whoever else wants to
write waits for 5 s at most (`SqliteStore`)."""

HandlerFunction = Callable[[EventView, Any], Awaitable[None] | None]
"""`async def ship(event, tx)`, or the same without `async`."""

FunctionT = TypeVar("FunctionT", bound=HandlerFunction)


def registering(
    runtime: Runtime, merchant_ids: Iterable[str], kinds: tuple[str, ...], name: str
) -> Callable[[FunctionT], FunctionT]:
    """A decorator that makes a function a handler of these merchants.

    Raises:
        ValueInvalid: `validation_failed`: the kinds, the name or the number of handlers; nothing is registered.
        WrongPlace: A worker has begun.
    """
    try:
        wanted = kinds_wanted(kinds)
    except ValueError:
        rule = 'names what is never announced; give kinds of announcements, or patterns such as "refund.*"'
        raise ValueInvalid("validation_failed", "/kinds", rule) from None
    if not wanted:
        raise ValueInvalid("validation_failed", "/kinds", 'is empty; name some, such as "order.paid", or "*" for all')

    def register(function: FunctionT) -> FunctionT:
        named = name or getattr(function, "__name__", "")
        of = tuple(merchant_ids)
        _check(runtime, of, named)
        if _yields(function):
            raise ValueInvalid("validation_failed", "", "yields; a handler does its work and returns")
        if not _takes_two(function):
            raise ValueInvalid("validation_failed", "", "must take two arguments, as `def ship(event, tx)` does")
        call = _AsyncCall(function) if inspect.iscoroutinefunction(function) else _ThreadCall(function, named)
        for merchant_id in of:
            handler = Handler(_handling(call, named), is_busy=call.is_busy)
            subscriber = Subscriber(name=named, kinds=wanted, notifier=handler, timeout_s=HANDLER_TIMEOUT_S)
            runtime.handlers.add(merchant_id, subscriber)
        return function

    return register


def _yields(function: HandlerFunction) -> bool:
    """Whether a call would only make a generator, and do nothing; an object is called by its type's `__call__`."""
    called = (function, type(function).__call__)
    return any(inspect.isasyncgenfunction(one) or inspect.isgeneratorfunction(one) for one in called)


def _takes_two(function: HandlerFunction) -> bool:
    try:
        inspect.signature(function, follow_wrapped=False).bind(None, None)
    except TypeError:
        return False
    except (NameError, ValueError):  # a type that is not there while the program runs; a function of C
        return True
    return True


def _check(runtime: Runtime, merchant_ids: Iterable[str], name: str) -> None:
    if runtime.handlers.are_complete:
        raise WrongPlace("a worker has begun; register handlers before that, so that none misses what is announced")
    if not is_endpoint_name(name):
        raise ValueInvalid("validation_failed", "/name", 'is not a name; give name="...", 1 to 32 of a-z 0-9 _ -')
    for merchant_id in merchant_ids:
        if name in {one.name for one in runtime.subscribers_of(merchant_id)}:
            raise ValueInvalid("validation_failed", "/name", f"is {merchant_id}'s already; give each a name of its own")
        if len(runtime.handlers.of(merchant_id)) >= ENDPOINTS_MAX:
            raise ValueInvalid("validation_failed", "", f"are more than {ENDPOINTS_MAX} handlers")


def _handling(call: _AsyncCall | _ThreadCall, name: str) -> Callable[[Message, Any], Awaitable[None]]:
    async def handle(message: Message, transaction: Any) -> None:
        event = msgspec.json.decode(message.body, type=EventView)
        try:
            await _within_its_time(call(event, transaction))
        except _TookTooLong as late:
            raise HandlerFailed(str(late)) from None
        except (Exception, SystemExit, asyncio.CancelledError) as fault:  # it is the merchant's code
            if isinstance(fault, asyncio.CancelledError) and _is_cancelled():
                raise
            _log.warning("handler failed", handler=name, event_id=message.event_id, fault=place_of(fault))
            raise HandlerFailed(f"raised {type(fault).__name__}") from None

    return handle


def _is_cancelled() -> bool:
    """Whether we are, and not something that a handler has waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class _TookTooLong(Exception):
    """A call has used up its time."""

    def __init__(self) -> None:
        super().__init__(f"took longer than {HANDLER_TIMEOUT_S} s")


async def _within_its_time(call: Awaitable[None]) -> None:
    limit = asyncio.timeout(HANDLER_TIMEOUT_S)
    try:
        async with limit:
            await call
    except TimeoutError:  # ours, or one of its own
        if limit.expired():
            raise _TookTooLong from None
        raise


@define
class _AsyncCall:
    _function: Callable[[EventView, Any], Any]

    async def __call__(self, event: EventView, transaction: Any) -> None:
        await self._function(event, transaction)

    def is_busy(self) -> bool:
        """Never: one that takes too long is cancelled."""
        return False


@define
class _ThreadCall:
    """A thread cannot be ended: one that takes too long runs on, without the database, and no second one beside it.

    No program waits for it at its end.
    """

    _function: Callable[[EventView, Any], Any]
    _name: str
    _running: Future[Any] | None = field(default=None, init=False)

    async def __call__(self, event: EventView, transaction: Any) -> None:
        self._running = running = Future[Any]()
        context = copy_context()

        def run() -> None:
            try:
                running.set_result(context.run(self._function, event, transaction))
            except StopIteration:
                running.set_exception(RuntimeError("StopIteration"))  # no future takes that one
            except BaseException as fault:  # noqa: BLE001 - it is raised where the handler is waited for
                running.set_exception(fault)

        Thread(target=run, name=f"paystate-{self._name}", daemon=True).start()
        made = await asyncio.shield(asyncio.wrap_future(running))
        if inspect.isawaitable(made):  # a plain function around an async one, say
            await made

    def is_busy(self) -> bool:
        """Whether a call still runs that took too long."""
        return self._running is not None and not self._running.done()
