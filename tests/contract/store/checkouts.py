"""What `Checkouts` promises."""

import pytest
from attrs import evolve
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

from paystate.core.checkouts.checkout import Checkout, CheckoutDecisionResult
from paystate.core.checkouts.checkout import fold as fold_checkout
from paystate.core.errors import ConcurrentUpdate
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

    async def test_merchants_do_not_see_each_other_s_checkouts(self, store: Store) -> None:
        theirs = CheckoutKey(FOREIGN.merchant_id, CHECKOUT.checkout_id)
        await store.transact_checkout(CHECKOUT, opens_checkout())
        assert await store.load_checkout(theirs) is None
        assert [] == list(await store.checkout_journal(theirs))
        await store.transact_checkout(theirs, opens_checkout(theirs))
        await store.transact_checkout(theirs, checkout_input(STARTED))
        ours, other = await store.load_checkout(CHECKOUT), await store.load_checkout(theirs)
        assert ours is not None
        assert other is not None
        assert ((CHECKOUT, 1), (theirs, 2)) == ((ours.key, ours.version), (other.key, other.version))

    async def test_a_checkout_s_step_decided_on_another_version_is_refused(self, store: Store) -> None:
        await store.transact_checkout(CHECKOUT, opens_checkout())
        before = await store.load_checkout(CHECKOUT)

        def late(checkout: Checkout | None) -> CheckoutDecisionResult:
            assert checkout is not None
            return checkout_input(STARTED)(evolve(checkout, version=7))

        with pytest.raises(ConcurrentUpdate):
            await store.transact_checkout(CHECKOUT, late)
        assert before == await store.load_checkout(CHECKOUT)
        assert 1 == len(await store.checkout_journal(CHECKOUT))

    async def test_a_step_of_another_checkout_is_refused(self, store: Store) -> None:
        another = CheckoutKey(MERCHANT, "chk_2")
        with pytest.raises(ValueError, match="another checkout"):
            await store.transact_checkout(CHECKOUT, opens_checkout(another))
        assert await store.load_checkout(CHECKOUT) is None
        assert await store.load_checkout(another) is None
