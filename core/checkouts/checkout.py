"""A checkout: one run of the SDK by one customer. Its table, its record and its decisions are here.

What the app reports is trusted only for the step that the app is in. No order waits for a checkout, and no money is
touched here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, assert_never

from attrs import evolve as with_changes
from attrs import field, frozen

from paystate.core.evidence import SdkEvent, Trust
from paystate.core.ids import CheckoutKey
from paystate.core.lifecycle.table import MOVING, Mark, Outcome, Rule, Table, cells
from paystate.core.orders.facts import Decision, Refused
from paystate.core.policy import CheckoutMode, Policy
from paystate.core.requester import Requester


class CheckoutState(StrEnum):
    """States of a checkout: how far the SDK's run has come."""

    OPENED = "OPENED"
    INITIATE_SIGNED = "INITIATE_SIGNED"
    INITIATED = "INITIATED"
    PROCESS_SIGNED = "PROCESS_SIGNED"
    PROCESSING = "PROCESSING"
    RETURNED = "RETURNED"
    TERMINATED = "TERMINATED"
    EXPIRED = "EXPIRED"


_S = CheckoutState
_RUNNING: Final = (_S.INITIATED, _S.PROCESS_SIGNED, _S.PROCESSING, _S.RETURNED)

SIGN_INITIATE: Final = "sign initiate"
SIGN_PROCESS: Final = "sign process"
RESUME: Final = "resume payment"
TERMINATE: Final = "terminate"
EXPIRE: Final = "expire"
INITIATE_OK: Final = "initiate_result success"
INITIATE_FAILED: Final = "initiate_result failure"
PAGE_SHOWN: Final = "page shown"
PROCESS_RESULT: Final = "process_result"
OTHER_EVENT: Final = "other event"
COMMANDS: Final = (SIGN_INITIATE, SIGN_PROCESS, RESUME, TERMINATE)
FORGET: Final = "forget the customer"
EVENTS: Final = (INITIATE_OK, INITIATE_FAILED, PAGE_SHOWN, PROCESS_RESULT, OTHER_EVENT)

_D, _I, _O = Mark.DOCUMENTED, Mark.INFERRED, Mark.OURS

