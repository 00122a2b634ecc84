"""A shopper comes back: sent on, or shown a page that tells nothing."""

from urllib.parse import urlencode

import pytest
from integration.api.world import START, World, returning, signed

from paystate.core.ids import OrderKey

PAGE = "<h1>We are checking your payment</h1>"
PAID = {"order_id": "lamp-1", "status": "CHARGED", "status_id": "21"}


async def test_a_shopper_is_sent_on_to_the_order_s_own_page(shop: World) -> None:
    await shop.opened(return_url="https://shop.example.test/thanks?cart=9&order_id=mine")
    answer = await shop.http.get(f"/return/shop?{returning(**PAID)}")
    assert 303 == answer.status_code
    assert "https://shop.example.test/thanks?cart=9&order_id=lamp-1" == answer.headers["location"]
    assert "no-referrer" == answer.headers["referrer-policy"]


async def test_a_return_asks_for_a_look_and_proves_nothing(shop: World) -> None:
    await shop.opened()
    answer = await shop.http.get(f"/return/shop?{returning(**PAID)}")
    assert (200, True) == (answer.status_code, PAGE in answer.text)
    order = (await shop.get("/v1/orders/lamp-1")).json()
    assert ("NEW", "2031-05-06T07:08:09Z") == (order["status"], order["next_look_at"])
    assert START == (await shop.store.schedule(OrderKey("shop", "lamp-1"))).due_at


@pytest.mark.parametrize("behind", ["&", "&&"])
async def test_an_ampersand_behind_the_last_parameter_is_harmless(shop: World, behind: str) -> None:
    await shop.opened()
    answer = await shop.http.get(f"/return/shop?{returning(**PAID)}{behind}")
    assert (200, True) == (answer.status_code, PAGE in answer.text)


@pytest.mark.parametrize("empty", ["&", "a=1&&", "%26"])
async def test_an_ampersand_makes_no_return_genuine(shop: World, empty: str) -> None:
    assert 400 == (await shop.http.get(f"/return/shop?{empty}{returning(**PAID)[1:]}")).status_code


async def test_a_form_does_as_well(shop: World) -> None:
    await shop.opened(return_url="https://shop.example.test/thanks")
    answer = await shop.http.post("/return/shop", data=dict(signed(**PAID)))
    assert 303 == answer.status_code


async def test_pages_are_locked_down(shop: World) -> None:
    for answer in (
        await shop.http.get(f"/return/shop?{returning(**PAID)}"),
        await shop.http.get("/return/shop?order_id=<script>alert(1)</script>"),
    ):
        assert answer.headers["content-security-policy"].startswith("default-src 'none';")
        assert "no-referrer" == answer.headers["referrer-policy"]
        assert "nosniff" == answer.headers["x-content-type-options"]
        assert "no-store" == answer.headers["cache-control"]
        assert answer.headers["content-type"].startswith("text/html")
        assert "script" not in answer.text
        assert "lamp" not in answer.text


async def test_an_unknown_order_s_page_is_a_known_order_s(shop: World) -> None:
    await shop.opened()
    known = await shop.http.get(f"/return/shop?{returning(order_id='lamp-1', status='CHARGED')}")
    unknown = await shop.http.get(f"/return/shop?{returning(order_id='lamp-2', status='CHARGED')}")
    assert known.content == unknown.content


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(returning(**PAID).replace("CHARGED", "FAILED"), id="71"),
        pytest.param(urlencode(list(PAID.items())), id="72-missing"),
        pytest.param(urlencode([*PAID.items(), ("signature", ""), ("signature_algorithm", "HMAC-SHA256")]), id="72-no"),
        pytest.param(returning(**PAID) + "&signature=x", id="72-twice"),
        pytest.param(returning(**PAID) + "&order_id=lamp-2", id="73"),
        pytest.param(returning(order_id="lamp-1", status="CHARGED").replace("&status=", "%26status%3D"), id="74"),
        pytest.param("", id="nothing"),
        pytest.param("order_id=%ff%fe", id="no-text"),
        pytest.param(returning(**PAID, pad="x" * 9000), id="too-long"),
        pytest.param("&".join(f"a{n}=1" for n in range(101)), id="too-many"),
        pytest.param(returning(order_id="a b", status="CHARGED"), id="no-order-id"),
    ],
)
async def test_what_is_not_signed_gets_a_page_without_details(shop: World, query: str) -> None:
    await shop.opened(return_url="https://shop.example.test/thanks")
    answer = await shop.http.get(f"/return/shop?{query}")
    assert (400, True) == (answer.status_code, "<h1>This page cannot be shown</h1>" in answer.text)
    assert "location" not in answer.headers
    assert (await shop.get("/v1/orders/lamp-1")).json()["next_look_at"] is None


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"content-type": "application/json"}, b"{}", 415),
        ({"content-type": "multipart/form-data; boundary=x"}, b"", 415),
        ({"content-type": "application/x-www-form-urlencoded", "content-encoding": "gzip"}, b"", 415),
        (
            {"content-type": "application/x-www-form-urlencoded"},
            "&".join(f"a{n}=" for n in range(1000)).encode(),
            400,
        ),
        (
            {"content-type": "application/x-www-form-urlencoded"},
            "&".join(f"a{n}=1" for n in range(10_000)).encode(),
            413,
        ),
    ],
)
async def test_row_77_only_a_small_form_is_read(
    shop: World, headers: dict[str, str], content: bytes, status: int
) -> None:
    answer = await shop.http.post("/return/shop", content=content, headers=headers)
    assert (status, True) == (answer.status_code, "<h1>This page cannot be shown</h1>" in answer.text)


async def test_an_unknown_merchant_has_no_page(shop: World) -> None:
    answer = await shop.http.get(f"/return/nobody?{returning(**PAID)}")
    assert (404, True) == (answer.status_code, answer.headers["content-type"].startswith("text/html"))


async def test_without_storage_the_shopper_sees_a_page(shop: World) -> None:
    shop.store.is_gone = True
    answer = await shop.http.get(f"/return/shop?{returning(**PAID)}")
    assert (503, True) == (answer.status_code, "<h1>This page cannot be shown</h1>" in answer.text)
    assert "retry-after" in answer.headers
