"""What `Checkouts` promises."""

from contract.samples import (
    CHECKOUT,
    FOREIGN,
    KEY,
    MERCHANT,
    OTHER,
    STARTED,
    checkout_input,
    opens_checkout,
    signs,
)

from paystate.core.checkouts.checkout import fold as fold_checkout
from paystate.core.ids import CheckoutKey
from paystate.core.orders.facts import Refused
from paystate.core.ports.store import Store


class CheckoutsContract:
    async def test_a_checkout_is_the_fold_of_its_journal(self, store: Store) -> None:
        await store.transact_checkout(CHECKOUT, opens_checkout())
        await store.transact_checkout(CHECKOUT, checkout_input(STARTED))
        journal = await store.checkout_journal(CHECKOUT)
        assert 2 == len(journal)
        assert await store.load_checkout(CHECKOUT) == fold_checkout(journal)

    async def test_a_checkout_that_was_never_opened_is_not_there(self, store: Store) -> None:
        assert await store.load_checkout(CHECKOUT) is None
        assert [] == list(await store.checkout_journal(CHECKOUT))

    async def test_a_refused_checkout_step_writes_nothing(self, store: Store) -> None:
        await store.transact_checkout(CHECKOUT, opens_checkout())
        refused = await store.transact_checkout(CHECKOUT, checkout_input(signs("Order-1")))
        assert isinstance(refused, Refused)
        assert 1 == len(await store.checkout_journal(CHECKOUT))

    async def test_checkouts_are_found_by_the_order_they_signed_last(self, store: Store) -> None:
        for name in ("chk_1", "chk_2", "chk_3"):
            key = CheckoutKey(MERCHANT, name)
            await store.transact_checkout(key, opens_checkout(key))
            await store.transact_checkout(key, checkout_input(STARTED))
        for name, order_id in (("chk_1", "Order-1"), ("chk_2", "ORDER-1"), ("chk_2", "Order-2"), ("chk_3", "ORDER-1")):
            key = CheckoutKey(MERCHANT, name)
            await store.transact_checkout(key, checkout_input(signs(order_id)))
        assert ["chk_1", "chk_3"] == [checkout.key.checkout_id for checkout in await store.checkouts_of(KEY)]
        assert ["chk_2"] == [checkout.key.checkout_id for checkout in await store.checkouts_of(OTHER)]
        assert [] == list(await store.checkouts_of(FOREIGN))
