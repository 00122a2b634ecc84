"""The merchant's signing key is changed while a shopper is about to pay."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import PERSON
from paystate.entrypoints.demo.stack import KEY_ID, MERCHANT_ID
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rotated-1"
NEW_KEY_ID: Final = "demo-key-2"


async def play(stage: Stage) -> Played:
    """Initiate under the old key; rotate; process under the new one."""
    await stage.open_order(ORDER, "275.00")
    app = await stage.app()
    public_key = stage.stack.rotate_key(NEW_KEY_ID)
    uploaded = {"key_id": NEW_KEY_ID, "public_key": public_key}
    await stage.juspay("POST", f"/merchants/{MERCHANT_ID}/keys", uploaded)
    stage.tell(PERSON, "uploads a new public key at Juspay; in Paystate it signs from now on, the old one is retired")
    await stage.restart_service("to read the new settings")
    await app.process(ORDER)
    await app.pay()
    saw = await app.shows("paid")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("the start was signed with the old key, the order with the new", _changed_between(app.key_ids)),),
    )


def _changed_between(key_ids: list[str]) -> bool:
    return key_ids == [KEY_ID, NEW_KEY_ID]


STORY: Final = Story(
    name="key-rotated",
    title="The signing key is changed in the middle of a payment",
    happens="The app has started under the shop's old signing key. The shop changes to a new one; the shopper pays.",
    sees='"Paid"; nobody notices the new key.',
    to_say="Your order is paid. There is nothing for you to do.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="275.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=("The order is paid in full.", "The goods may go out."),
    ),
    play=play,
)
