"""The port to storage: orders, checkouts, webhooks that came in, and announcements (`outbox`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from attrs import field, frozen

from paystate.core.checkouts.checkout import Checkout, CheckoutDecisionResult, CheckoutFact
from paystate.core.finding.filters import EVERY_ORDER, Filter, FoundOrders
from paystate.core.heartbeats import Heartbeat
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.key_uses import KeyUses
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import Fact
from paystate.core.orders.order import Order
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.pace import Pace
from paystate.core.policy import DEFAULT
from paystate.core.ports.backlog import Backlogs
from paystate.core.ports.console import ConsoleDesk
from paystate.core.ports.day_book import DayBook
from paystate.core.ports.outbox import Outbox
from paystate.core.ports.settlements import Settlements
from paystate.core.retention import Quota, Retention, Swept
from paystate.core.signature_failures import FailuresTold, HourOfFailures

T = TypeVar("T")

DEFAULT_QUOTA: Final = Quota()


@frozen(kw_only=True)
class JournalEntry:
    """One journal row.

    Attributes:
        version: The order's version after it, from 1.
    """

    version: int
    fact: Fact


class InboxVerdict(StrEnum):
    """What became of a webhook."""

    WAITING = ""
    """The worker has still to settle it."""
    LOOKED = "looked"
    """It has made its order due."""
    UNREADABLE = "unreadable"
    """Its body is no JSON object."""
    NO_ORDER = "no_order"
    """Its body names no order."""
    OTHER_MERCHANT = "other_merchant"
    """It is about an order of another merchant."""
    UNKNOWN_ORDER = "unknown_order"
    """It is quarantined until its order is opened."""
    NOT_FOLLOWED = "not_followed"
    """The program failed at it each time, be it by a fault of its own or by a record of the order that is damaged."""

    @property
    def is_quarantine(self) -> bool:
        """Whether a webhook with it could not be followed."""
        return self not in (InboxVerdict.WAITING, InboxVerdict.LOOKED)


@frozen
class ReceivedWebhook:
    """One webhook that came and was authenticated.

    Attributes:
        event_id: Juspay's; None or `""` where it has none.
        event_name: What the body claims to be called: printable, 64 characters at most, or `""`.
        order_key: The order of this merchant that the body names, in lower case; None where it names none.
        claims: What the body claims about that order; None where the worker has to read it.
        verdict: With one, the webhook is quarantined as it comes.
    """

    merchant_id: str
    event_id: str | None
    body: bytes = field(repr=False)
    received_at: datetime
    event_name: str = ""
    order_key: str | None = None
    claims: NoteWebhook | None = None
    verdict: InboxVerdict = InboxVerdict.WAITING


@frozen(kw_only=True)
class InboxRow:
    """One webhook as it is kept, or all those of one order that came when it had too many.

    Attributes:
        id: Ours, ascending in order of arrival.
        event_id: Juspay's, or `sha256:` and the body's digest where it has none.
        event_name: See `ReceivedWebhook`.
        order_key: See `ReceivedWebhook`.
        claims: See `ReceivedWebhook`; only told of a webhook that is taken, as there may be many.
        digest: SHA-256 of the body, in hex; empty in a row that counts a flood.
        body: The newest one of a flood; empty in an order's list, and where it is dropped.
        body_bytes: How long it was as it came.
        is_body_dropped: It is no longer kept; `core.retention` says when.
        repeats: How often the same body came again; of a flood, how many more webhooks came.
        conflicts: Another body was received under the same event id.
        verdict: What became of it.
    """

    id: int
    merchant_id: str
    event_id: str
    event_name: str = ""
    order_key: str | None = None
    claims: NoteWebhook | None = None
    digest: str
    body: bytes = field(repr=False)
    body_bytes: int = 0
    is_body_dropped: bool = False
    received_at: datetime
    repeats: int = 0
    conflicts: bool = False
    verdict: InboxVerdict = InboxVerdict.WAITING

    @property
    def is_quarantined(self) -> bool:
        """Whether it could not be followed."""
        return self.verdict.is_quarantine

    @property
    def is_flood(self) -> bool:
        """Whether it counts the webhooks of its order that came after those which are kept one by one."""
        return not self.digest


@frozen
class ClaimConflict:
    """A name that a decision claimed belongs to another order already."""

    name: str
    order_id: str


class Orders(Protocol):
    """Orders with their journals, and when each is to be looked at."""

    async def transact(
        self, key: OrderKey, fn: Callable[[Order | None], DecisionResult]
    ) -> DecisionResult | ClaimConflict:
        """Run `fn` on the order under its row's lock and commit what it decides, all or nothing.

        `fn` is pure and sync and may run twice. Snapshot, journal row, outbox rows, claims and schedule commit
        together; a decision without a fact writes the schedule only. An exception of `fn` is raised here and harms
        nobody else. With a fact that the customer is forgotten, they also go from the older rows of the journal and
        from what the order is found by, and so do the bodies of its webhooks.
        """
        ...

    async def load(self, key: OrderKey) -> Order | None:
        """The newest committed snapshot of an order."""
        ...

    async def journal(self, key: OrderKey) -> Sequence[JournalEntry]:
        """All journal rows of an order, oldest first."""
        ...

    async def find(
        self, merchant_id: str, which: Filter = EVERY_ORDER, *, after: str = "", limit: int = 50
    ) -> FoundOrders:
        """A page of the merchant's orders that fit, the newest first.

        With `Filter.changed_since` the one that changed longest ago comes first, so that whoever goes on from the last
        page misses no later change.

        Args:
            after: The `next` of the page before. After an order that is not there comes nothing.
        """
        ...

    async def find_word(self, merchant_id: str, word: str, *, limit: int = 50) -> Sequence[Order]:
        """The merchant's orders on which `word` stands as a name of any kind, or whose id begins with it.

        Where there is none of them: those of the newest `PARTS_AMONG` whose id holds it. Newest first.
        """
        ...

    async def schedule(self, key: OrderKey) -> Schedule:
        """The order's schedule; an empty one for an order that is not there."""
        ...

    async def reschedule(
        self, key: OrderKey, fn: Callable[[Schedule], tuple[Schedule, bool]], *, consumes: int | None = None
    ) -> bool | None:
        """Change an order's schedule under its row's lock; touches neither snapshot nor journal.

        Args:
            fn: Pure and sync, may run twice; its second result is returned.
            consumes: An inbox row that is settled by this, in the same commit, with the verdict `InboxVerdict.LOOKED`.
                Where another worker has settled it meanwhile, nothing is changed.

        Returns:
            None when there is no such order; then nothing is changed and nothing consumed.
        """
        ...

    async def due(
        self, now: datetime, *, urgent: bool, without: Collection[str] = (), limit: int = 100
    ) -> Sequence[OrderKey]:
        """Orders whose schedule is due, the longest overdue first; last those that a clock planned that was ahead.

        Those of a merchant who may make no call to Juspay before `Pace.free_at` are left out, and stay due.

        Args:
            urgent: Those that somebody waits for, or else all others.
            without: Merchants whose orders are left out.
        """
        ...