RULES: Final = (
    Rule("C1", Outcome.MOVES, cells([_S.OPENED, _S.EXPIRED], [SIGN_INITIATE]), to=_S.INITIATE_SIGNED,
         ref="C.2", mark=_D,
         message="The initiate payload is signed and handed to the app."),
    Rule("C2", Outcome.ALREADY, cells([_S.INITIATE_SIGNED, *_RUNNING], [SIGN_INITIATE]), ref="C.4", mark=_O,
         message="The app gets a new payload and a new token, and stays at its step."),
    Rule("C3", Outcome.REFUSED, cells([_S.TERMINATED], [SIGN_INITIATE, SIGN_PROCESS, RESUME]), ref="D.9", mark=_I,
         message="The checkout has ended. A new checkout starts with its own initiate."),
    Rule("C4", Outcome.MOVES, cells([_S.INITIATE_SIGNED], [INITIATE_OK]), to=_S.INITIATED, ref="D.3", mark=_D,
         message="The SDK reports that it is ready."),
    Rule("C5", Outcome.ALREADY, cells([_S.OPENED, _S.INITIATE_SIGNED], [INITIATE_FAILED]), ref="D.3", mark=_I,
         message="The SDK could not start; the app may ask for a new payload."),
    Rule("C6", Outcome.ALREADY, cells(_RUNNING, [INITIATE_OK]), ref="D.3", mark=_D,
         message="The SDK was already ready."),
    Rule("C7", Outcome.STALE, cells(_RUNNING, [INITIATE_FAILED]), ref="D.3", mark=_O,
         message="The SDK had already started; a late error changes nothing."),
    Rule("C8", Outcome.MOVES, cells([_S.INITIATED, _S.RETURNED], [SIGN_PROCESS]), to=_S.PROCESS_SIGNED,
         ref="D.9", mark=_I,
         message="The process payload is signed; the SDK may open the payment page."),
    Rule("C9", Outcome.ALREADY, cells([_S.PROCESS_SIGNED], [SIGN_PROCESS]), ref="C.3", mark=_O,
         message="The process payload is signed again; no page was opened yet."),
    Rule("C10", Outcome.REFUSED, cells([_S.OPENED, _S.INITIATE_SIGNED], [SIGN_PROCESS]), ref="D.9", mark=_D,
         message="The SDK must report a good initiate_result before the page may be opened."),
    Rule("C11", Outcome.REFUSED, cells([_S.PROCESSING], [SIGN_PROCESS]), ref="D.9", mark=_I,
         message="A payment page is open. It must close before another one opens."),
    Rule("C12", Outcome.REFUSED, cells([_S.EXPIRED], [SIGN_PROCESS, RESUME]), ref="C.4", mark=_I,
         message="The checkout's payload has expired; the merchant's backend can renew it."),
    Rule("C13", Outcome.MOVES, cells([_S.PROCESS_SIGNED], [PAGE_SHOWN]), to=_S.PROCESSING, ref="D.5", mark=_D,
         message="The payment page is open."),
    Rule("C14", Outcome.ALREADY, cells([_S.PROCESSING], [PAGE_SHOWN]), ref="D.5", mark=_D,
         message="The payment page is already open."),
    Rule("C15", Outcome.MOVES, cells([_S.PROCESS_SIGNED, _S.PROCESSING], [PROCESS_RESULT]), to=_S.RETURNED,
         ref="D.5", mark=_D,
         message="The payment page has closed. Juspay's servers will tell how the payment ended."),
    Rule("C16", Outcome.ALREADY, cells([_S.RETURNED], [PROCESS_RESULT]), ref="D.5", mark=_D,
         message="The payment page had already closed."),
    Rule("C17", Outcome.STALE,
         cells([_S.OPENED, _S.INITIATE_SIGNED, _S.INITIATED], [PAGE_SHOWN, PROCESS_RESULT])
         | cells([_S.RETURNED], [PAGE_SHOWN])
         | cells([_S.OPENED], [INITIATE_OK]), ref="D.9", mark=_O,
         message="The event does not belong to the checkout's step; it is noted and changes nothing."),
    Rule("C18", Outcome.ALREADY, cells([_S.OPENED, _S.INITIATE_SIGNED, *_RUNNING], [OTHER_EVENT]), ref="D.5", mark=_D,
         message="The event does not concern the checkout's steps; it is noted."),
    Rule("C19", Outcome.STALE, cells([_S.TERMINATED, _S.EXPIRED], EVENTS), ref="D.9", mark=_O,
         message="The checkout is over; the event is noted and changes nothing."),
    Rule("C20", Outcome.MOVES, cells([_S.OPENED, _S.INITIATE_SIGNED, *_RUNNING, _S.EXPIRED], [TERMINATE]),
         to=_S.TERMINATED,
         ref="D.8", mark=_D, message="The app is done with the SDK; money is untouched."),
    Rule("C21", Outcome.ALREADY, cells([_S.TERMINATED], [TERMINATE]), ref="D.8", mark=_D,
         message="The checkout had already ended."),
    Rule("C22", Outcome.MOVES, cells([_S.OPENED, _S.INITIATE_SIGNED, *_RUNNING], [EXPIRE]), to=_S.EXPIRED,
         ref="C.4", mark=_I,
         message="The payload and the token have expired."),
    Rule("C23", Outcome.STALE, cells([_S.TERMINATED, _S.EXPIRED], [EXPIRE]), ref="C.4", mark=_O,
         message="The checkout has already ended, so its expiry does not matter."),
    Rule("C26", Outcome.ALREADY, cells([_S.PROCESS_SIGNED, _S.PROCESSING], [RESUME]), ref="D.4", mark=_D,
         message="The app lets a waiting payment go on, or gives it up; the page stays open."),
    Rule("C27", Outcome.REFUSED, cells([_S.OPENED, _S.INITIATE_SIGNED, _S.INITIATED, _S.RETURNED], [RESUME]),
         ref="D.4", mark=_I,
         message="No payment page is open, so no payment waits for the app's decision."),
)  # fmt: skip

TABLE: Final = Table("checkout", states=CheckoutState, inputs=(*COMMANDS, EXPIRE, *EVENTS), rules=RULES)

IMPLIED: Final = Rule("C24", Outcome.MOVES, frozenset(), ref="D.9", mark=_O,
                      message="By the policy, an app that asks for the process payload has a ready SDK.")  # fmt: skip
TOO_MANY_EVENTS: Final = Rule("C25", Outcome.REFUSED, frozenset(), ref="-", mark=_O,
                              message="The app has reported as many events of this checkout as are kept.")  # fmt: skip
TOO_LONG: Final = Rule("C28", Outcome.REFUSED, frozenset(), ref="-", mark=_O,
                       message="So much was noted of the checkout that it hands out no further payload.")  # fmt: skip
FORGOTTEN: Final = Rule("C29", Outcome.MOVES, frozenset(), ref="-", mark=_O,
                        message="A person had the customer forgotten, so the checkout has ended.")  # fmt: skip
GUARDS: Final = (IMPLIED, TOO_MANY_EVENTS, TOO_LONG, FORGOTTEN)


@frozen(kw_only=True)
class CheckoutOpened:
    """What a checkout is opened with; none of it ever changes."""

    merchant_id: str
    checkout_id: str
    customer_id: str
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)


