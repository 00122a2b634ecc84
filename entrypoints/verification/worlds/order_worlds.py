"""The worlds: what each one holds, and what it leaves out.

Every world is small enough to be explored whole, and says what it bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Final

from attrs import evolve

from paystate.core.lifecycle.statuses import Paid, Refunded
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.order import Order
from paystate.core.policy import DEFAULT, Policy
from paystate.entrypoints.verification.inputs import (
    FULL,
    IN_TIME,
    JUST_EXPIRED,
    TOO_LATE,
    WORDS,
    WRONGS,
    Ours,
    absent,
    always,
    answer,
    before_the_last_call,
    calls,
    fresh,
    listed,
    no_such_reason,
    open_again,
    process,
    request,
    told,
    verdicts,
)
from paystate.entrypoints.verification.laws.order_laws import is_open, order_laws
from paystate.entrypoints.verification.search import Offer, World
from paystate.entrypoints.verification.worlds.alike import (
    alike,
    as_it_is,
    in_small_numbers,
    in_small_numbers_and_sorted,
    key,
    key_of_the_newest,
    key_with_version,
    known,
    tell,
)

Offers = Callable[[Order], Iterable[Offer]]
TWO_CALLS: Final = evolve(DEFAULT, refund_tries_max=2)
TWO_REFUNDS: Final = evolve(DEFAULT, refunds_max=2)
EVERY_KIND: Final = tuple(Paid)


def order_world(
    name: str,
    bounds: str,
    offers: Offers,
    *,
    start: Callable[[Policy], Order] = fresh,
    policy: Policy = DEFAULT,
    representative: Callable[[Order], Order] = as_it_is,
    key_of: Callable[[Order], Hashable] | None = None,
    steps_max: int | None = None,
) -> World[Order]:
    """A world of one order; it begins with an order just opened if nothing else is said."""
    counting = key_with_version if representative is in_small_numbers else key
    return World(
        name=name,
        bounds=bounds,
        starts=lambda: (start(policy),),
        offers=offers,
        decide=lambda order, offer: decide(order, offer.what, policy, offer.now),
        key=key_of or counting,
        tell=tell,
        laws=order_laws(policy),
        known=known,
        is_open=is_open,
        representative=representative,
        steps_max=steps_max,
    )


def answers(
    kinds: Iterable[Paid], asked: Sequence[int] = (1, 2), txns: Sequence[str | None] = ("t1",), **more: Any
) -> tuple[Offer, ...]:
    """Every kind of answer to each question about each transaction."""
    return tuple(answer(WORDS[kind], at, txn, **more) for kind in kinds for at in asked for txn in txns)


def both(*parts: Offers) -> Offers:
    """All that several parts offer."""

    def offers(order: Order) -> Iterator[Offer]:
        for part in parts:
            yield from part(order)

    return offers


# --- worlds of payments -----------------------------------------------------------------------------------------------


def every_word(steps: int) -> World[Order]:
    """One attempt, all ten classes."""
    return order_world(
        "every word",
        f"One attempt, all ten classes of answer to two questions, at most {steps} answers.",
        always(*answers(EVERY_KIND)),
        steps_max=steps,
    )


def words_to_the_end(kinds: Sequence[Paid]) -> World[Order]:
    """One attempt, as many answers as there are."""
    return order_world(
        "every word to the end",
        f"One attempt, {_counted(kinds)} of answer to two questions, any number of answers; of words that prove no"
        " money only the newest question counts.",
        always(*answers(kinds)),
        key_of=key_of_the_newest,
    )


def five_words() -> World[Order]:
    """One attempt, as many answers as there are."""
    kinds = (Paid.PENDING, Paid.FAILED, Paid.PARTIAL, Paid.CHARGED, Paid.AUTO_REFUNDED)
    return order_world(
        "five words to the end",
        "One attempt, five classes of answer to two questions, any number of answers.",
        always(*answers(kinds)),
    )


def three_questions() -> World[Order]:
    """One attempt, and a question between the oldest and the newest."""
    return order_world(
        "three questions",
        "One attempt, three classes of answer to three questions, any number of answers.",
        always(*answers((Paid.FAILED, Paid.PENDING, Paid.CHARGED), (1, 2, 3))),
    )


def two_attempts(steps: int | None) -> World[Order]:
    """Two transactions that look alike."""
    most = "any number of answers" if steps is None else f"at most {steps} answers"
    return order_world(
        "two attempts",
        f"Two attempts that look alike, three classes of answer to two questions, {most}.",
        always(*answers((Paid.FAILED, Paid.CHARGED, Paid.AUTO_REFUNDED), txns=("t1", "t2"))),
        representative=alike("t1", "t2"),
        steps_max=steps,
    )


def three_attempts(kinds: tuple[Paid, ...], steps: int | None) -> World[Order]:
    """Three transactions that look alike."""
    most = "any number of answers" if steps is None else f"at most {steps} answers"
    return order_world(
        "three attempts",
        f"Three attempts that look alike, {_counted(kinds)} of answer to two questions, {most}.",
        always(*answers(kinds, txns=("t1", "t2", "t3"))),
        representative=alike("t1", "t2", "t3"),
        steps_max=steps,
    )


def money_without_a_name(steps: int) -> World[Order]:
    """Money that no transaction is named for."""
    kinds = (Paid.PENDING, Paid.PARTIAL, Paid.CHARGED, Paid.AUTO_REFUNDED)
    return order_world(
        "money without a name",
        f"One attempt and answers that name none, four classes to two questions, at most {steps} steps;"
        " people settle what they see.",
        both(always(*answers(kinds, txns=("t1", None)), request(Ours(name="k1", amount_minor=4000))), accepted),
        steps_max=steps,
    )


def words_apart(steps: int) -> World[Order]:
    """The transaction's word is not the order's."""
    pairs = [
        (Paid.CHARGED, Paid.CHARGED),
        (Paid.CHARGED, Paid.FAILED),
        (Paid.PARTIAL, Paid.CHARGED),
        (Paid.PENDING, Paid.CHARGED),
        (Paid.FAILED, Paid.AUTO_REFUNDED),
        (Paid.AUTO_REFUNDED, Paid.CHARGED),
    ]
    told_so = [
        answer(WORDS[whole], asked, txn, txn_word=WORDS[named])
        for whole, named in pairs
        for asked in (1, 2)
        for txn in ("t1", "t2")
    ]
    return order_world(
        "words apart",
        f"Two attempts, six pairs of an order's word and a transaction's, two questions, at most {steps} answers.",
        always(*told_so),
        steps_max=steps,
    )


def mismatches(steps: int) -> World[Order]:
    """Answers that are not about this order."""
    wrong = [
        answer(WORDS[Paid.CHARGED], 2, about=about, refunds=[listed("elsewhere", 100, Refunded.SUCCESS)], **changes)
        for about, changes in WRONGS.items()
    ]
    right = answers((Paid.PENDING, Paid.CHARGED))
    return order_world(
        "mismatches",
        f"Five ways for an answer not to fit and four that fit, a refund, people's word, at most {steps} steps.",
        both(always(*wrong, *right, request(Ours(name="k1", amount_minor=4000))), accepted),
        steps_max=steps,
    )


def denials(steps: int) -> World[Order]:
    """What was shown is denied, and answers come late."""
    named = answers((Paid.NEW, Paid.PENDING, Paid.CHARGED), (1, 2, 3))
    apart = answer(WORDS[Paid.CHARGED], 3, txn_word=WORDS[Paid.FAILED])
    return order_world(
        "denials and late answers",
        f"Juspay knows the order or denies it, three classes to three questions, a refund, people's word,"
        f" at most {steps} steps.",
        both(
            always(*named, apart, *(absent(at) for at in (1, 2, 3)), request(Ours(name="k1", amount_minor=4000))),
            accepted,
        ),
        steps_max=steps,
    )


def end_of_life(steps: int) -> World[Order]:
    """Answers dated before and after the order's end of life."""
    kinds = (Paid.NEW, Paid.UNKNOWN, Paid.PENDING, Paid.FAILED, Paid.COD, Paid.HELD, Paid.CHARGED)
    dates = (IN_TIME, TOO_LATE)
    dated = [one for date in dates for one in answers(kinds, dated=date)]
    gone = [absent(asked, date) for asked in (1, 2) for date in dates]
    return order_world(
        "end of life",
        f"One attempt, seven classes and a denial, dated before and after the end of life, two questions,"
        f" payments begun on both sides of it, at most {steps} steps.",
        both(always(*dated, *gone, process(), process(TOO_LATE)), accepted),
        steps_max=steps,
    )


