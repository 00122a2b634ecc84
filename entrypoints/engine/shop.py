"""One merchant of an embedded Paystate: the calls of the API as methods.

A method makes the body that the API would take and goes where its route goes, so both refuse the same values, give the
same refusals and show the same members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Unpack, cast

import msgspec
from attrs import frozen

from paystate.core.errors import SignatureInvalid, StorageUnavailable, ValueInvalid
from paystate.core.finding.filters import UNDER_REVIEW
from paystate.core.ids import (
    checked_idempotency_key,
    hold_id_for,
    refund_id_for,
)
from paystate.core.orders.commands.sale_commands import CancelOrder, RecordCash
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.decision import OrderDecision
from paystate.core.orders.facts import Capture, CashOutcome, Customer, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.requester import Requester
from paystate.core.use_cases import holds, look, refund, sale, settle
from paystate.core.use_cases.transact import CommandResult
from paystate.entrypoints.engine.answers import Reply, ShopperReturn, TryLater
from paystate.entrypoints.engine.checkout_calls import CheckoutCalls
from paystate.entrypoints.engine.handlers import FunctionT, registering
from paystate.entrypoints.engine.merchant_calls import customer_members, person
from paystate.entrypoints.interface import request_models as bodies
from paystate.entrypoints.interface.amounts import Amount, amount_text, currency_of
from paystate.entrypoints.interface.bodies import converted
from paystate.entrypoints.interface.order_search import OrderSearch, filter_of
from paystate.entrypoints.interface.orders import explanation_of, moments_of, next_look_in_s, open_order
from paystate.entrypoints.interface.problem_kinds import KINDS
from paystate.entrypoints.interface.returns import come_back, goes_to
from paystate.entrypoints.interface.values import amount_in
from paystate.entrypoints.interface.views.announcement_models import OrderReadView
from paystate.entrypoints.interface.views.announcement_views import read_alone
from paystate.entrypoints.interface.views.order_models import (
    HoldView,
    MomentView,
    OrderPage,
    OrderView,
    RefundView,
    ReviewPage,
    ReviewView,
)
from paystate.entrypoints.interface.views.order_views import (
    hold_view,
    listed,
    moment_view,
    order_review_view,
    refund_view,
    review_view,
    shown,
)
from paystate.entrypoints.interface.webhooks import TAKEN, NotAdmitted, admit

PAGE_MAX: Final = 100
_NO_HEADERS: Final = "the headers of a webhook are a mapping or pairs of str; decode bytes as Latin-1"

HeadersGiven = Mapping[str, str] | Iterable[tuple[str, str]]


@frozen
class Shop(CheckoutCalls):
    """One merchant. Each method raises, beside what it names:

    - `UnknownId`: the merchant has no such order or checkout;
    - `ValueInvalid`: a value will not do; its `code`, `pointer` and `rule` say which and why, and nothing changed;
    - `StorageUnavailable`: nothing was stored, and asking again is safe.

    `Refused` is a value: a rule said no and nothing changed; it has `code`, `rule`, `detail`, `facts` and `legal`. `by`
    names the person who asks, and is kept for good.
    """

    # --- orders

    async def open_order(
        self,
        order_id: str,
        amount: Amount,
        currency: str | None = None,
        *,
        customer: str | Customer = "",
        return_url: str = "",
        description: str = "",
        capture: Capture | str = Capture.AUTOMATIC,
        purchase: str = "",
        by: str = "",
    ) -> OrderView | Refused:
        """Open an order here; nothing is sent to Juspay. The same values again return the same order.

        Args:
            currency: ISO 4217; may be left out with `Money`, which has its own.
            customer: Your id for the customer, or all you know of them; empty for a guest.
            return_url: Where the shopper is sent in the end, on a host that is set up for you.
            capture: `manual`: the bank only holds the money until you take it or let it go.
            purchase: Your own reference of what is bought; orders that share one are tries to pay for one thing.
        """
        known = currency_of(amount, currency)
        given = {
            "order_id": order_id,
            "amount": amount_text(amount, known),
            "currency": known,
            "customer": customer_members(customer),
            "return_url": return_url,
            "description": description,
            "capture": capture,
            "purchase": purchase,
        }
        body = converted(given, bodies.NewOrder)
        access = self._runtime.credentials[self.merchant_id]
        return await self._shown(await open_order(self._ports, self._merchant, access, body, person(by)))

    async def order(self, order_id: str) -> OrderReadView:
        """An order as it is now, with what was told of it; Juspay is not asked."""
        return await read_alone(self._ports, await self._order(order_id))

    async def orders(self, *, limit: int = 50, after: str = "", **search: Unpack[OrderSearch]) -> OrderPage:
        """The merchant's orders that fit in everything that is given (`phone="98..."`), newest first.

        `after` is the `next` of the page before, `limit` at most 100. A page may be short and not the last.
        """
        which = filter_of(search, self._merchant.time_zone)
        found = await self._ports.store.find(self.merchant_id, which, after=after, limit=_page(limit))
        views = tuple([await listed(self._ports, order) for order in found.orders])
        return OrderPage(orders=views, next=found.next or None)

    async def look(self, order_id: str) -> OrderView | TryLater:
        """Ask Juspay for the order now, within its budget of looks.

        Raises:
            GatewayUnreachable, OutcomeUnknown, GatewayRejected: Juspay gave no answer; nothing changed.
        """
        order = await self._order(order_id)
        if not await look.look_now(self._ports, self._merchant, order.key):
            return await self._later(order)
        return await shown(self._ports, await self._order(order_id))

    async def amend(self, order_id: str, amount: Amount, *, by: str = "") -> OrderView | Refused:
        """Change the price before payment. Until Juspay has confirmed it, `price_asked` shows it.

        Raises:
            GatewayUnreachable, OutcomeUnknown, GatewayRejected: Juspay gave no answer.
        """
        order = await self._order(order_id)
        body = converted({"amount": amount_text(amount, order.amount.currency)}, bodies.AmendIn)
        made = await sale.amend(self._ports, self._merchant, order.key, amount_in(order, body.amount), by=person(by))
        return made if isinstance(made, Refused) else await shown(self._ports, made.order)

    async def cancel(self, order_id: str, *, by: str, note: str) -> OrderView | Refused:
        """Cancel an order while nothing is paid or held. Juspay cannot be told, so later money needs a person."""
        body = converted({"by": by, "note": note}, bodies.CancelIn)
        return await self._say(order_id, CancelOrder(by=Requester(body.by), note=body.note))

    async def cash(self, order_id: str, outcome: CashOutcome | str, *, by: str, note: str) -> OrderView | Refused:
        """Say that cash on delivery was collected, or that the goods came back. The same again changes nothing."""
        body = converted({"outcome": outcome, "by": by, "note": note}, bodies.CashIn)
        return await self._say(order_id, RecordCash(outcome=body.outcome, by=Requester(body.by), note=body.note))

    async def timeline(self, order_id: str) -> tuple[MomentView, ...]:
        """What happened to an order and in its checkouts, oldest first, with the rules that decided."""
        moments = await moments_of(self._ports, await self._order(order_id))
        return tuple(moment_view(entry) for entry in moments)

    async def explain(self, order_id: str) -> tuple[str, ...]:
        """Where an order stands, since when and why, what comes next, and what would change it, in sentences."""
        return await explanation_of(self._ports, self._merchant, await self._order(order_id))

    # --- money

    async def refund(
        self, order_id: str, amount: Amount, *, key: str, txn_id: str = "", by: str = ""
    ) -> RefundView | Refused:
        """Give money back. The refund is stored before anything is sent; the same key never makes a second one.

        Args:
            key: Your name of this refund for ever: 1 to 255 visible ASCII characters. Keep it, and repeat with it.
            txn_id: The transaction to give back from, if several took money.
        """
        key = checked_idempotency_key(key)
        order = await self._order(order_id)
        given = {"amount": amount_text(amount, order.amount.currency), "txn_id": txn_id}
        body = converted(given, bodies.NewRefund)
        made = await refund.refund(
            self._ports,
            self._merchant,
            order.key,
            idempotency_key=key,
            amount=amount_in(order, body.amount),
            txn_id=body.txn_id,
            by=person(by),
        )
        if isinstance(made, Refused):
            return made
        return refund_view(made.order, made.order.refunds[refund_id_for(self.merchant_id, key)])

    async def capture(
        self, order_id: str, amount: Amount | None = None, *, key: str, by: str = ""
    ) -> HoldView | Refused:
        """Take held money, all of it or a part; the same key never takes twice."""
        key = checked_idempotency_key(key)
        order = await self._order(order_id)
        given = {} if amount is None else {"amount": amount_text(amount, order.amount.currency)}
        body = converted(given, bodies.NewCapture)
        part = None if body.amount is None else amount_in(order, body.amount)
        made = await holds.capture(
            self._ports, self._merchant, order.key, idempotency_key=key, amount=part, by=person(by)
        )
        return self._hold(made, key)

    async def void(self, order_id: str, *, key: str, by: str = "") -> HoldView | Refused:
        """Release all of the held money; the same key never releases twice."""
        key = checked_idempotency_key(key)
        order = await self._order(order_id)
        made = await holds.void(self._ports, self._merchant, order.key, idempotency_key=key, by=person(by))
        return self._hold(made, key)

    # --- review

    async def review(self, order_id: str) -> ReviewView:
        """Why a person must look at the order, with the verdicts that would settle each reason."""
        return review_view(await self._order(order_id))

    async def under_review(self, *, limit: int = 50, after: str = "") -> ReviewPage:
        """The orders that wait for a person, each with its open reasons; pages as those of `orders`."""
        found = await self._ports.store.find(self.merchant_id, UNDER_REVIEW, after=after, limit=_page(limit))
        views = tuple(order_review_view(order) for order in found.orders)
        return ReviewPage(orders=views, next=found.next or None)

    async def settle(
        self, order_id: str, reason: str, verdict: Verdict | str, *, by: str, note: str
    ) -> ReviewView | Refused | TryLater:
        """Close one open reason. Before a verdict on how a refund ended, Juspay is asked once more.

        Args:
            reason: Its `key` in `review`.

        Raises:
            GatewayUnreachable, OutcomeUnknown, GatewayRejected: Juspay gave no answer; nothing was settled.
        """
        given = {"reason": reason, "verdict": verdict, "by": by, "note": note}
        body = converted(given, bodies.SettledReasonIn)
        order = await self._order(order_id)
        word = Settle(reason=body.reason, verdict=body.verdict, by=Requester(body.by), note=body.note)
        decided = await settle.settle(self._ports, self._merchant, order.key, word)
        if decided is None:
            return await self._later(order)
        return decided if isinstance(decided, Refused) else review_view(decided.after)

    # --- what comes from Juspay

    async def receive_webhook(self, headers: HeadersGiven, body: bytes) -> Reply:
        """Take a webhook; once its sender is known, every body that fits is stored. Nothing sent makes it raise.

        Args:
            headers: All of the request's, as your framework has them; the login is in `Authorization`.
            body: As it came, not decoded and not parsed.

        Raises:
            TypeError: Your own call is wrong: headers that are not pairs of `str`, or a body that is not `bytes`.
        """
        given = [(name.lower(), value) for name, value in _pairs(headers)]
        if not isinstance(cast("object", body), bytes):
            raise TypeError("the body of a webhook is bytes, as it came")

        async def read() -> bytes:
            return body

        try:
            verdict = await admit(self._runtime, self.merchant_id, given, read)
        except StorageUnavailable:
            return _not_taken("storage_unavailable")
        if isinstance(verdict, NotAdmitted):
            return _not_taken(verdict.code)
        return Reply(status=200, body=TAKEN, headers={"Content-Type": "application/json"})

    async def handle_return(self, query: str | bytes) -> ShopperReturn:
        """A shopper comes back: the signature is checked and a look asked for; the status in it is never believed.

        Args:
            query: The query of the address, or the form that was posted, as it came and not parsed.
        """
        try:
            raw = query if isinstance(query, bytes) else query.encode("ascii")
            order = await come_back(self._runtime, self._merchant, raw)
        except (SignatureInvalid, ValueInvalid, UnicodeEncodeError):
            return ShopperReturn(is_genuine=False)
        order_id = order.opened.order_id if order else ""
        return ShopperReturn(is_genuine=True, order_id=order_id, location=goes_to(order))

    # --- what Paystate tells

    def on(self, *kinds: str, name: str = "") -> Callable[[FunctionT], FunctionT]:
        """As `Paystate.on`, for this merchant's announcements alone."""
        return registering(self._runtime, (self.merchant_id,), kinds, name)

    # --- how the methods above answer

    async def _say(self, order_id: str, word: CancelOrder | RecordCash) -> OrderView | Refused:
        order = await self._order(order_id)
        return await self._shown(await sale.say(self._ports, self._merchant.policy, order.key, word))

    async def _shown(self, decided: OrderDecision | Refused) -> OrderView | Refused:
        return decided if isinstance(decided, Refused) else await shown(self._ports, decided.after)

    async def _later(self, order: Order) -> TryLater:
        return TryLater(await next_look_in_s(self._ports, self._merchant, order.key))

    def _hold(self, made: CommandResult | Refused, key: str) -> HoldView | Refused:
        if isinstance(made, Refused):
            return made
        return hold_view(made.order, made.order.holds[hold_id_for(self.merchant_id, key)])


