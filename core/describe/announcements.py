"""What each announcement means, when it is made, and what its name says beside the kind: for people who act on it."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from paystate.core.orders.facts import AnnouncementKind


@frozen
class KindExplained:
    """One kind.

    Attributes:
        when: When it is announced.
        about: What `about` holds; empty where it is always empty.
        then: What a merchant does.
    """

    when: str
    then: str
    about: str = ""


_K = AnnouncementKind
EXPLAINED: Final = {
    _K.ORDER_PAID: KindExplained(
        "Juspay's answer to our own question shows that the price is paid, and no open reason holds the goods back.",
        "Send the goods. It comes once for each order, whatever happens afterwards.",
    ),
    _K.ORDER_FAILED: KindExplained(
        "A try to pay has failed, and no other try of the order is open or paid. The order itself never fails for good"
        " before its end of life: the shopper may try again.",
        "Offer the shopper another try. Wait for `order.expired` before you give the goods to somebody else.",
        "the payment that failed, or empty where Juspay names none",
    ),
    _K.ORDER_AUTHORIZED: KindExplained(
        "The bank holds the money of an order that is captured by hand.", "Capture it, or let it go, before it lapses."
    ),
    _K.ORDER_VOIDED: KindExplained("The held money was released.", "Do not send the goods."),
    _K.ORDER_WITHDRAWN: KindExplained(
        "The goods were released, and then Juspay gave the payment back by itself.",
        "Stop the goods, or ask for them back. A person sees the order under review.",
    ),
    _K.ORDER_AUTO_REFUNDED: KindExplained(
        "Juspay gives a payment back by itself.",
        "Do not send the goods for that payment.",
        "empty for the first payment of the order, then `2`, `3` and so on",
    ),
    _K.ORDER_EXPIRED: KindExplained(
        "The order's time is over and nothing was paid.",
        "Put the goods back on the shelf. If money comes all the same, a person sees the order under review.",
    ),
    _K.ORDER_CANCELLED: KindExplained("You have called the sale off.", "Nothing, if you know it already."),
    _K.ORDER_CASH_ON_DELIVERY: KindExplained(
        "The shopper has chosen to pay in cash on delivery.", "Send the goods, and say what became of the cash."
    ),
    _K.ORDER_CASH_COLLECTED: KindExplained("You have said that the cash was collected.", "Book it."),
    _K.ORDER_CASH_RETURNED: KindExplained("You have said that the goods came back unpaid.", "Take them back in."),
    _K.REFUND_SUCCEEDED: KindExplained("A refund is done.", "Tell the shopper.", "the refund's id"),
    _K.REFUND_FAILED: KindExplained(
        "A refund was not made, and this one never will be.",
        "Make a new one, under a new idempotency key, if it is still owed.",
        "the refund's id",
    ),
    _K.REFUND_FOUND: KindExplained(
        "Juspay lists a refund that was not asked for here.", "Book it. Somebody made it elsewhere.", "the refund's id"
    ),
    _K.REVIEW_OPENED: KindExplained(
        "A person must look at the order.", "Look at it, and settle the reason.", "the reason's key"
    ),
    _K.REVIEW_SETTLED: KindExplained("A person has settled a reason.", "Go on.", "the reason's key"),
    _K.DISPUTE_OPENED: KindExplained(
        "A webhook says that the shopper's bank wants the payment back. It proves nothing yet.",
        "Answer the dispute with Juspay, and refund nothing meanwhile.",
        "the dispute's id",
    ),
    _K.DISPUTE_CLOSED: KindExplained(
        "A webhook says that a dispute has ended. It comes again if another end is told.",
        "Ask Juspay, and settle the reason under review.",
        "the dispute's id, a colon, and how it ended",
    ),
}
"""Every kind."""
