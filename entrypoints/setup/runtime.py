"""One running Paystate: everything an entry point needs, wired.

`bootstrap` fills it, and `rotation` may replace its merchants.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from attrs import define, evolve, field, frozen

from paystate.core.evidence import WebhookEvent
from paystate.core.ports.notifier import Subscriber
from paystate.core.ports.runtime import Sleep
from paystate.core.signature_failures import SignatureFailure
from paystate.core.use_cases.context import Merchant, Ports
from paystate.entrypoints.setup.credentials import Credentials
from paystate.entrypoints.setup.handlers import Handlers
from paystate.entrypoints.setup.notes.key_uses import KeyUseNotes
from paystate.entrypoints.setup.notes.signature_failures import SignatureFailureNotes
from paystate.entrypoints.setup.own_keys import OwnKey
from paystate.entrypoints.setup.rates import Limits, Rates
from paystate.entrypoints.setup.settings import Settings
from paystate.entrypoints.telemetry.events import NONE
from paystate.entrypoints.telemetry.watch import NOT_WATCHED, Watch


@frozen(kw_only=True)
class Merchants:
    """The merchants of an installation, with their keys and passwords.

    Attributes:
        credentials: Who may speak for each merchant; the same keys as `merchants`.
        own_keys: What each merchant signs and seals with.
    """

    merchants: Mapping[str, Merchant]
    credentials: Mapping[str, Credentials]
    own_keys: Mapping[str, Sequence[OwnKey]] = {}


@define(kw_only=True)
class Runtime:
    """One running Paystate.

    Attributes:
        current: Replaced as a whole while everything runs; whoever has begun something ends it with what it took.
        merchants_from: Makes them from settings, on this installation's connections.
        public_url: Where the outside world reaches this service, without a trailing slash.
        serves_docs: Whether OpenAPI is served; only sensible while Juspay's side is a sandbox.
        workers: Of each worker of this process: whether it works.
        limits: How many requests each caller may make.
        trusted_proxies: How many proxies of our own stand in front, each of which appends to `X-Forwarded-For`.
        hosts: Names by which callers and proxies address this service, beside its public address and its own machine.
        handlers: The merchants' own code in this process that is told.
        key_uses: Notes when API keys are used.
        signature_failures: Counts webhooks and returns that prove nothing; `note_failure` tells it of one.
        waiting_pulls: How many calls of each merchant wait for announcements.
        sleep: How they wait.
        watch: Who is told what is done here; by itself, nobody.
    """

    ports: Ports
    current: Merchants
    merchants_from: Callable[[Settings], Merchants]
    read_webhook: Callable[[bytes], WebhookEvent | None]
    public_url: str
    serves_docs: bool
    workers: list[Callable[[], bool]] = field(factory=list[Callable[[], bool]], init=False)
    limits: Limits = field(factory=lambda: Limits.at(Rates()))
    trusted_proxies: int = 0
    hosts: tuple[str, ...] = ()
    handlers: Handlers = field(factory=Handlers)
    key_uses: KeyUseNotes = field(init=False)
    signature_failures: SignatureFailureNotes = field(init=False)
    waiting_pulls: Counter[str] = field(factory=Counter[str], init=False)
    sleep: Sleep = asyncio.sleep
    watch: Watch = NOT_WATCHED

    def __attrs_post_init__(self) -> None:
        self.key_uses = KeyUseNotes(self.ports)
        self.signature_failures = SignatureFailureNotes(self.ports)

    def note_failure(self, failure: SignatureFailure) -> None:
        """Have a webhook or a return counted that proved nothing. Only those to merchants of ours are stored."""
        is_ours = failure.merchant_id in self.merchants
        self.watch.failed_signature(failure if is_ours else evolve(failure, merchant_id=NONE))
        if is_ours:
            self.signature_failures.note(failure)

    async def finish_notes(self) -> None:
        """Wait until what was noted is written down; the storage may be closed afterwards."""
        await asyncio.gather(self.key_uses.finish(), self.signature_failures.finish())

    def is_working(self) -> bool:
        """Whether a worker of this process works; true where it has none."""
        return not self.workers or any(works() for works in self.workers)

    @property
    def merchants(self) -> Mapping[str, Merchant]:
        """The merchants, by id."""
        return self.current.merchants

    @property
    def credentials(self) -> Mapping[str, Credentials]:
        """Who may speak for each merchant."""
        return self.current.credentials

    def subscribers_of(self, merchant_id: str) -> tuple[Subscriber, ...]:
        """Everybody who is told of a merchant's announcements."""
        return (*self.merchants[merchant_id].subscribers, *self.handlers.of(merchant_id))
