"""Webhooks: stored before they are answered, followed by a look, and never believed."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Final, TypedDict

from attrs import frozen

from paystate.core.errors import BodyDropped, ValueInvalid
from paystate.core.evidence import TEXT_MAX, TxnClaim, WebhookEvent
from paystate.core.ids import OrderKey, checked_order_id
from paystate.core.orders.commands.webhook_claims import NoteWebhook, is_news
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.ports.store import Inbox, InboxRow, InboxVerdict, Orders, ReceivedWebhook
from paystate.core.retention import quota_of
from paystate.core.text import is_clean
from paystate.core.use_cases.context import Merchant, Ports, policy_for
from paystate.core.use_cases.look import hint
from paystate.core.use_cases.transact import transact

Reader = Callable[[bytes], WebhookEvent | None]
"""Reads a webhook's body; None for one that cannot be understood. Never raises."""

_EVENT_NAME_MAX: Final = 64
_TXNS_MAX: Final = 100
"""Transactions that are kept of one webhook: more than an order keeps (`Policy.attempts_max`). A real one names one."""


@frozen(kw_only=True)
class _OrderNamed:
    """The order that a webhook names, and what it claims about it."""

    key: OrderKey
    claims: NoteWebhook


async def take_webhook(ports: Ports, merchant: Merchant, read: Reader, body: bytes) -> InboxVerdict:
    """Store one authenticated webhook durably; when this returns it may be answered 200.

    Its body is read here, and what the worker needs of it is stored beside it.

    Returns:
        `WAITING`, or the verdict with which it is quarantined at once.

    Raises:
        StorageUnavailable: It was not stored, so Juspay must send it again.
    """
    event = read(body)
    named = _order_named(merchant.merchant_id, event)
    webhook = ReceivedWebhook(
        merchant_id=merchant.merchant_id,
        event_id=event.event_id if event else None,
        body=body,
        received_at=ports.clock.now(),
        verdict=InboxVerdict.WAITING if isinstance(named, _OrderNamed) else named,
        **_kept(event, named),
    )
    await ports.store.append_inbox(webhook, most=merchant.policy.webhooks_max, quota=quota_of(merchant.policy))
    return webhook.verdict


async def follow_webhook(ports: Ports, merchants: Mapping[str, Merchant], read: Reader, row: InboxRow) -> InboxVerdict:
    """Turn a waiting webhook into a due order; one that cannot be followed is quarantined. Returns its verdict.

    Its body is read only where nothing was stored of it: if it was let in again, or is from an older program.

    Raises:
        StorageUnavailable: It still waits.
    """
    named = _followed(merchants, _stored(row) or await _reread(ports, read, row))
    if isinstance(named, InboxVerdict):
        await ports.store.end_inbox(row.id, named, quota=quota_of(policy_for(merchants, row.merchant_id)))
        return named
    merchant = merchants[row.merchant_id]
    await _note(ports, merchant, named)
    if await hint(ports, merchant, named.key, Asker.WEBHOOK, consumes=row.id):
        return InboxVerdict.LOOKED
    await ports.store.end_inbox(row.id, InboxVerdict.UNKNOWN_ORDER, quota=quota_of(merchant.policy))
    return InboxVerdict.UNKNOWN_ORDER


async def _reread(ports: Ports, read: Reader, row: InboxRow) -> _OrderNamed | InboxVerdict:
    """Read a body of which nothing was stored, and keep what it says: a later order finds the webhook by it."""
    event = read(row.body)
    named = _order_named(row.merchant_id, event)
    await ports.store.reread_inbox(row.id, **_kept(event, named))
    return named


class _Kept(TypedDict):
    event_name: str
    order_key: str | None
    claims: NoteWebhook | None


def _kept(event: WebhookEvent | None, named: _OrderNamed | InboxVerdict) -> _Kept:
    """What is stored beside a body of what was read in it."""
    order_key, claims = (named.key.folded, named.claims) if isinstance(named, _OrderNamed) else (None, None)
    return _Kept(event_name=_shown_name(event) if event else "", order_key=order_key, claims=claims)


async def _note(ports: Ports, merchant: Merchant, named: _OrderNamed) -> None:
    """Leave with the order what the webhook names and no answer has shown; most webhooks name nothing new."""
    order = await ports.store.load(named.key)
    if order is not None and is_news(order, named.claims, merchant.policy, ports.clock.now()):
        await transact(ports, merchant.policy, named.key, named.claims)


def _shown_name(event: WebhookEvent) -> str:
    """The event's name as lists and timelines show it; none where it could play tricks on a terminal."""
    name = event.name[:_EVENT_NAME_MAX]
    return name if is_clean(name) else ""


def _stored(row: InboxRow) -> _OrderNamed | None:
    """What was read of a webhook as it came; None where it has to be read.

    Without its body, and with claims too long to be kept, it still makes the order that it names be looked at.
    """
    claims = NoteWebhook() if row.claims is None and row.is_body_dropped else row.claims
    if claims is None or row.order_key is None:
        return None
    return _OrderNamed(key=OrderKey(row.merchant_id, row.order_key), claims=claims)


def _followed(merchants: Container[str], named: _OrderNamed | InboxVerdict) -> _OrderNamed | InboxVerdict:
    """What is left to follow: nothing of a merchant who is not set up here."""
    is_strange = isinstance(named, _OrderNamed) and named.key.merchant_id not in merchants
    return InboxVerdict.OTHER_MERCHANT if is_strange else named


def _order_named(merchant_id: str, event: WebhookEvent | None) -> _OrderNamed | InboxVerdict:
    """The order that a webhook names, in whichever of its objects, or the verdict with which it is quarantined.

    One that names no merchant is of the merchant whose address and credentials were used: those of transactions and
    mandates name none. Source: gateway contract, O.6.
    """
    if event is None:
        return InboxVerdict.UNREADABLE
    if event.merchant_id is not None and event.merchant_id != merchant_id:
        return InboxVerdict.OTHER_MERCHANT
    try:
        key = OrderKey(merchant_id, checked_order_id(event.order_id))
    except ValueInvalid:
        return InboxVerdict.NO_ORDER
    txns = tuple(TxnClaim(txn_id=one.txn_id[:TEXT_MAX], status=one.status[:TEXT_MAX]) for one in event.txns[:_TXNS_MAX])
    return _OrderNamed(key=key, claims=NoteWebhook(txns=txns, dispute=event.dispute))


async def would_settle(store: Orders, merchants: Container[str], read: Reader, row: InboxRow) -> InboxVerdict:
    """The verdict that the worker would give a webhook if it were let in again now; changes nothing.

    Raises:
        BodyDropped: It cannot be let in again: its body is dropped, and it named no order.
    """
    if row.is_body_dropped and row.order_key is None:
        raise BodyDropped
    kept = _stored(row) if row.is_body_dropped else None
    named = _followed(merchants, kept or _order_named(row.merchant_id, read(row.body)))
    if isinstance(named, InboxVerdict):
        return named
    return InboxVerdict.LOOKED if await store.load(named.key) else InboxVerdict.UNKNOWN_ORDER


async def replay(store: Inbox, merchant_id: str, row_id: int) -> None:
    """Let a webhook wait once more; the worker reads and settles it anew, and finds what has changed since.

    One whose body is dropped goes by the order that it named when it came.

    Raises:
        LookupError: The merchant has no such webhook.
        BodyDropped: Its body is dropped, and it named no order.
    """
    if await store.requeue_inbox(merchant_id, row_id):
        return
    if await store.inbox_row(merchant_id, row_id) is None:
        raise LookupError("no such webhook")
    raise BodyDropped
