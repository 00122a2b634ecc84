"""The `Store` in memory: for tests, demos and trying things out. Everything is gone with the process.

Snapshots and journal rows are kept in their stored form, so what comes out went through it, as from a file. Everything
runs on the event loop between two awaits, which makes each method all or nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import count, islice
from typing import TypeVar

from attrs import define, evolve, field

from paystate.adapters.storage import memory_backlog, memory_finding, memory_forgetting
from paystate.adapters.storage.checks import check_checkout, check_order, flood_event_id, kept
from paystate.adapters.storage.codec import (
    decoded_checkout,
    decoded_checkout_fact,
    decoded_fact,
    decoded_order,
    encoded,
)
from paystate.adapters.storage.handling import refuse_in_handler
from paystate.adapters.storage.memory_console import MemoryConsole
from paystate.adapters.storage.memory_finding import OrderRow
from paystate.adapters.storage.memory_operations import MemoryOperations
from paystate.adapters.storage.memory_outbox import MemoryOutbox
from paystate.adapters.storage.memory_settlements import MemorySettlements
from paystate.core.checkouts.checkout import FORGET, Checkout, CheckoutDecisionResult, CheckoutFact
from paystate.core.finding.day import DayRows, MovedRow
from paystate.core.finding.filters import EVERY_ORDER, Filter, FoundOrders
from paystate.core.finding.index_entry import index_entry
from paystate.core.finding.movements import movements
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import Decision, Fact, FactKind, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.timing.schedule import Schedule, is_due, is_urgent, planned
from paystate.core.pace import Pace, may_call
from paystate.core.policy import DEFAULT
from paystate.core.ports.backlog import MerchantBacklog
from paystate.core.ports.store import (
    DEFAULT_QUOTA,
    ClaimConflict,
    InboxRow,
    InboxVerdict,
    JournalEntry,
    ReceivedWebhook,
)
from paystate.core.retention import (
    BATCH_MAX,
    CLAIMS_CHARS_MAX,
    DROPS_PER_NEWCOMER,
    Quarantine,
    Quota,
    Retention,
    StoredBody,
    Swept,
    batch,
    bodies_over,
    webhooks_over,
    would_leave_quarantine,
)

T = TypeVar("T")

Name = tuple[str, str]
"""A merchant's id and something of theirs: an order id in lower case, a checkout id, a claim."""


@define
class _CheckoutRow:
    snapshot: str
    order_key: str
    journal: list[str] = field(factory=list[str])


