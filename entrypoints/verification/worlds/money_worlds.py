"""The worlds of money as Juspay really reports it: one payment named of two, refunds of its own, legs, offers.

They follow the gateway contract, O.1 to O.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

from attrs import evolve

from paystate.core.evidence import DisputeClaim
from paystate.core.lifecycle.statuses import Paid, Refunded
from paystate.core.orders.commands.refund_commands import SendRefund
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.policy import DEFAULT, Policy
from paystate.entrypoints.verification.inputs import (
    FULL,
    IN_TIME,
    OPENED_AT,
    ORDER,
    TOO_LATE,
    WORDS,
    WRONGS,
    Ours,
    absent,
    always,
    amount_of,
    answer,
    before_the_last_call,
    calls,
    fresh,
    leg,
    listed,
    refund_answer,
    request,
    told,
    verdicts,
    webhook,
)
from paystate.entrypoints.verification.search import Offer, World
from paystate.entrypoints.verification.worlds.alike import in_small_numbers
from paystate.entrypoints.verification.worlds.order_worlds import (
    TWO_CALLS,
    accepted,
    both,
    listings,
    order_world,
    paid,
    reserved,
)

FIRST, SECOND = f"acme-{ORDER}-1", f"acme-{ORDER}-2"
"""As Juspay names the transactions of one order: by the try."""
LEGS: Final = (f"{FIRST}-1", f"{FIRST}-2")
"""As it names those that pay together."""
_CHARGED, _PARTIAL, _BACK = WORDS[Paid.CHARGED], WORDS[Paid.PARTIAL], WORDS[Paid.AUTO_REFUNDED]
_K1: Final = Ours(name="k1", amount_minor=4000)
_DISPUTE: Final = DisputeClaim(dispute_id="dispute-1", stage="RECEIVED")


def one_named_of_two(steps: int) -> World[Order]:
    """Two payments; webhooks name both, and each answer names one."""
    told = [
        answer(word, asked, txn)
        for word, txn in (
            (_CHARGED, FIRST),
            (_CHARGED, SECOND),
            (WORDS[Paid.FAILED], FIRST),
            (WORDS[Paid.PENDING], SECOND),
        )
        for asked in (1, 2)
    ]
    later = answer(_CHARGED, 1, SECOND, when="at version 1, and answered two hours later")
    told.append(evolve(later, now=IN_TIME + timedelta(hours=2)))
    named = (webhook(FIRST), webhook(FIRST, SECOND), webhook(SECOND, word="PENDING"), webhook("another"))
    full = Ours(name="k1", amount_minor=FULL)
    asks = (request(full), request(full, txn_id=FIRST), request(full, txn_id=SECOND))
    return order_world(
        "one payment is named of two",
        f"Two attempts of one order, four answers that name one of them each, to two questions; webhooks that name"
        f" either, both or a third; a refund of the order or of one payment, people's word, at most {steps} steps.",
        both(always(*told, *named, *asks), accepted),
        steps_max=steps,
    )


def own_refunds_of_juspay(steps: int) -> World[Order]:
    """Refunds of Juspay's own: of the payment, or of another beside it."""
    rows = [listed("AR1", FULL, kind, automatic=True) for kind in Refunded]
    failed, done = rows[[*Refunded].index(Refunded.FAILURE)], rows[[*Refunded].index(Refunded.SUCCESS)]
    again = evolve(done, refund_id="AR2")
    pending = rows[[*Refunded].index(Refunded.PENDING)]
    lists = [(), *((row,) for row in rows), (failed, again), (pending, failed)]
    told = [answer(word, 2, refunds=entries) for word in (_CHARGED, _BACK) for entries in lists]
    told += [answer(_BACK, 1, "t2", refunds=entries) for entries in ((), (done,))]
    told += [answer(_CHARGED, 1, eligible=amount_of(FULL)), answer(_BACK, 2, eligible=amount_of(0), refunds=(done,))]
    asks = (
        request(Ours(name="k1", amount_minor=FULL)),
        request(Ours(name="k2", amount_minor=FULL), txn_id="t2"),
        request(Ours(name="k3", amount_minor=1)),
    )
    return order_world(
        "refunds of Juspay's own",
        f"A payment that is charged or given back by Juspay, and a second one; Juspay lists none of its refunds, one in"
        f" each of five classes, a failed one and another, or two tries of one; refunds of ours, people's word, at most"
        f" {steps} steps.",
        both(always(*told, *asks), accepted),
        steps_max=steps,
    )


