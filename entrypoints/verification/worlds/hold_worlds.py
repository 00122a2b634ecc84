"""The worlds of held money: captures and releases, every end of a call, answers new and old, and what is refused.

The laws of operations on held money are here too, in a second wording.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from decimal import Decimal
from typing import Final

from attrs import evolve

from paystate.core.evidence import Answer, Evidence, OrderAnswer, Trust, TxnAnswer
from paystate.core.ids import hold_id_for
from paystate.core.lifecycle.statuses import Paid, Refunded
from paystate.core.money import Money
from paystate.core.orders.commands.hold_commands import EndHoldCall, RequestCapture, RequestVoid, SendHoldCall
from paystate.core.orders.facts import Refused
from paystate.core.orders.fulfilment import is_paid
from paystate.core.orders.held_money import state_of
from paystate.core.orders.hold import HoldOperation, HoldState
from paystate.core.orders.order import Order
from paystate.core.orders.reason import ReasonKind
from paystate.core.orders.refund import LastCall
from paystate.core.orders.review.reasons import reasons
from paystate.core.orders.timing.next_step import SendHold, next_at, next_step
from paystate.core.policy import DEFAULT, Policy
from paystate.entrypoints.verification.inputs import (
    CURRENCY,
    FINAL_REFUSAL,
    FULL,
    IN_TIME,
    MERCHANT,
    OPENED_AT,
    ORDER,
    PARTLY,
    SAFE_REFUSAL,
    TOO_EARLY,
    TOO_LATE,
    WORDS,
    always,
    answer,
    fresh,
    listed,
    told,
)
from paystate.entrypoints.verification.laws.order_laws import order_laws
from paystate.entrypoints.verification.search import Law, Offer, Tried, World
from paystate.entrypoints.verification.worlds.alike import key, known
from paystate.entrypoints.verification.worlds.order_worlds import EVERY_KIND, Offers, both, order_world

_TXN: Final = "t1"
_FEW: Final = evolve(DEFAULT, refund_tries_max=2, holds_max=2)
_WORDS: Final = ("AUTHORIZED", "CAPTURE_FAILED", "VOIDED", "PARTIAL_CHARGED", "CHARGED")
_AT_WORK: Final = ("CAPTURE_INITIATED", "VOID_INITIATED")
_ENDS: Final = (
    (LastCall.UNKNOWN, "", "brings no answer"),
    (LastCall.NOT_SENT, "", "never left"),
    (LastCall.REFUSED, FINAL_REFUSAL, "is refused"),
    (LastCall.REFUSED, SAFE_REFUSAL, "is turned away at the door"),
)


def hold_worlds() -> tuple[World[Order], ...]:
    """All of them."""
    return (_captures(4), _captured_again(4), _in_every_status(2))


def held_in_doubt(steps: int, doubts: Iterable[Offer]) -> World[Order]:
    """A capture that was asked for while the record is in doubt."""
    first, *_ = doubts = tuple(doubts)
    return _world(
        "held money in doubt",
        f"Held money whose record is in doubt, and a capture that was asked for since; every end of a call, five words"
        f" to a question asked now or before the last call, another amount, a hold without a name; the same doubt and"
        f" another; at most {steps} steps; calls permitted: {_FEW.refund_tries_max}.",
        both(always(*doubts), _calls, _answers),
        lambda policy: told(_held(policy), first, _capture("k1", None), policy=policy),
        steps,
    )


def _captures(steps: int) -> World[Order]:
    asked = (
        *(_capture("k1", PARTLY), _capture("k1", None), _capture("k2", None), _void("k2")),
        *(_capture("k3", 0), _capture("k3", FULL + 1)),
    )
    return _world(
        "held money",
        f"Held money; captures of all or a part and a release under two keys, every end of a call, five words to a"
        f" question asked now or before the last call, another amount, a hold without a name, at most {steps} steps;"
        f" calls permitted: {_FEW.refund_tries_max}.",
        both(always(*asked), _calls, _answers),
        _held,
        steps,
    )


def _captured_again(steps: int) -> World[Order]:
    return _world(
        "held money again",
        f"Money still held after a capture that failed; a capture under each of two more keys, every end of a call, the"
        f" same failure or the money told now, at most {steps} steps; operations permitted: {_FEW.holds_max}.",
        both(
            always(_capture("k2", None), _capture("k3", None)),
            _calls,
            lambda order: [says(word, order.version, when="now") for word in ("CAPTURE_FAILED", "CHARGED")],
        ),
        _failed_once,
        steps,
    )


def _world(name: str, bounds: str, offers: Offers, start: Callable[[Policy], Order], steps: int) -> World[Order]:
    world = order_world(name, bounds, offers, start=start, policy=_FEW, key_of=_key, steps_max=steps)
    return evolve(world, known=_known, laws=(*order_laws(_FEW), *_laws(_FEW)))


def _held(policy: Policy) -> Order:
    return told(fresh(policy), says("AUTHORIZED", 0), policy=policy)


def _failed_once(policy: Policy) -> Order:
    asked = told(_held(policy), _capture("k1", None), policy=policy)
    sent = told(asked, next(_calls(asked)), policy=policy)
    return told(sent, says("CAPTURE_FAILED", sent.version), policy=policy)


def _in_every_status(steps: int) -> World[Order]:
    asked = (_capture("k1", None), _void("k2"))
    back = [[listed("elsewhere", minor, Refunded.SUCCESS)] for minor in (FULL, FULL // 2)]
    others = (
        answer(WORDS[Paid.FAILED], 2, dated=TOO_LATE),
        *(answer(WORDS[Paid.CHARGED], 2, refunds=refunds) for refunds in back),
        says("AUTHORIZED", 2, uuid=""),
    )
    world = order_world(
        "captures in every status",
        f"All ten classes, a late answer, refunds made elsewhere and a hold without a name; a capture and a release"
        f" asked for, at most {steps} steps.",
        always(*(says(WORDS[kind], 2) for kind in EVERY_KIND), *others, *asked),
        key_of=_key,
        steps_max=steps,
    )
    return evolve(world, known=_known, laws=(*order_laws(DEFAULT), *_laws(DEFAULT)))


def _key(order: Order) -> Hashable:
    return order.version, key(order), _known(order)


def _known(order: Order) -> Hashable:
    return known(order), tuple(order.holds.values()), tuple(one.held_since for one in order.attempts.values())


# --- what there is to try ---------------------------------------------------------------------------------------------


def says(word: str, asked: int, *, when: str = "", uuid: str = "uuid-1", amount: int = FULL) -> Offer:
    """Juspay's answer about a hold, under the name by which it is captured."""
    body = OrderAnswer(
        merchant_id=MERCHANT,
        order_id=ORDER,
        amount=Decimal(amount) / 100,
        currency=CURRENCY,
        status=word,
        txn=TxnAnswer(txn_id=_TXN, status=word, txn_uuid=uuid),
        captured=Decimal(PARTLY) / 100 if word == WORDS[Paid.PARTIAL] else None,
    )
    name = "" if uuid else ", and does not name the hold"
    other = "" if amount == FULL else ", with another amount"
    line = f"Juspay answers {word}{name}{other} (asked {when or f'at version {asked}'})."
    return Offer(message=line, what=Evidence(asked=asked, answer=Answer(body=body)), now=IN_TIME, by=Trust.GATEWAY)


