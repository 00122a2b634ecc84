"""The world of a checkout, alone and beside an order.

It has what an app and its backend may do, the laws of a checkout, and the crossing: nothing that is done to a checkout
touches an order.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

from attrs import evolve as with_changes
from attrs import frozen

from paystate.core.checkouts.checkout import (
    Checkout,
    CheckoutOpened,
    CheckoutState,
    Issued,
    OpenCheckout,
    Renew,
    ResumePayment,
    SignProcessFor,
    Terminate,
    decide,
    evolve,
)
from paystate.core.evidence import Evidence, SdkEvent, Trust
from paystate.core.orders.commands import decide as commands
from paystate.core.orders.commands.open_commands import SignProcess
from paystate.core.orders.facts import Decision, Refused
from paystate.core.orders.order import Order
from paystate.core.policy import DEFAULT, CheckoutMode, Policy
from paystate.entrypoints.verification.inputs import CUSTOMER, MERCHANT, OPENED_AT, ORDER
from paystate.entrypoints.verification.search import Law, Offer, Tried, World
from paystate.entrypoints.verification.worlds import alike

_AT: Final = {minutes: OPENED_AT + timedelta(minutes=minutes) for minutes in (1, 15, 20, 30, 40)}
FIRST: Final = Issued(token_digest="", expires_at=_AT[15])
SECOND: Final = Issued(token_digest="", expires_at=_AT[30])
TIMES: Final = {
    _AT[1]: "",
    _AT[20]: " after the first payload's time",
    _AT[40]: " after every payload's time",
}
EVENTS: Final = {
    SdkEvent(name="initiate_result"): "The app tells that the SDK is ready",
    SdkEvent(name="initiate_result", failed=True): "The app tells that the SDK could not start",
    SdkEvent(name="hide_loader"): "The app tells that the payment page is open",
    SdkEvent(name="process_result", status="charged"): "The app tells that the payment page has closed",
    SdkEvent(name="log_stream"): "The app tells something else",
}
COMMANDS: Final = {
    Renew(FIRST): "The backend asks for a first payload",
    Renew(SECOND): "The backend asks for a fresh payload",
    SignProcessFor(ORDER): "The app asks for the process payload",
    ResumePayment(): "The app asks whether a payment may go on",
    Terminate(): "The app ends the checkout",
}

TriedCheckout = Tried[Checkout]


def fresh(policy: Policy) -> Checkout:
    """A checkout just opened, with its first payload."""
    opened = CheckoutOpened(merchant_id=MERCHANT, checkout_id="chk-1", customer_id=CUSTOMER)
    result = decide(None, OpenCheckout(opened, FIRST), policy, OPENED_AT)
    if isinstance(result, Refused):
        raise ValueError(result.detail)
    return result.after


def offers(_: Checkout) -> Iterator[Offer]:
    """Everything, at each of the three times."""
    for now, when in TIMES.items():
        for event, says in EVENTS.items():
            yield Offer(message=f"{says}{when}.", what=event, now=now, by=Trust.APP)
        for command, says in COMMANDS.items():
            yield Offer(message=f"{says}{when}.", what=command, now=now, by=Trust.MERCHANT)


def key(checkout: Checkout) -> Hashable:
    """All that a later decision may look at."""
    return checkout.state, checkout.issued, checkout.order_id, checkout.events


def tell(checkout: Checkout) -> str:
    """One checkout in one line."""
    until = f"{checkout.issued.expires_at:%H:%M}" if checkout.issued else "never"
    return f"{checkout.state}, payload good until {until}, {checkout.events} events told"


# --- laws -------------------------------------------------------------------------------------------------------------


def _is_over(tried: TriedCheckout) -> bool:
    issued = tried.before.issued
    return issued is not None and tried.offer.now >= issued.expires_at


def _opened_wrongly(policy: Policy) -> Callable[[TriedCheckout], str | None]:
    ready = (CheckoutState.INITIATED, CheckoutState.PROCESS_SIGNED, CheckoutState.RETURNED)
    may = (CheckoutState.INITIATE_SIGNED, *ready) if policy.checkout_mode is CheckoutMode.INFERRED else ready

    def broken(tried: TriedCheckout) -> str | None:
        if not isinstance(tried.offer.what, SignProcessFor):
            return None
        is_signed, is_fit = isinstance(tried.result, Decision), tried.before.state in may and not _is_over(tried)
        if is_signed and not is_fit:
            return f"the payment page may be opened while the checkout is {tried.before.state}"
        return "the payment page may not be opened" if is_fit and not is_signed else None

    return broken


_NEXT: Final = {
    ("initiate_result", CheckoutState.INITIATE_SIGNED): CheckoutState.INITIATED,
    ("hide_loader", CheckoutState.PROCESS_SIGNED): CheckoutState.PROCESSING,
    ("process_result", CheckoutState.PROCESS_SIGNED): CheckoutState.RETURNED,
    ("process_result", CheckoutState.PROCESSING): CheckoutState.RETURNED,
}
"""The one event that each step waits for."""


def _stepped_wrongly(tried: TriedCheckout) -> str | None:
    if isinstance(tried.result, Refused):
        is_ended = isinstance(tried.offer.what, Terminate)
        return "the app cannot end the checkout" if is_ended else None
    state = (
        CheckoutState.EXPIRED
        if _is_over(tried) and tried.before.state != CheckoutState.TERMINATED
        else tried.before.state
    )
    expected = _next(state, tried.offer.what)
    is_fit = tried.after.state == expected
    return None if is_fit else f"it was {state} and is {tried.after.state}, and should be {expected}"


def _next(state: CheckoutState, what: object) -> CheckoutState:
    if isinstance(what, Terminate):
        return CheckoutState.TERMINATED
    if isinstance(what, SignProcessFor):
        return CheckoutState.PROCESS_SIGNED
    if isinstance(what, Renew):
        return CheckoutState.INITIATE_SIGNED if state == CheckoutState.EXPIRED else state
    if isinstance(what, SdkEvent) and not what.failed:
        return _NEXT.get((what.name, state), state)
    return state


def _changed_for_ever(tried: TriedCheckout) -> str | None:
    return None if tried.before.opened == tried.after.opened else "what the checkout was opened with has changed"


def _fact_differs(tried: TriedCheckout) -> str | None:
    if isinstance(tried.result, Refused) or tried.result.fact is None:
        return None if tried.after is tried.before else "something changed and no fact says so"
    return None if evolve(tried.before, tried.result.fact) == tried.after else "the fact does not tell the change"


def _flooded(policy: Policy) -> Callable[[TriedCheckout], str | None]:
    return lambda tried: (
        "more events are kept than permitted" if tried.after.events > policy.checkout_events_max else None
    )


def checkout_laws(policy: Policy) -> tuple[Law[Checkout], ...]:
    """Every law of checkouts, under one policy."""
    return (
        Law("page", "The payment page is opened by a ready SDK, once at a time.", _opened_wrongly(policy)),
        Law("step", "A checkout goes its steps one by one, ends when the app says so, and begins again only anew.",
            _stepped_wrongly),
        Law("I9c", "What a checkout was opened with never changes.", _changed_for_ever),
        Law("I34", "No app can have more events kept than the policy permits.", _flooded(policy)),
        Law("I35c", "The fact tells the whole change.", _fact_differs),
    )  # fmt: skip


def checkout_world(mode: CheckoutMode) -> World[Checkout]:
    """One checkout, under one of the two modes."""
    policy = with_changes(DEFAULT, checkout_mode=mode, checkout_events_max=4)
    return World(
        name=f"a checkout, {mode}",
        bounds="One checkout: every command and event before, between and after the times of two payloads;"
        " four events are kept.",
        starts=lambda: (fresh(policy),),
        offers=offers,
        decide=lambda checkout, offer: decide(checkout, offer.what, policy, offer.now),
        key=key,
        tell=tell,
        laws=checkout_laws(policy),
        known=lambda _: None,
        is_open=lambda checkout: checkout.state != CheckoutState.TERMINATED,
        representative=lambda checkout: checkout,
        leads_out=frozenset({Trust.MERCHANT}),
    )


# --- beside an order --------------------------------------------------------------------------------------------------


@frozen
class Beside:
    """A checkout and the order that it is used to pay."""

    checkout: Checkout
    order: Order


def _cross(policy: Policy) -> Callable[[Beside, Offer], Decision[Beside, Any] | Refused]:
    def decided(both: Beside, offer: Offer) -> Decision[Beside, Any] | Refused:
        if isinstance(offer.what, Evidence | SignProcess):
            result = commands.decide(both.order, offer.what, policy, offer.now)
            return result if isinstance(result, Refused) else _beside(result, Beside(both.checkout, result.after))
        step = decide(both.checkout, offer.what, policy, offer.now)
        return step if isinstance(step, Refused) else _beside(step, Beside(step.after, both.order))

    return decided


def _beside(result: Decision[Any, Any], after: Beside) -> Decision[Beside, Any]:
    return Decision(outcome=result.outcome, fact=result.fact, after=after, next_look_at=result.next_look_at)


def _crossed_over(tried: Tried[Beside]) -> str | None:
    is_order = isinstance(tried.offer.what, Evidence | SignProcess)
    if is_order and tried.before.checkout != tried.after.checkout:
        return "an answer about the order has moved the checkout"
    if not is_order and tried.before.order != tried.after.order:
        return "the app has moved the order"
    is_evidence = isinstance(tried.offer.what, Evidence)
    return "an answer of Juspay's was refused" if is_evidence and isinstance(tried.result, Refused) else None


def crossed_world(start: Callable[[], Order], answers: Iterable[Offer]) -> World[Beside]:
    """A checkout and its order, moved in any order."""
    told = tuple(answers)
    policy = with_changes(DEFAULT, checkout_events_max=2)
    return World(
        name="a checkout beside its order",
        bounds="A checkout with all its commands and events, two of which are kept, and an order with one attempt and"
        f" {len(told)} answers and commands.",
        starts=lambda: (Beside(fresh(policy), start()),),
        offers=lambda both: [*offers(both.checkout), *told],
        decide=_cross(policy),
        key=lambda both: (key(both.checkout), alike.key(both.order)),
        tell=lambda both: f"{tell(both.checkout)} | {alike.tell(both.order)}",
        laws=(Law("I13", "What the app does to a checkout leaves every order as it is.", _crossed_over),),
        known=lambda both: alike.known(both.order),
        is_open=lambda both: both.checkout.state != CheckoutState.TERMINATED,
        representative=lambda both: both,
        leads_out=frozenset({Trust.MERCHANT}),
    )