@frozen(kw_only=True)
class Issued:
    """A payload and a token went out.

    Attributes:
        token_digest: SHA-256 of the token, in hex; the token itself is never kept.
    """

    token_digest: str = field(repr=False)
    expires_at: datetime


@frozen(kw_only=True)
class CheckoutFact:
    """One journal row of a checkout.

    Attributes:
        by: Who of the merchant's asked for it; None for all that the app said or asked for.
        event: Name of the SDK event that was told, or `""`.
        reported: The event's own status word, or `""`; a claim of the app's.
    """

    at: datetime
    kind: str
    trust: Trust
    outcome: Outcome
    rules: tuple[str, ...]
    state: CheckoutState
    by: Requester | None = None
    opened: CheckoutOpened | None = None
    issued: Issued | None = None
    order_id: str = ""
    event: str = ""
    reported: str = ""


@frozen(kw_only=True)
class Checkout:
    """One checkout.

    Attributes:
        order_id: The order whose process payload was signed last, or `""`.
        events: How many SDK events were told.
    """

    opened: CheckoutOpened
    version: int
    state: CheckoutState
    created_at: datetime
    updated_at: datetime
    issued: Issued | None = None
    order_id: str = ""
    events: int = 0

    @property
    def key(self) -> CheckoutKey:
        """Its name."""
        return CheckoutKey(self.opened.merchant_id, self.opened.checkout_id)


@frozen
class OpenCheckout:
    """Open a checkout and hand out its first payload and token."""

    opened: CheckoutOpened
    issued: Issued
    by: Requester | None = None


@frozen
class Renew:
    """Hand out a fresh payload and token."""

    issued: Issued
    by: Requester | None = None


@frozen
class SignProcessFor:
    """Hand out the process payload of an order."""

    order_id: str


@frozen
class ResumePayment:
    """Say whether a payment may go on that the SDK holds back. Source: gateway contract, D.4."""


@frozen
class Terminate:
    """End the checkout."""


@frozen
class ForgetCustomerOf:
    """Forget whose checkout it is, and end it."""

    by: Requester


CheckoutInput = OpenCheckout | Renew | SignProcessFor | ResumePayment | Terminate | ForgetCustomerOf | SdkEvent
CheckoutDecisionResult = Decision[Checkout, CheckoutFact] | Refused


def evolve(checkout: Checkout | None, fact: CheckoutFact) -> Checkout:
    """Apply one fact; asks no rule.

    Raises:
        ValueError: The first fact does not open a checkout, or a later one does.
    """
    if (checkout is None) != (fact.opened is not None):
        raise ValueError("a journal begins with the checkout being opened, once")
    opened = fact.opened if checkout is None else checkout.opened
    assert opened is not None  # noqa: S101 - shown just above; for the type checker
    if fact.kind == FORGET:
        opened = without_customer(opened)
    return Checkout(
        opened=opened,
        version=checkout.version + 1 if checkout else 1,
        state=fact.state,
        created_at=checkout.created_at if checkout else fact.at,
        updated_at=fact.at,
        issued=fact.issued or (checkout.issued if checkout else None),
        order_id=fact.order_id or (checkout.order_id if checkout else ""),
        events=(checkout.events if checkout else 0) + bool(fact.event),
    )


def fold(journal: Iterable[CheckoutFact]) -> Checkout | None:
    """Rebuild a checkout from its journal; None for an empty one."""
    checkout: Checkout | None = None
    for fact in journal:
        checkout = evolve(checkout, fact)
    return checkout


def decide(checkout: Checkout | None, what: CheckoutInput, policy: Policy, now: datetime) -> CheckoutDecisionResult:
    """Decide one input; pure.

    Raises:
        LookupError: Anything but `OpenCheckout` for a checkout that is not there.
        ValueError: `OpenCheckout` for one that is.
    """
    if isinstance(what, OpenCheckout):
        if checkout is not None:
            raise ValueError("a checkout is opened once")
        return _decision(None, _fact(now, _S.OPENED, SIGN_INITIATE, by=what.by, opened=what.opened, issued=what.issued))
    if checkout is None:
        raise LookupError("no such checkout")
    match what:
        case Renew():
            return _command(checkout, SIGN_INITIATE, now, by=what.by, issued=what.issued)
        case SignProcessFor():
            return _sign_process(checkout, what, policy, now)
        case ResumePayment():
            return _command(checkout, RESUME, now)
        case Terminate():
            return _command(checkout, TERMINATE, now)
        case ForgetCustomerOf():
            return _forget(checkout, what, now)
        case SdkEvent():
            return _event(checkout, what, policy, now)
        case _:
            assert_never(what)