def legs_of_a_payment(steps: int) -> World[Order]:
    """One payment of two legs, and refunds that they give back in shares."""
    ours, of_leg = Ours(name="k1", amount_minor=5000), Ours(name="k2", amount_minor=4000)
    rest = f"{ours.refund_id}-1"
    asks = (request(ours), request(of_leg, txn_id=LEGS[1]))
    told = [
        _of_legs(WORDS[Paid.PENDING], ("CHARGED", "PENDING")),
        _of_legs(_CHARGED, ("CHARGED", "CHARGED")),
        _of_legs(_CHARGED, ("CHARGED", "CHARGED"), (ours.refund_id, 2000, Refunded.SUCCESS)),
        *(
            _of_legs(_CHARGED, ("CHARGED", "CHARGED"), (ours.refund_id, 2000, kinds[0]), (rest, 3000, kinds[1]))
            for kinds in (
                (Refunded.SUCCESS, Refunded.SUCCESS),
                (Refunded.SUCCESS, Refunded.FAILURE),
                (Refunded.FAILURE, Refunded.FAILURE),
            )
        ),
        _of_legs(_CHARGED, ("CHARGED", "CHARGED"), ("elsewhere", 6000, Refunded.SUCCESS)),
        _of_legs(_PARTIAL, ("CHARGED", "Failure")),
        _of_legs(_PARTIAL, ("CHARGED", "CHARGED")),
        answer(_CHARGED, 1, FIRST),
        _of_legs(_BACK, ("AUTO_REFUNDED", "Failure"), ("AR1", 6000, Refunded.FAILURE)),
        _of_legs(_BACK, ("AUTO_REFUNDED", "Failure"), ("AR1", 6000, Refunded.SUCCESS)),
        _of_legs(_CHARGED, ("CHARGED", "CHARGED"), asked=1),
        _twice_named(),
        refund_answer(2, listed(ours.refund_id, 5000, Refunded.PENDING)),
        answer(_CHARGED, 2, refunds_only=True, merchant_id=None, about="merchant"),
    ]
    return order_world(
        "legs of a payment",
        f"One payment of two legs, twelve answers about it, one of them as a whole, with shares of a refund of ours, of"
        f" one made elsewhere or of Juspay's own on either leg, one of which names a leg twice, and answers to a refund"
        f" call; refunds of the order and of a leg, people's word, at most {steps} steps.",
        both(always(*told, *asks), accepted),
        steps_max=steps,
    )


def _of_legs(word: str, legs: tuple[str, str], *shares: tuple[str, int, Refunded], asked: int = 2) -> Offer:
    """An answer about a payment of 60.00 and 40.00, with a share of refunds on each leg."""
    on_each: list[list[Any]] = [[], []]
    for number, (refund_id, minor, kind) in enumerate(shares):
        is_own = refund_id.startswith("AR")
        on_each[number].append(listed(refund_id, minor, kind, automatic=is_own, txn_id=LEGS[number]))
    parts = zip(LEGS, legs, (6000, 4000), on_each, strict=True)
    return answer(word, asked, None, legs=[leg(txn, said, minor, *rows) for txn, said, minor, rows in parts])


def _twice_named() -> Offer:
    """An answer that names one leg twice, the money first."""
    legs = [leg(txn, "CHARGED", minor) for txn, minor in zip(LEGS, (6000, 4000), strict=True)]
    return answer(_CHARGED, 2, None, legs=[*legs, leg(LEGS[1], "PENDING", 4000)])