def _answers(order: Order) -> Iterator[Offer]:
    sent = max((one.sent_version for one in order.holds.values()), default=-1)
    for word in _WORDS:
        yield says(word, order.version, when="now")
        if sent > 0:
            yield says(word, sent - 1, when="before the last call")
    yield says("AUTHORIZED", order.version, when="now", amount=1)
    yield says("AUTHORIZED", order.version + 1, when="of a hold that is new", uuid="")


def _capture(name: str, minor: int | None) -> Offer:
    amount = None if minor is None else Money(minor, CURRENCY)
    what = RequestCapture(key=name, hold_id=hold_id_for(MERCHANT, name), amount=amount)
    line = f"The backend asks for the capture of {amount or 'all'} under the key {name}."
    return Offer(message=line, what=what, now=OPENED_AT, by=Trust.MERCHANT)


def _void(name: str) -> Offer:
    what = RequestVoid(key=name, hold_id=hold_id_for(MERCHANT, name))
    return Offer(message=f"The backend asks for the release under {name}.", what=what, now=OPENED_AT, by=Trust.MERCHANT)


def _calls(order: Order) -> Iterator[Offer]:
    for one in order.holds.values():
        for now, when in ((TOO_EARLY, "one second later"), (IN_TIME, "an hour later")):
            line = f"The worker sends {one.kind} {one.key}, {when}."
            yield Offer(message=line, what=SendHoldCall(one.hold_id), now=now, by=Trust.SELF)
        if one.tries:
            for ends, refusal, how in _ENDS:
                end = EndHoldCall(hold_id=one.hold_id, sent_version=one.sent_version, last_call=ends, refusal=refusal)
                yield Offer(message=f"The call of {one.kind} {one.key} {how}.", what=end, now=IN_TIME, by=Trust.SELF)