class MemoryStore(MemoryOutbox, MemorySettlements, MemoryConsole, MemoryOperations):
    """A store without a file; used from one event loop."""

    def __init__(self) -> None:
        MemoryOutbox.__init__(self, lambda key: _name(key) in self._orders)
        MemorySettlements.__init__(self)
        MemoryConsole.__init__(self)
        MemoryOperations.__init__(self)
        self._orders: dict[Name, OrderRow] = {}
        self._checkouts: dict[Name, _CheckoutRow] = {}
        self._claims: dict[Name, Name] = {}
        self._inbox: dict[int, InboxRow] = {}
        self._paces: dict[str, Pace] = {}
        self._order_ids = count(1)
        self._changes = 0

    async def transact(
        self, key: OrderKey, fn: Callable[[Order | None], DecisionResult]
    ) -> DecisionResult | ClaimConflict:
        """See `Store.transact`."""
        refuse_in_handler(self)
        self._changes += 1
        row = self._orders.get(_name(key))
        before = decoded_order(row.snapshot) if row else None
        decided = fn(before)
        if isinstance(decided, Refused):
            return decided
        schedule = planned(row.schedule if row else Schedule(), decided)
        if decided.fact is None:
            if row:
                row.schedule = schedule
            return decided
        check_order(key, before.version if before else 0, decided.after)
        if taken := self._taken(key, decided.claims):
            return taken
        self._write(key, before, decided, decided.fact, schedule)
        if before is not None and decided.fact.kind is FactKind.CUSTOMER_FORGOTTEN:
            memory_forgetting.erase_order(self._orders[_name(key)], before)
            self._forget_in_proposals(key, before.opened.customer)
            self._inbox |= {one.id: memory_forgetting.without_body(one) for one in self._of_order(_name(key))}
        return decided

    def _taken(self, key: OrderKey, names: Sequence[str]) -> ClaimConflict | None:
        for name in names:
            owner = self._claims.get((key.merchant_id, name))
            if owner and owner != _name(key):
                return ClaimConflict(name, self._orders[owner].order_id)
        return None

    def _write(
        self, key: OrderKey, before: Order | None, decision: Decision[Order, Fact], fact: Fact, schedule: Schedule
    ) -> None:
        name, after = _name(key), decision.after
        snapshot, entry = encoded(after), encoded(fact)  # before anything changes: they may raise
        moved = [
            MovedRow(order_id=after.opened.order_id, at=fact.at, movement=one, currency=after.amount.currency)
            for one in movements(before, after)
        ]
        row = self._orders.get(name)
        if row is None:
            named = (next(self._order_ids), after.opened.order_id, after.created_at)
            row = OrderRow(*named, snapshot, schedule, index_entry(after))
            self._orders[name] = row
            for early in self._of_order(name):
                if early.verdict == InboxVerdict.UNKNOWN_ORDER:
                    self._inbox[early.id] = evolve(early, verdict=InboxVerdict.WAITING)
        row.snapshot, row.schedule, row.entry = snapshot, schedule, row.entry.followed_by(index_entry(after))
        row.journal.append(entry)
        row.moved += moved
        for claim in decision.claims:
            self._claims[key.merchant_id, claim] = name
        for effect in decision.effects:
            self._announce(OrderKey(key.merchant_id, row.order_id), after.version, fact.at, effect)

    async def transact_checkout(
        self, key: CheckoutKey, fn: Callable[[Checkout | None], CheckoutDecisionResult]
    ) -> CheckoutDecisionResult:
        """See `Store.transact_checkout`."""
        refuse_in_handler(self)
        name = (key.merchant_id, key.checkout_id)
        row = self._checkouts.get(name)
        before = decoded_checkout(row.snapshot) if row else None
        decided = fn(before)
        if isinstance(decided, Refused) or decided.fact is None:
            return decided
        check_checkout(key, before.version if before else 0, decided.after)
        snapshot, entry = encoded(decided.after), encoded(decided.fact)
        row = self._checkouts.setdefault(name, _CheckoutRow(snapshot, ""))
        row.snapshot, row.order_key = snapshot, decided.after.order_id.lower()
        row.journal.append(entry)
        if decided.fact.kind == FORGET:
            memory_forgetting.erase_checkout(row.journal)
        return decided

    async def load(self, key: OrderKey) -> Order | None:
        """See `Store.load`."""
        order = self._orders.get(_name(key))
        return decoded_order(order.snapshot) if order else None

    async def load_checkout(self, key: CheckoutKey) -> Checkout | None:
        """See `Store.load_checkout`."""
        checkout = self._checkouts.get((key.merchant_id, key.checkout_id))
        return decoded_checkout(checkout.snapshot) if checkout else None

    async def find(
        self, merchant_id: str, which: Filter = EVERY_ORDER, *, after: str = "", limit: int = 50
    ) -> FoundOrders:
        """See `Store.find`."""
        return memory_finding.page(self._of_merchant(merchant_id), which, after, limit)

    async def find_word(self, merchant_id: str, word: str, *, limit: int = 50) -> Sequence[Order]:
        """See `Store.find_word`."""
        return memory_finding.with_word(self._of_merchant(merchant_id).values(), word, limit)

    async def day(
        self, merchant_id: str, opened_from: datetime, moved_from: datetime, before: datetime, *, limit: int
    ) -> DayRows:
        """See `Store.day`."""
        rows = self._of_merchant(merchant_id).values()
        return memory_finding.day(rows, opened_from, moved_from, before, limit)

    async def moved_before(self, merchant_id: str, order_ids: Collection[str], before: datetime) -> Sequence[MovedRow]:
        """See `Store.moved_before`."""
        keys, rows = {order_id.lower() for order_id in order_ids}, self._of_merchant(merchant_id)
        return [one for key in keys & rows.keys() for one in rows[key].moved if one.at < before]

    async def waiting_refunds(self, merchant_id: str, since_before: datetime, *, limit: int = 100) -> Sequence[Order]:
        """See `Store.waiting_refunds`."""
        return memory_finding.waiting_refunds(self._of_merchant(merchant_id).values(), since_before, limit)

    def _of_merchant(self, merchant_id: str) -> Mapping[str, OrderRow]:
        return {key: row for (merchant, key), row in self._orders.items() if merchant == merchant_id}

    async def journal(self, key: OrderKey) -> Sequence[JournalEntry]:
        """See `Store.journal`."""
        row = self._orders.get(_name(key))
        facts = row.journal if row else []
        return [JournalEntry(version=version, fact=decoded_fact(text)) for version, text in enumerate(facts, 1)]

    async def checkout_journal(self, key: CheckoutKey) -> Sequence[CheckoutFact]:
        """See `Store.checkout_journal`."""
        row = self._checkouts.get((key.merchant_id, key.checkout_id))
        return [decoded_checkout_fact(text) for text in row.journal] if row else []

    async def checkouts_of(self, key: OrderKey) -> Sequence[Checkout]:
        """See `Store.checkouts_of`; the oldest checkout first."""
        return [
            decoded_checkout(row.snapshot)
            for (merchant_id, _), row in self._checkouts.items()
            if (merchant_id, row.order_key) == _name(key)
        ]

    async def checkouts_of_customer(
        self, merchant_id: str, customer_id: str, *, after: str = ""
    ) -> tuple[Sequence[Checkout], str]:
        """See `Store.checkouts_of_customer`; all on one page."""
        every = [decoded_checkout(row.snapshot) for (of, _), row in self._checkouts.items() if of == merchant_id]
        found = (one for one in every if one.opened.customer_id == customer_id and one.key.checkout_id > after)
        return sorted(found, key=lambda one: one.key.checkout_id), ""

    async def schedule(self, key: OrderKey) -> Schedule:
        """See `Store.schedule`."""
        row = self._orders.get(_name(key))
        return row.schedule if row else Schedule()

    async def reschedule(
        self, key: OrderKey, fn: Callable[[Schedule], tuple[Schedule, bool]], *, consumes: int | None = None
    ) -> bool | None:
        """See `Store.reschedule`."""
        self._changes += 1
        row = self._orders.get(_name(key))
        if row is None:
            return None
        schedule, result = fn(row.schedule)
        if consumes is not None:
            if self._inbox[consumes].verdict:
                return result
            await self.end_inbox(consumes, InboxVerdict.LOOKED)
        row.schedule = schedule
        return result

    async def due(
        self, now: datetime, *, urgent: bool, without: Collection[str] = (), limit: int = 100
    ) -> Sequence[OrderKey]:
        """See `Store.due`."""
        found = sorted(
            (*_rank(row.schedule, now), row.id, OrderKey(merchant_id, row.order_id))
            for (merchant_id, _), row in self._orders.items()
            if is_due(row.schedule, now)
            and is_urgent(row.schedule, now) == urgent
            and merchant_id not in without
            and may_call(self._paces.get(merchant_id, Pace()), now)
        )
        return [key for *_, key in found[:limit]]

    async def pace(self, merchant_id: str, fn: Callable[[Pace], tuple[Pace, T]]) -> T:
        """See `Store.pace`."""
        self._paces[merchant_id], result = fn(self._paces.get(merchant_id, Pace()))
        return result

    async def append_inbox(
        self, webhook: ReceivedWebhook, *, most: int = DEFAULT.webhooks_max, quota: Quota = DEFAULT_QUOTA
    ) -> bool:
        """See `Store.append_inbox`; an empty event id counts as none."""
        self._changes += 1
        new = kept(webhook)
        same_id = self._named(new)
        for row in same_id:
            if row.digest == new.digest:
                self._inbox[row.id] = evolve(row, repeats=row.repeats + 1)
                return False
        for row in same_id:
            self._inbox[row.id] = evolve(row, conflicts=True)
        is_flood = bool(new.order_key) and len(self._of_order((new.merchant_id, new.order_key))) >= most
        row_id = self._count_flood(new) if is_flood else self._keep(evolve(new, conflicts=bool(same_id)))
        self._keep_quota(quota, row_id)
        return not is_flood

    def _named(self, new: InboxRow) -> list[InboxRow]:
        name = (new.merchant_id, new.event_id)
        return [row for row in self._inbox.values() if (row.merchant_id, row.event_id) == name]

    def _of_order(self, name: tuple[str, str | None]) -> list[InboxRow]:
        return [row for row in self._inbox.values() if (row.merchant_id, row.order_key) == name]

    def _count_flood(self, new: InboxRow) -> int:
        new = evolve(new, event_id=flood_event_id(new.order_key or ""), digest="")
        for row in self._named(new):
            if row.is_flood:
                self._inbox[row.id] = evolve(new, id=row.id, repeats=row.repeats + 1, conflicts=row.conflicts)
                return row.id
        return self._keep(new)

    def _keep(self, new: InboxRow) -> int:
        row_id = next(reversed(self._inbox), 0) + 1  # as SQLite counts: an id that was the last and is gone comes again
        self._inbox[row_id] = evolve(new, id=row_id)
        return row_id

    def _keep_quota(self, quota: Quota, newcomer: int) -> None:
        row = self._inbox[newcomer]
        if row.is_quarantined:
            quarantined = self._quarantined(row.merchant_id)
            self._delete(quarantined[: webhooks_over(_sum(quarantined), quota, most=DROPS_PER_NEWCOMER)])
            quarantined = self._quarantined(row.merchant_id)
            self._drop(bodies_over(_sum(quarantined), quota, _bodies(quarantined), _body(row)))

    def _quarantined(self, merchant_id: str) -> list[InboxRow]:
        return [row for row in self._inbox.values() if row.merchant_id == merchant_id and row.is_quarantined]

    def _delete(self, rows: Sequence[InboxRow]) -> Swept:
        for row in rows:
            del self._inbox[row.id]
        return Swept(webhooks=len(rows), body_bytes=sum(len(row.body) for row in rows))

    def _drop(self, bodies: Sequence[StoredBody]) -> Swept:
        for row in (self._inbox[body.row_id] for body in bodies if body.row_id in self._inbox):
            is_short = row.claims is not None and len(encoded(row.claims)) <= CLAIMS_CHARS_MAX
            claims = row.claims if is_short else None
            self._inbox[row.id] = evolve(row, body=b"", is_body_dropped=True, claims=claims)
        return Swept(bodies=len(bodies), body_bytes=sum(body.size_bytes for body in bodies))

    async def take_inbox(self, *, limit: int = 100) -> Sequence[InboxRow]:
        """See `Store.take_inbox`."""
        waiting = [row for row in self._inbox.values() if not row.verdict]
        share = max(1, limit // max(1, len({row.merchant_id for row in waiting})))
        taken: Counter[str] = Counter()
        found: list[InboxRow] = []
        for row in waiting:
            taken[row.merchant_id] += 1
            if taken[row.merchant_id] <= share:
                found.append(row)
        return found[:limit]

    async def reread_inbox(
        self, row_id: int, *, event_name: str, order_key: str | None, claims: NoteWebhook | None
    ) -> None:
        """See `Store.reread_inbox`."""
        row = self._inbox.get(row_id)
        if row is not None and not row.verdict:
            self._inbox[row_id] = evolve(row, event_name=event_name, order_key=order_key, claims=claims)

    async def end_inbox(self, row_id: int, verdict: InboxVerdict, *, quota: Quota = DEFAULT_QUOTA) -> None:
        """See `Store.end_inbox`."""
        row = self._inbox.get(row_id)
        if row is None or row.verdict:
            return
        if verdict == InboxVerdict.UNKNOWN_ORDER and (row.merchant_id, row.order_key) in self._orders:
            return
        self._inbox[row_id] = evolve(row, verdict=verdict)
        self._keep_quota(quota, row_id)

    async def requeue_inbox(self, merchant_id: str, row_id: int) -> bool:
        """See `Store.requeue_inbox`."""
        self._changes += 1
        row = self._inbox.get(row_id)
        if row is None or row.merchant_id != merchant_id or (row.is_body_dropped and row.order_key is None):
            return False
        claims = row.claims if row.is_body_dropped else None
        self._inbox[row_id] = evolve(row, verdict=InboxVerdict.WAITING, claims=claims)
        return True

    async def inbox_merchants(self) -> Sequence[str]:
        """See `Store.inbox_merchants`."""
        return sorted({row.merchant_id for row in self._inbox.values()})

    async def sweep_inbox(self, merchant_id: str, retention: Retention) -> Swept:
        """See `Store.sweep_inbox`."""
        quarantined = self._quarantined(merchant_id)
        late = sorted((row for row in quarantined if row.received_at < retention.quarantined_since), key=_came)
        over = webhooks_over(_sum(quarantined), retention.quota, most=BATCH_MAX)
        if gone := batch(map(_body, late or quarantined[:over])):
            return self._delete([self._inbox[one.row_id] for one in gone])
        if bodies := batch(bodies_over(_sum(quarantined), retention.quota, _bodies(quarantined))):
            return self._drop(bodies)
        return self._drop(batch(_bodies(sorted(self._old(merchant_id, retention), key=_came))))

    async def sweepable_inbox(self, merchant_id: str, retention: Retention) -> Swept:
        """See `Store.sweepable_inbox`."""
        quarantined = [(row.received_at, len(row.body)) for row in self._quarantined(merchant_id)]
        old = _bodies(self._old(merchant_id, retention))
        dropped = Swept(bodies=len(old), body_bytes=sum(body.size_bytes for body in old))
        return would_leave_quarantine(retention, quarantined) + dropped

    def _old(self, merchant_id: str, retention: Retention) -> list[InboxRow]:
        return [
            row
            for row in self._inbox.values()
            if row.merchant_id == merchant_id
            and row.verdict == InboxVerdict.LOOKED
            and row.received_at < retention.bodies_since
        ]

    async def inbox(
        self,
        merchant_id: str,
        *,
        order_id: str = "",
        quarantined: bool = False,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[InboxRow]:
        """See `Store.inbox`."""
        found = (
            row
            for row in reversed(self._inbox.values())
            if row.merchant_id == merchant_id
            and (not order_id or row.order_key == order_id.lower())
            and (not quarantined or row.is_quarantined)
            and (before is None or row.id < before)
        )
        return [evolve(row, claims=None) for row in islice(found, limit)]

    async def inbox_row(self, merchant_id: str, row_id: int) -> InboxRow | None:
        """See `Store.inbox_row`."""
        row = self._inbox.get(row_id)
        return evolve(row, claims=None) if row and row.merchant_id == merchant_id else None

    async def webhooks_of(self, key: OrderKey, *, limit: int = 1000) -> Sequence[InboxRow]:
        """See `Store.webhooks_of`."""
        return [evolve(row, body=b"", claims=None) for row in self._of_order(_name(key))[:limit]]

    async def backlog(self, merchant_ids: Collection[str], now: datetime) -> Sequence[MerchantBacklog]:
        """See `Backlogs.backlog`."""
        inbox = self._inbox.values()
        return [memory_backlog.of_merchant(one, self._of_merchant(one).values(), inbox, now) for one in merchant_ids]

    def connection_use(self) -> None:
        """See `Backlogs.connection_use`; memory needs none."""

    async def changes(self) -> int:
        """See `Store.changes`."""
        return self._changes

    async def ping(self) -> None:
        """See `Store.ping`; memory can always be written."""


def _name(key: OrderKey) -> Name:
    return key.merchant_id, key.folded


def _body(row: InboxRow) -> StoredBody:
    return StoredBody(row.id, len(row.body))


def _bodies(rows: Sequence[InboxRow]) -> list[StoredBody]:
    """The bodies that are still kept."""
    return [_body(row) for row in rows if row.body]


def _sum(rows: Sequence[InboxRow]) -> Quarantine:
    return Quarantine(len(rows), sum(len(row.body) for row in rows))


def _came(row: InboxRow) -> tuple[datetime, int]:
    return row.received_at, row.id


def _rank(schedule: Schedule, now: datetime) -> tuple[bool, datetime]:
    """Where an order that is due stands: what waits longest first, and last what was planned by another clock."""
    waits_since = schedule.urgent_at if is_urgent(schedule, now) else schedule.due_at
    is_of_now = waits_since is not None and waits_since <= now
    return (not is_of_now, (waits_since if is_of_now else schedule.planned_at) or now)
