"""The calls that the app's steps are made of: what the SDK is given, and what the app says that it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from attrs import frozen

from paystate.core.checkouts.checkout import legal_at, state_at
from paystate.core.orders.facts import Customer, Refused
from paystate.core.use_cases import checkout as checkouts
from paystate.core.use_cases import result
from paystate.entrypoints.engine.answers import CheckoutCredentials
from paystate.entrypoints.engine.merchant_calls import MerchantCalls, customer_members, person
from paystate.entrypoints.interface import request_models as bodies
from paystate.entrypoints.interface.bodies import converted
from paystate.entrypoints.interface.checkouts import event_from, json_payload, start_checkout
from paystate.entrypoints.interface.views.order_models import CheckoutView, EventAnswer, ResultView
from paystate.entrypoints.interface.views.order_views import checkout_view


@frozen
class CheckoutCalls(MerchantCalls):
    """A merchant's checkouts; no money moves in them."""

    def prefetch_payload(self) -> Mapping[str, Any]:
        """A JSON object for the SDK's preFetch; nothing in it is secret."""
        return _json_object(checkouts.prefetch_payload(self._merchant))

    async def start_checkout(
        self, *, customer: str | Customer, prefetched: bool = False, by: str = ""
    ) -> CheckoutCredentials:
        """Open a checkout for a customer: a token for the app, and the payload of the SDK's initiate call.

        Args:
            customer: Not empty: a checkout may pay any order of its customer, so give each guest a random id.
            prefetched: The app has called the SDK's preFetch.
        """
        given = {"customer": customer_members(customer), "prefetched": prefetched}
        body = converted(given, bodies.NewCheckout)
        return self._credentials(await start_checkout(self._ports, self._merchant, body, person(by)))

    async def renew_checkout(self, checkout_id: str, *, by: str = "") -> CheckoutCredentials | Refused:
        """Get a new token and a new payload; the old token stops working."""
        checkout = await self._checkout(checkout_id)
        renewed = await checkouts.renew_checkout(self._ports, self._merchant, checkout.key, person(by))
        return renewed if isinstance(renewed, Refused) else self._credentials(renewed)

    async def checkout(self, checkout_id: str) -> CheckoutView:
        """A checkout's step, and the steps that may come next."""
        return checkout_view(await self._checkout(checkout_id), self._ports.clock.now())

    async def sign_process(self, checkout_id: str, order_id: str) -> Mapping[str, Any] | Refused:
        """A JSON object for the SDK's process call. From then on Juspay is asked how the payment goes.

        Raises:
            GatewayUnreachable, OutcomeUnknown, GatewayRejected: Session mode only: Juspay made no session.
        """
        checkout = await self._checkout(checkout_id)
        payload = await checkouts.sign_process(self._ports, self._merchant, checkout, await self._order(order_id))
        return payload if isinstance(payload, Refused) else _json_object(payload)

    async def resume_payment(
        self, checkout_id: str, txn_reference: str, *, goes_on: bool = True
    ) -> Mapping[str, Any] | Refused:
        """Answer the SDK's `paymentAttempt`: let the payment go on, if its order may still be paid, or give it up."""
        body = converted({"txn_reference": txn_reference, "goes_on": goes_on}, bodies.ResumeIn)
        checkout = await self._checkout(checkout_id)
        payload = await checkouts.resume_payment(
            self._ports, self._merchant, checkout, body.txn_reference, goes_on=body.goes_on
        )
        return payload if isinstance(payload, Refused) else _json_object(payload)

    async def sdk_event(self, checkout_id: str, event: Mapping[str, Any]) -> EventAnswer | Refused:
        """Note an event of the SDK, as it came from the app. It may move the checkout's step, and proves nothing."""
        told = event_from(converted(dict(event), bodies.SdkEventIn))
        checkout = await self._checkout(checkout_id)
        decided = await checkouts.record_event(self._ports, self._merchant, checkout, told)
        if isinstance(decided, Refused):
            return decided
        now, after = self._ports.clock.now(), decided.after
        return EventAnswer(
            checkout_id=checkout_id, state=state_at(after, now), outcome=decided.outcome, legal=legal_at(after, now)
        )

    async def terminate(self, checkout_id: str) -> CheckoutView | Refused:
        """The app is done with the SDK. Money is untouched."""
        checkout = await self._checkout(checkout_id)
        decided = await checkouts.terminate(self._ports, self._merchant, checkout.key)
        return decided if isinstance(decided, Refused) else checkout_view(decided.after, self._ports.clock.now())

    async def result(self, checkout_id: str) -> ResultView:
        """How the payment of the checkout's newest order ended, for the shopper's screen."""
        ended = await result.result(self._ports, self._merchant, await self._checkout(checkout_id))
        return ResultView(order_id=ended.order_id, result=ended.result, is_proved=ended.is_proved)

    def _credentials(self, credentials: checkouts.IssuedCredentials) -> CheckoutCredentials:
        checkout, now = credentials.checkout, self._ports.clock.now()
        assert checkout.issued is not None  # noqa: S101 - credentials are what was issued; for the type checker
        return CheckoutCredentials(
            checkout_id=checkout.opened.checkout_id,
            token=credentials.token,
            token_expires_at=checkout.issued.expires_at,
            state=state_at(checkout, now),
            initiate_payload=_json_object(credentials.payload),
            legal=legal_at(checkout, now),
        )


def _json_object(payload: str) -> Mapping[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(json_payload(payload))
    return found
