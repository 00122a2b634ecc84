"""The large worlds: for `make prove`, and too long for every run of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve

from paystate.core.lifecycle.statuses import Paid, Refunded
from paystate.core.policy import DEFAULT, CheckoutMode
from paystate.entrypoints.verification.inputs import TOO_LATE, fresh, process
from paystate.entrypoints.verification.search import World
from paystate.entrypoints.verification.worlds import order_worlds
from paystate.entrypoints.verification.worlds.checkout_worlds import checkout_world, crossed_world
from paystate.entrypoints.verification.worlds.money_worlds import money_worlds
from paystate.entrypoints.verification.worlds.sale_worlds import sale_worlds

_MONEY = (Paid.PARTIAL, Paid.CHARGED, Paid.AUTO_REFUNDED)


def large_worlds() -> tuple[World[Any], ...]:
    """All of them, the longest first."""
    crossing = (*order_worlds.answers((Paid.PENDING, Paid.FAILED, Paid.CHARGED)), process(), process(TOO_LATE))
    return (
        order_worlds.words_to_the_end(tuple(Paid)),
        order_worlds.three_attempts((Paid.FAILED, *_MONEY[1:]), None),
        order_worlds.refunds_together(5),
        order_worlds.calls_of_a_refund("calls of a refund", tuple(Refunded), 5),
        order_worlds.calls_of_a_refund("calls again", (Refunded.SUCCESS,), 9),
        order_worlds.listings_of_a_refund(5),
        order_worlds.end_of_life(4),
        order_worlds.two_attempts(None),
        order_worlds.words_apart(4),
        order_worlds.every_word(4),
        order_worlds.money_without_a_name(5),
        order_worlds.mismatches(5),
        order_worlds.denials(5),
        order_worlds.a_shorter_life(5),
        order_worlds.commands_in_every_status(4),
        order_worlds.refunds_by_juspay(6),
        order_worlds.a_refund_of_another_amount(7),
        order_worlds.made_elsewhere(),
        order_worlds.three_questions(),
        *money_worlds(1),
        *sale_worlds(1),
        *_under_other_policies(),
        crossed_world(fresh, crossing),
        *(checkout_world(mode) for mode in CheckoutMode),
    )


def _under_other_policies() -> Iterator[World[Any]]:
    """What a merchant's policy may choose, at its ends: one call or three, one refund or many, a short window."""
    for tries in (1, 3):
        policy = evolve(DEFAULT, refund_tries_max=tries)
        name = f"calls again, {tries} permitted"
        yield order_worlds.calls_of_a_refund(name, (Refunded.PENDING, Refunded.SUCCESS), 6, policy)
    for refunds in (1, 25):
        world = order_worlds.commands_in_every_status(4, evolve(DEFAULT, refunds_max=refunds))
        yield evolve(world, name=f"{world.name}, {refunds} refunds")