def a_shorter_life(steps: int) -> World[Order]:
    """Juspay itself ends the order before the merchant's window does."""
    told_so = [
        answer(WORDS[kind], asked, dated=date, expires_at=ends)
        for kind in (Paid.NEW, Paid.FAILED, Paid.CHARGED)
        for asked in (1, 2)
        for date in (IN_TIME, JUST_EXPIRED)
        for ends in (None, JUST_EXPIRED)
    ]
    return order_world(
        "a shorter life",
        f"Juspay tells an earlier end of life in some answers, three classes, at most {steps} steps.",
        both(always(*told_so, process(), process(JUST_EXPIRED)), accepted),
        steps_max=steps,
    )


def commands_in_every_status(steps: int, policy: Policy = TWO_REFUNDS) -> World[Order]:
    """What the backend may do in every status."""
    full = listed("elsewhere", FULL, Refunded.SUCCESS)
    part = listed("elsewhere", FULL // 2, Refunded.SUCCESS)
    asked = (
        process(),
        process(customer_id="somebody"),
        request(Ours(name="k1", amount_minor=4000)),
        request(Ours(name="k1", amount_minor=4001)),
        request(Ours(name="k2", amount_minor=7000)),
        request(Ours(name="k3", amount_minor=0)),
    )
    with_refunds = [answer(WORDS[Paid.CHARGED], 2, refunds=[one]) for one in (part, full)]
    late = answer(WORDS[Paid.FAILED], 2, dated=TOO_LATE)
    return order_world(
        "commands in every status",
        f"All ten classes, a late answer and refunds made elsewhere; payments and refunds asked for,"
        f" at most {steps} steps, refunds of ours permitted: {policy.refunds_max}.",
        both(always(*answers(EVERY_KIND, (2,)), *with_refunds, late, *asked, no_such_reason()), open_again, accepted),
        policy=policy,
        steps_max=steps,
    )


def accepted(order: Order) -> Iterator[Offer]:
    """A person's word, where it moves no refund."""
    return (offer for offer in verdicts(order) if offer.what.verdict == "accepted")


# --- worlds of refunds ------------------------------------------------------------------------------------------------

PAID_ANSWER: Final = answer(WORDS[Paid.CHARGED], 0)


def paid(policy: Policy = DEFAULT) -> Order:
    """An order that is paid by one attempt, with room for refunds."""
    return in_small_numbers(told(fresh(policy), PAID_ANSWER, policy=policy))


def listings(
    ours: Sequence[Ours], kinds: Iterable[Refunded], *, elsewhere: Sequence[tuple[str, int, bool]] = ()
) -> Offers:
    """Answers that list one refund each, or none, to a question asked now or before the last call."""
    names = [(one.refund_id, one.amount_minor, False) for one in ours] + [*elsewhere]
    rows = [listed(name, minor, kind, automatic=auto) for name, minor, auto in names for kind in kinds]

    def offers(order: Order) -> Iterator[Offer]:
        for asked, when in ((order.version, "now"), (before_the_last_call(order), "before that")):
            yield answer(WORDS[Paid.CHARGED], asked, when=when)
            for row in rows:
                if row.refund_id in order.refunds or (row.refund_id, int(row.amount * 100), row.automatic) in elsewhere:
                    yield answer(WORDS[Paid.CHARGED], asked, refunds=[row], when=when)

    return offers


def calls_of_a_refund(name: str, kinds: Sequence[Refunded], steps: int, policy: Policy = TWO_CALLS) -> World[Order]:
    """The protocol of one refund: call, look, call again."""
    ours = Ours(name="k1", amount_minor=4000)
    return order_world(
        name,
        f"One refund of ours that is reserved, every end of a call, {_counted(kinds)} of listing or none to a question"
        f" asked now or before the last call, people's word, at most {steps} steps;"
        f" calls permitted: {policy.refund_tries_max}.",
        both(always(request(ours)), lambda order: calls(order, ours), listings([ours], kinds), verdicts),
        start=reserved(ours),
        policy=policy,
        representative=in_small_numbers,
        steps_max=steps,
    )


def _counted(kinds: Sequence[Any]) -> str:
    return f"{_NUMBERS[len(kinds)]} class{'es' if len(kinds) > 1 else ''}"


_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def listings_of_a_refund(steps: int) -> World[Order]:
    """What Juspay lists and what people find."""
    ours = Ours(name="k1", amount_minor=4000)
    return order_world(
        "listings and verdicts",
        f"One refund of ours that is reserved, all five classes of listing to a question asked now or before that,"
        f" people's word, at most {steps} steps.",
        both(listings([ours], Refunded), verdicts),
        start=reserved(ours),
        representative=in_small_numbers,
        steps_max=steps,
    )


def reserved(ours: Ours) -> Callable[[Policy], Order]:
    """A start: an order that is paid, with one refund of ours reserved."""
    return lambda policy: told(paid(policy), request(ours), policy=policy)


def made_elsewhere() -> World[Order]:
    """One refund that is not ours, to the end."""
    rows = [listed("elsewhere", 4000, kind) for kind in Refunded]
    return order_world(
        "a refund made elsewhere",
        "One refund made elsewhere, all five classes of listing to two questions, any number of answers.",
        always(*(answer(WORDS[Paid.CHARGED], asked, refunds=[row]) for asked in (1, 2) for row in rows)),
        start=paid,
    )


def refunds_together(steps: int) -> World[Order]:
    """Two refunds of ours and one made elsewhere."""
    ours = (Ours(name="k1", amount_minor=4000), Ours(name="k2", amount_minor=4000))
    return order_world(
        "three refunds",
        f"Two refunds of ours that look alike, one of them reserved, and a larger one made elsewhere; calls that bring"
        f" no answer or a no; done or failed; at most {steps} steps.",
        both(
            always(*(request(one) for one in ours)),
            *(_some_calls(one) for one in ours),
            listings(ours, (Refunded.FAILURE, Refunded.SUCCESS), elsewhere=[("elsewhere", 5000, False)]),
        ),
        start=reserved(ours[0]),
        policy=TWO_CALLS,
        representative=in_small_numbers_and_sorted,
        key_of=key_with_version,
        steps_max=steps,
    )


def _some_calls(one: Ours) -> Offers:
    return lambda order: [offer for offer in calls(order, one) if "turned away" not in offer.message]


def refunds_by_juspay(steps: int) -> World[Order]:
    """Juspay gives money back by itself."""
    back = listed("auto", FULL, Refunded.SUCCESS, automatic=True)
    pending = listed("auto", FULL, Refunded.PENDING, automatic=True)
    two = answers((Paid.CHARGED, Paid.AUTO_REFUNDED), txns=("t1", "t2"))
    rows = [
        answer(WORDS[Paid.AUTO_REFUNDED], asked, "t2", refunds=[row]) for asked in (1, 2) for row in (back, pending)
    ]
    beside = answer(WORDS[Paid.CHARGED], 2, refunds=[listed("auto", FULL, Refunded.SUCCESS, automatic=True)])
    asks = [request(Ours(name=f"k{minor}", amount_minor=minor)) for minor in (FULL, FULL + 1)]
    return order_world(
        "refunds by Juspay itself",
        f"Two attempts, one of them given back with or without a listed refund, a refund of ours,"
        f" at most {steps} steps.",
        both(always(*two, *rows, beside, *asks), accepted),
        steps_max=steps,
    )


def a_refund_of_another_amount(steps: int) -> World[Order]:
    """Juspay lists our refund with another amount."""
    ours = Ours(name="k1", amount_minor=4000)
    rows = [
        listed(ours.refund_id, minor, kind) for minor in (4000, 3999) for kind in (Refunded.PENDING, Refunded.SUCCESS)
    ]
    answers_now: Offers = lambda order: [answer(WORDS[Paid.CHARGED], order.version, refunds=[row]) for row in rows]  # noqa: E731
    return order_world(
        "a refund of another amount",
        f"One refund of ours, listed with its amount or another, people's word, at most {steps} steps.",
        both(always(request(ours)), answers_now, verdicts),
        start=paid,
        policy=TWO_CALLS,
        representative=in_small_numbers,
        steps_max=steps,
    )
