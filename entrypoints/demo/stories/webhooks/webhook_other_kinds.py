"""Messages about a transaction alone, and about a mandate: they name no merchant."""

from __future__ import annotations

from typing import Final

from paystate.core.ports.store import InboxVerdict
from paystate.entrypoints.demo.stack import MERCHANT_ID, SHOP_HOST
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-kinds-1"
WANTED: Final = ("TXN_CHARGED", "TXN_FAILED", "MANDATE_CREATED", "MANDATE_ACTIVATED")
TERMS: Final = {
    "options.create_mandate": "REQUIRED",
    "mandate.max_amount": "500.00",
    "customer_id": "asha",
    "return_url": f"https://{SHOP_HOST}/thanks",
}


async def play(stage: Stage) -> Played:
    """Want messages of other kinds only; fail once, then pay with a mandate.

    By hand: the first try takes 0.00 and the second 205.00.
    """
    made = {"merchant_id": MERCHANT_ID, "order_id": ORDER, "amount": "205.00", "fields": TERMS}
    await stage.juspay("POST", "/orders", made)
    app = await stage.at_the_page(ORDER, "205.00")
    await stage.at_rest()
    await stage.wants_events(WANTED, "sends only what is told of transactions and mandates from now on")
    try:
        await stage.browse(app.page_url, "failure@upi")
        await stage.deliver_webhooks()
        await stage.until_status(ORDER, "FAILED")
        await stage.browse(app.page_url, "success@upi")
        await stage.deliver_webhooks()
        saw = await app.shows("paid")
        await stage.until_status(ORDER, "CHARGED")
        rows = {name: await stage.inbox(name) for name in WANTED}
    finally:
        await stage.wants_events((), "sends everything again")
    verdicts = {row.verdict for kept in rows.values() for row in kept if ORDER.encode() in row.body}
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("each kind came", all(any(ORDER.encode() in one.body for one in kept) for kept in rows.values())),
            ("each made Paystate ask, and no more", verdicts == {InboxVerdict.LOOKED}),
        ),
    )


STORY: Final = Story(
    name="webhook-other-kinds",
    title="Messages about a transaction, and about a mandate",
    happens=(
        "The shopper fails once and then pays, and allows the shop to take money again. Juspay's only messages are "
        "about the transactions and the mandate; they name the order and no merchant. Juspay is asked about the order."
    ),
    sees="That the order is paid, after the second try.",
    to_say="Your order is paid. The first try took no money.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="205.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=("because Juspay answered CHARGED", "The goods may go out."),
    ),
    play=play,
)
