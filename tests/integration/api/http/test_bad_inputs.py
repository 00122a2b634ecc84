"""Bad input, case by case; the numbers are the rows of the catalogue that the service is built against."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

import pytest
from integration.api.world import CUSTOMER, LOGIN, ORDER, World, basic

from paystate.entrypoints.service.api import bodies

BUSY_S = 2.0
"""CPU seconds, and some hundred times what any case takes: only work that grows out of all bounds comes so far."""
DEEP_LIST = b"[" * 10_000
DEEP_OBJECT = b'{"a":' * 10_000


def body(**changes: Any) -> bytes:
    return json.dumps({**ORDER, **changes}).encode()


def customer(**changes: Any) -> bytes:
    return body(customer={**CUSTOMER, **changes})


def without(name: str) -> bytes:
    return json.dumps({member: value for member, value in ORDER.items() if member != name}).encode()


def raw(member: str) -> bytes:
    """An order whose amount is this JSON text."""
    return body().replace(b'"100.00"', member.encode())


def case(row: str, content: bytes, status: int, code: str, pointer: str | None = None) -> Any:
    return pytest.param(content, status, code, pointer, id=row)


AMOUNT = (422, "invalid_amount", "/amount")
CURRENCY = (422, "invalid_currency", "/currency")
ORDER_ID = (422, "invalid_order_id", "/order_id")
RETURN_URL = (422, "invalid_return_url", "/return_url")

ORDERS = [
    case("1", b"", 400, "invalid_json"),
    case("2", b'{"amount": "10.00"', 400, "invalid_json"),
    case("3-two", body() + body(), 400, "invalid_json"),
    case("3-trailing", body() + b"x", 400, "invalid_json"),
    case("4", b'{"amount":"1.00","amount":"100.00"}', 400, "duplicate_key"),
    case("4-nested", b'{"customer":{"email":"a","email":"b"}}', 400, "duplicate_key"),
    *(case(f"5-{text}", text.encode(), 422, "validation_failed", "") for text in ("[]", '"x"', "1", "null", "true")),
    case("6", body(status="CHARGED"), 422, "unknown_field", "/status"),
    case("6-nested", customer(role="admin"), 422, "unknown_field", "/customer/role"),
    case("7", raw("10.0"), *AMOUNT),
    case("7-integer", raw("10"), *AMOUNT),
    case("7-null", raw("null"), *AMOUNT),
    case("8-nan", raw("NaN"), 400, "invalid_json"),
    case("8-infinity", raw("-Infinity"), 400, "invalid_json"),
    *(
        case(f"{row}-{text!a}", body(amount=text), *AMOUNT)
        for row, texts in {
            "9": ["-1.00"],
            "10": ["0", "0.00", "-0.00"],
            "11": ["10.005"],
            "12": ["1e2", "0x10", "1_000", "1,000.00", " 10.00", "10.00\n", "+10.00", ""],
            "13": ["\u0967\u0966.\u0966\u0966", "\uff11\uff10.\uff10\uff10"],
            "14": ["9" * 400, "99999999999999999.99"],
        }.items()
        for text in texts
    ),
    case("15", raw("9" * 5000), 400, "invalid_json"),
    case("15-float", raw("0." + "9" * 5000), 400, "invalid_json"),
    case("15-exponent", raw("1e" + "9" * 5000), 400, "invalid_json"),
    *(case(f"16-{value!a}", body(currency=value), *CURRENCY) for value in ("inr", "XXX", "\u20b9", None, 356)),
    case("16-missing", without("currency"), *CURRENCY),
    *(
        case(f"17-{value!a}", body(order_id=value), *ORDER_ID)
        for value in (
            "",
            "a" * 21,
            "a b",
            "a/b",
            "..%2f",
            "a\u0000",
            "a\n",
            "😀",
            "a\u200f",
            "a\u200d",
            "\u0430bc",
            None,
            7,
        )
    ),
    case("17-missing", without("order_id"), *ORDER_ID),
    *(
        case(f"20-{value!a}"[:40], body(return_url=value), *RETURN_URL)
        for value in (
            "javascript:alert(1)",
            "http://169.254.169.254/",
            "https://evil.example.test/",
            "https://shop.example.test@evil.example.test/",
            "https://me:pw@shop.example.test/",
            "https://shop.example.test/#x",
            "https://shop.example.test/\r\nSet-Cookie: a=b",
            "https://shop.example.test\\@evil.example.test/",
            "https://shop.example.test:8443/",
            "https://shop.example.test:99999/",
            "http://shop.example.test/",
            "http://localhost:9000/",
            "//shop.example.test/",
            "https:shop.example.test",
            "https://shop.example.test/" + "a" * 2000,
            "https://shop.example.test./",
            "https://sh\u00f6p.example.test/",
            " https://shop.example.test/",
            7,
        )
    ),
    *(
        case(f"21-{name}-{value!a}"[:40], customer(**{name: value}), 422, "validation_failed", f"/customer/{name}")
        for name in ("email", "phone")
        for value in ("a\r\nb", "a" * 10_000, "a\u0085", "a\u200f", "a\u200d", 7)
    ),
    case("22", customer(first_name="\ud800"), 422, "validation_failed", "/customer/first_name"),
    case("22-description", body(description="\udfff"), 422, "validation_failed", "/description"),
    case("23", customer(last_name="a\u0000"), 422, "validation_failed", "/customer/last_name"),
    case("24-latin", b'{"a":"\xff\xfe"}', 400, "invalid_encoding"),
    case("24-utf-16", json.dumps(ORDER).encode("utf-16"), 400, "invalid_encoding"),
    case("24-utf-16-le", json.dumps(ORDER).encode("utf-16-le"), 400, "invalid_json"),
    case("24-bom", b"\xef\xbb\xbf" + body(), 400, "invalid_encoding"),
    case("24-overlong", b'{"a":"\xc0\xaf"}', 400, "invalid_encoding"),
    case("25-list", DEEP_LIST, 400, "too_deep"),
    case("25-object", DEEP_OBJECT, 400, "too_deep"),
    case("25-33", b"[" * 33 + b"]" * 33, 400, "too_deep"),
    case("25-32", b"[" * 32 + b"]" * 32, 422, "validation_failed", ""),
    case("25-in-text", body(description="[" * 100), 201, ""),
    case("26", b" " * (64 * 1024 - len(body()) + 1) + body(), 413, "body_too_large"),
    case("26-fits", b" " * (64 * 1024 - len(body())) + body(), 201, ""),
    case("28", b" " * 1024 * 1024 + body(), 413, "body_too_large"),
    case("keys", json.dumps({f"k{n}": 1 for n in range(2001)}).encode(), 422, "validation_failed", ""),
    case("customer-id", customer(customer_id="a b"), 422, "invalid_customer_id", "/customer/customer_id"),
    case("customer-null", body(customer=None), 422, "validation_failed", "/customer"),
    case("long-name", customer(first_name="x" * 101), 422, "validation_failed", "/customer/first_name"),
    case("card", body(description="4111 1111 1111 1111"), 422, "validation_failed", "/description"),
]


@pytest.mark.parametrize(("content", "status", "code", "pointer"), ORDERS)
async def test_an_order_with(shop: World, content: bytes, status: int, code: str, pointer: str | None) -> None:
    headers = {"authorization": f"Bearer {shop.key}", "content-type": "application/json"}
    began = time.process_time()
    answer = await shop.http.post("/v1/orders", content=content, headers=headers)
    took_s = time.process_time() - began
    told = answer.json()
    assert status == answer.status_code, told
    orders = (await shop.get("/v1/orders")).json()["orders"]
    if status == 201:
        assert 1 == len(orders)
        return
    assert (code, []) == (told["code"], orders)
    assert took_s < BUSY_S
    base = {"type", "title", "status", "code", "request_id", "help"}
    assert base | ({"errors", "detail"} if status == 422 else set()) == set(told)
    assert "application/problem+json" == answer.headers["content-type"]
    if pointer is not None:
        assert [{"pointer": pointer, "code": code}] == told["errors"]


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"order_id": "a b"}, "The value must be str matching regex '^[A-Za-z0-9_-]{1,31}$'."),
        ({"order_id": "a" * 21}, "The value is longer than 20 characters (`order_id_max`)."),
        ({"amount": "1.005"}, "The value has more decimals than INR, which has 2."),
        ({"amount": 7}, "The value must be str, got int."),
        ({"currency": "inr"}, "The value is no ISO 4217 code of a currency that is taken, such as INR."),
        ({"description": "x" * 251}, "The value must be str of length <= 250."),
        ({"description": "a\u200bb"}, "The value holds the hidden character U+200B."),
        ({"return_url": "http://shop.example.test/"},
         "The value must be an https address, without #, on one of your return_hosts."),
        ({"capture": "CANARY"}, "The value is none of the values that this field takes."),
        ({"CANARY": 1}, "The value is not a field of this body."),
    ],
)  # fmt: skip
async def test_a_refused_value_is_told_which_rule_it_breaks(shop: World, changes: dict[str, Any], detail: str) -> None:
    answer = await shop.post("/v1/orders", {**ORDER, **changes})
    assert (422, detail) == (answer.status_code, answer.json()["detail"])


async def test_a_missing_value_is_told(shop: World) -> None:
    answer = await shop.post("/v1/orders", {name: value for name, value in ORDER.items() if name != "amount"})
    assert "The value is missing." == answer.json()["detail"]


@pytest.mark.parametrize("field", ["email", "phone", "first_name", "last_name"])
async def test_no_field_of_a_customer_takes_a_card_s_number(shop: World, field: str) -> None:
    answer = await shop.post("/v1/orders", {**ORDER, "customer": {**CUSTOMER, field: "4111 1111 1111 1111"}})
    told = answer.json()
    assert [{"pointer": f"/customer/{field}", "code": "validation_failed"}] == told["errors"]
    assert "The value holds a card's number: 16 digits from character 1 on (Visa)." == told["detail"]


@pytest.mark.parametrize("field", ["by", "note"])
async def test_no_word_of_a_person_takes_a_card_s_number(shop: World, field: str) -> None:
    await shop.opened()
    word = {"by": "Meera", "note": "called off", field: "paid with 4111111111111111"}
    answer = await shop.post(f"/v1/orders/{ORDER['order_id']}/cancel", word)
    assert [{"pointer": f"/{field}", "code": "validation_failed"}] == answer.json()["errors"]


@pytest.mark.parametrize("symbol", [b'"', b'"\\', b"\\", b"[", b"{", b'{"', b"9", b"-", b" ", b'"\\"', b"\\u00"])
async def test_no_64_kib_keep_it_busy(shop: World, symbol: bytes) -> None:
    content = symbol * (64 * 1024 // len(symbol))
    headers = {"authorization": f"Bearer {shop.key}", "content-type": "application/json"}
    began = time.process_time()
    answer = await shop.http.post("/v1/orders", content=content, headers=headers)
    assert 400 == answer.status_code
    assert time.process_time() - began < BUSY_S


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param({"content-encoding": encoding}, 415, "unsupported_encoding", id=f"29-{encoding}")
        for encoding in ("gzip", "br", "deflate", "zstd", "gzip, gzip", "GZIP")
    ]
    + [
        pytest.param({"content-type": kind}, 415, "unsupported_media_type", id=f"30-{kind}")
        for kind in (
            "text/plain",
            "",
            "application/json; charset=utf-16",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "text/json",
        )
    ]
    + [
        pytest.param({"content-type": kind}, 201, "", id=f"30-fine-{kind}")
        for kind in ("application/json; charset=utf-8", 'Application/JSON; charset="UTF-8"')
    ],
)
async def test_a_body_is_plain_json(shop: World, headers: dict[str, str], status: int, code: str) -> None:
    content = gzip.compress(body()) if "content-encoding" in headers else body()
    given = {"authorization": f"Bearer {shop.key}", "content-type": "application/json", **headers}
    answer = await shop.http.post("/v1/orders", content=content, headers=given)
    assert (status, code) == (answer.status_code, answer.json().get("code", ""))


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/v1/orders", 64 * 1024), ("/return/shop", 8 * 1024), ("/webhooks/juspay/shop", 1024 * 1024)],
)
async def test_row_27_a_body_is_read_no_further_than_it_may(shop: World, path: str, limit: int) -> None:
    read = 0
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1024
        return {"type": "http.request", "body": b" " * 1024, "more_body": read < 2 * limit}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    login = f"Bearer {shop.key}" if path.startswith("/v1") else basic(*LOGIN)
    kind = "application/x-www-form-urlencoded" if path.startswith("/return") else "application/json"
    headers = {"host": "localhost", "authorization": login, "content-type": kind, "x-shop": "ours"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await shop.http.app(scope, receive, send)
    assert (413, limit + 1024) == (sent[0]["status"], read)
    assert (b"connection", b"close") in sent[0]["headers"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/orders", {"GET", "POST", "OPTIONS"}),
        ("/v1/orders/lamp-1/cancel", {"POST", "OPTIONS"}),
        ("/return/shop", {"GET", "POST", "OPTIONS"}),
        ("/healthz", {"GET", "OPTIONS"}),
    ],
)
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "DELETE", "PATCH", "BREW"])
async def test_row_36_other_methods(shop: World, method: str, path: str, allowed: set[str]) -> None:
    answer = await shop.call(method, path)
    assert (405, "method_not_allowed") == (answer.status_code, answer.json()["code"])
    assert allowed == set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "DELETE", "BREW"])
async def test_row_36_other_methods_on_an_order(shop: World, method: str) -> None:
    answer = await shop.call(method, "/v1/orders/lamp-1")
    assert {"GET", "PATCH", "OPTIONS"} == set(answer.headers["allow"].split(", "))


async def test_row_36_no_header_changes_the_method(shop: World) -> None:
    await shop.opened()
    answer = await shop.get("/v1/orders/lamp-1", x_http_method_override="DELETE")
    assert 200 == answer.status_code


@pytest.mark.parametrize(
    "path",
    [
        "//v1/orders",
        "/v1//orders",
        "/v1/orders/",
        "/v1/%6frders",
        "/v1/orders/%2e%2e/orders",
        "/v1/orders/lamp-1%2ftimeline",
        "/v1/orders/lamp-1%00",
        "/v1/orders/%zz",
        "/v1/orders/%c0%af",
        "/v1/orders/lamp-1;jsessionid=1",
        "/v1/orders/lamp-1,x",
        "/v1/orders/lamp 1",
        "/v1/orders/" + "a" * 10_000,
        "/v1/orders/" + "a" * 32,
        "/V1/orders",
        "/",
        "/nowhere",
        "/docs/nowhere",
    ],
)
async def test_row_37_an_odd_path_leads_nowhere(shop: World, path: str) -> None:
    await shop.opened()
    answer = await shop.get(path)
    assert (404, "not_found") == (answer.status_code, answer.json()["code"])


async def test_row_40_a_key_in_the_query_is_no_key(shop: World) -> None:
    answer = await shop.get(f"/v1/orders?api_key={shop.key}&authorization=Bearer%20{shop.key}", token="")
    assert (422, "unknown_parameter") == (answer.status_code, answer.json()["code"])
    assert shop.key not in answer.text


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        pytest.param([], "idempotency_key_required", id="44"),
        pytest.param([""], "idempotency_key_invalid", id="45-empty"),
        pytest.param(["k" * 256], "idempotency_key_invalid", id="45-long"),
        pytest.param(["a\tb"], "idempotency_key_invalid", id="45-control"),
        pytest.param(["a b"], "idempotency_key_invalid", id="45-space"),
        pytest.param(["\u00e9"], "idempotency_key_invalid", id="45-letter"),
        pytest.param(["a", "a"], "idempotency_key_invalid", id="45-two"),
    ],
)
async def test_a_refund_has_one_good_key(shop: World, keys: list[str], code: str) -> None:
    await shop.charged()
    headers: Any = [
        (b"authorization", f"Bearer {shop.key}".encode()),
        *((b"idempotency-key", key.encode("latin-1")) for key in keys),
    ]
    answer = await shop.http.post("/v1/orders/lamp-1/refunds", json={"amount": "1.00"}, headers=headers)
    assert (400, code) == (answer.status_code, answer.json()["code"])
    assert [] == (await shop.get("/v1/orders/lamp-1")).json()["refunds"]


@pytest.mark.parametrize("key", ["k", "k" * 255, "!~"])
async def test_row_45_a_key_may_be(shop: World, key: str) -> None:
    await shop.charged()
    assert 201 == (await shop.refund("1.00", key)).status_code


async def test_row_46_a_key_with_another_amount(shop: World) -> None:
    await shop.charged()
    await shop.refund("40.00", "k")
    answer = await shop.refund("40.01", "k")
    assert (422, "idempotency_key_reused") == (answer.status_code, answer.json()["code"])


async def test_row_48_one_paisa_too_much(shop: World) -> None:
    await shop.charged()
    answer = await shop.refund("100.01", "k")
    told = answer.json()
    assert (422, "amount_exceeds_refundable", "G6") == (answer.status_code, told["code"], told["rule"])
    assert [{"pointer": "/amount", "code": "amount_exceeds_refundable"}] == told["errors"]
    assert {"name": "amount_refundable", "value": "100.00"} in told["facts"]


@pytest.mark.parametrize("status", ["NEW", "PENDING_VBV", "AUTHENTICATION_FAILED"])
async def test_row_49_an_order_without_money(shop: World, status: str) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", status)
    await shop.post("/v1/orders/lamp-1/look")
    answer = await shop.refund("1.00", "k")
    assert (409, "order_not_refundable", "O5") == (answer.status_code, answer.json()["code"], answer.json()["rule"])


async def test_row_49_an_order_under_review(shop: World) -> None:
    await shop.charged()
    shop.gateway.says("lamp-1", "CHARGED", amount="1.00")
    order = (await shop.post("/v1/orders/lamp-1/look")).json()
    assert ["mismatch"] == [reason["kind"] for reason in order["review"]]
    answer = await shop.refund("1.00", "k")
    assert (409, "order_not_refundable", "G5") == (answer.status_code, answer.json()["code"], answer.json()["rule"])


@pytest.mark.parametrize(
    ("content", "code", "pointer"),
    [
        pytest.param({}, "validation_failed", "/amount", id="50"),
        pytest.param({"amount": None}, "invalid_amount", "/amount", id="50-null"),
        pytest.param({"amount": 1}, "invalid_amount", "/amount", id="50-number"),
        pytest.param({"amount": "0.00"}, "invalid_amount", "/amount", id="50-nothing"),
        pytest.param({"amount": "1.505"}, "invalid_amount", "/amount", id="50-scale"),
        pytest.param({"amount": "1.00", "currency": "USD"}, "unknown_field", "/currency", id="50-currency"),
    ],
)
async def test_a_refund_says_its_amount(shop: World, content: dict[str, Any], code: str, pointer: str) -> None:
    await shop.charged()
    answer = await shop.post("/v1/orders/lamp-1/refunds", content, idempotency_key="k")
    assert (422, [{"pointer": pointer, "code": code}]) == (answer.status_code, answer.json()["errors"])


@pytest.mark.parametrize("item", ["{}", "[]"])
async def test_a_list_without_end_is_not_built(shop: World, item: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_Members", None)
    headers = {"authorization": f"Bearer {shop.key}", "content-type": "application/json"}
    content = f'{{"order_id":[{",".join([item] * 20_000)}]}}'
    answer = await shop.http.post("/v1/orders", content=content, headers=headers)
    assert (422, "validation_failed") == (answer.status_code, answer.json()["code"])


async def test_row_42_a_key_is_each_merchant_s_own(shop: World) -> None:
    await shop.charged()
    await shop.refund("40.00", "k")
    answer = await shop.post(
        "/v1/orders/lamp-1/refunds", {"amount": "40.00"}, token=shop.other_key, idempotency_key="k"
    )
    assert 404 == answer.status_code


async def test_row_69_without_storage_nothing_is_promised(shop: World) -> None:
    await shop.charged()
    shop.store.is_gone = True
    for answer in (
        await shop.post("/v1/orders", {**ORDER, "order_id": "lamp-2"}),
        await shop.get("/v1/orders/lamp-1"),
        await shop.refund("1.00", "k"),
        await shop.get("/readyz", token=""),
    ):
        assert (503, "storage_unavailable") == (answer.status_code, answer.json()["code"])
        assert {"type", "title", "status", "code", "request_id", "help"} == set(answer.json())
        assert answer.headers["retry-after"].isdigit()
    assert 200 == (await shop.get("/healthz", token="")).status_code


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("limit=0", "The value must be int >= 1."),
        ("limit=x", "The value must be int, got str."),
        ("after=a%20b", "The value must be str matching regex '^[A-Za-z0-9_.:~-]{0,72}$'."),
    ],
)
async def test_a_refused_parameter_is_told_which_rule_it_breaks(shop: World, query: str, detail: str) -> None:
    answer = await shop.get(f"/v1/orders?{query}")
    assert (422, detail) == (answer.status_code, answer.json()["detail"])