def paid_is_not_the_price(steps: int) -> World[Order]:
    """An offer takes something off, a surcharge puts something on, and Juspay names what it will still refund."""
    less, more = amount_of(8500), amount_of(10800)
    offer: dict[str, Any] = {"paid": less, "discount": amount_of(1500)}
    extra: dict[str, Any] = {"paid": more, "surcharge": amount_of(800)}
    told = [
        answer(_CHARGED, 2),
        answer(_CHARGED, 1, **offer),
        answer(_CHARGED, 2, **offer, refunds=[listed("elsewhere", 8500, Refunded.SUCCESS)], eligible=amount_of(0)),
        answer(_CHARGED, 1, **extra),
        answer(_CHARGED, 2, **extra, refunds=[listed("elsewhere", FULL, Refunded.SUCCESS)]),
        answer(_CHARGED, 2, **extra, eligible=amount_of(5000)),
        answer(_CHARGED, 1, eligible=more),
        answer(_BACK, 2, **extra, refunds=[listed("AR1", 10800, Refunded.SUCCESS, automatic=True)]),
        answer(_PARTIAL, 2, **extra),
        answer(_PARTIAL, 2, **extra, refunds=[listed("elsewhere", 6000, Refunded.SUCCESS)]),
    ]
    asks = [request(Ours(name=f"k{minor}", amount_minor=minor)) for minor in (5000, 8500, 10800)]
    return order_world(
        "what was paid is not the price",
        f"One attempt at the price, for less by an offer or for more by a surcharge, charged, captured in part or given"
        f" back; refunds made elsewhere and of ours; Juspay's own figure of what it will refund; the merchant allows"
        f" ten percent off; people's word, at most {steps} steps.",
        both(always(*told, *asks), accepted),
        policy=evolve(DEFAULT, discount_max_percent=10),
        steps_max=steps,
    )