def state_at(checkout: Checkout, now: datetime) -> CheckoutState:
    """The state, with the payload's time counted in."""
    return TABLE.step(checkout.state, EXPIRE).to if _is_over(checkout, now) else checkout.state


def refuses_app(checkout: Checkout, now: datetime) -> Refused | None:
    """What an app hears that wants to read with a token whose time is over; its merchant may read on."""
    if not _is_over(checkout, now):
        return None
    rule = TABLE.step(_S.EXPIRED, SIGN_PROCESS).rule
    return Refused(
        code="checkout_expired", rule=rule, looked_at=(("state", _S.EXPIRED),), legal=legal_at(checkout, now)
    )


def _is_over(checkout: Checkout, now: datetime) -> bool:
    return checkout.issued is not None and now >= checkout.issued.expires_at


def legal_at(checkout: Checkout, now: datetime) -> tuple[str, ...]:
    """The commands that are legal now."""
    allowed = TABLE.legal_from(state_at(checkout, now))
    return tuple(name for name in COMMANDS if name in allowed)


def _sign_process(checkout: Checkout, what: SignProcessFor, policy: Policy, now: datetime) -> CheckoutDecisionResult:
    if checkout.version >= policy.checkout_rows_max:
        return Refused(code="too_many_payloads", rule=TOO_LONG, looked_at=(("rows", checkout.version),))
    state = state_at(checkout, now)
    if policy.checkout_mode is CheckoutMode.INFERRED and state == _S.INITIATE_SIGNED:
        fact = _fact(now, _S.INITIATED, SIGN_PROCESS, order_id=what.order_id)
        return _decision(checkout, with_changes(fact, rules=(IMPLIED.id, *fact.rules)))
    return _command(checkout, SIGN_PROCESS, now, order_id=what.order_id)


def _event(checkout: Checkout, what: SdkEvent, policy: Policy, now: datetime) -> CheckoutDecisionResult:
    if checkout.events >= policy.checkout_events_max:
        return Refused(code="rate_limited", rule=TOO_MANY_EVENTS, looked_at=(("events", checkout.events),))
    fact = _fact(now, state_at(checkout, now), _event_class(what), event=what.name, reported=what.status)
    return _decision(checkout, fact)


def _event_class(what: SdkEvent) -> str:
    if what.name == "initiate_result":
        return INITIATE_FAILED if what.failed else INITIATE_OK
    if what.name in ("hide_loader", "paymentAttempt"):
        return PAGE_SHOWN
    return PROCESS_RESULT if what.name == "process_result" else OTHER_EVENT


def _command(checkout: Checkout, name: str, now: datetime, **changes: Any) -> CheckoutDecisionResult:
    state = state_at(checkout, now)
    rule = TABLE.step(state, name).rule
    if rule.outcome is Outcome.REFUSED:
        code = "checkout_expired" if state == _S.EXPIRED else "checkout_wrong_step"
        return Refused(code=code, rule=rule, looked_at=(("state", state),), legal=legal_at(checkout, now))
    fact = _fact(now, state, name, **changes)
    if rule.outcome not in MOVING and not changes:
        return Decision(outcome=rule.outcome, fact=None, after=checkout)
    return _decision(checkout, fact)


def _forget(checkout: Checkout, what: ForgetCustomerOf, now: datetime) -> CheckoutDecisionResult:
    if checkout.opened == without_customer(checkout.opened):
        return Decision(outcome=Outcome.ALREADY, fact=None, after=checkout)
    step = TABLE.step(checkout.state, TERMINATE)
    fact = CheckoutFact(at=now, kind=FORGET, trust=Trust.OPERATOR, outcome=FORGOTTEN.outcome, rules=(FORGOTTEN.id,),
                        state=step.to, by=what.by)  # fmt: skip
    return _decision(checkout, fact)


def without_customer(opened: CheckoutOpened) -> CheckoutOpened:
    """The opening of a checkout that is nobody's any more."""
    return CheckoutOpened(merchant_id=opened.merchant_id, checkout_id=opened.checkout_id, customer_id="")


def fact_without_customer(fact: CheckoutFact) -> CheckoutFact:
    """A fact of a checkout's journal without its customer."""
    return with_changes(fact, opened=fact.opened and without_customer(fact.opened))


def _fact(now: datetime, state: CheckoutState, name: str, **changes: Any) -> CheckoutFact:
    step = TABLE.step(state, name)
    trust = Trust.APP if name in EVENTS else Trust.MERCHANT
    return CheckoutFact(
        at=now, kind=name, trust=trust, outcome=step.rule.outcome, rules=(step.rule.id,), state=step.to, **changes
    )


def _decision(checkout: Checkout | None, fact: CheckoutFact) -> Decision[Checkout, CheckoutFact]:
    return Decision(outcome=fact.outcome, fact=fact, after=evolve(checkout, fact))