def _pairs(headers: HeadersGiven) -> Iterable[tuple[str, str]]:
    given = cast("Any", headers.items() if isinstance(headers, Mapping) else headers)
    try:
        pairs = [(name, value) for name, value in given]
    except (TypeError, ValueError):
        raise TypeError(_NO_HEADERS) from None
    if not all(isinstance(part, str) for pair in pairs for part in pair):
        raise TypeError(_NO_HEADERS)
    return pairs


def _page(limit: object) -> int:
    if not isinstance(limit, int) or not 1 <= limit <= PAGE_MAX:
        raise ValueInvalid("validation_failed", "/limit", f"must be 1 to {PAGE_MAX}")
    return limit


def _not_taken(code: str) -> Reply:
    """As the service's route would answer; the body names the problem and nothing else."""
    kind = KINDS[code]
    shown_code = kind.code or code
    headers = {"Content-Type": "application/problem+json"}
    if kind.status == KINDS["unauthenticated"].status:
        headers["WWW-Authenticate"] = 'Basic realm="paystate"'
    if kind.retry_after_s:
        headers["Retry-After"] = str(kind.retry_after_s)
    body = msgspec.json.encode({"title": kind.title, "status": kind.status, "code": shown_code})
    return Reply(status=kind.status, body=body, headers=headers, code=shown_code)