class Checkouts(Protocol):
    """Checkouts with their journals."""

    async def transact_checkout(
        self, key: CheckoutKey, fn: Callable[[Checkout | None], CheckoutDecisionResult]
    ) -> CheckoutDecisionResult:
        """As `Orders.transact`, for a checkout: without outbox, claims and schedule."""
        ...

    async def load_checkout(self, key: CheckoutKey) -> Checkout | None:
        """The newest committed snapshot of a checkout."""
        ...

    async def checkout_journal(self, key: CheckoutKey) -> Sequence[CheckoutFact]:
        """All journal rows of a checkout, oldest first."""
        ...

    async def checkouts_of(self, key: OrderKey) -> Sequence[Checkout]:
        """The checkouts in which an order's process payload was signed last."""
        ...

    async def checkouts_of_customer(
        self, merchant_id: str, customer_id: str, *, after: str = ""
    ) -> tuple[Sequence[Checkout], str]:
        """Checkouts of a customer, and the `after` of the next page, which is `""` on the last one.

        No index leads to them: each page goes through a bounded number of checkouts, and may find none.
        """
        ...


class Inbox(Protocol):
    """Webhooks as they came, and what became of each."""

    async def append_inbox(
        self, webhook: ReceivedWebhook, *, most: int = DEFAULT.webhooks_max, quota: Quota = DEFAULT_QUOTA
    ) -> bool:
        """Take a webhook durably; returns whether it got a row of its own.

        The same body under the same id is counted. A new body of an order that has `most` rows goes into the order's
        one row for a flood, which counts it, keeps the newest and waits again. If it is quarantined as it comes, the
        same commit brings the quarantine back within `quota`: the oldest bodies are dropped, the oldest webhooks
        deleted.
        """
        ...

    async def take_inbox(self, *, limit: int = 100) -> Sequence[InboxRow]:
        """Webhooks that wait, oldest first, of each merchant an equal share of `limit` at most.

        Taking changes nothing; the same row taken twice is settled once.
        """
        ...

    async def reread_inbox(
        self, row_id: int, *, event_name: str, order_key: str | None, claims: NoteWebhook | None
    ) -> None:
        """Keep what the body of a webhook that waits was found to say, in place of what was kept before."""
        ...

    async def end_inbox(self, row_id: int, verdict: InboxVerdict, *, quota: Quota = DEFAULT_QUOTA) -> None:
        """Settle a webhook with a verdict; no effect when it has one. `quota` is kept as in `append_inbox`.

        `UNKNOWN_ORDER` has none either when the order is there by now; the commit that opens an order makes those that
        were quarantined so wait again.
        """
        ...

    async def requeue_inbox(self, merchant_id: str, row_id: int) -> bool:
        """Make a webhook wait again, whatever its verdict; returns False when the merchant has no such row.

        Its claims are forgotten, so that its body is read again. If its body is dropped, its claims stay, and one that
        names no order cannot wait: that is False as well.
        """
        ...

    async def inbox_merchants(self) -> Sequence[str]:
        """Of whom there are webhooks, also of merchants who are not set up any more; in the order of their ids."""
        ...

    async def sweep_inbox(self, merchant_id: str, retention: Retention) -> Swept:
        """Take away one small batch of what `retention` does not leave; returns an empty `Swept` when all is done."""
        ...

    async def sweepable_inbox(self, merchant_id: str, retention: Retention) -> Swept:
        """What `sweep_inbox` would delete and drop in all its batches; changes nothing."""
        ...

    async def inbox(
        self,
        merchant_id: str,
        *,
        order_id: str = "",
        quarantined: bool = False,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[InboxRow]:
        """A merchant's webhooks, newest first.

        Args:
            order_id: Only those that name this order.
            quarantined: Only those that could not be followed.
            before: The row id that ended the page before.
        """
        ...

    async def inbox_row(self, merchant_id: str, row_id: int) -> InboxRow | None:
        """One webhook of the merchant's."""
        ...

    async def webhooks_of(self, key: OrderKey, *, limit: int = 1000) -> Sequence[InboxRow]:
        """The webhooks that name an order, opened or not, oldest first and without their bodies."""
        ...


class ApiKeyUses(Protocol):
    """When the API keys of merchants' backends were used. The keys themselves are in the settings."""

    async def note_key_use(self, merchant_id: str, key_id: str, at: datetime) -> None:
        """Keep when a key was used; writes nothing where that `is_worth_noting` no more."""
        ...

    async def key_uses(self, merchant_id: str) -> KeyUses:
        """What is known of the uses of a merchant's keys."""
        ...


class SignatureFailures(Protocol):
    """How often webhooks and returns came that proved nothing. It is told to people; nothing decides by it."""

    async def add_failures(self, counted: Collection[HourOfFailures], now: datetime) -> None:
        """Add what a process has counted to what all have, and forget hours from before `kept_since(now)`.

        Args:
            counted: A kind comes once for each hour.
        """
        ...

    async def failures(self, now: datetime) -> Sequence[FailuresTold]:
        """Each kind of failure of the hours that are kept, of all merchants, sorted by its members."""
        ...


class Heartbeats(Protocol):
    """What the workers of all processes leave, for whoever asks whether one works."""

    async def leave_heartbeat(self, beat: Heartbeat) -> None:
        """Keep a worker's newest heartbeat in place of the one before, and forget those that are `forgotten` by it."""
        ...

    async def heartbeats(self) -> Sequence[Heartbeat]:
        """The last heartbeat of each worker that is remembered, in any order."""
        ...


class Store(
    Orders,
    DayBook,
    Checkouts,
    Inbox,
    Outbox,
    Settlements,
    ApiKeyUses,
    SignatureFailures,
    Heartbeats,
    Backlogs,
    ConsoleDesk,
    Protocol,
):
    """Durable state of all merchants. Every write is committed and synced before its method returns.

    One store holds all parts, because a decision on an order commits what it changes in several of them together.
    Every method, of each part, may raise StorageUnavailable: nothing was stored.
    """

    async def pace(self, merchant_id: str, fn: Callable[[Pace], tuple[Pace, T]]) -> T:
        """Change the pace of a merchant's calls under its row's lock; an empty one to begin with.

        Args:
            fn: Pure and sync, may run twice; its second result is returned.
        """
        ...

    async def changes(self) -> Hashable:
        """Something that is another one as soon as any process has committed what a worker may look for.

        It is asked many times a second, and costs next to nothing.
        """
        ...

    async def ping(self) -> None:
        """Raise StorageUnavailable unless a write could be done now."""
        ...
