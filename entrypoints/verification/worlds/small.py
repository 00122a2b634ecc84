"""The small worlds: explored on every run of the tests."""

from __future__ import annotations

from typing import Any

from paystate.core.lifecycle.statuses import Paid, Refunded
from paystate.core.policy import CheckoutMode
from paystate.entrypoints.verification.search import World
from paystate.entrypoints.verification.worlds import order_worlds
from paystate.entrypoints.verification.worlds.checkout_worlds import checkout_world
from paystate.entrypoints.verification.worlds.hold_worlds import hold_worlds
from paystate.entrypoints.verification.worlds.money_worlds import money_worlds
from paystate.entrypoints.verification.worlds.sale_worlds import sale_worlds


def small_worlds() -> tuple[World[Any], ...]:
    """All of them, the longest first."""
    return (
        order_worlds.refunds_together(4),
        order_worlds.calls_of_a_refund("calls of a refund", tuple(Refunded), 4),
        order_worlds.calls_of_a_refund("calls again", (Refunded.SUCCESS,), 7),
        order_worlds.listings_of_a_refund(4),
        order_worlds.end_of_life(3),
        order_worlds.made_elsewhere(),
        order_worlds.five_words(),
        order_worlds.words_apart(3),
        order_worlds.two_attempts(5),
        order_worlds.three_attempts((Paid.FAILED, Paid.CHARGED), 5),
        order_worlds.every_word(3),
        order_worlds.three_questions(),
        order_worlds.money_without_a_name(3),
        order_worlds.refunds_by_juspay(4),
        order_worlds.mismatches(4),
        order_worlds.a_shorter_life(3),
        order_worlds.denials(3),
        order_worlds.a_refund_of_another_amount(5),
        order_worlds.commands_in_every_status(3),
        *hold_worlds(),
        *money_worlds(),
        *sale_worlds(),
        *(checkout_world(mode) for mode in CheckoutMode),
    )
