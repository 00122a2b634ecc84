"""Paystate for programs that are not async, such as those on Django and Flask: the same methods, without `await`.

There is one implementation: each method here runs the one of `Shop` or `Paystate` that it is made from, in a thread
with an event loop, and waits.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import AsyncExitStack, contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from paystate.core.errors import WrongPlace
from paystate.core.ports.runtime import Clock
from paystate.entrypoints.engine.handlers import FunctionT
from paystate.entrypoints.engine.loop_thread import LoopThread
from paystate.entrypoints.engine.paystate import Paystate, SettingsGiven
from paystate.entrypoints.engine.shop import Shop

P = ParamSpec("P")
T = TypeVar("T")


def _waited(
    method: Callable[Concatenate[Shop, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[BlockingShop, P], T]:
    @wraps(method)
    def call(shop: BlockingShop, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return shop.wait_for(method(shop.twin, *args, **kwargs))

    call.__qualname__ = f"BlockingShop.{method.__name__}"
    return call


class BlockingShop:
    """`Shop`, blocking: the same methods, arguments, answers and errors; threads may share it.

    Attributes:
        twin: The one that does the work.
        wait_for: Runs what it does.
    """

    def __init__(self, twin: Shop, loop: LoopThread) -> None:
        """The twin of `twin`, which lives in `loop`."""
        self.twin = twin
        self._loop = loop

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for one call of the twin; raises WrongPlace where that cannot work."""
        return self._loop.run(work)

    @property
    def merchant_id(self) -> str:
        """The merchant."""
        return self.twin.merchant_id

    def prefetch_payload(self) -> Mapping[str, Any]:
        """A JSON object for the SDK's preFetch; nothing in it is secret."""
        return self.twin.prefetch_payload()

    def on(self, *kinds: str, name: str = "") -> Callable[[FunctionT], FunctionT]:
        """As `Shop.on`."""
        return self.twin.on(*kinds, name=name)

    open_order = _waited(Shop.open_order)
    order = _waited(Shop.order)
    orders = _waited(Shop.orders)
    look = _waited(Shop.look)
    amend = _waited(Shop.amend)
    cancel = _waited(Shop.cancel)
    cash = _waited(Shop.cash)
    timeline = _waited(Shop.timeline)
    explain = _waited(Shop.explain)
    refund = _waited(Shop.refund)
    capture = _waited(Shop.capture)
    void = _waited(Shop.void)
    review = _waited(Shop.review)
    under_review = _waited(Shop.under_review)
    settle = _waited(Shop.settle)
    start_checkout = _waited(Shop.start_checkout)
    renew_checkout = _waited(Shop.renew_checkout)
    checkout = _waited(Shop.checkout)
    sign_process = _waited(Shop.sign_process)
    resume_payment = _waited(Shop.resume_payment)
    sdk_event = _waited(Shop.sdk_event)
    terminate = _waited(Shop.terminate)
    result = _waited(Shop.result)
    receive_webhook = _waited(Shop.receive_webhook)
    handle_return = _waited(Shop.handle_return)


class BlockingPaystate:
    """`Paystate`, blocking. Under a server that forks, open it in each process after the fork.

    Threads may share it. It has one thread, which lets the program end without `close`: what was answered is on disk.
    """

    def __init__(self, twin: Paystate, loop: LoopThread) -> None:
        """The twin of `twin`, which lives in `loop`; `open` makes both."""
        self._twin = twin
        self._loop = loop

    @classmethod
    def open(cls, settings: SettingsGiven, *, clock: Clock | None = None) -> Self:
        """Open the database and the connections; a context manager closes them, and so does `close`.

        Raises:
            SettingsInvalid, KeyInvalid, StorageUnavailable: As `Paystate.open`.
            WrongPlace: In async code.
        """

        async def opened() -> Paystate:
            return await Paystate.open(settings, clock=clock)

        loop = LoopThread()
        try:
            return cls(loop.run(opened()), loop)
        except BaseException:
            loop.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close everything. Closing twice is harmless."""
        try:
            self._loop.run(self._twin.close())
        except WrongPlace:
            return  # it is another process's, or closed
        self._loop.stop()

    @property
    def merchant_ids(self) -> tuple[str, ...]:
        """The merchants of the settings."""
        return self._twin.merchant_ids

    def merchant(self, merchant_id: str) -> BlockingShop:
        """One merchant, by the name of its table in the settings; raises UnknownId."""
        return BlockingShop(self._twin.merchant(merchant_id), self._loop)

    def on(self, *kinds: str, name: str = "") -> Callable[[FunctionT], FunctionT]:
        """As `Paystate.on`: a plain `def` runs in a thread of its own, where the blocking methods that read work."""
        return self._twin.on(*kinds, name=name)

    @contextmanager
    def worker(self) -> Generator[None]:
        """As `Paystate.worker`: work while the block runs, in the thread that is there already."""
        working = AsyncExitStack()
        self._loop.run(working.enter_async_context(self._twin.worker()))
        try:
            yield
        finally:
            self._loop.run(working.aclose())

    def work_once(self) -> int:
        """As `Paystate.work_once`."""
        return self._loop.run(self._twin.work_once())