def another_price(steps: int) -> World[Order]:
    """Juspay answers at another price, and a person takes it or declines it."""
    half: dict[str, Any] = {"amount": amount_of(FULL // 2), "about": "amount"}
    told = [answer(_CHARGED, asked, **half) for asked in (1, 2)]
    told += [answer(WORDS[Paid.NEW], 1), answer(_CHARGED, 2, "t2"), answer(_PARTIAL, 2, **half)]
    told.append(answer(_CHARGED, 2, **half, refunds=[listed("elsewhere", FULL // 2, Refunded.SUCCESS)]))
    asks = [request(Ours(name=f"k{minor}", amount_minor=minor)) for minor in (FULL // 2, FULL)]
    return order_world(
        "another price",
        f"One attempt, charged at half the price or in part, and a second one at the price; refunds, people's word,"
        f" at most {steps} steps.",
        both(always(*told, *asks), _accepted_or_declined),
        steps_max=steps,
    )


def _accepted_or_declined(order: Order) -> Iterator[Offer]:
    words = (Verdict.ACCEPTED, Verdict.DECLINED)
    return (offer for offer in verdicts(order) if offer.what.verdict in words)


def between_reservation_and_send(steps: int) -> World[Order]:
    """A refund waits to be sent, and evidence comes in between."""
    whole = listed("elsewhere", FULL, Refunded.SUCCESS)
    wrong = {name: WRONGS[name] for name in ("amount", "merchant")}

    def told(order: Order) -> Iterator[Offer]:
        now: dict[str, Any] = {"asked": order.version, "when": "now"}
        yield answer(_CHARGED, **now)
        yield answer(_CHARGED, eligible=amount_of(0), **now)
        yield answer(_CHARGED, refunds=[whole], **now)
        yield answer(_CHARGED, txn_word=WORDS[Paid.PENDING], **now)
        yield answer(_BACK, refunds=[listed("AR1", FULL, Refunded.SUCCESS, automatic=True)], **now)
        yield answer(_BACK, **now)
        yield from (answer(_CHARGED, about=about, **now, **changes) for about, changes in wrong.items())
        yield absent(order.version)

    return order_world(
        "evidence between reservation and send",
        f"One refund of ours that is reserved and every end of a call; an answer that fits not, denies the order or its"
        f" payment, gives the payment back, lists a refund of everything or leaves Juspay nothing to refund; a dispute;"
        f" people's word, at most {steps} steps; calls permitted: {TWO_CALLS.refund_tries_max}.",
        both(told, always(webhook(dispute=_DISPUTE)), lambda order: calls(order, _K1), _closing),
        start=reserved(_K1),
        policy=TWO_CALLS,
        representative=in_small_numbers,
        steps_max=steps,
    )


def _closing(order: Order) -> Iterator[Offer]:
    """A person's word where it is legal; what it may not be is tried in the worlds of refunds."""
    for offer in verdicts(order):
        if offer.what.verdict in (Verdict.ACCEPTED, Verdict.NOT_DONE):
            yield offer


def listed_under_another_id(steps: int) -> World[Order]:
    """Our refund was sent, is not listed, and another of its amount is."""

    def told(order: Order) -> Iterator[Offer]:
        for asked, when in ((order.version, "now"), (before_the_last_call(order), "before that")):
            yield answer(_CHARGED, asked, when=when)
            for minor, kind in (
                (_K1.amount_minor, Refunded.SUCCESS),
                (_K1.amount_minor, Refunded.FAILURE),
                (_K1.amount_minor + 1, Refunded.SUCCESS),
            ):
                yield answer(_CHARGED, asked, refunds=[listed(f"other {minor}", minor, kind)], when=when)
        for name, date in (("near", OPENED_AT + timedelta(minutes=1)), ("far off", OPENED_AT + timedelta(hours=9))):
            row = listed(f"dated {name}", _K1.amount_minor, Refunded.PENDING, created_at=date)
            yield answer(_CHARGED, order.version, refunds=[row], when="now")
        yield answer(_CHARGED, order.version, refunds=[listed(_K1.refund_id, 4000, Refunded.SUCCESS)], when="now")

    return order_world(
        "listed under another id",
        f"One refund of ours that is reserved and every end of a call; Juspay lists it, none, or another of the same"
        f" amount or nearly so, dated near the call, far off or not at all, to a question asked now or before the last"
        f" call; people's word, at most"
        f" {steps} steps; calls permitted: {TWO_CALLS.refund_tries_max}.",
        both(told, lambda order: calls(order, _K1), verdicts),
        start=reserved(_K1),
        policy=TWO_CALLS,
        representative=in_small_numbers,
        steps_max=steps,
    )


def held_money(steps: int) -> World[Order]:
    """Money that is held, and whose capture or release fails."""
    words = (WORDS[Paid.HELD], "CAPTURE_FAILED", "VOID_FAILED", WORDS[Paid.VOIDED], WORDS[Paid.COD], _CHARGED)
    told = [answer(word, asked, txn) for word in words for asked in (1, 2) for txn in ("t1", None)]
    told += [answer(WORDS[Paid.HELD], 2, paid=amount_of(9000)), answer("CAPTURE_FAILED", 2, txn_word=WORDS[Paid.HELD])]
    return order_world(
        "money that is held, and fails to move",
        f"One attempt that is held, released, charged or to be paid in cash, or whose capture or release failed, named"
        f" or not, to two questions; less than the price is held, or the order alone tells of the failure;"
        f" people's word, at most {steps} steps.",
        both(always(*told), accepted),
        steps_max=steps,
    )


def disputes(steps: int) -> World[Order]:
    """The shopper's bank disputes the payment, twice, and one of the disputes ends."""
    ended = DisputeClaim(dispute_id=_DISPUTE.dispute_id, stage="RESOLVED_IN_MERCHANT_FAVOUR")
    told = (webhook(dispute=_DISPUTE), webhook(dispute=ended))
    other = webhook(dispute=DisputeClaim(dispute_id="dispute-2", stage="RECEIVED"))
    lost = [
        webhook(dispute=DisputeClaim(dispute_id="dispute-2", stage="RESOLVED_IN_CUSTOMER_FAVOUR", amount=amount))
        for amount in (None, amount_of(7000))
    ]
    return order_world(
        "disputes",
        f"A payment and a refund of ours that is reserved; a dispute that begins and ends, another that begins and is"
        f" lost, of all or a part; answers and calls of the refund, another refund, people's word, at most {steps}"
        f" steps.",
        both(
            always(*told, other, *lost, request(Ours(name="k2", amount_minor=1))),
            listings([_K1], (Refunded.SUCCESS,)),
            lambda order: calls(order, _K1),
            verdicts,
        ),
        start=reserved(_K1),
        policy=TWO_CALLS,
        representative=in_small_numbers,
        steps_max=steps,
    )


def refund_of_what_stands(steps: int) -> World[Order]:
    """Juspay's own refund names the payment that stands; or gives back what no answer names."""
    every = (Refunded.PENDING, Refunded.FAILURE, Refunded.SUCCESS)
    rows = [listed("AR1", FULL, kind, automatic=True, txn_id="t1") for kind in every]
    part = listed("AR2", FULL // 2, Refunded.SUCCESS, automatic=True, txn_id="t1")
    unseen = listed("AR3", FULL, Refunded.FAILURE, automatic=True)
    told = [answer(_CHARGED, 2, refunds=[row]) for row in (*rows, part)]
    told += [answer(_CHARGED, 1), answer(_CHARGED, 1, "t2"), answer(_BACK, 2, refunds=[rows[1]])]
    told.append(answer(WORDS[Paid.FAILED], 1, refunds=[unseen]))
    half = listed("elsewhere", FULL // 2, Refunded.PENDING)
    told.append(answer(_CHARGED, 1, refunds=[half], eligible=amount_of(FULL // 2)))
    told.append(answer(_CHARGED, 2, refunds=[evolve(half, status="FAILURE")]))
    full = Ours(name="k1", amount_minor=FULL)
    asks = (request(full), request(Ours(name="k2", amount_minor=FULL), txn_id="t1"))
    return order_world(
        "Juspay's own refund names what stands",
        f"A payment that is charged, and a second one; Juspay lists a refund of its own that names the first, of all in"
        f" each of three classes or of half; an order that failed and lists one that names none; one made"
        f" elsewhere that fails; refunds of ours, one of which is sent, people's word, at most {steps} steps.",
        both(always(*told, *asks), lambda order: _sends(order, full), accepted),
        steps_max=steps,
    )


def _sends(order: Order, ours: Ours) -> Iterator[Offer]:
    return (one for one in calls(order, ours) if isinstance(one.what, SendRefund) and one.now == IN_TIME)


def a_share_under_another_id(steps: int) -> World[Order]:
    """Our refund of a payment of two legs was sent, is not listed, and one leg lists less than it."""
    ours = Ours(name="k1", amount_minor=5000)
    charged = ("CHARGED", "CHARGED")
    near, far = OPENED_AT + timedelta(minutes=1), OPENED_AT + timedelta(hours=9)

    def told_so(order: Order) -> Iterator[Offer]:
        yield _of_legs(_CHARGED, charged, asked=order.version)
        for name, minor, date in (
            ("near", 2000, near),
            ("far off", 2000, far),
            ("larger", 6000, near),
            ("", 2000, None),
        ):
            share = listed(f"share {name}", minor, Refunded.SUCCESS, txn_id=LEGS[0], created_at=date)
            rows = [leg(LEGS[0], "CHARGED", 6000, share), leg(LEGS[1], "CHARGED", 4000)]
            yield answer(_CHARGED, order.version, None, legs=rows, when="now")

    return order_world(
        "a share under another id",
        f"A payment of two legs and a refund of ours that is reserved and sent; a leg lists nothing, or a refund that"
        f" is less or more, dated near the call, far off or not at all; people's word, at most {steps} steps.",
        both(told_so, lambda order: _sends(order, ours), verdicts),
        start=lambda policy: told(fresh(policy), _of_legs(_CHARGED, charged, asked=0), request(ours), policy=policy),
        policy=TWO_CALLS,
        representative=in_small_numbers,
        steps_max=steps,
    )


def one_twin_of_two(steps: int) -> World[Order]:
    """Two refunds of ours were sent and are not listed, and one of their amount is, which may fail."""
    ours = (_K1, Ours(name="k2", amount_minor=_K1.amount_minor))

    def told_so(order: Order) -> Iterator[Offer]:
        yield answer(_CHARGED, order.version, when="now")
        for kind in (Refunded.PENDING, Refunded.FAILURE):
            row = listed("other", _K1.amount_minor, kind)
            yield answer(_CHARGED, order.version, refunds=[row], when="now")

    def start(policy: Policy) -> Order:
        order = told(paid(policy), *(request(one) for one in ours), policy=policy)
        return told(order, *_sends(order, ours[0]), policy=policy)

    return order_world(
        "one twin of two",
        f"Two refunds of ours that are reserved, one of them sent, and one under another name that is on its way or"
        f" fails; people's word, at most {steps} steps.",
        both(told_so, *(_sending(one) for one in ours), verdicts),
        start=start,
        policy=TWO_CALLS,
        representative=in_small_numbers,
        steps_max=steps,
    )


def _sending(ours: Ours) -> Callable[[Order], Iterator[Offer]]:
    """The call of a refund, later than that of another of its amount."""
    return lambda order: (evolve(one, now=IN_TIME + timedelta(minutes=1)) for one in _sends(order, ours))


def claimed_by_a_webhook(steps: int) -> World[Order]:
    """A webhook calls a payment paid, and the answers tell of an order that looks unpaid."""

    def told(order: Order) -> Iterator[Offer]:
        claims = [*order.mentioned_since.values()]
        for asked, when in ((order.version, "now"), (min(claims, default=order.version) - 1, "before the webhook")):
            for kind in (Paid.FAILED, Paid.VOIDED, Paid.COD, Paid.PENDING):
                yield answer(WORDS[kind], asked, FIRST, when=when)
            yield answer(WORDS[Paid.FAILED], asked, SECOND, when=when)
            yield answer(WORDS[Paid.FAILED], asked, SECOND, dated=TOO_LATE, when=when)
        yield absent(order.version)
        yield answer(_CHARGED, order.version, SECOND, when="now")

    named = (webhook(FIRST), webhook(FIRST, word="PENDING"))
    return order_world(
        "a webhook claims a payment",
        f"A webhook calls an attempt paid or under way; answers that it failed, was let go, is to be paid in cash or is"
        f" under way, that another failed, in time or too late, or took money, or that there is no such order, to a"
        f" question asked now or before the webhook; people's word, at most {steps} steps.",
        both(always(*named), told, accepted),
        representative=in_small_numbers,
        steps_max=steps,
    )


def money_worlds(more: int = 0) -> Iterator[World[Order]]:
    """All of them; a large set goes some steps further."""
    yield between_reservation_and_send(4 + more)
    yield listed_under_another_id(4 + more)
    yield own_refunds_of_juspay(4 + more)
    yield legs_of_a_payment(4 + more)
    yield one_named_of_two(4 + more)
    yield paid_is_not_the_price(4 + more)
    yield another_price(4 + more)
    yield held_money(3 + more)
    yield disputes(4 + more)
    yield refund_of_what_stands(4 + more)
    yield a_share_under_another_id(3 + more)
    yield one_twin_of_two(5 + more)
    yield claimed_by_a_webhook(3 + more)