# --- laws -------------------------------------------------------------------------------------------------------------


def _laws(policy: Policy) -> tuple[Law[Order], ...]:
    return (
        Law("H1", "A capture or release is called again only if no earlier call can have reached Juspay, or Juspay has"
            " told since that the money is still held.", _called_wrongly(policy)),
        Law("H2", "One capture or release is open at a time, and a key is one of them for ever.", _two_open),
        Law("H3", "It is done exactly if Juspay tells that the hold ended as was asked.", _ended_wrongly),
        Law("H4", "A part that was taken and not asked for holds the goods back.", _part_unseen),
        Law("H5", "What is open has a next look or call.", _unwatched(policy)),
    )  # fmt: skip


def _called_wrongly(policy: Policy) -> Callable[[Tried[Order]], str | None]:
    def broken(tried: Tried[Order]) -> str | None:
        what = tried.offer.what
        if not isinstance(what, SendHoldCall) or isinstance(tried.result, Refused):
            return None
        was, now = tried.before.holds[what.hold_id], tried.after.holds[what.hold_id]
        if now.tries != was.tries + 1 or now.sent_version != tried.after.version:
            return "a call is made and not counted"
        if tried.before.mismatches:
            return "a call is made while the order's money is in doubt"
        held = tried.before.attempts[_TXN]
        if held.state != "HELD" or held.reported.status_word in _AT_WORK:
            return "a call is made for money that is not held, or that Juspay is at work on"
        if was.tries - was.not_sent >= policy.refund_tries_max:
            return "more calls are made than the policy permits"
        may_have_effect = was.tries and was.last_call is not LastCall.NOT_SENT
        if may_have_effect and held.observations["HELD"].asked_last < was.sent_version:
            return "a call is made again, and nobody has looked what became of the one before"
        return None

    return broken


def _two_open(tried: Tried[Order]) -> str | None:
    is_new = tried.after.holds.keys() != tried.before.holds.keys()
    if is_new and any(_is_open(tried.before, one) for one in tried.before.holds.values()):
        return "another is taken while one is open"
    for hold_id, one in tried.before.holds.items():
        now = tried.after.holds[hold_id]
        if (one.kind, one.amount_minor, one.key) != (now.kind, now.amount_minor, now.key):
            return f"{one.key} has become another"
    return None


def _is_open(order: Order, one: HoldOperation) -> bool:
    return state_of(order, one) is HoldState.REQUESTED


def _ended_wrongly(tried: Tried[Order]) -> str | None:
    order, newest = tried.after, [*tried.after.holds.values()][-1:]
    attempt = order.attempts.get(_TXN)
    for one in order.holds.values():
        is_as_asked = (
            [one] == newest and attempt is not None and _fits(one, attempt.state, attempt.reported.amount_minor)
        )
        if is_as_asked != (state_of(order, one) is HoldState.DONE):
            return f"{one.key} is {state_of(order, one)}, and the hold is {attempt.state if attempt else 'unknown'}"
    return None


def _fits(one: HoldOperation, state: str, captured: int) -> bool:
    if one.kind == "void":
        return state == "VOIDED"
    if state == "PARTIAL":
        return captured == one.amount_minor
    return state in ("CHARGED", "AUTO_REFUNDED") and one.amount_minor == FULL


def _part_unseen(tried: Tried[Order]) -> str | None:
    order = tried.after
    attempt = order.attempts.get(_TXN)
    if attempt is None or attempt.state != "PARTIAL":
        return None
    newest = [*order.holds.values()][-1:]
    was_asked = any(_fits(one, "PARTIAL", attempt.reported.amount_minor) for one in newest)
    is_told = any(reason.kind is ReasonKind.PARTIAL_CAPTURE for reason in reasons(order))
    if was_asked == is_told:
        return "a person is called for a part that was asked for" if is_told else "nobody is called for a part"
    return None if was_asked or not is_paid(order) or order.settled else "the goods go out for a part"


def _unwatched(policy: Policy) -> Callable[[Tried[Order]], str | None]:
    def broken(tried: Tried[Order]) -> str | None:
        order = tried.after
        is_open = any(_is_open(order, one) for one in order.holds.values())
        if not is_open or next_at(order, policy, IN_TIME) or isinstance(next_step(order, policy, IN_TIME), SendHold):
            return None
        return "a capture or release is open, and nothing will be done about it"

    return broken
