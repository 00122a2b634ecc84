"""Each kind of database: what is announced takes effect exactly once, in order, or not at all."""

from __future__ import annotations

import pytest
from integration.consumer.merchant import ON_POSTGRES, ON_SQLITE, HandlerBroke, Merchant
from integration.consumer.shelf import Shelf

from paystate.entrypoints.consumer import Overtaken

pytestmark = pytest.mark.parametrize("shop", [*ON_POSTGRES, *ON_SQLITE], indirect=True)


async def test_each_announcement_takes_effect_once_in_order(shop: Merchant) -> None:
    shop.shelf = Shelf.of(3)
    assert [2, 1, 0] == [await shop.step(feed={"page": 2}) for _ in range(3)]
    assert ["A1", "A2", "A3"] == shop.shipped
    assert (["a3"], ["ann_1", "ann_2", "ann_3"]) == (shop.position, shop.handled)


async def test_a_handler_that_raises_leaves_nothing_and_gets_the_same_again(shop: Merchant) -> None:
    shop.shelf, shop.broken = Shelf.of(3), {"A2"}
    for _ in range(2):
        with pytest.raises(HandlerBroke):
            await shop.step()
        assert (["A1"], ["a1"], ["ann_1"]) == (shop.shipped, shop.position, shop.handled)
    shop.broken.clear()
    assert 2 == await shop.step()
    assert ["A1", "A2", "A3"] == shop.shipped


async def test_who_is_overtaken_does_nothing(shop: Merchant) -> None:
    shop.shelf = Shelf.of(2)
    assert 1 == await shop.step(feed={"page": 1})
    shop.shelf.meanwhile = lambda: shop.query("update paystate_cursors set position = 'a2'")
    with pytest.raises(Overtaken):
        await shop.step()
    assert (["A1"], ["a2"]) == (shop.shipped, shop.position)


async def test_consumers_of_two_names_each_take_everything(shop: Merchant) -> None:
    shop.shelf = Shelf.of(1)
    for name in ("shipping", "books"):
        assert 1 == await shop.step(name=name)
    assert (["A1", "A1"], ["a1", "a1"]) == (shop.shipped, shop.position)
