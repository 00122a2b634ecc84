"""The small worlds: explored on every run of the tests."""

from __future__ import annotations

from typing import Any

from paystate.core.catalogue import Paid, Refunded
from paystate.core.explore import World
from paystate.core.policy import CheckoutMode
from paystate.entrypoints.explorer import worlds
from paystate.entrypoints.explorer.checkouts import checkout_world
from paystate.entrypoints.explorer.hold_worlds import hold_worlds
from paystate.entrypoints.explorer.money_worlds import money_worlds
from paystate.entrypoints.explorer.sale_worlds import sale_worlds


def small_worlds() -> tuple[World[Any], ...]:
    """All of them, the longest first."""
    return (
        worlds.refunds_together(4),
        worlds.calls_of_a_refund("calls of a refund", tuple(Refunded), 4),
        worlds.calls_of_a_refund("calls again", (Refunded.SUCCESS,), 7),
        worlds.listings_of_a_refund(4),
        worlds.end_of_life(3),
        worlds.made_elsewhere(),
        worlds.five_words(),
        worlds.words_apart(3),
        worlds.two_attempts(5),
        worlds.three_attempts((Paid.FAILED, Paid.CHARGED), 5),
        worlds.every_word(3),
        worlds.three_questions(),
        worlds.money_without_a_name(3),
        worlds.refunds_by_juspay(4),
        worlds.mismatches(4),
        worlds.a_shorter_life(3),
        worlds.denials(3),
        worlds.a_refund_of_another_amount(5),
        worlds.commands_in_every_status(3),
        *hold_worlds(),
        *money_worlds(),
        *sale_worlds(),
        *(checkout_world(mode) for mode in CheckoutMode),
    )
