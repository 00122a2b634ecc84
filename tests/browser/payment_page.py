"""The sandbox's payment page by hand: what a shopper fills in and presses."""

from __future__ import annotations

from itertools import count
from typing import Any, Final

from attrs import frozen
from browser.visiting import Visit
from integration.sandbox.playing import Player

AT_THE_SHOP: Final = "Back at the bakery"
AT_THE_BANK: Final = "Is this you?"
CARD: Final = "4242 4242 4242 4242"
_NUMBERS: Final = count(1)


@frozen
class PaymentPage:
    """The sandbox, and the place of the shop to which it leads back."""

    player: Player
    shop: str

    async def opened(self, **session: Any) -> tuple[str, str]:
        """Open an order; returns its id and the address of its page."""
        order_id = f"bun-{next(_NUMBERS)}"
        answer = await self.player.session(**{"order_id": order_id, "return_url": self.shop, **session})
        return order_id, f"{str(self.player.http.base_url).rstrip('/')}/payment-page/order/{answer['id']}"

    async def tries(self, order_id: str) -> list[str]:
        """The words on each payment of an order."""
        return [one["status"] for one in (await self.player.truth(order_id))["attempts"]]


async def pays_by_card(visit: Visit, number: str = CARD) -> None:
    """Fill in a card, and send it to the bank."""
    page = visit.page
    await page.get_by_role("radio", name="Card credit or debit").check()
    await page.locator("#card").fill(number)
    await page.locator("#expiry").fill("08/40")
    await page.locator("#cvv").fill("123")
    await page.get_by_role("button", name="Pay ₹").click()


async def confirms(visit: Visit) -> None:
    """Give the bank its one-time password."""
    hint = await visit.page.locator("#otp-hint").inner_text()
    await visit.page.locator("#otp").fill(hint.rstrip(".").rpartition(" ")[2])
    await visit.page.get_by_role("button", name="Confirm").click()
